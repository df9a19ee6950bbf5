/* The inside of a blocking connection, for migrate.c. */
#pragma once
#include <libpq-fe.h>

#include "db/sync.h"

struct db_sync {
	PGconn *pg;
	const struct sql *copying;	/* while a COPY is under way */
	PGresult *copy_error;		/* why it could not go on, or NULL */
};
