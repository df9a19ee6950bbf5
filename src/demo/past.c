#include "past.h"

#include "base/text.h"
#include "sql.h"

/* What a statement takes, in the order of its parameters. */
enum param { NONE, POTS, YEARS, ASKS, OPEN, JOBS };
enum { PARAMS_MAX = 2 };

struct step {
	const struct sql *sql;
	enum param params[PARAMS_MAX];
};

static const struct step begin_steps[] = {
	{ &SQL_PAST_DRAW },
	{ &SQL_PAST_KEEPERS },
	{ &SQL_PAST_POTS, { POTS, YEARS } },
	{ &SQL_PAST_LIMITS, { YEARS } },
	{ &SQL_PAST_YEARS },
	{ &SQL_PAST_WORKS_TABLE },
};

static const struct step job_steps[] = {
	{ &SQL_PAST_JOB_STEPS },
	{ &SQL_PAST_JOB_PEOPLE },
	{ &SQL_PAST_FIRMS },
	{ &SQL_PAST_JOBS, { JOBS } },
	{ &SQL_PAST_JOB_TIMES },
	{ &SQL_PAST_JOB_WIDE },
	{ &SQL_PAST_JOB_COUNTED },
	{ &SQL_PAST_WRITE_JOBS },
	{ &SQL_PAST_WRITE_STEPS },
	{ &SQL_PAST_WRITE_CONDITIONS },
	{ &SQL_PAST_WRITE_CONSENTS },
	{ &SQL_PAST_WRITE_SURVEYS },
	{ &SQL_PAST_WRITE_OPENINGS },
	{ &SQL_PAST_JOB_LINES },
	{ &SQL_PAST_WRITE_SPECS },
	{ &SQL_PAST_WRITE_LINES },
	{ &SQL_PAST_JOB_WORKS },
	{ &SQL_PAST_WRITE_JOB_APPROVALS },
	{ &SQL_PAST_WRITE_ORDERS },
	{ &SQL_PAST_WRITE_ORDER_LINES },
	{ &SQL_PAST_WRITE_OFFERS },
	{ &SQL_PAST_WRITE_ACCESS },
	{ &SQL_PAST_WRITE_INVOICES },
	{ &SQL_PAST_WRITE_CLOCKS },
	{ &SQL_PAST_WRITE_SIGN_OFFS },
	{ &SQL_PAST_WRITE_REVIEWS },
	{ &SQL_PAST_WRITE_EQUIPMENT },
	{ &SQL_PAST_WRITE_ENDINGS },
	{ &SQL_PAST_WRITE_JOB_TASKS },
};

static const struct step fund_steps[] = {
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
	{ &SQL_PAST_WORK_COMMITMENTS },
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
	{ &SQL_PAST_WORK_PAYMENTS },
	{ &SQL_PAST_WORK_VAT },
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
		[JOBS] = past->jobs,
	};
	const char *params[PARAMS_MAX];
	int n = 0;

	for (; n < PARAMS_MAX && s->params[n] != NONE; n++)
		params[n] = values[s->params[n]];
	return tool_ok(db_sync_exec(l->tool->db, l->tool->arena, s->sql, n, params));
}

static bool run_steps(const struct demo_load *l, const struct demo_past *past, const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!run_step(l, past, &steps[i]))
			return false;
	return true;
}

#define RUN(l, past, steps) run_steps((l), (past), (steps), sizeof(steps) / sizeof(*(steps)))

static bool fill_jobs(const struct demo_load *l, const struct demo_past *past)
{
	struct batch *b = db_sync_query(l->tool->db, l->tool->arena, &SQL_PAST_JOBS_KNOWN);

	return tool_ok(b) && (!text_eq(batch_value(b, 0, 0, "known"), "true") || RUN(l, past, job_steps));
}

bool demo_past_fill(const struct demo_load *l, const struct demo_past *past)
{
	return RUN(l, past, begin_steps) && (!past->jobs || fill_jobs(l, past)) && RUN(l, past, fund_steps);
}
