/* The search that defines the answer: every vacancy against every rule. The index must agree with
 * it. */
#include <string.h>

#include "index_impl.h"

struct plain {
	const struct match_search *search;
	struct match_answer *out;
	struct ranking options, near;
};

static bool visible(const struct viewer *v, const struct supply *s)
{
	for (int i = 0; i < v->n_groups; i++)
		for (int j = 0; j < s->n_groups; j++)
			if (v->groups[i] == s->groups[j])
				return true;
	return v->everything;
}

static bool hidden_rule(int rule)
{
	return rule >= 0 && rule_rows[rule].hidden;
}

static void count_answers(struct plain *p, const struct supply *s)
{
	struct need n = *p->search->need;
	struct match m = match_of(p->search->env, &n, s);

	for (int i = 0; i < p->out->n_questions; i++) {
		struct open_question *q = &p->out->questions[i];

		for (int answer = 1; answer < question_answers(q->row); answer++) {
			q->row->answer(&n, answer);
			q->ruled_out[answer] += rule_rows[q->row->rule].test(&m) == OUTCOME_FAIL;
		}
		if (q->row->answer)
			q->row->answer(&n, 0);
	}
}

static void plain_visit(void *ctx, const struct supply *s)
{
	struct plain *p = ctx;
	struct match_search const *q = p->search;
	struct ranked row = { .tie = tie_of(s), .supply = s };
	struct verdict v;
	enum mend mend;
	struct mend_detail detail;

	if (!visible(&q->viewer, s))
		return;
	p->out->visible++;
	match_pair(q->env, q->need, s, &v);
	row.order = rank_order(MEND_NONE, v.score);
	if (v.fits) {
		count_answers(p, s);
		p->out->matching++;
		p->out->asking += v.n_asked > 0;
		ranking_offer(&p->options, &row);
		return;
	}
	answer_count(p->out, v.first_failed, 1);
	if (v.n_failed != 1 || hidden_rule(v.first_failed))
		return;
	mend = match_mend(q->env, q->need, s, &detail);
	row.order = rank_order(mend, v.score);
	if (mend != MEND_NONE)
		ranking_offer(&p->near, &row);
}

void match_plain_search(const struct match_index *ix, const struct match_search *s, struct arena *a,
			struct match_answer *out)
{
	struct plain p;

	memset(out, 0, sizeof(*out));
	p.search = s;
	p.out = out;
	out->n_questions = questions_open(s->need, out->questions);
	ranking_begin(&p.options, s->options);
	ranking_begin(&p.near, s->near_misses);
	match_index_each(ix, plain_visit, &p);
	answer_finish(s, a, &p.options, &p.near, EVERY_RULE, out);
}
