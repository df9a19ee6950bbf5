#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/date.h"

Test(day, every_day_of_three_centuries_goes_there_and_back)
{
	int32_t day = day_from_civil(1900, 1, 1), expected = day, last = day_from_civil(2199, 12, 31);
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	char text[11];

	cr_assert_eq(day_from_civil(1970, 1, 1), 0);
	for (int y = 1900; y <= 2199; y++)
		for (int m = 1; m <= 12; m++) {
			bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

			for (int d = 1; d <= lengths[m - 1] + (m == 2 && leap); d++, expected++) {
				cr_assert_eq(day_from_civil(y, m, d), expected, "%d-%d-%d", y, m, d);
				day_format(expected, text);
				cr_assert(day_parse(text, &day) && day == expected, "%s", text);
			}
		}
	cr_assert_eq(expected - 1, last);
}

Test(day, refuses_what_is_no_day)
{
	static const char *const wrong[] = {
		"", "2026", "2026-11", "2026-11-2", "2026-11-022", "2026-1-22", "26-11-22", "2026/11/22", "2026-13-01", "2026-00-10",
		"2026-02-29", "1900-02-29", "2100-02-29", "2026-04-31", "2026-11-00", "1899-12-31", "2200-01-01", " 2026-11-22",
		"2026-11-22 ", "2026-11-2a", "+026-11-22", "2026-11-22T00:00:00Z",
	};
	int32_t day;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		cr_expect_not(day_parse(wrong[i], &day), "\"%s\" was read", wrong[i]);
	cr_expect(day_parse("2000-02-29", &day) && day_parse("2024-02-29", &day));
}

static int age(const char *birth, const char *on)
{
	int32_t b, d;

	cr_assert(day_parse(birth, &b) && day_parse(on, &d));
	return day_age(b, d);
}

Test(day, age_turns_on_the_birthday)
{
	cr_assert_eq(age("2008-11-22", "2026-11-21"), 17);
	cr_assert_eq(age("2008-11-22", "2026-11-22"), 18);
	cr_assert_eq(age("2008-02-29", "2026-02-28"), 17, "born on 29 February: not before 1 March");
	cr_assert_eq(age("2008-02-29", "2026-03-01"), 18);
	cr_assert_eq(age("2008-02-29", "2024-02-29"), 16);
	cr_assert_eq(age("2026-11-22", "2026-11-22"), 0);
}

Test(day, weekdays)
{
	cr_assert_eq(day_weekday(day_from_civil(1970, 1, 1)), 4, "a Thursday");
	cr_assert_eq(day_weekday(day_from_civil(2026, 11, 22)), 7, "a Sunday");
	cr_assert_eq(day_weekday(day_from_civil(1900, 1, 1)), 1, "a Monday, before the epoch");
}

static int64_t at(const char *s)
{
	int64_t us;

	cr_assert(instant_parse(s, &us), "%s", s);
	return us;
}

Test(instant, offsets_and_fractions_name_the_same_moment)
{
	int64_t us = at("2026-11-22T02:14:00Z");
	char text[21];

	cr_assert_eq(us, INT64_C(1795313640) * SECOND_US);
	cr_assert_eq(at("2026-11-22T03:14:00+01:00"), us);
	cr_assert_eq(at("2026-11-21T21:14:00-05:00"), us);
	cr_assert_eq(at("2026-11-22T02:14:00.25Z"), us + 250000);
	cr_assert_eq(at("2026-11-22T02:14:00.000001Z"), us + 1);
	instant_format(us + 999999, text);
	cr_assert_str_eq(text, "2026-11-22T02:14:00Z");
	instant_format(-1, text);
	cr_assert_str_eq(text, "1969-12-31T23:59:59Z", "before the epoch is rounded down, not towards it");
}

Test(instant, refuses_what_is_no_instant)
{
	static const char *const wrong[] = {
		"2026-11-22", "2026-11-22T02:14:00", "2026-11-22 02:14:00Z", "2026-11-22T24:00:00Z", "2026-11-22T02:60:00Z",
		"2026-11-22T02:14:60Z", "2026-11-22T02:14Z", "2026-11-22T02:14:00.Z", "2026-11-22T02:14:00.1234567Z",
		"2026-11-22T02:14:00z", "2026-11-22T02:14:00+1:00", "2026-11-22T02:14:00+24:00", "2026-11-22T02:14:00+01:60",
		"2026-11-22T02:14:00+0100", "2026-11-22T02:14:00Zx", "2026-02-30T02:14:00Z", "",
	};
	int64_t us;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		cr_expect_not(instant_parse(wrong[i], &us), "\"%s\" was read", wrong[i]);
}

static const char *london(const char *s)
{
	static char out[64];

	return instant_london(at(s), out, sizeof(out));
}

Test(london, clocks_go_forward_and_back)
{
	cr_assert_str_eq(london("2026-11-22T02:14:00Z"), "22 November 2026 at 2:14am");
	cr_assert_str_eq(london("2026-03-29T00:59:59Z"), "29 March 2026 at 12:59am");
	cr_assert_str_eq(london("2026-03-29T01:00:00Z"), "29 March 2026 at 2:00am", "the hour from 1 to 2 is left out");
	cr_assert_str_eq(london("2026-07-01T11:00:00Z"), "1 July 2026 at 12:00pm");
	cr_assert_str_eq(london("2026-10-25T00:30:00Z"), "25 October 2026 at 1:30am");
	cr_assert_str_eq(london("2026-10-25T01:30:00Z"), "25 October 2026 at 1:30am", "the same hour again");
	cr_assert_str_eq(london("2026-12-31T23:59:59Z"), "31 December 2026 at 11:59pm");
}

Test(london, day_begins_an_hour_early_in_summer)
{
	cr_assert_eq(instant_london_day(at("2026-06-30T22:59:59Z")), day_from_civil(2026, 6, 30));
	cr_assert_eq(instant_london_day(at("2026-06-30T23:00:00Z")), day_from_civil(2026, 7, 1));
	cr_assert_eq(instant_london_day(at("2026-12-31T23:59:59Z")), day_from_civil(2026, 12, 31));
	cr_assert_eq(instant_london_day(at("2027-01-01T00:00:00Z")), day_from_civil(2027, 1, 1));
}

/* Compares with the C library and its tz database, in steps that meet every hour of the day. It
 * starts in 1996, since when the clocks have changed on today's days. */
Test(london, agrees_with_the_tz_database_until_2037)
{
	setenv("TZ", "Europe/London", 1);
	tzset();
	for (int64_t s = INT64_C(820454400); s < INT64_C(2145916800); s += 5 * 3600 + 1) {
		time_t t = (time_t)s;
		struct tm tm;
		char mine[64], day[32], theirs[80];

		cr_assert(localtime_r(&t, &tm));
		day_long(day_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday), day, sizeof(day));
		snprintf(theirs, sizeof(theirs), "%s at %d:%02d%s", day, tm.tm_hour % 12 ? tm.tm_hour % 12 : 12, tm.tm_min,
			 tm.tm_hour < 12 ? "am" : "pm");
		cr_assert_str_eq(instant_london(s * SECOND_US, mine, sizeof(mine)), theirs);
	}
}
