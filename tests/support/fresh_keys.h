/* New keys for tests. */
#pragma once
#include "seal/keys.h"

/* Their file is removed before this returns. */
struct vault_keys *new_keys(void);
