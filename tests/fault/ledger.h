/* The acknowledgements of the service, kept in the client's memory. Afterwards the database is
 * compared with them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEDGER_ID = 37 };

/* Adds an acknowledged placement, held for now. Returns its number. */
size_t ledger_placement(const char *id, const char *key);
const char *ledger_id(size_t placement);
void ledger_state(size_t placement, const char *state);

/* Adds an acknowledged key. lost_us: when an earlier try ended without an answer, since 1970, or
 * 0. */
void ledger_key(const char *key, const char *placement, int64_t lost_us);
/* Adds a key whose outcome is unknown. */
void ledger_unknown(const char *key);

/* Writes it as tab-separated lines (kind, key, placement, state, lost_us). */
bool ledger_write(const char *path);
