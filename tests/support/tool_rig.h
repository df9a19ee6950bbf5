/* Runs the operator's tool in this process, on the test's own database. */
#pragma once

/* A fresh, empty database that the tool will use; drop_database() removes it. */
void tool_database(void);
/* The same as `haven migrate` leaves an empty one: a copy of the database that tests/run keeps, since
 * migrating takes longer than most that is done with it. */
void tool_database_migrated(void);
/* tool_run() with these words, ended by NULL. The tool's standard output is in tool_said. */
int tool(const char *first, ...) __attribute__((sentinel));
/* The same with a line on standard input. */
int tool_hears(const char *line, const char *first, ...) __attribute__((sentinel));

extern char tool_said[65536];
