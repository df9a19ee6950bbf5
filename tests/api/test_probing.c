/* A search is a location oracle (domain: confidentiality). An insider who draws unsafe areas and
 * watches which places vanish must be left with 4 km² of doubt after 1,000 searches, and must be
 * noticed.
 *
 * Every district of the table has a vacancy that differs from the others only in its district, and
 * one district has two. The test compares what the insider sees of each place in all answers.
 * Places that look alike in every answer cannot be told apart, and the area of their districts is
 * the doubt. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embedded.h"
#include "memory.h"
#include "referring.h"

enum { SEARCHES = 1000, PLACES = 64, SEEN = 64 };

static void start_unlimited(void)
{
	setenv("HAVEN_SEARCH_BUDGET", "1000000", 1);
	service_start_own();
}

static void start_uncounted(void)
{
	setenv("HAVEN_SEARCH_BUDGET", "0", 1);
	service_start_own();
}

TestSuite(uncounted_probing, .init = start_uncounted, .fini = service_stop, .timeout = 120);
TestSuite(probing, .init = service_start, .fini = service_stop, .timeout = 120);
TestSuite(unlimited_probing, .init = start_unlimited, .fini = service_stop, .timeout = 120);

static struct place {
	char vacancy[40], district[8];
	double km2;
	uint64_t seen;	/* hash of everything seen of it */
} place[PLACES];
static int places;

/* "centre TS1 450 520 2": the place may be anywhere within that reach. */
static double area_of(const char *district)
{
	const struct embedded *kingdom = embedded_find("config/geography/kingdom.txt");
	const char *text = arena_strndup(test_memory(), (const char *)kingdom->bytes, kingdom->size);
	const char *line = strstr(text, arena_printf(test_memory(), "centre %s ", district));
	char *rest;
	long reach;

	cr_assert(line, "%s has no centre", district);
	strtol(line + strlen("centre ") + strlen(district), &rest, 10);
	strtol(rest, &rest, 10);
	reach = strtol(rest, NULL, 10);
	return 3.14159 * (double)(reach * reach);
}

static void add_place(const char *district)
{
	struct place *p = &place[places++];
	const char *property = sql("INSERT INTO property SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(),"
				   " 'outward_code', '%s'))).* FROM property p WHERE p.id = '" PROPERTY_B "' RETURNING id", district);
	const char *unit = sql("INSERT INTO unit (property_id, organisation_id, reference, self_contained, bedrooms, max_people, highest_risk)"
			       " SELECT '%s', organisation_id, reference, self_contained, bedrooms, max_people, highest_risk FROM unit"
			       " WHERE id = '" UNIT_B1 "' RETURNING id", property);
	const char *vacancy = sql("INSERT INTO vacancy (unit_id, organisation_id, available_from) VALUES ('%s', '" PROVIDER_B
				  "', current_date - 1) RETURNING id", unit);

	snprintf(p->vacancy, sizeof(p->vacancy), "%s", vacancy);
	snprintf(p->district, sizeof(p->district), "%s", district);
	p->km2 = area_of(district);
}

static void hide_places(void)
{
	static const char *const districts[] = {
		"TS1", "TS1", "TS2", "TS3", "TS4", "TS5", "TS6", "TS7", "TS8", "TS9", "TS10", "TS11", "TS12", "TS13", "TS14",
		"TS15", "TS16", "TS17", "TS18", "TS19", "TS20", "TS21", "TS22", "TS23", "TS24", "TS25", "TS26", "TS27", "TS28",
		"TS29", "DL1", "DL2", "DL5", "DL6", "SR8", "YO21",
	};

	for (size_t i = 0; i < sizeof(districts) / sizeof(*districts); i++)
		add_place(districts[i]);
	board_settle();
}

/* ---- the insider's searches ---- */

static uint32_t dice(uint32_t below)
{
	static uint32_t state = 12345;

	state = state * 1664525u + 1013904223u;
	return (state >> 8) % below;
}

static const char *area(void)
{
	const char *district = place[dice((uint32_t)places)].district;

	switch (dice(3)) {
	case 0: return arena_printf(test_memory(), "{\"kind\":\"family\",\"outward_code\":\"%s\"}", district);
	case 1: return arena_printf(test_memory(), "{\"kind\":\"family\",\"sector\":\"%s %u\"}", district, dice(10));
	default:
		return arena_printf(test_memory(), "{\"kind\":\"family\",\"circle\":{\"easting\":%u,\"northing\":%u,\"radius_m\":%u}}",
				    430000 + dice(50000), 500000 + dice(40000), 1 + dice(9000));
	}
}

/* A search with one unsafe area or several, and with schools that the household must reach. */
static struct answer probe(void)
{
	struct text t = text_in(test_memory());

	for (uint32_t i = 0, n = 1 + dice(3); i < n; i++)
		text_printf(&t, "%s%s", i ? "," : "", area());
	return call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
		    "{\"limit\":100,\"near_misses\":20,\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\","
		    "\"age\":30}],\"unsafe_places\":[%s],\"places_to_reach\":[\"%s\"]}}", text_done(&t), place[dice((uint32_t)places)].district);
}

/* ---- the insider's observations ---- */

static void look_at(const json_t *row)
{
	const char *id = json_string_value(json_object_get(row, "vacancy_id"));
	json_t *seen = json_deep_copy(row);
	char *text;

	/* names that differ anyway, and the order of equal places, which goes by id */
	json_object_del(seen, "vacancy_id");
	json_object_del(seen, "rank");
	json_object_del(seen, "last_confirmed_at");
	text = json_dumps(seen, JSON_COMPACT | JSON_SORT_KEYS);
	for (int i = 0; i < places; i++)
		for (const char *c = text; strcmp(place[i].vacancy, id) == 0 && *c; c++)
			place[i].seen = (place[i].seen ^ (unsigned char)*c) * 0x100000001b3;
	free(text);
	json_decref(seen);
}

static void look(const struct answer *a)
{
	static const char *const lists[] = { "options", "near_misses" };
	json_t *row;
	size_t i;

	for (int list = 0; list < 2; list++) {
		json_array_foreach(json_object_get(a->json, lists[list]), i, row) {
			look_at(row);
		}
	}
	for (int p = 0; p < places; p++)	/* separates this answer from the next */
		place[p].seen = (place[p].seen ^ 0xff) * 0x100000001b3;
}

/* Searches until the service refuses; returns the number of answers. */
static int search_all(void)
{
	int answered = 0;

	for (int i = 0; i < SEARCHES; i++) {
		struct answer a = probe();

		cr_assert(a.status == 200 || a.status == 429, "%d %s", a.status, a.body);
		answered += a.status == 200;
		if (a.status == 200)
			look(&a);
	}
	return answered;
}

/* The least doubt about any place: districts that looked alike may hold it. */
static double doubt(void)
{
	double least = 1e9;

	for (int i = 0; i < places; i++) {
		double km2 = 0;

		for (int j = 0; j < places; j++)
			if (place[j].seen == place[i].seen && (j == 0 || strcmp(place[j].district, place[j - 1].district) != 0))
				km2 += place[j].km2;
		least = km2 < least ? km2 : least;
	}
	return least;
}

static void expect_doubt(void)
{
	cr_assert_geq(doubt(), 4.0, "%.1f km² of doubt", doubt());
	cr_assert_eq(place[0].seen, place[1].seen, "two places of one district cannot be told apart");
	cr_assert_neq(place[0].seen, place[20].seen, "the insider looked");
}

Test(probing, thousand_searches_leave_doubt_and_are_noticed)
{
	hide_places();
	cr_assert_eq(search_all(), 200, "the budget of a day");
	expect_doubt();
	cr_assert_str_eq(sql("SELECT string_agg(kind || ' ' || n, ', ' ORDER BY kind) FROM (SELECT kind, count(*) AS n FROM alert GROUP BY kind) t"),
			 "area_probing 1, search_budget 2", "of the case, and of all cases together");
}

Test(unlimited_probing, thousand_searches_leave_doubt_and_are_noticed)
{
	hide_places();
	cr_assert_eq(search_all(), SEARCHES);
	expect_doubt();
	cr_assert_str_eq(sql("SELECT string_agg(kind, ', ') FROM alert"), "area_probing");
}

/* ---- the counting ---- */

static struct answer search(int actor, const char *household)
{
	return call(actor, "POST", "/api/v1/vacancy-searches", "{\"household_id\":\"%s\"}", household);
}

static const char *alerts(void)
{
	return sql("SELECT coalesce(string_agg(kind || coalesce(' ' || household_id, ''), ', ' ORDER BY raised_at), '') FROM alert");
}

Test(probing, changing_unsafe_areas_and_searching_again_is_noticed)
{
	static const char *const codes[] = { "TS1", "TS2", "TS3", "TS4" };
	struct answer a = search(ROLE_navigator, HOUSEHOLD);

	cr_assert_eq(a.status, 200, "%s", a.body);
	for (int i = 0; i < 4; i++) {
		cr_assert_str_eq(alerts(), "", "after %d changes", i);
		a = call(ROLE_navigator, "POST", path("households", HOUSEHOLD, "/unsafe-places"),
			 "{\"kind\":\"family\",\"outward_code\":\"%s\"}", codes[i]);
		cr_assert_eq(a.status, 201, "%s", a.body);
		board_settle();
		cr_assert_eq(search(ROLE_navigator, HOUSEHOLD).status, 200);
		cr_assert_eq(search(ROLE_navigator, HOUSEHOLD).status, 200, "again without a change");
		cr_assert_eq(search(ROLE_navigator, HOUSEHOLD_2).status, 200, "other cases are other counts");
	}
	cr_assert_str_eq(alerts(), "area_probing " HOUSEHOLD);
}

/* Confirming changes no area, however many there are; ending does. */
Test(probing, places_that_are_confirmed_are_no_edit)
{
	const char *ids;

	sql("INSERT INTO unsafe_place (household_id, kind, outward_code) SELECT '" HOUSEHOLD "', 'family', 'TS' || i"
	    " FROM generate_series(1, 8) i");
	ids = sql("SELECT string_agg(id::text, '' ORDER BY id) FROM unsafe_place");
	for (int i = 0; i < 8; i++) {
		const char *id = arena_strndup(test_memory(), ids + i * 36, 36);

		cr_assert_eq(call(ROLE_navigator, "POST", path("unsafe-places", id, "/confirm"), NULL).status, 200);
	}
	cr_expect_str_eq(alerts(), "");
	cr_expect_str_eq(sql("SELECT coalesce(sum(edits), 0) FROM edit_count"), "0");
	for (int i = 0; i < 6; i++) {
		const char *id = arena_strndup(test_memory(), ids + i * 36, 36);

		cr_assert_str_eq(alerts(), "", "after %d", i);
		cr_assert_eq(call(ROLE_navigator, "POST", path("unsafe-places", id, "/end"), NULL).status, 200);
	}
	cr_expect_str_eq(alerts(), "area_probing " HOUSEHOLD);
}

Test(probing, looking_at_a_referral_counts_for_its_case)
{
	sql("INSERT INTO search_count (account_id, bucket, day, searches) SELECT id, '" HOUSEHOLD "', today(), 198 FROM account"
	    " WHERE username = 'navigator'");
	cr_assert_eq(search(ROLE_navigator, HOUSEHOLD).status, 200);
	cr_assert_eq(call(ROLE_navigator, "GET", "/api/v1/referrals/" REFERRAL, NULL).status, 200);
	cr_assert_str_eq(alerts(), "");
	cr_assert_eq(search(ROLE_navigator, HOUSEHOLD).status, 429);
	cr_assert_eq(call(ROLE_navigator, "GET", "/api/v1/referrals/" REFERRAL, NULL).status, 429);
	cr_assert_str_eq(alerts(), "search_budget " HOUSEHOLD, "once a day");
	cr_assert_eq(search(ROLE_navigator, HOUSEHOLD_2).status, 200, "another case");
	cr_assert_eq(search(ROLE_housing_officer, HOUSEHOLD).status, 200, "another person");
	sql("UPDATE search_count SET day = day - 1");
	cr_assert_eq(search(ROLE_navigator, HOUSEHOLD).status, 200, "another day");
}

static int candidates(int actor, const char *vacancy)
{
	return call(actor, "GET", path("vacancies", vacancy, "/candidates"), NULL).status;
}

/* Editing a case and listing a vacancy's candidates again tells an insider as much as a search. */
Test(probing, lists_of_candidates_have_a_budget_of_their_own)
{
	cr_assert_eq(candidates(ROLE_navigator, VACANCY_A1), 200);
	sql("UPDATE search_count SET searches = 199 WHERE bucket = 'cccccccc-cccc-cccc-cccc-cccccccccccc'");
	cr_assert_eq(candidates(ROLE_navigator, VACANCY_B1), 200, "whichever vacancy, they are one count");
	cr_assert_str_eq(alerts(), "");
	cr_assert_eq(candidates(ROLE_navigator, VACANCY_A1), 429);
	cr_assert_eq(candidates(ROLE_navigator, VACANCY_B1), 429);
	cr_assert_str_eq(alerts(), "search_budget", "once a day, of no case");
	cr_assert_eq(search(ROLE_navigator, HOUSEHOLD).status, 200, "searches are another count");
	cr_assert_eq(candidates(ROLE_housing_officer, VACANCY_A1), 200, "another person");
	cr_assert_str_eq(sql("SELECT searches FROM search_count JOIN account ON id = account_id WHERE username = 'navigator'"
			     " AND bucket = 'ffffffff-ffff-ffff-ffff-ffffffffffff'"), "5", "all of it together");
	sql("UPDATE search_count SET day = day - 1");
	cr_assert_eq(candidates(ROLE_navigator, VACANCY_A1), 200, "another day");
}

Test(uncounted_probing, nothing_is_counted_without_a_budget)
{
	cr_assert_eq(candidates(ROLE_navigator, VACANCY_A1), 200);
	cr_assert_eq(search(ROLE_navigator, HOUSEHOLD).status, 200);
	cr_assert_str_eq(sql("SELECT count(*) FROM search_count"), "0");
}

/* An insider who spreads the searches over many cases is noticed as well. */
Test(probing, searches_of_all_cases_together_are_noticed)
{
	sql("INSERT INTO search_count (account_id, bucket, day, searches) SELECT id, 'ffffffff-ffff-ffff-ffff-ffffffffffff', today(), 800"
	    " FROM account WHERE username = 'navigator'");
	cr_assert_eq(search(ROLE_navigator, HOUSEHOLD).status, 200);
	cr_assert_str_eq(alerts(), "search_budget");
}

/* ---- ordinary nights, and others ---- */

/* A search for a caller; nothing is stored. */
static void call_about(const char *areas)
{
	struct text t = text_in(test_memory());
	char *rest = arena_strdup(test_memory(), areas), *code;
	struct answer a;

	while ((code = strsep(&rest, " ")))
		text_printf(&t, "%s{\"kind\":\"family\",\"outward_code\":\"%s\"}", t.len ? "," : "", code);
	a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
		 "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"age\":30}],"
		 "\"unsafe_places\":[%s]}}", text_done(&t));
	cr_assert_eq(a.status, 200, "%s", a.body);
}

static void call_about_each(const char *const *areas)
{
	for (; *areas; areas++)
		call_about(*areas);
}

/* One navigator, five callers, each with other unsafe areas; each is searched for again. */
Test(probing, an_ordinary_night_raises_no_alert)
{
	static const char *const callers[] = { "TS1", "TS18", "TS24 TS25", "DL1", "TS10", NULL };

	call_about_each(callers);
	call_about_each(callers);
	cr_assert_str_eq(alerts(), "");
	cr_assert_str_eq(sql("SELECT count(*) FROM search_division"), "5", "the same areas divide nothing further");
}

/* Real callers come from where people live, so their areas overlap: five anywhere, fifty nights. */
Test(probing, a_month_of_ordinary_nights_raises_no_alert)
{
	static const char *const towns[] = { "TS1", "TS3", "TS4", "TS5", "TS6", "TS10", "TS12", "TS14", "TS17", "TS18",
					     "TS19", "TS20", "TS23", "TS24", "TS25", "TS26", "DL1", "DL2", "DL3" };

	for (int night = 0; night < 30; night++) {
		for (int caller = 0; caller < 5; caller++)
			call_about(towns[dice(sizeof(towns) / sizeof(*towns))]);
		cr_assert_str_eq(alerts(), "", "night %d", night);
		sql("UPDATE search_division SET at = at - interval '25 hours'");
		sql("UPDATE search_count SET day = day - 1");
	}
	cr_assert_leq(atoi(sql("SELECT count(*) FROM search_division")), 5, "an old night is forgotten");
}

/* The same, but each caller is invented to divide the map. */
Test(probing, callers_invented_to_divide_the_map_raise_an_alert)
{
	static const char *const callers[] = { "TS2", "TS8", "TS14", "TS18", "TS22", "TS6 TS17", "TS5 TS20", "TS4 TS25", NULL };

	call_about_each(callers);
	cr_assert_str_eq(alerts(), "area_probing");
	call_about("TS13 TS9");
	cr_assert_str_eq(alerts(), "area_probing", "once a day");
	cr_assert_geq(atoi(sql("SELECT told FROM districts_told((SELECT id FROM account WHERE username = 'navigator'))")), 12);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE detail ? 'divides'"), "0", "the trail does not say where");
}

/* Searches that divide nothing further hide nothing: sectors are of their district. */
Test(probing, padding_does_not_hide_who_divides_the_map)
{
	static const char *const callers[] = { "TS1", "TS2", "TS3", "TS6", "TS18", "TS5", "TS17", NULL };

	for (int i = 0; i < 10; i++)
		cr_assert_eq(call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
				  "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"age\":30}],"
				  "\"unsafe_places\":[{\"kind\":\"family\",\"sector\":\"TS1 %d\"}]}}", i).status, 200);
	cr_assert_str_eq(alerts(), "");
	call_about_each(callers);
	cr_assert_str_eq(alerts(), "area_probing");
}

/* By halves one place after the other is found, and few districts are told by each. */
Test(probing, nobody_has_twenty_callers_whose_areas_all_differ)
{
	char code[16];

	for (int i = 1; i <= 20; i++) {
		cr_assert_str_eq(alerts(), "", "after %d", i - 1);
		snprintf(code, sizeof(code), "%s%d", i <= 8 ? "DL" : "SR", i <= 8 ? i : i - 8);
		if (i > 16)
			snprintf(code, sizeof(code), "NE%d", i - 10);
		call_about(code);
	}
	cr_assert_str_eq(alerts(), "area_probing");
}

/* Who looks at the cases of colleagues does not choose their areas. */
Test(probing, cases_of_colleagues_divide_nothing)
{
	static const char *const areas[] = { "TS1", "TS2", "TS3", "TS6", "TS18", "TS5", "TS17" };

	for (size_t i = 0; i < sizeof(areas) / sizeof(*areas); i++)
		cr_assert_eq(call(ROLE_navigator, "POST", "/api/v1/referrals",
				  "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"age\":30}],"
				  "\"unsafe_places\":[{\"kind\":\"family\",\"outward_code\":\"%s\"}]}}", areas[i]).status, 201);
	sql("UPDATE search_count SET told_at = NULL");
	sql("DELETE FROM search_division");
	sql("DELETE FROM alert");
	board_settle();
	for (size_t i = 0; i < sizeof(areas) / sizeof(*areas); i++)
		cr_assert_eq(search(ROLE_housing_officer, sql("SELECT household_id FROM unsafe_place WHERE outward_code = '%s' ORDER BY id DESC LIMIT 1",
							      areas[i])).status, 200);
	cr_assert_str_eq(alerts(), "");
	cr_assert_str_eq(sql("SELECT count(*) FROM search_division"), "0");
}

/* Cases that are stored one after the other tell as much. */
Test(probing, so_do_invented_cases)
{
	static const char *const callers[] = { "TS1", "TS2", "TS3", "TS6", "TS18", "TS5", "TS17" };

	for (size_t i = 0; i < sizeof(callers) / sizeof(*callers); i++)
		cr_assert_eq(call(ROLE_navigator, "POST", "/api/v1/referrals",
				  "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\",\"age\":30}],"
				  "\"unsafe_places\":[{\"kind\":\"family\",\"outward_code\":\"%s\"}]}}", callers[i]).status, 201);
	cr_assert_str_eq(alerts(), "area_probing");
}

/* ---- hidden cases ---- */

Test(probing, case_that_is_denied_looks_as_if_it_did_not_exist)
{
	struct answer none = search(ROLE_navigator, NOBODY), a, list, before;

	before = call(ROLE_navigator, "GET", "/api/v1/vacancies/" VACANCY_B1 "/candidates", NULL);
	sql("INSERT INTO case_access (household_id, account_id, access, reason) SELECT '" HOUSEHOLD "', id, 'deny', 'r'"
	    " FROM account WHERE username = 'navigator'");
	a = search(ROLE_navigator, HOUSEHOLD);
	json_object_del(a.json, "request_id");
	json_object_del(none.json, "request_id");
	cr_assert_eq(a.status, none.status, "%s", a.body);
	cr_assert(json_equal(a.json, none.json), "%s and %s", a.body, none.body);
	cr_assert_eq(call(ROLE_navigator, "GET", "/api/v1/referrals/" REFERRAL, NULL).status, 404);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE household_id = '" HOUSEHOLD "' AND action IN ('read', 'search')"), "0");
	list = call(ROLE_navigator, "GET", "/api/v1/vacancies/" VACANCY_B1 "/candidates", NULL);
	cr_assert_eq(answer_int(&before, "waiting"), 2, "%s", before.body);
	cr_assert_eq(answer_int(&list, "waiting"), 1, "%s", list.body);
	cr_assert_null(strstr(list.body, HOUSEHOLD), "%s", list.body);
	cr_assert_eq(search(ROLE_housing_officer, HOUSEHOLD).status, 200, "a colleague sees it");
}
