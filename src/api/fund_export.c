/* The export of the fund to the council's general ledger: which acts go there, and batches of what is due. A batch holds
 * its lines as they were written, and each posting is in one batch at most (fund.gl_line_once). */
#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "fund.h"
#include "sql.h"

/* ---- batches ---- */

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply batch_list(struct ctx *c)
{
	query(c, &SQL_FUND_GL_LIST, page_size(c), page_cursor(c));
	return then(listed);
}

static struct reply shown(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply batch_get(struct ctx *c)
{
	query(c, &SQL_FUND_GL_SHOW, ctx_id(c, "id"));
	return then(shown);
}

static struct reply batch_shown(struct ctx *c)
{
	return created(c, row_json(c, 0, 0), "/fund/gl-batches/%s", value(c, 0, 0, "id"));
}

static struct reply no_codes(struct ctx *c)
{
	const char *pots = value(c, 0, 0, "_pots");

	if (!pots)
		return problem_detail(c, PROBLEM_FUND_CODES, "Say first which account stands against the pots'");
	return problem_detail(c, PROBLEM_FUND_CODES,
			      arena_printf(ctx_arena(c), "Give these pots a cost centre and a general ledger code: %s", pots));
}

static struct reply batch_made(struct ctx *c)
{
	switch ((enum gl_outcome)outcome_of(c, &gl_outcome_codes)) {
	case gl_outcome_none: return problem(c, PROBLEM_NOT_FOUND);
	case gl_outcome_nothing: return problem_detail(c, PROBLEM_WRONG_STATE, "Everything is exported");
	case gl_outcome_no_codes: return no_codes(c);
	case gl_outcome_done:
	case gl_outcome_count: break;
	}
	query(c, &SQL_FUND_GL_SHOW, value(c, 0, 0, "_id"));
	return then(batch_shown);
}

static struct reply batch_make(struct ctx *c)
{
	query(c, &SQL_FUND_GL_MAKE);
	return then(batch_made);
}

/* ---- settings ---- */

struct gl_in {
	const char *clearing, *vat;
	struct json_list acts;
};
static const struct field gl_fields[] = {
	FIELD(struct gl_in, clearing, TEXT, "clearing_code", .required = true, .max = 20,
	      .ask = "Enter the account that stands against the pots'"),
	FIELD(struct gl_in, vat, TEXT, "vat_code", .max = 20, .label = "VAT code", .help = "Of every line; empty where there is none."),
	FIELD(struct gl_in, acts, CODE, "acts", .required = true, .min_items = 1, .codes = &gl_act_codes,
	      .ask = "Select what goes to the general ledger",
	      .help = "What is new counts from now on; a reversal goes where its act went."),
};
static const struct input gl_input = INPUT(struct gl_in, gl_fields);

static struct reply settings_get(struct ctx *c)
{
	query(c, &SQL_FUND_GL_SETTINGS);
	return then(shown);
}

static struct reply settings_set(struct ctx *c)
{
	const char *set = value(c, 0, 0, "_set");

	if (!set)
		return problem(c, PROBLEM_NOT_FOUND);
	if (!text_eq(set, "t"))
		return problem(c, PROBLEM_CHANGED);
	return at(row_reply(c, 1), "/fund/gl-batches");
}

static struct reply settings_put(struct ctx *c)
{
	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_GL_SET, ctx_if_match(c), ctx_json(c));
	query(c, &SQL_FUND_GL_SETTINGS);
	return then(settings_set);
}

/* ---- routes ---- */

static const struct shape_member batch_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("lines", INT),
	SHAPE("total_pence", INT),
	SHAPE("first_posting", INT),
	SHAPE("last_posting", INT),
	SHAPE("made_by", TEXT, .nullable = true),
	SHAPE("made_at", INSTANT),
	{ 0 },
};
static const struct shape many = { .name = "gl_batches", .members = batch_rows, .list = true };
static const struct shape one = { .name = "gl_batch", .members = batch_rows };

static const struct shape_member setting_rows[] = {
	SHAPE("clearing_code", TEXT, .nullable = true),
	SHAPE("vat_code", TEXT),
	SHAPE("acts", CODE, .list = true, .codes = &gl_act_codes),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape settings = { .name = "gl_settings", .members = setting_rows };

const struct route fund_export_routes[] = {
	{ "GET", "/fund/gl-batches", CAN_see_books, &page_input, batch_list, "fund/gl-batches", .output = &many,
	  .summary = "Batches for the general ledger, newest first" },
	{ "POST", "/fund/gl-batches", CAN_keep_fund, NULL, batch_make, "fund/gl-batches", .form = batch_list, .output = &one,
	  .summary = "Write what is due to the general ledger into a batch" },
	{ "GET", "/fund/gl-batches/{id}", CAN_see_books, NULL, batch_get, "fund/gl-batch", .output = &one,
	  .summary = "A batch for the general ledger" },
	{ "GET", "/fund/gl-settings", CAN_see_books, NULL, settings_get, "fund/gl-settings", .output = &settings,
	  .summary = "What goes to the general ledger, and under which codes" },
	{ "POST", "/fund/gl-settings", CAN_keep_fund, &gl_input, settings_put, "fund/gl-settings", .form = settings_get,
	  .output = &settings, .summary = "Set what goes to the general ledger, and under which codes" },
	{ 0 },
};
