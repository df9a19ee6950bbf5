/* The risk and the band of a household: what is known, how it came about, and what is to be done. A new
 * assessment replaces the one before, which is kept; a change of a household's needs can do the same. */
#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "household.h"
#include "sql.h"

/* ---- reading ---- */

static struct reply risk_read(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "risk_assessment", NULL, value(c, 0, 0, "id"), NULL);
	return row_reply(c, 0);
}

struct reply risk_get(struct ctx *c)
{
	query(c, &SQL_RISK_SHOW, ctx_id(c, "id"));
	return then(risk_read);
}

/* ---- an assessment, a band ---- */

static bool any_answer(const struct json_list *dash)
{
	const struct dash_in *answers = dash->items;

	for (size_t i = 0; i < dash->n; i++)
		if (!text_eq(answers[i].answer, "not_asked"))
			return true;
	return false;
}

static void check_source(struct ctx *c, const char *sent, const char *pointer, const char *ask)
{
	if (!sent && !json_sent_to(ctx_decoded(c), pointer))
		ctx_error(c, pointer, "required", ask);
}

/* Of answers it is kept where they come from. */
static void check_assessment(struct ctx *c)
{
	const struct needs_in *n = ctx_input(c);

	check_needs(c, "", n);
	if (any_answer(&n->dash)) {
		check_source(c, n->dash_tool, "/dash_tool", "Enter the version of the DASH form");
		check_source(c, n->dash_asker, "/dash_asker", "Select who asked");
		check_source(c, n->dash_informant, "/dash_informant", "Select who answered");
	} else if (!n->risk_level && ctx_decoded(c)->nerrors == 0) {
		ctx_error(c, "/risk_level", "required", "Answer at least one topic, or select the level that you judge it to be");
	}
}

/* What was left out was not said: nothing of the assessment or the band before stays. */
static void replace_all(struct ctx *c, const struct input *input)
{
	json_t *sent = ctx_decoded(c)->json;

	for (size_t i = 0; i < input->n; i++)
		if (!json_object_get(sent, input->fields[i].name))
			json_object_set_new(sent, input->fields[i].name, json_null());
}

static struct reply risk_shown(struct ctx *c)
{
	return created(c, row_json(c, 0, 0), "/households/%s/risk", ctx_id(c, "id"));
}

static struct reply needs_stored(struct ctx *c)
{
	query(c, &SQL_RISK_SHOW, ctx_id(c, "id"));
	return then(risk_shown);
}

static struct reply replace(struct ctx *c, const struct input *input)
{
	struct change *change = new_household_change(c, lock_household, needs_apply);

	change->household = ctx_id(c, "id");
	change->shown = needs_stored;
	replace_all(c, input);
	return lock_household(c);
}

static const struct field assessment_fields[] = {
	FIELD(struct needs_in, dash, OBJECT, "dash", .sub = &dash_input, .max_items = DASH_ITEMS,
	      .help = "A topic that is left out is not asked."),
	FIELD(struct needs_in, dash_tool, TEXT, "dash_tool", .prose = true, .max = 40, .label = "Version of the DASH form"),
	FIELD(struct needs_in, dash_asker, CODE, "dash_asker", .codes = &dash_asker_codes, .label = "Who asked"),
	FIELD(struct needs_in, dash_informant, CODE, "dash_informant", .codes = &known_informant, .label = "Who answered"),
	FIELD(struct needs_in, dash_on, DATE, "dash_on", .past = 3660, .label = "Day of the assessment",
	      .help = "Today if left out."),
	FIELD(struct needs_in, risk_level, CODE, "risk_level", .codes = &known_risk_level,
	      .help = "Professional judgement; raises what DASH gives, never lowers it."),
	FIELD(struct needs_in, risk_raised_reason, TEXT, "risk_raised_reason", .prose = true, .max = REASON_MAX,
	      .label = "Reason"),
	FIELD(struct needs_in, risk_review_on, DATE, "risk_review_on", .ahead = 730,
	      .label = "Day on which the risk is assessed again"),
};
static const struct input assessment_input = INPUT(struct needs_in, assessment_fields);

static struct reply assess(struct ctx *c)
{
	json_t *sent = ctx_decoded(c)->json;

	if (!json_object_get(sent, "dash_on") && json_object_get(sent, "dash"))
		json_object_set_new(sent, "dash_on", json_string(today_param(c)));
	return replace(c, &assessment_input);
}

static const struct field band_fields[] = {
	FIELD(struct needs_in, band, CODE, "band", .codes = &known_band, .help = "Left out: as calculated."),
	FIELD(struct needs_in, band_reason, TEXT, "band_reason", .prose = true, .max = REASON_MAX, .label = "Reason"),
};
static const struct input band_input = INPUT(struct needs_in, band_fields);

static void check_band(struct ctx *c)
{
	const struct needs_in *n = ctx_input(c);

	if (n->band && !n->band_reason)
		ctx_error(c, "/band_reason", "required", "Say why the band is set by hand");
	if (n->band_reason && !n->band)
		ctx_error(c, "/band", "required", "Select the band, or leave the reason empty");
}

static struct reply set_band(struct ctx *c)
{
	return replace(c, &band_input);
}

/* ---- routes ---- */

static const struct shape_member marac_rows[] = {
	SHAPE_ID,
	SHAPE("referred_on", DATE),
	SHAPE("heard_on", DATE, .nullable = true),
	SHAPE("repeat", BOOL),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape marac_shape = { .name = "risk_marac", .members = marac_rows };

static const struct shape_member proposed_rows[] = {
	SHAPE_ID,
	SHAPE("repeat_of", DATE, .nullable = true),
	SHAPE_CREATED,
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape proposed_shape = { .name = "marac_proposed", .members = proposed_rows };

#define ANSWERS \
	SHAPE("risk_level", CODE, .nullable = true, .codes = &known_risk_level), \
	SHAPE("risk_least", CODE, .nullable = true, .codes = &known_risk_level), \
	SHAPE("risk_judged", CODE, .nullable = true, .codes = &known_risk_level), \
	SHAPE("dash", OBJECT, .nullable = true), \
	SHAPE("dash_yes", INT), \
	SHAPE("dash_missing", INT), \
	SHAPE("dash_tool", TEXT, .nullable = true), \
	SHAPE("dash_asker", CODE, .nullable = true, .codes = &dash_asker_codes), \
	SHAPE("dash_informant", CODE, .nullable = true, .codes = &known_informant), \
	SHAPE("dash_on", DATE, .nullable = true)

static const struct shape_member assessment_rows[] = {
	SHAPE_ID,
	ANSWERS,
	SHAPE("reason", TEXT, .nullable = true),
	SHAPE("recorded_by", TEXT, .nullable = true),
	SHAPE("recorded_at", INSTANT),
	{ 0 },
};
static const struct shape assessment_shape = { .name = "risk_assessment", .members = assessment_rows };

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("ours", BOOL),
	ANSWERS,
	SHAPE("risk_judged_by", TEXT, .nullable = true),
	SHAPE("risk_raised_reason", TEXT, .nullable = true),
	SHAPE("risk_review_on", DATE, .nullable = true),
	SHAPE("risk_review_due", BOOL),
	SHAPE("band", CODE, .codes = &known_band),
	SHAPE("band_line", CODE, .codes = &band_line_codes),
	SHAPE("band_reason", TEXT, .nullable = true),
	SHAPE("band_set_by", TEXT, .nullable = true),
	SHAPE("band_set_at", INSTANT, .nullable = true),
	SHAPE("referral_id", UUID, .nullable = true),
	SHAPE("maracs", OBJECT, .list = true, .sub = &marac_shape),
	SHAPE("marac_proposed", OBJECT, .nullable = true, .sub = &proposed_shape),
	SHAPE("assessments", OBJECT, .list = true, .sub = &assessment_shape),
	SHAPE("open", BOOL),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape shape = { .name = "risk", .members = members };

const struct route risk_routes[] = {
	{ "GET", "/households/{id}/risk", CAN_see_cases, NULL, risk_get, "households/risk", .output = &shape,
	  .summary = "Show a household's risk and band, how they came about, and every earlier assessment" },
	{ "POST", "/households/{id}/risk-assessments", CAN_place, &assessment_input, assess, "households/risk",
	  .check = check_assessment, .form = risk_get, .output = &shape,
	  .summary = "Record an assessment of the risk, which replaces the one before" },
	{ "POST", "/households/{id}/band", CAN_place, &band_input, set_band, "households/risk", .check = check_band,
	  .form = risk_get, .output = &shape,
	  .summary = "Set the band by hand with a reason, or take that back" },
	{ 0 },
};
