/* What a hold is decided from: the verdict on one pair, and what is kept of it. */
#include <string.h>

#include "api/search.h"
#include "board/board.h"
#include "decision/decision.h"
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

/* The place chosen, and before it the first page of those that are passed over for it. */
static struct decision_made made(struct ctx *c, const struct match_env *env, const struct need *need,
				 const struct supply *chosen)
{
	struct board *b = ctx_board(c);
	struct decision_made d = { .env = env, .need = need };
	struct match_answer answer;
	struct match_search search = {
		.env = env, .need = need, .options = DECISION_PASSED,
		.viewer = { .n_groups = 1, .groups = { board_group(b, ctx_user(c)->partnership_id) } },
	};

	match_index_search(board_index(b), &search, ctx_arena(c), &answer);
	for (; d.n < answer.n_options && answer.options[d.n].supply != chosen; d.n++)
		d.places[d.n] = answer.options[d.n].supply;
	d.chosen = d.n;
	d.places[d.n++] = chosen;
	return d;
}

static void keep(struct ctx *c, const struct decision_made *d, struct decision *out)
{
	out->policy_digest = arena_strdup(ctx_arena(c), d->env->policy->digest);
	out->inputs = decision_inputs(ctx_arena(c), d);
	out->answer = decision_answer(ctx_arena(c), d);
	decision_hash(out->policy_digest, out->inputs, out->answer, out->kept_hash);
}

bool search_decide(struct ctx *c, const struct need *need, const char *vacancy, struct decision *out)
{
	struct match_env env = board_env(ctx_board(c));
	const struct supply *s;
	struct decision_made d;
	struct need now;
	struct verdict v;
	struct uuid id;

	if (!uuid_parse(vacancy, &id))
		return false;
	s = match_index_get(board_index(ctx_board(c)), id);
	if (!s)
		return false;
	now = search_need_now(need, &env);
	match_pair(&env, &now, s, &v);
	memcpy(out->policy_version, env.policy->version, sizeof(out->policy_version));
	out->hash = need_hash(&now, env.policy->version, env.today);
	out->score = match_share(&env, &now, v.score);
	out->failed = rules_failed(&v);
	out->sanctuary = sanctuary_of(&now).ranked;
	d = made(c, &env, &now, s);
	keep(c, &d, out);
	return true;
}

void search_put_decision(struct text *t, const struct decision *d)
{
	json_put_text(t, "policy_version", d->policy_version);
	json_put_key(t, "inputs_hash");
	search_put_hash(t, d->hash);
	json_put_key(t, "score");
	json_put_i64(t, d->score);
	json_put_text(t, "policy_digest", d->policy_digest);
	json_put_text(t, "inputs", d->inputs);
	json_put_text(t, "answer", d->answer);
	json_put_text(t, "decision_hash", d->kept_hash);
}
