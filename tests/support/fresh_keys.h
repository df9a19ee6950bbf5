/* Keys of their own for tests. */
#pragma once
#include "seal/keys.h"

/* Their file is gone when this returns. */
struct vault_keys *new_keys(void);
