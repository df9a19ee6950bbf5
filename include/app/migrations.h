/* The migrations that this program carries. */
#pragma once
#include "base/arena.h"
#include "db/migrate.h"

/* In order, ended by a row without name. */
const struct migration *migrations_list(struct arena *a);
/* The name of the last one. */
const char *migrations_latest(void);
