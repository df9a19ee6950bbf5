/* What the service acknowledged, kept in the client's memory: the truth that the database is held
 * against afterwards. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEDGER_ID = 37 };

/* A placement that was acknowledged, as held for now. Returns its number. */
size_t ledger_placement(const char *id, const char *key);
const char *ledger_id(size_t placement);
void ledger_state(size_t placement, const char *state);

/* An acknowledged key. lost_us: when an earlier try ended without an answer, since 1970, or 0. */
void ledger_key(const char *key, const char *placement, int64_t lost_us);
/* A key of which nobody knows what became. */
void ledger_unknown(const char *key);

/* Writes it as tab-separated lines (kind, key, placement, state, lost_us). */
bool ledger_write(const char *path);
