/* Unique words are sent to the service in every secret field. Then every actor asks every address
 * of the service, in every state of a placement. No reply may hold one of the words, except those
 * that show an address, or one fact of a case (tests/api/test_case_secrets.c has who is shown which).
 * tests/api/test_sealed.c tests PostgreSQL and the logs. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/rights.h"
#include "base/uuid.h"
#include "memory.h"
#include "walk.h"

TestSuite(canary, .fini = service_stop, .timeout = 400);

static struct {
	char word[24], postcode[12], phone[16], bank[12];	/* the words that must not be seen */
	char code[24], first[24], scar[24];	/* and those that one reply each may show: of the contact, the first name, the perpetrator */
	char duty[16];			/* for the people who hold a place, or may hold one */
	bool offered;			/* the provider knows the household */
	const char *household, *referral, *property, *unit, *vacancy, *placement;
	int replies;
} world;

/* ---- looking ---- */

static bool holds(const char *bytes, size_t n, const char *needle)
{
	size_t len = strlen(needle);

	for (size_t i = 0; i + len <= n; i++)
		if (strncasecmp(bytes + i, needle, len) == 0)
			return true;
	return false;
}

static bool tells(const char *bytes, size_t n)
{
	return holds(bytes, n, world.word) || holds(bytes, n, world.postcode) || holds(bytes, n, world.phone) ||
	       holds(bytes, n, world.bank) || holds(bytes, n, world.code) || holds(bytes, n, world.first) || holds(bytes, n, world.scar);
}

/* What has codes and not words: the counter-allegation, on a page and in JSON. */
static bool tells_allegation(const struct answer *a)
{
	return holds(a->body, a->len, "counter_allegation\" : true") || holds(a->body, a->len, "counter_allegation\":true") ||
	       holds(a->body, a->len, "Counter-allegation</dt><dd class=\"govuk-summary-list__value\">Yes");
}

static bool works_on_case(int actor)
{
	return actor == ROLE_navigator || actor == ROLE_housing_officer;
}

static void look_as(const struct answer *a, int actor, const char *what)
{
	bool own = actor == ROLE_provider || actor == ROLE_administrator;

	cr_expect(works_on_case(actor) || actor == ROLE_sanctuary_coordinator || (actor == ROLE_provider && world.offered) || !tells_allegation(a),
		  "%s tells the counter-allegation: %s", what, a->body);
	cr_expect(works_on_case(actor) || own || !holds(a->body, a->len, world.duty), "%s tells a duty telephone: %s", what, a->body);
}

static struct answer look(struct answer a, const char *what)
{
	world.replies++;
	cr_expect(!tells(a.head, strlen(a.head)) && !tells(a.body, a.len), "%s tells a secret: %s %s", what, a.head, a.body);
	return a;
}

static const char *must(struct answer a, const char *member)
{
	cr_assert_lt(a.status, 300, "%s", a.body);
	cr_assert_gt(a.status, 0, "no answer");
	return answer_text(&a, member);
}

/* ---- the world ---- */

static void draw_word(char word[24])
{
	unsigned char random[12];

	random_bytes(random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++)
		word[i] = (char)('b' + random[i] % 20);
}

static void draw(void)
{
	unsigned char random[16];

	draw_word(world.word);
	draw_word(world.code);
	draw_word(world.first);
	draw_word(world.scar);
	random_bytes(random, sizeof(random));
	snprintf(world.duty, sizeof(world.duty), "0163297%04d", (random[10] * 256 + random[11]) % 10000);
	snprintf(world.phone, sizeof(world.phone), "0163296%04d", (random[12] * 256 + random[13]) % 10000);
	snprintf(world.bank, sizeof(world.bank), "7%07d", (random[10] * 65536 + random[11] * 256 + random[12]) % 10000000);
	snprintf(world.postcode, sizeof(world.postcode), "TS1 9%c%c", 'A' + random[14] % 2, 'D' + random[15] % 5);
}

static void post_supply(void)
{
	world.property = must(look(call(ROLE_provider, "POST", "/api/v1/properties",
			"{\"public_name\":\"Heron\",\"area_label\":\"West\",\"local_authority\":\"E06000002\",\"type\":\"refuge\",\"residents\":\"women\","
			"\"shared_access\":true,\"address\":{\"lines\":[\"12 %s Row\",\"%s\"],\"postcode\":\"%s\",\"access_note\":\"Ring %s\"}}",
			world.word, world.word, world.postcode, world.word), "a property"), "id");
	world.unit = must(call(ROLE_provider, "POST", "/api/v1/units", "{\"property_id\":\"%s\",\"reference\":\"Room 1\",\"self_contained\":false,"
			       "\"max_people\":5}", world.property), "id");
	must(call(ROLE_provider, "POST", "/api/v1/organisations/current/duty-telephone", "{\"day\":\"%s\"}", world.duty), "id");
	world.vacancy = must(call(ROLE_provider, "POST", "/api/v1/vacancies", "{\"unit_id\":\"%s\"}", world.unit), "id");
}

static void refer_household(void)
{
	struct answer a = look(call(ROLE_navigator, "POST", "/api/v1/referrals",
			"{\"household\":{\"situation\":\"rough\",\"poses\":[\"arson\"],\"counter_allegation\":true,\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"age\":30,\"name\":\"Ann %s\"},"
			"{\"kind\":\"child\",\"sex\":\"female\",\"age\":3,\"name\":\"%s\"}],\"unsafe_places\":[{\"kind\":\"family\",\"outward_code\":\"DL1\"}],"
			"\"parties\":[{\"name\":\"Rook %s\",\"description\":\"Scar %s\",\"vehicle\":\"%s\"}],"
			"\"safe_contact\":{\"phone\":\"%s\",\"hours\":\"%s\",\"code_word\":\"%s\"}}}",
			world.word, world.word, world.word, world.scar, world.word, world.phone, world.word, world.code), "a referral");

	cr_assert_eq(a.status, 201, "%s", a.body);
	world.household = answer_text(&a, "household.id");
	world.referral = answer_text(&a, "referral.id");
	look(call(ROLE_navigator, "POST", arena_printf(test_memory(), "/api/v1/households/%s/first-name", world.household),
		  "{\"first_name\":\"%s\"}", world.first), "a first name");
	must(call(ROLE_navigator, "POST", arena_printf(test_memory(), "/api/v1/households/%s/consents", world.household),
		  "{\"purpose\":\"share_with_providers\",\"basis\":\"given\"}"), "id");
}

/* The bank details of who is paid, which only the readings of a payee tell (tests/api/test_fund_pay.c has to whom). */
static void ask_fund(void)
{
	struct answer a;

	sql("INSERT INTO fund.pot (organisation_id, name, funder, categories) VALUES ('" COUNCIL "', 'Pot', 'Funder', '{travel}')");
	sql("SELECT fund.open_year(id, fund.year_of(today())) FROM fund.pot");
	sql("UPDATE fund.pot_year SET state = 'open'");
	a = call(ROLE_navigator, "POST", arena_printf(test_memory(), "/api/v1/households/%s/fund-requests", world.household),
		 "{\"category\":\"travel\",\"amount_pence\":5,\"means\":\"bank_transfer\"}");
	cr_assert_eq(a.status, 201, "%s", a.body);
	a = look(call_with(ROLE_navigator, "POST", arena_printf(test_memory(), "/api/v1/fund/requests/%s/payee", answer_text(&a, "id")),
			   "If-Match: \"1\"\r\nIdempotency-Key: payee\r\nContent-Type: application/json\r\n",
			   arena_printf(test_memory(), "{\"kind\":\"household\",\"account_name\":\"%s\",\"sort_code\":\"204060\",\"account_number\":\"%s\"}",
					world.word, world.bank)), "a payee");
	cr_assert_eq(a.status, 200, "%s", a.body);
}

static void start(void)
{
	service_start_heard();
	draw();
	post_supply();
	refer_household();
	ask_fund();
	board_settle();
}

/* ---- asking every address ---- */

/* A row about the household, which is made where it has none. */
static const char *record_of(const struct record_kind *k)
{
	static const char *ids[KINDS_MAX];
	const char **id = &ids[k - record_kinds];

	if (!*id)
		*id = sql("SELECT id FROM %s WHERE household_id = '%s' LIMIT 1", k->table, world.household);
	if (!*id)
		*id = sql("SELECT test.row('%s', '{\"household_id\": \"%s\"}')", k->table, world.household);
	return *id;
}

/* An id of the world for an address, by the address's first part. */
static const char *id_for(const struct route *r)
{
	const struct {
		const char *of, *id;
	} ids[] = {
		{ "households", world.household }, { "referrals", world.referral },   { "properties", world.property },
		{ "units", world.unit },	   { "vacancies", world.vacancy }, { "placements", world.placement },
	};
	const struct record_kind *k = record_kind_of(r->path);

	for (size_t i = 0; k && i < sizeof(ids) / sizeof(*ids); i++)
		if (strcmp(ids[i].of, k->part) == 0)
			return ids[i].id ? ids[i].id : NOBODY;
	return k && k->family == CASES ? record_of(k) : NOBODY;
}

static struct address filled(const struct address *at, const char *query)
{
	struct address out = *at;
	const char *slot = strstr(at->path, NOBODY);

	if (slot)
		snprintf(out.path, sizeof(out.path), "%.*s%s%s%s", (int)(slot - at->path), at->path, id_for(at->r),
			 slot + strlen(NOBODY), query);
	else
		snprintf(out.path, sizeof(out.path), "%s%s", at->path, query);
	return out;
}

static const char *label(const struct address *at, int actor, const char *state)
{
	return arena_printf(test_memory(), "%s as %d, %s", at->shown, actor, state);
}

/* What was asked for or entered before signing in is handed back to the browser that sent it, to be sent again. */
static bool handed_back(const struct address *at, int actor)
{
	return actor == SIGNED_OUT && at->page && at->r->roles != PUBLIC;
}

static void ask_address(const struct address *at, int actor, const char *state)
{
	struct address plain = filled(at, "");
	struct answer answer;
	const char *evil = arena_printf(test_memory(), "{\"no_such\":\"%s\",\"name\":[\"%s\"],\"reason\":{\"a\":\"%s\"}}", world.word, world.phone, world.word);

	if (strcmp(at->r->method, "GET") == 0) {
		answer = look(send_to(&plain, actor, "", NULL), label(at, actor, state));
		look_as(&answer, actor, label(at, actor, state));
		if (handed_back(at, actor))
			return;
		plain = filled(at, arena_printf(test_memory(), "?cursor=%s&reference=%s&state=%s", world.word, world.word, world.word));
		look(send_to(&plain, actor, "", NULL), label(at, actor, "with an odd query"));
	} else if (!handed_back(at, actor)) {
		/* refused for a member that it does not have: nothing changes */
		look(send_to(&plain, actor, arena_printf(test_memory(), "Idempotency-Key: %s\r\nIf-Match: \"%s\"\r\n", world.word, world.word),
			     at->page ? arena_printf(test_memory(), "no_such=%s", world.word) : evil), label(at, actor, state));
	}
}

/* Signing out has no body that could be refused, and would end the session that other requests
 * need. */
static bool ends_sessions(const struct route *r)
{
	return strstr(r->path, "sign-out") || strstr(r->path, "/sessions/current") || strstr(r->path, "/disable");
}

/* Acts without a body would be done, not refused. */
static bool is_done_at_once(const struct route *r)
{
	return strcmp(r->method, "GET") != 0 && !r->input;
}

static void sweep(const char *state)
{
	size_t n;
	const struct address *all = addresses(&n);

	for (size_t i = 0; i < n; i++)
		for (int actor = SIGNED_OUT; actor < ACTORS; actor++)
			if (!ends_sessions(all[i].r) && !is_done_at_once(all[i].r))
				ask_address(&all[i], actor, state);
}

static const char *verb(const char *v)
{
	return arena_printf(test_memory(), "/api/v1/placements/%s/%s", world.placement, v);
}

/* Every actor asks for the address. `shown`: it must be shown to one of them. */
static void reveal(const char *state, bool shown)
{
	for (int actor = SIGNED_OUT; actor < ACTORS; actor++) {
		struct answer a = call(actor, "POST", verb("address"), "{\"purpose\":\"let_in\"}");

		if (shown && (actor == ROLE_navigator || actor == ROLE_provider))
			cr_expect(a.status == 200 && holds(a.body, a.len, world.word) && !tells(a.head, strlen(a.head)) &&
					  !holds(a.body, a.len, world.phone), "%s as %d: %s", state, actor, a.body);
		else
			look(a, arena_printf(test_memory(), "the address %s as %d", state, actor));
	}
}

/* Every actor asks for that fact: who works on the case is shown it, and the provider if `shown`. */
static void read_fact(const char *kind, const char *word, const char *state, bool shown)
{
	const char *id = sql("SELECT id FROM case_secret WHERE household_id = '%s' AND kind = '%s'", world.household, kind);

	for (int actor = SIGNED_OUT; actor < ACTORS; actor++) {
		struct answer a = call(actor, "POST", arena_printf(test_memory(), "/api/v1/case-secrets/%s/readings", id), "{\"purpose\":\"let_in\"}");

		world.replies++;
		if (works_on_case(actor) || (shown && actor == ROLE_provider))
			cr_expect(a.status == 200 && holds(a.body, a.len, word) && !tells(a.head, strlen(a.head)), "%s %s as %d: %s", kind, state, actor, a.body);
		else
			look(a, arena_printf(test_memory(), "%s %s as %d", kind, state, actor));
	}
}

static void stage(const char *state, bool shown)
{
	world.offered = shown || strcmp(state, "offered") == 0;
	reveal(state, shown);
	read_fact("safe_contact", world.code, state, shown);
	read_fact("first_name", world.first, state, world.offered);
	read_fact("perpetrator", world.scar, state, shown);
	sweep(state);
}

/* ---- traces ---- */

static void expect_logs_silent(void)
{
	size_t n;
	const char *bytes = service_heard(&n);

	cr_assert_gt(n, 100000, "every request is logged");
	cr_expect(!tells(bytes, n), "the logs tell a secret");
	cr_expect(!holds(bytes, n, world.duty), "the logs tell a duty telephone");
}

Test(canary, no_reply_tells_what_is_secret_but_to_whom_it_is_shown)
{
	start();
	world.placement = must(look(call(ROLE_navigator, "POST", "/api/v1/placements", "{\"household_id\":\"%s\",\"vacancy_id\":\"%s\"}",
					 world.household, world.vacancy), "a hold"), "id");
	stage("held", false);
	must(look(call(ROLE_navigator, "POST", verb("offer"), "{}"), "an offer"), "id");
	stage("offered", false);
	must(look(call(ROLE_provider, "POST", verb("accept"), "{}"), "an acceptance"), "id");
	stage("accepted", true);
	must(look(call(ROLE_provider, "POST", verb("arrive"), "{}"), "an arrival"), "id");
	stage("arrived", true);
	must(look(call(ROLE_provider, "POST", verb("depart"), "{\"reason\":\"safety\",\"destination\":\"not_known\"}"), "a departure"), "id");
	stage("departed", false);
	look(service_metrics(), "metrics");
	expect_logs_silent();
	cr_assert_gt(world.replies, 8000, "only %d replies", world.replies);
	cr_log_info("%d replies", world.replies);
}
