/* The number of a card or voucher, as plain_key() gives it: the same number is the same however it is written. */
#pragma once
#include <stdbool.h>

/* Whether it is digits with a few letters: there is no room for a name or an address, which finance would read. */
bool serial_is_one(const char *key);
