/* Extra planes: the outcomes of rules that the planes of a block cannot tell. */
#include "index_impl.h"

static void set_bit(struct words *words, int at)
{
	words->w[at / 64] |= UINT64_C(1) << (at % 64);
}

static void note(struct scan *s, enum rule rule, int at, enum outcome o)
{
	if (o == OUTCOME_FAIL)
		set_bit(&s->extra_fail[rule], at);
	else if (o == OUTCOME_ASK)
		set_bit(&s->extra_ask[rule], at);
}

/* Makes room for a rule's extra planes in this block. */
static void open_extra(struct scan *s, enum rule rule)
{
	if (s->extra >> rule & 1)
		return;
	s->extra |= 1u << rule;
	s->extra_fail[rule] = s->extra_ask[rule] = (struct words){ 0 };
}

static void ask_each(struct scan *s, enum rule rule, const struct words *which)
{
	open_extra(s, rule);
	for (int i = 0; i < BLOCK_WORDS; i++)
		for (uint64_t left = which->w[i] & ~s->two.w[i]; left; left &= left - 1) {
			int at = i * 64 + __builtin_ctzll(left);
			struct match m = match_of(s->plan->env, s->plan->need, &s->block->supply[at]);

			note(s, rule, at, rule_rows[rule].test(&m));
		}
}

static void ask_odd(struct scan *s, int from, int to)
{
	for (int i = 0; i < s->plan->n_rules; i++) {
		int rule = s->plan->rules[i];

		if (rule >= from && rule < to && s->block->odd >> rule & 1)
			ask_each(s, (enum rule)rule, &s->block->planes[PLANE_ODD + rule]);
	}
}

/* Ors the postings of every district whose bit is set. */
static void or_districts(const struct scan *s, const uint64_t *bits, struct words *to)
{
	for (size_t i = 0; i <= s->plan->ix->districts / 64; i++)
		for (uint64_t left = bits[i]; left; left &= left - 1) {
			size_t key = i * 64 + (size_t)__builtin_ctzll(left);
			const struct words *plane = postings_get(&s->block->districts, key);

			for (int w = 0; plane && w < BLOCK_LANES; w++)
				to->v[w] |= plane->v[w];
		}
}

static void extra_unsafe(struct scan *s)
{
	if (s->plan->need->n_unsafe == 0)
		return;
	open_extra(s, RULE_UNSAFE_AREA);
	or_districts(s, s->plan->unsafe, &s->extra_fail[RULE_UNSAFE_AREA]);
}

/* Ors the slots whose number is under n: in binary, a plane a digit, from that plane on. */
OVER_BLOCKS static void or_under(const struct block *b, int plane, int digits, int n, struct words *to)
{
	for (int at = 0; at < BLOCK_LANES; at++) {
		lane equal = ~(lane){ 0 };

		for (int k = digits - 1; k >= 0; k--) {
			lane digit = b->planes[plane + k].v[at];

			if (n >> k & 1)
				to->v[at] |= equal & ~digit;
			equal &= n >> k & 1 ? digit : ~digit;
		}
	}
}

/* A household that comes later has less left of a stay with an end. */
static void extra_stay(struct scan *s)
{
	const struct plan *p = s->plan;
	struct shortest wanted = shortest_stay(p->need, p->env->policy);

	open_extra(s, RULE_STAY);
	or_under(s->block, PLANE_STAY, STAY_DIGITS, wanted.days < STAY_MOST ? wanted.days : STAY_MOST,
		 wanted.otherwise == OUTCOME_FAIL ? &s->extra_fail[RULE_STAY]
						  : &s->extra_ask[RULE_STAY]);
	if (p->wanted.first > p->env->today)
		ask_each(s, RULE_STAY, &s->block->planes[PLANE_ENDS]);
}

/* Vacancies that begin after the day wanted. */
static void extra_later(struct scan *s)
{
	const struct plan *p = s->plan;
	const struct words *later = &s->block->planes[PLANE_LATER];
	int days = p->wanted.first - p->env->today;
	struct words in_time = { 0 }, *to;

	if (days >= WAIT_MOST) {
		ask_each(s, RULE_AVAILABLE, later);
		return;
	}
	open_extra(s, RULE_AVAILABLE);
	or_under(s->block, PLANE_WAIT, WAIT_DIGITS, days + 1, &in_time);
	to = &(p->need->from == DAY_NONE ? s->extra_ask : s->extra_fail)[RULE_AVAILABLE];
	for (int i = 0; i < BLOCK_LANES; i++)
		to->v[i] |= later->v[i] & ~in_time.v[i];
}

static void extra_barred(struct scan *s)
{
	const struct plan *p = s->plan;

	for (int i = 0; i < p->n_barred; i++) {
		if (block_of(p->ix, p->barred[i].slot) != s->block)
			continue;
		open_extra(s, p->barred[i].rule);
		note(s, p->barred[i].rule, p->barred[i].slot % BLOCK_SLOTS, OUTCOME_FAIL);
	}
}

/* For vacancies that are free later another stay counts, with other ages: rule by rule, slot by slot. */
static void extra_older(struct scan *s)
{
	const struct words *later = &s->block->planes[PLANE_LATER];

	s->by_slot = any_bit(later) ? s->plan->later : 0;
	for (int rule = 0; rule < RULE_AVAILABLE; rule++)
		if (s->by_slot >> rule & 1)
			ask_each(s, (enum rule)rule, later);
}

void extra_first(struct scan *s)
{
	extra_unsafe(s);
	extra_older(s);
	ask_odd(s, 0, RULE_AVAILABLE);
}

void extra_rest(struct scan *s)
{
	const struct plan *p = s->plan;

	if (!p->today)
		extra_later(s);
	if (p->wanted.first > p->env->today)
		ask_each(s, RULE_AVAILABLE, &s->block->planes[PLANE_ENDS]);
	extra_stay(s);
	extra_barred(s);
	ask_odd(s, RULE_AVAILABLE, RULE_COUNT);
}
