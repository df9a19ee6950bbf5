/* The band of a household, in the database and in the program. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "database.h"
#include "match/household.h"
#include "match/policy.h"

static void start(void)
{
	fresh_database("haven_template");
}

TestSuite(band, .init = start, .fini = drop_database);

static const char *const tris[] = { "NULL", "false", "true" };

/* What the database makes of the same facts, in words. */
static const char *band_of_sql(const struct need *n)
{
	return sql("SELECT band_now(h) || ' ' || band_line(h) FROM jsonb_populate_record(NULL::household, jsonb_build_object("
		   "'situation', '%s', 'wants_to_stay', %s, 'perpetrator_at_home', %s, 'home_works', %s, 'band', %s%s%s)) h",
		   code_at(&situation_codes, (int)n->situation), tris[n->wants_to_stay], tris[n->perpetrator_at_home],
		   tris[n->home_works], n->band ? "'" : "", n->band ? code_at(&band_codes, (int)n->band) : "NULL",
		   n->band ? "'" : "");
}

static void expect_same(const struct policy *p, const struct need *n)
{
	struct band_result r = band_of(p, n);
	char both[80];

	snprintf(both, sizeof(both), "%s %s", code_at(&band_codes, (int)r.band), code_at(&band_line_codes, (int)r.line));
	cr_expect_str_eq(band_of_sql(n), both);
}

Test(band, is_the_same_in_the_database_and_in_the_program)
{
	struct policy p;

	policy_default(&p);
	for (int i = 0; i < SITUATION_COUNT * 54; i++) {
		struct need n;

		need_init(&n);
		n.situation = (enum situation)(i / 54);
		n.wants_to_stay = (enum tri)(i / 18 % 3);
		n.perpetrator_at_home = (enum tri)(i / 6 % 3);
		n.home_works = (enum tri)(i / 2 % 3);
		n.band = i % 2 ? BAND_2 : BAND_UNKNOWN;
		expect_same(&p, &n);
	}
}
