/* Attacks that once worked for a hostile reviewer, and must not work again. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "placing.h"

TestSuite(hostile, .init = service_start, .fini = service_stop);

static const char *day(int from_today)
{
	return sql("SELECT current_date + %d", from_today);
}

/* ---- a hold takes only nights that the provider offers ---- */

Test(hostile, hold_ends_where_the_vacancy_ends)
{
	struct answer a;

	sql("UPDATE vacancy SET available_until = current_date + 5 WHERE id = '" VACANCY_A1 "'");
	sql("UPDATE household SET want_until = current_date + 30 WHERE id = '" HOUSEHOLD "'");
	a = hold(HOUSEHOLD, VACANCY_A1);
	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "until_day"), day(5), "%s", a.body);
}

struct period {
	char household[80], vacancy[80];
};

ParameterizedTestParameters(hostile, no_hold_outside_the_period)
{
	static struct period cases[] = {
		{ "want_from = current_date + 10", "available_until = current_date + 5" },
		{ "want_from = current_date + 5", "available_until = current_date + 5" },
		{ "want_from = current_date - 9, want_until = current_date - 2", "version = 2" },
		{ "want_from = current_date - 9, want_until = current_date", "version = 2" },
	};
	return cr_make_param_array(struct period, cases, sizeof(cases) / sizeof(*cases));
}

ParameterizedTest(struct period *p, hostile, no_hold_outside_the_period)
{
	struct answer a;

	sql("UPDATE vacancy SET %s WHERE id = '" VACANCY_A1 "'", p->vacancy);
	sql("UPDATE household SET %s WHERE id = '" HOUSEHOLD "'", p->household);
	a = hold(HOUSEHOLD, VACANCY_A1);
	cr_assert_eq(a.status, 409, "%s: %s", p->household, a.body);
	cr_assert_str_eq(answer_text(&a, "reason"), "outside_period");
}

struct guest {
	char kind[8], age[8];
	int status;
};

/* Room 1 takes four, and a cot; the household is a woman and a girl. */
ParameterizedTestParameters(hostile, a_cot_is_for_a_baby)
{
	static struct guest cases[] = {
		{ "adult", "30", 409 },
		{ "child", "2", 409 },
		{ "child", "1", 201 },
		{ "child", "NULL", 201 },
	};
	return cr_make_param_array(struct guest, cases, sizeof(cases) / sizeof(*cases));
}

ParameterizedTest(struct guest *g, hostile, a_cot_is_for_a_baby)
{
	struct answer a;

	sql("INSERT INTO member (household_id, kind, sex, age)"
	    " SELECT '" HOUSEHOLD "', 'adult', 'female', 40 FROM generate_series(1, 2)");
	sql("INSERT INTO member (household_id, kind, sex, age)"
	    " VALUES ('" HOUSEHOLD "', '%s', 'female', %s)", g->kind, g->age);
	a = hold(HOUSEHOLD, VACANCY_A1);
	cr_assert_eq(a.status, g->status, "%s of %s: %s", g->kind, g->age, a.body);
}

/* ---- one household lives in a unit ---- */

static void overstay(const char *id)
{
	sql("UPDATE placement SET period = daterange(current_date - 9, current_date - 1),"
	    " arrived_on = current_date - 9 WHERE id = '%s'", id);
	sql("INSERT INTO vacancy (unit_id, organisation_id, available_from)"
	    " VALUES ('" UNIT_A1 "', '" PROVIDER_A "', current_date)");
}

Test(hostile, no_hold_where_somebody_still_lives)
{
	struct answer a;

	overstay(arrived(HOUSEHOLD, VACANCY_A1));
	a = hold(HOUSEHOLD_2, sql("SELECT id FROM vacancy WHERE taken_at IS NULL AND unit_id = '"
				  UNIT_A1 "'"));
	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "reason"), "not_ready");
}

Test(hostile, no_arrival_where_somebody_still_lives)
{
	const char *second = accepted(HOUSEHOLD_2, VACANCY_A2);
	struct answer a;

	overstay(arrived(HOUSEHOLD, VACANCY_A1));
	sql("UPDATE placement SET unit_id = '" UNIT_A1 "' WHERE id = '%s'", second);
	a = act(ROLE_provider, second, "arrive", "{}");
	cr_assert_eq(a.status, 409, "%s", a.body);
	cr_assert_str_eq(stored(second), "accepted");
}

struct arrival {
	int from_today;
	int status;
};

ParameterizedTestParameters(hostile, arrival_is_a_night_agreed)
{
	static struct arrival cases[] = { { -30000, 422 }, { -1, 422 }, { 1, 422 }, { 0, 200 } };
	return cr_make_param_array(struct arrival, cases, sizeof(cases) / sizeof(*cases));
}

ParameterizedTest(struct arrival *t, hostile, arrival_is_a_night_agreed)
{
	const char *id = accepted(HOUSEHOLD, VACANCY_A1);
	char body[40];
	struct answer a;

	snprintf(body, sizeof(body), "{\"on\":\"%s\"}", day(t->from_today));
	a = act(ROLE_provider, id, "arrive", body);
	cr_assert_eq(a.status, t->status, "%d days: %s", t->from_today, a.body);
	cr_assert(a.status == 200 || answer_has_error(&a, "/on"), "%s", a.body);
}

/* ---- who learns of a household ---- */

struct consent {
	char urgency[16], basis[32];
	int status;
};

ParameterizedTestParameters(hostile, no_offer_against_their_will)
{
	static struct consent cases[] = {
		{ "emergency", "refused", 409 }, { "emergency", "withdrawn", 409 },
		{ "planned", "given", 200 }, { "emergency", "", 200 }, { "urgent", "", 409 },
		{ "planned", "high_risk_without_consent", 200 },
	};
	return cr_make_param_array(struct consent, cases, sizeof(cases) / sizeof(*cases));
}

ParameterizedTest(struct consent *t, hostile, no_offer_against_their_will)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct answer a;

	sql("UPDATE household SET urgency = '%s' WHERE id = '" HOUSEHOLD "'", t->urgency);
	sql("INSERT INTO consent (household_id, purpose, basis, reason) SELECT '" HOUSEHOLD
	    "', 'share_with_providers', b, 'high risk' FROM nullif('%s', '') b WHERE b IS NOT NULL", t->basis);
	a = act(ROLE_navigator, id, "offer", "{}");
	cr_assert_eq(a.status, t->status, "%s: %s", t->basis, a.body);
	if (t->status == 409)
		cr_assert_str_eq(answer_text(&a, "type"), "/problems/consent-missing", "%s", a.body);
	a = get(ROLE_provider, id);
	cr_assert_eq(a.status, t->status == 200 ? 200 : 404, "%s: %s", t->basis, a.body);
}

Test(hostile, provider_that_declined_sees_no_more_of_them)
{
	const char *id = offered(HOUSEHOLD, VACANCY_A1);
	struct answer before = get(ROLE_provider, id), after, council;

	cr_assert_not_null(strstr(before.body, "\"members\""), "%s", before.body);
	act(ROLE_provider, id, "decline", "{\"reason\":\"capacity\"}");
	after = get(ROLE_provider, id);
	cr_assert_str_eq(answer_text(&after, "household.reference"), "H-TEST22", "%s", after.body);
	cr_assert_null(strstr(after.body, "\"members\""), "%s", after.body);
	cr_assert_null(strstr(after.body, "\"nrpf\""), "%s", after.body);
	council = get(ROLE_navigator, id);
	cr_assert_not_null(strstr(council.body, "\"members\""), "%s", council.body);
}

struct employment {
	char role[24], organisation[40];
	int status;
};

ParameterizedTestParameters(hostile, role_fits_the_organisation)
{
	static struct employment cases[] = {
		{ "housing_officer", PROVIDER_A, 422 }, { "administrator", PROVIDER_A, 422 },
		{ "provider", COUNCIL, 422 },		{ "contractor", PROVIDER_A, 422 },
		{ "provider", PROVIDER_B, 201 },	{ "navigator", COUNCIL, 201 },
	};
	return cr_make_param_array(struct employment, cases, sizeof(cases) / sizeof(*cases));
}

ParameterizedTest(struct employment *t, hostile, role_fits_the_organisation)
{
	struct answer a = call(ROLE_administrator, "POST", "/api/v1/accounts",
			       "{\"organisation_id\":\"%s\",\"username\":\"somebody.new\",\"name\":\"New\","
			       "\"role\":\"%s\",\"password\":\"correct horse battery\"}",
			       t->organisation, t->role);

	cr_assert_eq(a.status, t->status, "%s: %s", t->role, a.body);
}

/* ---- forms ---- */

Test(hostile, form_sent_again_with_other_answers_says_so)
{
	static const char headers[] = "Accept: text/html\r\n"
				      "Content-Type: application/x-www-form-urlencoded\r\n";
	static const char first[] = "_key=back&household-situation=rough&household-members-0-kind=main";
	static const char second[] = "_key=back&household-situation=friends&household-members-0-kind=main";
	struct answer a = call_with(ROLE_navigator, "POST", "/referrals", headers, first), b;

	cr_assert_eq(a.status, 303, "%s", a.body);
	b = call_with(ROLE_navigator, "POST", "/referrals", headers, second);
	cr_assert_eq(b.status, 422, "%s", b.body);
	cr_assert_not_null(strstr(b.body, "sent before with other answers"), "%s", b.body);
	cr_assert_null(strstr(b.body, "value=\"back\""), "a new key");
}

Test(hostile, form_of_an_earlier_session_is_not_blamed_on_the_role)
{
	static const char headers[] = "Accept: text/html\r\nSec-Fetch-Site: cross-site\r\n"
				      "Content-Type: application/x-www-form-urlencoded\r\n";
	struct answer a = call_with(ROLE_navigator, "POST", "/referrals", headers, "_key=old");

	cr_assert_eq(a.status, 403, "%s", a.body);
	cr_assert_not_null(strstr(a.body, "This page is out of date"), "%s", a.body);
	cr_assert_null(strstr(a.body, "Your role does not allow it"), "%s", a.body);
}

Test(hostile, who_can_not_hold_gets_no_button)
{
	static const char headers[] = "Accept: text/html\r\n";
	struct answer may = call_with(ROLE_navigator, "GET", "/referrals/" REFERRAL, headers, NULL);
	struct answer may_not = call_with(ROLE_sanctuary_coordinator, "GET", "/referrals/" REFERRAL,
					  headers, NULL);

	cr_assert_eq(may_not.status, 200, "%s", may_not.body);
	cr_assert_not_null(strstr(may.body, "Hold this place"), "%s", may.body);
	cr_assert_null(strstr(may_not.body, "Hold this place"));
}
