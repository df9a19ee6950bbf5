/* The ranked answer over HTTP: the roles that may ask for it, what it tells, and what it never tells. */
#include <criterion/criterion.h>
#include <string.h>

#include "memory.h"
#include "placing.h"

TestSuite(search, .init = service_start, .fini = service_stop);

#define WOMAN "\"situation\":\"friends\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"age\":30}]"

static struct answer search(int actor, const char *body)
{
	return call(actor, "POST", "/api/v1/vacancy-searches", "%s", body);
}

static struct answer search_unsafe(const char *place)
{
	return call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
		    "{\"household\":{" WOMAN ",\"unsafe_places\":[{\"kind\":\"perpetrator_home\",%s}]}}",
		    place);
}

static json_int_t counted(const struct answer *a)
{
	json_int_t sum = answer_int(a, "matching");
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(a->json, "not_fitting"), i, row)
		sum += json_integer_value(json_object_get(row, "count"));
	return sum;
}

Test(search, every_visible_vacancy_is_an_option_or_counted)
{
	struct answer a = search(ROLE_navigator, "{\"household_id\":\"" HOUSEHOLD "\"}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_eq(counted(&a), answer_int(&a, "total"), "%s", a.body);
	cr_assert_gt(answer_int(&a, "matching"), 0, "%s", a.body);
	cr_assert_null(strstr(a.body, OTHER_VACANCY), "another partnership's: %s", a.body);
}

/* ---- what the household has not said ---- */

static const char *question(const struct answer *a, int i)
{
	return json_string_value(json_object_get(json_array_get(json_object_get(a->json, "questions"), (size_t)i), "code"));
}

/* Not having asked is no pass: it is asked first, and no number tells where places are. */
Test(search, unsafe_places_are_the_first_question_until_somebody_has_answered)
{
	struct answer a = search(ROLE_navigator, "{\"household\":{" WOMAN "}}");

	cr_assert_str_eq(question(&a, 0), "unsafe_places", "%s", a.body);
	cr_assert_eq(json_array_size(json_object_get(json_array_get(json_object_get(a.json, "questions"), 0), "answers")), 0);
	a = search_unsafe("\"outward_code\":\"SW1A\"");
	cr_assert_neq(strcmp(question(&a, 0) ? question(&a, 0) : "", "unsafe_places"), 0, "%s", a.body);
	a = search(ROLE_navigator, "{\"household\":{" WOMAN ",\"unsafe_none_said_by\":\"applicant\"}}");
	cr_assert_null(strstr(a.body, "\"unsafe_places\""), "%s", a.body);
	a = search(ROLE_navigator, "{\"household\":{" WOMAN ",\"unsafe_none_said_by\":\"applicant\","
		   "\"unsafe_places\":[{\"kind\":\"family\",\"outward_code\":\"TS1\"}]}}");
	cr_assert(a.status == 422 && answer_has_error(&a, "/household/unsafe_none_said_by"), "%s", a.body);
}

/* As a member of a household. */
static const char *spoken(const char *question, const char *answer)
{
	bool set = strcmp(question, "poses") == 0 || strcmp(question, "avoids") == 0;
	bool support = strcmp(question, "support_needs") == 0;

	if ((set || support) && strcmp(answer, "none") == 0)
		return "[]";
	if (support)
		return arena_printf(test_memory(), "[{\"need\":\"%s\"}]", answer);
	if (set)
		return arena_printf(test_memory(), "[\"%s\"]", answer);
	if (strcmp(answer, "yes") == 0)
		return "true";
	return strcmp(answer, "no") == 0 ? "false" : arena_printf(test_memory(), "\"%s\"", answer);
}

/* What the question promises for an answer is what the search finds once it is given. */
Test(search, a_question_keeps_its_promise)
{
	struct answer a, answered;
	json_t *asked, *possible;
	size_t i, k;

	int answers = 0;

	sql("UPDATE unit SET pets = CASE WHEN id = '" UNIT_A1 "' THEN 'no' ELSE 'yes' END, wheelchair = 'none', "
	    "arson = 'no', mental_health = 'ask', highest_risk = 'medium', "
	    "mix_poses = '{gang}', mix_avoids = '{arson}', mix_reviewed_at = now()");
	board_settle();
	a = search(ROLE_navigator, "{\"household\":{" WOMAN "}}");
	cr_assert(strstr(a.body, "\"code\":\"pets\""), "%s", a.body);
	json_array_foreach(json_object_get(a.json, "questions"), i, asked) {
		const char *code = json_string_value(json_object_get(asked, "code"));

		json_array_foreach(json_object_get(asked, "answers"), k, possible) {
			const char *said = json_string_value(json_object_get(possible, "answer"));

			answers++;
			answered = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", "{\"household\":{" WOMAN ",\"%s\":%s}}",
					code, spoken(code, said));
			cr_assert_eq(answered.status, 200, "%s", answered.body);
			cr_assert_eq(answer_int(&answered, "matching"), json_integer_value(json_object_get(possible, "keeps")),
				     "%s %s: %s", code, said, answered.body);
		}
	}
	cr_assert_gt(answers, 20, "%s", a.body);
}

Test(search, another_partnership_sees_its_own_alone)
{
	struct answer a = search(ACTOR_other_officer, "{\"household\":{" WOMAN "}}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_null(strstr(a.body, VACANCY_A1), "%s", a.body);
	cr_assert_str_eq(answer_text(&a, "options.0.vacancy_id"), OTHER_VACANCY, "%s", a.body);
	a = search(ACTOR_other_officer, "{\"household_id\":\"" HOUSEHOLD "\"}");
	cr_assert_eq(a.status, 422, "as if there were none: %s", a.body);
	cr_assert(answer_has_error(&a, "/household_id"), "%s", a.body);
}

Test(search, one_household_stored_or_sent)
{
	struct answer none = search(ROLE_navigator, "{}");
	struct answer both = search(ROLE_navigator, "{\"household_id\":\"" HOUSEHOLD "\",\"household\":{" WOMAN "}}");
	struct answer wrong = search(ROLE_navigator,
		"{\"limit\":101,\"household\":{\"members\":[{\"kind\":\"main\",\"age\":-1}],\"wheelchair\":\"steep\"}}");

	cr_assert_eq(none.status, 422, "%s", none.body);
	cr_assert_eq(both.status, 422, "%s", both.body);
	cr_assert_eq(wrong.status, 422, "%s", wrong.body);
	cr_assert(answer_has_error(&wrong, "/limit"), "%s", wrong.body);
	cr_assert(answer_has_error(&wrong, "/household/wheelchair"), "%s", wrong.body);
	cr_assert(answer_has_error(&wrong, "/household/members/0/age"), "%s", wrong.body);
}

/* The first n topics, all answered yes, as JSON. */
static const char *dash(int n)
{
	struct answer codes = call(ROLE_navigator, "GET", "/api/v1/codes/dash_topic", NULL);
	static char text[2048];
	json_t *list = json_array(), *topics = json_object_get(codes.json, "codes");

	for (int i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{sOss}", "topic",
						      json_object_get(json_array_get(topics, (size_t)i), "code"),
						      "answer", "yes"));
	text[json_dumpb(list, text, sizeof(text) - 1, 0)] = '\0';
	json_decref(list);
	return text;
}

/* 14 answers of yes are high risk, in a search as in a referral. */
Test(search, answers_to_dash_count_as_in_a_referral)
{
	struct answer high, a, lowered;
	const char *answers = dash(14);

	sql("UPDATE unit SET highest_risk = 'medium' WHERE id = '" UNIT_A1 "'");
	board_settle();
	high = search(ROLE_navigator, "{\"household\":{" WOMAN ",\"risk_level\":\"high\"}}");
	a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", "{\"household\":{" WOMAN ",\"dash\":%s}}", answers);
	lowered = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
		       "{\"household\":{" WOMAN ",\"dash\":%s,\"risk_level\":\"standard\"}}", answers);
	cr_assert_not_null(strstr(high.body, "\"rule\":\"risk_level\""), "%s", high.body);
	cr_assert_str_eq(answer_text(&a, "inputs_hash"), answer_text(&high, "inputs_hash"), "%s", a.body);
	cr_assert_eq(lowered.status, 422, "%s", lowered.body);
	cr_assert(answer_has_error(&lowered, "/household/risk_level"), "%s", lowered.body);
}

Test(search, a_household_has_one_main_applicant)
{
	struct answer a = search(ROLE_navigator, "{\"household\":{\"situation\":\"rough\",\"members\":["
				 "{\"kind\":\"adult\",\"sex\":\"female\",\"age\":30}]}}");

	cr_assert_eq(a.status, 422, "%s", a.body);
	cr_assert(answer_has_error(&a, "/household/members"), "%s", a.body);
}

/* A stored household and one sent inline get the same answer: a provider's lawful policy
 * decides. */
Test(search, non_binary_is_asked_about_stored_or_sent)
{
	struct answer sent = search(ROLE_navigator, "{\"household\":{\"situation\":\"friends\",\"members\":["
				    "{\"kind\":\"main\",\"sex\":\"male\",\"gender_identity\":\"non_binary\",\"age\":45}]}}");
	struct answer stored;

	sql("UPDATE member SET sex = 'male', gender_identity = 'non_binary' WHERE household_id = '" HOUSEHOLD_2 "'");
	board_settle();
	stored = search(ROLE_navigator, "{\"household_id\":\"" HOUSEHOLD_2 "\"}");
	cr_assert_null(strstr(stored.body, "residents_sex\",\"detail"), "%s", stored.body);
	cr_assert_null(strstr(sent.body, "residents_sex\",\"detail"), "%s", sent.body);
}

/* A search is a location oracle: an unsafe area changes a total, and nothing else. TS10 is next to
 * TS11. */
Test(search, unsafe_areas_are_only_a_total)
{
	struct answer safe = search(ROLE_navigator, "{\"household\":{" WOMAN "}}");
	struct answer a = search_unsafe("\"outward_code\":\"TS11\"");

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_not_null(strstr(a.body, "\"rule\":\"not_suitable\""), "%s", a.body);
	cr_assert_null(strstr(a.body, "unsafe_area"), "%s", a.body);
	cr_assert_null(strstr(a.body, "TS1"), "no district: %s", a.body);
	cr_assert_eq(counted(&a), answer_int(&safe, "total"), "%s", a.body);
	cr_assert_lt(answer_int(&a, "matching"), answer_int(&safe, "matching"), "%s", a.body);
}

/* A hold stores the answer of the search on which it was decided, and no caller can change it. */
Test(search, a_hold_keeps_what_it_was_made_from)
{
	struct answer a = search(ROLE_navigator, "{\"household_id\":\"" HOUSEHOLD "\"}");
	struct answer b = hold(HOUSEHOLD, answer_text(&a, "options.0.vacancy_id"));
	struct answer told = call(ROLE_navigator, "POST", "/api/v1/placements",
		"{\"household_id\":\"" HOUSEHOLD_2 "\",\"vacancy_id\":\"" VACANCY_B1 "\",\"score\":999}");

	cr_assert_eq(b.status, 201, "%s", b.body);
	b = get(ROLE_navigator, answer_text(&b, "id"));
	cr_assert_str_eq(answer_text(&b, "inputs_hash"), answer_text(&a, "inputs_hash"), "%s", b.body);
	cr_assert_str_eq(answer_text(&b, "policy_version"), answer_text(&a, "policy_version"));
	cr_assert_eq(answer_int(&b, "score"), answer_int(&a, "options.0.score"), "%s", b.body);
	cr_assert_eq(told.status, 422, "a score is not taken from outside: %s", told.body);
}

Test(search, each_search_of_a_household_is_on_its_record)
{
	struct answer a = search(ROLE_navigator, "{\"household_id\":\"" HOUSEHOLD "\"}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'search' AND subject_id = '" HOUSEHOLD "'"),
			 "1");
}
