/* The value of a row of the vault schema, opened as the vault process would open it. */
#pragma once
#include "seal/seal.h"

/* The JSON that was sealed; NULL if there is no such row. Fails the test if it does not open. */
const char *opened(const char *key_file, enum seal_kind kind, const char *row);
