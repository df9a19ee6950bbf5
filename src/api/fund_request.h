/* What asking the fund and deciding share. */
#pragma once
#include "fund.h"

struct fund_part {
	const char *year;
	int64_t amount;
};

struct fund_ask {
	const char *category, *means, *needed_on, *evidence;
	int64_t amount;
	struct json_list parts;
};

/* A pot that may be asked, for forms: of SQL_FUND_REQUEST_POTS. */
extern const struct shape fund_request_shape, fund_choice_shape;

/* The step that shows a request. */
struct reply fund_request_get(struct ctx *c);
/* The step that shows the request of an approval or an overpayment. */
struct reply fund_request_about(struct ctx *c);
/* The last step of an act on one, whose batch was: 0 the outcome, 1 the request as it is now. */
struct reply fund_request_done(struct ctx *c);
/* The step after a batch that asked for one, and after one that settled what belongs to one (an approval, an
 * overpayment): row 0 has the outcome, and the request's id as _id. */
struct reply fund_request_asked(struct ctx *c);
struct reply fund_request_settled(struct ctx *c);
