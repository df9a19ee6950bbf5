/* One need against one vacancy: every rule judged, what may not be told hidden, and the
 * candidates for a vacancy in their order. */
#include <string.h>

#include "rules.h"

static void judge(struct verdict *v, int rule, enum outcome outcome)
{
	v->outcome[rule] = (unsigned char)outcome;
	v->n_asked += outcome == OUTCOME_ASK;
	v->n_open += outcome == OUTCOME_OPEN;
	if (outcome != OUTCOME_FAIL)
		return;
	v->n_failed++;
	if (v->first_failed < 0)
		v->first_failed = rule;
}

/* Rule by rule, not pair by pair: a processor foresees a call that it has just made. */
void match_many(const struct match *m, struct verdict *const *out, int n, uint32_t rules)
{
	for (int i = 0; i < n; i++) {
		memset(out[i], 0, sizeof(*out[i]));
		out[i]->first_failed = -1;
	}
	for (int r = 0; r < RULE_COUNT; r++)
		for (int i = 0; rules >> r & 1 && i < n; i++)
			judge(out[i], r, rule_rows[r].test(&m[i]));
	for (int i = 0; i < n; i++)
		out[i]->fits = out[i]->n_failed == 0;
	score_many(m, out, n);
}

/* A place that is free later is moved into later. One of which no day is known is judged as if it were
 * free at once. */
struct match match_of(const struct match_env *env, const struct need *need, const struct supply *supply)
{
	struct match m = { .env = env, .need = need, .supply = supply, .stay = stay_wanted(env, need) };

	if (supply->from > m.stay.first && supply->from != INT32_MAX)
		m.stay = stay_from(env, need, supply->from);
	m.who = people_on(need, m.stay);
	return m;
}

void match_pair(const struct match_env *env, const struct need *need, const struct supply *supply,
		struct verdict *out)
{
	struct match m = match_of(env, need, supply);

	match_many(&m, &out, 1, EVERY_RULE);
}

static bool hidden_failed(const struct verdict *v)
{
	for (int r = 0; r < RULE_COUNT; r++)
		if (rule_rows[r].hidden && v->outcome[r] == OUTCOME_FAIL)
			return true;
	return false;
}

void verdict_hide(struct verdict *v)
{
	if (!hidden_failed(v))
		return;
	memset(v, 0, sizeof(*v));
	judge(v, RULE_UNSAFE_AREA, OUTCOME_FAIL);
	v->first_failed = RULE_UNSAFE_AREA;
}

enum mend match_mend(const struct match_env *env, const struct need *need,
		     const struct supply *supply, struct mend_detail *d)
{
	struct match m = match_of(env, need, supply);
	int failed = -1;

	*d = (struct mend_detail){ .there = -1 };
	for (int r = 0; r < RULE_COUNT; r++) {
		if (rule_rows[r].test(&m) != OUTCOME_FAIL)
			continue;
		if (failed >= 0)
			return MEND_NONE;
		failed = r;
	}
	if (failed < 0 || !rule_rows[failed].mend)
		return MEND_NONE;
	return rule_rows[failed].mend(&m, d);
}

/* Keeps the first max in priority; out is a heap with the last of them at the top. */
struct shortlist {
	struct candidate *heap;
	size_t n, max;
};

static bool after(const struct candidate *a, const struct candidate *b)
{
	return priority_cmp(&a->priority, &b->priority, NULL) > 0;
}

static void sift_down(struct shortlist *s, size_t at, struct candidate c)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < s->n && after(&s->heap[child + 1], &s->heap[child]))
			child++;
		if (child >= s->n || !after(&s->heap[child], &c))
			break;
		s->heap[at] = s->heap[child];
		at = child;
	}
	s->heap[at] = c;
}

static void sift_up(struct shortlist *s, size_t at, struct candidate c)
{
	while (at > 0 && after(&c, &s->heap[(at - 1) / 2])) {
		s->heap[at] = s->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	s->heap[at] = c;
}

static void offer(struct shortlist *s, const struct candidate *c)
{
	if (s->n < s->max)
		sift_up(s, s->n++, *c);
	else if (s->n && after(&s->heap[0], c))
		sift_down(s, 0, *c);
}

static void sort_heap(struct shortlist *s)
{
	while (s->n > 1) {
		struct candidate last = s->heap[s->n - 1];

		s->heap[s->n - 1] = s->heap[0];
		s->n--;
		sift_down(s, 0, last);
	}
}

size_t match_candidates(const struct match_env *env, const struct supply *supply,
			const struct need *needs, size_t n, struct candidate *out, size_t max)
{
	struct shortlist list = { .heap = out, .max = max };
	struct candidate c;
	size_t fit = 0;

	for (c.need = 0; c.need < n; c.need++) {
		match_pair(env, &needs[c.need], supply, &c.verdict);
		if (!c.verdict.fits)
			continue;
		fit++;
		c.priority = priority_of(env->policy, &needs[c.need], env->today);
		offer(&list, &c);
	}
	sort_heap(&list);
	return fit;
}
