/* What the resources of the Flexible Flee Fund have in common (domain: Flexible Flee Fund).
 *
 * Money is in pence. Functions of the schema fund decide and book; a handler hands over what was asked and tells
 * the outcome. A refusal is an outcome too: it is stored under its Idempotency-Key, so that a late repeat gets the
 * same refusal though money has come back meanwhile. Nothing was booked then. */
#pragma once
#include "serve/serve.h"

enum fund_outcome;

/* The problem that a refusal is: any outcome but done and second. The row in statement 0 has the figures left_pence,
 * most_pence and so_far_pence. Kept. */
struct reply fund_refused(struct ctx *c, enum fund_outcome which);

/* A refusal with its own sentence: on a page an error of no field, so that the form stays. */
struct reply fund_told_why(struct ctx *c, enum problem which, const char *detail);

/* What n nights at a weekly rate cost, in pence: rounded half up, once (fund.weeks_cost()). */
int64_t weeks_cost(int64_t weekly, int nights);
/* The 1 April after a day: a financial year ends before it. */
int32_t year_end_after(int32_t day);

/* The version that the caller saw, as ctx_if_match(), but not "any": money is for what a person has seen. */
const char *fund_if_match(struct ctx *c);
/* Errors of until_day, which must be after from_day, or after today where that is left out. */
void fund_check_period(struct ctx *c, const char *from_day, const char *until_day);
