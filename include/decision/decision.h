/* What a decision was made from, kept so that it can be judged again years later (domain: replay), and
 * the answer that it gave.
 *
 * Kept are the need, the place that was chosen, the places passed over for it, the instant, and what the
 * geography says of the districts among these: later changes of household, supply, policy or geography
 * touch nothing of it. There is no identity in it. It has no name, id, reference or address; days count
 * from the day of the decision; a birthday is moved to the first night, unless it falls within a stay that
 * is judged; districts are A1, A2, …, lie where they lie to one another but nowhere on a map; local
 * authorities are numbers. What a household fears can still be read from it together with the placement:
 * so no worker may read the table, and an erasure takes the row.
 *
 * Inputs and answer are JSON with the codes of match/codes.def, which are never renamed. The hash covers
 * both and the policy. A change of what is kept is a new DECISION_FORMAT, and the old one is still read.
 *
 *	at the hold	decision_inputs(), decision_answer(), decision_hash()
 *	at a replay	decision_read() of the inputs, decision_answer(), decision_difference()
 *
 * The answer comes from match_pair() both times, never from the index.
 */
#pragma once
#include "base/arena.h"
#include "match/match.h"

enum {
	DECISION_FORMAT = 1,
	DECISION_PASSED = 20,		/* places passed over are kept as far as a first page shows them */
	DECISION_PLACES = DECISION_PASSED + 1,
	DECISION_HASH = 65,		/* 64 hexadecimal digits and NUL */
};

struct decision_made {
	const struct match_env *env;
	const struct need *need;		/* as of the day; members, or nothing known of them */
	const struct supply *places[DECISION_PLACES];	/* as they rank; one that does not fit is last */
	int n, chosen;				/* chosen is an index of places */
};

/* One JSON object each, in the arena. */
const char *decision_inputs(struct arena *a, const struct decision_made *d);
const char *decision_answer(struct arena *a, const struct decision_made *d);
/* BLAKE2b-256 over all three; policy_digest as the table policy_kept has it. */
void decision_hash(const char *policy_digest, const char *inputs, const char *answer, char out[DECISION_HASH]);

/* Reads inputs back into *out, which lives in the arena and matches by the policy given. False with *error
 * set where they are not whole: they were not written by decision_inputs(). */
bool decision_read(struct arena *a, const char *inputs, const struct policy *policy, struct decision_made *out,
		   const char **error) __attribute__((warn_unused_result));
/* NULL where both answers are the same; else the first thing that differs, in words. A place is told by
 * its rank. */
const char *decision_difference(struct arena *a, const char *then, const char *now);
