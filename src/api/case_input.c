/* Field tables of a household and what belongs to it. */
#include "api/codes.h"
#include "case.h"

enum { NAME_MAX_POINTS = 100, REASON_MAX = 300 };

static const struct field circle_fields[] = {
	FIELD(struct circle_in, easting, INT, "easting", .required = true, .max = 700000,
	      .help = "National grid, metres; snapped to 2 km."),
	FIELD(struct circle_in, northing, INT, "northing", .required = true, .max = 1300000),
	FIELD(struct circle_in, radius_m, INT, "radius_m", .required = true, .min = 1,
	      .max = 40000),
};
static const struct input circle_input = INPUT(struct circle_in, circle_fields);

static const struct field unsafe_fields[] = {
	FIELD(struct unsafe_in, kind, CODE, "kind", .required = true, .codes = &unsafe_kind_codes),
	FIELD(struct unsafe_in, outward_code, OUTWARD, "outward_code"),
	FIELD(struct unsafe_in, sector, TEXT, "sector", .max = 8, .help = "Like TS1 2."),
	FIELD(struct unsafe_in, circle, OBJECT, "circle", .sub = &circle_input),
};
const struct input unsafe_input = INPUT(struct unsafe_in, unsafe_fields,
	.help = "One of outward code, sector and circle.");

static const struct field member_fields[] = {
	FIELD(struct member_in, kind, CODE, "kind", .required = true, .codes = &member_kind_codes),
	FIELD(struct member_in, name, TEXT, "name", .sealed = true, .max = NAME_MAX_POINTS,
	      .help = "Kept sealed; no answer repeats it."),
	FIELD(struct member_in, birth_date, DATE, "birth_date", .sealed = true, .help = "Kept sealed."),
	FIELD(struct member_in, age, INT, "age", .max = 120,
	      .help = "Used where there is no birth date."),
	FIELD(struct member_in, sex, CODE, "sex", .codes = &known_sex),
	FIELD(struct member_in, gender_identity, CODE, "gender_identity",
	      .codes = &gender_identity_codes),
	FIELD(struct member_in, relationship, TEXT, "relationship", .prose = true, .max = 60,
	      .help = "To the main applicant."),
	FIELD(struct member_in, couple, BOOL, "couple",
	      .help = "Shares a bedroom with the main applicant."),
};
const struct input member_input = INPUT(struct member_in, member_fields);

static const struct field party_fields[] = {
	FIELD(struct party_in, name, TEXT, "name", .required = true, .sealed = true,
	      .max = NAME_MAX_POINTS,
	      .help = "Only a keyed hash is kept."),
	FIELD(struct party_in, birth_date, DATE, "birth_date", .sealed = true),
	FIELD(struct party_in, relation, TEXT, "relation", .prose = true, .sealed = true, .max = 60,
	      .help = "Not kept."),
	FIELD(struct party_in, description, TEXT, "description", .prose = true, .sealed = true, .max = REASON_MAX,
	      .help = "Kept sealed; no answer repeats it. No address."),
	FIELD(struct party_in, vehicle, TEXT, "vehicle", .prose = true, .sealed = true, .max = 100, .help = "Kept sealed."),
};
const struct input party_input = INPUT(struct party_in, party_fields);

static const struct field contact_fields[] = {
	FIELD(struct contact_in, phone, PHONE, "phone", .sealed = true),
	FIELD(struct contact_in, hours, TEXT, "hours", .prose = true, .sealed = true, .max = 80),
	FIELD(struct contact_in, voicemail, BOOL, "voicemail", .sealed = true),
	FIELD(struct contact_in, code_word, TEXT, "code_word", .prose = true, .sealed = true, .max = 40),
};
const struct input contact_input = INPUT(struct contact_in, contact_fields);

static const struct field support_fields[] = {
	FIELD(struct support_in, need, CODE, "need", .required = true,
	      .codes = &support_need_codes),
	FIELD(struct support_in, severity, CODE, "severity", .codes = &severity_codes,
	      .def = "not_known"),
};
static const struct input support_input = INPUT(struct support_in, support_fields);

static const struct field dash_fields[] = {
	FIELD(struct dash_in, topic, CODE, "topic", .required = true, .codes = &dash_topic_codes),
	FIELD(struct dash_in, answer, CODE, "answer", .required = true, .codes = &tri_codes),
};
static const struct input dash_input = INPUT(struct dash_in, dash_fields);

#define NEEDS(R, ...) \
	FIELD(R, needs.situation, CODE, "situation", .codes = &known_situation, __VA_ARGS__), \
	FIELD(R, needs.urgency, CODE, "urgency", .codes = &known_urgency, .def = "emergency"), \
	FIELD(R, needs.band, CODE, "band", .codes = &known_priority_band), \
	FIELD(R, needs.band_reason, TEXT, "band_reason", .prose = true, .max = REASON_MAX), \
	FIELD(R, needs.risk_level, CODE, "risk_level", .codes = &known_risk_level, \
	      .help = "Professional judgement; raises what DASH gives, never lowers it."), \
	FIELD(R, needs.risk_raised_reason, TEXT, "risk_raised_reason", .prose = true, .max = REASON_MAX), \
	FIELD(R, needs.dash, OBJECT, "dash", .sub = &dash_input, .max_items = DASH_ITEMS), \
	FIELD(R, needs.support_needs, OBJECT, "support_needs", .sub = &support_input, \
	      .max_items = SUPPORT_COUNT, \
	      .help = "Complete where sent: [] is none; left out is not asked."), \
	FIELD(R, needs.languages, CODE, "languages", .codes = &language_codes, .max_items = 8), \
	FIELD(R, needs.interpreter, BOOL, "interpreter"), \
	FIELD(R, needs.wishes, CODE, "wishes", .codes = &known_accommodation_type, \
	      .max_items = TYPE_COUNT, .help = "They rank, they exclude nothing."), \
	FIELD(R, needs.wished_areas, CODE, "wished_areas", .codes = &local_authority_codes, \
	      .max_items = NEED_AREAS), \
	FIELD(R, needs.wished_specialisms, CODE, "wished_specialisms", .codes = &specialism_codes, \
	      .max_items = SPECIALISM_COUNT), \
	FIELD(R, needs.places_to_reach, OUTWARD, "places_to_reach", .max_items = NEED_PLACES), \
	FIELD(R, needs.wheelchair, CODE, "wheelchair", .codes = &known_wheelchair), \
	FIELD(R, needs.step_free, BOOL, "step_free"), \
	FIELD(R, needs.ground_floor, BOOL, "ground_floor"), \
	FIELD(R, needs.adapted_bathroom, BOOL, "adapted_bathroom"), \
	FIELD(R, needs.pets, BOOL, "pets"), \
	FIELD(R, needs.nrpf, BOOL, "nrpf", .help = "No recourse to public funds."), \
	FIELD(R, needs.nrpf_funded_until, DATE, "nrpf_funded_until"), \
	FIELD(R, needs.want_from, DATE, "want_from"), \
	FIELD(R, needs.want_until, DATE, "want_until"), \
	FIELD(R, needs.shortest_stay_days, INT, "shortest_stay_days", .min = 1, .max = 3650), \
	FIELD(R, needs.pregnant, BOOL, "pregnant"), \
	FIELD(R, needs.due_on, DATE, "due_on"), \
	FIELD(R, needs.overnight_carer, BOOL, "overnight_carer"), \
	FIELD(R, needs.wants_to_stay, BOOL, "wants_to_stay"), \
	FIELD(R, needs.perpetrator_at_home, BOOL, "perpetrator_at_home"), \
	FIELD(R, needs.sole_occupation, BOOL, "sole_occupation"), \
	FIELD(R, needs.consent_obtainable, BOOL, "consent_obtainable"), \
	FIELD(R, needs.counter_allegation, BOOL, "counter_allegation", \
	      .help = "Recorded; never an exclusion."), \
	FIELD(R, needs.primary_victim, CODE, "primary_victim", .codes = &primary_victim_codes, \
	      .help = "Where both allege abuse. Excludes nobody."), \
	FIELD(R, needs.primary_victim_on, DATE, "primary_victim_on"), \
	FIELD(R, needs.primary_victim_reason, CODE, "primary_victim_reason", \
	      .codes = &primary_victim_reason_codes), \
	FIELD(R, needs.immigration_status, CODE, "immigration_status", \
	      .codes = &immigration_status_codes), \
	FIELD(R, needs.immigration_evidence, CODE, "immigration_evidence", \
	      .codes = &immigration_evidence_codes), \
	FIELD(R, needs.immigration_expires_on, DATE, "immigration_expires_on"), \
	FIELD(R, needs.income_source, CODE, "income_source", .codes = &income_source_codes), \
	FIELD(R, needs.weekly_income, PENCE, "weekly_income_pence"), \
	FIELD(R, needs.poses, CODE, "poses", .codes = &mix_risk_codes, \
	      .help = "What they could do to other residents: [] is nothing; left out is not asked."), \
	FIELD(R, needs.avoids, CODE, "avoids", .codes = &mix_risk_codes, \
	      .help = "What they must be kept from."), \
	FIELD(R, needs.risk_review_on, DATE, "risk_review_on", \
	      .help = "When the risk is assessed again.")

struct needs_patch {
	struct needs_in needs;
};

static const struct field needs_fields[] = { NEEDS(struct needs_patch, .required = true) };
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

static const struct field household_fields[] = {
	NEEDS(struct household_in, .required = true),
	MEMBERS,
	BELONGINGS,
};
const struct input household_input = INPUT(struct household_in, household_fields);

static const struct field inline_fields[] = {
	NEEDS(struct household_in, .required = true),
	MEMBERS,
	UNSAFE_PLACES,
};
const struct input inline_input = INPUT(struct household_in, inline_fields);

/* A draft need not say anything. */
static const struct field draft_fields[] = {
	NEEDS(struct household_in, .required = false),
	FIELD(struct household_in, members, OBJECT, "members", .sub = &member_input,
	      .max_items = MEMBERS_MAX),
	BELONGINGS,
};
const struct input draft_input = INPUT(struct household_in, draft_fields);

/* ---- the answer ---- */

static const struct shape_member member_rows[] = {
	SHAPE_ID,
	SHAPE_CODED("kind", member_kind_codes),
	SHAPE_MAYBE_CODED("sex", known_sex),
	SHAPE_CODED("gender_identity", gender_identity_codes),
	SHAPE_MAYBE("age", INT),
	SHAPE_MAYBE("relationship", TEXT),
	SHAPE_MAYBE("couple", BOOL),
	{ 0 },
};
static const struct shape member_shape = { "member", member_rows, false };

static const struct shape_member place_rows[] = {
	SHAPE_ID,
	SHAPE_CODED("kind", unsafe_kind_codes),
	SHAPE_MAYBE("outward_code", TEXT),
	SHAPE_MAYBE("sector", TEXT),
	SHAPE_MAYBE("cell_east", INT),
	SHAPE_MAYBE("cell_north", INT),
	SHAPE_MAYBE("radius_cells", INT),
	SHAPE_ONE("checked_on", DATE),
	{ 0 },
};
static const struct shape place_shape = { "unsafe_place", place_rows, false };

static const struct shape_member support_rows[] = {
	SHAPE_CODED("need", support_need_codes),
	SHAPE_CODED("severity", severity_codes),
	{ 0 },
};
static const struct shape support_shape = { "support", support_rows, false };

static const struct shape_member marac_rows[] = {
	SHAPE_ID,
	SHAPE_ONE("referred_on", DATE),
	SHAPE_MAYBE("heard_on", DATE),
	SHAPE_ONE("repeat", BOOL),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape marac_shape = { "marac_line", marac_rows, false };

/* The current answer for each purpose that the household was asked about. */
static const struct shape_member consent_rows[] = {
	SHAPE_CODED("purpose", consent_purpose_codes),
	SHAPE_CODED("basis", consent_basis_codes),
	SHAPE_ONE("at", INSTANT),
	{ 0 },
};
static const struct shape consent_shape = { "consent_now", consent_rows, false };

static const struct shape_member household_rows[] = {
	SHAPE_ID,
	SHAPE_ONE("reference", TEXT),
	SHAPE_ONE("organisation_id", UUID),
	SHAPE_MAYBE("owner_id", UUID),
	SHAPE_MAYBE_CODED("situation", known_situation),
	SHAPE_CODED("urgency", known_urgency),
	SHAPE_CODED("band", known_priority_band),
	SHAPE_MAYBE("band_reason", TEXT),
	SHAPE_MAYBE_CODED("risk_level", known_risk_level),
	SHAPE_MAYBE("risk_raised_reason", TEXT),
	SHAPE_MAYBE("dash", OBJECT),
	SHAPE_MAYBE("pregnant", BOOL),
	SHAPE_MAYBE("due_on", DATE),
	SHAPE_MAYBE("nrpf", BOOL),
	SHAPE_MAYBE("nrpf_funded_until", DATE),
	SHAPE_MAYBE("pets", BOOL),
	SHAPE_MAYBE("want_from", DATE),
	SHAPE_MAYBE("want_until", DATE),
	SHAPE_MAYBE("shortest_stay_days", INT),
	{ "wishes", SHAPE_CODE, false, true, &known_accommodation_type, NULL },
	{ "wished_areas", SHAPE_TEXT, false, true, NULL, NULL },
	{ "wished_specialisms", SHAPE_CODE, false, true, &specialism_codes, NULL },
	{ "places_to_reach", SHAPE_TEXT, false, true, NULL, NULL },
	{ "languages", SHAPE_CODE, false, true, &language_codes, NULL },
	SHAPE_MAYBE("interpreter", BOOL),
	SHAPE_MAYBE_CODED("wheelchair", known_wheelchair),
	SHAPE_MAYBE("step_free", BOOL),
	SHAPE_MAYBE("ground_floor", BOOL),
	SHAPE_MAYBE("adapted_bathroom", BOOL),
	{ "support_needs", SHAPE_OBJECT, true, true, NULL, &support_shape },
	SHAPE_MAYBE("wants_to_stay", BOOL),
	SHAPE_MAYBE("perpetrator_at_home", BOOL),
	SHAPE_MAYBE("sole_occupation", BOOL),
	SHAPE_MAYBE("consent_obtainable", BOOL),
	SHAPE_MAYBE("counter_allegation", BOOL),
	SHAPE_CODED("primary_victim", primary_victim_codes),
	SHAPE_MAYBE("primary_victim_on", DATE),
	SHAPE_MAYBE_CODED("primary_victim_reason", primary_victim_reason_codes),
	SHAPE_CODED("immigration_status", immigration_status_codes),
	SHAPE_MAYBE_CODED("immigration_evidence", immigration_evidence_codes),
	SHAPE_MAYBE("immigration_expires_on", DATE),
	SHAPE_CODED("income_source", income_source_codes),
	SHAPE_MAYBE("weekly_income_pence", INT),
	SHAPE_MAYBE("risk_review_on", DATE),
	{ "poses", SHAPE_CODE, true, true, &mix_risk_codes, NULL },
	{ "avoids", SHAPE_CODE, true, true, &mix_risk_codes, NULL },
	SHAPE_MAYBE("overnight_carer", BOOL),
	SHAPE_ONE("bedrooms_needed", INT),
	SHAPE_ONE("bedrooms_certain", BOOL),
	SHAPE_ONE("restricted", BOOL),
	SHAPE_MAYBE("waiting_since", INSTANT),
	SHAPE_MAYBE("closed_at", INSTANT),
	{ "members", SHAPE_OBJECT, false, true, NULL, &member_shape },
	{ "unsafe_places", SHAPE_OBJECT, false, true, NULL, &place_shape },
	{ "maracs", SHAPE_OBJECT, false, true, NULL, &marac_shape },
	{ "consents", SHAPE_OBJECT, false, true, NULL, &consent_shape },
	SHAPE_ONE("consent_outstanding", BOOL),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
const struct shape household_shape = { "household", household_rows, false };
