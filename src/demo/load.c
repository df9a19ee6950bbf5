#include "demo/demo.h"

#include <string.h>

#include "app/policy.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/text.h"
#include "random.h"
#include "seal/password.h"
#include "sealer.h"
#include "sql.h"

static const char demo_password[] = "demo-haven-2026";

enum { EVENTS_MAX = 12, VACANCIES_MAX = 1000000, VACANCIES_HOUSEHOLDS = 300 };

static const struct demo_set tees = { .code = "0001" };
/* Of 16,350 places that England commissioned in 2024-25, 8,550 were homes made safe: 1.096 for each other place. L has
 * a quarter of that, which is still more homes than places, so that it loads in minutes. */
static const struct demo_set sizes[] = {
	{ "S", "0002", .partnerships = 1, .units = 60, .referrals_a_year = 600,
	  .open_households = 40, .years = 7, .homes_a_year = 66 },
	{ "M", "0003", .partnerships = 1, .units = 1000, .referrals_a_year = 8000,
	  .open_households = 500, .years = 7, .homes_a_year = 1096 },
	{ "L", "0004", .partnerships = 120, .units = 20000, .referrals_a_year = 80000,
	  .open_households = 8000, .years = 8, .homes_a_year = 5480 },
	{ "XL", "0005", .partnerships = 120, .units = 100000, .open_households = 100000,
	  .all_vacant = true },
};

/* ---- which set to load ---- */

enum { SIZE, VACANCIES, EVENTS, VALUES };

static const struct demo_set *set_of_size(const char *size)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		if (strcmp(sizes[i].option, size) == 0)
			return &sizes[i];
	return NULL;
}

static bool number(const char *s, int64_t min, int64_t max, int64_t *n)
{
	return text_to_i64(s, n) && *n >= min && *n <= max;
}

static bool choose_set(const char *const *v, struct demo_set *set)
{
	int64_t units;

	if (v[SIZE] && v[VACANCIES])
		return false;
	if (v[SIZE] && !set_of_size(v[SIZE]))
		return false;
	*set = v[SIZE] ? *set_of_size(v[SIZE]) : tees;
	if (!v[VACANCIES])
		return true;
	if (!number(v[VACANCIES], 1, VACANCIES_MAX, &units))
		return false;
	*set = (struct demo_set){ .code = "0006", .partnerships = 1, .units = units,
				  .open_households = VACANCIES_HOUSEHOLDS, .all_vacant = true };
	return true;
}

/* ---- loading ---- */

static int print_accounts(struct tool *t, const char *code)
{
	struct batch *b = db_sync_query(t->db, t->arena, &SQL_DEMO_ACCOUNTS, demo_password, code);

	if (!tool_ok(b))
		return TOOL_FAILED;
	tool_print(b);
	return TOOL_DONE;
}

static bool fill(const struct demo_load *l)
{
	return l->set.units ? demo_size_fill(l) : demo_tees_fill(l);
}

static bool fill_in_one(const struct demo_load *l)
{
	struct db_sync *db = l->tool->db;

	if (!db_sync_begin(db) || !fill(l)) {
		db_sync_rollback(db);
		return false;
	}
	return db_sync_commit(db) || tool_fail("nothing was loaded") == TOOL_DONE;
}

static bool fill_sealed(struct demo_load l)
{
	struct demo_sealer sealer = demo_sealer_open(l.tool);
	bool ok;

	l.sealer = &sealer;
	ok = fill_in_one(&l);
	demo_sealer_close(&sealer);
	return ok;
}

static bool load(struct tool *t, struct demo_load l)
{
	char hash[PASSWORD_HASH_SIZE];
	struct policy policy;
	const char *error;

	if (!password_hash(demo_password, hash)) {
		tool_fail("out of memory");
		return false;
	}
	if (!policy_load(t->arena, &policy, &error)) {
		tool_fail("%s", error);
		return false;
	}
	l.policy_version = policy.version;
	l.password_hash = hash;
	l.now = clock_now() / SECOND_US;
	l.today = instant_london_day(l.now * SECOND_US);
	return fill_sealed(l);
}

static int finish(struct tool *t, const char *code)
{
	if (!tool_ok(db_sync_query(t->db, t->arena, &SQL_DEMO_TIDY)) ||
	    !tool_ok(db_sync_query(t->db, t->arena, &SQL_DEMO_ANALYZE)))
		return TOOL_FAILED;
	puts("loaded");
	return print_accounts(t, code);
}

static int load_into_empty(struct tool *t, struct demo_load *l)
{
	struct batch *b = db_sync_query(t->db, t->arena, &SQL_DEMO_STATE);
	const char *loaded;

	if (!tool_ok(b))
		return TOOL_FAILED;
	if (strcmp(batch_value(b, 0, 0, "other"), "0") != 0)
		return tool_fail("the database has organisations that are not demo data: nothing was loaded");
	loaded = batch_value(b, 0, 0, "loaded");
	if (strcmp(loaded, l->set.code) == 0) {
		puts("already there");
		return print_accounts(t, loaded);
	}
	if (*loaded)
		return tool_fail("the database holds another demo set: load into a fresh one");
	return load(t, *l) ? finish(t, l->set.code) : TOOL_FAILED;
}

int demo_load(struct tool *t)
{
	static const struct option options[] = {
		{ "size", required_argument, NULL, SIZE },
		{ "vacancies", required_argument, NULL, VACANCIES },
		{ "events", required_argument, NULL, EVENTS },
		{ 0 },
	};
	const char *v[VALUES] = { NULL };
	struct demo_load l = { .tool = t, .events = 1 };

	if (!tool_options(t, options, v) || t->argc > 0 || !choose_set(v, &l.set) ||
	    (v[EVENTS] && !number(v[EVENTS], 0, EVENTS_MAX, &l.events)))
		return tool_usage(t);
	return tool_open(t) ? load_into_empty(t, &l) : TOOL_FAILED;
}
