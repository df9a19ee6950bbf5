/* What a row of the vault schema holds, opened as the vault process would open it. */
#pragma once
#include "seal/seal.h"

/* The JSON that was sealed; NULL where there is no such row. Fails the test where it does not open. */
const char *opened(const char *key_file, enum seal_kind kind, const char *row);
