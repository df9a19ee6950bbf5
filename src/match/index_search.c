/* A search over the index: block by block, first counting failures per slot, then ranking those
 * that fit or nearly fit. */
#include <string.h>

#include "index_impl.h"

/* Every way to mend, in the order of enum mend. */
struct mending {
	enum mend mend;
	enum rule rule;
	int plane;
	int plane_any_day;	/* for more days than today; 0: the same plane */
};

static const struct mending mendings[] = {
#define MEND(mend, code, label, rule, ...) { MEND_##mend, RULE_##rule, __VA_ARGS__ },
#include "match/mends.def"
};

PART void see(const struct viewer *v, const struct block *b, struct words *visible)
{
	*visible = (struct words){ 0 };
	if (v->everything)
		*visible = b->planes[PLANE_USED];
	for (int i = 0; i < v->n_groups && !v->everything; i++) {
		const struct words *group = postings_get(&b->groups, v->groups[i]);

		for (int w = 0; group && w < BLOCK_WORDS; w++)
			visible->w[w] |= group->w[w];
	}
}

/* The result so far of one lane of a block. */
struct tally {
	lane alive, one, two, asked, asks[ASK_PLANES];
};

PART struct tally tally_of(const struct scan *s, int at)
{
	struct tally t = { s->alive.v[at], s->one.v[at], s->two.v[at], s->asked.v[at], { { 0 } } };

	for (int k = 0; k < ASK_PLANES; k++)
		t.asks[k] = s->asks[k].v[at];
	return t;
}

PART void tally_keep(struct scan *s, int at, const struct tally *t)
{
	s->alive.v[at] = t->alive;
	s->one.v[at] = t->one;
	s->two.v[at] = t->two;
	s->asked.v[at] = t->asked;
	for (int k = 0; k < ASK_PLANES; k++)
		s->asks[k].v[at] = t->asks[k];
}

PART lane or_terms(const struct scan *s, const struct terms *t, int rule, int at)
{
	lane v = { 0 };

	for (int i = t->from[rule]; i < t->from[rule + 1]; i++)
		v |= s->block->planes[t->plane[i]].v[at];
	return v;
}

/* A failure goes to one, and where one was set already to two; a costly question is added to the
 * counters, digit by digit. */
PART void tally_add(struct tally *t, lane fail, lane ask, bool costs)
{
	t->alive &= ~fail;
	t->two |= t->one & fail;
	t->one |= fail;
	t->asked |= ask;
	for (int k = 0; costs && k < ASK_PLANES; k++) {
		lane both = t->asks[k] & ask;

		t->asks[k] ^= ask;
		ask = both;
	}
}

PART void judge_lane(struct scan *s, struct tally *t, int rule, int at)
{
	lane fail = or_terms(s, &s->plan->fail, rule, at), ask = or_terms(s, &s->plan->ask, rule, at);

	if (s->by_slot >> rule & 1) {
		fail &= ~s->block->planes[PLANE_LATER].v[at];
		ask &= ~s->block->planes[PLANE_LATER].v[at];
	}
	if (s->extra >> rule & 1) {
		fail |= s->extra_fail[rule].v[at];
		ask |= s->extra_ask[rule].v[at];
	}
	s->fail[rule].v[at] = fail;
	s->first[rule].v[at] = t->alive & fail;
	tally_add(t, fail, ask & ~fail, rule_rows[rule].costs);
}

/* The plan's rules from..to-1 over the whole block, a lane after the other. */
OVER_BLOCKS static void judge(struct scan *s, int from, int to)
{
	for (int at = 0; at < BLOCK_LANES; at++) {
		struct tally t = tally_of(s, at);

		for (int i = from; i < to; i++)
			judge_lane(s, &t, s->plan->rules[i], at);
		tally_keep(s, at, &t);
	}
}

OVER_BLOCKS static void count_first(struct scan *s)
{
	for (int i = 0; i < s->plan->n_rules; i++) {
		int rule = s->plan->rules[i];

		if (any_bit(&s->first[rule]))
			answer_count(s->out, rule, count_bits(&s->first[rule]));
	}
}

/* ---- what the household has not said ---- */

/* Entries of what_if.from from `at` on, one for each answer; returns the next. */
static int plan_question(struct scan *s, struct plan *supposed, struct need *n, const struct open_question *q, int at)
{
	for (int answer = 1; answer < question_answers(q->row); answer++) {
		s->what_if.from[at++] = s->what_if.n;
		q->row->answer(n, answer);
		plan_failing(s->plan, supposed, q->row->rule, &s->what_if);
	}
	if (q->row->answer)
		q->row->answer(n, 0);
	return at;
}

static void plan_questions(struct scan *s)
{
	struct match_answer *out = s->out;
	struct need n = *s->plan->need;
	struct plan supposed = *s->plan;
	int at = 0;

	supposed.need = &n;
	s->what_if.n = 0;
	out->n_questions = questions_open(&n, out->questions);
	for (int i = 0; i < out->n_questions; i++)
		at = plan_question(s, &supposed, &n, &out->questions[i], at);
	s->what_if.from[at] = s->what_if.n;
}

OVER_BLOCKS static int64_t count_refused(const struct scan *s, int at)
{
	const struct what_if *w = &s->what_if;
	struct words refused;

	if (w->from[at] == w->from[at + 1])
		return 0;
	for (int lane_at = 0; lane_at < BLOCK_LANES; lane_at++) {
		lane v = { 0 };

		for (int i = w->from[at]; i < w->from[at + 1]; i++)
			v |= s->block->planes[w->plane[i]].v[lane_at];
		refused.v[lane_at] = v & s->alive.v[lane_at];
	}
	return count_bits(&refused);
}

static void count_answers(struct scan *s)
{
	int at = 0;

	for (int i = 0; i < s->out->n_questions; i++) {
		struct open_question *q = &s->out->questions[i];

		for (int answer = 1; answer < question_answers(q->row); answer++)
			q->ruled_out[answer] += count_refused(s, at++);
	}
}

OVER_BLOCKS static void offer_survivors(struct scan *s)
{
	struct words asking;

	for (int i = 0; i < BLOCK_LANES; i++)
		asking.v[i] = s->alive.v[i] & s->asked.v[i];
	s->out->matching += count_bits(&s->alive);
	s->out->asking += count_bits(&asking);
	slots_offer(s, MEND_NONE, &s->alive, s->options);
}

/* Offers the slots that fail this rule alone; `single` has those that fail one rule. */
OVER_BLOCKS static void offer_sole(struct scan *s, const struct mending *how, const struct words *single)
{
	const struct words *fail = &s->fail[how->rule], *can;
	int plane = s->plan->today_said || !how->plane_any_day ? how->plane : how->plane_any_day;
	struct words sole;

	can = &s->block->planes[plane];
	for (int i = 0; i < BLOCK_LANES; i++)
		sole.v[i] = single->v[i] & fail->v[i] & can->v[i];
	if (any_bit(&sole))
		slots_offer(s, how->mend, &sole, s->near);
}

static void offer_near_misses(struct scan *s, const struct words *single)
{
	for (size_t i = 0; i < sizeof(mendings) / sizeof(*mendings); i++)
		if (s->judged >> mendings[i].rule & 1 &&
		    ranking_entry(s->near, mendings[i].mend).score < INT32_MAX)
			offer_sole(s, &mendings[i], single);
}

static void offer_all(struct scan *s)
{
	struct words single;

	for (int i = 0; i < BLOCK_LANES; i++)
		single.v[i] = s->one.v[i] & ~s->two.v[i];
	offer_survivors(s);
	count_answers(s);
	offer_near_misses(s, &single);
}

OVER_BLOCKS static void scan_begin(struct scan *s, const struct viewer *viewer, const struct block *b)
{
	s->block = b;
	s->extra = 0;
	see(viewer, b, &s->alive);
	for (int i = 0; i < BLOCK_LANES; i++)
		s->one.v[i] = s->two.v[i] = ~s->alive.v[i];
	s->asked = (struct words){ 0 };
	memset(s->asks, 0, sizeof(s->asks));
	s->out->visible += count_bits(&s->alive);
}

/* How many of the plan's rules stand before the one of availability. */
static int rules_first(const struct plan *p)
{
	int n = 0;

	while (n < p->n_rules && p->rules[n] < RULE_AVAILABLE)
		n++;
	return n;
}

static void scan_block(struct scan *s)
{
	int first = rules_first(s->plan);

	if (!any_bit(&s->alive))
		return;
	extra_first(s);
	judge(s, 0, first);
	extra_rest(s);
	judge(s, first, s->plan->n_rules);
	count_first(s);
	offer_all(s);
}

static void scan_for(struct scan *s, const struct plan *p, struct match_answer *out)
{
	s->plan = p;
	s->out = out;
	s->judged = 0;
	for (int i = 0; i < p->n_rules; i++)
		s->judged |= 1u << p->rules[i];
}

/* The points kept with the blocks are those of one policy. */
static void know_policy(struct match_index *ix, const struct policy *p)
{
	if (ix->policy_number && memcmp(&ix->policy, p, sizeof(*p)) == 0)
		return;
	ix->policy = *p;
	ix->policy_number++;
}

void match_index_search(struct match_index *ix, const struct match_search *q, struct arena *a,
			struct match_answer *out)
{
	struct ranking options, near;
	struct plan plan;
	struct scan s;

	memset(out, 0, sizeof(*out));
	ranking_begin(&options, q->options);
	ranking_begin(&near, q->near_misses);
	know_policy(ix, q->env->policy);
	plan_make(&plan, ix, q, a);
	scan_for(&s, &plan, out);
	s.options = &options;
	s.near = &near;
	plan_questions(&s);
	for (size_t i = 0; i < ix->n_blocks; i++) {
		block_tick(ix->blocks[i], q->env, ix->policy_number);
		scan_begin(&s, &q->viewer, ix->blocks[i]);
		scan_block(&s);
	}
	answer_finish(q, a, &options, &near, s.judged | plan.opened, out);
}
