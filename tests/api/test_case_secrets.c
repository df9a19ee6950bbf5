/* Who is shown what of a case, in which stage. Each person asks for each fact in each stage of a placement; whoever
 * is not to have it gets none of it, by any route, and each reading leaves its event. */
#include <stdlib.h>
#include <string.h>

#include "inventory.h"
#include "memory.h"
#include "patience.h"
#include "placing.h"
#include "referring.h"
#include "revealing.h"

#define SECOND "00000000-0000-4000-8000-000000000015"
#define CASE "/api/v1/households/" HOUSEHOLD
#define ACCOUNT(name) "(SELECT id FROM account WHERE username = '" name "')"

static void start(void)
{
	service_start();
	sql("INSERT INTO organisation (id, partnership_id, kind, name) VALUES ('" SECOND "', '" PARTNERSHIP "', 'council', 'Second Council')");
}

TestSuite(case_secrets, .init = start, .fini = service_stop, .timeout = 240);

/* ---- the world: a case with one of each ---- */

enum fact { CONTACT, FIRST_NAME, PERPETRATOR, FACTS };
static const char *const fact_names[] = { "safe_contact", "first_name", "perpetrator" };
/* A word that only that fact has. */
static const char *const words[] = { "Canarycode", "Canaryname", "Canaryscar" };
static const char *ids[FACTS];

static const char *id_of(enum fact f)
{
	return sql("SELECT id FROM case_secret WHERE household_id = '" HOUSEHOLD "' AND kind = '%s' AND ended_at IS NULL", fact_names[f]);
}

static void consent(const char *basis)
{
	sql("INSERT INTO consent (household_id, purpose, basis, reason, at) VALUES ('" HOUSEHOLD "', 'share_with_providers', '%s', 'r', clock_timestamp())",
	    basis);
}

static void record_all(void)
{
	struct answer a = call(ROLE_navigator, "POST", CASE "/safe-contact",
			       "{\"phone\":\"07700 900123\",\"hours\":\"after six\",\"voicemail\":false,\"code_word\":\"Canarycode\"}");

	assert_status(a, 201);
	a = call(ROLE_navigator, "POST", CASE "/first-name", "{\"first_name\":\"Canaryname\"}");
	assert_status(a, 201);
	a = call(ROLE_navigator, "POST", CASE "/parties", "{\"name\":\"A Rook\",\"description\":\"A Canaryscar\",\"vehicle\":\"red van\"}");
	assert_status(a, 201);
	for (int f = 0; f < FACTS; f++) {
		ids[f] = id_of((enum fact)f);
		cr_assert_not_null(ids[f], "%s", fact_names[f]);
	}
	sql("UPDATE household SET interpreter = true, poses = '{arson}', avoids = '{aggression}', counter_allegation = true, primary_victim = 'this_household',"
	    " primary_victim_on = today(), primary_victim_reason = 'fear' WHERE id = '" HOUSEHOLD "'");
	sql("UPDATE organisation SET day_phone = '01632960111' WHERE id IN ('" COUNCIL "', '" SECOND "')");
	sql("UPDATE organisation SET day_phone = '01632960222' WHERE id = '" PROVIDER_A "'");
	consent("given");
}

static struct answer read_fact(int actor, const char *id)
{
	return call(actor, "POST", path("case-secrets", id, "/readings"), "{\"purpose\":\"let_in\"}");
}

static int readings(void)
{
	return atoi(sql("SELECT count(*) FROM audit.event WHERE action = 'reveal' AND subject_kind = 'case_secret'"));
}

static bool tells(const struct answer *a, const char *word)
{
	return strstr(a->body, word) || strstr(a->head, word);
}

/* ---- who, and when ---- */

#define SHARE(access) \
	"UPDATE household SET organisation_id = '" SECOND "' WHERE id = '" HOUSEHOLD "'; INSERT INTO case_share (household_id, organisation_id, access," \
	" purpose, ends_at) VALUES ('" HOUSEHOLD "', '" COUNCIL "', '" access "', 'cover', now() + interval '1 hour')"
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

/* Several statements. */
static void all_of(const char *statements)
{
	sql("DO $all$ BEGIN %s; END $all$", statements);
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

static const char *cell_of(const struct person *p, const struct stage *s)
{
	return arena_printf(test_memory(), "%s, %s %s", p->who, s->name, s->then);
}

static void expect_fact(const struct person *p, const struct stage *s, enum fact f)
{
	const char *cell = cell_of(p, s);
	int before = readings();
	struct answer a = read_fact(p->actor, ids[f]);
	bool may = may_read(p, s, f);

	cr_expect_eq(a.status == 200, may, "%s: %s: %d %s", cell, fact_names[f], a.status, a.body);
	cr_expect(may || a.status == 404 || a.status == 403 || a.status == 401, "%s: %s: %d", cell, fact_names[f], a.status);
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
			cells += 2;
		}
		expect_placement(p, s, placement);
		cells += OFFER_FACTS + 3 + FACTS;
		unrelate();
	}
	sql("UPDATE placement SET state = 'cancelled', cancel_reason = 'changed_mind' "
	    "WHERE id = '%s' AND state IN ('held', 'offered', 'accepted', 'arrived')", placement);
	return cells;
}

Test(case_secrets, each_person_in_each_stage_has_what_they_need_and_no_more)
{
	int cells = 0;

	record_all();
	for (const struct stage *s = stages; s < stages + STAGES; s++)
		cells += walk(s);
	cr_assert_eq(cells, PEOPLE * STAGES * (3 * FACTS + OFFER_FACTS + 3), "every cell: %d", cells);
}

/* ---- consent ---- */

Test(case_secrets, a_provider_has_the_first_name_only_while_they_agree)
{
	static const struct {
		const char *basis;
		bool stands;
	} bases[] = { { "refused", false }, { "high_risk_without_consent", false }, { "given", true }, { "withdrawn", false } };
	static const char *const states[] = { "offered", "accepted", "arrived" };

	record_all();
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		const char *id = placed(states[i]);

		sql("DELETE FROM consent");
		cr_expect_eq(read_fact(ROLE_provider, ids[FIRST_NAME]).status, 404, "%s, not asked", states[i]);
		for (size_t k = 0; k < sizeof(bases) / sizeof(*bases); k++) {
			consent(bases[k].basis);
			cr_expect_eq(read_fact(ROLE_provider, ids[FIRST_NAME]).status, bases[k].stands ? 200 : 404, "%s, %s", states[i], bases[k].basis);
			cr_expect_eq(read_fact(ROLE_provider, ids[CONTACT]).status, i > 0 ? 200 : 404, "%s, %s: the contact goes by acceptance",
				     states[i], bases[k].basis);
			cr_expect_eq(read_fact(ROLE_navigator, ids[FIRST_NAME]).status, 200, "who works on the case");
		}
		sql("UPDATE placement SET state = 'cancelled', cancel_reason = 'changed_mind' WHERE id = '%s'", id);
	}
}

/* ---- what is answered, and its traces ---- */

Test(case_secrets, what_is_shown_is_whole_and_not_kept)
{
	struct answer a;

	record_all();
	a = read_fact(ROLE_navigator, ids[CONTACT]);
	assert_status(a, 200);
	cr_expect_str_eq(answer_text(&a, "safe_contact.phone"), "07700900123");
	cr_expect_str_eq(answer_text(&a, "safe_contact.hours"), "after six");
	cr_expect_str_eq(answer_text(&a, "safe_contact.code_word"), "Canarycode");
	cr_expect(strstr(a.body, "\"voicemail\":false") && strstr(a.body, "\"interpreter\":true"), "%s", a.body);
	cr_expect_str_eq(answer_header(&a, "Cache-Control"), "no-store");
	cr_expect_not_null(answer_text(&a, "expires_at"));
	a = read_fact(ROLE_navigator, ids[FIRST_NAME]);
	cr_expect_str_eq(answer_text(&a, "first_name"), "Canaryname");
	a = read_fact(ROLE_navigator, ids[PERPETRATOR]);
	cr_expect_str_eq(answer_text(&a, "perpetrator.description"), "A Canaryscar");
	cr_expect_str_eq(answer_text(&a, "perpetrator.vehicle"), "red van");
	cr_expect_null(strstr(a.body, "Rook"), "of the name a hash alone is kept");
	cr_expect_str_eq(sql("SELECT string_agg(detail ->> 'kind' || ' ' || (detail ->> 'purpose'), ', ' ORDER BY id) FROM audit.event"
			     " WHERE action = 'reveal' AND account_id = " ACCOUNT("navigator") " AND household_id = '" HOUSEHOLD "'"),
			 "safe_contact let_in, first_name let_in, perpetrator let_in");
	cr_expect_str_eq(sql("SELECT count(*) FROM idempotency WHERE concat(body, location) ~ 'Canary'"), "0");
	cr_expect_str_eq(sql("SELECT count(*) FROM audit.event WHERE detail::text ~ 'Canary'"), "0");
	a = call(ROLE_housing_officer, "GET", path("case-secrets", ids[CONTACT], ""), NULL);
	cr_expect_str_eq(answer_text(&a, "readings.0.account"), "Test navigator");
	cr_expect_str_eq(answer_text(&a, "readings.0.purpose"), "let_in");
}

Test(case_secrets, a_purpose_of_the_list_is_needed)
{
	struct answer a;

	record_all();
	a = call(ROLE_navigator, "POST", path("case-secrets", ids[CONTACT], "/readings"), "{}");
	assert_error(a, "/purpose");
	a = call(ROLE_navigator, "POST", path("case-secrets", ids[CONTACT], "/readings"), "{\"purpose\":\"other\"}");
	assert_error(a, "/purpose");
	cr_assert_eq(readings(), 0);
}

Test(case_secrets, nobody_is_shown_a_value_that_ended_or_was_replaced)
{
	struct answer a;
	const char *later;

	record_all();
	placed("accepted");
	a = call(ROLE_navigator, "POST", CASE "/safe-contact", "{\"phone\":\"07700 900456\"}");
	assert_status(a, 201);
	later = id_of(CONTACT);
	cr_assert_eq(read_fact(ROLE_navigator, ids[CONTACT]).status, 404, "the number before");
	cr_assert_eq(read_fact(ROLE_provider, ids[CONTACT]).status, 404);
	a = read_fact(ROLE_provider, later);
	cr_assert_str_eq(answer_text(&a, "safe_contact.phone"), "07700900456");
	a = call(ROLE_navigator, "POST", path("case-secrets", later, "/end"), NULL);
	assert_status(a, 200);
	cr_assert_eq(read_fact(ROLE_navigator, later).status, 404, "ended");
	cr_assert_eq(read_fact(ROLE_provider, later).status, 404);
	cr_assert_eq(call(ROLE_navigator, "POST", path("case-secrets", later, "/end"), NULL).status, 404, "once");
	a = call(ROLE_navigator, "GET", CASE "/secrets", NULL);
	cr_assert(strstr(a.body, later) && strstr(a.body, ids[CONTACT]), "the register keeps that they were: %s", a.body);
	a = call(ROLE_navigator, "POST", path("case-secrets", ids[FIRST_NAME], "/end"), NULL);
	assert_status(a, 200);
	a = call(ROLE_navigator, "POST", CASE "/first-name", "{\"first_name\":\"Later\"}");
	assert_status(a, 201);
	a = read_fact(ROLE_provider, ids[FIRST_NAME]);
	cr_assert_str_eq(answer_text(&a, "first_name"), "Later");
}

Test(case_secrets, only_who_works_on_the_case_records_and_ends)
{
	static const int others[] = { ROLE_provider, ACTOR_provider_b, ROLE_analyst, ROLE_administrator, ROLE_finance_officer };
	struct answer a;

	record_all();
	placed("accepted");
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		cr_expect_eq(call(others[i], "POST", CASE "/first-name", "{\"first_name\":\"X\"}").status, 403);
		cr_expect_eq(call(others[i], "POST", path("case-secrets", ids[CONTACT], "/end"), NULL).status, 403);
	}
	cr_expect_eq(call(ACTOR_other_officer, "POST", CASE "/first-name", "{\"first_name\":\"X\"}").status, 404);
	cr_expect_eq(call(ACTOR_other_officer, "POST", path("case-secrets", ids[CONTACT], "/end"), NULL).status, 404);
	all_of(SHARE("read"));
	a = call(ROLE_housing_officer, "POST", CASE "/first-name", "{\"first_name\":\"X\"}");
	cr_expect_eq(a.status, 403, "%s", a.body);
	a = call(ROLE_housing_officer, "POST", path("case-secrets", ids[CONTACT], "/end"), NULL);
	cr_expect_eq(a.status, 403, "%s", a.body);
	cr_expect_str_eq(sql("SELECT count(*) FROM case_secret WHERE ended_at IS NULL"), "3");
}

Test(case_secrets, an_address_is_no_description)
{
	static const struct {
		const char *path, *body, *pointer;
	} wrong[] = {
		{ CASE "/parties", "{\"name\":\"A Rook\",\"description\":\"lives at 14 Broadway\"}", "/description" },
		{ CASE "/parties", "{\"name\":\"A Rook\",\"description\":\"is at TS1 3BA\"}", "/description" },
		{ CASE "/parties", "{\"name\":\"A Rook\",\"vehicle\":\"van at 14 Broadway\"}", "/vehicle" },
		{ CASE "/first-name", "{\"first_name\":\"14 Broadway\"}", "/first_name" },
		{ CASE "/first-name", "{\"first_name\":\"--\"}", "/first_name" },
		{ CASE "/first-name", "{}", "/first_name" },
		{ CASE "/safe-contact", "{\"phone\":\"07700 900 12\"}", "/phone" },
		{ CASE "/safe-contact", "{\"phone\":\"07700 900123\",\"code_word\":\"at TS1 3BA\"}", "/code_word" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct answer a = call(ROLE_navigator, "POST", wrong[i].path, "%s", wrong[i].body);

		cr_expect(a.status == 422 && answer_has_error(&a, wrong[i].pointer), "%s: %d %s", wrong[i].body, a.status, a.body);
	}
	cr_expect_str_eq(sql("SELECT count(*) FROM case_secret"), "0");
}

/* The first name comes with the name, by itself: nothing else of the name, and nobody else's, is shown. */
Test(case_secrets, a_name_that_was_sent_gives_the_first_name)
{
	static const struct {
		const char *name, *first;
	} names[] = {
		{ "Alice Brown", "Alice" }, { "BROWN, Alice Mary", "Alice" }, { "Zoë", "Zoë" }, { "not known", NULL }, { "?", NULL },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct answer a = refer(arena_printf(test_memory(), "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"name\":\"%s\"},"
						     "{\"kind\":\"child\",\"name\":\"Ivy Brown\"}]}}", names[i].name));
		const char *id;

		assert_status(a, 201);
		id = sql("SELECT id FROM case_secret WHERE household_id = '%s'", answer_text(&a, "household.id"));
		cr_expect_eq(id != NULL, names[i].first != NULL, "%s", names[i].name);
		if (!id)
			continue;
		a = read_fact(ROLE_navigator, id);
		cr_expect_str_eq(answer_text(&a, "first_name"), names[i].first);
		cr_expect_null(strstr(a.body, "Brown"), "%s", a.body);
	}
}

/* ---- the budget, sessions, erasure ---- */

Test(case_secrets, forty_cases_a_day_and_the_next_raises_an_alert)
{
	struct answer a;

	record_all();
	sql("INSERT INTO audit.event (account_id, action, subject_kind, household_id) SELECT " ACCOUNT("navigator")
	    ", 'reveal', 'case_secret', gen_random_uuid() FROM generate_series(1, 39)");
	cr_assert_eq(read_fact(ROLE_navigator, ids[CONTACT]).status, 200, "the fortieth");
	sql("INSERT INTO audit.event (account_id, action, subject_kind, household_id) SELECT " ACCOUNT("navigator")
	    ", 'reveal', 'case_secret', gen_random_uuid()");
	a = read_fact(ROLE_navigator, ids[CONTACT]);
	assert_problem(a, 429, "readings-spent");
	cr_assert_eq(read_fact(ROLE_housing_officer, ids[CONTACT]).status, 200, "another person has a budget of their own");
	cr_assert_str_eq(sql("SELECT count(*) FROM alert WHERE kind = 'reveal_budget' AND account_id = " ACCOUNT("navigator")), "1");
}

Test(case_secrets, a_session_that_ended_is_told_so_and_nothing_else)
{
	struct answer a;

	record_all();
	sql("UPDATE session SET revoked_at = now() WHERE account_id = " ACCOUNT("navigator"));
	a = read_fact(ROLE_navigator, ids[CONTACT]);
	assert_problem(a, 401, "not-signed-in");
	cr_assert_eq(readings(), 0);
}

Test(case_secrets, a_destroyed_key_shows_nothing)
{
	record_all();
	placed("accepted");
	sql("UPDATE vault.data_key SET wrapped = NULL, destroyed_at = now() WHERE subject_id = '" HOUSEHOLD "'");
	for (int f = 0; f < FACTS; f++)
		cr_expect_eq(read_fact(ROLE_navigator, ids[f]).status, 404, "%s", fact_names[f]);
	cr_assert_eq(readings(), 0);
}

/* ---- the offer ---- */

Test(case_secrets, an_offer_says_when_they_can_arrive_and_what_is_not_known)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer a = act(ROLE_navigator, id, "offer", "{\"arrival_time\":\"25:00\"}");

	assert_error(a, "/arrival_time");
	a = act(ROLE_navigator, id, "offer", "{\"arrival_time\":\"21:30\"}");
	assert_status(a, 200);
	cr_expect_str_eq(answer_text(&a, "arrival_time"), "21:30");
	board_settle();
	a = get(ROLE_provider, id);
	cr_expect_str_eq(answer_text(&a, "arrival_time"), "21:30");
	cr_expect(strstr(a.body, "\"questions\":[{\"code\":\"unsafe_places\""), "nobody asked where it is not safe: %s", a.body);
	cr_expect(strstr(a.body, "{\"code\":\"poses\",\"text\":"), "%s", a.body);
	cr_expect(holds(&a, &(struct offer_fact){ "household", "poses_asked", "false" }), "not asked is not none: %s", a.body);
	sql("UPDATE household SET interpreter = true, poses = '{}', version = version + 1 WHERE id = '" HOUSEHOLD "'");
	board_settle();
	a = get(ROLE_provider, id);
	cr_expect_null(strstr(a.body, "{\"code\":\"poses\""), "answered since: %s", a.body);
	cr_expect(holds(&a, &(struct offer_fact){ "household", "poses_asked", "true" }), "%s", a.body);
	a = get(ROLE_analyst, id);
	cr_expect(json_is_null(json_object_get(a.json, "questions")), "%s", a.body);
}
