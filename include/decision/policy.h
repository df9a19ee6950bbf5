/* A matching policy as text: the one in force, as the database writes it, one of the past, and a file that
 * somebody wrote. */
#pragma once
#include "base/arena.h"
#include "base/text.h"
#include "match/policy.h"

/* False with *error set in the arena where the text is no policy, names a key that no rule has,
 * lacks one, or a value is out of range; *p is then the shipped policy. */
bool policy_read(struct arena *a, struct policy *p, const char *text, const char **error)
	__attribute__((warn_unused_result));
/* The same for a policy of the past: a key that is newer than it decided nothing then, so its value is
 * nothing where that is in its range (points), else the shipped one. */
bool policy_read_kept(struct arena *a, struct policy *p, const char *text, const char **error)
	__attribute__((warn_unused_result));
/* Appends a line of words for each thing that is wrong, beginning with the line in the text: "line 7: …".
 * True where nothing is: *p is then that policy. */
bool policy_faults(const char *text, struct policy *p, struct text *out) __attribute__((warn_unused_result));
