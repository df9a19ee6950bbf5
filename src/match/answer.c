/* The best of a search: a ranking kept while the blocks are scanned, then judged in full. */
#include <string.h>

#include "index_impl.h"

static bool before(const struct ranked *a, const struct ranked *b)
{
	if (a->order != b->order)
		return a->order < b->order;
	if (a->tie != b->tie)
		return a->tie < b->tie;
	return uuid_cmp(a->supply->id, b->supply->id) < 0;
}

void ranking_begin(struct ranking *r, int max)
{
	r->n = 0;
	r->max = max < INDEX_OPTIONS_MAX ? max : INDEX_OPTIONS_MAX;
}

void ranking_offer(struct ranking *r, const struct ranked *one)
{
	int at = r->n;

	if (r->n == r->max && (!r->n || !before(one, &r->row[--at])))
		return;
	for (; at > 0 && before(one, &r->row[at - 1]); at--)
		r->row[at] = r->row[at - 1];
	r->row[at] = *one;
	r->n += r->n < r->max;
}

struct entry ranking_entry(const struct ranking *r, enum mend mend)
{
	const struct entry open = { INT32_MIN, UINT64_MAX }, closed = { INT32_MAX, 0 };
	const struct ranked *last;
	int64_t score;

	if (r->n < r->max)
		return open;
	if (r->n == 0)
		return closed;
	last = &r->row[r->n - 1];
	score = rank_order(mend, 0) - last->order;
	if (score < INT32_MIN)
		return open;
	return score < INT32_MAX ? (struct entry){ (int32_t)score, last->tie } : closed;
}

void answer_count(struct match_answer *out, int rule, int64_t n)
{
	if (rule_rows[rule].hidden)
		out->not_suitable += n;
	else
		out->failed[rule] += n;
}

/* Prefetches a vacancy, which is needed next: only what the index keeps of it is near in memory. */
static void fetch(const struct supply *s)
{
	enum { CACHE_LINE = 64 };

	for (size_t at = 0; at < sizeof(*s); at += CACHE_LINE)
		__builtin_prefetch((const char *)s + at);
}

/* Judges the ranked vacancies in full. */
static void judge_ranked(const struct match_search *s, const struct ranking *r, uint32_t rules,
			 struct verdict *const *out)
{
	struct match m[INDEX_OPTIONS_MAX];

	for (int i = 0; i < r->n; i++)
		fetch(r->row[i].supply);
	for (int i = 0; i < r->n; i++)
		m[i] = match_of(s->env, s->need, r->row[i].supply);
	match_many(m, out, r->n, rules);
}

static void fill_options(const struct match_search *s, struct arena *a,
			 const struct ranking *options, uint32_t rules, struct match_answer *out)
{
	struct verdict *verdicts[INDEX_OPTIONS_MAX];

	out->n_options = options->n;
	out->options = arena_array_of(a, (size_t)options->n, struct match_option);
	for (int i = 0; i < options->n; i++) {
		out->options[i].supply = options->row[i].supply;
		verdicts[i] = &out->options[i].verdict;
	}
	judge_ranked(s, options, rules, verdicts);
}

static void fill_near(const struct match_search *s, struct arena *a, const struct ranking *near,
		      uint32_t rules, struct match_answer *out)
{
	struct verdict *verdicts[INDEX_OPTIONS_MAX];

	out->n_near = near->n;
	out->near = arena_array_of(a, (size_t)near->n, struct near_miss);
	for (int i = 0; i < near->n; i++) {
		out->near[i].supply = near->row[i].supply;
		verdicts[i] = &out->near[i].verdict;
	}
	judge_ranked(s, near, rules, verdicts);
	for (int i = 0; i < near->n; i++) {
		struct near_miss *miss = &out->near[i];
		struct match m = match_of(s->env, s->need, miss->supply);

		miss->detail = (struct mend_detail){ .there = -1 };
		miss->mend = rule_rows[miss->verdict.first_failed].mend(&m, &miss->detail);
	}
}

/* Whether some answer would leave the provider of this place to be asked. */
static bool would_ask(const struct match_search *s, struct need *n, const struct open_question *q,
		      const struct supply *place)
{
	struct match m = match_of(s->env, n, place);
	bool asks = false;

	for (int answer = 1; answer < question_answers(q->row) && !asks; answer++) {
		q->row->answer(n, answer);
		asks = rule_rows[q->row->rule].test(&m) == OUTCOME_ASK;
	}
	if (q->row->answer)
		q->row->answer(n, 0);
	return asks || !q->row->answer;
}

/* A question that rules out no place may still be one to put before its provider is called. */
static void see_what_asks(const struct match_search *s, struct match_answer *out)
{
	struct need n = *s->need;

	for (int i = 0; i < out->n_questions; i++) {
		struct open_question *q = &out->questions[i];

		for (int k = 0; k < out->n_options && !q->asks && !question_decides(q); k++)
			q->asks = out->options[k].verdict.outcome[q->row->rule] == OUTCOME_OPEN &&
				  would_ask(s, &n, q, out->options[k].supply);
	}
	out->n_questions = questions_sort(out->questions, out->n_questions);
}

void answer_finish(const struct match_search *s, struct arena *a, const struct ranking *options,
		   const struct ranking *near, uint32_t rules, struct match_answer *out)
{
	fill_options(s, a, options, rules, out);
	see_what_asks(s, out);
	fill_near(s, a, near, rules, out);
	out->sanctuary = sanctuary_of(s->need);
	memcpy(out->policy_version, s->env->policy->version, sizeof(out->policy_version));
	out->hash = need_hash(s->need, s->env->policy->version, s->env->today);
}
