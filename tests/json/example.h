/* An input with a field of every kind, for the tests and the fuzzer. */
#pragma once
#include "json/input.h"

struct member {
	const char *sex, *birth_date;
	int64_t age;
	struct json_list needs;
};

struct contact {
	const char *phone, *phone_extension, *email;
	enum tri voicemail, phone_text_relay;
};

struct referral {
	const char *household, *title, *note, *due, *seen_at, *source, *area, *stage;
	int64_t minutes, amount;
	enum tri tonight, pets;
	struct contact *contact;
	struct json_list members, places, languages, unsafe, visits, answers;
};

static const struct code sex_rows[] = { { "f", "Woman" }, { "m", "Man" } };
static const struct code_list sexes = { "sex", sex_rows, 2 };
static const struct code language_rows[] = { { "cy", "Welsh" }, { "pl", "Polish" },
					     { "ur", "Urdu" }, { "bsl", "BSL" } };
static const struct code_list languages = { "language", language_rows, 4 };

static const struct field member_fields[] = {
	FIELD(struct member, sex, CODE, "sex", .required = true, .codes = &sexes),
	FIELD(struct member, birth_date, DATE, "birth_date", .label = "Date of birth"),
	FIELD(struct member, age, INT, "age", .max = 120, .def = "18"),
	FIELD(struct member, needs, TEXT, "needs", .max = 10, .max_items = 2),
};
static const struct input member_input = INPUT(struct member, member_fields);

struct place {
	const char *kind, *area;
};

static const struct field place_fields[] = {
	FIELD(struct place, kind, CODE, "kind", .required = true, .chosen = true, .codes = &sexes),
	FIELD(struct place, area, OUTWARD, "area"),
};
static const struct input place_input = INPUT(struct place, place_fields);

static const struct field contact_fields[] = {
	PHONE_FIELDS(struct contact, phone, "phone", false, .required = true),
	FIELD(struct contact, email, EMAIL, "email"),
	FIELD(struct contact, voicemail, BOOL, "voicemail", .nullable = true),
};
static const struct input contact_input = INPUT(struct contact, contact_fields);

static const struct field referral_fields[] = {
	FIELD(struct referral, household, UUID, "household_id", .required = true),
	FIELD(struct referral, title, TEXT, "title", .min = 2, .max = 10, .nullable = true),
	FIELD(struct referral, note, MULTILINE, "note", .max = 20),
	FIELD(struct referral, due, DATE, "due_date", .nullable = true),
	FIELD(struct referral, seen_at, INSTANT, "seen_at"),
	FIELD(struct referral, source, CODE, "source", .codes = &sexes),
	FIELD(struct referral, area, OUTWARD, "area"),
	FIELD(struct referral, stage, TEXT, "a/b~c"),
	FIELD(struct referral, minutes, INT, "minutes", .min = 30, .max = 240, .def = "120",
	      .help = "How long to hold, in minutes."),
	FIELD(struct referral, amount, PENCE, "amount", .max = 50000),
	FIELD(struct referral, tonight, BOOL, "tonight", .nullable = true),
	FIELD(struct referral, pets, BOOL, "pets"),
	FIELD(struct referral, contact, OBJECT, "contact", .sub = &contact_input),
	FIELD(struct referral, members, OBJECT, "members", .sub = &member_input, .max_items = 3),
	FIELD(struct referral, places, OBJECT, "places", .sub = &place_input, .max_items = 3),
	FIELD(struct referral, languages, CODE, "languages", .codes = &languages, .min_items = 1),
	FIELD(struct referral, unsafe, OUTWARD, "unsafe", .def = "[]"),
	FIELD(struct referral, visits, INT, "visits", .min = -5, .max = 5),
	FIELD(struct referral, answers, BOOL, "answers"),
};
static const struct input referral_input = INPUT(struct referral, referral_fields,
						 .help = "A referral.");

#define HOUSEHOLD "2f1c6a0e-5b7d-4c39-9a51-d3e8f0b24c67"
