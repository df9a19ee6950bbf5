/* DASH and the band. */
#include <criterion/criterion.h>

#include "fitting.h"

static struct dash_result dash(int yes, int missing, enum risk_level judgement)
{
	return dash_score((struct dash_answers){ .yes = yes, .no = DASH_ITEMS - yes - missing }, judgement);
}

static void expect_risk(struct dash_result r, enum risk_level least, enum risk_level most, const char *what)
{
	cr_expect_eq(r.least, least, "%s: at least %s", what, code_at(&risk_level_codes, (int)r.least));
	cr_expect_eq(r.most, most, "%s: at most %s", what, code_at(&risk_level_codes, (int)r.most));
}

Test(dash, levels_where_all_is_answered)
{
	expect_risk(dash(0, 0, RISK_UNKNOWN), RISK_STANDARD, RISK_STANDARD, "0");
	expect_risk(dash(1, 0, RISK_UNKNOWN), RISK_STANDARD, RISK_STANDARD, "1");
	expect_risk(dash(9, 0, RISK_UNKNOWN), RISK_STANDARD, RISK_STANDARD, "9");
	expect_risk(dash(10, 0, RISK_UNKNOWN), RISK_MEDIUM, RISK_MEDIUM, "10");
	expect_risk(dash(13, 0, RISK_UNKNOWN), RISK_MEDIUM, RISK_MEDIUM, "13");
	expect_risk(dash(14, 0, RISK_UNKNOWN), RISK_HIGH, RISK_HIGH, "14");
	cr_expect(dash_marac(dash(14, 0, RISK_UNKNOWN)), "MARAC");
	cr_expect_not(dash_marac(dash(13, 0, RISK_UNKNOWN)), "no MARAC");
}

Test(dash, a_range_while_answers_are_missing)
{
	expect_risk(dash(9, 5, RISK_UNKNOWN), RISK_STANDARD, RISK_HIGH, "9 to 14");
	expect_risk(dash(9, 4, RISK_UNKNOWN), RISK_STANDARD, RISK_MEDIUM, "9 to 13");
	expect_risk(dash(5, 4, RISK_UNKNOWN), RISK_STANDARD, RISK_STANDARD, "5 to 9: known");
	expect_risk(dash(10, 3, RISK_UNKNOWN), RISK_MEDIUM, RISK_MEDIUM, "10 to 13: known");
	expect_risk(dash(13, 1, RISK_UNKNOWN), RISK_MEDIUM, RISK_HIGH, "13 to 14");
	expect_risk(dash(14, 10, RISK_UNKNOWN), RISK_HIGH, RISK_HIGH, "14 to 24: known");
	cr_expect_not(dash_marac(dash(13, 1, RISK_UNKNOWN)), "only possibly high");
	expect_risk(dash_score((struct dash_answers){ .dont_know = 24 }, RISK_UNKNOWN), RISK_STANDARD, RISK_HIGH,
		    "don't know is missing too");
	expect_risk(dash_score((struct dash_answers){ 0 }, RISK_UNKNOWN), RISK_UNKNOWN, RISK_UNKNOWN, "not assessed");
	expect_risk(dash_score((struct dash_answers){ 0 }, RISK_STANDARD), RISK_STANDARD, RISK_STANDARD,
		    "assessed elsewhere");
}

Test(dash, judgement_only_raises)
{
	expect_risk(dash(5, 0, RISK_HIGH), RISK_HIGH, RISK_HIGH, "raised");
	cr_expect(dash_marac(dash(5, 0, RISK_HIGH)), "MARAC by judgement");
	cr_expect_eq(dash(5, 0, RISK_HIGH).scored, RISK_STANDARD, "the count stays");
	expect_risk(dash(15, 0, RISK_STANDARD), RISK_HIGH, RISK_HIGH, "not lowered");
	expect_risk(dash(5, 19, RISK_STANDARD), RISK_STANDARD, RISK_HIGH, "it does not answer what is missing");
	expect_risk(dash(5, 19, RISK_MEDIUM), RISK_MEDIUM, RISK_HIGH, "it raises the lower end");
}

static void expect_band(const struct need *n, enum band band, enum band_line line)
{
	struct policy p;
	struct band_result r;

	policy_default(&p);
	r = band_of(&p, n);
	cr_expect_eq(r.line, line, "%s", code_at(&band_line_codes, (int)r.line));
	cr_expect_eq(r.band, band, "%s", code_at(&band_codes, (int)r.band));
}

Test(band, by_the_line_of_the_table_that_decides)
{
	struct need n;

	need_init(&n);
	expect_band(&n, BAND_1, BAND_LINE_NOT_KNOWN);
	n.situation = SITUATION_FRIENDS;
	expect_band(&n, BAND_1, BAND_LINE_FRIENDS);
	n.situation = SITUATION_WITH_PERPETRATOR;
	expect_band(&n, BAND_1, BAND_LINE_WITH_PERPETRATOR);
	n.situation = SITUATION_SAFE_ACCOMMODATION;
	expect_band(&n, BAND_2, BAND_LINE_SAFE_ACCOMMODATION);
	n.situation = SITUATION_OWN_HOME;
	expect_band(&n, BAND_1, BAND_LINE_STAY_NOT_KNOWN);
	n.wants_to_stay = TRI_NO;
	expect_band(&n, BAND_1, BAND_LINE_LEAVING_HOME);
	n.wants_to_stay = TRI_YES;
	expect_band(&n, BAND_3, BAND_LINE_WORKS_NOT_KNOWN);
	n.home_works = TRI_YES;
	expect_band(&n, BAND_3, BAND_LINE_WORKS);
	n.home_works = TRI_NO;
	expect_band(&n, BAND_4, BAND_LINE_AT_HOME);
	n.perpetrator_at_home = TRI_YES;
	expect_band(&n, BAND_1, BAND_LINE_LEAVING_HOME);
	n.band = BAND_2;
	expect_band(&n, BAND_2, BAND_LINE_OVERRIDE);
}

Test(band, the_table_is_the_policys)
{
	struct need n;
	struct policy p;

	policy_default(&p);
	need_init(&n);
	n.situation = SITUATION_HOSPITAL;
	cr_assert(policy_set(&p, "band_hospital", 2));
	cr_expect_eq(band_of(&p, &n).band, BAND_2);
	cr_expect_not(policy_set(&p, "band_hospital", 5), "there are four bands");
}
