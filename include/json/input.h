/* JSON text into a C struct, by a table of fields; every error of an input at once.
 *
 *	struct hold {
 *		const char *household, *vacancy;
 *		int64_t minutes;
 *	};
 *	static const struct field fields[] = {
 *		FIELD(struct hold, household, UUID, "household_id", .required = true),
 *		FIELD(struct hold, vacancy,   UUID, "vacancy_id",   .required = true),
 *		FIELD(struct hold, minutes,   INT,  "minutes", .min = 30, .max = 240, .def = "120"),
 *	};
 *	const struct input hold_input = INPUT(struct hold, fields);
 *
 * The same table reads forms (json/form.h) and prints the schema (json/schema.h). A member of the
 * wrong C type does not compile; a member of type struct json_list makes the field a list.
 *
 * kind       C type         value
 * TEXT       const char *   one line; length in code points
 * MULTILINE  const char *   may hold line breaks, which arrive as \n
 * UUID       const char *   36 characters, lower-cased
 * INT        int64_t        INT_ABSENT where absent
 * PENCE      int64_t        money in pence, never negative
 * BOOL       enum tri       TRI_UNKNOWN where absent
 * DATE       const char *   a real day, "2019-03-27"
 * INSTANT    const char *   RFC 3339, "2026-11-22T02:14:00Z"
 * CODE       const char *   a code of .codes
 * OUTWARD    const char *   first half of a postcode, upper-cased: "TS1", "YO62"
 * EMAIL      const char *   "name@example.com"
 * PHONE      const char *   a number of a true length: digits, perhaps after a plus. What only
 *                           separates is removed, also where it cannot be seen. An extension and
 *                           a text relay prefix (18001) typed with it are moved to fields of
 *                           their own: declare all three by PHONE_FIELDS()
 * DIGITS     const char *   digits; length in digits. Blanks and dashes between them are dropped
 * CASE_REFERENCE  const char *  "H-7KQ2MX", whatever its case, blanks and dashes were
 * OBJECT     struct x *     by the table .sub
 * list       struct json_list of the above (no nulls in it, no lists of lists)
 *
 * Absent text and objects are NULL, absent lists have n = 0. Text loses blanks at both ends, and a
 * tab becomes a blank. Text holding control or direction-changing characters is refused: they make
 * a name look like another. An empty text is refused too: leave the member out, or patch with null.
 * UUID, CODE and OUTWARD lists are sets: an entry may not come twice.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/codes.h"

#define INT_ABSENT INT64_MIN

enum {
	JSON_DEPTH = 32,	/* nesting of a body: deeper is malformed */
	JSON_ERRORS = 100,	/* field errors kept of one body */
	JSON_FIELDS = 64,	/* fields of a table */
	JSON_ITEMS = 100,	/* default of max_items */
	JSON_LINE = 200,	/* default of TEXT's max, in code points */
	JSON_MULTILINE = 4000,	/* default of MULTILINE's max */
};

struct json_list {
	size_t n;
	void *items;		/* const char *[], int64_t[], enum tri[] or the structs of .sub */
};

enum field_type {
	FIELD_TEXT,
	FIELD_MULTILINE,
	FIELD_UUID,
	FIELD_INT,
	FIELD_PENCE,
	FIELD_BOOL,
	FIELD_DATE,
	FIELD_INSTANT,
	FIELD_CODE,
	FIELD_OUTWARD,
	FIELD_EMAIL,
	FIELD_PHONE,
	FIELD_DIGITS,
	FIELD_CASE_REFERENCE,
	FIELD_OBJECT,
};

struct input;

struct field {
	const char *name;	/* the JSON member, snake_case */
	enum field_type type;
	size_t offset;
	bool required;		/* must be sent */
	bool nullable;		/* null is an answer, stored as absent */
	bool list;		/* set by FIELD() */
	int64_t min, max;	/* TEXT, MULTILINE, DIGITS: code points. INT, PENCE: value; a max of 0
				 * stands for 2147483647 (INT) and 10^11 (PENCE) */
	int32_t past, ahead;	/* DATE: days before and after today that it may be; both 0: any day */
	const char *def;	/* used where absent, but not in a patch: as in a form ("120",
				 * "true", "tonight"); for lists and objects JSON ("[]") */
	const struct code_list *codes;
	const struct input *sub;
	size_t min_items, max_items;
	bool prose;		/* TEXT, MULTILINE: people write what they like, so an address is
				 * refused (json/address.h). Names, labels and references are not */
	bool line;		/* PHONE: one without extension and text relay, such as an organisation's */
	bool chosen;		/* CODE in a list of objects: a form has it chosen beforehand, so by itself it
				 * fills no row */
	bool sealed;		/* goes to the vault, never to the database in plain text */
	const char *label;	/* in sentences: "Date of birth"; NULL: made from the name */
	const char *ask;	/* the sentence where it is missing: "Select which unit is free"; NULL: made
				 * from the label */
	const char *help;	/* one sentence for the schema */
};

struct input {
	const struct field *fields;
	size_t n;
	size_t size;		/* of the struct */
	const char *name;	/* "hold" */
	const char *help;
};

/* One row; the rest are designated initialisers: .required = true, .max = 240. */
#define FIELD(record, member, kind, json_name, ...) \
	{ .name = (json_name), .type = FIELD_##kind, \
	  .offset = offsetof(record, member) + \
		    0 * sizeof(char[FIELD_C_##kind(((record *)0)->member)]), \
	  .list = _Generic(((record *)0)->member, struct json_list: true, default: false), \
	  __VA_ARGS__ }

/* A telephone number and its parts: members `member`, `member_extension` and `member_text_relay`.
 * seal: whether they are sealed. */
#define PHONE_FIELDS(record, member, json_name, seal, ...) \
	FIELD(record, member, PHONE, json_name, .sealed = (seal), __VA_ARGS__), \
	FIELD(record, member##_extension, DIGITS, json_name "_extension", .sealed = (seal), .max = 8, \
	      .help = "Taken from the number where it was sent with it (ext 12, x12, ;ext=12)."), \
	FIELD(record, member##_text_relay, BOOL, json_name "_text_relay", .sealed = (seal), \
	      .help = "Called through Relay UK; true where the number was sent with 18001 before it.")

/* The members of a date of birth: nobody is older than 120 years. */
#define BIRTH_DATE .sealed = true, .label = "Date of birth", .past = 43830

/* The table of `struct hold`, named "hold"; may be followed by .help = "…". */
#define INPUT(record, table, ...) \
	{ .fields = (table), \
	  .n = sizeof(table) / sizeof(*(table)) + \
	       0 * sizeof(char[sizeof(table) / sizeof(*(table)) <= JSON_FIELDS ? 1 : -1]), \
	  .size = sizeof(record), .name = &(#record)[sizeof("struct ") - 1], __VA_ARGS__ }

/* The C type of each kind. */
#define FIELD_C_WORDS(m) _Generic((m), const char *: 1, struct json_list: 1)
#define FIELD_C_NUMBER(m) _Generic((m), int64_t: 1, struct json_list: 1)
#define FIELD_C_TEXT(m) FIELD_C_WORDS(m)
#define FIELD_C_MULTILINE(m) FIELD_C_WORDS(m)
#define FIELD_C_UUID(m) FIELD_C_WORDS(m)
#define FIELD_C_INT(m) FIELD_C_NUMBER(m)
#define FIELD_C_PENCE(m) FIELD_C_NUMBER(m)
#define FIELD_C_BOOL(m) _Generic((m), enum tri: 1, struct json_list: 1)
#define FIELD_C_DATE(m) FIELD_C_WORDS(m)
#define FIELD_C_INSTANT(m) FIELD_C_WORDS(m)
#define FIELD_C_CODE(m) FIELD_C_WORDS(m)
#define FIELD_C_OUTWARD(m) FIELD_C_WORDS(m)
#define FIELD_C_EMAIL(m) FIELD_C_WORDS(m)
#define FIELD_C_PHONE(m) FIELD_C_WORDS(m)
#define FIELD_C_DIGITS(m) FIELD_C_WORDS(m)
#define FIELD_C_CASE_REFERENCE(m) FIELD_C_WORDS(m)
#define FIELD_C_OBJECT(m) _Generic((m), const char *: -1, int64_t: -1, enum tri: -1, default: 1)

enum json_verdict {
	JSON_OK,
	JSON_MALFORMED,		/* 400: not one JSON object, or deeper than JSON_DEPTH, or with a
				 * repeated key, a NUL, bad UTF-8 or a number beyond 64 bits */
	JSON_INVALID,		/* 422: see errors */
};

/* Codes: required, unknown_member, wrong_type, null, too_long, too_short, out_of_range, too_few,
 * too_many, repeated, bad_text, bad_uuid, bad_date, no_such_day, no_day, no_month,
 * no_year, no_day_month, no_day_year, no_month_year, bad_year (of the parts of a form), bad_instant, bad_outward, bad_email,
 * bad_phone, bad_start, digit_missing, digits_missing, digit_over, digits_over, bad_extension,
 * part_twice, bad_digits, bad_reference, in_future, in_past, unknown_code, holds_address; handlers may add their own. The sentence never repeats
 * the value sent. The pointer holds the name of an unknown member, which the client chose: answer
 * it, never log it. */
struct field_error {
	const char *pointer;	/* RFC 6901: "/members/2/birth_date"; "" is the whole */
	const char *code;
	const char *detail;	/* for people: "Birth date must be a real date, like 2019-03-27" */
};

struct decoded {
	struct arena *arena;
	const struct input *input;
	void *value;		/* the struct; a refused value is absent in it (a refused entry of a
				 * list stays in its place); NULL where malformed */
	json_t *json;		/* as sent, with defaults and normalised values; freed by the arena;
				 * NULL where malformed */
	uint64_t present;	/* bit i: fields[i] was sent (null counts, a default does not) */
	struct field_error *errors;
	size_t nerrors;
};

/* A JSON object as a tree that lives as long as the arena: hold no reference beyond it, and use
 * it in this thread only. NULL where the text is not one object, nests deeper than JSON_DEPTH, or
 * repeats a key. */
json_t *json_read(struct arena *a, const char *body, size_t len);
/* Reads a whole body. *out lives as long as the arena. */
enum json_verdict json_decode(struct arena *a, const char *body, size_t len,
			      const struct input *input, struct decoded *out)
	__attribute__((warn_unused_result));

/* The same for an RFC 7396 merge patch: nothing is required and no default applies, at every level
 * of objects (lists are replaced whole, so their entries are checked whole). null clears a field
 * that is nullable, or neither required nor defaulted. */
enum json_verdict json_decode_patch(struct arena *a, const char *body, size_t len,
				    const struct input *input, struct decoded *out)
	__attribute__((warn_unused_result));

/* Whether the member of that struct was sent: json_sent(d, struct hold, minutes). */
#define json_sent(d, record, member) json_sent_at((d), offsetof(record, member))
bool json_sent_at(const struct decoded *d, size_t offset);

/* The value sent at a pointer, or NULL: {"members":[{"age":7}]} has "/members/0/age". */
const json_t *json_sent_to(const struct decoded *d, const char *pointer);

/* Adds an error that the program found, after JSON_OK or JSON_INVALID: by a rule that a field
 * table cannot say. Where the pointer has an error already, that one stands: a value that
 * could not be read is not missing as well. The strings are kept, not copied: literals or of
 * the arena. */
void json_add_error(struct decoded *d, const char *pointer, const char *code, const char *detail);

/* The fault of a table, of the arena, or NULL: a code field without codes, an object without a
 * table, two fields of one name, a default its own field refuses. A test checks the table of
 * every route. */
const char *input_fault(struct arena *a, const struct input *input);

/* The validated document as compact JSON, to be one parameter of a statement
 * (jsonb_to_record, jsonb_populate_record), without fields that are sealed. Of the arena. */
char *json_input_text(struct arena *a, const struct decoded *d);
