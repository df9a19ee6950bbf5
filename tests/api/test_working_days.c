/* Working days leave out weekends and the bank holidays of England and Wales. The lists are those that
 * gov.uk published; for other years Easter is computed here in another way, and days are walked one by one. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>

#include "database.h"

static void start(void)
{
	fresh_database("haven_template");
}

TestSuite(working_days, .init = start, .fini = drop_database);

struct year {
	char year[8], days[96];
};

ParameterizedTestParameters(working_days, bank_holidays_of_a_year)
{
	static struct year years[] = {
		{ "1971", "04-09 04-12 05-31 08-30 12-27 12-28" },
		{ "1977", "01-03 04-08 04-11 05-30 06-07 08-29 12-26 12-27" },
		{ "1995", "01-02 04-14 04-17 05-08 05-29 08-28 12-25 12-26" },
		{ "1999", "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28 12-31" },
		{ "2000", "01-03 04-21 04-24 05-01 05-29 08-28 12-25 12-26" },
		{ "2002", "01-01 03-29 04-01 05-06 06-03 06-04 08-26 12-25 12-26" },
		{ "2008", "01-01 03-21 03-24 05-05 05-26 08-25 12-25 12-26" },
		{ "2011", "01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27" },
		{ "2012", "01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26" },
		{ "2015", "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28" },
		{ "2016", "01-01 03-25 03-28 05-02 05-30 08-29 12-26 12-27" },
		{ "2020", "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28" },
		{ "2021", "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28" },
		{ "2022", "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27" },
		{ "2023", "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26" },
		{ "2024", "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26" },
		{ "2025", "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26" },
		{ "2026", "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28" },
		{ "2027", "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28" },
		{ "2028", "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26" },
	};
	return cr_make_param_array(struct year, years, sizeof(years) / sizeof(*years));
}

ParameterizedTest(struct year *y, working_days, bank_holidays_of_a_year)
{
	cr_assert_str_eq(sql("SELECT string_agg(to_char(day, 'MM-DD'), ' ' ORDER BY day) FROM bank_holiday"
			     " WHERE extract(year FROM day) = %s", y->year),
			 y->days, "%s", y->year);
}

/* Meeus, Jones and Butcher. */
static void easter(int year, char out[16])
{
	int a = year % 19, b = year / 100, c = year % 100, d = b / 4, e = b % 4, f = (b + 8) / 25;
	int g = (b - f + 1) / 3, h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4;
	int l = (32 + 2 * e + 2 * i - h - k) % 7, m = (a + 11 * h + 22 * l) / 451, n = h + l - 7 * m + 114;

	snprintf(out, 16, "%04d-%02d-%02d", year % 10000, n / 31 % 13, n % 31 + 1);
}

Test(working_days, easter_of_every_year)
{
	char wanted[16];

	for (int year = 1971; year <= 2200; year++) {
		easter(year, wanted);
		cr_expect_str_eq(sql("SELECT easter_sunday(%d)", year), wanted);
	}
}

Test(working_days, none_is_on_a_weekend_and_every_year_has_eight)
{
	cr_expect_str_eq(sql("SELECT count(*) FROM bank_holiday WHERE extract(isodow FROM day) > 5"), "0");
	cr_expect_str_eq(sql("SELECT count(*) FROM (SELECT FROM bank_holiday WHERE day >= '2024-01-01'"
			     " GROUP BY extract(year FROM day) HAVING count(*) <> 8) y"), "0");
}

Test(working_days, a_turnaround_over_christmas)
{
	cr_expect_str_eq(sql("SELECT add_working_days('2026-11-29', 30)"), "2027-01-13");
	cr_expect_str_eq(sql("SELECT add_working_days('2026-12-24', 1)"), "2026-12-29");
	cr_expect_str_eq(sql("SELECT add_working_days('2026-12-25', 1)"), "2026-12-29");
	cr_expect_str_eq(sql("SELECT add_working_days('2026-12-31', 1)"), "2027-01-04");
	cr_expect_str_eq(sql("SELECT add_working_days('2022-06-01', 1)"), "2022-06-06");
	cr_expect_str_eq(sql("SELECT add_working_days('2026-12-26', 0)"), "2026-12-26", "no turnaround");
}

Test(working_days, days_walked_one_by_one_agree)
{
	cr_expect_str_eq(sql("SELECT count(*) FROM (SELECT s::date AS day FROM generate_series(date '2019-12-20', '2023-06-20', '3 days') s) f,"
			     " LATERAL (SELECT d::date AS day, row_number() OVER (ORDER BY d) AS n"
			     " FROM generate_series(f.day + 1, f.day + 60, '1 day') d WHERE extract(isodow FROM d) < 6"
			     " AND NOT EXISTS (SELECT FROM bank_holiday h WHERE h.day = d::date)) w"
			     " WHERE w.day <> add_working_days(f.day, w.n::integer)"),
			 "0");
}
