#include <string.h>

#include "base/date.h"
#include "base/plain.h"
#include "base/text.h"
#include "base/uuid.h"
#include "kinds.h"
#include "phone.h"

enum { CASE_REFERENCE = 20 };

static const int64_t max_pence = INT64_C(100000000000);

static bool blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

char *trimmed(struct arena *a, const char *s)
{
	size_t len;
	char *copy;

	while (blank(*s))
		s++;
	for (len = strlen(s); len && blank(s[len - 1]);)
		len--;
	copy = arena_alloc(a, len + 2);
	memcpy(copy, s, len);
	for (char *p = copy; (p = strchr(p, '\t'));)
		*p = ' ';
	return copy;
}

/* C0, DEL and C1 controls, line and paragraph separators, and the marks that turn the direction of
 * text (Unicode Technical Report 36, bidirectional spoofing). */
static bool forbidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static const char *check_length(const struct field *f, const char *s)
{
	ptrdiff_t points = text_utf8_len(s, strlen(s));

	if (points < field_min(f))
		return "too_short";
	return points > field_max(f) ? "too_long" : NULL;
}

static const char *check_line(const struct field *f, char *s)
{
	for (const char *p = s; *p;)
		if (forbidden(text_next_point(&p)))
			return "bad_text";
	return check_length(f, s);
}

/* Browsers send line breaks as CR LF, whatever the page held. */
static void crlf_to_lf(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (s[0] != '\r' || s[1] != '\n')
			*to++ = *s;
	*to = '\0';
}

static const char *check_multiline(const struct field *f, char *s)
{
	uint32_t c;

	crlf_to_lf(s);
	for (const char *p = s; *p;) {
		c = text_next_point(&p);
		if (c != '\n' && forbidden(c))
			return "bad_text";
	}
	return check_length(f, s);
}

static const char *check_uuid(const struct field *f, char *s)
{
	(void)f;
	if (!uuid_valid(s))
		return "bad_uuid";
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'F')
			*s |= 0x20;
	return NULL;
}

/* What is wrong with three parts (DATE_PARTS): those that are missing, or the day itself. */
static const char *date_parts_fault(const char *s)
{
	static const char *const missing[] = {
		NULL, "no_day", "no_month", "no_day_month", "no_year", "no_day_year", "no_month_year", "required",
	};
	unsigned none = 0;

	for (int i = 0; i < 3; i++) {
		size_t n = strcspn(s, "|");

		none |= n ? 0 : 1u << i;
		if (i == 2 && n && none == 0 && n != 4 && strspn(s, "0123456789") == n)
			return "bad_year";
		s += n + (s[n] == '|');
	}
	return none ? missing[none] : "no_such_day";
}

static const char *check_date(const struct field *f, char *s)
{
	int32_t day;

	(void)f;
	if (day_parse(s, &day))
		return NULL;
	return strchr(s, '|') ? date_parts_fault(s) : "bad_date";
}

static const char *check_instant(const struct field *f, char *s)
{
	int64_t us;

	(void)f;
	return instant_parse(s, &us) ? NULL : "bad_instant";
}

static const char *check_code(const struct field *f, char *s)
{
	return code_index(f->codes, s) < 0 ? "unknown_code" : NULL;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* A9 A99 A9A AA9 AA99 AA9A (BS 7666). */
bool outward_sound(const char *s)
{
	const char *p = s;

	p += letter(*p);
	p += p > s && letter(*p);
	if (p == s || !digit(*p))
		return false;
	p++;
	p += digit(*p) || letter(*p);
	return *p == '\0';
}

static const char *check_outward(const struct field *f, char *s)
{
	(void)f;
	if (!outward_sound(s))
		return "bad_outward";
	for (; *s; s++)
		if (letter(*s))
			*s &= ~0x20;
	return NULL;
}

static bool email_host(const char *s)
{
	size_t label = 0, dots = 0;

	for (; *s; s++) {
		if (*s == '.') {
			if (label == 0 || s[-1] == '-')
				return false;
			dots++;
			label = 0;
			continue;
		}
		if (!letter(*s) && !digit(*s) && (*s != '-' || label == 0))
			return false;
		if (++label > 63)
			return false;
	}
	return dots > 0 && label > 1 && s[-1] != '-';
}

/* RFC 5321's dot-atoms up to its lengths; no quoted local parts, no address literals. */
static const char *check_email(const struct field *f, char *s)
{
	static const char marks[] = "!#$%&'*+/=?^_`{|}~-";
	const char *p = s;

	(void)f;
	for (; *p && *p != '@'; p++) {
		if (*p == '.' && p > s && p[-1] != '.' && p[1] != '@')
			continue;
		if (!letter(*p) && !digit(*p) && !strchr(marks, *p))
			return "bad_email";
	}
	if (p == s || p - s > 64 || *p != '@' || strlen(s) > 254 || !email_host(p + 1))
		return "bad_email";
	return NULL;
}

/* Of a number alone: json/input.c has moved an extension and a text relay to their own fields. */
static const char *check_phone(const struct field *f, char *s)
{
	struct phone phone;
	const char *code = phone_parse(s, &phone);

	(void)f;
	if (code)
		return code;
	if (*phone.extension || phone.text_relay)
		return "bad_phone";
	memcpy(s, phone.number, strlen(phone.number) + 1);
	return NULL;
}

/* Digits, however they were typed. */
static const char *check_digits(const struct field *f, char *s)
{
	char *to = s;
	char c;

	for (const char *p = s; (c = plain_next(&p));) {
		if (c == ' ' || c == '-')
			continue;
		if (!digit(c))
			return "bad_digits";
		*to++ = c;
	}
	*to = '\0';
	return *s ? check_length(f, s) : "bad_digits";
}

/* H-7KQ2MX, however it was written: h7kq2mx, H 7KQ 2MX. The normal form is how it is stored, so the
 * index of that column serves. */
static const char *check_case_reference(const struct field *f, char *s)
{
	char key[CASE_REFERENCE + 1] = "";
	size_t n = 0;

	(void)f;
	for (const char *p = s; (key[n] = plain_next(&p));) {
		if (strchr(" -", key[n]))
			continue;
		if ((!letter(key[n]) && !digit(key[n])) || ++n == CASE_REFERENCE)
			return "bad_reference";
	}
	if (n < 2)
		return "bad_reference";
	*s = key[0];
	s[1] = '-';
	memcpy(s + 2, key + 1, n);
	for (; *s; s++)
		*s = letter(*s) ? *s & ~0x20 : *s;
	return NULL;
}

#define WORD(judge, in_words, ...) \
	{ .type = "string", .ask = "Enter", .size = sizeof(const char *), .check = (judge), \
	  .wants = (in_words), __VA_ARGS__ }

const struct kind kinds[] = {
	[FIELD_TEXT] = WORD(check_line, "text"),
	[FIELD_MULTILINE] = WORD(check_multiline, "text"),
	[FIELD_UUID] = { .type = "string", .wants = "an identifier", .ask = "Select", .size = sizeof(const char *),
			 .format = "uuid", .set = true, .check = check_uuid },
	[FIELD_INT] = { .type = "integer", .format = "int64", .wants = "a whole number",
			.ask = "Enter", .size = sizeof(int64_t) },
	[FIELD_PENCE] = { .type = "integer", .format = "int64", .ask = "Enter",
			  .wants = "an amount of money in whole pence", .size = sizeof(int64_t) },
	[FIELD_BOOL] = { .type = "boolean", .wants = "yes or no (true or false)",
			 .ask = "Select", .size = sizeof(enum tri) },
	[FIELD_DATE] = WORD(check_date, "a date", .format = "date"),
	[FIELD_INSTANT] = WORD(check_instant, "a date and time", .format = "date-time"),
	[FIELD_CODE] = { .type = "string", .wants = "one of the listed codes", .ask = "Select",
			 .size = sizeof(const char *), .set = true, .check = check_code },
	[FIELD_OUTWARD] = WORD(check_outward, "the first half of a postcode", .set = true,
			       .pattern = "^[A-Za-z]{1,2}[0-9][0-9A-Za-z]?$"),
	[FIELD_EMAIL] = WORD(check_email, "an email address", .format = "email"),
	[FIELD_PHONE] = WORD(check_phone, "a phone number", .pattern = "[0-9].*[0-9]"),
	[FIELD_DIGITS] = WORD(check_digits, "digits", .pattern = "^[0-9 -]+$"),
	[FIELD_CASE_REFERENCE] = WORD(check_case_reference, "a case reference"),
	[FIELD_OBJECT] = { .type = "object", .wants = "an object", .ask = "Enter" },
};

bool bounded_text(const struct field *f)
{
	return f->type == FIELD_TEXT || f->type == FIELD_MULTILINE || f->type == FIELD_DIGITS;
}

int64_t field_min(const struct field *f)
{
	return bounded_text(f) && f->min < 1 ? 1 : f->min;
}

int64_t field_max(const struct field *f)
{
	if (f->max)
		return f->max;
	switch (f->type) {
	case FIELD_DIGITS:
	case FIELD_TEXT: return JSON_LINE;
	case FIELD_MULTILINE: return JSON_MULTILINE;
	case FIELD_PENCE: return max_pence;
	default: return INT32_MAX;
	}
}

size_t field_max_items(const struct field *f)
{
	return f->max_items ? f->max_items : JSON_ITEMS;
}

size_t field_size(const struct field *f)
{
	return f->type == FIELD_OBJECT ? f->sub->size : kinds[f->type].size;
}

const struct field *input_field(const struct input *input, const char *name, size_t len)
{
	for (const struct field *f = input->fields; f < input->fields + input->n; f++)
		if (*f->name == *name && strncmp(f->name, name, len) == 0 && f->name[len] == '\0')
			return f;
	return NULL;
}
