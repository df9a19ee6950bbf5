/* Changes of the access to a case that arrive together, with other changes of that case among
 * them. */
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "volley.h"

TestSuite(access_race, .init = service_start, .fini = service_stop, .timeout = 120);

enum { ALL = 4 };

#define CASE "/api/v1/households/" HOUSEHOLD
#define PERSON(name) sql("SELECT id FROM account WHERE username = '" name "'")

static struct shot shot_access(int actor, const char *person, const char *access)
{
	return shot(actor, CASE "/access", NULL, "{\"account_id\":\"%s\",\"access\":\"%s\",\"reason\":\"Known to the family\"}", person, access);
}

/* Another transaction has the case's row, so that all requests are there before the first may
 * write. */
static void volley_behind(struct shot *shots, int n)
{
	pid_t holder = fork();

	if (holder == 0) {
		sql("WITH busy AS MATERIALIZED (SELECT id FROM household WHERE id = '" HOUSEHOLD "' FOR UPDATE) "
		    "SELECT pg_sleep(0.7) FROM (SELECT count(*) FROM busy) b");
		_exit(0);
	}
	wait_asleep(holder);
	volley(shots, n);
	waitpid(holder, NULL, 0);
}

Test(access_race, the_first_restricts_the_case_and_the_others_follow)
{
	struct shot s[ALL] = {
		shot_access(ROLE_navigator, PERSON("sanctuary_coordinator"), "allow"),
		shot_access(ROLE_navigator, PERSON("housing_officer"), "allow"),
		shot_access(ROLE_navigator, PERSON("provider"), "deny"),
		shot_access(ROLE_navigator, PERSON("administrator"), "deny"),
	};

	volley_behind(s, ALL);
	for (int i = 0; i < ALL; i++)
		cr_expect_eq(s[i].a.status, 200, "%d: %s", s[i].a.status, s[i].a.body);
	cr_expect_str_eq(sql("SELECT string_agg(a.username || ' ' || c.access, ', ' ORDER BY a.username) FROM case_access c "
			     "JOIN account a ON a.id = c.account_id WHERE c.household_id = '" HOUSEHOLD "'"),
			 "administrator deny, housing_officer allow, navigator allow, provider deny, sanctuary_coordinator allow");
	cr_expect_str_eq(sql("SELECT restricted FROM household WHERE id = '" HOUSEHOLD "'"), "t");
}

/* An allowed person goes on writing while the list is changed. */
Test(access_race, other_changes_of_the_case_do_not_lose_it)
{
	struct shot s[ALL] = {
		shot_access(ROLE_navigator, PERSON("sanctuary_coordinator"), "allow"),
		shot(ROLE_navigator, CASE "/unsafe-places", NULL, "{\"kind\":\"family\",\"outward_code\":\"TS19\"}"),
		shot(ROLE_navigator, CASE "/members", NULL, "{\"kind\":\"child\",\"age\":3}"),
		shot(ROLE_navigator, CASE "/consents", NULL, "{\"purpose\":\"share_with_police\",\"basis\":\"given\"}"),
	};

	volley_behind(s, ALL);
	cr_expect_eq(s[0].a.status, 200, "%s", s[0].a.body);
	for (int i = 1; i < ALL; i++)
		cr_expect_eq(s[i].a.status, 201, "%d: %s", s[i].a.status, s[i].a.body);
}

/* A person whom the change leaves out is refused, even if they waited for the row: nothing that
 * they sent is stored. */
Test(access_race, who_is_denied_meanwhile_finds_no_case)
{
	struct shot s[] = {
		shot(ROLE_housing_officer, CASE "/unsafe-places", NULL, "{\"kind\":\"family\",\"outward_code\":\"TS19\"}"),
		shot_access(ROLE_housing_officer, PERSON("provider"), "deny"),
	};
	pid_t denier = fork();

	if (denier == 0) {
		sql("WITH busy AS MATERIALIZED (SELECT id FROM household WHERE id = '" HOUSEHOLD "' FOR UPDATE), "
		    "d AS (INSERT INTO case_access (household_id, account_id, access, reason) "
		    "SELECT b.id, a.id, 'deny', 'Known to the family' FROM busy b, account a WHERE a.username = 'housing_officer') "
		    "SELECT pg_sleep(0.7) FROM (SELECT count(*) FROM busy) b");
		_exit(0);
	}
	wait_asleep(denier);
	volley(s, 2);
	waitpid(denier, NULL, 0);
	for (int i = 0; i < 2; i++)
		cr_expect_eq(s[i].a.status, 404, "%d: %s", s[i].a.status, s[i].a.body);
	cr_expect_str_eq(sql("SELECT count(*) FROM unsafe_place WHERE outward_code = 'TS19'"), "0");
	cr_expect_str_eq(sql("SELECT count(*) FROM case_access WHERE household_id = '" HOUSEHOLD "'"), "1");
}
