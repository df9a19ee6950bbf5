/* What requests and recurring promises of the fund share: a promise as its request shows it. */
#pragma once
struct shape;

extern const struct shape fund_promise_shape;
/* A line of one: a person, what it is for, a rate, and its nights. */
extern const struct shape fund_line_shape;
