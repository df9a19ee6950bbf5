/* The ranked answer: the vacancies that fit a household, near misses with what would mend
 * them, and a count of the rest by first failing rule. It is made from the board, without the
 * database. */
#pragma once
#include "base/text.h"
#include "decision/decision.h"
#include "match/household.h"
#include "match/need.h"
#include "match/policy.h"
#include "serve/serve.h"

struct household_in;
struct shape;
struct supply;
struct waiting;

extern const struct shape search_shape;

struct search_of {
	const char *household;		/* the household searched for; NULL: needs given inline */
	bool unmet;			/* finding nothing is unmet need, and on the household's
					 * record */
	int options, near_misses;	/* at most so many are shown */
	const char *fund_left;		/* pence that the caller's pots could still promise for accommodation this
					 * year, as SQL_FUND_NRPF_LEFT has it; NULL: not asked */
};

/* For an answer that shows a search beside something else. */
#define SEARCH_SMALL .options = 12, .near_misses = 5

/* Appends the answer for the need as one JSON object; null where the board is not fresh. Records
 * the search, and counts it (domain: a search is a location oracle): the answer may become 429. */
void search_put(struct text *t, struct ctx *c, const struct need *need, const struct search_of *of);
/* The value for a key that has been written already. */
void search_put_hash(struct text *t, struct input_hash h);

/* A household and a vacancy as they are judged: by the board, or as they were read just now. */
struct judging {
	struct need need;
	int64_t household_version;
	const struct supply *supply;
	const struct policy *policy;
};
/* As the board has them; false where it lacks one. */
bool search_judging(struct ctx *c, const char *household, const char *vacancy, struct judging *out)
	__attribute__((warn_unused_result));
/* The same from the results SQL_REFERRAL_NEED (0), SQL_PLACEMENT_JUDGE_PROPERTY and _VACANCY, SQL_POLICY_NOW. */
bool search_judging_read(struct ctx *c, struct judging *out) __attribute__((warn_unused_result));

/* What a decision for a household and a vacancy is made from. */
struct decision {
	char policy_version[POLICY_VERSION];
	struct input_hash hash;
	int score;
	uint32_t failed;	/* bits of the rules that fail, without those that the database judges */
	bool sanctuary;		/* staying at home ranks before every place */
	/* what is kept to judge it again (decision/decision.h) */
	const char *policy_digest, *inputs, *answer;
	char kept_hash[DECISION_HASH];
	/* the versions of what was judged, which the database compares with its own */
	int64_t household_version, judged_version, place_version;
};
void search_decide(struct ctx *c, const struct judging *j, struct decision *out);
/* Adds what is kept of it, which takes a search of its own: for a hold that is to be taken. */
void search_keep(struct ctx *c, const struct judging *j, struct decision *out);
/* Appends what the database stores of it. */
void search_put_decision(struct text *t, const struct decision *d);
/* A waiting household of the caller's partnership, as the board has it; or NULL. */
const struct waiting *search_waiting(const struct ctx *c, const char *household);
/* The need of a waiting household, as the board has it; false where it does not have it. */
bool search_need_stored(const struct ctx *c, const char *household, struct need *need)
	__attribute__((warn_unused_result));
/* The same from statement i, SQL_REFERRAL_NEED: as the board will read it. False where the household does
 * not wait, or the caller does not see it. */
bool search_need_read(struct ctx *c, int i, struct need *need) __attribute__((warn_unused_result));
/* The need of a household as it was sent, with the risk that its answers and the judgement give. */
struct need search_need_sent(struct ctx *c, const struct household_in *in, struct dash_result risk);
