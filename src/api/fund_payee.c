/* Who is paid for a request to the fund. The bank details go to the vault and nowhere else: who pays is shown them one
 * at a time, recorded, to check them with the payee by another way; an approver sees what kind of payee it is. */
#include <ctype.h>
#include <string.h>

#include "api/codes.h"
#include "api/outcomes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/date.h"
#include "base/plain.h"
#include "base/uuid.h"
#include "fund_request.h"
#include "fund_serial.h"
#include "json/write.h"
#include "secrets.h"
#include "sql.h"
#include "vault/request.h"

enum { ACCOUNT_NAME_MAX = 70, SERIAL_LETTERS = 8 };

/* ---- recording ---- */

struct payee_in {
	const char *kind, *account_name, *sort_code, *account_number;
};
static const struct field payee_fields[] = {
	FIELD(struct payee_in, kind, CODE, "kind", .required = true, .codes = &payee_kind_codes, .ask = "Select who is paid"),
	FIELD(struct payee_in, account_name, TEXT, "account_name", .required = true, .prose = true, .sealed = true,
	      .max = ACCOUNT_NAME_MAX, .label = "Name on the account", .ask = "Enter the name on the account",
	      .help = "Kept sealed."),
	FIELD(struct payee_in, sort_code, DIGITS, "sort_code", .required = true, .sealed = true, .min = 6, .max = 6,
	      .ask = "Enter the sort code", .help = "Six digits, kept sealed."),
	FIELD(struct payee_in, account_number, DIGITS, "account_number", .required = true, .sealed = true, .min = 8, .max = 8,
	      .ask = "Enter the account number", .help = "Eight digits, with a 0 before one of seven; kept sealed."),
};
static const struct input payee_input = INPUT(struct payee_in, payee_fields);

static void check_payee(struct ctx *c)
{
	const struct payee_in *in = ctx_input(c);

	const char *plain = in->account_name ? name_plain(ctx_arena(c), in->account_name) : "A";

	while (*plain && !isalnum((unsigned char)*plain))
		plain++;
	if (!*plain)
		ctx_error(c, "/account_name", "bad_text", "Name on the account must be in the letters of the bank: A to Z and digits");
}

static const char *details(struct ctx *c, const struct payee_in *in)
{
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_text(&t, "account_name", in->account_name);
	json_put_text(&t, "sort_code", in->sort_code);
	json_put_text(&t, "account_number", in->account_number);
	json_object_end(&t);
	return text_done(&t);
}

static struct reply store(struct ctx *c)
{
	const struct payee_in *in = ctx_input(c);
	const struct secrets *s = ctx_secrets(c);

	query(c, &SQL_FUND_PAYEE_PUT, ctx_id(c, "id"), ctx_if_match(c), in->kind, secrets_sealed(c, s, SEAL_PAYEE),
	      s->list[0].exact);
	query(c, &SQL_FUND_REQUEST_SHOW, ctx_id(c, "id"));
	return then(fund_request_done);
}

static struct reply key_first(struct ctx *c)
{
	secrets_store_key(c, ctx_secrets(c));
	return then(store);
}

/* Before anything is sealed: the vault's functions know no case that is shared to be read. */
static struct reply request_found(struct ctx *c)
{
	if (rows(c, 0) == 0 || text_eq(value(c, 0, 0, "_seen"), "f"))
		return problem(c, PROBLEM_NOT_FOUND);
	if (text_eq(value(c, 0, 0, "_works_on"), "f"))
		return problem(c, PROBLEM_CASE_SHARED_TO_READ);
	return secrets_found(c);
}

static struct reply payee_put(struct ctx *c)
{
	const struct payee_in *in = ctx_input(c);
	struct secrets *s = secrets_new(c, 2, key_first);
	char *id = arena_alloc(ctx_arena(c), UUID_TEXT);

	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	uuid_random(id);
	/* words around the numbers: what is digits alone tells of nobody, and has no index */
	secrets_hash(s, BLIND_PAYEE, arena_printf(ctx_arena(c), "sort code %s account %s", in->sort_code, in->account_number),
		     DAY_NONE, NULL);
	secrets_seal(s, SEAL_PAYEE, id, details(c, in));
	query_ahead(c, &SQL_FUND_PAYEE_KEY, ctx_id(c, "id"));
	return then(request_found);
}

static struct reply payee_agree(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_PAYEE_AGREE, ctx_id(c, "id"), ctx_if_match(c));
	query(c, &SQL_FUND_REQUEST_SHOW, ctx_id(c, "id"));
	return then(fund_request_done);
}

/* ---- showing and checking ---- */

static struct reply found(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply payee_get(struct ctx *c)
{
	query(c, &SQL_FUND_PAYEE_SHOW, ctx_id(c, "id"));
	return then(found);
}

static struct reply told(struct ctx *c)
{
	const struct vault_answer *answer = ctx_answer(c);
	struct text t = text_in(ctx_arena(c));
	const char *id = ctx_id(c, "id"), *slash;

	if (answer->status != VAULT_OK)
		return not_shown(c, PROBLEM_READINGS_SPENT);
	slash = strchr(answer->text, '/');
	json_object_begin(&t);
	json_put_text(&t, "id", id);
	json_put_text(&t, "shown_at", arena_strndup(ctx_arena(c), answer->text, (size_t)(slash - answer->text)));
	json_put_text(&t, "expires_at", slash + 1);
	text_putc(&t, ',');
	text_puts(&t, answer->plain + 1);
	return leaving(ok(c, text_done(&t)), arena_printf(ctx_arena(c), "/fund/payees/%s", id));
}

static struct reply payee_tell(struct ctx *c)
{
	struct vault_request *r = arena_new_of(ctx_arena(c), struct vault_request);

	if (!vault_request_tell_payee(r, ctx_token(c), uuid_or_nil(ctx_id(c, "id")), "check_payee",
				      uuid_or_nil(ctx_request_id(c))))
		return problem(c, PROBLEM_NOT_FOUND);
	return ask(c, r, told);
}

static struct reply verified_shown(struct ctx *c)
{
	return done(c, row_json(c, 0, 0), "/fund/requests/%s", value(c, 0, 0, "request_id"));
}

static struct reply verified(struct ctx *c)
{
	enum fund_outcome which = (enum fund_outcome)outcome_of(c, &fund_outcome_codes);

	if (which != fund_outcome_done)
		return fund_refused(c, which);
	query(c, &SQL_FUND_PAYEE_SHOW, ctx_id(c, "id"));
	return then(verified_shown);
}

static struct reply payee_verify(struct ctx *c)
{
	query(c, &SQL_FUND_PAYEE_VERIFY, ctx_id(c, "id"));
	return then(verified);
}

/* ---- cards and vouchers ---- */

struct issue_in {
	const char *serial;
};
static const struct field issue_fields[] = {
	FIELD(struct issue_in, serial, TEXT, "serial", .required = true, .prose = true, .max = 60, .label = "Number of the card or voucher",
	      .ask = "Enter the number of the card or voucher"),
};
static const struct input issue_input = INPUT(struct issue_in, issue_fields);

static const char *serial_of(struct ctx *c)
{
	return plain_key(ctx_arena(c), ((const struct issue_in *)ctx_input(c))->serial);
}

bool serial_is_one(const char *key)
{
	size_t digits = 0, letters = 0;

	for (const char *p = key; *p; p++)
		*(isdigit((unsigned char)*p) ? &digits : &letters) += 1;
	return digits > 0 && letters <= SERIAL_LETTERS;
}

static void check_serial(struct ctx *c)
{
	if (((const struct issue_in *)ctx_input(c))->serial && !serial_is_one(serial_of(c)))
		ctx_error(c, "/serial", "bad_text", "Number of the card or voucher must be digits, with at most 8 letters");
}

static struct reply request_issue(struct ctx *c)
{
	if (!fund_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_FUND_REQUEST_ISSUE, ctx_id(c, "id"), ctx_if_match(c), serial_of(c));
	query(c, &SQL_FUND_REQUEST_SHOW, ctx_id(c, "id"));
	return then(fund_request_done);
}

/* ---- routes ---- */

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("request_id", UUID),
	SHAPE("reference", TEXT),
	SHAPE("amount_pence", INT),
	SHAPE("kind", CODE, .codes = &payee_kind_codes),
	SHAPE("changed", BOOL),
	SHAPE("recorded_by", TEXT, .nullable = true),
	SHAPE("recorded_at", INSTANT),
	SHAPE("verified_by", TEXT, .nullable = true),
	SHAPE("verified_at", INSTANT, .nullable = true),
	SHAPE("refused_at", INSTANT, .nullable = true),
	SHAPE("ended_at", INSTANT, .nullable = true),
	SHAPE("shared_account", BOOL),
	{ 0 },
};
static const struct shape payee = { .name = "fund_payee", .members = members };

static const struct shape_member told_rows[] = {
	SHAPE_ID,
	SHAPE("shown_at", INSTANT),
	SHAPE("expires_at", INSTANT),
	SHAPE("account_name", TEXT),
	SHAPE("sort_code", TEXT),
	SHAPE("account_number", TEXT),
	{ 0 },
};
static const struct shape details_shape = { .name = "fund_payee_details", .members = told_rows };

const struct route fund_payee_routes[] = {
	{ "POST", "/fund/requests/{id}/payee", CAN_place, &payee_input, payee_put, "fund/request", .check = check_payee,
	  .form = fund_request_get, .output = &fund_request_shape,
	  .summary = "Record who is paid for a request, sealed; another payee than before needs approval again" },
	{ "POST", "/fund/requests/{id}/agree-payee", CAN_approve_fund, NULL, payee_agree, "fund/request",
	  .form = fund_request_get, .output = &fund_request_shape,
	  .summary = "Agree that promised money goes to another payee than when it was approved" },
	{ "POST", "/fund/requests/{id}/issue", CAN_place, &issue_input, request_issue, "fund/request", .check = check_serial,
	  .form = fund_request_get, .output = &fund_request_shape,
	  .summary = "Record that a card or voucher was handed out for a request: that is the payment" },
	{ "GET", "/fund/payees/{id}", CAN_keep_fund, NULL, payee_get, "fund/payee", .output = &payee,
	  .summary = "A payee, without the bank details" },
	{ "POST", "/fund/payees/{id}/readings", CAN_keep_fund, NULL, payee_tell, "fund/payee", .flags = ROUTE_KEYLESS,
	  .form = payee_get, .output = &details_shape,
	  .summary = "Show a payee's bank details to the finance officer who checks them; recorded" },
	{ "POST", "/fund/payees/{id}/verify", CAN_keep_fund, NULL, payee_verify, "fund/payee", .form = payee_get,
	  .output = &payee, .summary = "Record that the bank details were checked with the payee by another way" },
	{ 0 },
};
