/* Who belongs to whom in a household: what cannot be is refused, when it is referred and when it is changed. */
#include <criterion/criterion.h>
#include <string.h>

#include "referring.h"

TestSuite(kin, .init = service_start, .fini = service_stop);

#define ONE "11111111-0000-4000-8000-000000000001"
#define TWO "11111111-0000-4000-8000-000000000002"

static struct answer refer_pair(const char *first, const char *second)
{
	return call(ROLE_navigator, "POST", "/api/v1/referrals",
		    "{\"household\":{\"situation\":\"rough\",\"members\":[{\"id\":\"" ONE "\",\"kind\":\"main\",%s},"
		    "{\"id\":\"" TWO "\",%s}]}}", first, second);
}

Test(kin, what_cannot_be_is_refused_with_the_referral)
{
	static const struct {
		const char *first, *second, *at, *code;
	} rows[] = {
		{ "\"age\":30,\"child_of\":\"" TWO "\"", "\"kind\":\"child\",\"age\":8,\"child_of\":\"" ONE "\"", "/household/members/0/child_of", "contradicts" },
		{ "\"age\":30", "\"kind\":\"child\",\"age\":12,\"partner_of\":\"" ONE "\"", "/household/members/1/partner_of", "out_of_range" },
		{ "\"age\":30,\"partner_of\":\"" TWO "\"", "\"kind\":\"child\",\"age\":12", "/household/members/0/partner_of", "out_of_range" },
		{ "\"age\":30", "\"kind\":\"adult\",\"age\":31,\"child_of\":\"" ONE "\"", "/household/members/1/child_of", "out_of_range" },
		{ "\"age\":50", "\"kind\":\"adult\",\"age\":20,\"child_of\":\"" ONE "\",\"partner_of\":\"" ONE "\"", "/household/members/1/partner_of", "contradicts" },
		{ "\"age\":50", "\"kind\":\"adult\",\"age\":20,\"child_of\":\"" TWO "\"", "/household/members/1/child_of", "not_found" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct answer a = refer_pair(rows[i].first, rows[i].second);

		cr_expect_eq(a.status, 422, "%zu: %s", i, a.body);
		cr_expect(answer_has_error(&a, rows[i].at), "%zu: %s", i, a.body);
		cr_expect(strstr(a.body, rows[i].code), "%zu: %s", i, a.body);
	}
}

Test(kin, what_can_be_is_taken)
{
	struct answer child = refer_pair("\"age\":30", "\"kind\":\"child\",\"age\":8,\"child_of\":\"" ONE "\"");
	struct answer couple = refer_pair("\"age\":30,\"partner_of\":\"" TWO "\"", "\"kind\":\"adult\",\"age\":16,\"partner_of\":\"" ONE "\"");
	struct answer unknown = refer_pair("\"sex\":\"female\"", "\"kind\":\"adult\",\"child_of\":\"" ONE "\"");

	cr_assert_eq(child.status, 201, "%s", child.body);
	cr_assert_eq(couple.status, 201, "%s", couple.body);
	cr_assert_eq(unknown.status, 201, "an age that nobody knows contradicts nothing: %s", unknown.body);
}

static struct answer change(const char *member, const char *body)
{
	return call_with(ROLE_navigator, "PATCH", path("members", member, ""),
			 "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", body);
}

Test(kin, a_change_is_judged_with_what_is_recorded)
{
	struct answer made = refer_pair("\"age\":30", "\"kind\":\"child\",\"age\":8,\"child_of\":\"" ONE "\"");
	const char *parent = answer_text(&made, "household.members.0.id"), *child = answer_text(&made, "household.members.1.id");
	struct answer a = change(parent, sql("SELECT json_build_object('child_of', '%s')", child));

	cr_assert(a.status == 422 && answer_has_error(&a, "/child_of"), "%s", a.body);
	a = change(child, sql("SELECT json_build_object('partner_of', '%s')", parent));
	cr_assert(a.status == 422 && answer_has_error(&a, "/partner_of"), "%s", a.body);
	a = change(child, "{\"age\":40}");
	cr_assert(a.status == 422 && answer_has_error(&a, "/child_of"), "older than the parent: %s", a.body);
	a = change(child, "{\"sex\":\"male\"}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	a = call(ROLE_navigator, "POST", path("households", answer_text(&made, "household.id"), "/members"),
		 "{\"kind\":\"child\",\"age\":3,\"partner_of\":\"%s\"}", parent);
	cr_assert(a.status == 422 && answer_has_error(&a, "/partner_of"), "%s", a.body);
}

Test(kin, an_age_that_follows_from_the_birth_date_stays_exact)
{
	struct answer made = call(ROLE_navigator, "POST", "/api/v1/referrals",
				  "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"name\":\"Marta Quill\",\"birth_date\":\"%s\"}]}}",
				  sql("SELECT (today() - interval '30 years 40 days')::date"));
	struct answer a;

	cr_assert_eq(made.status, 201, "%s", made.body);
	a = change(answer_text(&made, "household.members.0.id"), "{\"age\":30}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(sql("SELECT age_exact FROM member WHERE id = '%s'", answer_text(&made, "household.members.0.id")), "t");
}
