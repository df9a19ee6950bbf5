/* What a hostile colleague tried at the fund: other people's pots, the same person in two cases, approving what one has
 * touched, splitting, and learning of a case from a figure. */
#include <string.h>

#include "funding.h"

#define NOTHING "{}"

TestSuite(fund_hostile, .init = service_start, .fini = service_stop);

/* A council of the partnership beside the seed's, with a case of its own. */
#define NEIGHBOUR "00000000-0000-4000-8000-0000000000f1"
#define NEIGHBOURS_HOME "00000000-0000-4000-8000-0000000000f2"

static void a_neighbour(void)
{
	sql("INSERT INTO organisation (id, partnership_id, kind, name) VALUES ('" NEIGHBOUR "', '" PARTNERSHIP "', 'council', 'Neighbour')");
	sql("INSERT INTO household (id, organisation_id, situation) VALUES ('" NEIGHBOURS_HOME "', '" NEIGHBOUR "', 'friends')");
}

/* A request of the neighbour's, of the pots of the seed's council. */
static const char *neighbours_request(const char *year, long pence)
{
	const char *id = sql("INSERT INTO fund.request (household_id, organisation_id, keeper_id, category, amount_pence, means, needed_on,"
			     " asked_by, changed_by) SELECT '" NEIGHBOURS_HOME "', '" NEIGHBOUR "', '" COUNCIL "', 'school', %ld, 'voucher',"
			     " today(), a.id, a.id FROM account a WHERE a.username = 'analyst' RETURNING id", pence);

	sql("INSERT INTO fund.part VALUES ('%s', 1, '%s', %ld)", id, year, pence);
	return id;
}

Test(fund_hostile, the_keeper_decides_for_cases_of_all_that_may_ask)
{
	const char *year = fund_pot("Flee", 100000), *id;
	struct answer a;

	a_neighbour();
	fund_limit("finance_approver", 60000, 90000, 0, 0);
	id = neighbours_request(year, 500);
	a = call(ROLE_finance_approver, "GET", sql("SELECT '/api/v1/fund/requests/%s'", id), NULL);
	assert_status(a, 200);
	cr_assert(strstr(json_told(json_object_get(a.json, "acts")), "approve"), "%s", a.body);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 200);
}

/* The same person in two cases of two councils, though nobody shares the cases. */
static void same_person_in(const char *one, const char *other)
{
	sql("INSERT INTO person_index (household_id, purpose, hash, form) SELECT h::uuid, 'person', sha256('one person'), 'exact'"
	    " FROM unnest(ARRAY['%s', '%s']) h", one, other);
}

Test(fund_hostile, the_same_person_is_seen_across_councils_and_counts_to_one_ceiling)
{
	const char *year = fund_pot("Flee", 1000000), *id, *other;
	struct answer a;

	a_neighbour();
	same_person_in(FUND_HOME, NEIGHBOURS_HOME);
	fund_limit("finance_approver", 60000, 90000, 0, 0);
	id = neighbours_request(year, 40000);
	other = fund_asked(FUND_HOME, "school", 40000);
	a = call(ROLE_finance_approver, "GET", sql("SELECT '/api/v1/fund/requests/%s'", other), NULL);
	cr_assert_str_eq(answer_text(&a, "alike.0.rule"), "same_person", "%s", a.body);
	a = fund_act(ROLE_finance_approver, other, "approve", NOTHING);
	assert_problem(a, 409, "fund-alike");
	sql("UPDATE fund.request SET category = 'travel' WHERE id = '%s'", id);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 200);
	/* who only asks is told nothing of the other case; the decision knows */
	other = fund_asked(FUND_HOME, "phone", 20000);
	a = call(ROLE_navigator, "GET", sql("SELECT '/api/v1/fund/requests/%s'", other), NULL);
	cr_assert_eq(answer_int(&a, "had.group_pence"), 0, "%s", a.body);
	a = fund_act(ROLE_finance_approver, other, "approve", NOTHING);
	assert_problem(a, 409, "fund-ceiling");
	cr_assert(json_is_null(json_object_get(json_object_get(a.json, "figures"), "most_pence")), "%s", a.body);
}

Test(fund_hostile, all_who_ever_touched_it_are_its_own_people)
{
	const char *id;
	struct answer a;

	fund_pot("Flee", 1000000);
	fund_limit("housing_officer", 60000, 90000, 0, 0);
	id = fund_asked(FUND_HOME, "furniture", 500);
	sql("UPDATE fund.request SET evidence = 'none_yet'");
	a = call_with(ROLE_housing_officer, "PATCH", sql("SELECT '/api/v1/fund/requests/%s'", id),
		      "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", "{\"evidence\":\"quote\"}");
	assert_status(a, 200);
	a = call_with(ROLE_navigator, "PATCH", sql("SELECT '/api/v1/fund/requests/%s'", id),
		      "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", "{\"amount_pence\":400}");
	assert_status(a, 200);
	a = fund_act(ROLE_housing_officer, id, "approve", NOTHING);
	assert_problem(a, 409, "own-deed");
	/* nor who opened it again */
	fund_limit("finance_approver", 60000, 90000, 0, 0);
	id = fund_asked(FUND_OTHER_HOME, "furniture", 500);
	a = fund_act(ROLE_finance_approver, id, "reject", "{\"reason\":\"no_money\"}");
	assert_status(a, 200);
	a = fund_act(ROLE_housing_officer, id, "reopen", "{\"reason\":\"asked_again\"}");
	assert_status(a, 200);
	a = fund_act(ROLE_housing_officer, id, "approve", NOTHING);
	assert_problem(a, 409, "own-deed");
}

Test(fund_hostile, two_people_are_needed_by_what_adds_up)
{
	struct answer a;

	fund_pot("Flee", 1000000);
	fund_limit("finance_approver", 60000, 90000, 5000, 0);
	a = fund_act(ROLE_finance_approver, fund_asked(FUND_HOME, "school", 3000), "approve", NOTHING);
	cr_assert_str_eq(answer_text(&a, "state"), "approved", "%s", a.body);
	a = fund_act(ROLE_finance_approver, fund_asked(FUND_HOME, "childcare", 2000), "approve", NOTHING);
	cr_assert_str_eq(answer_text(&a, "state"), "second_needed", "of the same group of categories: %s", a.body);
}

Test(fund_hostile, a_request_never_moves_to_a_pot_that_its_keeper_does_not_keep)
{
	const char *year = fund_pot("Flee", 100000), *id, *theirs;
	struct answer a;

	a_neighbour();
	fund_limit("finance_approver", 60000, 90000, 0, 0);
	id = fund_asked(FUND_HOME, "childcare", 700);
	a = fund_act(ROLE_finance_approver, id, "reject", "{\"reason\":\"no_money\"}");
	assert_status(a, 200);
	theirs = sql("SELECT fund.open_year(test.row('fund.pot', '{\"organisation_id\": \"" NEIGHBOUR "\", \"categories\": [\"childcare\"]}'),"
		     " fund.year_of(today()))");
	sql("UPDATE fund.pot_year SET state = 'open' WHERE id = '%s'", theirs);
	sql("SELECT fund.post('grant', 'pot_year', '%s', today(), ARRAY[fund.moved('%s', 'granted', 'free', 5000)])", theirs, theirs);
	sql("UPDATE fund.pot SET categories = '{travel}' WHERE id = (SELECT pot_id FROM fund.pot_year WHERE id = '%s')", year);
	a = fund_act(ROLE_navigator, id, "reopen", "{\"reason\":\"asked_again\"}");
	assert_status(a, 200);
	cr_assert_str_eq(answer_text(&a, "keeper_id"), NEIGHBOUR, "pot and keeper move together: %s", a.body);
	a = fund_act(ROLE_finance_approver, id, "approve", NOTHING);
	assert_status(a, 404);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.faults() WHERE what NOT LIKE '%%audit%%'"), "0");
}

Test(fund_hostile, a_closed_case_asks_for_nothing_more_and_a_refusal_changes_nothing)
{
	const char *id, *before;
	struct answer a;

	fund_pot("Flee", 100000);
	id = fund_asked(FUND_HOME, "school", 700);
	before = sql("SELECT md5(r::text || p::text) FROM fund.request r JOIN fund.part p ON p.request_id = r.id");
	sql("UPDATE household SET closed_at = now() WHERE id = '" FUND_HOME "'");
	a = call_with(ROLE_navigator, "PATCH", sql("SELECT '/api/v1/fund/requests/%s'", id),
		      "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", "{\"amount_pence\":900}");
	assert_problem(a, 409, "household-closed");
	cr_assert_str_eq(sql("SELECT md5(r::text || p::text) FROM fund.request r JOIN fund.part p ON p.request_id = r.id"), before);
}
