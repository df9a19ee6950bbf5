/* Sentences that tell a person what is wrong with a field. */
#include <string.h>

#include "base/text.h"
#include "kinds.h"

/* The wording of the GOV.UK Design System's error message templates. In braces: {Label} and
 * {label}, {ask} and {wants} of the kind, {min} {max} of the value, {few} {many} of the entries,
 * {slip} which day was probably meant. */
static const struct {
	const char *code, *words;
} sentences[] = {
	{ "required", "{ask} the {label}" },
	{ "null", "{Label} cannot be null: leave it out where there is nothing to say" },
	{ "wrong_type", "{Label} must be {wants}" },
	{ "too_long", "{Label} must be {max} characters or less" },
	{ "empty", "{Label} cannot be empty: leave it out where there is nothing to say" },
	{ "too_short", "{Label} must be {min} characters or more" },
	{ "out_of_range", "{Label} must be between {min} and {max}{slip}" },
	{ "in_future", "{Label} must be today or in the past{slip}" },
	{ "in_past", "{Label} must be today or in the future{slip}" },
	{ "too_few", "{Label} must have {few} or more entries" },
	{ "too_many", "{Label} must have {many} entries or fewer" },
	{ "repeated", "{Label} must not have the same entry twice" },
	{ "bad_text", "{Label} must not include control characters" },
	{ "bad_uuid", "{Label} must be an identifier, like "
		      "2f1c6a0e-5b7d-4c39-9a51-d3e8f0b24c67" },
	{ "bad_date", "{Label} must be a real date, like 2019-03-27" },
	{ "no_such_day", "{Label} must be a real date" },
	{ "no_day", "{Label} must include a day" },
	{ "no_month", "{Label} must include a month" },
	{ "no_year", "{Label} must include a year" },
	{ "no_day_month", "{Label} must include a day and month" },
	{ "no_day_year", "{Label} must include a day and year" },
	{ "no_month_year", "{Label} must include a month and year" },
	{ "bad_year", "Year must include 4 numbers" },
	{ "bad_instant", "{Label} must be a real date and time, like 2026-11-22T02:14:00Z" },
	{ "bad_outward", "{Label} must be the first half of a postcode, like TS1 or YO62" },
	{ "bad_email", "Enter an email address in the correct format, like name@example.com" },
	{ "bad_phone", "Enter a phone number with its area code, like 01632 960 001, 07700 900 982 or "
		       "+44 808 157 0192" },
	{ "bad_start", "{Label} must begin like a phone number: 01, 02, 03, 07, 08, or + and a country" },
	{ "digit_missing", "{Label} is too short: a digit is missing" },
	{ "digits_missing", "{Label} is too short: digits are missing" },
	{ "digit_over", "{Label} is too long: there is a digit too many" },
	{ "digits_over", "{Label} is too long: there are too many digits. Enter one number" },
	{ "bad_extension", "{Label} must end with the digits of the extension, like ext 12" },
	{ "part_twice", "{Label} is in the phone number already, and is not the same there" },
	{ "bad_reference", "{Label} must be like H-7KQ2MX" },
	{ "bad_digits", "{Label} must be digits" },
	{ "holds_address", "{Label} must not include a postcode or a house number: others read it. Enter "
			   "an address on the property, and an unsafe place under unsafe places" },
	{ "unknown_code", "Select {label} from the list" },
};

static void put_label(struct text *t, const struct field *f)
{
	size_t from = t->len, len = strlen(f->name);

	if (f->label) {
		text_puts(t, f->label);
		return;
	}
	if (len > 3 && strcmp(f->name + len - 3, "_id") == 0)
		len -= 3;
	text_put(t, f->name, len);
	for (char *p = t->data + from; *p; p++)
		if (*p == '_')
			*p = ' ';
}

/* The label with its first letter in the case that its place in the sentence needs; "NRPF" stays
 * as it is. */
static void put_cased_label(struct text *t, const struct field *f, bool upper)
{
	size_t at = t->len;
	char *first;
	bool acronym;

	put_label(t, f);
	first = t->data + at;
	acronym = first[0] && first[1] >= 'A' && first[1] <= 'Z';
	if (upper && *first >= 'a' && *first <= 'z')
		*first &= ~0x20;
	if (!upper && !acronym && *first >= 'A' && *first <= 'Z')
		*first |= 0x20;
}

static void put_bound(struct text *t, const struct field *f, int64_t n)
{
	if (f->type != FIELD_PENCE) {
		text_i64(t, n);
		return;
	}
	text_puts(t, "£");
	text_i64(t, n / 100);
	if (n % 100)
		text_printf(t, ".%02d", (int)(n % 100));
}

static const char *kind_word(const struct field *f, const char *slot)
{
	if (strncmp(slot, "ask", 3) == 0)
		return kinds[f->type].ask;
	return f->list ? "a list" : kinds[f->type].wants;
}

static void put_slot(struct text *t, const struct field *f, const char *slot)
{
	if (strncmp(slot, "abel", 4) == 0 || strncmp(slot + 1, "abel", 4) == 0)
		put_cased_label(t, f, *slot == 'L');
	else if (f->type == FIELD_DATE && (strncmp(slot, "min", 3) == 0 || strncmp(slot, "max", 3) == 0))
		put_day_bound(t, f, strncmp(slot, "max", 3) == 0);
	else if (strncmp(slot, "min", 3) == 0)
		put_bound(t, f, field_min(f));
	else if (strncmp(slot, "max", 3) == 0)
		put_bound(t, f, field_max(f));
	else if (strncmp(slot, "few", 3) == 0)
		text_i64(t, (int64_t)f->min_items);
	else if (strncmp(slot, "many", 4) == 0)
		text_i64(t, (int64_t)field_max_items(f));
	else
		text_puts(t, kind_word(f, slot));
}

static const char *fill(struct arena *a, const struct field *f, const char *words, const char *value)
{
	struct text t = text_in(a);

	while (*words) {
		size_t n = strcspn(words, "{");

		text_put(&t, words, n);
		words += n;
		if (!*words)
			break;
		if (strncmp(words + 1, "slip", 4) == 0)
			put_meant(&t, f, value);
		else
			put_slot(&t, f, words + 1);
		words = strchr(words, '}') + 1;
	}
	return text_done(&t);
}

const char *error_sentence(struct arena *a, const struct field *f, const char *code, const char *value)
{
	if (!f)
		return "Remove this: it is not a field here";
	if (f->ask && strcmp(code, "required") == 0)
		return f->ask;
	for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++)
		if (strcmp(sentences[i].code, code) == 0)
			return fill(a, f, sentences[i].words, value);
	return code;
}
