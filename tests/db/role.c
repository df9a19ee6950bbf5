#include "role.h"

#include <criterion/criterion.h>

#include "base/text.h"
#include "database.h"
#include "memory.h"

PGconn *connect_as(const char *role)
{
	PGconn *c = PQconnectdb(arena_printf(test_memory(), "%s user=%s", database_conninfo(), role));

	cr_assert_eq(PQstatus(c), CONNECTION_OK, "%s", PQerrorMessage(c));
	return c;
}

static const char *value_of(PGresult *r)
{
	switch (PQresultStatus(r)) {
	case PGRES_TUPLES_OK:
		return PQntuples(r) ? PQgetvalue(r, 0, 0) : NULL;
	case PGRES_COMMAND_OK:
		return PQcmdTuples(r);
	default:
		return PQresultErrorField(r, PG_DIAG_SQLSTATE);
	}
}

const char *outcome(PGconn *c, const char *statement)
{
	PGresult *r = PQexec(c, statement);
	const char *value = value_of(r), *kept = value ? arena_strdup(test_memory(), value) : NULL;

	PQclear(r);
	return kept;
}
