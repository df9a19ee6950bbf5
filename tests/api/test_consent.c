/* Consent, purpose by purpose: added to, never overwritten. */
#include <criterion/criterion.h>

#include "placing.h"

TestSuite(consent, .init = service_start, .fini = service_stop);

#define HERE "/api/v1/households/" HOUSEHOLD

static struct answer answer_of(const char *purpose, const char *basis, const char *more)
{
	return call(ROLE_navigator, "POST", HERE "/consents",
		    "{\"purpose\":\"%s\",\"basis\":\"%s\"%s}", purpose, basis, more);
}

Test(consent, withdrawal_is_added_and_who_asked_is_kept)
{
	struct answer none = call(ROLE_navigator, "GET", HERE, NULL);
	struct answer early = answer_of("share_with_providers", "withdrawn", "");
	struct answer given = answer_of("share_with_providers", "given", ""), gone, all, now;

	cr_assert(json_is_true(json_object_get(none.json, "consent_outstanding")), "%s", none.body);
	cr_assert(answer_has_error(&early, "/basis"), "nothing was given: %s", early.body);
	cr_assert_eq(given.status, 201, "%s", given.body);
	cr_assert_not_null(answer_text(&given, "account_id"), "%s", given.body);
	gone = answer_of("share_with_providers", "withdrawn", "");
	cr_assert_eq(gone.status, 201, "%s", gone.body);
	all = call(ROLE_sanctuary_coordinator, "GET", HERE "/consents", NULL);
	cr_assert_str_eq(answer_text(&all, "items.0.basis"), "withdrawn", "%s", all.body);
	cr_assert_str_eq(answer_text(&all, "items.1.basis"), "given", "it stays: %s", all.body);
	now = call(ROLE_navigator, "GET", HERE, NULL);
	cr_assert_str_eq(answer_text(&now, "consents.0.basis"), "withdrawn", "%s", now.body);
	cr_assert(json_is_false(json_object_get(now.json, "consent_outstanding")), "%s", now.body);
}

Test(consent, withdrawal_takes_the_household_back_from_who_it_was_offered_to)
{
	const char *offer, *hold = held(HOUSEHOLD, VACANCY_A2);

	answer_of("share_with_providers", "given", "");
	offer = offered(HOUSEHOLD, VACANCY_A1);
	cr_assert_eq(answer_of("contact", "refused", "").status, 201);
	cr_assert_str_eq(stored(offer), "offered", "of something else");
	cr_assert_eq(answer_of("share_with_providers", "withdrawn", "").status, 201);
	cr_assert_str_eq(stored(offer), "cancelled");
	cr_assert_str_eq(stored(hold), "held", "no provider knows of a hold");
}

Test(consent, nobody_changes_an_answer)
{
	answer_of("contact", "given", "");
	cr_assert_str_eq(sql("SELECT has_table_privilege('haven_app', 'consent', 'UPDATE')"), "f");
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE subject_kind = 'consent'"), "1");
}

Test(consent, high_risk_route_says_why_and_is_no_way_to_contact)
{
	struct answer bare = answer_of("share_with_police", "high_risk_without_consent", "");
	struct answer street = answer_of("share_with_police", "high_risk_without_consent",
					 ",\"reason\":\"He waits at 12 Acacia Road\"");
	struct answer contact = answer_of("contact", "high_risk_without_consent", ",\"reason\":\"High risk\"");
	struct answer good = answer_of("share_with_police", "high_risk_without_consent",
				       ",\"reason\":\"Threats to kill\"");

	cr_assert(answer_has_error(&bare, "/reason"), "%s", bare.body);
	cr_assert(answer_has_error(&street, "/reason"), "%s", street.body);
	cr_assert(answer_has_error(&contact, "/basis"), "%s", contact.body);
	cr_assert_eq(good.status, 201, "%s", good.body);
}

Test(consent, of_the_partnership_s_households)
{
	cr_assert_eq(call(ACTOR_other_officer, "POST", HERE "/consents",
			  "{\"purpose\":\"contact\",\"basis\":\"given\"}").status, 404);
	cr_assert_eq(call(ACTOR_other_officer, "GET", HERE "/consents", NULL).status, 404);
	cr_assert_eq(call(ROLE_provider, "GET", HERE "/consents", NULL).status, 403);
	cr_assert_str_eq(sql("SELECT count(*) FROM consent"), "0");
}
