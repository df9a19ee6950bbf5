/* What the household says to the questions of a search, and the search that follows. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/text.h"
#include "memory.h"
#include "opened.h"
#include "referring.h"
#include "service.h"

TestSuite(answers, .init = service_start, .fini = service_stop);

#define LITTLE "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\"}]}}"

static bool asked(const struct answer *a, const char *question)
{
	json_t *one, *questions = json_object_get(json_object_get(a->json, "search"), "questions");
	size_t i;

	json_array_foreach(questions, i, one)
		if (strcmp(json_string_value(json_object_get(one, "code")), question) == 0)
			return true;
	return false;
}

static struct answer say(const char *referral, const char *body)
{
	return call(ROLE_navigator, "POST", path("referrals", referral, "/answers"), "%s", body);
}

/* The answer to a change is made from what was just stored, whichever worker has it on its board. */
Test(answers, an_answer_closes_its_question_and_ranks_again)
{
	struct answer a = refer(LITTLE), said;
	const char *id = answer_text(&a, "referral.id");

	cr_assert(asked(&a, "pets") && asked(&a, "unsafe_places") && asked(&a, "applicant_age"), "%s", a.body);
	said = say(id, "{\"pets\":true,\"applicant_age\":30,\"poses\":[],\"none\":[\"avoids\",\"support_needs\"],"
		   "\"unsafe_places\":[{\"kind\":\"perpetrator_home\",\"outward_code\":\"TS10\"}]}");
	cr_assert_eq(said.status, 200, "%s", said.body);
	cr_assert_not(asked(&said, "pets"), "%s", said.body);
	cr_assert_not(asked(&said, "unsafe_places"), "%s", said.body);
	cr_assert_not(asked(&said, "applicant_age"), "%s", said.body);
	cr_assert_not(asked(&said, "poses"), "%s", said.body);
	cr_assert_not(asked(&said, "support_needs"), "%s", said.body);
	cr_assert_eq(answer_int(&said, "search.matching"), 1, "the refuge in TS10 is out: %s", said.body);
	cr_assert_eq(answer_int(&said, "household.members.0.age"), 30, "%s", said.body);
	a = call(ROLE_navigator, "GET", path("referrals", id, ""), NULL);
	cr_assert_not(asked(&a, "pets"), "as it is stored: %s", a.body);
	said = say(id, "{\"pets\":true}");
	cr_assert_eq(said.status, 200, "saying it twice: %s", said.body);
}

Test(answers, nowhere_is_unsafe_needs_somebody_who_said_so)
{
	struct answer a = refer(LITTLE), said;
	const char *id = answer_text(&a, "referral.id");

	said = say(id, "{\"unsafe_none_said_by\":\"applicant\","
		   "\"unsafe_places\":[{\"kind\":\"family\",\"outward_code\":\"TS10\"}]}");
	cr_assert(said.status == 422 && answer_has_error(&said, "/unsafe_none_said_by"), "%s", said.body);
	said = say(id, "{\"unsafe_places\":[{\"kind\":\"family\",\"outward_code\":\"TS81\"}]}");
	cr_assert(said.status == 422 && answer_has_error(&said, "/unsafe_places/0/outward_code"), "%s", said.body);
	said = say(id, "{\"none\":[\"poses\"],\"poses\":[\"arson\"]}");
	cr_assert(said.status == 422 && answer_has_error(&said, "/poses"), "%s", said.body);
	said = say(id, "{\"unsafe_none_said_by\":\"applicant\"}");
	cr_assert_eq(said.status, 200, "%s", said.body);
	cr_assert_not(asked(&said, "unsafe_places"), "%s", said.body);
}

/* As for a referral that does not exist. */
Test(answers, another_partnerships_referral_is_not_found)
{
	struct answer a = refer(LITTLE), other;
	const char *id = answer_text(&a, "referral.id");

	other = call(ACTOR_other_officer, "POST", path("referrals", id, "/answers"), "{\"pets\":true}");
	cr_assert_eq(other.status, 404, "%s", other.body);
	other = say("00000000-0000-4000-8000-000000000000", "{\"pets\":true}");
	cr_assert_eq(other.status, 404, "%s", other.body);
	other = call(ROLE_provider, "POST", path("referrals", id, "/answers"), "{\"pets\":true}");
	cr_assert_eq(other.status, 403, "%s", other.body);
}

Test(answers, a_closed_case_takes_none)
{
	struct answer a = refer(LITTLE), said;
	const char *id = answer_text(&a, "referral.id");

	cr_assert_eq(call(ROLE_navigator, "POST", path("referrals", id, "/close"),
			  "{\"reason\":\"returned\"}").status, 200);
	said = say(id, "{\"pets\":true}");
	cr_assert_eq(said.status, 409, "%s", said.body);
}

/* A search looks at sixteen: a seventeenth would protect nobody. */
Test(answers, unsafe_places_beyond_what_a_search_looks_at_are_refused)
{
	struct answer a = refer(LITTLE), said;
	const char *id = answer_text(&a, "referral.id");
	struct text t = text_in(test_memory());

	for (int i = 0; i < 16; i++)
		text_printf(&t, "%s{\"kind\":\"family\",\"outward_code\":\"TS%d\"}", i ? "," : "", i + 1);
	said = say(id, arena_printf(test_memory(), "{\"unsafe_places\":[%s]}", text_done(&t)));
	cr_assert_eq(said.status, 200, "%s", said.body);
	said = say(id, "{\"unsafe_places\":[{\"kind\":\"family\",\"outward_code\":\"DL1\"}]}");
	cr_assert(said.status == 422 && answer_has_error(&said, "/unsafe_places"), "%s", said.body);
	said = say(id, "{\"applicant_age\":15}");
	cr_assert(said.status == 422 && answer_has_error(&said, "/applicant_age"), "%s", said.body);
}
