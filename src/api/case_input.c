/* Field tables of a household and what belongs to it. */
#include "api/codes.h"
#include "case.h"

enum { NAME_MAX_POINTS = 100 };

static const struct field circle_fields[] = {
	FIELD(struct circle_in, easting, INT, "easting", .required = true, .max = 700000,
	      .help = "National grid, metres; snapped to 2 km."),
	FIELD(struct circle_in, northing, INT, "northing", .required = true, .max = 1300000),
	FIELD(struct circle_in, radius_m, INT, "radius_m", .required = true, .min = 1,
	      .max = 40000),
};
static const struct input circle_input = INPUT(struct circle_in, circle_fields);

static const struct field unsafe_fields[] = {
	FIELD(struct unsafe_in, kind, CODE, "kind", .required = true, .chosen = true, .codes = &unsafe_kind_codes,
	      .ask = "Select what is there"),
	FIELD(struct unsafe_in, outward_code, OUTWARD, "outward_code", .label = "Area"),
	FIELD(struct unsafe_in, sector, TEXT, "sector", .max = 8, .help = "Like TS1 2."),
	FIELD(struct unsafe_in, circle, OBJECT, "circle", .sub = &circle_input),
};
const struct input unsafe_input = INPUT(struct unsafe_in, unsafe_fields,
	.help = "One of outward code, sector and circle.");

static const struct field member_fields[] = {
	FIELD(struct member_in, id, UUID, "id",
	      .help = "A UUID of your own, by which other members may name this one; the answer gives the lasting one."),
	FIELD(struct member_in, kind, CODE, "kind", .required = true, .codes = &member_kind_codes,
	      .ask = "Select who this person is"),
	FIELD(struct member_in, name, TEXT, "name", .sealed = true, .max = NAME_MAX_POINTS,
	      .help = "Kept sealed; no answer repeats it, but for the applicant's first name where it is needed."),
	FIELD(struct member_in, birth_date, DATE, "birth_date", BIRTH_DATE, .help = "Kept sealed."),
	FIELD(struct member_in, age, INT, "age", .max = 120,
	      .help = "Used where there is no birth date."),
	FIELD(struct member_in, sex, CODE, "sex", .codes = &known_sex),
	FIELD(struct member_in, gender_identity, CODE, "gender_identity",
	      .codes = &gender_identity_codes),
	FIELD(struct member_in, relationship, TEXT, "relationship", .prose = true, .max = 60,
	      .help = "To the main applicant."),
	FIELD(struct member_in, couple, BOOL, "couple",
	      .help = "Is the partner of the main applicant; the same as naming each other."),
	FIELD(struct member_in, child_of, UUID, "child_of", .help = "The member whose child this is."),
	FIELD(struct member_in, partner_of, UUID, "partner_of",
	      .help = "The partner, a member who names this one: a couple shares a bedroom."),
};
const struct input member_input = INPUT(struct member_in, member_fields);

static const struct field party_fields[] = {
	FIELD(struct party_in, name, TEXT, "name", .sealed = true, .max = NAME_MAX_POINTS,
	      .help = "Only a keyed hash is kept. Leave out a name that nobody knows, and describe the person."),
	FIELD(struct party_in, birth_date, DATE, "birth_date", BIRTH_DATE),
	FIELD(struct party_in, relation, TEXT, "relation", .prose = true, .sealed = true, .max = 60,
	      .help = "Not kept."),
	FIELD(struct party_in, description, TEXT, "description", .prose = true, .sealed = true, .max = REASON_MAX,
	      .help = "Kept sealed. No address."),
	FIELD(struct party_in, vehicle, TEXT, "vehicle", .prose = true, .sealed = true, .max = 100, .help = "Kept sealed."),
};
const struct input party_input = INPUT(struct party_in, party_fields);

static const struct field contact_fields[] = {
	PHONE_FIELDS(struct contact_in, phone, "phone", true),
	FIELD(struct contact_in, hours, TEXT, "hours", .prose = true, .sealed = true, .max = 80),
	FIELD(struct contact_in, voicemail, BOOL, "voicemail", .sealed = true),
	FIELD(struct contact_in, code_word, TEXT, "code_word", .prose = true, .sealed = true, .max = 40),
};
const struct input contact_input = INPUT(struct contact_in, contact_fields);

static const struct field support_fields[] = {
	FIELD(struct support_in, need, CODE, "need", .required = true,
	      .codes = &support_need_codes),
	FIELD(struct support_in, severity, CODE, "severity", .chosen = true, .codes = &severity_codes,
	      .def = "not_known"),
};
const struct input support_input = INPUT(struct support_in, support_fields);

static const struct field dash_fields[] = {
	FIELD(struct dash_in, topic, CODE, "topic", .required = true, .codes = &dash_topic_codes),
	FIELD(struct dash_in, answer, CODE, "answer", .required = true, .codes = &dash_answer_codes),
};
const struct input dash_input = INPUT(struct dash_in, dash_fields);

/* The rows of needs.def as fields of RECORD, which has them in a member `needs`. */
#define FACT_FIELD(name, ...) FACT_FIELD_(name, __VA_ARGS__)
#define FACT_FIELD_(name, kind, ...) FIELD(RECORD, needs.name, kind, #name, __VA_ARGS__),

struct needs_patch {
	struct needs_in needs;
};

#define REQUIRED true
#define RECORD struct needs_patch
static const struct field needs_fields[] = {
#define FACT(name, type, answer, audit, ...) FACT_FIELD(name, FACT_FIELD_##type, __VA_ARGS__)
#include "match/needs.def"
};
#undef RECORD
const struct input needs_input = INPUT(struct needs_patch, needs_fields);

#define UNSAFE_PLACES \
	FIELD(struct household_in, unsafe_places, OBJECT, "unsafe_places", .sub = &unsafe_input, \
	      .max_items = NEED_UNSAFE)

/* What belongs to a household besides its needs and members. */
#define BELONGINGS \
	UNSAFE_PLACES, \
	FIELD(struct household_in, parties, OBJECT, "parties", .sub = &party_input, .max_items = 10, \
	      .help = "Perpetrators and associates."), \
	FIELD(struct household_in, safe_contact, OBJECT, "safe_contact", .sub = &contact_input)

#define MEMBERS \
	FIELD(struct household_in, members, OBJECT, "members", .required = true, \
	      .sub = &member_input, .min_items = 1, .max_items = MEMBERS_MAX)

#define RECORD struct household_in
static const struct field household_fields[] = {
#define FACT(name, type, answer, audit, ...) FACT_FIELD(name, FACT_FIELD_##type, __VA_ARGS__)
#include "match/needs.def"
	MEMBERS,
	BELONGINGS,
};
const struct input household_input = INPUT(struct household_in, household_fields);

static const struct field inline_fields[] = {
#define FACT(name, type, answer, audit, ...) FACT_FIELD(name, FACT_FIELD_##type, __VA_ARGS__)
#include "match/needs.def"
	MEMBERS,
	UNSAFE_PLACES,
};
const struct input inline_input = INPUT(struct household_in, inline_fields);

/* A draft need not say anything. */
#undef REQUIRED
#define REQUIRED false
static const struct field draft_fields[] = {
#define FACT(name, type, answer, audit, ...) FACT_FIELD(name, FACT_FIELD_##type, __VA_ARGS__)
#include "match/needs.def"
	FIELD(struct household_in, members, OBJECT, "members", .sub = &member_input,
	      .max_items = MEMBERS_MAX),
	BELONGINGS,
};
const struct input draft_input = INPUT(struct household_in, draft_fields);

/* ---- the answer ---- */

static const struct shape_member member_rows[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &member_kind_codes),
	SHAPE("sex", CODE, .nullable = true, .codes = &known_sex),
	SHAPE("gender_identity", CODE, .codes = &gender_identity_codes),
	SHAPE("age", INT, .nullable = true),
	SHAPE("relationship", TEXT, .nullable = true),
	SHAPE("couple", BOOL, .nullable = true),
	SHAPE("child_of", UUID, .nullable = true),
	SHAPE("partner_of", UUID, .nullable = true),
	{ 0 },
};
static const struct shape member_shape = { .name = "member", .members = member_rows };

static const struct shape_member place_rows[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &unsafe_kind_codes),
	SHAPE("outward_code", TEXT, .nullable = true),
	SHAPE("sector", TEXT, .nullable = true),
	SHAPE("cell_east", INT, .nullable = true),
	SHAPE("cell_north", INT, .nullable = true),
	SHAPE("radius_cells", INT, .nullable = true),
	SHAPE("checked_on", DATE),
	{ 0 },
};
static const struct shape place_shape = { .name = "unsafe_place", .members = place_rows };

static const struct shape_member cover_rows[] = {
	SHAPE("from_day", DATE),
	SHAPE("until_day", DATE),
	SHAPE("cut_off", BOOL),
	{ 0 },
};
static const struct shape cover_shape = { .name = "nrpf_cover", .members = cover_rows };

static const struct shape_member support_rows[] = {
	SHAPE("need", CODE, .codes = &support_need_codes),
	SHAPE("severity", CODE, .codes = &severity_codes),
	{ 0 },
};
static const struct shape support_shape = { .name = "support", .members = support_rows };

static const struct shape_member marac_rows[] = {
	SHAPE_ID,
	SHAPE("referred_on", DATE),
	SHAPE("heard_on", DATE, .nullable = true),
	SHAPE("repeat", BOOL),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape marac_shape = { .name = "marac_line", .members = marac_rows };

/* The current answer for each purpose that the household was asked about. */
static const struct shape_member consent_rows[] = {
	SHAPE("purpose", CODE, .codes = &consent_purpose_codes),
	SHAPE("basis", CODE, .codes = &consent_basis_codes),
	SHAPE("at", INSTANT),
	{ 0 },
};
static const struct shape consent_shape = { .name = "consent_now", .members = consent_rows };

static const struct shape_member household_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("organisation_id", UUID),
	SHAPE("ours", BOOL),
	SHAPE("owner_id", UUID, .nullable = true),
#define FACT(fact, type, null, ...) { .name = #fact, .nullable = FACT_NULL_##null, FACT_SHAPE_##type },
#include "match/needs.def"
	SHAPE("risk_least", CODE, .nullable = true, .codes = &known_risk_level),
	SHAPE("risk_judged", CODE, .nullable = true, .codes = &known_risk_level),
	SHAPE("risk_judged_by", TEXT, .nullable = true),
	SHAPE("band_line", CODE, .codes = &band_line_codes),
	SHAPE("band_set_by", TEXT, .nullable = true),
	SHAPE("band_set_at", INSTANT, .nullable = true),
	SHAPE("support_asked", BOOL),
	SHAPE("nrpf_cover", OBJECT, .nullable = true, .sub = &cover_shape),
	SHAPE("bedrooms_needed", INT),
	SHAPE("bedrooms_certain", BOOL),
	SHAPE("restricted", BOOL),
	SHAPE("waiting_since", INSTANT, .nullable = true),
	SHAPE("closed_at", INSTANT, .nullable = true),
	SHAPE("members", OBJECT, .list = true, .sub = &member_shape),
	SHAPE("unsafe_places", OBJECT, .list = true, .sub = &place_shape),
	SHAPE("maracs", OBJECT, .list = true, .sub = &marac_shape),
	SHAPE("consents", OBJECT, .list = true, .sub = &consent_shape),
	SHAPE("consent_outstanding", BOOL),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
const struct shape household_shape = { .name = "household", .members = household_rows };
