/* The acts on a job of the sanctuary scheme: each is a row of sanctuary_acts.def with its input, from which come its
 * address, its form, and the hand-over to the one door in the database. */
#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "sanctuary.h"
#include "sql.h"

enum { LINES_MOST = 40, PROOF_MAX = 60 };

/* ---- inputs ---- */

struct sanctuary_condition_in {
	const char *condition, *answer, *source, *legal, *on_day;
};
static const struct field condition_fields[] = {
	FIELD(struct sanctuary_condition_in, condition, CODE, "condition", .required = true,
	      .codes = &sanctuary_condition_codes, .ask = "Select the condition"),
	FIELD(struct sanctuary_condition_in, answer, CODE, "answer", .required = true, .codes = &sanctuary_answer_codes,
	      .ask = "Select the answer"),
	FIELD(struct sanctuary_condition_in, source, CODE, "source", .required = true, .codes = &sanctuary_source_codes,
	      .ask = "Select where the answer comes from"),
	FIELD(struct sanctuary_condition_in, legal, CODE, "legal", .codes = &sanctuary_legal_codes,
	      .help = "The document that was seen of the right to live there."),
	FIELD(struct sanctuary_condition_in, on_day, DATE, "on_day", .past = 366, .label = "Day of the answer",
	      .help = "Today if left out."),
};
static const struct input condition_input = INPUT(struct sanctuary_condition_in, condition_fields);

struct sanctuary_reason_in {
	const char *reason;
};
#define REASON_INPUT(name, list, question) \
	static const struct field name##_fields[] = { \
		FIELD(struct sanctuary_reason_in, reason, CODE, "reason", .required = true, .codes = &list, .ask = question), \
	}; \
	static const struct input name##_input = INPUT(struct sanctuary_reason_in, name##_fields)
REASON_INPUT(refuse, sanctuary_refusal_codes, "Select why it is not eligible");
REASON_INPUT(nothing, sanctuary_nothing_codes, "Select why nothing is needed");
REASON_INPUT(return, sanctuary_return_codes, "Select why you send it back");
REASON_INPUT(unapprove, sanctuary_unapproval_codes, "Select why the approval is taken back");
REASON_INPUT(correct, sanctuary_mistake_codes, "Select why the step is taken back");
REASON_INPUT(reopen, sanctuary_reopening_codes, "Select what changed");

struct sanctuary_ask_in {
	const char *tenure;
	enum tri managed_building, safe_to_ask;
	struct json_list measures;
};
#define TENURE_FIELDS \
	FIELD(struct sanctuary_ask_in, tenure, CODE, "tenure", .required = true, .codes = &sanctuary_tenure_codes, \
	      .ask = "Select how they hold their home"), \
	FIELD(struct sanctuary_ask_in, managed_building, BOOL, "managed_building", .required = true, \
	      .ask = "Say whether a company manages the building")
static const struct field tenure_fields[] = { TENURE_FIELDS };
static const struct input tenure_input = INPUT(struct sanctuary_ask_in, tenure_fields);
static const struct field ask_fields[] = {
	TENURE_FIELDS,
	FIELD(struct sanctuary_ask_in, safe_to_ask, BOOL, "safe_to_ask", .required = true,
	      .ask = "Say whether the household says that it is safe to ask the owner"),
	FIELD(struct sanctuary_ask_in, measures, TEXT, "measures", .max = 31, .max_items = 60,
	      .help = "Codes of the catalogue; left out: all measures that need leave."),
};
static const struct input ask_input = INPUT(struct sanctuary_ask_in, ask_fields);

struct sanctuary_owner_in {
	const char *item, *spoke, *proof, *proof_reference, *standing, *reason, *on_day;
	struct json_list terms;
};
#define OWNER_FIELDS \
	FIELD(struct sanctuary_owner_in, item, CODE, "item", .required = true, .codes = &sanctuary_item_codes, \
	      .ask = "Select whose answer it is"), \
	FIELD(struct sanctuary_owner_in, spoke, CODE, "spoke", .required = true, .codes = &sanctuary_spoke_codes, \
	      .ask = "Select who answered"), \
	FIELD(struct sanctuary_owner_in, on_day, DATE, "on_day", .past = 366, .label = "Day of the answer", \
	      .help = "Today if left out.")
static const struct field grant_fields[] = {
	OWNER_FIELDS,
	FIELD(struct sanctuary_owner_in, proof, CODE, "proof", .required = true, .codes = &sanctuary_proof_codes,
	      .ask = "Select how the consent is evidenced"),
	FIELD(struct sanctuary_owner_in, proof_reference, TEXT, "proof_reference", .required = true, .prose = true,
	      .max = PROOF_MAX, .label = "Reference of the document", .ask = "Enter the reference of the document"),
	FIELD(struct sanctuary_owner_in, standing, UUID, "standing_id",
	      .help = "The standing consent, where the document is one."),
	FIELD(struct sanctuary_owner_in, terms, CODE, "terms", .codes = &sanctuary_term_codes),
};
static const struct input grant_input = INPUT(struct sanctuary_owner_in, grant_fields);
static const struct field owner_refusal_fields[] = {
	OWNER_FIELDS,
	FIELD(struct sanctuary_owner_in, reason, CODE, "reason", .required = true, .codes = &sanctuary_owner_reason_codes,
	      .ask = "Select why"),
};
static const struct input owner_refusal_input = INPUT(struct sanctuary_owner_in, owner_refusal_fields);

struct sanctuary_visit_in {
	const char *kind, *asked_on, *planned_on, *their_reference, *visit, *state, *on_day;
	struct json_list results;
	int64_t alarms;
};
static const struct field visit_plan_fields[] = {
	FIELD(struct sanctuary_visit_in, kind, CODE, "kind", .required = true, .codes = &sanctuary_visit_kind_codes,
	      .ask = "Select what the visit is for"),
	FIELD(struct sanctuary_visit_in, asked_on, DATE, "asked_on", .past = 366, .label = "Asked for on",
	      .help = "Today if left out."),
	FIELD(struct sanctuary_visit_in, planned_on, DATE, "planned_on", .past = 31, .ahead = 366, .label = "Booked for",
	      .help = "Left out: no day is agreed yet."),
	FIELD(struct sanctuary_visit_in, their_reference, TEXT, "their_reference", .prose = true, .max = PROOF_MAX,
	      .label = "Their reference"),
};
static const struct input visit_plan_input = INPUT(struct sanctuary_visit_in, visit_plan_fields);
static const struct field visit_fields[] = {
	FIELD(struct sanctuary_visit_in, visit, UUID, "visit_id", .required = true, .ask = "Select the visit"),
	FIELD(struct sanctuary_visit_in, state, CODE, "state", .required = true, .codes = &sanctuary_visit_end_codes,
	      .ask = "Select how it ended"),
	FIELD(struct sanctuary_visit_in, on_day, DATE, "on_day", .past = 366, .label = "Day of the visit",
	      .help = "Today if left out."),
	FIELD(struct sanctuary_visit_in, results, CODE, "results", .codes = &sanctuary_visit_result_codes),
	FIELD(struct sanctuary_visit_in, alarms, INT, "alarms", .min = 0, .max = 50, .label = "Alarms fitted"),
};
static const struct input visit_input = INPUT(struct sanctuary_visit_in, visit_fields);

struct sanctuary_line_in {
	const char *measure, *opening;
	int64_t quantity;
	struct json_list confirmed;
};
static const struct field line_fields[] = {
	FIELD(struct sanctuary_line_in, measure, TEXT, "measure", .required = true, .max = 31, .ask = "Select the measure"),
	FIELD(struct sanctuary_line_in, opening, CODE, "opening", .required = true, .codes = &sanctuary_opening_codes,
	      .ask = "Select where it goes"),
	FIELD(struct sanctuary_line_in, quantity, INT, "quantity_tenths", .required = true, .min = 1, .max = 9999,
	      .label = "Quantity in tenths", .ask = "Enter the quantity in tenths",
	      .help = "Tenths of the unit: 10 is one door, 25 is two and a half square metres."),
	FIELD(struct sanctuary_line_in, confirmed, CODE, "confirmed", .codes = &sanctuary_confirm_codes,
	      .help = "What you confirm for the fire and safety rules."),
};
static const struct input line_input = INPUT(struct sanctuary_line_in, line_fields);
struct sanctuary_specify {
	struct json_list lines, terms_met;
	const char *terms_reason;
};
static const struct field specify_fields[] = {
	FIELD(struct sanctuary_specify, lines, OBJECT, "lines", .required = true, .min_items = 1, .max_items = LINES_MOST,
	      .sub = &line_input, .ask = "Enter at least one measure"),
	FIELD(struct sanctuary_specify, terms_met, CODE, "terms_met", .codes = &sanctuary_term_codes,
	      .help = "What the owners attached to their consents and the works meet."),
	FIELD(struct sanctuary_specify, terms_reason, CODE, "terms_reason", .codes = &sanctuary_term_reason_codes,
	      .help = "Why the works do not meet the rest."),
};
static const struct input specify_input = INPUT(struct sanctuary_specify, specify_fields);

struct sanctuary_withdraw_in {
	const char *reason, *wished_by;
};
static const struct field withdraw_fields[] = {
	FIELD(struct sanctuary_withdraw_in, reason, CODE, "reason", .required = true,
	      .codes = &sanctuary_withdrawal_codes, .ask = "Select why it is withdrawn"),
	FIELD(struct sanctuary_withdraw_in, wished_by, CODE, "wished_by", .required = true,
	      .codes = &sanctuary_wished_by_codes, .ask = "Select who wished it"),
};
static const struct input withdraw_input = INPUT(struct sanctuary_withdraw_in, withdraw_fields);

/* ---- the door ---- */

static struct reply act(struct ctx *c, const char *which, bool input)
{
	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_SANCTUARY_ACT, ctx_id(c, "id"), ctx_if_match(c), which, input ? ctx_json(c) : "{}");
	query(c, &SQL_SANCTUARY_JOB_SHOW, ctx_id(c, "id"), NULL);
	return then(sanctuary_job_done);
}

#define ACT(name, path, roles, input, summary) \
	static struct reply act_##name(struct ctx *c) \
	{ \
		return act(c, #name, (input) != NULL); \
	} \
	static struct reply form_##name(struct ctx *c) \
	{ \
		return sanctuary_job_with(c, #name); \
	}
#include "sanctuary_acts.def"
#undef ACT

#define ACT(name, path, roles, input, text) \
	{ "GET", "/sanctuary/jobs/{id}/" path, roles, NULL, form_##name, "sanctuary/act", .flags = ROUTE_PAGE_ONLY, \
	  .output = &sanctuary_job_shape, .summary = "The form of an act: " text }, \
	{ "POST", "/sanctuary/jobs/{id}/" path, roles, input, act_##name, "sanctuary/act", .form = form_##name, \
	  .output = &sanctuary_job_shape, .summary = text },
const struct route sanctuary_act_routes[] = {
#include "sanctuary_acts.def"
	{ 0 },
};
