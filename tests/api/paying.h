/* What tests of payments say: a pot with money, payees that are checked, runs, and acts on payments. */
#pragma once
#include "funding.h"

#define NOTHING "{}"
#define PAYEE "{\"kind\":\"landlord\",\"account_name\":\"Ödön & Søn Lettings\",\"sort_code\":\"20-40-60\",\"account_number\":\"31510604\"}"

/* A service with an open pot of 1,000,000 pence, whose year's id it returns, and limits of 300,000. */
const char *paying_start(void);
/* The ledger must be whole. */
void paying_stop(void);
void no_fund_fault(void);

void pay_refused(struct answer a, int status, const char *slug);
/* A request for travel of the navigator: its id. */
const char *pay_asked(const char *home, const char *means, long pence);
/* The same by bank transfer, approved, with a payee who is checked. */
const char *pay_ready(const char *home, long pence);
/* Why it cannot be paid: NULL where it can, "not there" where nothing is to be paid. */
const char *pay_obstacle(const char *request);
const char *fund_state_of(const char *request);

const char *payee_of(const char *request);
struct answer at_payee(int role, const char *payee, const char *act);
/* Shown to the finance officer, and checked. */
void payee_checked(const char *request);

const char *run_begun(void);
struct answer at_run(const char *run, const char *act, const char *body);
/* As it is seen now. */
struct answer run_frozen(const char *run);
const char *run_exported(void);

/* The newest payment for a request. */
const char *payment_of(const char *request);
struct answer at_payment(const char *payment, const char *act, const char *body);
/* The seed has one finance officer: who froze the runs was another one. */
void frozen_by_a_colleague(void);
/* {"settled_on": today, …more}: more begins with a comma, or is empty. */
const char *settled_today(const char *more);
