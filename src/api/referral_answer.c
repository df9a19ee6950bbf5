/* The answer of a referral. */
#include "api/search.h"
#include "case.h"
#include "referral.h"
#include "sql.h"

const char *referral_answer(struct ctx *c, const char *counted)
{
	struct text t = text_in(ctx_arena(c));
	const char *household = value(c, 0, 0, "id");
	struct need need;

	/* the owner of each found case learns that a person in it was found */
	for (int i = 0; i < rows(c, 2); i++)
		audit(c, "person_search", "household", value(c, 2, i, "_case"), value(c, 2, i, "_case"), NULL);
	json_object_begin(&t);
	json_put_key(&t, "household");
	row_put(&t, c, 0, 0);
	json_put_key(&t, "referral");
	row_put(&t, c, 1, 0);
	json_put_key(&t, "duplicates");
	rows_put(&t, c, 2);
	json_put_key(&t, "placement");
	if (rows(c, 3))
		row_put(&t, c, 3, 0);
	else
		json_put_null(&t);
	json_put_key(&t, "ended");
	rows_put(&t, c, 4);
	json_put_key(&t, "self_referral");
	rows_put(&t, c, 5);
	json_put_key(&t, "search");
	if (search_need_read(c, 6, &need))
		search_put(&t, c, &need, &(struct search_of){ .household = household, .unmet = counted != NULL,
						    .fund_left = value(c, 7, 0, "left_pence"), SEARCH_SMALL });
	else
		json_put_null(&t);
	json_object_end(&t);
	return text_done(&t);
}

void referral_ask(struct ctx *c, const char *household, const char *referral)
{
	query(c, &SQL_HOUSEHOLD_SHOW, household);
	query(c, &SQL_REFERRAL_SHOW, referral);
	query(c, &SQL_REFERRAL_DUPLICATES, household);
	query(c, &SQL_REFERRAL_PLACEMENT, referral);
	query(c, &SQL_REFERRAL_ENDED, referral);
	query(c, &SQL_REFERRAL_SELF_INFORMATION, referral);
	query(c, &SQL_REFERRAL_NEED, household);
	query(c, &SQL_FUND_NRPF_LEFT);
}
