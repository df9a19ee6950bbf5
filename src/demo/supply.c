/* Organisations and their accounts, properties, units, vacancies, voids. */
#include <stdio.h>

#include "base/date.h"
#include "tables.h"

enum { NAME = 96 };

static const char *const birds[] = {
	"Avocet", "Bittern", "Curlew", "Dunnock", "Fieldfare", "Godwit", "Heron", "Kestrel",
	"Linnet", "Merlin", "Osprey", "Plover", "Redstart", "Siskin", "Tern", "Whimbrel",
};

const char *demo_bird(int64_t n)
{
	return birds[n % (int64_t)(sizeof(birds) / sizeof(*birds))];
}

/* ---- organisations and accounts ---- */

void fill_partnerships(const struct demo_plan *p, struct rows *r)
{
	for (int64_t i = 0; i < p->set.partnerships; i++) {
		char name[NAME];

		snprintf(name, sizeof(name), "Demonstration partnership %lld", (long long)i + 1);
		put_text(r, demo_partnership_id(r->tool->arena, p->set.code, i));
		put_text(r, name);
		put_end(r);
	}
}

static void put_organisation(const struct demo_plan *p, struct rows *r, int64_t partnership,
			     int64_t n)
{
	bool council = n < p->councils, firm = n == plan_organisations(p) - 1;
	char name[NAME];

	if (council)
		snprintf(name, sizeof(name), "Council %lld-%lld", (long long)partnership + 1,
			 (long long)n + 1);
	else if (firm)
		snprintf(name, sizeof(name), "%s Locks %lld", demo_bird(partnership), (long long)partnership + 1);
	else
		snprintf(name, sizeof(name), "%s Support %lld-%lld", demo_bird(n),
			 (long long)partnership + 1, (long long)(n - p->councils) + 1);
	put_id(r, DEMO_ORGANISATION, partnership * plan_organisations(p) + n);
	put_text(r, demo_partnership_id(r->tool->arena, p->set.code, partnership));
	put_text(r, council ? "council" : firm ? "contractor" : "provider");
	put_text(r, name);
	put_end(r);
}

void fill_organisations(const struct demo_plan *p, struct rows *r)
{
	for (int64_t i = 0; i < p->set.partnerships; i++)
		for (int64_t n = 0; n < plan_organisations(p); n++)
			put_organisation(p, r, i, n);
}

/* Every partnership has the first seven, and only the first partnership has the others. */
static const struct demo_account {
	const char *username, *role;
} accounts[] = {
	{ "officer", "housing_officer" },
	{ "provider", "provider" },
	{ "finance", "finance_officer" },
	{ "payments", "finance_officer" },
	{ "approver", "finance_approver" },
	{ "sanctuary", "sanctuary_coordinator" },
	{ "contractor", "contractor" },
	{ "navigator", "navigator" },
	{ "analyst", "analyst" },
	{ "admin", "administrator" },
};

enum { ACCOUNTS = sizeof(accounts) / sizeof(*accounts), ACCOUNTS_ELSEWHERE = 7, THE_PROVIDER = 1, THE_CONTRACTOR = 6 };

static void put_account(const struct demo_plan *p, struct rows *r, int64_t partnership, int n)
{
	char username[NAME], name[NAME];

	snprintf(username, sizeof(username), partnership ? "%s-%lld" : "%s", accounts[n].username,
		 (long long)partnership + 1);
	snprintf(name, sizeof(name), "Demo %s %lld", accounts[n].username,
		 (long long)partnership + 1);
	put_id(r, DEMO_ACCOUNT, plan_officer(partnership) + n);
	put_id(r, DEMO_ORGANISATION, n == THE_PROVIDER ? plan_provider(p, partnership, 0) :
				     n == THE_CONTRACTOR ? plan_firm(p, partnership) : plan_council(p, partnership, 0));
	put_text(r, username);
	put_text(r, name);
	put_text(r, accounts[n].role);
	put_text(r, p->load->password_hash);
	put_end(r);
}

void fill_accounts(const struct demo_plan *p, struct rows *r)
{
	for (int64_t i = 0; i < p->set.partnerships; i++)
		for (int n = 0; n < (i ? (int)ACCOUNTS_ELSEWHERE : (int)ACCOUNTS); n++)
			put_account(p, r, i, n);
}

/* ---- properties ---- */

static const struct kind {
	const char *type, *residents, *staffing;
	bool shared, self_contained;
	int weight;
} kinds[] = {
	{ "refuge", "women", "24h", true, false, 330 },
	{ "refuge", "women", "office_hours", true, true, 120 },
	{ "specialist", "women", "24h", true, true, 90 },
	{ "specialist", "men", "office_hours", true, true, 10 },
	{ "dispersed_full", "any", "visiting", false, true, 170 },
	{ "dispersed_full", "men", "visiting", false, true, 20 },
	{ "dispersed_semi", "any", "visiting", false, true, 70 },
	{ "second_stage", "women", "visiting", false, true, 100 },
	{ "other_emergency", "any", "office_hours", false, true, 60 },
	{ "interim", "women", "24h", true, false, 30 },
};

static const struct kind *kind_of_property(int64_t property)
{
	struct random d = random_for(DEMO_PROPERTY, property);
	int weights[sizeof(kinds) / sizeof(*kinds)];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		weights[i] = kinds[i].weight;
	return &kinds[RANDOM_WEIGHTED(&d, weights)];
}

static void put_where(struct rows *r, int64_t partnership, struct random *d)
{
	static const char *const sides[] = { "north", "south", "east", "west" };
	char label[NAME], authority[DEMO_AUTHORITY], outward[DEMO_PLACE], sector[DEMO_PLACE + 2];
	int64_t n = random_below(d, 1000);

	demo_authority(partnership, n, authority);
	demo_outward(partnership, n, outward);
	snprintf(label, sizeof(label), "Area %lld %s", (long long)partnership + 1,
		 RANDOM_WORD(d, sides));
	snprintf(sector, sizeof(sector), "%s %d", outward, (int)random_below(d, 10));
	put_text(r, label);
	put_text(r, authority);
	put_text(r, outward);
	put_text(r, sector);
}

static void put_property(const struct demo_plan *p, struct rows *r, int64_t property)
{
	const struct kind *k = kind_of_property(property);
	struct random d = random_for(DEMO_PROPERTY, ~property);
	char name[NAME];

	snprintf(name, sizeof(name), "%s %lld", demo_bird(random_below(&d, 16)),
		 (long long)(property % p->properties) + 1);
	put_id(r, DEMO_PROPERTY, property);
	put_id(r, DEMO_ORGANISATION, plan_provider_of_property(p, property));
	put_text(r, k->type);
	put_text(r, name);
	put_where(r, property / p->properties, &d);
	put_text(r, k->residents);
	put_text(r, k->staffing);
	put_bool(r, k->shared);
	put_int(r, random_between(&d, 1, 5));
	put_end(r);
}

bool demo_self_contained(int64_t property)
{
	return kind_of_property(property)->self_contained;
}

void demo_each_property(const struct demo_plan *p, struct rows *r,
			void (*each)(const struct demo_plan *, struct rows *, int64_t))
{
	int64_t last = -1;

	for (int64_t unit = 0; unit < p->set.units; unit++) {
		int64_t property = plan_property_of_unit(p, unit);

		if (property != last)
			each(p, r, property);
		last = property;
	}
}

void fill_properties(const struct demo_plan *p, struct rows *r)
{
	demo_each_property(p, r, put_property);
}

/* ---- vacancies and voids ---- */

static void put_vacancy(const struct demo_plan *p, struct rows *r, int64_t unit, int64_t slot)
{
	put_id(r, DEMO_VACANCY, plan_vacancy(p, unit, slot));
	put_id(r, DEMO_UNIT, unit);
	put_id(r, DEMO_ORGANISATION, plan_provider_of_unit(p, unit));
}

static void put_taken(const struct demo_plan *p, struct rows *r, int64_t unit, int64_t number)
{
	struct slot s = plan_slot(p, unit, number);

	put_vacancy(p, r, unit, number);
	put_day(r, (int32_t)(s.posted / DEMO_DAY));
	put_second(r, s.taken);
	put_second(r, s.taken);
	put_second(r, s.posted);
	put_end(r);
}

/* Hours since the provider last confirmed the vacancy: most are fresh, some stale, some lapsed. */
static int64_t unconfirmed_hours(const struct demo_plan *p, struct random *d)
{
	static const int weights[] = { 74, 18, 8 };
	size_t age = RANDOM_WEIGHTED(d, weights);

	if (age == 0 || (age == 2 && p->set.all_vacant))
		return random_between(d, 0, 20);
	return age == 1 ? random_between(d, 26, 60) : random_between(d, 75, 120);
}

static void put_open(const struct demo_plan *p, struct rows *r, int64_t unit)
{
	struct random d = random_for(DEMO_VACANCY, ~unit);
	int64_t confirmed = p->load->now - unconfirmed_hours(p, &d) * 3600 - random_below(&d, 3600);
	int64_t ahead = random_chance(&d, 60) ? random_between(&d, 1, 21) : 0;

	put_vacancy(p, r, unit, p->slots);
	put_day(r, p->load->today + (int32_t)ahead);
	put_second(r, confirmed);
	put_null(r);
	put_second(r, confirmed - random_below(&d, DEMO_DAY / 2));
	put_end(r);
}

void fill_vacancies(const struct demo_plan *p, struct rows *r)
{
	for (int64_t slot = 0; slot < p->slots; slot++)
		for (int64_t unit = 0; unit < p->set.units; unit++)
			put_taken(p, r, unit, slot);
	for (int64_t unit = 0; unit < p->set.units; unit++)
		if (plan_unit_now(p, unit) == UNIT_VACANT)
			put_open(p, r, unit);
}

static void put_void(const struct demo_plan *p, struct rows *r, int64_t unit, int32_t from,
		     int32_t until)
{
	static const char *const reasons[] = {
		"repair", "repair", "damage", "deep_clean", "deep_clean",
		"refurbishment", "health_safety", "pest", "security", "staffing",
	};
	struct random d = random_for(DEMO_VOID, unit + from);
	char centre[NAME];

	snprintf(centre, sizeof(centre), "CC-%03lld", (long long)random_below(&d, 1000));
	put_id(r, DEMO_VOID, unit * 100000 + from);
	put_id(r, DEMO_UNIT, unit);
	put_id(r, DEMO_ORGANISATION, plan_provider_of_unit(p, unit));
	put_day(r, from);
	put_day(r, until);
	put_text(r, RANDOM_WORD(&d, reasons));
	put_text(r, centre);
	put_end(r);
}

/* Between a departure and the next slot. */
static void put_past_void(const struct demo_plan *p, struct rows *r, int64_t unit, int64_t number)
{
	struct random d = random_for(DEMO_VOID, plan_vacancy(p, unit, number));
	struct slot s = plan_slot(p, unit, number);
	int32_t room = (int32_t)(s.next / DEMO_DAY) - s.depart - 1;

	if (room > 2 && random_chance(&d, 200))
		put_void(p, r, unit, s.depart, s.depart + (int32_t)random_between(&d, 1, room - 1));
}

void fill_voids(const struct demo_plan *p, struct rows *r)
{
	for (int64_t slot = 0; slot + 1 < p->slots; slot++)
		for (int64_t unit = 0; unit < p->set.units; unit++)
			put_past_void(p, r, unit, slot);
	for (int64_t unit = 0; unit < p->set.units; unit++) {
		struct random d = random_for(DEMO_VOID, ~unit);

		if (plan_unit_now(p, unit) == UNIT_VOID)
			put_void(p, r, unit, p->load->today - 1,
				 random_chance(&d, 300)
					 ? DAY_NONE
					 : p->load->today + (int32_t)random_between(&d, 1, 30));
	}
}
