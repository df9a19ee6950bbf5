/* The filters of views: one closed table of tests and printing filters, described in http/view.h;
 * and the scalars that they read. */
#include <stdio.h>

#include "base/date.h"
#include "view_template.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

bool view_is_empty(const json_t *v)
{
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_NULL:
	case JSON_FALSE: return true;
	case JSON_INTEGER: return json_integer_value(v) == 0;
	case JSON_STRING: return json_string_length(v) == 0;
	case JSON_ARRAY: return json_array_size(v) == 0;
	case JSON_OBJECT: return json_object_size(v) == 0;
	default: return false;
	}
}

const char *view_scalar(const json_t *v, char digits[VIEW_SCALAR], size_t *len)
{
	const char *s = "";

	if (json_is_string(v)) {
		*len = json_string_length(v);
		return json_string_value(v);
	}
	if (json_is_boolean(v))
		s = json_is_true(v) ? "true" : "false";
	if (json_is_number(v)) {
		if (json_is_integer(v))
			snprintf(digits, VIEW_SCALAR, "%lld", (long long)json_integer_value(v));
		else
			snprintf(digits, VIEW_SCALAR, "%.10g", json_real_value(v));
		s = digits;
	}
	*len = strlen(s);
	return s;
}

static bool scalars_equal(const json_t *a, const json_t *b)
{
	char digits_a[VIEW_SCALAR], digits_b[VIEW_SCALAR];
	size_t len_a, len_b;
	const char *s = view_scalar(a, digits_a, &len_a), *t = view_scalar(b, digits_b, &len_b);

	return len_a > 0 && len_a == len_b && memcmp(s, t, len_a) == 0;
}

static bool test_is(const json_t *v, const char *words, const json_t *other)
{
	char digits[VIEW_SCALAR];
	size_t len, word_len;
	const char *s = view_scalar(v, digits, &len);

	(void)other;
	for (const char *word = words; *word; word += word_len + (word[word_len] == ',')) {
		word_len = strcspn(word, ",");
		if (len > 0 && len == word_len && memcmp(s, word, len) == 0)
			return true;
	}
	return false;
}

static bool test_same(const json_t *v, const char *word, const json_t *other)
{
	(void)word;
	for (size_t i = 0; i < json_array_size(other); i++)
		if (scalars_equal(v, json_array_get(other, i)))
			return true;
	return scalars_equal(v, other);
}

/* "/placements/1/cancel" ends with "cancel". */
static bool test_ends(const json_t *v, const char *word, const json_t *other)
{
	size_t len = json_string_length(v), end = json_string_length(other);
	const char *s = json_string_value(v);

	(void)word;
	if (end == 0 || len <= end || s[len - end - 1] != '/')
		return false;
	return memcmp(s + len - end, json_string_value(other), end) == 0;
}

static bool test_any(const json_t *v, const char *word, const json_t *other)
{
	(void)word;
	(void)other;
	return !view_is_empty(v);
}

static bool read_instant(const json_t *v, int64_t *us)
{
	return json_is_string(v) && instant_parse(json_string_value(v), us);
}

static bool print_london(struct text *out, const json_t *v, const json_t *other)
{
	char buf[48];
	int64_t us;

	(void)other;
	if (!read_instant(v, &us))
		return false;
	text_puts(out, instant_london(us, buf, sizeof(buf)));
	return true;
}

static bool print_clock(struct text *out, const json_t *v, const json_t *other)
{
	char buf[48];
	const char *at;
	int64_t us;

	(void)other;
	if (!read_instant(v, &us))
		return false;
	at = strstr(instant_london(us, buf, sizeof(buf)), " at ");
	text_puts(out, at ? at + 4 : buf);
	return true;
}

static bool print_date(struct text *out, const json_t *v, const json_t *other)
{
	char buf[48];
	int32_t day;

	(void)other;
	if (!json_is_string(v) || !day_parse(json_string_value(v), &day))
		return false;
	text_puts(out, day_long(day, buf, sizeof(buf)));
	return true;
}

static bool print_day(struct text *out, const json_t *v, const json_t *other)
{
	char buf[11];
	int64_t us;

	(void)other;
	if (!read_instant(v, &us))
		return false;
	day_format(instant_london_day(us), buf);
	text_puts(out, buf);
	return true;
}

static bool print_pounds(struct text *out, const json_t *v, const json_t *other)
{
	(void)other;
	if (!json_is_integer(v))
		return false;
	text_pounds(out, json_integer_value(v));
	return true;
}

static bool print_number(struct text *out, const json_t *v, const json_t *other)
{
	int64_t n = json_integer_value(v);

	(void)other;
	if (!json_is_integer(v))
		return false;
	text_puts(out, n < 0 ? "\u2212" : "");
	text_thousands(out, n < 0 ? -(uint64_t)n : (uint64_t)n);
	return true;
}

static bool print_count(struct text *out, const json_t *v, const json_t *other)
{
	(void)other;
	text_i64(out, (int64_t)json_array_size(v));
	return true;
}

/* The label of the row of that code. */
static bool print_label(struct text *out, const json_t *v, const json_t *other)
{
	for (size_t i = 0; i < json_array_size(other); i++) {
		const json_t *row = json_array_get(other, i);
		const json_t *label = json_object_get(row, "label");

		if (!scalars_equal(v, json_object_get(row, "code")) || !json_is_string(label))
			continue;
		text_html(out, json_string_value(label), json_string_length(label));
		return true;
	}
	return false;
}

static void put_unit(struct text *out, int64_t n, const char *unit)
{
	text_printf(out, "%lld %s%s", (long long)n, unit, n == 1 ? "" : "s");
}

/* The two largest units: all that matters to someone who waits. */
static void put_left(struct text *out, int64_t seconds)
{
	if (seconds < MINUTE)
		return text_puts(out, "less than a minute");
	if (seconds < HOUR)
		return put_unit(out, seconds / MINUTE, "minute");
	put_unit(out, seconds / HOUR, "hour");
	if (seconds % HOUR < MINUTE)
		return;
	text_putc(out, ' ');
	put_unit(out, seconds % HOUR / MINUTE, "minute");
}

static bool print_left(struct text *out, const json_t *v, const json_t *other)
{
	int64_t end, now;

	if (!read_instant(v, &end) || !read_instant(other, &now))
		return false;
	if (end <= now)
		text_puts(out, "no time");
	else
		put_left(out, (end - now) / SECOND_US);
	return true;
}

static bool print_ago(struct text *out, const json_t *v, const json_t *other)
{
	int64_t then, now, seconds;

	if (!read_instant(v, &then) || !read_instant(other, &now))
		return false;
	seconds = (now - then) / SECOND_US;
	if (seconds < MINUTE) {
		text_puts(out, "just now");
		return true;
	}
	if (seconds < HOUR)
		put_unit(out, seconds / MINUTE, "minute");
	else if (seconds < 2 * DAY)
		put_unit(out, seconds / HOUR, "hour");
	else
		put_unit(out, seconds / DAY, "day");
	text_puts(out, " ago");
	return true;
}

/* National numbers as they are read out (Ofcom): the digits of the first and the second group. The first row that fits
 * counts. */
static const struct {
	const char *begins;
	size_t first, second;
} number_groups[] = {
	{ "02", 3, 4 }, { "011", 4, 3 }, { "0121", 4, 3 }, { "0131", 4, 3 }, { "0141", 4, 3 }, { "0151", 4, 3 },
	{ "0161", 4, 3 }, { "0171", 4, 3 }, { "0181", 4, 3 }, { "0191", 4, 3 }, { "01", 5, 3 }, { "07", 5, 3 },
	{ "03", 4, 3 }, { "05", 4, 3 }, { "08", 4, 3 }, { "09", 4, 3 },
};

/* "01632960001" as "01632 960 001"; a number from abroad is left as it is. */
static bool print_telephone(struct text *out, const json_t *v, const json_t *other)
{
	const char *s = json_string_value(v);
	size_t len = json_string_length(v);

	(void)other;
	if (!s || strspn(s, "0123456789") != len || len < 10 || len > 11)
		return false;
	for (size_t i = 0; i < sizeof(number_groups) / sizeof(*number_groups); i++) {
		size_t first = number_groups[i].first, second = first + number_groups[i].second;

		if (strncmp(s, number_groups[i].begins, strlen(number_groups[i].begins)) != 0)
			continue;
		text_printf(out, "%.*s %.*s %s", (int)first, s, (int)(second - first), s + first, s + second);
		return true;
	}
	return false;
}

static const struct view_filter filters[] = {
	{ "is",     ARG_WORD, test_is,   NULL },
	{ "same",   ARG_NAME, test_same, NULL },
	{ "ends",   ARG_NAME, test_ends, NULL },
	{ "any",    ARG_NONE, test_any,  NULL },
	{ "london", ARG_NONE, NULL, print_london },
	{ "clock",  ARG_NONE, NULL, print_clock },
	{ "day",    ARG_NONE, NULL, print_day },
	{ "date",   ARG_NONE, NULL, print_date },
	{ "pounds", ARG_NONE, NULL, print_pounds },
	{ "number", ARG_NONE, NULL, print_number },
	{ "telephone", ARG_NONE, NULL, print_telephone },
	{ "count",  ARG_NONE, NULL, print_count },
	{ "label",  ARG_NAME, NULL, print_label },
	{ "left",   ARG_NAME, NULL, print_left },
	{ "ago",    ARG_NAME, NULL, print_ago },
};

const struct view_filter *view_filter_find(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++)
		if (strlen(filters[i].name) == len && memcmp(filters[i].name, name, len) == 0)
			return &filters[i];
	return NULL;
}
