#include "duty.h"

#include "base/date.h"
#include "json/write.h"

static const struct shape_member members[] = {
	SHAPE("day", TEXT, .nullable = true),
	SHAPE("night", TEXT, .nullable = true),
	SHAPE("day_begins", TEXT, .nullable = true),
	SHAPE("day_ends", TEXT, .nullable = true),
	SHAPE("now", TEXT),
	{ 0 },
};
const struct shape duty_shape = { .name = "duty_telephone", .members = members };

static int two_digits(const char *text)
{
	return 10 * (text[0] - '0') + text[1] - '0';
}

/* Of "08:00", which the database has checked. */
static int seconds_of(const char *time)
{
	return (two_digits(time) * 60 + two_digits(time + 3)) * 60;
}

/* As duty_telephone() of migrations/0024_inventory.sql has it. */
static bool is_day(const struct duty_phones *d, int64_t now)
{
	int second = instant_london_second(now);

	return !d->begins || (second >= seconds_of(d->begins) && second <= seconds_of(d->ends));
}

static const char *to_call(const struct duty_phones *d, int64_t now)
{
	const char *first = is_day(d, now) ? d->day : d->night;

	return first ? first : d->day ? d->day : d->night;
}

void duty_put(struct text *t, const struct duty_phones *d, int64_t now)
{
	json_put_key(t, "duty_telephone");
	if (!d->day && !d->night) {
		json_put_null(t);
		return;
	}
	json_object_begin(t);
	json_put_text(t, "day", d->day);
	json_put_text(t, "night", d->night);
	json_put_text(t, "day_begins", d->begins);
	json_put_text(t, "day_ends", d->ends);
	json_put_text(t, "now", to_call(d, now));
	json_object_end(t);
}
