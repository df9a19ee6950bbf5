/* The kinds of fields: one row a kind, read by the decoder, the form reader and the schema. */
#pragma once
#include "json/input.h"

/* Judges s, which is not empty and has no blanks at its ends, and may replace it by its normal
 * form (at most a character longer). Returns an error code or NULL. */
typedef const char *word_check(const struct field *f, char *s);

struct kind {
	const char *type;	/* in JSON Schema */
	const char *format, *pattern;	/* in JSON Schema, or NULL */
	const char *wants;	/* "must be …" */
	const char *ask;	/* "Enter" or "Select" */
	size_t size;		/* of the C value in a list; 0 for OBJECT: that of its table */
	bool set;		/* a list of these holds each once */
	word_check *check;	/* of the kinds held as const char *, else NULL */
};

extern const struct kind kinds[];

/* Day, month and year as a form sent them, where they make no day. */
#define DATE_PARTS "%s|%s|%s"

/* Whether min and max count characters. */
bool bounded_text(const struct field *f);
/* The bounds that hold for the field, defaults filled in. */
int64_t field_min(const struct field *f);
int64_t field_max(const struct field *f);
size_t field_max_items(const struct field *f);
/* Bytes of one value in a list. */
size_t field_size(const struct field *f);

/* The field of that name, len bytes long, or NULL. */
const struct field *input_field(const struct input *input, const char *name, size_t len);

/* A copy without blanks at its ends, tabs inside made blanks, and with room for one character more. */
char *trimmed(struct arena *a, const char *s);

/* The sentence for people about an error of the field; f is NULL for an unknown member. value: the
 * day that was refused, or NULL. */
const char *error_sentence(struct arena *a, const struct field *f, const char *code, const char *value);

struct text;
/* Why a real day is none for the field, by its bounds `past` and `ahead`: in_future, in_past,
 * out_of_range; or NULL. */
const char *day_fault(const struct field *f, const char *s);
/* ". Did you mean 29 November 2026?" where the same day of another year would do. */
void put_meant(struct text *t, const struct field *f, const char *s);
/* The first or the last day that the field takes. */
void put_day_bound(struct text *t, const struct field *f, bool last);

/* The default of a field that has one, as a tree that the caller owns. */
json_t *default_value(const struct field *f);

/* The first half of a postcode, in either case. */
bool outward_sound(const char *s);
/* Whether a postcode may begin with these letters (those before its first digit). */
bool postcode_area(const char *s);
