/* `haven decision replay`: every hold judged again from what was kept of it. The evaluator is the plain
 * one and the policy that of the day; nothing else of the database is looked at. */
#include <string.h>

#include "decision/policy.h"
#include "base/uuid.h"
#include "decision/decision.h"
#include "sql.h"
#include "tool/tool.h"

/* Where nothing is kept there is nothing to judge: that is no difference, but it is not the same. */
enum result { SAME, DIFFERENT, NOT_KEPT, ERASED, RESULTS };

static const char *const result_words[RESULTS] = {
	[SAME] = "the same",
	[DIFFERENT] = "different",
	[NOT_KEPT] = "not kept: the hold is from before inputs were kept, or was taken without a verdict",
	[ERASED] = "erased: what was kept went with its household",
};

struct replay {
	struct tool *t;
	int64_t n[RESULTS];
};

static const char *told(const struct batch *b, int row, const char *column)
{
	const char *value = batch_value(b, 0, row, column);

	return value ? value : "";
}

/* NULL where the decision is the same. */
static const char *judge_again(struct arena *a, const struct batch *b, int row)
{
	const char *numbers = batch_value(b, 0, row, "numbers"), *inputs = told(b, row, "inputs");
	const char *answer = told(b, row, "answer"), *error;
	char hash[DECISION_HASH];
	struct decision_made made;
	struct policy policy;

	if (!numbers)
		return "its policy is not in the database";
	if (!policy_read_kept(a, &policy, numbers, &error))
		return arena_printf(a, "its policy cannot be read: %s", error);
	if (!decision_read(a, inputs, &policy, &made, &error))
		return arena_printf(a, "its inputs cannot be read: %s", error);
	error = decision_difference(a, answer, decision_answer(a, &made));
	if (error)
		return error;
	decision_hash(told(b, row, "policy_digest"), inputs, answer, hash);
	return strcmp(hash, told(b, row, "decision_hash")) == 0 ? NULL : "what was kept was changed since";
}

static enum result result_of(struct arena *a, const struct batch *b, int row, const char **why)
{
	bool hashed = batch_value(b, 0, row, "decision_hash") != NULL, kept = batch_value(b, 0, row, "inputs") != NULL;
	const char *recorded = batch_value(b, 0, row, "recorded_hash");

	*why = NULL;
	if (*told(b, row, "erased") == 't')
		return ERASED;
	if (!hashed && !kept && (!recorded || !*recorded))
		return NOT_KEPT;
	*why = kept ? judge_again(a, b, row) : "what was kept is gone";
	if (!*why && recorded && strcmp(recorded, told(b, row, "decision_hash")) != 0)
		*why = "the audit trail has recorded another decision";
	return *why ? DIFFERENT : SAME;
}

static void print_one(struct replay *r, const struct batch *b, int row)
{
	struct arena *a = arena_new();
	const char *why;
	enum result is = result_of(a, b, row, &why);

	r->n[is]++;
	printf("%s  %s%s%s\n", told(b, row, "id"), result_words[is], why ? ": " : "", why ? why : "");
	arena_free(a);
}

/* Exit 1 where a decision is different, and where the one asked for cannot be judged. */
static int sum_up(const struct replay *r, bool all)
{
	if (all)
		printf("decisions: %lld the same, %lld different, %lld not kept, %lld erased\n", (long long)r->n[SAME],
		       (long long)r->n[DIFFERENT], (long long)r->n[NOT_KEPT], (long long)r->n[ERASED]);
	return r->n[DIFFERENT] || (!all && !r->n[SAME]) ? TOOL_FAILED : TOOL_DONE;
}

static int replay_one(struct replay *r, const char *id)
{
	struct batch *b;

	if (!uuid_valid(id))
		return tool_fail("a decision is named by its placement's id");
	b = db_sync_query(r->t->db, r->t->arena, &SQL_DECISION_ONE, id);
	if (!tool_ok(b))
		return TOOL_FAILED;
	if (batch_rows(b, 0) == 0)
		return tool_fail("there is no such placement");
	print_one(r, b, 0);
	return sum_up(r, false);
}

/* Page by page, so that years of decisions need no more memory than some. */
static int replay_all(struct replay *r)
{
	char after[UUID_TEXT] = "00000000-0000-0000-0000-000000000000";
	int rows;

	do {
		struct arena *page = arena_new();
		struct batch *b = db_sync_query(r->t->db, page, &SQL_DECISION_PAGE, after);
		bool good = tool_ok(b);

		rows = good ? batch_rows(b, 0) : 0;
		for (int row = 0; row < rows; row++)
			print_one(r, b, row);
		if (rows)
			memcpy(after, told(b, rows - 1, "id"), UUID_TEXT);
		arena_free(page);
		if (!good)
			return TOOL_FAILED;
	} while (rows);
	return sum_up(r, true);
}

int tool_decision_replay(struct tool *t)
{
	static const struct option options[] = { { "all", no_argument, NULL, 0 }, { 0 } };
	const char *all = NULL;
	struct replay r = { .t = t };

	if (!tool_options(t, options, &all) || (all != NULL) == (t->argc == 1) || t->argc > 1)
		return tool_usage(t);
	if (!tool_open(t))
		return TOOL_FAILED;
	return all ? replay_all(&r) : replay_one(&r, t->argv[0]);
}
