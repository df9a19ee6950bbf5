/* The ranked answer: what fits a household, what nearly fits and what would mend it, and a count of
 * the rest by first failing rule. From the board, so it takes no database. */
#pragma once
#include "base/text.h"
#include "match/need.h"
#include "serve/serve.h"

struct household_in;
struct shape;

extern const struct shape search_shape;

struct search_of {
	const char *household;		/* whose search; NULL: needs given inline */
	bool unmet;			/* nothing found is unmet need, and on the household's record */
	int options, near_misses;	/* at most so many are shown */
};

/* What an answer that carries a search beside something else shows. */
#define SEARCH_SMALL .options = 10, .near_misses = 5

/* Appends the answer for the need as one JSON object; null where the board is not fresh. Records the
 * search, and counts it (domain: a search is a location oracle): the answer may become 429. */
void search_put(struct text *t, struct ctx *c, const struct need *need, const struct search_of *of);
/* Appends what a decision for this household and vacancy is made from, as the board has them now:
 * the members policy_version, inputs_hash and score; nothing where it does not have both. */
void search_put_decision(struct text *t, const struct ctx *c, const char *household,
			 const char *vacancy);
/* The need of a household that waits, as the board has it; false where it does not. */
bool search_need_stored(const struct ctx *c, const char *household, struct need *need)
	__attribute__((warn_unused_result));
/* The need of a household as it was sent, with the level that its answers and judgement give. */
struct need search_need_sent(struct ctx *c, const struct household_in *in, enum risk_level risk);
