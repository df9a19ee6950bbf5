/* A job whose works are approved and promised, with a firm that has a contract, for tests of works orders. */
#pragma once
#include "paying.h"

#define WORKS_JOB "00000000-0000-4000-8000-000000000a01"
#define WORKS_SPEC "00000000-0000-4000-8000-000000000a02"
#define WORKS_LINE(n) "00000000-0000-4000-8000-000000000a1" n
#define WORKS_FIRM "00000000-0000-4000-8000-000000000014"
#define WORKS_OTHER_FIRM "00000000-0000-4000-8000-000000000016"
/* Two cylinders, a viewer and a light: 17800 + 3500 + 14800 pence. */
#define WORKS_TOTAL 36100

/* A service with an open pot of 1,000,000 pence, whose year's id it returns; finance approvers may approve 100,000 and
 * are two from 80,000. The job's household is FUND_HOME, its state approved; safe times are today and tomorrow. */
const char *works_start(void);
/* The ledger must be whole. */
void works_stop(void);

/* The job's acts and those of an order, by the version that there is. */
struct answer job_act(int role, const char *act, const char *body);
struct answer works_act(int role, const char *order, const char *act, const char *body);
/* Orders every line of the job from the firm: the order's id. */
const char *works_ordered(void);
/* The same, accepted; booked from 09:00 to 11:00 tomorrow; on site. */
const char *works_accepted(void);
const char *works_booked(void);
const char *works_on_site(void);
/* The job, whose consent is asked for and nothing promised, with an order of one cylinder at once from the firm: made by the
 * coordinator, approved and offered. Its id. */
const char *works_first(void);
/* The body of such an order. */
const char *works_first_body(void);
enum { WORKS_FIRST = 8900 };
/* A report of everything fitted. */
const char *works_report(void);
const char *works_state_of(const char *order);
const char *job_state_of(void);
