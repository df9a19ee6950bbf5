/* The operator's tool `haven`: schema, accounts, keys, demo data. It connects as the owner of the
 * database, never as the service does, and works through one blocking connection.
 *
 * Exit codes: 0 done; 1 refused or failed, with one line on standard error; 2 wrong usage. Output
 * holds no secret but the passwords that a command was asked to make.
 */
#pragma once

/* Runs `haven [--config FILE] COMMAND …`. May be called again in one process. */
int tool_run(int argc, char **argv);
