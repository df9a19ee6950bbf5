/* What people type and send, by kind: days, sexes, forms, Accept, cursors, versions. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "memory.h"
#include "service.h"

TestSuite(input_kinds, .init = service_start, .fini = service_stop);

#define API "/api/v1"
#define PAGE "Accept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n"

static const char *days_from_today(int days)
{
	char *day = arena_alloc(test_memory(), 11);

	day_format(instant_london_day(clock_now()) + days, day);
	return day;
}

static struct answer refer(const char *needs, const char *member)
{
	return call(ROLE_navigator, "POST", API "/referrals",
		    "{\"household\":{\"situation\":\"rough\"%s,\"members\":[{\"kind\":\"main\"%s}]}}", needs, member);
}

static const char *error_code(const struct answer *a)
{
	const char *code = answer_text(a, "errors.0.code");

	return code ? code : "";
}

/* ---- days ---- */

static const struct {
	const char *needs;
	int days;		/* from today: %s of needs */
	const char *code;	/* NULL: taken */
} days[] = {
	{ ",\"pregnant\":true,\"due_on\":\"%s\"", 6, NULL },
	{ ",\"pregnant\":true,\"due_on\":\"%s\"", -28, NULL },
	{ ",\"pregnant\":true,\"due_on\":\"%s\"", 294, NULL },
	{ ",\"pregnant\":true,\"due_on\":\"%s\"", -29, "out_of_range" },
	{ ",\"pregnant\":true,\"due_on\":\"%s\"", 295, "out_of_range" },
	{ ",\"pregnant\":true,\"due_on\":\"%s\"", -2700, "out_of_range" },
	{ ",\"pregnant\":false,\"due_on\":\"%s\"", 6, "not_pregnant" },
	{ ",\"due_on\":\"%s\"", 6, "not_pregnant" },
	{ ",\"want_from\":\"%s\"", 0, NULL },
	{ ",\"want_from\":\"%s\"", 365, NULL },
	{ ",\"want_from\":\"%s\"", -1, "in_past" },
	{ ",\"want_from\":\"%s\"", 60000, "out_of_range" },
	{ ",\"want_until\":\"%s\"", 60000, "out_of_range" },
};

Test(input_kinds, a_day_that_looks_like_a_slip_is_refused)
{
	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
		const char *parts[2] = { days[i].needs, strstr(days[i].needs, "%s") };
		const char *needs = arena_printf(test_memory(), "%.*s%s%s", (int)(parts[1] - parts[0]), parts[0],
						 days_from_today(days[i].days), parts[1] + 2);
		struct answer a = refer(needs, "");

		cr_expect_eq(a.status, days[i].code ? 422 : 201, "%s: %s", needs, a.body);
		cr_expect(!days[i].code || strcmp(error_code(&a), days[i].code) == 0, "%s: %s", needs, a.body);
	}
}

Test(input_kinds, it_says_what_was_probably_meant)
{
	char asked[40], meant[40];
	int32_t day = instant_london_day(clock_now()) - 366, then;
	int y, m, d;
	struct answer a;

	day_to_civil(day, &y, &m, &d);
	then = day_from_civil(y + 1, m, d);
	day_format(day, asked);
	a = call(ROLE_provider, "POST", API "/vacancies", "{\"unit_id\":\"" UNIT_A3 "\",\"available_from\":\"%s\"}", asked);
	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "errors.0.pointer"), "/available_from");
	cr_assert_not_null(strstr(answer_text(&a, "errors.0.detail"), day_long(then, meant, sizeof(meant))), "%s", a.body);
}

Test(input_kinds, a_void_ten_years_ahead_is_refused)
{
	struct answer a = call(ROLE_provider, "POST", API "/voids",
			       "{\"unit_id\":\"" UNIT_A3 "\",\"from_day\":\"%s\",\"reason\":\"repair\"}", days_from_today(3653));

	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert_str_eq(error_code(&a), "out_of_range", "%s", a.body);
}

Test(input_kinds, a_due_date_needs_pregnancy_also_later)
{
	struct answer a;
	const char *body = arena_printf(test_memory(), "{\"due_on\":\"%s\"}", days_from_today(30));
	static const char headers[] = "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n";

	a = call_with(ROLE_navigator, "PATCH", API "/households/" HOUSEHOLD, headers, body);
	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert_str_eq(error_code(&a), "not_pregnant", "%s", a.body);
	a = call_with(ROLE_navigator, "PATCH", API "/households/" HOUSEHOLD, headers, "{\"pregnant\":true}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	a = call_with(ROLE_navigator, "PATCH", API "/households/" HOUSEHOLD, headers, body);
	cr_assert_eq(a.status, 200, "%s", a.body);
	a = call_with(ROLE_navigator, "PATCH", API "/households/" HOUSEHOLD, headers, "{\"pregnant\":false}");
	cr_assert_eq(a.status, 422, "a due date is left: %s", a.body);
}

Test(input_kinds, a_birth_date_is_of_somebody_who_lives)
{
	struct answer future = refer("", ",\"birth_date\":\"2091-03-27\""), ancient = refer("", ",\"birth_date\":\"1901-03-27\"");

	cr_assert_eq(future.status, 422, "%s", future.body);
	cr_assert_str_eq(error_code(&future), "in_future");
	cr_assert_not_null(strstr(future.body, "Did you mean 27 March 1991?"), "%s", future.body);
	cr_assert_eq(ancient.status, 422, "%s", ancient.body);
	cr_assert_str_eq(error_code(&ancient), "out_of_range");
}

Test(input_kinds, an_age_that_contradicts_the_birth_date_is_refused)
{
	struct answer a = refer("", ",\"birth_date\":\"1990-01-01\",\"age\":12"), same;
	int32_t birth = day_from_civil(1990, 1, 1), now = instant_london_day(clock_now());

	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "errors.0.pointer"), "/household/members/0/age");
	same = refer("", arena_printf(test_memory(), ",\"birth_date\":\"1990-01-01\",\"age\":%d", day_age(birth, now)));
	cr_assert_eq(same.status, 201, "%s", same.body);
}

/* ---- sex ---- */

Test(input_kinds, every_sex_is_taken_and_told)
{
	static const char *const sexes[] = { "female", "male", "intersex", "indeterminate", "not_asked", "not_known",
					     "prefers_not_to_say" };

	for (size_t i = 0; i < sizeof(sexes) / sizeof(*sexes); i++) {
		struct answer a = refer("", arena_printf(test_memory(), ",\"age\":30,\"sex\":\"%s\"", sexes[i]));

		cr_expect_eq(a.status, 201, "%s: %s", sexes[i], a.body);
		cr_expect_str_eq(answer_text(&a, "household.members.0.sex"), sexes[i], "%s", a.body);
	}
	cr_assert_eq(refer("", ",\"sex\":\"unknown\"").status, 422);
}

/* ---- forms ---- */

#define MAIN "household-situation=rough&household-members-0-kind=main"
#define BIRTH "&household-members-0-birth_date-"

static struct answer refer_by_page(const char *fields)
{
	static int key;

	return call_with(ROLE_navigator, "POST", "/referrals", PAGE,
			 arena_printf(test_memory(), MAIN "&_key=kinds%d%s", key++, fields));
}

Test(input_kinds, a_page_takes_a_month_by_name)
{
	static const char *const months[] = { "March", "mar", "MAR", "3", "03", "Mar." };

	for (size_t i = 0; i < sizeof(months) / sizeof(*months); i++) {
		struct answer a = refer_by_page(arena_printf(test_memory(), BIRTH "day=27" BIRTH "month=%s" BIRTH "year=1985", months[i]));

		cr_expect_eq(a.status, 303, "%s: %s", months[i], a.body);
	}
}

Test(input_kinds, a_page_says_which_part_of_a_date_is_missing)
{
	struct answer a = refer_by_page(BIRTH "day=27" BIRTH "month=" BIRTH "year=1985");

	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert_not_null(strstr(a.body, "<a href=\"#household-members-0-birth_date-month\">Date of birth must include a month</a>"),
			   "%s", a.body);
	cr_assert_not_null(strstr(a.body, "id=\"household-members-0-birth_date-month\""), "the link leads somewhere");
	a = refer_by_page(BIRTH "day=31" BIRTH "month=2" BIRTH "year=1985");
	cr_assert_not_null(strstr(a.body, "<a href=\"#household-members-0-birth_date-day\">Date of birth must be a real date</a>"),
			   "%s", a.body);
}

Test(input_kinds, a_page_names_what_is_wrong_with_a_telephone)
{
	struct answer a = refer_by_page("&household-safe_contact-phone=07700+900+12");

	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert_not_null(strstr(a.body, "a digit is missing"), "%s", a.body);
	cr_assert_eq(refer_by_page("&household-safe_contact-phone=01642%C2%A0900123+ext+12").status, 303);
}

Test(input_kinds, a_withdrawal_without_a_reason_leads_to_its_field)
{
	struct answer a = call_with(ROLE_provider, "POST", "/vacancies/" VACANCY_A1 "/withdraw", PAGE, "_key=w&reason=");

	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert_not_null(strstr(a.body, "href=\"#reason\""), "%s", a.body);
	cr_assert_not_null(strstr(a.body, "id=\"reason\""), "%s", a.body);
}

Test(input_kinds, a_cancellation_by_page_needs_a_reason)
{
	struct answer held = call(ROLE_navigator, "POST", API "/placements",
				  "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}"), a;
	const char *to = arena_printf(test_memory(), "/placements/%s/cancel", answer_text(&held, "id"));

	cr_assert_eq(held.status, 201, "%s", held.body);
	a = call_with(ROLE_navigator, "POST", to, PAGE, "_key=c&reason=");
	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert_not_null(strstr(a.body, "href=\"#reason\""), "%s", a.body);
	cr_assert_not_null(strstr(a.body, "id=\"reason\""), "%s", a.body);
	a = call_with(ROLE_navigator, "POST", to, PAGE, "_key=d&reason=no_longer_needed");
	cr_assert_eq(a.status, 303, "%s", a.body);
}

/* ---- lists ---- */

Test(input_kinds, show_more_keeps_the_filters)
{
	struct answer a = call_with(ROLE_navigator, "GET", "/vacancies?state=open&limit=1", "Accept: text/html\r\n", NULL);

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_not_null(strstr(a.body, "href=\"/vacancies?state=open&amp;limit=1&amp;cursor="), "%s", a.body);
}

static int with_cursor(const char *path, const char *cursor)
{
	return call(ROLE_navigator, "GET", arena_printf(test_memory(), API "%scursor=%s", path, cursor), NULL).status;
}

Test(input_kinds, a_cursor_belongs_to_its_list_and_filters)
{
	struct answer a = call(ROLE_navigator, "GET", API "/vacancies?state=open&limit=1", NULL);
	const char *next = answer_text(&a, "next");

	cr_assert_not_null(next, "%s", a.body);
	cr_expect_eq(with_cursor("/vacancies?state=open&", next), 200, "another limit");
	cr_expect_eq(with_cursor("/vacancies?limit=1&state=open&", next), 200, "another order");
	cr_expect_eq(with_cursor("/vacancies?", next), 400, "no filter");
	cr_expect_eq(with_cursor("/vacancies?state=held&", next), 400, "another filter");
	cr_expect_eq(with_cursor("/units?", next), 400, "another list");
	cr_expect_eq(with_cursor("/households?", next), 400, "another list");
}

static const struct {
	const char *path, *accept;
	int status;
	const char *type;
} accepts[] = {
	{ "/vacancies", "text/csv", 200, "text/csv; charset=utf-8" },
	{ "/units", "text/csv;q=0.9, application/json;q=0.1", 200, "text/csv; charset=utf-8" },
	{ "/units", "text/csv;q=0.1, application/json", 200, "application/json" },
	{ "/units", "text/*", 200, "text/csv; charset=utf-8" },
	{ "/units", "*/*", 200, "application/json" },
	{ "/units", "application/*", 200, "application/json" },
	{ "/units", "application/problem+json", 200, "application/json" },
	{ "/units", "text/html, */*;q=0.1", 200, "application/json" },
	{ "/units", "text/csv;q=0", 406, "application/problem+json" },
	{ "/units", "application/xml", 406, "application/problem+json" },
	{ "/units", "application/json;q=0", 406, "application/problem+json" },
	{ "/households", "text/csv", 406, "application/problem+json" },
	{ "/households", "text/csv, application/json;q=0.5", 200, "application/json" },
	{ "/units/" UNIT_A1, "text/csv", 406, "application/problem+json" },
	{ "/units", "", 200, "application/json" },
};

Test(input_kinds, an_answer_is_of_a_type_that_was_asked_for)
{
	for (size_t i = 0; i < sizeof(accepts) / sizeof(*accepts); i++) {
		struct answer a = call_with(ROLE_navigator, "GET", arena_printf(test_memory(), API "%s", accepts[i].path),
					    arena_printf(test_memory(), "Accept: %s\r\n", accepts[i].accept), NULL);

		cr_expect_eq(a.status, accepts[i].status, "%s as %s: %s", accepts[i].path, accepts[i].accept, a.body);
		cr_expect_str_eq(answer_header(&a, "Content-Type"), accepts[i].type, "%s as %s", accepts[i].path, accepts[i].accept);
	}
}

Test(input_kinds, csv_is_safe_in_a_spreadsheet)
{
	struct answer a;

	sql("UPDATE unit SET reference = '=1+\"2\", x' WHERE id = '" UNIT_A1 "'");
	a = call_with(ROLE_navigator, "GET", API "/units", "Accept: text/csv\r\n", NULL);
	cr_assert_eq(strncmp(a.body, "id,property_id,", strlen("id,property_id,")), 0, "%s", a.body);
	cr_assert_not_null(strstr(a.body, ",\"'=1+\"\"2\"\", x\","), "%s", a.body);
}

Test(input_kinds, any_version_matches_what_is_there)
{
	static const char headers[] = "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n";
	struct answer a = call_with(ROLE_provider, "PATCH", API "/units/" UNIT_A1, headers, "{\"cots\":1}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	a = call_with(ROLE_provider, "PATCH", API "/units/" NOBODY, headers, "{\"cots\":1}");
	cr_assert_eq(a.status, 404, "%s", a.body);
	a = call_with(ROLE_navigator, "PATCH", API "/households/" HOUSEHOLD, headers, "{\"pets\":true}");
	cr_assert_eq(a.status, 200, "%s", a.body);
}
