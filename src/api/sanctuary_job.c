/* Jobs of the sanctuary scheme: the board, one job with its timeline, the referral from a case, and the letter for the
 * landlord's benefit office. Finance sees a job's reference, specification and cost, and never the case. */
#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "case.h"
#include "fund.h"
#include "json/write.h"
#include "sanctuary.h"
#include "sql.h"

/* ---- refusals ---- */

static enum sanctuary_outcome outcome(struct ctx *c)
{
	return (enum sanctuary_outcome)outcome_of(c, &sanctuary_outcome_codes);
}

bool sanctuary_is_done(struct ctx *c)
{
	return outcome(c) == sanctuary_outcome_done;
}

/* "A fire and safety rule must be confirmed: a grille opens from the inside at once" */
static const char *sentence(struct ctx *c, enum sanctuary_outcome which)
{
	const char *label = code_label(&sanctuary_outcome_codes, (int)which), *rule = value(c, 0, 0, "_rule");
	int condition = rule ? code_index(&sanctuary_condition_codes, rule) : -1;
	int section = rule ? code_index(&sanctuary_section_codes, rule) : -1;
	int term = rule ? code_index(&sanctuary_term_codes, rule) : -1;

	if (condition >= 0)
		rule = code_label(&sanctuary_condition_codes, condition);
	else if (section >= 0)
		rule = code_label(&sanctuary_section_codes, section);
	else if (term >= 0)
		rule = code_label(&sanctuary_term_codes, term);
	return rule ? arena_printf(ctx_arena(c), "%s: %s", label, rule) : label;
}

static struct reply not_so(struct ctx *c, enum sanctuary_outcome which)
{
	const char *field = value(c, 0, 0, "_field");

	ctx_error(c, field ? arena_strdup(ctx_arena(c), field) : "", code_at(&sanctuary_outcome_codes, (int)which),
		  sentence(c, which));
	return invalid(c);
}

/* A page shows its form again with what was typed. */
static struct reply told_why(struct ctx *c, enum problem problem, enum sanctuary_outcome which)
{
	return ctx_page(c) ? not_so(c, which) : problem_detail(c, problem, sentence(c, which));
}

struct reply sanctuary_refused(struct ctx *c)
{
	enum sanctuary_outcome which = outcome(c);

	switch (which) {
	case sanctuary_outcome_none: return problem(c, PROBLEM_NOT_FOUND);
	case sanctuary_outcome_read_only: return problem(c, PROBLEM_CASE_SHARED_TO_READ);
	case sanctuary_outcome_not_yours: return problem(c, PROBLEM_FORBIDDEN);
	case sanctuary_outcome_changed: return problem(c, PROBLEM_CHANGED);
	case sanctuary_outcome_wrong_state: return problem(c, PROBLEM_WRONG_STATE);
	case sanctuary_outcome_case_closed: return problem(c, PROBLEM_HOUSEHOLD_CLOSED);
	case sanctuary_outcome_live_job:
		return problem_detail(c, PROBLEM_CONFLICT, code_label(&sanctuary_outcome_codes, (int)which));
	case sanctuary_outcome_own: return problem(c, PROBLEM_OWN_DEED);
	case sanctuary_outcome_short: return kept(told_why(c, PROBLEM_FUND_SHORT, which));
	case sanctuary_outcome_over_tolerance:
	case sanctuary_outcome_over_cap: return kept(told_why(c, PROBLEM_FUND_LIMIT, which));
	case sanctuary_outcome_money:
		return fund_refused(c, (enum fund_outcome)code_index(&fund_outcome_codes, value(c, 0, 0, "_money")));
	default: return not_so(c, which);
	}
}

/* ---- the board and the list ---- */

struct sanctuary_jobs {
	int64_t limit;
	const char *cursor, *state, *risk;
	enum tri mine, late, ended;
};

#define FILTERS \
	FIELD(struct sanctuary_jobs, state, CODE, "state", .codes = &sanctuary_state_codes), \
	FIELD(struct sanctuary_jobs, risk, CODE, "risk", .codes = &known_risk_level), \
	FIELD(struct sanctuary_jobs, mine, BOOL, "mine", .help = "true: those that you accepted."), \
	FIELD(struct sanctuary_jobs, late, BOOL, "late", .help = "true: those past the time by which they are due.")

static const struct field list_fields[] = {
	PAGE_FIELDS(struct sanctuary_jobs),
	FILTERS,
	FIELD(struct sanctuary_jobs, ended, BOOL, "ended", .help = "true: closed and withdrawn ones too."),
};
static const struct input list_input = INPUT(struct sanctuary_jobs, list_fields);
static const struct field board_fields[] = { FILTERS };
static const struct input board_input = INPUT(struct sanctuary_jobs, board_fields);

static struct reply listed(struct ctx *c)
{
	return recorded_list(c, 0, "search", "sanctuary_job", NULL, NULL);
}

static struct reply job_list(struct ctx *c)
{
	const struct sanctuary_jobs *q = ctx_input(c);

	query(c, &SQL_SANCTUARY_JOB_LIST, page_size(c), page_cursor(c), q->state, q->risk, tri_param(q->mine),
	      tri_param(q->late), tri_param(q->ended));
	return then(listed);
}

static struct reply board_shown(struct ctx *c)
{
	audit(c, "search", "sanctuary_job", NULL, NULL, NULL);
	return all_reply(c, 0);
}

static struct reply job_board(struct ctx *c)
{
	const struct sanctuary_jobs *q = ctx_input(c);

	query(c, &SQL_SANCTUARY_BOARD, q->state, q->risk, tri_param(q->mine), tri_param(q->late));
	return then(board_shown);
}

/* ---- one ---- */

static struct reply shown(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "sanctuary_job", value(c, 0, 0, "id"), value(c, 0, 0, "_household"), NULL);
	return row_reply(c, 0);
}

struct reply sanctuary_job_with(struct ctx *c, const char *act)
{
	query(c, &SQL_SANCTUARY_JOB_SHOW, ctx_id(c, "id"), act);
	return then(shown);
}

struct reply sanctuary_job_get(struct ctx *c)
{
	return sanctuary_job_with(c, NULL);
}

struct reply sanctuary_job_done(struct ctx *c)
{
	if (!sanctuary_is_done(c))
		return sanctuary_refused(c);
	return done(c, row_json(c, 1, 0), "/sanctuary/jobs/%s", value(c, 1, 0, "id"));
}

/* ---- the case ---- */

static struct reply case_shown(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "search", "sanctuary_job", NULL, value(c, 0, 0, "id"), NULL);
	return row_reply(c, 0);
}

static struct reply of_case(struct ctx *c)
{
	query(c, &SQL_SANCTUARY_CASE, ctx_id(c, "id"));
	return then(case_shown);
}

struct sanctuary_refer {
	enum tri wants_to_stay, address_safe, managed_building;
	const char *tenure;
};
static const struct field refer_fields[] = {
	FIELD(struct sanctuary_refer, wants_to_stay, BOOL, "wants_to_stay", .label = "Whether they want to stay",
	      .help = "May be left out if the case says so."),
	FIELD(struct sanctuary_refer, address_safe, BOOL, "address_safe", .required = true,
	      .ask = "Say whether it is safe for the scheme to come to their home"),
	FIELD(struct sanctuary_refer, tenure, CODE, "tenure", .codes = &sanctuary_tenure_codes),
	FIELD(struct sanctuary_refer, managed_building, BOOL, "managed_building",
	      .help = "Whether a company manages the building."),
};
static const struct input refer_input = INPUT(struct sanctuary_refer, refer_fields);

static struct reply refer_shown(struct ctx *c)
{
	return created(c, row_json(c, 0, 0), "/sanctuary/jobs/%s", value(c, 0, 0, "id"));
}

static struct reply referred(struct ctx *c)
{
	if (!sanctuary_is_done(c))
		return sanctuary_refused(c);
	query(c, &SQL_SANCTUARY_JOB_SHOW, value(c, 0, 0, "_id"), NULL);
	return then(refer_shown);
}

static struct reply refer(struct ctx *c)
{
	query(c, &SQL_SANCTUARY_REFER, ctx_id(c, "id"), ctx_json(c));
	return then(referred);
}

/* ---- the letter and the catalogue ---- */

static struct reply letter_shown(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "sanctuary_letter", ctx_id(c, "id"), value(c, 0, 0, "_household"), NULL);
	return row_reply(c, 0);
}

static struct reply letter(struct ctx *c)
{
	query(c, &SQL_SANCTUARY_LETTER, ctx_id(c, "id"));
	return then(letter_shown);
}

static struct reply measures_shown(struct ctx *c)
{
	return all_reply(c, 0);
}

static struct reply measures(struct ctx *c)
{
	query(c, &SQL_SANCTUARY_MEASURES);
	return then(measures_shown);
}

/* ---- shapes ---- */

#define LINE_MEMBERS \
	SHAPE_ID, \
	SHAPE("reference", TEXT), \
	SHAPE("household_id", UUID, .nullable = true), \
	SHAPE("household_reference", TEXT), \
	SHAPE("state", CODE, .codes = &sanctuary_state_codes), \
	SHAPE("state_since", INSTANT), \
	SHAPE("risk_level", CODE, .nullable = true, .codes = &known_risk_level), \
	SHAPE("due_at", INSTANT, .nullable = true), \
	SHAPE("late", BOOL), \
	SHAPE("coordinator", TEXT, .nullable = true), \
	SHAPE("total_pence", INT, .nullable = true), \
	SHAPE("referred_at", INSTANT)

static const struct shape_member list_rows[] = { LINE_MEMBERS, { 0 } };
static const struct shape many = { .name = "sanctuary_job_line", .members = list_rows, .list = true };
static const struct shape line_shape = { .name = "sanctuary_job_on_board", .members = list_rows };

static const struct shape_member stage_rows[] = {
	SHAPE("stage", CODE, .codes = &sanctuary_stage_codes),
	SHAPE("jobs", OBJECT, .list = true, .sub = &line_shape),
	{ 0 },
};
static const struct shape board = { .name = "sanctuary_stage", .members = stage_rows, .list = true };

static const struct shape_member condition_rows[] = {
	SHAPE("condition", CODE, .codes = &sanctuary_condition_codes),
	SHAPE("answer", CODE, .codes = &sanctuary_answer_codes),
	SHAPE("source", CODE, .codes = &sanctuary_source_codes),
	SHAPE("legal", CODE, .nullable = true, .codes = &sanctuary_legal_codes),
	SHAPE("on_day", DATE),
	SHAPE("by", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape condition = { .name = "sanctuary_condition", .members = condition_rows };

static const struct shape_member consent_rows[] = {
	SHAPE("item", CODE, .codes = &sanctuary_item_codes),
	SHAPE("state", CODE, .codes = &sanctuary_consent_state_codes),
	SHAPE("measures", TEXT, .list = true),
	SHAPE("asked_on", DATE),
	SHAPE("answered_on", DATE, .nullable = true),
	SHAPE("spoke", CODE, .nullable = true, .codes = &sanctuary_spoke_codes),
	SHAPE("proof", CODE, .nullable = true, .codes = &sanctuary_proof_codes),
	SHAPE("proof_reference", TEXT, .nullable = true),
	SHAPE("terms", CODE, .list = true, .codes = &sanctuary_term_codes),
	SHAPE("reason", CODE, .nullable = true, .codes = &sanctuary_owner_reason_codes),
	{ 0 },
};
static const struct shape consent = { .name = "sanctuary_consent", .members = consent_rows };

static const struct shape_member visit_rows[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &sanctuary_visit_kind_codes),
	SHAPE("state", CODE, .codes = &sanctuary_visit_state_codes),
	SHAPE("asked_on", DATE),
	SHAPE("planned_on", DATE, .nullable = true),
	SHAPE("their_reference", TEXT, .nullable = true),
	SHAPE("done_on", DATE, .nullable = true),
	SHAPE("results", CODE, .list = true, .codes = &sanctuary_visit_result_codes),
	SHAPE("alarms", INT, .nullable = true),
	{ 0 },
};
static const struct shape visit = { .name = "sanctuary_visit", .members = visit_rows };

static const struct shape_member spec_line_rows[] = {
	SHAPE_ID,
	SHAPE("measure", TEXT),
	SHAPE("name", TEXT),
	SHAPE("unit", CODE, .codes = &sanctuary_unit_codes),
	SHAPE("opening", CODE, .codes = &sanctuary_opening_codes),
	SHAPE("quantity", TEXT),
	SHAPE("quantity_tenths", INT),
	SHAPE("unit_pence", INT),
	SHAPE("total_pence", INT),
	SHAPE("consent_item", CODE, .nullable = true, .codes = &sanctuary_item_codes),
	SHAPE("confirmed", CODE, .list = true, .codes = &sanctuary_confirm_codes),
	{ 0 },
};
static const struct shape spec_line = { .name = "sanctuary_line", .members = spec_line_rows };
static const struct shape_member spec_rows[] = {
	SHAPE_ID,
	SHAPE("n", INT),
	SHAPE("total_pence", INT),
	SHAPE("priced_on", DATE),
	SHAPE("made_by", TEXT, .nullable = true),
	SHAPE("made_at", INSTANT),
	SHAPE("approvals", INT),
	SHAPE("terms_met", CODE, .list = true, .codes = &sanctuary_term_codes),
	SHAPE("terms_reason", CODE, .nullable = true, .codes = &sanctuary_term_reason_codes),
	SHAPE("lines", OBJECT, .list = true, .sub = &spec_line),
	{ 0 },
};
static const struct shape spec = { .name = "sanctuary_spec", .members = spec_rows };

static const struct shape_member pot_rows[] = {
	SHAPE("name", TEXT, .nullable = true),
	SHAPE("left_pence", INT, .nullable = true),
	{ 0 },
};
static const struct shape pot = { .name = "sanctuary_pot", .members = pot_rows };

static const struct shape_member correction_rows[] = {
	SHAPE("was", CODE, .codes = &sanctuary_state_codes),
	SHAPE("becomes", CODE, .codes = &sanctuary_state_codes),
	SHAPE("reason", CODE, .codes = &sanctuary_mistake_codes),
	SHAPE("asked_by", TEXT, .nullable = true),
	SHAPE("asked_at", INSTANT),
	{ 0 },
};
static const struct shape correction = { .name = "sanctuary_correction", .members = correction_rows };

static const struct shape_member step_rows[] = {
	SHAPE("act", CODE, .codes = &sanctuary_act_codes),
	SHAPE("was", CODE, .nullable = true, .codes = &sanctuary_state_codes),
	SHAPE("becomes", CODE, .codes = &sanctuary_state_codes),
	SHAPE("at", INSTANT),
	SHAPE("by", TEXT, .nullable = true),
	SHAPE("organisation", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape step_shape = { .name = "sanctuary_step", .members = step_rows };

static const struct shape_member choice_rows[] = { SHAPE("code", TEXT), SHAPE("label", TEXT), { 0 } };
static const struct shape choice = { .name = "sanctuary_choice", .members = choice_rows };

static const struct shape_member members[] = {
	LINE_MEMBERS,
	SHAPE("tenure", CODE, .codes = &sanctuary_tenure_codes),
	SHAPE("managed_building", BOOL, .nullable = true),
	SHAPE("assessed_on", DATE, .nullable = true),
	SHAPE("target_hours", INT, .nullable = true),
	SHAPE("surveyed_at", INSTANT, .nullable = true),
	SHAPE("home_id", UUID, .nullable = true),
	SHAPE("moved", BOOL),
	SHAPE("pot", OBJECT, .sub = &pot),
	SHAPE("conditions", OBJECT, .list = true, .sub = &condition),
	SHAPE("consents", OBJECT, .list = true, .sub = &consent),
	SHAPE("visits", OBJECT, .list = true, .sub = &visit),
	SHAPE("sections", CODE, .list = true, .codes = &sanctuary_section_codes),
	SHAPE("openings", CODE, .list = true, .codes = &sanctuary_opening_codes),
	SHAPE("spec", OBJECT, .nullable = true, .sub = &spec),
	SHAPE("correction", OBJECT, .nullable = true, .sub = &correction),
	SHAPE("steps", OBJECT, .list = true, .sub = &step_shape),
	SHAPE("acts", CODE, .list = true, .codes = &sanctuary_act_codes),
	SHAPE("act", CODE, .nullable = true, .codes = &sanctuary_act_codes),
	SHAPE("measures", OBJECT, .nullable = true, .list = true, .sub = &choice),
	SHAPE("planned", OBJECT, .nullable = true, .list = true, .sub = &choice),
	SHAPE("standing", OBJECT, .nullable = true, .list = true, .sub = &choice),
	SHAPE_VERSION,
	{ 0 },
};
const struct shape sanctuary_job_shape = { .name = "sanctuary_job", .members = members };

static const struct shape_member of_case_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("open", BOOL),
	SHAPE("works_on", BOOL),
	SHAPE("wants_to_stay", BOOL, .nullable = true),
	SHAPE("home_id", UUID, .nullable = true),
	SHAPE("live", BOOL),
	SHAPE("jobs", OBJECT, .list = true, .sub = &line_shape),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape case_shape = { .name = "sanctuary_case", .members = of_case_rows };

static const struct shape_member letter_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("organisation", TEXT),
	SHAPE("social_rent", BOOL),
	SHAPE("adapted_since", DATE, .nullable = true),
	SHAPE("printed_on", DATE),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape letter_shape = { .name = "sanctuary_letter", .members = letter_rows };

static const struct shape_member measure_rows[] = {
	SHAPE("code", TEXT),
	SHAPE("name", TEXT),
	SHAPE("unit", CODE, .codes = &sanctuary_unit_codes),
	SHAPE("trade", CODE, .codes = &sanctuary_trade_codes),
	SHAPE("leave", CODE, .codes = &sanctuary_leave_codes),
	SHAPE("after", CODE, .codes = &sanctuary_after_codes),
	SHAPE("pence", INT, .nullable = true),
	SHAPE("source", TEXT, .nullable = true),
	{ 0 },
};
static const struct shape measure_shape = { .name = "sanctuary_measure", .members = measure_rows, .list = true };

const struct route sanctuary_job_routes[] = {
	{ "GET", "/sanctuary", CAN_see_works, &board_input, job_board, "sanctuary/board", .output = &board,
	  .summary = "The jobs of the sanctuary scheme that are not ended, by stage" },
	{ "GET", "/sanctuary/jobs", CAN_see_works, &list_input, job_list, "sanctuary/jobs", .output = &many,
	  .summary = "Jobs of the sanctuary scheme, the one that waits longest first" },
	{ "GET", "/sanctuary/jobs/{id}", CAN_see_works, NULL, sanctuary_job_get, "sanctuary/job",
	  .output = &sanctuary_job_shape, .summary = "One job, with its timeline and what you may do with it" },
	{ "GET", "/sanctuary/jobs/{id}/letter", CAN_join_works, NULL, letter, "sanctuary/letter",
	  .output = &letter_shape,
	  .summary = "The letter by which a tenant is excepted from the deduction for under-occupation; each print is recorded" },
	{ "GET", "/sanctuary/measures", CAN_see_works, NULL, measures, "sanctuary/measures", .flags = ROUTE_CSV,
	  .output = &measure_shape, .summary = "The catalogue of measures, with the prices of today" },
	{ "GET", "/households/{id}/sanctuary-jobs", CAN_see_cases, NULL, of_case, "sanctuary/case", .output = &case_shape,
	  .summary = "The jobs of a household, and what is missing to refer its home" },
	{ "POST", "/households/{id}/sanctuary-jobs", CAN_see_cases, &refer_input, refer, "sanctuary/case",
	  .form = of_case, .output = &sanctuary_job_shape, .summary = "Refer a household's home to the sanctuary scheme" },
	{ 0 },
};
