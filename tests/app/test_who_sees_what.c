/* Role by endpoint by relation: every actor calls every route row that has an id in its path, for a
 * record in every relation to the actor. sees() says once which actors see the record. All others
 * get, byte for byte, the answer for an id that does not exist. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "api/rights.h"
#include "memory.h"
#include "walk.h"

TestSuite(who_sees_what, .init = service_start_own, .fini = service_stop, .timeout = 900);

/* The relation of the record to the actor. A case may be taken by the actor's council, by another
 * council of the partnership, or by another partnership. A case of the actor's council may also be
 * denied to the actor, be hidden by a declared link, be restricted to others or to the actor, or be
 * opened in an emergency, now or more than an hour ago. A case of the other council may be shared with
 * the actor's, to read or to work on, until now or no more; with the navigators; or be taken by the actor,
 * or be shared and denied, or shared and restricted. A placement may also be not offered yet, or
 * at PROVIDER_B. Supply may be PROVIDER_A's, PROVIDER_B's, or another partnership's. */
enum relation { OURS, NEIGHBOURS, OTHERS, SUPPLY_RELATIONS, DENIED = SUPPLY_RELATIONS, LINKED, RESTRICTED, ALLOWED, GLASS, EXPIRED,
		READ, WORK_ON, ENDED, NAVIGATORS, TAKEN, SHARED_DENIED, SHARED_RESTRICTED, CASE_RELATIONS, HELD = CASE_RELATIONS, AT_B, PLACEMENT_RELATIONS };
static const char *const relation_names[] = {
	"ours", "neighbours", "others", "denied", "linked", "restricted", "allowed", "glass", "expired",
	"read", "work_on", "ended", "navigators", "taken", "shared_denied", "shared_restricted", "held", "at_b",
};

/* Addresses that are not records. */
static const char *const recordless[] = { "/assets/{name}", "/codes/{name}", "/problems/{slug}" };

#define WORKS_ACCESS "\"ways\":[\"ring\"],\"windows\":[{\"day\":\"@day\",\"from\":\"09:00\",\"until\":\"10:00\"}]"

/* A body that every check of its row accepts, where the smallest that its fields allow is not. */
static const struct {
	const char *path, *body;
} bodies[] = {
	{ "/households/{id}/parties", "{\"description\":\"Tall\"}" },
	{ "/households/{id}/access", "{\"account_id\":\"" NOBODY "\",\"access\":\"deny\",\"reason\":\"Known to them\"}" },
	{ "/households/{id}/risk-assessments", "{\"risk_level\":\"high\"}" },
	{ "/households/{id}/shares", "{\"organisation_id\":\"" NOBODY "\",\"access\":\"read\",\"purpose\":\"cover\",\"until\":\"%s\"}" },
	{ "/households/{id}/members", "{\"kind\":\"child\",\"age\":4}" },
	{ "/households/{id}/unsafe-places", "{\"kind\":\"family\",\"outward_code\":\"TS2\"}" },
	{ "/households/{id}/fund-promises", "{\"category\":\"nrpf_subsistence\",\"means\":\"voucher\",\"start_on\":\"%s\",\"end_on\":\"%s\",\"review_on\":\"%s\"}" },
	{ "/sanctuary/jobs/{id}/order", "{\"local_authority\":\"E06000002\",\"lines\":[{\"line_id\":\"" NOBODY "\",\"firm_id\":\"" NOBODY "\"}]," WORKS_ACCESS "}" },
	{ "/sanctuary/jobs/{id}/order-first", "{\"local_authority\":\"E06000002\",\"firm_id\":\"" NOBODY "\",\"lines\":[{\"measure\":\"smoke\",\"opening\":\"loft\","
	  "\"quantity\":1}]," WORKS_ACCESS "}" },
	{ "/sanctuary/jobs/{id}/snag", "{\"line_id\":\"" NOBODY "\",\"severity\":\"fault\",\"found_by\":\"victim\",\"found_on\":\"@day\"," WORKS_ACCESS "}" },
	{ "/sanctuary/jobs/{id}/losses", "{\"from_day\":\"@day\",\"from\":\"00:00\",\"until_day\":\"@day\",\"until\":\"00:01\",\"cause\":\"weather\"}" },
	{ "/works/{id}/book", "{\"day\":\"@day\",\"from\":\"09:00\",\"until\":\"10:00\",\"agreed\":\"in_person\"}" },
	{ "/works/{id}/report-done", "{\"lines\":[{\"n\":1,\"fitted\":1}],\"alarms_tested\":true,\"keys_made\":0,\"keys_given\":0,\"home_secure\":true}" },
	{ "/works/{id}/ask-change", "{\"reason\":\"wrong_size\",\"lines\":[{\"n\":1,\"quantity\":1}]}" },
	{ "/works/{id}/make-safe", "{\"reason\":\"home_insecure\",\"lines\":[{\"n\":1,\"quantity\":1}]}" },
	{ "/works/{id}/offer", "{}" }, { "/sanctuary/jobs/{id}/equipment", "{\"equipment_id\":\"" NOBODY "\",\"plan\":\"recovered\"}" },
	{ "/placements/{id}/decline", "{\"reason\":\"%s\"}" },
	{ "/households/{id}/home", "{\"lines\":[\"A house\"],\"postcode\":\"TS4 2ZZ\"}" },
	{ "/households/{id}/sanctuary-jobs", "{\"wants_to_stay\":true,\"address_safe\":true}" },
	{ "/sanctuary/jobs/{id}/refuse", "{\"reason\":\"risk_beyond_hardening\"}" },
	{ "/sanctuary/jobs/{id}/record-visit", "{\"visit_id\":\"" NOBODY "\",\"state\":\"done\"}" },
	{ "/sanctuary/jobs/{id}/survey/safe-times", "{\"days\":[\"monday\"],\"from\":\"09:30\",\"until\":\"15:00\"}" },
	{ "/fund/requests/{id}/issue", "{\"serial\":\"1\"}" },
	{ "/fund/requests/{id}/payee", "{\"kind\":\"landlord\",\"account_name\":\"A\",\"sort_code\":\"204060\",\"account_number\":\"31510604\"}" },
};

#define NEIGHBOUR "00000000-0000-4000-8000-000000000015"

/* Each function makes a record in the given relation and returns its id. */
static const char *const makers[] = {
	"INSERT INTO organisation (id, partnership_id, kind, name) VALUES ('" NEIGHBOUR "', '" PARTNERSHIP "', 'council', 'Second Council')",
	"INSERT INTO account_link (account_id, hash, relationship) SELECT id, sha256('link'), 'friend' FROM account",
	"CREATE FUNCTION sight_case(relation text) RETURNS uuid LANGUAGE plpgsql AS $$ DECLARE h uuid; BEGIN"
	" INSERT INTO household (organisation_id, restricted) VALUES (CASE WHEN relation IN ('neighbours', 'read', 'work_on', 'ended',"
	"   'navigators', 'taken', 'shared_denied', 'shared_restricted') THEN '" NEIGHBOUR "' WHEN relation = 'others' THEN '" OTHER_COUNCIL "' ELSE '" COUNCIL "' END::uuid, relation IN ('restricted', 'allowed', 'glass', 'expired', 'shared_restricted')) RETURNING id INTO h;"
	" INSERT INTO member (household_id, kind, age) VALUES (h, 'main', 30);"
	" INSERT INTO case_access (household_id, account_id, access, reason) SELECT h, id, CASE relation WHEN 'allowed' THEN 'allow' ELSE 'deny' END, 'r'"
	"   FROM account WHERE relation IN ('denied', 'allowed', 'shared_denied');"
	" INSERT INTO person_index (household_id, purpose, hash) SELECT h, 'party', sha256('link') WHERE relation = 'linked';"
	" INSERT INTO break_glass (household_id, account_id, organisation_id, reason, opened_at, expires_at) SELECT h, id, organisation_id, 'r', t, t + interval '1 hour'"
	"   FROM account, (SELECT now() - CASE relation WHEN 'glass' THEN interval '50 minutes' ELSE interval '61 minutes' END AS t) s"
	"   WHERE relation IN ('glass', 'expired');"
	" INSERT INTO consent (household_id, purpose, basis) SELECT h, 'share_with_providers', 'given' WHERE relation = 'navigators';"
	" INSERT INTO break_glass (household_id, account_id, organisation_id, reason, restricted) SELECT h, id, organisation_id, 'r', false FROM account"
	"   WHERE relation = 'taken';"
	" INSERT INTO case_share (household_id, organisation_id, account_id, partnership_id, access, purpose, opening_id, given_at, ends_at)"
	"   SELECT h, CASE WHEN relation <> 'navigators' THEN '" COUNCIL "'::uuid END, b.account_id, CASE relation WHEN 'navigators' THEN '" PARTNERSHIP "'::uuid END,"
	"   CASE relation WHEN 'read' THEN 'read' ELSE 'work_on' END, CASE relation WHEN 'navigators' THEN 'navigator_scheme' WHEN 'taken' THEN 'emergency' ELSE 'cover' END,"
	"   b.id, now() - interval '2 hours', CASE relation WHEN 'ended' THEN now() - interval '1 second' WHEN 'navigators' THEN 'infinity' ELSE now() + interval '1 hour' END"
	"   FROM (SELECT NULL::uuid AS id, NULL::uuid AS account_id WHERE relation <> 'taken' UNION ALL"
	"    SELECT g.id, g.account_id FROM break_glass g JOIN account a ON a.id = g.account_id WHERE g.household_id = h AND a.organisation_id = '" COUNCIL "') b"
	"   WHERE relation IN ('read', 'work_on', 'ended', 'navigators', 'taken', 'shared_denied', 'shared_restricted');"
	" RETURN h; END $$",
	"CREATE FUNCTION sight_supply(kind text, relation text) RETURNS uuid LANGUAGE plpgsql AS $$ DECLARE p uuid; u uuid; v uuid; BEGIN"
	" INSERT INTO property (organisation_id, type, public_name, area_label, local_authority, outward_code, residents, shared_access) VALUES"
	"   (CASE relation WHEN 'neighbours' THEN '" PROVIDER_B "' WHEN 'at_b' THEN '" PROVIDER_B "' WHEN 'others' THEN '" OTHER_PROVIDER "'"
	"    ELSE '" PROVIDER_A "' END::uuid, 'refuge', 'P', 'A', 'E06000003', 'TS1', 'women', true) RETURNING id INTO p;"
	" IF kind = 'property' THEN RETURN p; END IF;"
	" INSERT INTO unit (property_id, organisation_id, reference, self_contained) SELECT id, organisation_id, 'U', true FROM property WHERE id = p RETURNING id INTO u;"
	" IF kind = 'unit' THEN RETURN u; END IF;"
	" IF kind = 'void_period' THEN INSERT INTO void_period (unit_id, organisation_id, from_day, reason) SELECT id, organisation_id, '2030-01-01', 'pest'"
	"   FROM unit WHERE id = u RETURNING id INTO v; RETURN v; END IF;"
	" IF kind <> 'vacancy' THEN RAISE 'sight_supply makes no %', kind; END IF;"
	" INSERT INTO vacancy (unit_id, organisation_id, available_from) SELECT id, organisation_id, current_date FROM unit WHERE id = u RETURNING id INTO v;"
	" RETURN v; END $$",
	/* A placement is at PROVIDER_A whichever council took the case, unless its relation says
	 * otherwise. */
	"CREATE FUNCTION sight_placement(relation text) RETURNS uuid LANGUAGE plpgsql AS $$ DECLARE h uuid; p uuid; place uuid; BEGIN"
	" h := sight_case(relation);"
	" place := sight_supply('vacancy', CASE WHEN relation IN ('others', 'at_b') THEN relation ELSE 'ours' END);"
	" INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period, expires_at, offered_at,"
	"   household_version, unit_version) SELECT v.id, v.unit_id, v.organisation_id, h, k.organisation_id, a.id,"
	"   CASE relation WHEN 'held' THEN 'held' ELSE 'offered' END, daterange(current_date, NULL), now() + interval '1 hour',"
	"   CASE WHEN relation <> 'held' THEN now() END, 1, 1 FROM vacancy v, household k, account a"
	"   WHERE v.id = place AND k.id = h AND a.username = 'navigator' RETURNING id INTO p;"
	" RETURN p; END $$",
	/* asked of the pots of the council that took the case */
	"CREATE FUNCTION sight_request(h uuid) RETURNS uuid LANGUAGE sql AS $$ SELECT test.row('fund.request', jsonb_build_object("
	" 'household_id', h, 'keeper_id', (SELECT organisation_id FROM household WHERE id = h),"
	" 'asked_by', (SELECT id FROM account WHERE username = 'analyst'), 'changed_by', (SELECT id FROM account WHERE username = 'analyst'))) $$",
	"CREATE FUNCTION sight_payment(kind text, one uuid) RETURNS uuid LANGUAGE plpgsql AS $$ DECLARE r fund.request; BEGIN"
	" SELECT * INTO r FROM fund.request WHERE id = one;"
	" IF kind = 'fund.payee' THEN RETURN test.row('fund.payee', jsonb_build_object('id', gen_random_uuid(), 'request_id', r.id, 'household_id', r.household_id, 'n', 1)); END IF;"
	" RETURN test.row('fund.payment', jsonb_build_object('reference', gen_random_uuid(), 'organisation_id', r.keeper_id, 'cause_id', r.id,"
	"   'household_id', r.household_id, 'commitment_id', test.row('fund.commitment', jsonb_build_object('organisation_id', r.keeper_id, 'cause', 'request',"
	"   'cause_id', r.id, 'household_id', r.household_id, 'pot_year_id', sight_people('fund.pot_year', 'ours'))))); END $$",
	"CREATE FUNCTION sight_overpayment(h uuid) RETURNS uuid LANGUAGE plpgsql AS $$ DECLARE r uuid := sight_request(h); k uuid := (SELECT organisation_id FROM household WHERE id = h);"
	" c uuid := test.row('fund.commitment', jsonb_build_object('household_id', h, 'organisation_id', k, 'cause', 'request', 'cause_id', r, 'pot_year_id',"
	"   fund.open_year(test.row('fund.pot', jsonb_build_object('organisation_id', k, 'name', r, 'categories', '{travel}')), 2026)));"
	" BEGIN INSERT INTO fund.promise (request_id, household_id, start_on, end_on, review_on) VALUES (r, h, today(), today() + 7, today());"
	" INSERT INTO fund.promise_line VALUES (r, 1, NULL, 'accommodation', 7, today(), today() + 7);"
	" RETURN test.row('fund.overpayment', jsonb_build_object('request_id', r, 'commitment_id', c, 'household_id', h, 'keeper_id', k, 'line', 1, 'cause', 'not_needed')); END $$",
	"CREATE FUNCTION sight_stock(kind text, y uuid) RETURNS uuid LANGUAGE plpgsql AS $$ DECLARE p uuid; l uuid := gen_random_uuid();"
	" k uuid := (SELECT organisation_id FROM fund.pot_year WHERE id = y); a uuid := (SELECT id FROM account WHERE username = 'analyst'); BEGIN"
	" IF kind = 'fund.stock_count' THEN RETURN test.row('fund.stock_count', jsonb_build_object('organisation_id', k, 'kind', 'voucher', 'face_pence', 100, 'counted', 0,"
	"   'expected', 1, 'counted_by', a)); END IF; PERFORM fund.post('grant', 'pot_year', y, '2026-05-01', ARRAY[fund.moved(y, 'granted', 'free', 100)]);"
	" p := fund.post('stock', 'stock', l, '2026-05-01', ARRAY[fund.moved(y, 'free', 'float', 100)]);"
	" INSERT INTO fund.stock_lot (id, organisation_id, pot_year_id, kind, face_pence, cards, supplier, invoice, bought_by, posting_id) VALUES (l, k, y, 'voucher', 100, 1, 'S', 'I', a, p);"
	" RETURN test.row('fund.card', jsonb_build_object('organisation_id', k, 'lot_id', l, 'pot_year_id', y, 'kind', 'voucher', 'face_pence', 100, 'serial', l)); END $$",
	"CREATE FUNCTION sight_people(kind text, relation text) RETURNS uuid LANGUAGE plpgsql AS $$ DECLARE o uuid; i uuid; BEGIN"
	" INSERT INTO organisation (partnership_id, kind, name) SELECT partnership_id, 'council', gen_random_uuid()::text FROM organisation"
	"   WHERE id = CASE relation WHEN 'others' THEN '" OTHER_COUNCIL "' ELSE '" COUNCIL "' END::uuid RETURNING id INTO o;"
	" IF kind = 'organisation' THEN RETURN o; END IF;"
	" IF kind = 'fund.pot_year' THEN INSERT INTO fund.pot (organisation_id, name, funder, categories) VALUES"
	"   (CASE relation WHEN 'others' THEN '" OTHER_COUNCIL "' ELSE '" COUNCIL "' END::uuid, o::text, 'F', '{travel}') RETURNING id INTO i;"
	"   RETURN fund.open_year(i, 2026); END IF;"
	" IF kind = 'fund.gl_batch' THEN RETURN test.row('fund.gl_batch', jsonb_build_object('organisation_id',"
	"   CASE relation WHEN 'others' THEN '" OTHER_COUNCIL "' ELSE '" COUNCIL "' END, 'n', (SELECT count(*) + 1 FROM fund.gl_batch),"
	"   'made_by', (SELECT a.id FROM account a WHERE a.username = 'analyst'), 'lines', 2, 'debit', 0, 'credit', 0)); END IF;"
	" IF kind = 'fund.approval' THEN RETURN test.row('fund.approval', jsonb_build_object('lane', 'out_of_hours', 'review_on', '2030-01-01', 'household_id',"
	"   CASE relation WHEN 'others' THEN '" OTHER_HOUSEHOLD "' ELSE '" HOUSEHOLD "' END::uuid,"
	"   'approved_by', test.row('account', jsonb_build_object('username', o, 'role', 'analyst')), 'request_id', sight_request("
	"   CASE relation WHEN 'others' THEN '" OTHER_HOUSEHOLD "' ELSE '" HOUSEHOLD "' END::uuid), 'limit_id', coalesce((SELECT min(id::text)::uuid FROM fund.approval_limit), test.row('fund.approval_limit')))); END IF;"
	" IF kind IN ('fund.run', 'fund.statement') THEN i := test.row(kind::regclass, jsonb_build_object("
	"   'organisation_id', CASE relation WHEN 'others' THEN '" OTHER_COUNCIL "' ELSE '" COUNCIL "' END) || CASE kind WHEN 'fund.run' THEN '{}'::jsonb"
	"   ELSE jsonb_build_object('file_hash', '\\x' || repeat('00', 32), 'rows', 1, 'account_label', o) END);"
	"   INSERT INTO fund.statement_row (statement_id, n, organisation_id, account_label, row_hash, day, amount_pence)"
	"     SELECT s.id, 1, s.organisation_id, s.account_label, sha256('r'), today(), -1 FROM fund.statement s WHERE s.id = i; RETURN i; END IF;"
	" IF kind IN ('fund.card', 'fund.stock_count') THEN RETURN sight_stock(kind, sight_people('fund.pot_year', relation)); END IF;"
	" IF kind IN ('fund.payee', 'fund.payment') THEN RETURN sight_payment(kind, sight_request(CASE relation WHEN 'others' THEN '" OTHER_HOUSEHOLD "'"
	"   ELSE '" HOUSEHOLD "' END::uuid)); END IF;"
	" IF kind = 'fund.overpayment' THEN RETURN sight_overpayment(CASE relation WHEN 'others' THEN '" OTHER_HOUSEHOLD "' ELSE '" HOUSEHOLD "' END::uuid); END IF;"
	" INSERT INTO account (organisation_id, username, display_name, role, password_hash) VALUES (o, o::text, 'N', 'analyst', 'none') RETURNING id INTO i;"
	" IF kind = 'alert' THEN RETURN raise_alert('person_search', i, NULL, NULL); END IF;"
	" IF kind = 'account_link' THEN INSERT INTO account_link (account_id, hash, relationship) VALUES (i, sha256('other'), 'friend') RETURNING id INTO i;"
	" ELSIF kind <> 'account' THEN RAISE 'sight_people makes no %', kind; END IF;"
	" RETURN i; END $$",
	"CREATE FUNCTION sight_child(kind text, h uuid) RETURNS uuid LANGUAGE sql AS $$ SELECT CASE kind WHEN 'household' THEN h"
	" WHEN 'fund.request' THEN sight_request(h)"
	" ELSE test.row(kind::regclass, jsonb_build_object('household_id', h) || CASE kind WHEN 'sanctuary.works_order' THEN jsonb_build_object("
	"   'job_id', test.row('sanctuary.job', jsonb_build_object('household_id', h)), 'state', 'accepted', 'local_authority', 'E06000002', 'fast', false,"
	"   'firm_id', (SELECT CASE k.organisation_id WHEN '" OTHER_COUNCIL "' THEN k.organisation_id ELSE o.id END FROM household k, organisation o"
	"     WHERE k.id = h AND o.kind = 'contractor'))"
	"  WHEN 'member' THEN '{\"kind\": \"child\", \"age\": 3}'"
	"  WHEN 'unsafe_place' THEN '{\"outward_code\": \"TS1\"}' WHEN 'referral' THEN '{\"state\": \"active\", \"submitted_at\": \"now\"}'"
	"  ELSE '{}' END::jsonb) END $$",
};

static const char *make(const struct record_kind *k, enum relation relation)
{
	const char *name = relation_names[relation];

	switch (k->family) {
	case CASES: return sql("SELECT sight_child('%s', sight_case('%s'))", k->table, name);
	case PLACEMENTS: return sql("SELECT sight_placement('%s')", name);
	case SUPPLY: return sql("SELECT sight_supply('%s', '%s')", k->table, name);
	case PEOPLE: return sql("SELECT sight_people('%s', '%s')", k->table, name);
	}
	return NULL;
}

/* ---- who sees what ---- */

static int role_of(int actor)
{
	if (actor == ACTOR_other_officer)
		return ROLE_housing_officer;
	return actor < ROLES ? actor : ROLE_provider;
}

static bool elsewhere(int actor)
{
	return actor == ACTOR_other_officer || actor == ACTOR_other_provider;
}

/* Only its own organisation is told who looked at a case, who may see it, and shares it. */
static bool owners_only(const struct route *r)
{
	return strstr(r->path, "/access") || strstr(r->path, "/shares") || strstr(r->path, "/case-shares") ||
	       strstr(r->path, "{id}/audit-events");
}

/* An administrator, a finance officer or an analyst is no navigator, but of the council all the same. */
static bool is_shared(int actor, enum relation relation)
{
	return relation == READ || relation == WORK_ON || relation == TAKEN ||
	       (relation == NAVIGATORS && role_of(actor) == ROLE_navigator);
}

/* Finance sees what is asked of the pots of its organisation, and decides on that alone. */
static bool of_keepers(int actor, const struct route *r)
{
	static const char *const acts[] = { "/approve", "/reject", "/send-back", "/agree-payee" };

	if (!strstr(r->path, "/fund/requests/"))
		return false;
	for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++)
		if (strstr(r->path, acts[i]))
			return true;
	return !(CAN_see_cases & 1u << role_of(actor));
}

/* A task about a case is of those who see cases, and is handed over with the case alone. */
static bool no_task(int actor, const struct route *r)
{
	return strstr(r->path, "/hand-over") ||
	       (strstr(r->path, "/tasks/{id}") && !(CAN_see_cases & 1u << role_of(actor)));
}

/* No pot pays for the jobs here, so finance sees none, and no order gives one to a contractor. */
static bool no_job(int actor, const struct route *r)
{
	return strstr(r->path, "/sanctuary/jobs/{id}") && !(CAN_see_cases & 1u << role_of(actor));
}

/* The firm of an order sees it whichever council took the case, of a restricted one its people on the list alone. A denial
 * and a link hide it. No pot pays for the jobs here, so finance sees none of their orders. */
static bool firm_sees(enum relation relation)
{
	return !(1u << relation & (1u << DENIED | 1u << SHARED_DENIED | 1u << LINKED | 1u << OTHERS | 1u << RESTRICTED | 1u << SHARED_RESTRICTED | 1u << EXPIRED));
}

static bool no_order(int actor, const struct route *r)
{
	return strstr(r->path, "/works/{id}") && actor != ROLE_contractor && !(CAN_see_cases & 1u << role_of(actor));
}

/* A coordinator is shown the home's address alone, and nothing here is one. */
static bool no_home(int actor, const struct route *r)
{
	return strstr(r->path, "/case-secrets/{id}") && role_of(actor) == ROLE_sanctuary_coordinator;
}

static bool sees_case(int actor, const struct route *r, enum relation relation)
{
	if (of_keepers(actor, r) && is_shared(actor, relation))
		return false;
	if (is_shared(actor, relation))
		return !owners_only(r);
	return relation == OURS || relation == ALLOWED || relation == GLASS || relation == HELD || relation == AT_B;
}

/* An offer shows the household to the provider, whether or not the case has a list of allowed
 * people. A denial still hides it. */
static bool provider_sees_placement(int actor, enum relation relation)
{
	if (actor == ACTOR_provider_b)
		return relation == AT_B;
	return relation != DENIED && relation != SHARED_DENIED && relation != LINKED && relation != HELD && relation != AT_B && relation != OTHERS;
}

static bool provider_sees_supply(int actor, enum relation relation)
{
	return relation == (actor == ACTOR_provider_b ? NEIGHBOURS : OURS);
}

static bool sends(const struct route *r)
{
	return strcmp(r->method, "GET") != 0;
}

/* None of these placements is accepted, or is an interim one, and nothing is sealed: tests/api/test_reveal.c,
 * test_fund_stay.c and test_case_secrets.c have those that are. */
static bool reveals(const struct route *r)
{
	if (strstr(r->path, "/stay-bills") && !sends(r))
		return true;
	return (strstr(r->path, "{id}/address") || strstr(r->path, "{id}/readings")) && *r->method == 'P';
}

static bool sees(int actor, const struct route *r, const struct record_kind *k, enum relation relation)
{
	bool provider = role_of(actor) == ROLE_provider;

	if (reveals(r) || no_task(actor, r) || no_job(actor, r) || no_order(actor, r) || no_home(actor, r) || (provider && k->family == CASES))	/* no case here is offered */
		return false;
	if (elsewhere(actor))
		return relation == OTHERS;
	if (actor == ROLE_contractor && k->family == CASES)
		return firm_sees(relation);
	switch (k->family) {
	case CASES: return sees_case(actor, r, relation);
	case PLACEMENTS: return provider ? provider_sees_placement(actor, relation) : sees_case(actor, r, relation);
	case SUPPLY: return provider ? provider_sees_supply(actor, relation) : relation != OTHERS;
	case PEOPLE: return relation != OTHERS;
	}
	return false;
}

/* ---- asking ---- */

static const char *known_body(const struct route *r)
{
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		if (strcmp(r->path, bodies[i].path) == 0)
			return bodies[i].body;
	return NULL;
}

static const char *smallest_body(const struct route *r)
{
	json_t *document = smallest(r->input);
	const char *body = json_told(document);

	json_decref(document);
	return body;
}

static const char *body_of(const struct route *r, int actor)
{
	const char *declined = role_of(actor) == ROLE_provider ? "capacity" : "too_far", *body = known_body(r);

	if (!sends(r) || !r->input)
		return NULL;
	if (strcmp(r->method, "PATCH") == 0)
		return "{}";
	if (!body)
		return smallest_body(r);
	if (strstr(body, "@day"))
		return sql("SELECT replace('%s', '@day', today()::text)", body);
	if (strstr(body, "start_on"))
		return sql("SELECT format('%s', today(), today() + 7, today())", body);
	if (strstr(body, "until\":\"%"))
		return arena_printf(test_memory(), "%.*s%s\"}", (int)(strstr(body, "%s") - body), body, sql("SELECT today()"));
	return strstr(body, "%s") ? arena_printf(test_memory(), "{\"reason\":\"%s\"}", declined) : body;
}

/* The smallest body is right by the fields: where it is refused by a rule across them, bodies[] needs one. */
static bool may_be_invalid(const struct route *r)
{
	return sends(r) && (strcmp(r->method, "PATCH") == 0 || !r->input || known_body(r));
}

static const char *path_of(const struct route *r, const char *id)
{
	const char *rest = strstr(r->path, "{id}") + 4;
	const char *inner = strchr(rest, '{'), *root = r->flags & ROUTE_BARE ? "" : "/api/v1";

	if (!inner)
		return arena_printf(test_memory(), "%s%.*s%s%s", root, (int)(rest - 4 - r->path), r->path, id, rest);
	return arena_printf(test_memory(), "%s%.*s%s%.*s%s", root, (int)(rest - 4 - r->path), r->path, id, (int)(inner - rest), rest,
			    strcmp(inner, "{file}") == 0 ? "journal.csv" :
			    sql("SELECT coalesce((SELECT id FROM member WHERE household_id = '%s' LIMIT 1), '" NOBODY "')", id));
}

static struct answer send(const struct route *r, int actor, const char *id)
{
	const char *body = body_of(r, actor);
	static unsigned n;

	return call_with(actor, r->method, path_of(r, id),
			 arena_printf(test_memory(), "Idempotency-Key: sight-%u\r\nIf-Match: \"1\"\r\n%s", n++,
				      !body ? "" : strcmp(r->method, "PATCH") ? "Content-Type: application/json\r\n"
									      : "Content-Type: application/merge-patch+json\r\n"),
			 body);
}

/* A problem without the number of its request. */
static const char *told(const struct answer *a)
{
	json_t *copy = json_copy(a->json);
	const char *text;

	json_object_del(copy, "request_id");
	text = json_told(copy);
	json_decref(copy);
	return arena_printf(test_memory(), "%d %s", a->status, text);
}

static int cells;

/* A record for a request that does not change it. A request that changes one gets a record of its
 * own. */
static const char *record(const struct route *r, const struct record_kind *k, enum relation relation, bool seen)
{
	static const char *shared[KINDS_MAX][PLACEMENT_RELATIONS];
	const char **one = &shared[k - record_kinds][relation];

	if (seen && sends(r))
		return make(k, relation);
	if (!*one)
		*one = make(k, relation);
	if (strstr(r->path, "/candidates"))
		board_settle();
	return *one;
}

static void ask_for(const struct route *r, const struct record_kind *k, int actor, enum relation relation, const struct answer *nothing)
{
	bool seen = sees(actor, r, k, relation);
	struct answer a = send(r, actor, record(r, k, relation, seen));

	cells++;
	if (relation == READ && !elsewhere(actor) && role_of(actor) != ROLE_provider && role_of(actor) != ROLE_contractor && k->family == CASES && sends(r) && !of_keepers(actor, r) && !no_task(actor, r) && !no_job(actor, r) && !no_order(actor, r) && !no_home(actor, r) &&
	    !(owners_only(r) && strstr(r->path, "/case-shares"))) {
		cr_expect(a.status == 403 || (a.status == 422 && may_be_invalid(r)) || (a.status == 412 && !owners_only(r)),
			  "%s %s as %d, read: %d %s", r->method, r->path, actor, a.status, a.body);
		return;
	}
	if (seen) {
		cr_expect(a.status < 300 || a.status == 409 || a.status == 412 || (a.status == 403 && (k->family == PLACEMENTS || owners_only(r))) ||
				  (a.status == 422 && may_be_invalid(r)),
			  "%s %s as %d, %s: %d %s", r->method, r->path, actor, relation_names[relation], a.status, a.body);
		return;
	}
	cr_expect_eq(a.status, 404, "%s %s as %d, %s: %d %s", r->method, r->path, actor, relation_names[relation], a.status, a.body);
	cr_expect_str_eq(told(&a), told(nothing), "%s %s as %d, %s: told apart", r->method, r->path, actor, relation_names[relation]);
}

static void ask_as(const struct route *r, const struct record_kind *k, int actor)
{
	static const enum relation last[] = { CASE_RELATIONS, PLACEMENT_RELATIONS, SUPPLY_RELATIONS, SUPPLY_RELATIONS };

	struct answer nothing;

	if (!(r->roles & 1u << role_of(actor))) {
		cr_expect_eq(send(r, actor, record(r, k, OURS, false)).status, 403, "%s %s as %d", r->method, r->path, actor);
		cells++;
		return;
	}
	nothing = send(r, actor, NOBODY);
	for (int relation = OURS; relation < (int)last[k->family]; relation++)
		ask_for(r, k, actor, (enum relation)relation, &nothing);
}

static bool is_recordless(const struct route *r)
{
	for (size_t i = 0; i < sizeof(recordless) / sizeof(*recordless); i++)
		if (strcmp(r->path, recordless[i]) == 0)
			return true;
	return false;
}

static void walk(enum family family, int least)
{
	size_t n;
	const struct address *all = addresses(&n);

	for (size_t i = 0; i < sizeof(makers) / sizeof(*makers); i++)
		sql("%s", makers[i]);
	for (size_t i = 0; i < n; i++) {
		const struct route *r = all[i].r;
		const struct record_kind *k;

		if (all[i].page || !strchr(r->path, '{') || is_recordless(r))
			continue;
		k = record_kind_of(r->path);
		cr_assert(k, "%s: what table are these records of? Tell test.table_of() in rows.sql", r->path);
		for (int actor = 0; k->family == family && actor < ACTORS; actor++)
			ask_as(r, k, actor);
	}
	cr_assert_geq(cells, least, "only %d cells", cells);
}

Test(who_sees_what, of_cases)
{
	walk(CASES, 1300);
}

Test(who_sees_what, of_placements)
{
	walk(PLACEMENTS, 700);
}

Test(who_sees_what, of_supply)
{
	walk(SUPPLY, 250);
}

Test(who_sees_what, of_people_and_organisations)
{
	walk(PEOPLE, 50);
}
