/* What a hold is decided from: the verdict on one pair, and what is kept of it. */
#include <stdio.h>
#include <string.h>

#include "api/search.h"
#include "board/board.h"
#include "decision/decision.h"
#include "decision/policy.h"
#include "json/write.h"
#include "match/index.h"

/* These refuse, and are judged again under the lock (migrations/0014_holds.sql). */
#define JUDGED_BY_DATABASE \
	(1u << RULE_UNSAFE_AREA | 1u << RULE_CONFLICT | 1u << RULE_RESIDENTS_SEX | 1u << RULE_CAPACITY | \
	 1u << RULE_AVAILABLE)

static uint32_t rules_failed(const struct verdict *v)
{
	uint32_t failed = 0;

	for (int rule = 0; rule < RULE_COUNT; rule++)
		if (v->outcome[rule] == OUTCOME_FAIL)
			failed |= 1u << rule;
	return failed & ~JUDGED_BY_DATABASE;
}

bool search_judging(struct ctx *c, const char *household, const char *vacancy, struct judging *out)
{
	const struct waiting *w = search_waiting(c, household);
	struct uuid id;

	if (!w || !uuid_parse(vacancy, &id))
		return false;
	*out = (struct judging){ w->need, w->version, match_index_get(board_index(ctx_board(c)), id),
				 board_env(ctx_board(c)).policy };
	return out->supply != NULL;
}

/* The policy in force, which this worker may not have taken up yet. */
static const struct policy *policy_in(struct ctx *c, int i)
{
	struct policy *p = arena_new_of(ctx_arena(c), struct policy);
	const char *numbers = value(c, i, 0, "numbers"), *error;

	if (!numbers || !policy_read(ctx_arena(c), p, numbers, &error))
		return board_env(ctx_board(c)).policy;
	snprintf(p->digest, sizeof(p->digest), "%s", value(c, i, 0, "digest"));
	return p;
}

bool search_judging_read(struct ctx *c, struct judging *out)
{
	struct supply *s = arena_new_of(ctx_arena(c), struct supply);
	struct waiting w;
	int statement;
	const struct batch *b = ctx_rows(c, 0, &statement);

	if (!board_waiting_read(ctx_board(c), b, statement, &w) || !board_vacancy_read(ctx_board(c), b, statement + 1, s))
		return false;
	*out = (struct judging){ w.need, w.version, s, policy_in(c, 3) };
	return true;
}

/* Whether an option of the board ranks before a place, which the board may have as it was before. */
static bool goes_before(const struct match_option *o, const struct supply *s, const struct verdict *v)
{
	if (uuid_cmp(o->supply->id, s->id) == 0)
		return false;
	if (!v->fits || o->verdict.score != v->score)
		return !v->fits || o->verdict.score > v->score;
	return o->supply->from <= s->from;
}

/* The place chosen, and before it the first page of those that are passed over for it. */
static struct decision_made made(struct ctx *c, const struct match_env *env, const struct need *need,
				 const struct supply *chosen, const struct verdict *v)
{
	struct board *b = ctx_board(c);
	struct decision_made d = { .env = env, .need = need };
	struct match_answer answer;
	struct match_search search = {
		.env = env, .need = need, .options = DECISION_PASSED,
		.viewer = { .n_groups = 1, .groups = { board_group(b, ctx_user(c)->partnership_id) } },
	};

	match_index_search(board_index(b), &search, ctx_arena(c), &answer);
	for (int i = 0; i < answer.n_options; i++)
		if (goes_before(&answer.options[i], chosen, v))
			d.places[d.n++] = answer.options[i].supply;
	d.chosen = d.n;
	d.places[d.n++] = chosen;
	return d;
}

void search_decide(struct ctx *c, const struct judging *j, struct decision *out)
{
	struct match_env env = board_env(ctx_board(c));
	struct need now = need_now(&env, &j->need);
	struct verdict v;

	env.policy = j->policy;
	match_pair(&env, &now, j->supply, &v);
	memcpy(out->policy_version, env.policy->version, sizeof(out->policy_version));
	out->hash = need_hash(&now, env.policy->version, env.today);
	out->score = match_share(&env, &now, v.score);
	out->failed = rules_failed(&v);
	out->sanctuary = sanctuary_of(&now).ranked;
	out->household_version = j->household_version;
	out->judged_version = j->supply->version;
	out->place_version = j->supply->place_version;
}

void search_keep(struct ctx *c, const struct judging *j, struct decision *out)
{
	struct match_env env = board_env(ctx_board(c));
	struct need now = need_now(&env, &j->need);
	struct decision_made d;
	struct verdict v;

	env.policy = j->policy;
	match_pair(&env, &now, j->supply, &v);
	d = made(c, &env, &now, j->supply, &v);
	out->policy_digest = arena_strdup(ctx_arena(c), env.policy->digest);
	out->inputs = decision_inputs(ctx_arena(c), &d);
	out->answer = decision_answer(ctx_arena(c), &d);
	decision_hash(out->policy_digest, out->inputs, out->answer, out->kept_hash);
}

void search_put_decision(struct text *t, const struct decision *d)
{
	json_put_text(t, "policy_version", d->policy_version);
	json_put_key(t, "inputs_hash");
	search_put_hash(t, d->hash);
	json_put_key(t, "score");
	json_put_i64(t, d->score);
	json_put_key(t, "household_version");
	json_put_i64(t, d->household_version);
	json_put_key(t, "judged_version");
	json_put_i64(t, d->judged_version);
	json_put_key(t, "place_version");
	json_put_i64(t, d->place_version);
	json_put_text(t, "policy_digest", d->policy_digest);
	json_put_text(t, "inputs", d->inputs);
	json_put_text(t, "answer", d->answer);
	json_put_text(t, "decision_hash", d->kept_hash);
}
