#include "base/date.h"

#include <stdio.h>

enum { DAY_SECONDS = 86400, HOUR_SECONDS = 3600 };

static const char *const months[] = {
	"January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December",
};

/* Civil-from-days after the 400-year era arithmetic: March-based years put the leap day last. */
int32_t day_from_civil(int year, int month, int mday)
{
	int y = month <= 2 ? year - 1 : year;
	int era = (y >= 0 ? y : y - 399) / 400;
	int of_era = y - era * 400;
	int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + mday - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void day_to_civil(int32_t day, int *year, int *month, int *mday)
{
	int z = day + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int of_era = z - era * 146097;
	int y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * y + y / 4 - y / 100);
	int m = (5 * of_year + 2) / 153;

	*mday = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = y + era * 400 + (*month <= 2);
}

/* Exactly n digits at s as a number, or -1. */
static int digits(const char *s, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		value = value * 10 + s[i] - '0';
	}
	return value;
}

static bool civil_ok(int year, int month, int mday)
{
	int y, m, d;

	if (year < 1900 || year > 2199 || month < 1 || month > 12 || mday < 1 || mday > 31)
		return false;
	day_to_civil(day_from_civil(year, month, mday), &y, &m, &d);
	return y == year && m == month && d == mday;
}

/* The ten characters at s as a day; the caller judges what follows them. */
static bool day_prefix(const char *s, int32_t *day)
{
	int year = digits(s, 4), month, mday;

	if (year < 0 || s[4] != '-')
		return false;
	month = digits(s + 5, 2);
	if (month < 0 || s[7] != '-')
		return false;
	mday = digits(s + 8, 2);
	if (mday < 0 || !civil_ok(year, month, mday))
		return false;
	*day = day_from_civil(year, month, mday);
	return true;
}

bool day_parse(const char *s, int32_t *day)
{
	return day_prefix(s, day) && s[10] == '\0';
}

/* Two digits at out; a reply has dozens of dates, so no printf. */
static void put_two(char *out, unsigned n)
{
	out[0] = (char)('0' + n / 10 % 10);
	out[1] = (char)('0' + n % 10);
}

void day_format(int32_t day, char out[11])
{
	int y, m, d;

	day_to_civil(day, &y, &m, &d);
	put_two(out, (unsigned)y / 100);
	put_two(out + 2, (unsigned)y % 100);
	out[4] = out[7] = '-';
	put_two(out + 5, (unsigned)m);
	put_two(out + 8, (unsigned)d);
	out[10] = '\0';
}

int day_age(int32_t birth, int32_t day)
{
	int by, bm, bd, y, m, d;

	day_to_civil(birth, &by, &bm, &bd);
	day_to_civil(day, &y, &m, &d);
	return y - by - (m < bm || (m == bm && d < bd));
}

int day_weekday(int32_t day)
{
	return (int)(((int64_t)day + 3 + 7 * INT64_C(1000000)) % 7) + 1;
}

/* "hh:mm:ss" at s in seconds, or -1. */
static int clock_seconds(const char *s)
{
	int h = digits(s, 2), m, sec;

	if (h < 0 || h > 23 || s[2] != ':')
		return -1;
	m = digits(s + 3, 2);
	if (m < 0 || m > 59 || s[5] != ':')
		return -1;
	sec = digits(s + 6, 2);
	return sec < 0 || sec > 59 ? -1 : h * HOUR_SECONDS + m * 60 + sec;
}

/* ".123" at *s in microseconds, moving *s behind it; 0 where there is none, -1 where it is
 * wrong. */
static int fraction_us(const char **s)
{
	int us = 0, scale = 100000;

	if (**s != '.')
		return 0;
	++*s;
	if (digits(*s, 1) < 0)
		return -1;
	for (; **s >= '0' && **s <= '9'; ++*s, scale /= 10) {
		if (!scale)
			return -1;
		us += (**s - '0') * scale;
	}
	return us;
}

/* "Z" or "±hh:mm" to the end of s, in seconds east of Greenwich. */
static bool offset_seconds(const char *s, int *seconds)
{
	int h, m;

	*seconds = 0;
	if (*s == 'Z')
		return s[1] == '\0';
	if (*s != '+' && *s != '-')
		return false;
	h = digits(s + 1, 2);
	if (h < 0 || h > 23 || s[3] != ':')
		return false;
	m = digits(s + 4, 2);
	if (m < 0 || m > 59 || s[6] != '\0')
		return false;
	*seconds = (h * HOUR_SECONDS + m * 60) * (*s == '-' ? -1 : 1);
	return true;
}

bool instant_parse(const char *s, int64_t *us)
{
	int32_t day;
	int seconds, fraction, offset;

	if (!day_prefix(s, &day) || s[10] != 'T')
		return false;
	seconds = clock_seconds(s + 11);
	if (seconds < 0)
		return false;
	s += 19;
	fraction = fraction_us(&s);
	if (fraction < 0 || !offset_seconds(s, &offset))
		return false;
	*us = ((int64_t)day * DAY_SECONDS + seconds - offset) * SECOND_US + fraction;
	return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void instant_format(int64_t us, char out[21])
{
	int64_t seconds = floor_div(us, SECOND_US);
	int32_t day = (int32_t)floor_div(seconds, DAY_SECONDS);
	unsigned of_day = (unsigned)(seconds - (int64_t)day * DAY_SECONDS) % DAY_SECONDS;

	day_format(day, out);
	out[10] = 'T';
	put_two(out + 11, of_day / HOUR_SECONDS);
	put_two(out + 14, of_day / 60 % 60);
	put_two(out + 17, of_day % 60);
	out[13] = out[16] = ':';
	out[19] = 'Z';
	out[20] = '\0';
}

/* 01:00 UTC on the last Sunday of the month: when British clocks change (Summer Time Act 1972,
 * as amended by SI 2002/262). */
static int64_t clock_change(int year, int month)
{
	int32_t last = day_from_civil(year, month, 31);

	last -= day_weekday(last) % 7;
	return (int64_t)last * DAY_SECONDS + HOUR_SECONDS;
}

/* Seconds since the epoch as a London wall clock shows them. */
static int64_t london_seconds(int64_t us)
{
	int64_t seconds = floor_div(us, SECOND_US);
	int y, m, d;

	day_to_civil((int32_t)floor_div(seconds, DAY_SECONDS), &y, &m, &d);
	if (seconds >= clock_change(y, 3) && seconds < clock_change(y, 10))
		return seconds + HOUR_SECONDS;
	return seconds;
}

int32_t instant_london_day(int64_t us)
{
	return (int32_t)floor_div(london_seconds(us), DAY_SECONDS);
}

int instant_london_second(int64_t us)
{
	int64_t seconds = london_seconds(us);

	return (int)(seconds - floor_div(seconds, DAY_SECONDS) * DAY_SECONDS);
}

const char *day_long(int32_t day, char *out, size_t size)
{
	int y, m, d;

	day_to_civil(day, &y, &m, &d);
	snprintf(out, size, "%d %s %d", d, months[m - 1], y);
	return out;
}

const char *instant_london(int64_t us, char *out, size_t size)
{
	int64_t seconds = london_seconds(us);
	int of_day = (int)(seconds - floor_div(seconds, DAY_SECONDS) * DAY_SECONDS);
	int hour = of_day / HOUR_SECONDS;
	char date[32];

	day_long((int32_t)floor_div(seconds, DAY_SECONDS), date, sizeof(date));
	snprintf(out, size, "%s at %d:%02d%s", date, hour % 12 ? hour % 12 : 12,
		 of_day / 60 % 60, hour < 12 ? "am" : "pm");
	return out;
}
