/* Where a household lives, or may live, no case comes whose party one of them is, and the other way round; and a
 * provider whose staff declared a link to a party gets no offer for that case. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "placing.h"
#include "referring.h"

TestSuite(resident_conflict, .init = service_start, .fini = service_stop);

#define CASE(members, more) "{\"household\":{\"situation\":\"rough\",\"urgency\":\"emergency\",\"members\":[" members "]" more "}}"
#define WOMAN(name) "{\"kind\":\"main\",\"sex\":\"female\",\"name\":\"" name "\",\"age\":30}"
#define PARTIES(list) ",\"parties\":[" list "]"

#define QUILL WOMAN("Marta Quill")
#define FINCH WOMAN("Olga Finch")

static const char *household_of(const char *body)
{
	struct answer a = refer(body);

	cr_assert_eq(a.status, 201, "%s", a.body);
	return answer_text(&a, "household.id");
}

static json_int_t matching(const char *household)
{
	struct answer a;

	board_settle();
	a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", "{\"household_id\":\"%s\"}", household);
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_null(strstr(a.body, "conflict"), "%s", a.body);
	return answer_int(&a, "matching");
}

/* In the search of the case, under the lock, and in the statement that a new board reads. */
static void closed_to(const char *household, const char *vacancy, json_int_t others, const char *why)
{
	struct answer a = hold(household, vacancy);

	cr_assert_eq(a.status, 409, "%s: %s", why, a.body);
	cr_assert_str_eq(answer_text(&a, "type"), "/problems/vacancy-not-suitable", "%s: %s", why, a.body);
	cr_assert_str_eq(answer_text(&a, "reason"), "not_suitable", "%s: %s", why, a.body);
	cr_assert_null(strstr(a.body, "conflict"), "%s: %s", why, a.body);
	cr_assert_eq(matching(household), others, "%s: %lld", why, (long long)matching(household));
	cr_assert_str_eq(sql("SELECT conflicts ~ '%s' FROM board_households_waiting() WHERE id = '%s'", vacancy, household), "t", "%s", why);
}

static void open_to(const char *household, json_int_t places, const char *why)
{
	cr_assert_eq(matching(household), places, "%s: %lld", why, (long long)matching(household));
	cr_assert_str_eq(sql("SELECT conflicts IS NULL FROM board_households_waiting() WHERE id = '%s'", household), "t", "%s", why);
}

/* ---- residents ---- */

Test(resident_conflict, a_resident_is_a_party_of_the_new_case)
{
	const char *quill = household_of(CASE(QUILL, "")), *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Marta Quill\"}")));

	open_to(finch, 3, "before");
	arrived(quill, VACANCY_A1);
	closed_to(finch, VACANCY_A2, 1, "she lives there");
	cr_assert_eq(hold(finch, VACANCY_B1).status, 201, "another house");
}

Test(resident_conflict, a_member_of_the_new_case_is_a_party_of_residents)
{
	const char *quill = household_of(CASE(QUILL, PARTIES("{\"name\":\"Olga Finch\"}"))), *finch = household_of(CASE(FINCH, ""));

	open_to(finch, 3, "before");
	accepted(quill, VACANCY_A1);
	closed_to(finch, VACANCY_A2, 1, "they come there");
}

Test(resident_conflict, a_hold_and_an_offer_count_as_well_because_either_may_be_accepted)
{
	const char *quill = household_of(CASE(QUILL, "")), *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Marta Quill\"}")));
	const char *id = held(quill, VACANCY_A1);

	closed_to(finch, VACANCY_A2, 1, "held");
	cr_assert_eq(act(ROLE_navigator, id, "cancel", "{}").status, 200);
	open_to(finch, 3, "given up");
	id = offered(quill, VACANCY_A1);
	closed_to(finch, VACANCY_A2, 1, "offered");
	cr_assert_eq(act(ROLE_provider, id, "decline", "{\"reason\":\"capacity\"}").status, 200);
	open_to(finch, 3, "declined");
}

Test(resident_conflict, ends_with_the_departure)
{
	const char *quill = household_of(CASE(QUILL, "")), *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Marta Quill\"}")));
	const char *id = arrived(quill, VACANCY_A1);
	struct answer left;

	closed_to(finch, VACANCY_A2, 1, "lives there");
	left = act(ROLE_provider, id, "depart", "{\"reason\":\"planned_move_on\",\"destination\":\"social_tenancy\"}");
	cr_assert_eq(left.status, 200, "%s", left.body);
	open_to(finch, 2, "gone, and the unit with her");
	cr_assert_eq(hold(finch, VACANCY_A2).status, 201);
}

/* The party's date of birth, or the member's, is often not known: that is not another person. */
Test(resident_conflict, is_found_where_either_side_knows_no_birth_date)
{
	static const struct {
		const char *resident, *party;
		bool same;
	} pairs[] = {
		{ ",\"birth_date\":\"1990-02-03\"", ",\"birth_date\":\"1990-02-03\"", true },
		{ ",\"birth_date\":\"1990-02-03\"", "", true },
		{ "", ",\"birth_date\":\"1990-02-03\"", true },
		{ "", "", true },
		{ ",\"birth_date\":\"1990-02-03\"", ",\"birth_date\":\"1991-02-03\"", false },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		struct answer a = call(ROLE_navigator, "POST", "/api/v1/referrals", CASE("{\"kind\":\"main\",\"sex\":\"female\",\"name\":\"Márta Quill %c\"%s}", ""),
				       (int)('a' + i), pairs[i].resident), b;
		const char *id;

		cr_assert_eq(a.status, 201, "%s", a.body);
		id = held(answer_text(&a, "household.id"), VACANCY_A1);
		b = call(ROLE_navigator, "POST", "/api/v1/referrals", CASE("{\"kind\":\"main\",\"sex\":\"female\",\"age\":30}", PARTIES("{\"name\":\"quill %c, marta\"%s}")),
			 (int)('a' + i), pairs[i].party);
		cr_assert_eq(b.status, 201, "%s", b.body);
		if (pairs[i].same)
			closed_to(answer_text(&b, "household.id"), VACANCY_A2, 1, pairs[i].party);
		else
			cr_assert_eq(hold(answer_text(&b, "household.id"), VACANCY_A2).status, 201, "another date");
		cr_assert_eq(act(ROLE_navigator, id, "cancel", "{}").status, 200);
	}
}

/* The same person in two cases is a repeat; the same perpetrator of two is none of it either. */
Test(resident_conflict, two_members_or_two_parties_are_no_conflict)
{
	const char *first = household_of(CASE(QUILL, PARTIES("{\"name\":\"Oskar Wren\"}"))), *second = household_of(CASE(QUILL, PARTIES("{\"name\":\"Oskar Wren\"}")));

	arrived(first, VACANCY_A1);
	open_to(second, 2, "her own earlier case");
	cr_assert_eq(hold(second, VACANCY_A2).status, 201);
}

/* The names of both are entered by mistake, or a couple is in one case. */
Test(resident_conflict, a_household_is_no_conflict_for_itself)
{
	const char *home = household_of(CASE(QUILL, PARTIES("{\"name\":\"Marta Quill\"}")));

	held(home, VACANCY_A1);
	open_to(home, 2, "itself");
	cr_assert_eq(hold(home, VACANCY_A2).status, 201);
}

Test(resident_conflict, a_member_who_left_the_household_is_no_resident)
{
	const char *quill = household_of(CASE(QUILL ",{\"kind\":\"adult\",\"sex\":\"female\",\"name\":\"Ida Quill\",\"age\":40}", ""));
	const char *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Ida Quill\"}")));

	arrived(quill, VACANCY_A1);
	closed_to(finch, VACANCY_A2, 1, "Ida came too");
	sql("UPDATE member SET ended_at = now() WHERE household_id = '%s' AND kind = 'adult'", quill);
	open_to(finch, 2, "Ida left");
}

Test(resident_conflict, people_told_of_later_count_from_then_on)
{
	const char *quill = household_of(CASE(QUILL, "")), *finch = household_of(CASE(FINCH, ""));
	struct answer told;

	arrived(quill, VACANCY_A1);
	open_to(finch, 2, "nobody knows");
	told = call(ROLE_navigator, "POST", path("households", quill, "/parties"), "{\"name\":\"Olga Finch\"}");
	cr_assert_eq(told.status, 201, "%s", told.body);
	closed_to(finch, VACANCY_A2, 1, "the resident fears her");
}

Test(resident_conflict, an_offer_from_before_is_neither_made_nor_accepted)
{
	const char *quill = household_of(CASE(QUILL, "")), *finch = household_of(CASE(FINCH, "")), *here, *there;
	struct answer a;

	arrived(quill, VACANCY_A1);
	here = offered(finch, VACANCY_A2);
	there = held(finch, VACANCY_B1);
	cr_assert_eq(call(ROLE_navigator, "POST", path("households", finch, "/parties"), "{\"name\":\"Marta Quill\"}").status, 201);
	a = act(ROLE_provider, here, "accept", "{}");
	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "reason"), "not_suitable", "%s", a.body);
	cr_assert_str_eq(stored(here), "offered");
	cr_assert_eq(act(ROLE_navigator, there, "offer", "{}").status, 200, "elsewhere");
	cr_assert_eq(act(ROLE_navigator, here, "cancel", "{}").status, 200);
}

Test(resident_conflict, a_hold_from_before_is_not_offered)
{
	const char *quill = household_of(CASE(QUILL, "")), *finch = household_of(CASE(FINCH, "")), *id;
	struct answer a;

	arrived(quill, VACANCY_A1);
	id = held(finch, VACANCY_A2);
	cr_assert_eq(call(ROLE_navigator, "POST", path("households", finch, "/parties"), "{\"name\":\"Marta Quill\"}").status, 201);
	a = act(ROLE_navigator, id, "offer", "{}");
	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "reason"), "not_suitable", "%s", a.body);
	cr_assert_str_eq(stored(id), "held");
}

/* A vacancy that is posted, or posted again, while they live there. */
Test(resident_conflict, a_new_vacancy_of_the_house_is_no_option)
{
	const char *quill = household_of(CASE(QUILL, "")), *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Marta Quill\"}")));
	struct answer posted;

	arrived(quill, VACANCY_A1);
	closed_to(finch, VACANCY_A2, 1, "before");
	posted = call(ROLE_provider, "POST", "/api/v1/vacancies", "{\"unit_id\":\"" UNIT_A3 "\"}");
	cr_assert_eq(posted.status, 201, "%s", posted.body);
	closed_to(finch, answer_text(&posted, "id"), 1, "posted later");
}

/* Erased is what a closed case is: it lives nowhere, and its hashes are gone. */
Test(resident_conflict, an_erased_household_is_nobody)
{
	const char *quill = household_of(CASE(QUILL, "")), *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Marta Quill\"}")));

	arrived(quill, VACANCY_A1);
	closed_to(finch, VACANCY_A2, 1, "lives there");
	sql("DELETE FROM person_index WHERE household_id = '%s'", quill);
	sql("UPDATE household SET version = version + 1 WHERE id = '%s'", finch);
	open_to(finch, 2, "nobody knows who lives there");
}

/* ---- staff ---- */

#define DECLARE "/api/v1/conflict-declarations"
#define REASON "\"reason\":\"Both gave another place of birth\""

static struct answer declare(int actor, const char *name, const char *more)
{
	struct answer a = call(actor, "POST", DECLARE, "{\"name\":\"%s\",\"relationship\":\"family\"%s}", name, more);

	cr_assert_eq(a.status, 201, "%s", a.body);
	return a;
}

Test(resident_conflict, a_provider_s_declared_link_closes_its_places)
{
	const char *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Oskar Wren\"}"))), *quill = household_of(CASE(QUILL, ""));
	struct answer link, ended;

	open_to(finch, 3, "before");
	link = declare(ROLE_provider, "Oskar Wren", "");
	closed_to(finch, VACANCY_A1, 1, "two places are the provider's");
	open_to(quill, 3, "another case");
	cr_assert_eq(hold(finch, VACANCY_B1).status, 201, "another provider");
	ended = call(ROLE_administrator, "POST", path("conflict-declarations", answer_text(&link, "id"), "/end"), "{" REASON "}");
	cr_assert_eq(ended.status, 200, "%s", ended.body);
	cr_assert_eq(hold(finch, VACANCY_A1).status, 201, "ended");
}

/* Of people whom a victim knows, colleagues know: they see no case of hers (case_hidden), and her place is hers. */
Test(resident_conflict, staff_linked_to_a_member_are_no_conflict)
{
	const char *finch = household_of(CASE(FINCH, ""));

	declare(ROLE_provider, "Olga Finch", "");
	open_to(finch, 3, "a member");
	cr_assert_eq(hold(finch, VACANCY_A1).status, 201);
}

Test(resident_conflict, staff_of_others_close_nothing)
{
	const char *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Oskar Wren\"}")));

	declare(ROLE_housing_officer, "Oskar Wren", "");
	open_to(finch, 3, "the council has no places");
}

/* ---- cleared ---- */

#define CLEAR(field) "{\"household_reference\":\"%s\",\"" field "\":\"%s\"," REASON "}"

static const char *reference(const char *household)
{
	return sql("SELECT reference FROM household WHERE id = '%s'", household);
}

Test(resident_conflict, a_similar_name_of_a_link_is_cleared)
{
	const char *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Oskar Wren\"}")));
	struct answer link = declare(ROLE_provider, "Oskár Wren", ",\"birth_date\":\"1980-01-01\""), cleared;

	closed_to(finch, VACANCY_A1, 1, "perhaps he");
	cleared = call(ROLE_administrator, "POST", "/api/v1/cleared-pairs", CLEAR("declaration_id"), reference(finch), answer_text(&link, "id"));
	cr_assert_eq(cleared.status, 201, "%s", cleared.body);
	open_to(finch, 3, "another man");
	cr_assert_eq(hold(finch, VACANCY_A1).status, 201);
}

static struct answer clear_house(const char *household)
{
	return call(ROLE_administrator, "POST", "/api/v1/cleared-pairs", CLEAR("property_id"), reference(household), PROPERTY_A);
}

Test(resident_conflict, a_similar_name_of_a_resident_is_cleared_for_both)
{
	const char *quill = household_of(CASE(QUILL, "")), *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Márta Quill\"}"))), *id;
	struct answer listed, a;

	id = offered(quill, VACANCY_A1);
	closed_to(finch, VACANCY_A2, 1, "perhaps she");
	listed = call(ROLE_administrator, "GET", "/api/v1/possible-conflicts", NULL);
	cr_assert_str_eq(answer_text(&listed, "items.0.property_id"), PROPERTY_A, "%s", listed.body);
	a = clear_house(finch);
	cr_assert_eq(a.status, 201, "%s", a.body);
	open_to(finch, 2, "another woman");
	cr_assert_eq(hold(finch, VACANCY_A2).status, 201);
	cr_assert_eq(act(ROLE_provider, id, "accept", "{}").status, 200, "nor does the other's acceptance fail");
	cr_assert_eq(clear_house(finch).status, 404, "there is none any more");
}

/* The decision was about the people who lived there then. */
Test(resident_conflict, who_comes_after_the_clearing_is_not_cleared)
{
	const char *quill = household_of(CASE(QUILL, "")), *again = household_of(CASE(QUILL, ""));
	const char *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Márta Quill\"}")));

	held(quill, VACANCY_A1);
	cr_assert_eq(clear_house(finch).status, 201);
	open_to(finch, 2, "cleared");
	held(again, VACANCY_A2);
	cr_assert_neq(sql("SELECT conflicts FROM board_households_waiting() WHERE id = '%s'", finch)[0], '\0', "another of that name");
	cr_assert_str_eq(sql("SELECT count(*) > 0 FROM conflicts_of('%s')", finch), "t");
}

Test(resident_conflict, the_same_name_and_date_is_never_cleared)
{
	const char *quill = household_of(CASE("{\"kind\":\"main\",\"sex\":\"female\",\"name\":\"Marta Quill\",\"birth_date\":\"1990-02-03\"}", ""));
	const char *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Marta Quill\",\"birth_date\":\"1990-02-03\"}")));

	arrived(quill, VACANCY_A1);
	cr_assert_eq(clear_house(finch).status, 409);
	closed_to(finch, VACANCY_A2, 1, "she");
}

/* ---- races ---- */

/* The board does not know yet. */
Test(resident_conflict, an_acceptance_between_search_and_hold_is_found_under_the_lock)
{
	const char *quill = household_of(CASE(QUILL, "")), *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Marta Quill\"}")));
	const char *id;

	open_to(finch, 3, "searched");
	id = offered(quill, VACANCY_A1);
	cr_assert_eq(act(ROLE_provider, id, "accept", "{}").status, 200);
	cr_assert_eq(hold(finch, VACANCY_A2).status, 409, "at once");
}

static void hold_apart(const char *household, const char *vacancy, int go, int answers)
{
	char byte;
	struct answer a;

	if (read(go, &byte, 1) < 0)
		_exit(1);
	a = hold(household, vacancy);
	_exit(write(answers, &a.status, sizeof(a.status)) < 0);
}

/* How many of both hold a place of the house, asked at the same instant. */
static int both_at_once(const char *one, const char *other)
{
	int go[2], answers[2], status, got = 0;

	cr_assert(pipe(go) == 0 && pipe(answers) == 0);
	for (int i = 0; i < 2; i++)
		if (fork() == 0) {
			close(go[1]);
			hold_apart(i ? one : other, i ? VACANCY_A1 : VACANCY_A2, go[0], answers[1]);
		}
	close(go[0]);
	close(go[1]);
	for (int i = 0; i < 2; i++) {
		cr_assert(read(answers[0], &status, sizeof(status)) == sizeof(status));
		got += status == 201;
	}
	while (wait(NULL) > 0)
		;
	close(answers[0]);
	close(answers[1]);
	return got;
}

Test(resident_conflict, two_who_must_not_meet_never_hold_places_of_one_house)
{
	const char *quill = household_of(CASE(QUILL, "")), *finch = household_of(CASE(FINCH, PARTIES("{\"name\":\"Marta Quill\"}")));

	for (int i = 0; i < 12; i++) {
		cr_assert_eq(both_at_once(quill, finch), 1, "round %d", i);
		sql("UPDATE placement SET state = 'cancelled', cancel_reason = 'changed_mind', version = version + 1 WHERE state = 'held'");
	}
}
