/* Puts rows in order that come nearly so. A row that is early waits for its turn: after a crash
 * PostgreSQL puts new rows into freed room, so that a dump has them before older ones. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct order;

struct order *order_new(size_t row_size);
/* Takes NULL. */
void order_free(struct order *o);
/* Keeps a copy of the row. */
void order_put(struct order *o, int64_t number, const void *row);
/* Rows that wait. */
size_t order_waiting(const struct order *o);
/* Takes the lowest row out, where its number is at most `until`. */
bool order_take(struct order *o, int64_t until, void *row);
