/* Protected characteristics: there are three ways not to know one, and one place that shows
 * them. */
#include <criterion/criterion.h>
#include <string.h>

#include "inventory.h"
#include "service.h"

TestSuite(characteristic, .init = service_start, .fini = service_stop);

#define HERE "/api/v1/households/" HOUSEHOLD

static const char *of_main(void)
{
	static char path[160];

	snprintf(path, sizeof(path), HERE "/characteristics/%s",
		 sql("SELECT id FROM member WHERE household_id = '" HOUSEHOLD "' AND kind = 'main'"));
	return path;
}

Test(characteristic, nobody_was_asked_until_somebody_was)
{
	struct answer all = call(ROLE_navigator, "GET", HERE "/characteristics", NULL), changed, kept;

	cr_assert_eq(all.status, 200, "%s", all.body);
	cr_assert_str_eq(answer_text(&all, "items.1.religion"), "not_asked", "%s", all.body);
	changed = change(ROLE_navigator, of_main(), 0, "{\"ethnic_group\":\"white_roma\",\"religion\":\"prefers_not_to_say\"}");
	cr_assert_eq(changed.status, 200, "%s", changed.body);
	kept = change(ROLE_navigator, of_main(), 1, "{\"disability\":\"not_known\"}");
	cr_assert_str_eq(answer_text(&kept, "ethnic_group"), "white_roma", "%s", kept.body);
	cr_assert_str_eq(answer_text(&kept, "religion"), "prefers_not_to_say");
	cr_assert_str_eq(answer_text(&kept, "disability"), "not_known");
	cr_assert_str_eq(answer_text(&kept, "sexual_orientation"), "not_asked");
	cr_assert_eq(answer_int(&kept, "version"), 2);
}

Test(characteristic, two_editors_do_not_overwrite_each_other)
{
	struct answer none = call(ROLE_navigator, "PATCH", of_main(), "{\"religion\":\"sikh\"}");

	cr_assert_eq(none.status, 428, "%s", none.body);
	cr_assert_eq(change(ROLE_navigator, of_main(), 3, "{\"religion\":\"sikh\"}").status, 412);
	cr_assert_eq(change(ROLE_navigator, of_main(), 0, "{\"religion\":\"sikh\"}").status, 200);
	cr_assert_eq(change(ROLE_navigator, of_main(), 0, "{\"religion\":\"hindu\"}").status, 412);
}

Test(characteristic, seen_here_only_and_reading_is_recorded)
{
	struct answer shown, listed, found;

	cr_assert_eq(change(ROLE_navigator, of_main(), 0, "{\"ethnic_group\":\"arab\",\"sexual_orientation\":\"bisexual\"}").status, 200);
	shown = call(ROLE_navigator, "GET", HERE, NULL);
	listed = call(ROLE_navigator, "GET", "/api/v1/households", NULL);
	found = call(ROLE_navigator, "GET", "/api/v1/referrals/" REFERRAL, NULL);
	cr_assert(!strstr(shown.body, "bisexual") && !strstr(shown.body, "arab"), "%s", shown.body);
	cr_assert(!strstr(listed.body, "bisexual") && !strstr(found.body, "bisexual"), "%s", listed.body);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE detail::text ~ 'bisexual|arab'"), "0",
			 "the trail says that, not what");
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE subject_kind = 'member_characteristic' "
			     "AND household_id = '" HOUSEHOLD "'"), "1");
	call(ROLE_navigator, "GET", HERE "/characteristics", NULL);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE subject_kind = 'member_characteristic' "
			     "AND action = 'read'"), "1");
}

Test(characteristic, for_who_has_the_case)
{
	cr_assert_eq(call(ROLE_sanctuary_coordinator, "GET", HERE "/characteristics", NULL).status, 403);
	cr_assert_eq(call(ROLE_provider, "GET", HERE "/characteristics", NULL).status, 403);
	cr_assert_eq(call(ACTOR_other_officer, "GET", HERE "/characteristics", NULL).status, 404);
	cr_assert_eq(change(ACTOR_other_officer, of_main(), 0, "{\"religion\":\"sikh\"}").status, 404);
	cr_assert_str_eq(sql("SELECT count(*) FROM member_characteristic"), "0");
}

/* The board is not even told of a change. */
Test(characteristic, matches_nothing)
{
	const char *before;

	board_settle();
	before = sql("SELECT coalesce(max(seq), 0) FROM change_log");
	cr_assert_eq(change(ROLE_navigator, of_main(), 0, "{\"religion\":\"sikh\"}").status, 200);
	cr_assert_str_eq(sql("SELECT coalesce(max(seq), 0) FROM change_log"), before);
}
