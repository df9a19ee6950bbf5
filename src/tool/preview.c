/* `haven policy preview`: what another policy would do to the households that wait and the places that
 * are open now. It reads the database in one read-only transaction; nothing is written. */
#include <stdlib.h>
#include <string.h>

#include "decision/policy.h"
#include "base/die.h"
#include "base/text.h"
#include "board/board.h"
#include "match/household.h"
#include "match/index.h"
#include "sql.h"
#include "tool/tool.h"

/* What one policy gives a household. */
struct outlook {
	const struct supply *first;	/* NULL: nothing fits */
	int64_t matching;
	struct band_result band;
	struct priority priority;
	size_t place;			/* in the order of its partnership, from 1 */
};

struct household {
	const struct waiting *waiting;
	struct outlook now, then;
};

struct preview {
	struct arena *arena;
	struct board *board;
	const struct policy *in_force, *proposed;
	struct household *all;
	size_t n;
	int64_t other_first, none_left, some_now, other_count, other_band, other_place;
};

/* ---- reading ---- */

static const char *file_text(struct tool *t, const char *name)
{
	enum { MOST = 65536 };
	FILE *f = fopen(name, "re");
	char *text;
	size_t n;

	if (!f) {
		tool_fail("%s: %m", name);
		return NULL;
	}
	text = arena_alloc(t->arena, MOST);
	n = fread(text, 1, MOST, f);
	fclose(f);
	if (n == MOST || memchr(text, '\0', n)) {
		tool_fail("%s is no policy: too long, or no text", name);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

static bool read_proposed(struct tool *t, struct policy *p)
{
	struct text faults = text_in(t->arena);
	const char *text = file_text(t, t->argv[0]);

	if (!text || policy_faults(text, p, &faults))
		return text != NULL;
	fputs(text_done(&faults), stderr);
	tool_fail("%s is no policy that could come into force", t->argv[0]);
	return false;
}

static bool read_in_force(struct tool *t, struct policy *p)
{
	struct batch *b = db_sync_query(t->db, t->arena, &SQL_PREVIEW_POLICY);
	const char *error = "there is none";

	if (!tool_ok(b))
		return false;
	if (batch_rows(b, 0) == 1 && policy_read(t->arena, p, batch_value(b, 0, 0, "numbers"), &error))
		return true;
	tool_fail("the policy in force cannot be read: %s; run `haven migrate`", error);
	return false;
}

/* ---- judging ---- */

static void look(const struct preview *p, const struct waiting *w, const struct match_env *env, struct outlook *out)
{
	struct need need = need_now(env, &w->need);
	struct match_answer answer;
	struct arena *a = arena_new();
	struct match_search search = {
		.env = env, .need = &need, .options = 1, .viewer = { .n_groups = 1, .groups = { w->group } },
	};

	match_index_search(board_index(p->board), &search, a, &answer);
	*out = (struct outlook){
		.first = answer.n_options ? answer.options[0].supply : NULL, .matching = answer.matching,
		.band = band_of(env->policy, &need), .priority = priority_of(env->policy, &need, env->today),
	};
	arena_free(a);
}

/* All by one policy, then all by the other: the index keeps the points of one. */
static void judge(struct preview *p)
{
	struct match_env env = board_env(p->board), proposed = env;

	proposed.policy = p->proposed;
	for (size_t i = 0; i < p->n; i++)
		look(p, p->all[i].waiting, &env, &p->all[i].now);
	for (size_t i = 0; i < p->n; i++)
		look(p, p->all[i].waiting, &proposed, &p->all[i].then);
}

static int by_priority(const struct household *a, const struct household *b, const struct priority *x,
		       const struct priority *y)
{
	if (a->waiting->group != b->waiting->group)
		return a->waiting->group < b->waiting->group ? -1 : 1;
	return priority_cmp(x, y, NULL);
}

static int as_now(const void *a, const void *b)
{
	const struct household *x = a, *y = b;

	return by_priority(x, y, &x->now.priority, &y->now.priority);
}

static int as_proposed(const void *a, const void *b)
{
	const struct household *x = a, *y = b;

	return by_priority(x, y, &x->then.priority, &y->then.priority);
}

/* Last as they are now: the report is in that order. */
static void order(struct preview *p)
{
	size_t first = 0;

	qsort(p->all, p->n, sizeof(*p->all), as_proposed);
	for (size_t i = 0; i < p->n; i++) {
		first = i && p->all[i].waiting->group == p->all[i - 1].waiting->group ? first : i;
		p->all[i].then.place = i - first + 1;
	}
	qsort(p->all, p->n, sizeof(*p->all), as_now);
	for (size_t i = 0; i < p->n; i++) {
		first = i && p->all[i].waiting->group == p->all[i - 1].waiting->group ? first : i;
		p->all[i].now.place = i - first + 1;
	}
}

/* ---- telling ---- */

static void tell_keys(const struct preview *p)
{
	int n = 0;

	for (const struct policy_key *k = policy_keys; k->name; k++) {
		int32_t was = policy_get(p->in_force, k), is = policy_get(p->proposed, k);

		if (was == is)
			continue;
		printf("%s: %d becomes %d (%s)\n", k->name, was, is, k->help);
		n++;
	}
	if (n == 0)
		puts("No number changes.");
	putchar('\n');
}

static const char *place_name(struct arena *a, const struct supply *s)
{
	const struct shown *shown = s->shown;

	return arena_printf(a, "%s of %s", shown->unit_reference, shown->provider);
}

static bool same_place(const struct supply *a, const struct supply *b)
{
	return a == b || (a && b && uuid_cmp(a->id, b->id) == 0);
}

static void tell_first(struct preview *p, const struct household *h, struct arena *a)
{
	if (!h->then.first) {
		printf("%s: nothing fits any more; first was %s\n", h->waiting->reference, place_name(a, h->now.first));
		p->none_left++;
	} else if (!h->now.first) {
		printf("%s: something fits now, first %s\n", h->waiting->reference, place_name(a, h->then.first));
		p->some_now++;
	} else {
		printf("%s: first becomes %s instead of %s\n", h->waiting->reference, place_name(a, h->then.first),
		       place_name(a, h->now.first));
		p->other_first++;
	}
}

static void tell_order(struct preview *p, const struct household *h)
{
	if (h->now.band.band != h->then.band.band) {
		printf("%s: %s becomes %s (%s)\n", h->waiting->reference, code_label(&band_codes, (int)h->now.band.band),
		       code_label(&band_codes, (int)h->then.band.band),
		       code_label(&band_line_codes, (int)h->then.band.line));
		p->other_band++;
	}
	if (h->now.place != h->then.place) {
		printf("%s: number %zu in the order of priority becomes number %zu\n", h->waiting->reference, h->now.place,
		       h->then.place);
		p->other_place++;
	}
}

static void tell_household(struct preview *p, const struct household *h)
{
	struct arena *a = arena_new();

	if (!same_place(h->now.first, h->then.first))
		tell_first(p, h, a);
	if (h->now.matching != h->then.matching) {
		printf("%s: %lld places fit, not %lld\n", h->waiting->reference, (long long)h->then.matching,
		       (long long)h->now.matching);
		p->other_count++;
	}
	tell_order(p, h);
	arena_free(a);
}

static void sum_up(const struct preview *p)
{
	printf("\n%zu households wait, %zu places are open. Policy %s instead of %s:\n", p->n,
	       board_vacancies(p->board), p->proposed->version, p->in_force->version);
	printf("  another first place: %lld\n", (long long)p->other_first);
	printf("  nothing fits any more: %lld\n", (long long)p->none_left);
	printf("  something fits that had nothing: %lld\n", (long long)p->some_now);
	printf("  another number of places that fit: %lld\n", (long long)p->other_count);
	printf("  another band: %lld\n", (long long)p->other_band);
	printf("  another place in the order of priority: %lld\n", (long long)p->other_place);
	puts("Nothing was changed.");
}

static void take_household(const struct waiting *w, void *arg)
{
	struct preview *p = arg;

	p->all[p->n++].waiting = w;
}

static void run(struct preview *p)
{
	p->all = must_calloc(board_households(p->board) + 1, sizeof(*p->all));
	board_each_waiting(p->board, take_household, p);
	judge(p);
	order(p);
	tell_keys(p);
	for (size_t i = 0; i < p->n; i++)
		tell_household(p, &p->all[i]);
	sum_up(p);
	free(p->all);
}

static bool begin(struct tool *t)
{
	if (!db_sync_begin(t->db)) {
		tool_fail("the database does not answer");
		return false;
	}
	return tool_ok(db_sync_query(t->db, t->arena, &SQL_PREVIEW_READ_ONLY));
}

static int preview(struct tool *t, const struct policy *proposed)
{
	struct policy in_force;
	struct preview p = { .arena = t->arena, .in_force = &in_force, .proposed = proposed };
	const char *failed = NULL;

	if (!begin(t) || !read_in_force(t, &in_force))
		return TOOL_FAILED;
	p.board = board_read_once(t->db, &in_force, &failed);
	db_sync_rollback(t->db);
	if (!p.board)
		return tool_fail("the places and households cannot be read (%s)", failed);
	run(&p);
	board_free(p.board);
	return TOOL_DONE;
}

int tool_policy_preview(struct tool *t)
{
	struct policy proposed;

	if (t->argc != 1)
		return tool_usage(t);
	if (!read_proposed(t, &proposed) || !tool_open(t))
		return TOOL_FAILED;
	return preview(t, &proposed);
}
