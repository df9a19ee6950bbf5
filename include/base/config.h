/* Configuration by table: a file of `key = value` lines, then HAVEN_<KEY> in the environment,
 * then files of the same name as the key in $CREDENTIALS_DIRECTORY (systemd credentials). Unknown
 * keys and bad values are errors that name their place. The same table prints the effective
 * settings, so the shipped example cannot differ from the program.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"

enum config_type {
	CONFIG_TEXT,	/* const char * */
	CONFIG_INT,	/* int, within min..max */
	CONFIG_BOOL,	/* bool: true or false */
};

struct config_key {
	const char *name;	/* lower case, digits and _ */
	enum config_type type;
	size_t offset;
	const char *def;
	int min, max;
	bool secret;		/* printed as "(set)" or "(not set)" */
	const char *help;	/* one line */
};

/* Sets every key of the table (ended by a row without name) in target: default, then file (NULL:
 * none), environment, credentials. On error returns false with *error set in the arena. */
bool config_load(struct arena *a, const struct config_key *keys, const char *file, void *target,
		 const char **error) __attribute__((warn_unused_result));
/* Every key with its help and effective value, in the form config_load() reads. */
void config_print(const struct config_key *keys, const void *target, FILE *out);
