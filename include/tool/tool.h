/* The operator's tool `haven`: schema, accounts, keys. It connects as the owner of the database,
 * never as the service does, and works through one blocking connection. cmd/haven/commands.c
 * lists the commands.
 *
 * Exit codes: 0 done; 1 refused or failed, with one line on standard error; 2 wrong usage. Output
 * holds no secret but the passwords that a command was asked to make.
 */
#pragma once
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "app/config.h"
#include "base/arena.h"
#include "base/codes.h"
#include "db/sync.h"

enum { TOOL_DONE, TOOL_FAILED, TOOL_USAGE };

struct tool;

/* A command: "user add" is a name of two words. */
struct tool_command {
	const char *name;
	const char *usage;	/* what follows the name */
	const char *help;
	int (*fn)(struct tool *t);
};

struct tool {
	const struct tool_command *commands;	/* all of them */
	struct arena *arena;
	struct app_config config;
	struct db_sync *db;	/* by tool_open() */
	const struct tool_command *command;
	int argc;		/* what followed the command's name; argv[argc] is NULL */
	char **argv;
};

/* Runs `haven [--config FILE] COMMAND …`; commands end with one without a name. May be called
 * again in one process. */
int tool_run(const struct tool_command *commands, int argc, char **argv);

/* ---- what commands share ---- */

/* Sets values[option.val] for each option given ("" for one without argument), and leaves the other
 * words in argc and argv. False where an option is unknown. */
bool tool_options(struct tool *t, const struct option *options, const char **values);
/* Prints the command's usage; returns TOOL_USAGE. */
int tool_usage(const struct tool *t);
/* Prints why; returns TOOL_FAILED. */
int tool_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Connects as the owner, unless that is done; false after printing why not. */
bool tool_open(struct tool *t);
/* Whether the statement worked; where not, prints what may be told of the error. */
bool tool_ok(const struct batch *b);
/* How a command ends that changes the rows of result 0: where there is none it prints `nothing` and has failed. */
int tool_found(const struct batch *b, const char *nothing);
/* Prints result 0 as a table: column names, then rows. */
void tool_print(const struct batch *b);
/* The whole command that prints what a statement without parameters finds. */
int tool_list(struct tool *t, const struct sql *sql);

/* The names of a closed list, for messages. */
const char *tool_names(struct arena *a, const struct code_list *list);

/* ---- the commands of this layer ---- */

int tool_help(struct tool *t);
int tool_config(struct tool *t);
int tool_openapi(struct tool *t);
int tool_keys_init(struct tool *t);
int tool_keys_status(struct tool *t);
int tool_keys_rotate(struct tool *t);
int tool_migrate(struct tool *t);
int tool_migrate_status(struct tool *t);
int tool_organisation_add(struct tool *t);
int tool_organisation_list(struct tool *t);
int tool_geography_import(struct tool *t);
int tool_bank_holiday_add(struct tool *t);
int tool_bank_holiday_remove(struct tool *t);
int tool_office_hours_list(struct tool *t);
int tool_office_hours_set(struct tool *t);
int tool_office_hours_close(struct tool *t);
int tool_helpline_list(struct tool *t);
int tool_helpline_set(struct tool *t);
int tool_helpline_remove(struct tool *t);
int tool_user_add(struct tool *t);
int tool_user_list(struct tool *t);
int tool_user_disable(struct tool *t);
int tool_user_password(struct tool *t);
int tool_household_erase(struct tool *t);
int tool_policy_preview(struct tool *t);
int tool_decision_replay(struct tool *t);
int tool_ledger_verify(struct tool *t);
int tool_ledger_states(struct tool *t);
int tool_audit_verify(struct tool *t);
int tool_audit_head(struct tool *t);
int tool_audit_key(struct tool *t);
