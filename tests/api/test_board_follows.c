/* The board follows what a pair of household and vacancy depends on, also where neither row of the
 * pair was the one that changed. */
#include <criterion/criterion.h>
#include <string.h>

#include "inventory.h"
#include "placing.h"

TestSuite(board_follows, .init = service_start, .fini = service_stop);

static struct answer search(void)
{
	board_settle();
	return call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", "{\"household_id\":\"" HOUSEHOLD "\",\"near_misses\":0}");
}

static bool offers(const struct answer *a, const char *vacancy)
{
	cr_assert_eq(a->status, 200, "%s", a->body);
	return strstr(a->body, vacancy) != NULL;
}

static void decline_a1(void)
{
	const char *id = offered(HOUSEHOLD, VACANCY_A1);
	struct answer a = act(ROLE_provider, id, "decline", "{\"reason\":\"capacity\"}"), found;

	assert_status(a, 200);
	found = search();
	cr_assert(!offers(&found, VACANCY_A1), "declined: %s", found.body);
}

/* One tap that says the place is still there changes nothing about why it was declined. */
Test(board_follows, confirming_does_not_undo_a_decline)
{
	struct answer a;

	decline_a1();
	a = call(ROLE_provider, "POST", "/api/v1/vacancies/" VACANCY_A1 "/confirm", "{}");
	assert_status(a, 200);
	a = search();
	cr_assert(!offers(&a, VACANCY_A1), "declined, and nothing changed since: %s", a.body);
}

Test(board_follows, a_unit_that_changed_is_asked_again)
{
	struct answer a;

	decline_a1();
	a = change(ROLE_provider, "/api/v1/units/" UNIT_A1, 1, "{\"max_people\":5}");
	assert_status(a, 200);
	a = search();
	cr_assert(offers(&a, VACANCY_A1), "the unit takes more now: %s", a.body);
}

/* Whose landlord is a party in the case stays closed to the household, whenever it is posted. */
Test(board_follows, a_new_vacancy_of_a_linked_property_is_no_option)
{
	struct answer a, posted;

	sql("INSERT INTO person_index (household_id, purpose, hash) VALUES ('" HOUSEHOLD "', 'party', decode(repeat('ab', 32), 'hex'))");
	sql("INSERT INTO property_party (property_id, hash, link) VALUES ('" PROPERTY_A "', decode(repeat('ab', 32), 'hex'), 'landlord')");
	sql("UPDATE household SET pets = pets WHERE id = '" HOUSEHOLD "'");
	a = search();
	cr_assert(!offers(&a, VACANCY_A1), "%s", a.body);
	posted = call(ROLE_provider, "POST", "/api/v1/vacancies", "{\"unit_id\":\"" UNIT_A3 "\"}");
	assert_status(posted, 201);
	a = search();
	cr_assert(!offers(&a, answer_text(&posted, "id")), "posted later: %s", a.body);
}
