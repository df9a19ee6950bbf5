/* The languages of the census, British Sign Language, and another in words. */
#include <criterion/criterion.h>
#include <string.h>

#include "referring.h"

TestSuite(languages, .init = service_start, .fini = service_stop);

#define SPEAKS "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"age\":30}],%s}}"

static struct answer refer_speaker(const char *languages)
{
	return call(ROLE_navigator, "POST", "/api/v1/referrals", SPEAKS, languages);
}

Test(languages, of_the_census_are_taken_and_scored)
{
	struct answer a;

	sql("UPDATE unit SET languages = '{yo,cy}', version = version + 1 WHERE id = '" UNIT_A1 "'");
	board_settle();
	a = refer_speaker("\"languages\":[\"yo\",\"bfi\"]");
	cr_assert_eq(a.status, 201, "%s", a.body);
	cr_assert_not_null(strstr(a.body, "\"code\":\"language\""), "somebody there speaks it: %s", a.body);
	a = refer_speaker("\"languages\":[\"lg\"]");
	cr_assert_null(strstr(a.body, "\"code\":\"language\""), "%s", a.body);
}

Test(languages, another_is_written_in_words)
{
	struct answer bare = refer_speaker("\"languages\":[\"other\"]"), said;

	cr_assert(bare.status == 422 && answer_has_error(&bare, "/household/other_language"), "%s", bare.body);
	sql("UPDATE unit SET languages = '{other}', version = version + 1 WHERE id = '" UNIT_A1 "'");
	board_settle();
	said = refer_speaker("\"languages\":[\"other\"],\"other_language\":\"Kashmiri\"");
	cr_assert_eq(said.status, 201, "%s", said.body);
	cr_assert_str_eq(answer_text(&said, "household.other_language"), "Kashmiri", "%s", said.body);
	cr_assert_null(strstr(said.body, "\"code\":\"language\""), "two other languages need not be the same");
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE detail::text ~ 'Kashmiri'"), "0");
}
