/* Loads a generated set by COPY. Triggers are off: they would write a change and an audit row for
 * each row. Indexes and foreign keys are dropped first, and made and checked when all rows are
 * there. */
#include "base/embedded.h"
#include "past.h"
#include "sealer.h"
#include "sql.h"
#include "tables.h"

/* In the order in which rows refer to each other. */
static const struct table {
	const char *name;
	const struct sql *copy;
	demo_fill *fill;
	bool sealed;		/* only with a key */
} tables[] = {
	{ "partnerships", &SQL_DEMO_COPY_PARTNERSHIP, fill_partnerships },
	{ "organisations", &SQL_DEMO_COPY_ORGANISATION, fill_organisations },
	{ "accounts", &SQL_DEMO_COPY_ACCOUNT, fill_accounts },
	{ "properties", &SQL_DEMO_COPY_PROPERTY, fill_properties },
	{ "root keys", &SQL_DEMO_COPY_ROOT_KEY, fill_root_key, .sealed = true },
	{ "data keys", &SQL_DEMO_COPY_DATA_KEY, fill_data_keys, .sealed = true },
	{ "addresses", &SQL_DEMO_COPY_ADDRESS, fill_addresses, .sealed = true },
	{ "units", &SQL_DEMO_COPY_UNIT, fill_units },
	{ "vacancies", &SQL_DEMO_COPY_VACANCY, fill_vacancies },
	{ "voids", &SQL_DEMO_COPY_VOID, fill_voids },
	{ "households", &SQL_DEMO_COPY_HOUSEHOLD, fill_households },
	{ "members", &SQL_DEMO_COPY_MEMBER, fill_members },
	{ "names", &SQL_DEMO_COPY_NAME, fill_names, .sealed = true },
	{ "unsafe places", &SQL_DEMO_COPY_UNSAFE, fill_unsafe_places },
	{ "referrals", &SQL_DEMO_COPY_REFERRAL, fill_referrals },
	{ "consents", &SQL_DEMO_COPY_CONSENT, fill_consents },
	{ "unmet needs", &SQL_DEMO_COPY_UNMET, fill_unmet_needs },
	{ "placements", &SQL_DEMO_COPY_PLACEMENT, fill_placements },
	{ "audit events", &SQL_DEMO_COPY_EVENT, fill_events },
};

static bool fill_all(const struct demo_plan *p, struct tool *t)
{
	struct rows rows = { 0 };

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		if (tables[i].sealed && !p->load->sealer->keys)
			continue;
		rows_begin(&rows, t, tables[i].name, tables[i].copy);
		tables[i].fill(p, &rows);
		if (!rows_end(&rows))
			return false;
	}
	return true;
}

/* Of a thousand households, 150 ask the fund. */
static bool fill_past(const struct demo_load *l, const struct demo_plan *p)
{
	int64_t jobs = p->cases ? l->set.homes_a_year * l->set.years * 1000 / p->cases : 0;
	const struct demo_past past = {
		.years = arena_printf(l->tool->arena, "%lld", (long long)l->set.years),
		.asks = "150",
		.open = "t",
		.jobs = arena_printf(l->tool->arena, "%lld", (long long)jobs),
		.pots = (const char *)embedded_find("config/demo/tees.json")->bytes,
	};

	if (l->set.all_vacant)
		return true;
	puts("writing what the fund and the sanctuary scheme did");
	fflush(stdout);
	return demo_past_fill(l, &past);
}

static bool dress(struct tool *t)
{
	puts("making the indexes and checking every reference");
	fflush(stdout);
	return tool_ok(db_sync_query(t->db, t->arena, &SQL_DEMO_DRESS));
}

bool demo_size_fill(const struct demo_load *l)
{
	struct tool *t = l->tool;
	struct demo_plan p = plan_of(l);

	return tool_ok(db_sync_query(t->db, t->arena, &SQL_DEMO_BARE)) && fill_all(&p, t) &&
	       fill_past(l, &p) && dress(t);
}
