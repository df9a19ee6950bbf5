/* Inside of the index.
 *
 * A slot is a vacancy's number; 1,024 slots make a block, 64 a word. A plane is one bit of every
 * slot of a block. Planes are chosen so that a rule is nothing but planes ored together: those of
 * the slots that fail, and those of the slots that are to be asked. A plane "under k" says
 * "known, and less than k". Where the planes of a rule cannot tell a value exactly, the slot is
 * odd for that rule, and the rule itself is asked.
 */
#pragma once
#include "match/index.h"
#include "rules.h"

enum {
	BLOCK_WORDS = 16,
	BLOCK_LANES = BLOCK_WORDS / 4,
	BLOCK_SLOTS = BLOCK_WORDS * 64,
	BOY_UNDER = 18,				/* levels 0 to 18 */
	AGE_FIRST = 16, AGE_LAST = 25,
	COTS_USED = 3,
	PEOPLE_UNDER = 16,			/* levels 1 to 16, cots in use included */
	ROOMS_UNDER = 8,			/* levels 1 to 8 */
	STAY_DIGITS = 12,			/* binary */
	STAY_MOST = (1 << STAY_DIGITS) - 1,	/* days: so many, or no limit */
	WAIT_DIGITS = 8,			/* binary */
	WAIT_MOST = (1 << WAIT_DIGITS) - 1,	/* days: so many, or more */
	ASK_PLANES = 4,				/* count to 15: fewer rules have asks that cost */
	BODY_PEOPLE = 32,			/* the last: look at the vacancy itself */
	BODY_TYPES = 16,
	BODIES = BODY_PEOPLE * BODY_TYPES * 2,
	NOT_YET_BYTE = 0x80,
	NOT_YET = (int16_t)0x8080,		/* both its bytes are 0x80 */
	NO_SLOT = -1,
};

enum plane {
	PLANE_USED,
	PLANE_RESIDENTS,			/* by enum residents */
	PLANE_BOY_UNKNOWN = PLANE_RESIDENTS + RESIDENTS_COUNT,
	PLANE_BOY,				/* oldest accepted under level */
	PLANE_ADULT_CHILDREN = PLANE_BOY + BOY_UNDER + 1,	/* by enum answer */
	PLANE_AGE_UNKNOWN = PLANE_ADULT_CHILDREN + ANSWER_COUNT,
	PLANE_AGE,				/* youngest accepted is this age or more */
	PLANE_PEOPLE_UNKNOWN = PLANE_AGE + AGE_LAST - AGE_FIRST + 1,
	PLANE_SEATS,				/* people and 0, 1, … cots under level */
	PLANE_SEATS_UNSURE = PLANE_SEATS + (COTS_USED + 1) * PEOPLE_UNDER, /* cots unknown */
	PLANE_CONTAINED = PLANE_SEATS_UNSURE + PEOPLE_UNDER,	/* or not known */
	PLANE_ROOMS_UNKNOWN,			/* of those */
	PLANE_ROOMS,				/* self-contained, under level */
	PLANE_ROOMS_UNSURE = PLANE_ROOMS + ROOMS_UNDER,		/* perhaps self-contained */
	PLANE_WHEELCHAIR = PLANE_ROOMS_UNSURE + ROOMS_UNDER,	/* by enum wheelchair */
	PLANE_STEP_FREE = PLANE_WHEELCHAIR + WHEELCHAIR_COUNT,
	PLANE_GROUND_FLOOR = PLANE_STEP_FREE + TRI_YES + 1,
	PLANE_BATHROOM = PLANE_GROUND_FLOOR + TRI_YES + 1,
	PLANE_SUPPORT = PLANE_BATHROOM + TRI_YES + 1,	/* by enum support_need, enum answer */
	PLANE_RISK = PLANE_SUPPORT + SUPPORT_COUNT * ANSWER_COUNT,	/* by enum risk_level */
	PLANE_NRPF = PLANE_RISK + RISK_COUNT,
	PLANE_PETS = PLANE_NRPF + ANSWER_COUNT,
	PLANE_TIME_UNSURE = PLANE_PETS + ANSWER_COUNT,	/* first day or confirmation not known */
	PLANE_ENDS,					/* has a last day */
	PLANE_TAKEN,					/* some nights are taken */
	PLANE_STAY_UNKNOWN,
	PLANE_MIX_UNKNOWN,
	PLANE_POSES,
	PLANE_AVOIDS = PLANE_POSES + MIX_COUNT,
	PLANE_ODD = PLANE_AVOIDS + MIX_COUNT,		/* by enum rule */
	PLANE_TICKED = PLANE_ODD + RULE_COUNT,		/* what clock and policy decide: */
	PLANE_BUSY = PLANE_TICKED,			/* held or placed */
	PLANE_GONE,					/* that, lapsed or over */
	PLANE_LATER,					/* first day after today */
	PLANE_LATER_ALONE,				/* that, and not gone */
	PLANE_HELD_ALONE,				/* gone by a hold that ends, not later */
	PLANE_HIGH_RISK_NOT,				/* type or staffing cannot take it */
	PLANE_HIGH_RISK_ASK,
	PLANE_STAY,					/* longest from today, a plane a digit */
	PLANE_WAIT = PLANE_STAY + STAY_DIGITS,		/* from today to the first day: the same */
	PLANES = PLANE_WAIT + WAIT_DIGITS,
};

/* Four words at a time where the machine has such registers; elsewhere the compiler splits them.
 * Aligned as an arena aligns. */
typedef uint64_t lane __attribute__((vector_size(32), aligned(16)));

/* The functions that go over whole blocks are built twice, for processors with registers of a
 * lane's width and for all; the loader chooses. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define OVER_BLOCKS __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define OVER_BLOCKS
#endif
/* The parts of those functions. As functions of their own they would be built for any processor. */
#define PART static inline __attribute__((always_inline))

struct words {
	union {
		uint64_t w[BLOCK_WORDS];
		lane v[BLOCK_LANES];
	};
};

PART bool any_bit(const struct words *words)
{
	lane some = { 0 };

	for (int i = 0; i < BLOCK_LANES; i++)
		some |= words->v[i];
	return (some[0] | some[1] | some[2] | some[3]) != 0;
}

PART int64_t count_bits(const struct words *words)
{
	int64_t n = 0;

	for (int i = 0; i < BLOCK_WORDS; i++)
		n += __builtin_popcountll(words->w[i]);
	return n;
}

/* Planes by a sparse key: districts, groups. */
struct postings {
	uint16_t *plane_of;	/* by key, 1 + index into planes; 0: none */
	size_t keys;
	struct words *planes;
	size_t n, cap;
};

/* The facts that scoring reads of every slot that fits: small, so that many share a cache line. */
struct hot {
	int16_t district;
	int16_t service, cost;	/* points that are the same for every need, by block_tick() */
	int16_t tonight;	/* points where it is for tonight */
	uint16_t body;		/* people, type, adapted: body_of() */
	uint8_t support;	/* bits of the needs it takes: ANSWER_YES */
	uint32_t specialisms;
};

/* The facts that it reads only where the household has wishes. */
struct warm {
	code_set languages;
	int32_t area;
};

/* When the clock's planes hold: at instants in [since, until) of this day, under this policy. */
struct validity {
	int64_t since, until;
	int32_t today;
	uint32_t policy;
};

struct block {
	struct words planes[PLANES];
	struct postings districts, groups;
	struct validity valid;
	struct words dirty;	/* slots to be brought up to date, whatever `valid` says */
	uint32_t odd;		/* bits of the rules for which some slot may be odd */
	struct hot hot[BLOCK_SLOTS];
	uint64_t tie[BLOCK_SLOTS];	/* tie_of() */
	struct warm warm[BLOCK_SLOTS];
	struct supply supply[BLOCK_SLOTS];
};

/* The tag comes from the id, and spares most looks at the vacancy itself. */
struct known {
	int32_t slot;		/* + 1; 0: empty */
	uint32_t tag;
};

struct match_index {
	struct arena *arena;
	struct block **blocks;
	size_t n_blocks, cap_blocks;
	struct known *table;	/* open addressing over ids */
	size_t table_size;	/* a power of two */
	int32_t *free;		/* slots freed */
	size_t n_free, cap_free;
	size_t n_slots, count;
	size_t districts;
	int32_t latest;		/* the last first day there has been: no stay begins later */
	struct policy policy;	/* the last one searched with */
	uint32_t policy_number;	/* how many there were */
};

static inline struct block *block_of(const struct match_index *ix, int32_t slot)
{
	return ix->blocks[(size_t)slot / BLOCK_SLOTS];
}

static inline struct supply *supply_at(const struct match_index *ix, int32_t slot)
{
	return &block_of(ix, slot)->supply[slot % BLOCK_SLOTS];
}

/* The slot of that id, or NO_SLOT. */
int32_t index_find(const struct match_index *ix, struct uuid id);

/* Writes every plane and posting of a slot whose supply is in place. */
void slot_fill(struct match_index *ix, int32_t slot);
/* Takes the slot out of every plane and posting. */
void slot_clear(struct match_index *ix, int32_t slot);
/* Brings the planes and points that clock and policy decide up to date with these. */
void block_tick(struct block *b, const struct match_env *env, uint32_t policy_number);
/* NULL where no slot of the block has the key. */
const struct words *postings_get(const struct postings *p, size_t key);

/* Planes to be ored, rule after rule. */
struct terms {
	uint16_t plane[PLANES];
	uint16_t n, from[RULE_COUNT + 1];	/* by rule: the first of its planes */
};

struct barred {
	int32_t slot;
	enum rule rule;
};

enum { WHAT_IF_TERMS = 96 };	/* an answer adds a plane or two, the level of risk and of access up to four */
/* The planes that would refuse if a question were answered so, of all questions and answers in a row. */
struct what_if {
	uint16_t plane[WHAT_IF_TERMS];
	uint16_t n, from[QUESTIONS_MAX * ANSWERS_MAX + 1];
};

/* One search, compiled: what depends on need and policy but not on the vacancy. */
struct plan {
	const struct match_env *env;
	const struct need *need;
	const struct match_index *ix;
	struct stay wanted;			/* where the place is free at once */
	struct people who;			/* over those nights */
	uint32_t later;				/* bits of the rules that a later stay may decide otherwise */
	bool today;				/* wanted from this day on … */
	bool today_said;			/* … and not only because no day was said */
	struct terms fail, ask;
	bool listed;				/* the rule being planned goes by a list of the need */
	bool open;				/* what decides it the household has not said */
	uint32_t opened;			/* bits of such rules */
	uint8_t rules[RULE_COUNT];		/* those that can fail or ask, in order */
	int n_rules;
	uint64_t *unsafe;			/* bits by district; the last is DISTRICT_NONE */
	struct barred barred[NEED_CONFLICTS + NEED_DECLINED];
	int n_barred;
	uint8_t support;			/* bits of the needs that are a yes */
	int32_t wishes_most;			/* points for wishes, at most; few have any */
	uint32_t meant;				/* specialisms_meant() */
	int32_t fund;				/* 1 where the fund pays, else 0 */
	int32_t tonight;			/* 1 where it is for tonight, else 0 */
	int16_t *body_points;			/* by body_of(), NOT_YET until asked for */
	int16_t *district_points;		/* by district + 1, the same */
};

void plan_make(struct plan *p, struct match_index *ix, const struct match_search *s,
	       struct arena *a);
/* Fills fail, ask and rules. */
void plan_rules(struct plan *p);
/* Appends the planes that fail this rule for what is supposed and not for the plan; the terms of what is
 * supposed are lost. */
void plan_failing(const struct plan *p, struct plan *supposed, int rule, struct what_if *w);

/* One block being searched. */
struct scan {
	const struct plan *plan;
	const struct block *block;
	struct match_answer *out;
	struct words alive;			/* visible, and no rule has failed so far */
	struct words one, two;			/* failed at least one, two rules; or invisible */
	struct words asked;			/* some rule asks */
	struct words asks[ASK_PLANES];		/* how many costly asks, in binary */
	struct words fail[RULE_COUNT];		/* of the plan's rules */
	struct words first[RULE_COUNT];		/* failed this one first */
	struct words extra_fail[RULE_COUNT], extra_ask[RULE_COUNT];
	uint32_t judged;			/* bits of the plan's rules */
	uint32_t by_slot;			/* of those that no plane tells for vacancies free later */
	uint32_t extra;				/* of those that have extra planes */
	struct ranking *options, *near;
	struct what_if what_if;
};

/* Extra planes for rules that the planes of the block cannot tell: these rules look slot by slot,
 * but not at slots that two rules have refused already. First the rules up to RULE_PETS, then the
 * rest. */
void extra_first(struct scan *s);
void extra_rest(struct scan *s);

/* The best of many, sorted: by mend, then score, then the place that is free longest, then id. */
struct ranked {
	int64_t order;			/* mend and score: rank_order() */
	uint64_t tie;			/* tie_of() */
	const struct supply *supply;
};

/* Of two alike, the place free longest goes first; then the first digits of the id decide. */
static inline uint64_t tie_of(const struct supply *s)
{
	return (uint64_t)((uint32_t)s->from ^ 0x80000000) << 32 | s->id.hi >> 32;
}

static inline int64_t rank_order(enum mend mend, int32_t score)
{
	return (int64_t)mend * (INT64_C(1) << 32) - score;
}

struct ranking {
	struct ranked row[INDEX_OPTIONS_MAX + 1];
	int n, max;
};

/* Empty, for at most max rows. */
void ranking_begin(struct ranking *r, int max);
void ranking_offer(struct ranking *r, const struct ranked *one);
/* The score that a row of that mend needs to come in (INT32_MIN: any will do; INT32_MAX: none
 * will); with just this score, its tie must not be later. */
struct entry {
	int32_t score;
	uint64_t tie;
};
struct entry ranking_entry(const struct ranking *r, enum mend mend);

/* Scores the slots in `which`, as score_many() would, and offers them. */
void slots_offer(const struct scan *s, enum mend mend, const struct words *which,
		 struct ranking *to);

/* Fills the answer's lists, sanctuary and hash from the rankings; rules as for match_many(). */
void answer_finish(const struct match_search *s, struct arena *a, const struct ranking *options,
		   const struct ranking *near, uint32_t rules, struct match_answer *out);
/* Adds n to the count of a first failing rule; the hidden rules share one count. */
void answer_count(struct match_answer *out, int rule, int64_t n);
