#include <string.h>

#include "index_impl.h"

/* One block being searched. */
struct scan {
	const struct plan *plan;
	const struct block *block;
	struct match_answer *out;
	struct words alive;			/* visible, and no rule has failed so far */
	struct words one, two;			/* failed at least one, two rules; or invisible */
	struct words asked;			/* some rule asks */
	struct words asks[ASK_PLANES];		/* how many costly asks, in binary */
	struct words fail[RULE_COUNT];
	bool failed[RULE_COUNT];		/* fail[] was written */
	struct ranking *options, *near;
};

/* Every way to mend, in the order of enum mend: its rule, and a plane in which every slot that can
 * be mended so has its bit. */
struct mending {
	enum mend mend;
	enum rule rule;
	int plane;
};

static const struct mending mendings[] = {
	{ MEND_NRPF_FUNDING, RULE_NRPF, PLANE_USED },
	{ MEND_PETS, RULE_PETS, PLANE_USED },
	{ MEND_FREE_ON, RULE_AVAILABLE, PLANE_LATER },
	{ MEND_HOLD_ENDS, RULE_AVAILABLE, PLANE_BUSY },
	{ MEND_LONGER_STAY, RULE_STAY, PLANE_USED },
	{ MEND_ADULT_CHILDREN, RULE_ADULT_CHILDREN, PLANE_USED },
	{ MEND_BOYS_AGE, RULE_BOYS_AGE, PLANE_USED },
	{ MEND_MIN_AGE, RULE_MIN_AGE, PLANE_USED },
	{ MEND_SUPPORT, RULE_SUPPORT, PLANE_USED },
	{ MEND_RISK_COVER, RULE_RISK_LEVEL, PLANE_USED },
	{ MEND_MORE_PEOPLE, RULE_CAPACITY, PLANE_USED },
	{ MEND_FEWER_ROOMS, RULE_BEDROOMS, PLANE_USED },
	{ MEND_ADAPTATION, RULE_ACCESS, PLANE_USED },
	{ MEND_MIX_REVIEW, RULE_RESIDENT_MIX, PLANE_USED },
	{ MEND_ASK_AGAIN, RULE_DECLINED, PLANE_USED },
};

/* Bits set in a block: bytes are summed first, which 16 words can not overflow. */
static int64_t count_bits(const struct words *words)
{
	const uint64_t pairs = UINT64_C(0x5555555555555555), fours = UINT64_C(0x3333333333333333);
	const uint64_t bytes = UINT64_C(0x0f0f0f0f0f0f0f0f), evens = UINT64_C(0x00ff00ff00ff00ff);
	lane sum = { 0 };
	uint64_t total;

	for (int i = 0; i < BLOCK_LANES; i++) {
		lane v = words->v[i];

		v -= v >> 1 & pairs;
		v = (v & fours) + (v >> 2 & fours);
		sum += (v + (v >> 4)) & bytes;
	}
	sum = (sum & evens) + (sum >> 8 & evens);
	total = sum[0] + sum[1];
	return (int64_t)(total * UINT64_C(0x0001000100010001) >> 48);
}

static void see(const struct viewer *v, const struct block *b, struct words *visible)
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

/* Adds carry to one digit of the counters, and leaves what is carried on. */
static void add_digit(struct words *restrict digit, struct words *restrict carry)
{
	for (int i = 0; i < BLOCK_LANES; i++) {
		lane both = digit->v[i] & carry->v[i];

		digit->v[i] ^= carry->v[i];
		carry->v[i] = both;
	}
}

/* Adds one to the counters of the slots in which. */
static void count_asks(struct words *asks, const struct words *which)
{
	struct words carry = *which;

	for (int k = 0; k < ASK_PLANES && any_bit(&carry); k++)
		add_digit(&asks[k], &carry);
}

/* Carry-save: a failure goes to one, and where one was set already to two. */
static void add_failures(struct words *restrict one, struct words *restrict two,
			 const struct words *restrict fail)
{
	for (int i = 0; i < BLOCK_LANES; i++) {
		two->v[i] |= one->v[i] & fail->v[i];
		one->v[i] |= fail->v[i];
	}
}

/* Moves from `from` to `to` what is in which. */
static void move_bits(struct words *restrict from, struct words *restrict to,
		      const struct words *restrict which)
{
	for (int i = 0; i < BLOCK_LANES; i++) {
		to->v[i] = from->v[i] & which->v[i];
		from->v[i] &= ~which->v[i];
	}
}

static void note_asks(struct scan *s, int rule, struct words *ask)
{
	struct words failing;

	move_bits(ask, &failing, &s->fail[rule]);
	for (int i = 0; i < BLOCK_LANES; i++)
		s->asked.v[i] |= ask->v[i];
	if (rule_rows[rule].costs)
		count_asks(s->asks, ask);
}

/* False once every visible slot has failed two rules: nothing can change any more. */
static bool still_open(const struct scan *s)
{
	lane open = { 0 };

	for (int i = 0; i < BLOCK_LANES; i++)
		open |= ~s->two.v[i];
	return (open[0] | open[1]) != 0;
}

static void run_rule(struct scan *s, int rule)
{
	struct words *fail = &s->fail[rule];
	struct words ask = { 0 }, first;
	const struct words *odd = &s->block->planes[PLANE_ODD + rule];

	*fail = (struct words){ 0 };
	s->failed[rule] = true;
	bulk_rules[rule](s->plan, s->block, fail, &ask);
	if (any_bit(odd))
		bulk_each(s->plan, s->block, (enum rule)rule, odd, fail, &ask);
	note_asks(s, rule, &ask);
	add_failures(&s->one, &s->two, fail);
	move_bits(&s->alive, &first, fail);
	if (any_bit(&first))
		answer_count(s->out, rule, count_bits(&first));
}

static void offer_survivors(struct scan *s)
{
	struct words asking = s->alive;

	for (int i = 0; i < BLOCK_WORDS; i++)
		asking.w[i] &= s->asked.w[i];
	slots_offer(s->plan, &(struct offer){ s->block, s->asks, MEND_NONE, NULL }, &s->alive,
		    s->options);
	s->out->matching += count_bits(&s->alive);
	s->out->asking += count_bits(&asking);
}

/* An absence has several causes, of which only one may stand in the way. */
static bool mended_so(const struct plan *p, const struct supply *supply, enum mend mend)
{
	struct match m = { p->env, p->need, supply };
	int64_t detail;

	return mend_available(&m, &detail) == mend;
}

/* The slots that fail this rule alone. */
static void offer_sole(struct scan *s, const struct mending *how)
{
	struct offer o = { s->block, s->asks, how->mend, NULL };
	const uint64_t *fail = s->fail[how->rule].w;
	struct words sole = s->block->planes[how->plane];

	if (how->rule == RULE_AVAILABLE)
		o.check = mended_so;
	for (int i = 0; i < BLOCK_WORDS; i++)
		sole.w[i] &= fail[i] & s->one.w[i] & ~s->two.w[i];
	slots_offer(s->plan, &o, &sole, s->near);
}

static void offer_near_misses(struct scan *s)
{
	for (size_t i = 0; i < sizeof(mendings) / sizeof(*mendings); i++)
		if (s->failed[mendings[i].rule] && ranking_open(s->near, mendings[i].mend))
			offer_sole(s, &mendings[i]);
}

static void scan_begin(struct scan *s, const struct viewer *viewer, const struct block *b)
{
	s->block = b;
	see(viewer, b, &s->alive);
	for (int i = 0; i < BLOCK_WORDS; i++)
		s->one.w[i] = s->two.w[i] = ~s->alive.w[i];
	s->asked = (struct words){ 0 };
	memset(s->asks, 0, sizeof(s->asks));
	memset(s->failed, 0, sizeof(s->failed));
	s->out->visible += count_bits(&s->alive);
}

static void scan_block(struct scan *s)
{
	for (int r = 0; r < RULE_COUNT && still_open(s); r++)
		if (s->plan->active[r])
			run_rule(s, r);
	offer_survivors(s);
	offer_near_misses(s);
}

/* Points kept with the blocks hold for one policy. */
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
	struct scan s = { .plan = &plan, .out = out, .options = &options, .near = &near };

	memset(out, 0, sizeof(*out));
	ranking_begin(&options, q->options);
	ranking_begin(&near, q->near_misses);
	know_policy(ix, q->env->policy);
	plan_make(&plan, ix, q, a);
	plan.settled = &s.two;
	for (size_t i = 0; i < ix->n_blocks; i++) {
		block_tick(ix->blocks[i], q->env, ix->policy_number);
		scan_begin(&s, &q->viewer, ix->blocks[i]);
		scan_block(&s);
	}
	answer_finish(q, a, &options, &near, out);
}
