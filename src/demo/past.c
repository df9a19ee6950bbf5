#include "past.h"

#include "sql.h"

/* What a statement takes, in the order of its parameters. */
enum param { NONE, POTS, YEARS, ASKS, OPEN };
enum { PARAMS_MAX = 2 };

struct step {
	const struct sql *sql;
	enum param params[PARAMS_MAX];
};

static const struct step fund_steps[] = {
	{ &SQL_PAST_DRAW },
	{ &SQL_PAST_KEEPERS },
	{ &SQL_PAST_POTS, { POTS, YEARS } },
	{ &SQL_PAST_LIMITS, { YEARS } },
	{ &SQL_PAST_YEARS },
	{ &SQL_PAST_PRICES },
	{ &SQL_PAST_ASKED, { ASKS, OPEN } },
	{ &SQL_PAST_PAYMENTS },
	{ &SQL_PAST_COUNTED },
	{ &SQL_PAST_RUNS },
	{ &SQL_PAST_WRITE_RUNS },
	{ &SQL_PAST_WRITE_REQUESTS },
	{ &SQL_PAST_WRITE_PARTS },
	{ &SQL_PAST_WRITE_APPROVALS },
	{ &SQL_PAST_WRITE_PROMISES },
	{ &SQL_PAST_WRITE_COMMITMENTS },
	{ &SQL_PAST_COPY_COMMITMENTS },
	{ &SQL_PAST_WRITTEN },
	{ &SQL_PAST_WRITE_PAYEES },
	{ &SQL_PAST_MOVES, { POTS } },
	{ &SQL_PAST_MOVED },
	{ &SQL_PAST_WRITE_POSTINGS },
	{ &SQL_PAST_POSTED },
	/* the rest refers to postings */
	{ &SQL_PAST_WRITE_TRANSFERS },
	{ &SQL_PAST_BALANCES },
	{ &SQL_PAST_WRITE_PAYMENTS },
	{ &SQL_PAST_TOLD },
	{ &SQL_PAST_TASKS },
};

static bool run_step(const struct demo_load *l, const struct demo_past *past, const struct step *s)
{
	const char *const values[] = {
		[POTS] = past->pots,
		[YEARS] = past->years,
		[ASKS] = past->asks,
		[OPEN] = past->open,
	};
	const char *params[PARAMS_MAX];
	int n = 0;

	for (; n < PARAMS_MAX && s->params[n] != NONE; n++)
		params[n] = values[s->params[n]];
	return tool_ok(db_sync_exec(l->tool->db, l->tool->arena, s->sql, n, params));
}

bool demo_past_fund(const struct demo_load *l, const struct demo_past *past)
{
	for (size_t i = 0; i < sizeof(fund_steps) / sizeof(*fund_steps); i++)
		if (!run_step(l, past, &fund_steps[i]))
			return false;
	return true;
}
