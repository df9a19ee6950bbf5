/* The open vacancies in memory, indexed for search: one bitset per attribute level, 64 vacancies
 * to a word, in blocks of 1,024. An answer is exactly what match_pair() gives over all of them.
 *
 * What the viewer may see comes first: a vacancy in none of the viewer's groups is neither scored
 * nor counted.
 *
 *	struct match_index *ix = match_index_new(arena, geography_districts(g));
 *	match_index_put(ix, &supply);			(again for every change)
 *	match_index_search(ix, &search, request_arena, &answer);
 *
 * All memory is the arena's given at birth and lives as long; removal frees slots for reuse. A
 * search writes into scratch of the index: one thread at a time.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "match/match.h"
#include "match/question.h"

enum {
	INDEX_OPTIONS_MAX = 100,
	VIEWER_GROUPS = 64,
};

struct match_index;

struct match_index *match_index_new(struct arena *a, size_t districts);
/* Makes room for n more at once; that many puts are faster then. */
void match_index_expect(struct match_index *ix, size_t n);
/* Adds the vacancy or replaces the one with its id. */
void match_index_put(struct match_index *ix, const struct supply *s);
/* False where there is none. */
bool match_index_remove(struct match_index *ix, struct uuid id);
/* The vacancy, valid until the next put or remove; or NULL. */
const struct supply *match_index_get(const struct match_index *ix, struct uuid id);
size_t match_index_count(const struct match_index *ix);
/* Calls visit for every vacancy, in no particular order. */
void match_index_each(const struct match_index *ix,
		      void (*visit)(void *ctx, const struct supply *s), void *ctx);

/* The person who looks: groups as in struct supply; everything for planning and reports. */
struct viewer {
	bool everything;
	uint16_t groups[VIEWER_GROUPS];
	int n_groups;
};

struct match_search {
	const struct match_env *env;
	const struct need *need;
	struct viewer viewer;
	int options;		/* at most INDEX_OPTIONS_MAX */
	int near_misses;	/* the same; 10 is plenty */
};

struct match_option {
	const struct supply *supply;	/* valid until the next put or remove */
	struct verdict verdict;
};

struct near_miss {
	const struct supply *supply;
	struct verdict verdict;
	enum mend mend;
	struct mend_detail detail;
};

/* Ranked by score, then by id. */
struct match_answer {
	struct match_option *options;
	int n_options;
	struct near_miss *near;		/* by enum mend, then score, then id */
	int n_near;
	int64_t visible, matching, asking;	/* asking: of the matching, with a question open */
	int64_t failed[RULE_COUNT];	/* by first failing rule; hidden rules are 0 here */
	int64_t not_suitable;		/* the hidden rules together */
	struct open_question questions[QUESTIONS_MAX];	/* to the household, what decides most first */
	int n_questions;
	struct sanctuary sanctuary;
	char policy_version[POLICY_VERSION];
	struct input_hash hash;
};

/* Options and near misses are put in the arena. */
void match_index_search(struct match_index *ix, const struct match_search *s, struct arena *a,
			struct match_answer *out);
/* The same answer from match_pair() over every vacancy: the yardstick of tests and benchmarks, and
 * the check a worker can run on itself. */
void match_plain_search(const struct match_index *ix, const struct match_search *s, struct arena *a,
			struct match_answer *out);
