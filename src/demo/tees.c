/* The Tees partnership: the data file goes to the database as one JSON parameter, and each
 * statement takes its part of it. Its secrets go sealed. Bedrooms are worked out here. */
#include <string.h>

#include "base/date.h"
#include "base/embedded.h"
#include "base/text.h"
#include "match/household.h"
#include "past.h"
#include "random.h"
#include "sealer.h"
#include "sql.h"

struct tees {
	const struct demo_load *load;
	struct arena *arena;
	struct db_sync *db;
	const char *partnership, *file;
	char today[11];
};

/* What a step's statement takes, in the order of its parameters. */
enum param { NONE, PARTNERSHIP, DATA, TODAY, PASSWORD_HASH, POLICY_VERSION };
enum { PARAMS_MAX = 3 };

static const struct step {
	const struct sql *sql;
	enum param params[PARAMS_MAX];
} steps[] = {
	{ &SQL_DEMO_PARTNERSHIP, { PARTNERSHIP, DATA } },
	{ &SQL_DEMO_ORGANISATIONS, { PARTNERSHIP, DATA } },
	{ &SQL_DEMO_PEOPLE_OF_ORGANISATIONS, { DATA, PASSWORD_HASH } },
	{ &SQL_DEMO_FIRMS, { DATA, TODAY } },
	{ &SQL_DEMO_FIRM_PRICES, { DATA, TODAY } },
	{ &SQL_DEMO_PROPERTIES, { DATA } },
	{ &SQL_DEMO_UNITS, { DATA } },
	{ &SQL_DEMO_VACANCIES, { DATA, TODAY } },
	{ &SQL_DEMO_VOIDS, { DATA, TODAY } },
	{ &SQL_DEMO_HOUSEHOLDS, { DATA, TODAY } },
	{ &SQL_DEMO_MEMBERS, { DATA, TODAY } },
	{ &SQL_DEMO_BELONGING_DO },
	{ &SQL_DEMO_BELONGING, { DATA, TODAY } },
	{ &SQL_DEMO_REFERRALS, { DATA, TODAY } },
	{ &SQL_DEMO_CONSENTS, { DATA } },
	{ &SQL_DEMO_CHARACTERISTICS, { DATA } },
	{ &SQL_DEMO_UNMET, { DATA, POLICY_VERSION } },
	{ &SQL_DEMO_PLACEMENTS, { DATA, TODAY, POLICY_VERSION } },
};

/* After what the fund did for those who came before. */
static const struct step fund_steps[] = {
	{ &SQL_DEMO_FUND_BE },
	{ &SQL_DEMO_FUND_PAY },
	{ &SQL_DEMO_FUND_WEEKLY },
	{ &SQL_DEMO_FUND_DO },
	{ &SQL_DEMO_FUND, { DATA } },
};

/* Once the addresses are sealed. */
static const struct step later_steps[] = {
	{ &SQL_DEMO_WORKS_WAY },       { &SQL_DEMO_WORKS_SAID },       { &SQL_DEMO_WORKS_ONE },
	{ &SQL_DEMO_WORKS_WINDOWS },   { &SQL_DEMO_WORKS_AFTER },      { &SQL_DEMO_WORKS },
	{ &SQL_DEMO_SANCTUARY_STEPS }, { &SQL_DEMO_SANCTUARY_SURVEY }, { &SQL_DEMO_SANCTUARY_END },
	{ &SQL_DEMO_SANCTUARY_ONE },   { &SQL_DEMO_SANCTUARY, { DATA } },
};

static bool run_step(struct tees *d, const struct step *s)
{
	const char *const values[] = {
		[PARTNERSHIP] = d->partnership,
		[DATA] = d->file,
		[TODAY] = d->today,
		[PASSWORD_HASH] = d->load->password_hash,
		[POLICY_VERSION] = d->load->policy_version,
	};
	const char *params[PARAMS_MAX];
	int n = 0;

	for (; n < PARAMS_MAX && s->params[n] != NONE; n++)
		params[n] = values[s->params[n]];
	return tool_ok(db_sync_exec(d->db, d->arena, s->sql, n, params));
}

static bool run_steps(struct tees *d, const struct step *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!run_step(d, &list[i]))
			return false;
	return true;
}

#define RUN(d, steps) run_steps((d), (steps), sizeof(steps) / sizeof(*(steps)))

static bool fill_fund(struct tees *d)
{
	const struct demo_past past = { .years = "1", .asks = "1000", .open = "f", .pots = d->file };

	return tool_ok(db_sync_query(d->db, d->arena, &SQL_PAST_QUIET)) && demo_past_fill(d->load, &past) &&
	       tool_ok(db_sync_query(d->db, d->arena, &SQL_PAST_LOUD)) && RUN(d, fund_steps);
}

/* ---- bedrooms ---- */

enum { MEMBERS_MAX = 20 };

static struct member member_at(const struct batch *b, int row)
{
	const char *sex = batch_value(b, 0, row, "sex");
	struct member m = { .role = member_role(batch_value(b, 0, row, "kind")), .age = -1, .sex = SEX_UNKNOWN };
	int64_t age;

	if (text_to_i64(batch_value(b, 0, row, "age") ? batch_value(b, 0, row, "age") : "", &age))
		m.age = (int)age;
	if (sex)
		m.sex = (enum sex)code_index(&sex_codes, sex);
	m.couple = text_eq(batch_value(b, 0, row, "couple_of"), "1");
	return m;
}

/* Collects the household that begins at *row, and moves *row past it. */
static bool count_household(struct tees *d, const struct batch *b, int *row)
{
	const char *household = batch_value(b, 0, *row, "household_id");
	struct member members[MEMBERS_MAX + 1];
	struct span rooms;
	size_t n = 0;

	if (text_eq(batch_value(b, 0, *row, "carer"), "t"))
		members[n++] = (struct member){ .role = MEMBER_CARER, .age = -1 };
	for (; *row < batch_rows(b, 0) && n < MEMBERS_MAX &&
	       text_eq(batch_value(b, 0, *row, "household_id"), household); (*row)++)
		members[n++] = member_at(b, *row);
	rooms = bedrooms_needed(members, n, (struct stay){ 0, 0 });
	return tool_ok(db_sync_query(d->db, d->arena, &SQL_DEMO_BEDROOMS, household,
				     arena_printf(d->arena, "%d", rooms.most),
				     rooms.least == rooms.most ? "t" : "f"));
}

static bool count_bedrooms(struct tees *d)
{
	struct batch *b = db_sync_query(d->db, d->arena, &SQL_DEMO_AGES);
	int row = 0;

	if (!tool_ok(b))
		return false;
	while (row < batch_rows(b, 0))
		if (!count_household(d, b, &row))
			return false;
	return true;
}

bool demo_tees_fill(const struct demo_load *l)
{
	struct arena *a = l->tool->arena;
	struct tees d = { .load = l, .arena = a, .db = l->tool->db };
	const char *file;

	d.partnership = demo_partnership_id(a, l->set.code, 0);
	file = (const char *)embedded_find("config/demo/tees.json")->bytes;
	d.file = demo_tees_open_part(a, file);
	day_format(l->today, d.today);
	return RUN(&d, steps) && fill_fund(&d) && count_bedrooms(&d) && demo_tees_seal(l, file) && RUN(&d, later_steps);
}
