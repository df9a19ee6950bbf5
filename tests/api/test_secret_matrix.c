/* Who is shown what of a case, in which stage. Each person asks for each fact in each stage of a placement; the others
 * get none of it, and each reading leaves its event. */
#include <string.h>

#include "api/rights.h"
#include "memory.h"
#include "placing.h"
#include "referring.h"
#include "revealing.h"
#include "seal/token.h"
#include "telling.h"

TestSuite(secret_matrix, .init = start_telling, .fini = service_stop, .timeout = 240);

static bool tells(const struct answer *a, const char *word)
{
	return strstr(a->body, word) || strstr(a->head, word);
}

/* ---- who, and when ---- */

#define LIST(access, name) \
	"INSERT INTO case_access (household_id, account_id, access, reason) SELECT '" HOUSEHOLD "', id, '" access "', 'r' FROM account WHERE username = '" name "'"
#define LINK(name) \
	"INSERT INTO account_link (account_id, hash, relationship) SELECT id, sha256('link'), 'friend' FROM account WHERE username = '" name "';" \
	"INSERT INTO person_index (household_id, purpose, form, hash) VALUES ('" HOUSEHOLD "', 'link', 'name', sha256('link'))"

/* What a person is to the case: sees nothing; sees it to read; works on it; the provider of the place. */
enum standing { NONE, READER, WORKER, PROVIDER };

static const struct person {
	const char *who;
	int actor;
	enum standing standing;
	bool placements;	/* sees placements, by reference alone */
	const char *before;	/* makes the relation */
} people[] = {
	{ "owner", ROLE_housing_officer, WORKER, true, NULL },
	{ "colleague", ROLE_navigator, WORKER, true, NULL },
	{ "shared to read", ROLE_housing_officer, READER, true, SHARE("read") },
	{ "shared to work on", ROLE_housing_officer, WORKER, true, SHARE("work_on") },
	{ "navigator of the scheme", ROLE_navigator, WORKER, true,
	  "UPDATE household SET organisation_id = '" SECOND "' WHERE id = '" HOUSEHOLD "'; INSERT INTO case_share (household_id, partnership_id, access,"
	  " purpose, ends_at) VALUES ('" HOUSEHOLD "', '" PARTNERSHIP "', 'work_on', 'navigator_scheme', 'infinity') ON CONFLICT DO NOTHING" },
	{ "of another council", ROLE_housing_officer, NONE, false,
	  "UPDATE household SET organisation_id = '" SECOND "' WHERE id = '" HOUSEHOLD "'" },
	{ "on the list of a restricted case", ROLE_housing_officer, WORKER, true,
	  "UPDATE household SET restricted = true WHERE id = '" HOUSEHOLD "'; " LIST("allow", "housing_officer") },
	{ "off the list of a restricted case", ROLE_navigator, NONE, false,
	  "UPDATE household SET restricted = true WHERE id = '" HOUSEHOLD "'; " LIST("allow", "housing_officer") },
	{ "denied", ROLE_housing_officer, NONE, false, LIST("deny", "housing_officer") },
	{ "linked", ROLE_housing_officer, NONE, false, LINK("housing_officer") },
	{ "provider", ROLE_provider, PROVIDER, true, NULL },
	{ "provider of a restricted case", ROLE_provider, PROVIDER, true, "UPDATE household SET restricted = true WHERE id = '" HOUSEHOLD "'" },
	{ "provider, denied", ROLE_provider, NONE, false, LIST("deny", "provider") },
	{ "provider, linked", ROLE_provider, NONE, false, LINK("provider") },
	{ "other provider", ACTOR_provider_b, NONE, false, NULL },
	{ "other partnership's officer", ACTOR_other_officer, NONE, false, NULL },
	{ "other partnership's provider", ACTOR_other_provider, NONE, false, NULL },
	{ "administrator", ROLE_administrator, NONE, false, NULL },
	{ "finance officer", ROLE_finance_officer, NONE, true, NULL },
	{ "finance approver", ROLE_finance_approver, NONE, true, NULL },
	{ "analyst", ROLE_analyst, NONE, true, NULL },
	{ "sanctuary coordinator", ROLE_sanctuary_coordinator, NONE, false, NULL },
	{ "signed out", SIGNED_OUT, NONE, false, NULL },
};

static const struct stage {
	const char *name;
	const char *then;	/* what else happens to the placement */
	bool offered, accepted;	/* the provider has the offer; has accepted it, and they have not left */
} stages[] = {
	{ "held", "", false, false },
	{ "offered", "", true, false },
	{ "offered", "expires_at = now()", false, false },
	{ "accepted", "", true, true },
	{ "accepted", "period = daterange(today() - 9, NULL), decided_at = now() - interval '9 days'", true, true },
	{ "arrived", "", true, true },
	{ "departed", "", false, false },
	{ "declined", "", false, false },
	{ "expired", "", false, false },
	{ "cancelled", "", false, false },
	{ "not_arrived", "", false, false },
};

enum { PEOPLE = sizeof(people) / sizeof(*people), STAGES = sizeof(stages) / sizeof(*stages) };

static bool may_read(const struct person *p, const struct stage *s, enum fact f)
{
	if (p->standing == PROVIDER)
		return f == FIRST_NAME ? s->offered : s->accepted;
	return p->standing == WORKER;
}

static void relate(const struct person *p)
{
	if (p->before)
		all_of(p->before);
}

static void unrelate(void)
{
	all_of("DELETE FROM case_share; DELETE FROM case_access; DELETE FROM account_link; DELETE FROM person_index WHERE hash = sha256('link');"
	       " UPDATE household SET organisation_id = '" COUNCIL "', restricted = false WHERE id = '" HOUSEHOLD "'");
}

static int role_of(int actor)
{
	if (actor < ROLES)
		return actor;
	return actor == ACTOR_other_officer ? ROLE_housing_officer : ROLE_provider;
}

static const char *cell_of(const struct person *p, const struct stage *s)
{
	return arena_printf(test_memory(), "%s, %s %s", p->who, s->name, s->then);
}

/* What the vault itself is given, whatever a worker lets through. */
static bool vault_is_given(int actor, const char *id)
{
	char hash[TOKEN_HASH];

	token_hash(service_token(actor), hash);
	return *sql("SELECT count(*) FROM vault.tell(decode('%s', 'hex'), '%s', 'let_in', 'of a test') t WHERE t.outcome = 'shown'", hash, id) == '1';
}

/* Row security hides the entry from a person who may not know of it: 404. */
static int refusal(const struct person *p)
{
	if (p->actor == SIGNED_OUT)
		return 401;
	if (p->standing == READER || !((CAN_decide | CAN_coordinate) & 1u << role_of(p->actor)))
		return 403;
	return 404;
}

static void expect_fact(const struct person *p, const struct stage *s, enum fact f)
{
	const char *cell = cell_of(p, s);
	bool may = may_read(p, s, f), given = p->actor != SIGNED_OUT && vault_is_given(p->actor, ids[f]);
	int before = readings();
	struct answer a = read_fact(p->actor, ids[f]);

	cr_expect_eq(a.status, may ? 200 : refusal(p), "%s: %s: %d %s", cell, fact_names[f], a.status, a.body);
	cr_expect_eq(given, may, "%s: the vault is given %s", cell, fact_names[f]);
	for (int other = 0; other < FACTS; other++)
		cr_expect_eq(tells(&a, words[other]), may && other == (int)f, "%s: %s tells %s", cell, fact_names[f], fact_names[other]);
	cr_expect_eq(readings(), before + may, "%s: %s: one event for each reading, none for a refusal", cell, fact_names[f]);
}

/* Which of the sealed facts the placement offers to be read. */
static bool lists(const struct answer *a, enum fact f)
{
	return strstr(a->body, ids[f]) != NULL;
}

static const struct offer_fact {
	const char *of, *member, *value;	/* the value as JSON */
} offer_facts[] = {
	{ "household", "poses", "[\"arson\"]" },
	{ "household", "avoids", "[\"aggression\"]" },
	{ "household", "counter_allegation", "true" },
	{ "household", "primary_victim", "\"this_household\"" },
	{ "household", "primary_victim_reason", "\"fear\"" },
	{ "household", "risk_level", "\"medium\"" },
	{ NULL, "arrival_time", "\"21:30\"" },
};

enum { OFFER_FACTS = sizeof(offer_facts) / sizeof(*offer_facts) };

static bool holds(const struct answer *a, const struct offer_fact *f)
{
	const json_t *of = f->of ? json_object_get(a->json, f->of) : a->json, *value = json_object_get(of, f->member);

	return value && strcmp(json_told(value), f->value) == 0;
}

static void expect_placement(const struct person *p, const struct stage *s, const char *placement)
{
	struct answer a = get(p->actor, placement);
	const char *cell = cell_of(p, s);
	bool council = p->standing == WORKER || p->standing == READER;
	bool told = council || (p->standing == PROVIDER && s->offered);
	bool never = p->standing == PROVIDER && strcmp(s->name, "held") == 0;

	cr_expect_eq(a.status == 200, p->placements && !never, "%s: %d %s", cell, a.status, a.body);
	for (size_t i = 0; i < OFFER_FACTS; i++)
		cr_expect_eq(holds(&a, &offer_facts[i]), told, "%s: %s: %s", cell, offer_facts[i].member, a.body);
	cr_expect_eq(strstr(a.body, "\"kind\" : \"main\"") != NULL, told, "%s: who comes: %s", cell, a.body);
	cr_expect_eq(strstr(a.body, "01632960111") != NULL, told && !council, "%s: the telephone of who asked", cell);
	cr_expect_eq(strstr(a.body, "01632960222") != NULL, council, "%s: the provider's telephone", cell);
	for (int f = 0; f < FACTS; f++) {
		cr_expect_eq(lists(&a, (enum fact)f), may_read(p, s, (enum fact)f), "%s: %s is listed", cell, fact_names[f]);
		cr_expect(!tells(&a, words[f]), "%s: the placement tells %s", cell, fact_names[f]);
	}
}

static void expect_entry(const struct person *p, const struct stage *s, enum fact f)
{
	struct answer a = call(p->actor, "GET", path("case-secrets", ids[f], ""), NULL);

	cr_expect_eq(a.status == 200, may_read(p, s, f) || p->standing == READER, "%s: the entry of %s: %d", cell_of(p, s), fact_names[f], a.status);
	cr_expect(!tells(&a, words[f]), "%s: the entry tells %s", cell_of(p, s), fact_names[f]);
}

static int walk(const struct stage *s)
{
	const char *placement = placed(s->name);
	int cells = 0;

	sql("UPDATE placement SET arrival_time = '21:30'%s%s WHERE id = '%s'", *s->then ? ", " : "", s->then, placement);
	for (const struct person *p = people; p < people + PEOPLE; p++) {
		relate(p);
		for (int f = 0; f < FACTS; f++) {
			expect_fact(p, s, (enum fact)f);
			expect_entry(p, s, (enum fact)f);
			cells += 3;
		}
		expect_placement(p, s, placement);
		cells += OFFER_FACTS + 3 + FACTS;
		unrelate();
	}
	sql("UPDATE placement SET state = 'cancelled', cancel_reason = 'changed_mind' "
	    "WHERE id = '%s' AND state IN ('held', 'offered', 'accepted', 'arrived')", placement);
	return cells;
}

Test(secret_matrix, each_person_in_each_stage_has_what_they_need_and_no_more)
{
	int cells = 0;

	record_all();
	for (const struct stage *s = stages; s < stages + STAGES; s++)
		cells += walk(s);
	cr_assert_eq(cells, PEOPLE * STAGES * (4 * FACTS + OFFER_FACTS + 3), "every cell: %d", cells);
}
