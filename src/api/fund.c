/* What a refusal of the fund is to its caller: a sentence with the figures for people, and the figures for programs. */
#include "fund.h"

#include <string.h>

#include "api/outcomes.h"
#include "base/date.h"
#include "case.h"
#include "json/write.h"

const char *fund_if_match(struct ctx *c)
{
	const char *version = ctx_if_match(c);

	return text_eq(version, "-1") ? NULL : version;
}

/* ISO days compare as text. */
void fund_check_period(struct ctx *c, const char *from_day, const char *until_day)
{
	char now[11];

	day_format(today(), now);
	if (until_day && strcmp(until_day, from_day ? from_day : now) <= 0)
		ctx_error(c, "/until_day", "out_of_range", "Until must be after the first day");
}

struct reply fund_told_why(struct ctx *c, enum problem which, const char *detail)
{
	if (!ctx_page(c))
		return problem_detail(c, which, detail);
	ctx_error(c, "", problem_texts[which].slug, detail);
	return invalid(c);
}

int64_t weeks_cost(int64_t weekly, int nights)
{
	return (2 * weekly * nights + 7) / 14;
}

int32_t year_end_after(int32_t day)
{
	int year, month, of_month;

	day_to_civil(day, &year, &month, &of_month);
	return day_from_civil(month >= 4 ? year + 1 : year, 4, 1);
}

static const enum problem problems[fund_outcome_count] = {
	[fund_outcome_none] = PROBLEM_NOT_FOUND,
	[fund_outcome_read_only] = PROBLEM_CASE_SHARED_TO_READ,
	[fund_outcome_changed] = PROBLEM_CHANGED,
	[fund_outcome_wrong_state] = PROBLEM_WRONG_STATE,
	[fund_outcome_own] = PROBLEM_OWN_DEED,
	[fund_outcome_no_limit] = PROBLEM_FUND_LIMIT,
	[fund_outcome_over_limit] = PROBLEM_FUND_LIMIT,
	[fund_outcome_over_month] = PROBLEM_FUND_LIMIT,
	[fund_outcome_no_pot] = PROBLEM_FUND_POT,
	[fund_outcome_pot_closed] = PROBLEM_FUND_POT,
	[fund_outcome_category] = PROBLEM_FUND_POT,
	[fund_outcome_over_payment] = PROBLEM_FUND_CEILING,
	[fund_outcome_over_category] = PROBLEM_FUND_CEILING,
	[fund_outcome_over_ceiling] = PROBLEM_FUND_CEILING,
	[fund_outcome_evidence] = PROBLEM_FUND_EVIDENCE,
	[fund_outcome_duplicate] = PROBLEM_FUND_ALIKE,
	[fund_outcome_short] = PROBLEM_FUND_SHORT,
	[fund_outcome_case_closed] = PROBLEM_HOUSEHOLD_CLOSED,
	[fund_outcome_lane_hours] = PROBLEM_FUND_LIMIT,
	[fund_outcome_lane_limit] = PROBLEM_FUND_LIMIT,
	[fund_outcome_lane_unreviewed] = PROBLEM_FUND_LIMIT,
	[fund_outcome_parts] = PROBLEM_INVALID,
	[fund_outcome_means] = PROBLEM_WRONG_STATE,
	[fund_outcome_serial_used] = PROBLEM_DUPLICATE,
	[fund_outcome_not_in_stock] = PROBLEM_CONFLICT,
	[fund_outcome_face_value] = PROBLEM_CONFLICT,
	[fund_outcome_lapsed] = PROBLEM_WRONG_STATE,
	[fund_outcome_unread] = PROBLEM_WRONG_STATE,
	[fund_outcome_weekly] = PROBLEM_FUND_WEEKLY,
	[fund_outcome_no_rate] = PROBLEM_FUND_WEEKLY,
	[fund_outcome_overlap] = PROBLEM_FUND_OVERLAP,
	[fund_outcome_nothing_due] = PROBLEM_FUND_NOTHING_DUE,
	[fund_outcome_last_person] = PROBLEM_WRONG_STATE,
	[fund_outcome_no_nights] = PROBLEM_WRONG_STATE,
};

static const struct {
	const char *column, *before, *after;
} figures[] = {
	{ "left_pence", "", " left" },
	{ "so_far_pence", "", " so far" },
	{ "most_pence", "at most ", "" },
};

/* "The household would have more than … in 12 months: £480.00 so far, at most £500.00" */
static const char *sentence(struct ctx *c, enum fund_outcome which)
{
	struct text t = text_in(ctx_arena(c));
	int64_t pence;
	int n = 0;

	text_puts(&t, code_label(&fund_outcome_codes, (int)which));
	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++) {
		const char *figure = value(c, 0, 0, figures[i].column);

		if (!figure || !text_to_i64(figure, &pence))
			continue;
		text_printf(&t, "%s%s", n++ ? ", " : ": ", figures[i].before);
		text_pounds(&t, pence);
		text_puts(&t, figures[i].after);
	}
	return text_done(&t);
}

static struct reply told(struct ctx *c, enum fund_outcome which)
{
	struct text t = text_in(ctx_arena(c));

	json_put_text(&t, "reason", code_at(&fund_outcome_codes, (int)which));
	json_put_text(&t, "detail", sentence(c, which));
	json_put_key(&t, "figures");
	row_put(&t, c, 0, 0);
	return problem_with(c, problems[which], text_done(&t));
}

/* A page shows its form again with what was typed; what is refused as a whole is an error of no field. */
static struct reply refused(struct ctx *c, enum fund_outcome which)
{
	if (!ctx_page(c))
		return told(c, which);
	ctx_error(c, "", problem_texts[problems[which]].slug, sentence(c, which));
	return invalid(c);
}

struct reply fund_refused(struct ctx *c, enum fund_outcome which)
{
	switch (which) {
	case fund_outcome_none:
	case fund_outcome_read_only:
		return problem(c, problems[which]);
	case fund_outcome_changed: /* kept: the key has been used, whatever is sent with it next */
		return kept(problem(c, problems[which]));
	case fund_outcome_parts:
		ctx_error(c, "/parts", "parts", "The parts must add up to the amount, of pots that one organisation keeps");
		return kept(invalid(c));
	case fund_outcome_not_in_stock:
	case fund_outcome_face_value:
		ctx_error(c, "/serial", problem_texts[problems[which]].slug, sentence(c, which));
		return kept(invalid(c));
	default:
		return kept(refused(c, which));
	}
}
