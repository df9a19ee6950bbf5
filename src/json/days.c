/* Days that look like a slip: too long ago, or too far ahead. */
#include "base/clock.h"
#include "base/date.h"
#include "base/text.h"
#include "kinds.h"

static int32_t london_today(void)
{
	return instant_london_day(clock_now());
}

static bool bounded(const struct field *f)
{
	return f->past || f->ahead;
}

static bool within(const struct field *f, int32_t day)
{
	int32_t today = london_today();

	return day >= today - f->past && day <= today + f->ahead;
}

const char *day_fault(const struct field *f, const char *s)
{
	int32_t day;

	if (!bounded(f) || !day_parse(s, &day) || within(f, day))
		return NULL;
	if (f->ahead == 0 && day > london_today())
		return "in_future";
	return f->past == 0 && day < london_today() ? "in_past" : "out_of_range";
}

/* The same day of another year, where the field takes it. */
static bool in_year(const struct field *f, const char *s, int year, char out[11])
{
	int32_t day;
	int y, m, d;

	if (!day_parse(s, &day))
		return false;
	day_to_civil(day, &y, &m, &d);
	if (year == y || (m == 2 && d == 29))
		return false;
	day = day_from_civil(year, m, d);
	day_format(day, out);
	return within(f, day);
}

/* A slip is mostly in the year: of the century, or last year's in January. */
static bool meant(const struct field *f, const char *s, char out[11])
{
	int32_t day;
	int year, now, m, d;

	if (!day_parse(s, &day))
		return false;
	day_to_civil(day, &year, &m, &d);
	day_to_civil(london_today(), &now, &m, &d);
	return in_year(f, s, year - 100, out) || in_year(f, s, year + 100, out) || in_year(f, s, now, out) ||
	       in_year(f, s, now + 1, out) || in_year(f, s, now - 1, out);
}

static void put_day(struct text *t, int32_t day)
{
	char words[32];

	text_puts(t, day_long(day, words, sizeof(words)));
}

void put_meant(struct text *t, const struct field *f, const char *s)
{
	char date[11];
	int32_t day;

	if (!s || !meant(f, s, date) || !day_parse(date, &day))
		return;
	text_puts(t, ". Did you mean ");
	put_day(t, day);
	text_putc(t, '?');
}

void put_day_bound(struct text *t, const struct field *f, bool last)
{
	put_day(t, last ? london_today() + f->ahead : london_today() - f->past);
}
