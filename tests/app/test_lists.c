/* Every list, as everybody who may ask for it, where a page is not the last: what is recorded is what was
 * shown, not the row that was read only to know that there is a next page. */
#include <criterion/criterion.h>
#include <string.h>

#include "memory.h"
#include "walk.h"

TestSuite(lists, .init = service_start, .fini = service_stop, .timeout = 120);

#define YEAR "00000000-0000-4000-8000-000000000701"
#define HOTEL "00000000-0000-4000-8000-000000000702"
#define OF_ALL " FROM account a, generate_series(1, 2) n WHERE a.organisation_id = '" COUNCIL "' AND a.role = 'navigator'"

/* Two and more of what the seed has none of. */
static const char *const makers[] = {
	"INSERT INTO void_period (unit_id, organisation_id, from_day, until_day, reason)"
	" SELECT '" UNIT_A1 "', '" PROVIDER_A "', current_date + 100 * n, current_date + 100 * n + 9, 'pest' FROM generate_series(1, 2) n",
	"INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period, expires_at, offered_at,"
	"  household_version, unit_version) SELECT '" VACANCY_A1 "', '" UNIT_A1 "', '" PROVIDER_A "', '" HOUSEHOLD "', '" COUNCIL "', a.id, 'offered',"
	"  daterange(current_date + 20 * n, current_date + 20 * n + 9), now() + interval '1 hour', now(), 1, 1" OF_ALL,
	"INSERT INTO address_reveal (placement_id, household_id, property_id, organisation_id, account_id, account_organisation, purpose)"
	"  SELECT p.id, p.household_id, '" PROPERTY_A "', p.organisation_id, p.holder_id, p.requested_by, 'let_in' FROM placement p",
	"INSERT INTO break_glass (household_id, account_id, organisation_id, reason)"
	"  SELECT '" HOUSEHOLD "', a.id, a.organisation_id, 'An emergency'  FROM account a, generate_series(1, 2) WHERE a.organisation_id = '" COUNCIL "'",
	"INSERT INTO alert (kind, organisation_id, account_id, review_due_on) SELECT 'person_search', a.organisation_id, a.id, current_date" OF_ALL,
	"INSERT INTO task (household_id, organisation_id, kind) SELECT h.id, h.organisation_id, 'marac_referral' FROM household h ON CONFLICT DO NOTHING",
	"INSERT INTO person_index (household_id, purpose, hash, form) VALUES ('" HOUSEHOLD "', 'party', sha256('similar'), 'possible')",
	"INSERT INTO property_party (property_id, hash, link, form) SELECT id, sha256('similar'), 'staff', 'possible' FROM property",
	"INSERT INTO cleared_pair (household_id, hash, property_id, cleared_by, reason) SELECT '" HOUSEHOLD "', sha256('another'), '" PROPERTY_A "', a.id,"
	"  'Two people'" OF_ALL,
	"INSERT INTO fund.pot (organisation_id, name, funder, categories) VALUES ('" COUNCIL "', 'A pot', 'A funder', '{travel}')",
	"INSERT INTO fund.pot_year (id, pot_id, organisation_id, year) SELECT '" YEAR "', id, organisation_id, 2026 FROM fund.pot",
	"INSERT INTO fund.request (household_id, organisation_id, keeper_id, category, amount_pence, means, needed_on, asked_by, changed_by)"
	"  SELECT '" HOUSEHOLD "', '" COUNCIL "', '" COUNCIL "', 'travel', n, 'voucher', today(), a.id, a.id FROM account a, generate_series(1, 4) n"
	"  WHERE a.username = 'navigator'",
	"INSERT INTO fund.promise (request_id, household_id, start_on, end_on, review_on, need_ended_on, need_ended_as)"
	"  SELECT id, household_id, today(), today() + 7, today(), today(), 'has_recourse' FROM fund.request WHERE amount_pence > 2",
	"UPDATE fund.request SET state = 'approved' WHERE amount_pence > 2",
	"INSERT INTO property (id, organisation_id, type, public_name, area_label, local_authority, outward_code, residents, shared_access) VALUES ('" HOTEL "', '" PROVIDER_A "',"
	"  'interim', 'P', 'A', 'E06000003', 'TS1', 'women', true)",
	"INSERT INTO unit (property_id, organisation_id, reference, self_contained) SELECT '" HOTEL "', '" PROVIDER_A "', 'U' || n, false FROM generate_series(1, 2) n",
	"INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period, household_version, unit_version,"
	"  departed_on, departure_reason, destination) SELECT '" VACANCY_A1 "', u.id, '" PROVIDER_A "', '" HOUSEHOLD "', '" COUNCIL "', a.id, 'departed', daterange(today() - 2, today()), 1, 1,"
	"  today(), 'planned_move_on', 'private_tenancy'"
	"  FROM unit u, account a WHERE u.property_id = '" HOTEL "' AND a.username = 'navigator'",
	"INSERT INTO fund.commitment (organisation_id, cause, cause_id, household_id, pot_year_id, promised, open) SELECT '" COUNCIL "', 'placement', p.id, p.household_id,"
	"  '" YEAR "', 1, 1 FROM placement p WHERE p.state = 'departed'",
	"INSERT INTO task (organisation_id, kind, about, about_id, for_role) SELECT '" COUNCIL "', 'fund_lapses', 'fund_request', id, 'finance_officer'"
	"  FROM fund.request",
	"INSERT INTO fund.account (organisation_id, pot_year_id, kind) SELECT '" COUNCIL "', '" YEAR "', 'committed'",
	"INSERT INTO fund.commitment (organisation_id, cause, cause_id, pot_year_id, promised, open, in_payment)"
	"  SELECT '" COUNCIL "', 'request', id, '" YEAR "', 1, 0, 1 FROM fund.request",
	"INSERT INTO fund.payment (reference, organisation_id, commitment_id, cause_id, household_id, amount_pence, means)"
	"  SELECT id, '" COUNCIL "', id, cause_id, '" HOUSEHOLD "', 1, 'voucher' FROM fund.commitment",
	"INSERT INTO sanctuary.job (household_id, organisation_id, keeper_id, state, referred_by) SELECT '" HOUSEHOLD "', '" COUNCIL "', '" COUNCIL "',"
	"  'ineligible', a.id" OF_ALL,
	NULL,
};

static const char *path_of(const struct address *at)
{
	const char *id = strstr(at->path, "/properties/") ? PROPERTY_A : strstr(at->path, "/years/") ? YEAR : HOUSEHOLD;
	const char *nobody = strstr(at->path, NOBODY);

	if (!nobody)
		return at->path;
	return arena_printf(test_memory(), "%.*s%s%s", (int)(nobody - at->path), at->path, id, nobody + strlen(NOBODY));
}

/* 'none' where the list is of nothing that is recorded. */
static const char *recorded(const struct answer *a)
{
	return sql("SELECT coalesce(string_agg(coalesce(detail ->> 'rows', 'not how many'), ', '), 'none') FROM audit.event"
		   " WHERE request_id = '%s' AND action IN ('read', 'search')", answer_header(a, "X-Request-Id"));
}

static bool records_what_it_shows(const struct address *at, int role)
{
	struct answer a = call(role, "GET", arena_printf(test_memory(), "%s?limit=1", path_of(at)), NULL);
	const char *rows = recorded(&a);

	cr_assert_eq(a.status, 200, "%s: %d %s", at->shown, a.status, a.body);
	if (strcmp(rows, "none") == 0)
		return false;
	cr_expect(answer_text(&a, "next"), "%s as %s has no next page", at->shown, code_at(&role_codes, role));
	cr_expect_str_eq(rows, "1", "%s as %s shows 1 row and records %s", at->shown, code_at(&role_codes, role), rows);
	return true;
}

static bool is_list(const struct address *at)
{
	const struct input *in = at->page || strcmp(at->r->method, "GET") != 0 ? NULL : at->r->input;

	for (size_t i = 0; in && i < in->n; i++)
		if (strcmp(in->fields[i].name, "cursor") == 0)
			return true;
	return false;
}

Test(lists, record_the_rows_that_are_shown)
{
	size_t n, lists = 0;
	const struct address *all = addresses(&n);

	for (const char *const *m = makers; *m; m++)
		sql("%s", *m);
	for (size_t i = 0; i < n; i++)
		for (int role = 0; role < ROLES && is_list(&all[i]); role++)
			if (all[i].r->roles & 1u << role)
				lists += records_what_it_shows(&all[i], role);
	cr_assert_geq(lists, 20, "only %zu lists are recorded", lists);
}
