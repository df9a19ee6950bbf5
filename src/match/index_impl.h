/* Inside of the index.
 *
 * A slot is a vacancy's number; 1,024 slots make a block, 64 a word. A plane is one bit of every
 * slot of a block. A level plane k says "the value is k or more"; a value that the planes of a rule
 * can not tell exactly marks the slot as odd for that rule, and the rule itself is asked.
 */
#pragma once
#include "match/index.h"
#include "rules.h"

enum {
	BLOCK_WORDS = 16,
	BLOCK_LANES = BLOCK_WORDS / 2,
	BLOCK_SLOTS = BLOCK_WORDS * 64,
	BOY_LEVELS = 18,			/* 0 to 17 */
	AGE_FIRST = 16, AGE_LAST = 25,
	PEOPLE_LEVELS = 24,			/* 1 to 24 */
	COT_LEVELS = 4,				/* 1 to 4 */
	ROOM_LEVELS = 8,			/* 1 to 8 */
	STAY_VALUES = 24,
	PEOPLE_TABLE = 32,
	ASK_PLANES = 4,				/* count to 15: more than ask rules that cost */
	NOT_YET = INT16_MIN,
	NO_SLOT = -1,
};

enum plane {
	PLANE_USED,
	PLANE_RESIDENTS,			/* by enum residents */
	PLANE_BOY_UNKNOWN = PLANE_RESIDENTS + RESIDENTS_COUNT,
	PLANE_BOY,
	PLANE_ADULT_CHILDREN = PLANE_BOY + BOY_LEVELS,	/* by enum answer */
	PLANE_AGE_UNKNOWN = PLANE_ADULT_CHILDREN + ANSWER_COUNT,
	PLANE_AGE,
	PLANE_PEOPLE_UNKNOWN = PLANE_AGE + AGE_LAST - AGE_FIRST + 1,
	PLANE_PEOPLE,
	PLANE_COTS_UNKNOWN = PLANE_PEOPLE + PEOPLE_LEVELS,
	PLANE_COTS,
	PLANE_SELF_CONTAINED = PLANE_COTS + COT_LEVELS,	/* by enum tri */
	PLANE_ROOMS_UNKNOWN = PLANE_SELF_CONTAINED + TRI_YES + 1,
	PLANE_ROOMS,
	PLANE_WHEELCHAIR = PLANE_ROOMS + ROOM_LEVELS,	/* by enum wheelchair */
	PLANE_STEP_FREE = PLANE_WHEELCHAIR + WHEELCHAIR_COUNT,
	PLANE_GROUND_FLOOR = PLANE_STEP_FREE + TRI_YES + 1,
	PLANE_BATHROOM = PLANE_GROUND_FLOOR + TRI_YES + 1,
	PLANE_SUPPORT = PLANE_BATHROOM + TRI_YES + 1,	/* by enum support_need, enum answer */
	PLANE_RISK = PLANE_SUPPORT + SUPPORT_COUNT * ANSWER_COUNT,	/* by enum risk_level */
	PLANE_TYPE = PLANE_RISK + RISK_COUNT,
	PLANE_STAFFED = PLANE_TYPE + TYPE_COUNT,
	PLANE_NRPF = PLANE_STAFFED + TRI_YES + 1,
	PLANE_PETS = PLANE_NRPF + ANSWER_COUNT,
	PLANE_BUSY = PLANE_PETS + ANSWER_COUNT,		/* held or placed at the clock */
	PLANE_LAPSED,					/* at the clock */
	PLANE_LATER,					/* first day after today */
	PLANE_OVER,					/* ends before today or before it begins */
	PLANE_ENDS,					/* has a last day */
	PLANE_FROM_UNKNOWN,
	PLANE_UNCONFIRMED,
	PLANE_STAY,					/* by index into stay_values */
	PLANE_MIX_UNKNOWN = PLANE_STAY + STAY_VALUES,
	PLANE_POSES,
	PLANE_AVOIDS = PLANE_POSES + MIX_COUNT,
	PLANE_ODD = PLANE_AVOIDS + MIX_COUNT,		/* by enum rule */
	PLANES = PLANE_ODD + RULE_COUNT,
};

/* Two words at a time where the machine can; the compiler splits them where it can not. */
typedef uint64_t lane __attribute__((vector_size(16)));

struct words {
	union {
		uint64_t w[BLOCK_WORDS];
		lane v[BLOCK_LANES];
	};
};

static inline bool any_bit(const struct words *words)
{
	lane some = { 0 };

	for (int i = 0; i < BLOCK_LANES; i++)
		some |= words->v[i];
	return (some[0] | some[1]) != 0;
}

/* Planes by a sparse key: districts, groups. */
struct postings {
	uint16_t *plane_of;	/* by key, 1 + index into planes; 0: none */
	size_t keys;
	struct words *planes;
	size_t n, cap;
};

/* What scoring reads of one slot. */
struct hot {
	uint64_t id_hi;
	uint32_t specialisms, languages;
	int32_t area;
	int16_t district, max_people;
	int16_t service, cost;	/* points that no need changes, by block_tick() */
	uint8_t type, support, adapted;
};

/* For what the clock's planes hold: instants in [since, until) of this day under this policy. */
struct validity {
	int64_t since, until;
	int32_t today;
	uint32_t policy;
};

struct block {
	struct words planes[PLANES];
	struct postings districts, groups;
	struct validity valid;
	struct hot hot[BLOCK_SLOTS];
	struct supply supply[BLOCK_SLOTS];
};

struct match_index {
	struct arena *arena;
	struct block **blocks;
	size_t n_blocks, cap_blocks;
	int32_t *table;		/* open addressing over ids: slot + 1, 0 empty */
	size_t table_size;	/* a power of two */
	int32_t *free;		/* slots freed */
	size_t n_free, cap_free;
	size_t n_slots, count;
	size_t districts;
	struct policy policy;	/* the last one searched with */
	uint32_t policy_number;	/* how many there were */
	int stay_values[STAY_VALUES];
	int n_stay_values;
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

/* Writes every plane, posting and the hot row of a slot whose supply is in place. */
void slot_fill(struct match_index *ix, int32_t slot);
/* Takes the slot out of every plane and posting. */
void slot_clear(struct match_index *ix, int32_t slot);
/* Brings the clock's planes and the points for service to the clock and the policy. */
void block_tick(struct block *b, const struct match_env *env, uint32_t policy_number);
/* NULL where no slot of the block has the key. */
const struct words *postings_get(const struct postings *p, size_t key);

/* One search, compiled: what depends on need and policy but not on the vacancy. */
struct barred {
	int32_t slot;
	enum rule rule;
};

struct plan {
	const struct match_env *env;
	const struct need *need;
	const struct match_index *ix;
	struct period wanted;
	enum outcome residents[RESIDENTS_COUNT];
	enum outcome stay[STAY_VALUES];
	enum risk_level risk;			/* as assumed */
	bool active[RULE_COUNT];
	uint64_t *unsafe, *unsafe_ask;		/* bits by district; the last is DISTRICT_NONE */
	bool looked_at[NEED_UNSAFE];		/* sector areas: each place of the district */
	struct barred barred[NEED_CONFLICTS + NEED_DECLINED];
	int n_barred;
	int32_t type_points[TYPE_COUNT];
	int32_t size_points[PEOPLE_TABLE];	/* by max_people + 1 */
	uint8_t support;			/* bits of the needs that are a yes */
	int32_t adapted_points[2];
	int32_t fund;				/* 1 where the fund pays, else 0 */
	const struct words *settled;		/* slots of the block at hand for which no
						 * further rule matters */
	bool places;				/* the district matters to the score */
	int16_t *district_points;		/* by district + 1, NOT_YET until asked for */
};

void plan_make(struct plan *p, struct match_index *ix, const struct match_search *s,
	       struct arena *a);
/* Ors the slots of a block that fail the rule, and those to be asked, into fail and ask. */
typedef void bulk_rule(const struct plan *p, const struct block *b, struct words *fail,
		       struct words *ask);
extern bulk_rule *const bulk_rules[RULE_COUNT];
/* For the slots in which that are not settled, asks the rule itself. */
void bulk_each(const struct plan *p, const struct block *b, enum rule rule,
	       const struct words *which, struct words *fail, struct words *ask);

/* The best of many, sorted: by mend, then score, then id. */
struct ranked {
	enum mend mend;
	int32_t score;
	uint64_t id_hi;
	const struct supply *supply;
};

struct ranking {
	struct ranked row[INDEX_OPTIONS_MAX + 1];
	int n, max;
};

/* Empty, for at most max rows. */
void ranking_begin(struct ranking *r, int max);
void ranking_offer(struct ranking *r, const struct ranked *one);
/* False where no row of that mend can come in, whatever its score. */
bool ranking_open(const struct ranking *r, enum mend mend);

/* Where slots to be ranked come from. */
struct offer {
	const struct block *block;
	const struct words *asks;	/* ASK_PLANES counters of costly questions */
	enum mend mend;
	/* Whether the slot can be mended so; NULL: it can. */
	bool (*check)(const struct plan *p, const struct supply *s, enum mend mend);
};
void slots_offer(const struct plan *p, const struct offer *o, const struct words *which,
		 struct ranking *to);

/* Fills the answer's lists, sanctuary and hash from the rankings. */
void answer_finish(const struct match_search *s, struct arena *a, const struct ranking *options,
		   const struct ranking *near, struct match_answer *out);
/* Adds n to the count of a first failing rule, hidden ones together. */
void answer_count(struct match_answer *out, int rule, int64_t n);
