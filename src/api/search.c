/* POST /vacancy-searches and GET /vacancies/{id}/candidates. */
#include "api/search.h"

#include <string.h>

#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "board/board.h"
#include "case.h"
#include "duty.h"
#include "search_text.h"
#include "sql.h"

struct search_in {
	const char *household_id;
	struct household_in *household;
	int64_t limit, near_misses;
};

static const struct field search_fields[] = {
	FIELD(struct search_in, household_id, UUID, "household_id", .help = "A household that waits; or send its needs."),
	FIELD(struct search_in, household, OBJECT, "household", .sub = &inline_input),
	FIELD(struct search_in, limit, INT, "limit", .min = 1, .max = INDEX_OPTIONS_MAX, .def = "20"),
	FIELD(struct search_in, near_misses, INT, "near_misses", .max = 20, .def = "5"),
};
static const struct input search_input = INPUT(struct search_in, search_fields);

static const char stale[] = "The list of vacancies is being brought up to date";

static struct reply answer(struct ctx *c, const struct need *need, const char *household, const char *fund_left)
{
	const struct search_in *in = ctx_input(c);
	struct text t = text_in(ctx_arena(c));
	const struct search_of of = {
		.household = household, .unmet = household != NULL,
		.options = (int)in->limit, .near_misses = (int)in->near_misses, .fund_left = fund_left,
	};

	if (!board_fresh(ctx_board(c)))
		return problem_detail(c, PROBLEM_UNAVAILABLE, stale);
	search_put(&t, c, need, &of);
	return ok(c, text_done(&t));
}

static void check(struct ctx *c)
{
	const struct search_in *in = ctx_input(c);
	const struct decoded *d = ctx_decoded(c);

	if (json_sent(d, struct search_in, household_id) == json_sent(d, struct search_in, household))
		ctx_error(c, "", "one_of", "Give either household_id or household");
	if (in->household)
		check_household(c, "/household", in->household);
}

static struct reply search_inline(struct ctx *c, const struct household_in *in)
{
	struct judged judged = judged_of(&in->needs);
	struct need need = search_need_sent(c, in, risk_of(&judged));

	return answer(c, &need, NULL, NULL);
}

static struct reply unknown(struct ctx *c)
{
	ctx_error(c, "/household_id", "unknown", "Household must be one of your partnership that waits for a place");
	return invalid(c);
}

static struct reply search_for(struct ctx *c, const struct need *need, const char *fund_left)
{
	const struct search_in *in = ctx_input(c);

	audit_hidden(c, unknown);
	return answer(c, need, in->household_id, fund_left);
}

static struct reply search_read(struct ctx *c)
{
	struct need need;

	return search_need_read(c, 0, &need) ? search_for(c, &need, value(c, 1, 0, "left_pence")) : unknown(c);
}

/* Only where the fund may be asked to pay does a search need the database. */
static struct reply search_funded(struct ctx *c)
{
	const struct search_in *in = ctx_input(c);
	struct need need;

	if (!search_need_stored(c, in->household_id, &need))
		return unknown(c);
	return search_for(c, &need, value(c, 0, 0, "left_pence"));
}

/* A household that was taken a moment ago, perhaps by another worker, is not on this board yet: it is
 * read from the database. */
static struct reply search_stored(struct ctx *c, const char *household)
{
	struct need need;

	if (!board_fresh(ctx_board(c)))
		return problem_detail(c, PROBLEM_UNAVAILABLE, stale);
	if (search_need_stored(c, household, &need)) {
		if (need.nrpf != TRI_YES)
			return search_for(c, &need, NULL);
		query(c, &SQL_FUND_NRPF_LEFT);
		return then(search_funded);
	}
	query(c, &SQL_REFERRAL_NEED, household);
	query(c, &SQL_FUND_NRPF_LEFT);
	return then(search_read);
}

static struct reply search(struct ctx *c)
{
	const struct search_in *in = ctx_input(c);

	return in->household_id ? search_stored(c, in->household_id) : search_inline(c, in->household);
}

/* ---- the candidates for a vacancy ---- */

struct candidates_in {
	int64_t limit;
};

static const struct field candidates_fields[] = {
	FIELD(struct candidates_in, limit, INT, "limit", .min = 1, .max = 100, .def = "25"),
};
static const struct input candidates_input = INPUT(struct candidates_in, candidates_fields);

static void put_priority(struct text *t, const struct policy *p, const struct need *n)
{
	struct band_result band = band_of(p, n);

	json_put_key(t, "priority");
	json_object_begin(t);
	json_put_key(t, "situation");
	json_put_str(t, code_at(&situation_codes, n->situation));
	json_put_key(t, "risk_level");
	json_put_str(t, code_at(&risk_level_codes, n->risk_level));
	json_put_text(t, "risk_least", n->risk_least ? code_at(&risk_level_codes, n->risk_least) : NULL);
	json_put_key(t, "band");
	json_put_str(t, code_at(&band_codes, band.band));
	json_put_key(t, "band_reason");
	json_put_str(t, code_label(&band_line_codes, band.line));
	json_put_key(t, "children_or_pregnancy");
	json_put_tri(t, children_on(n, today()) == TRI_YES || n->pregnant == TRI_YES ? TRI_YES : n->pregnant);
	json_object_end(t);
}

static void put_candidate(struct text *t, const struct match_env *env, int rank, const struct waiting *w,
			  const struct candidate *k, bool named)
{
	char id[UUID_TEXT];

	uuid_format(w->household, id);
	json_object_begin(t);
	json_put_key(t, "rank");
	json_put_i64(t, rank);
	json_put_text(t, "household_id", named ? id : NULL);
	json_put_text(t, "reference", named ? w->reference : NULL);
	json_put_key(t, "people");
	json_put_i64(t, w->need.n_members);
	put_priority(t, env->policy, &w->need);
	json_put_key(t, "score");
	json_put_i64(t, match_share(env, &w->need, k->verdict.score));
	search_put_asks(t, &k->verdict);
	search_put_reasons(t, &k->verdict);
	json_object_end(t);
}

static const struct supply *visible_vacancy(struct ctx *c)
{
	struct board *b = ctx_board(c);
	struct uuid id;
	const struct supply *s;

	if (!uuid_parse(ctx_id(c, "id"), &id))
		return NULL;
	s = match_index_get(board_index(b), id);
	return s && s->groups[0] == board_group(b, ctx_user(c)->partnership_id) ? s : NULL;
}

enum { WITHHELD, NAMED };

/* Cases of which the caller must not know that they are there are left out. */
static struct board_hidden hidden(struct ctx *c)
{
	size_t n = (size_t)rows(c, WITHHELD);
	struct uuid *ids = arena_array_of(ctx_arena(c), n, struct uuid);

	for (size_t i = 0; i < n; i++)
		ids[i] = uuid_or_nil(value(c, WITHHELD, (int)i, "household_id"));
	return (struct board_hidden){ ids, n };
}

/* Another organisation's household is in the list without identity. */
static bool is_named(const struct ctx *c, struct uuid household)
{
	char id[UUID_TEXT];

	uuid_format(household, id);
	for (int i = 0; i < rows(c, NAMED); i++)
		if (text_eq(value(c, NAMED, i, "id"), id))
			return true;
	return false;
}

static struct reply candidates_ranked(struct ctx *c)
{
	const struct candidates_in *in = ctx_input(c);
	struct board *b = ctx_board(c);
	struct candidate *list = arena_array_of(ctx_arena(c), (size_t)in->limit, struct candidate);
	struct match_env env = board_env(b);
	struct text t = text_in(ctx_arena(c));
	const struct supply *s = visible_vacancy(c);
	const struct waiting **who;
	const struct need *needs;
	size_t n, fit;

	if (!board_fresh(b))
		return problem_detail(c, PROBLEM_UNAVAILABLE, stale);
	if (!s)
		return problem(c, PROBLEM_NOT_FOUND);
	n = board_needs(b, s->groups[0], hidden(c), ctx_arena(c), &needs, &who);
	fit = match_candidates(&env, s, needs, n, list, (size_t)in->limit);
	json_object_begin(&t);
	json_put_key(&t, "waiting");
	json_put_i64(&t, (int64_t)n);
	json_put_key(&t, "fitting");
	json_put_i64(&t, (int64_t)fit);
	json_put_key(&t, "items");
	json_array_begin(&t);
	for (size_t i = 0; i < fit && i < (size_t)in->limit; i++)
		put_candidate(&t, &env, (int)i + 1, who[list[i].need], &list[i],
			      is_named(c, who[list[i].need]->household));
	json_array_end(&t);
	json_object_end(&t);
	/* editing a case and listing candidates again probes like a search: it counts as one */
	audit(c, "search", "vacancy", ctx_id(c, "id"), NULL, NULL);
	return ok(c, text_done(&t));
}

static struct reply candidates(struct ctx *c)
{
	query(c, &SQL_CASES_WITHHELD);
	query(c, &SQL_CASES_NAMED);
	return then(candidates_ranked);
}

/* ---- shapes ---- */

static const struct shape_member reason_members[] = {
	SHAPE("code", CODE, .codes = &score_reason_codes),
	SHAPE("points", INT),
	{ 0 },
};
static const struct shape reason_shape = { .name = "reason", .members = reason_members };
static const struct shape_member count_members[] = {
	SHAPE("rule", TEXT),
	SHAPE("detail", TEXT),
	SHAPE("count", INT),
	{ 0 },
};
static const struct shape count_shape = { .name = "rule_count", .members = count_members };
static const struct shape_member condition_members[] = {
	SHAPE("code", TEXT),
	SHAPE("detail", TEXT),
	{ 0 },
};
static const struct shape condition_shape = { .name = "condition", .members = condition_members };
static const struct shape_member sanctuary_members[] = {
	SHAPE("applies", BOOL),
	SHAPE("rank", INT, .nullable = true),
	SHAPE("missing", OBJECT, .list = true, .sub = &condition_shape),
	SHAPE("against", OBJECT, .list = true, .sub = &condition_shape),
	{ 0 },
};
static const struct shape sanctuary_shape = { .name = "sanctuary", .members = sanctuary_members };

#define PLACE_MEMBERS \
	SHAPE("vacancy_id", UUID), \
	SHAPE("vacancy_version", INT), \
	SHAPE("type", CODE, .codes = &accommodation_type_codes), \
	SHAPE("area_label", TEXT), \
	SHAPE("provider", TEXT), \
	SHAPE("unit_reference", TEXT), \
	SHAPE("available_from", DATE, .nullable = true), \
	SHAPE("last_confirmed_at", INSTANT, .nullable = true), \
	SHAPE("stale", BOOL), \
	SHAPE("capacity", INT, .nullable = true), \
	SHAPE("bedrooms", INT, .nullable = true), \
	SHAPE("weekly_cost_pence", INT, .nullable = true), \
	SHAPE("residents", CODE, .nullable = true, .codes = &known_residents), \
	SHAPE("staffed_24h", BOOL, .nullable = true), \
	SHAPE("self_contained", BOOL, .nullable = true), \
	SHAPE("oldest_boy", INT, .nullable = true), \
	SHAPE("pets", CODE, .nullable = true, .codes = &known_answer), \
	SHAPE("nrpf", CODE, .nullable = true, .codes = &known_answer), \
	SHAPE("specialisms", CODE, .list = true, .codes = &specialism_codes), \
	SHAPE("longest_stay_days", INT, .nullable = true), \
	SHAPE("duty_telephone", OBJECT, .nullable = true, .sub = &duty_shape), \
	SHAPE("score", INT)

static const struct shape_member option_members[] = {
	SHAPE("rank", INT),
	PLACE_MEMBERS,
	SHAPE("fit", TEXT),
	SHAPE("asks", CODE, .list = true, .codes = &question_codes),
	SHAPE("open", CODE, .list = true, .codes = &rule_codes),
	SHAPE("reasons", OBJECT, .list = true, .sub = &reason_shape),
	SHAPE("against", CODE, .list = true, .codes = &score_reason_codes),
	{ 0 },
};
static const struct shape option_shape = { .name = "option", .members = option_members };
static const struct shape_member nights_members[] = {
	SHAPE("from", DATE),
	SHAPE("until", DATE),
	SHAPE("nights", INT),
	{ 0 },
};
static const struct shape nights_shape = { .name = "free_nights", .members = nights_members };
static const struct shape_member funding_members[] = {
	SHAPE("from", DATE),
	SHAPE("until", DATE),
	SHAPE("nights", INT),
	SHAPE("weekly_pence", INT, .nullable = true),
	SHAPE("amount_pence", INT, .nullable = true),
	SHAPE("covered_until", DATE, .nullable = true),
	SHAPE("pot_can_pay", BOOL, .nullable = true),
	{ 0 },
};
static const struct shape funding_shape = { .name = "funding_needed", .members = funding_members };
static const struct shape_member near_members[] = {
	PLACE_MEMBERS,
	SHAPE("rule", CODE, .codes = &rule_codes),
	SHAPE("mend", CODE, .codes = &mend_codes),
	SHAPE("mend_detail", TEXT),
	SHAPE("free_nights", OBJECT, .list = true, .sub = &nights_shape),
	SHAPE("funding", OBJECT, .nullable = true, .sub = &funding_shape),
	{ 0 },
};
static const struct shape near_shape = { .name = "near_miss", .members = near_members };
static const struct shape_member possible_members[] = {
	SHAPE("answer", TEXT),
	SHAPE("label", TEXT),
	SHAPE("keeps", INT),
	SHAPE("rules_out", INT),
	{ 0 },
};
static const struct shape possible_shape = { .name = "possible_answer", .members = possible_members };
static const struct shape_member question_members[] = {
	SHAPE("code", TEXT),
	SHAPE("text", TEXT),
	SHAPE("ask_now", BOOL),
	SHAPE("answers", OBJECT, .list = true, .sub = &possible_shape),
	{ 0 },
};
static const struct shape question_shape = { .name = "question", .members = question_members };
static const struct shape_member search_members[] = {
	SHAPE("total", INT),
	SHAPE("matching", INT),
	SHAPE("asking", INT),
	SHAPE("without_call", INT),
	SHAPE("options", OBJECT, .list = true, .sub = &option_shape),
	SHAPE("questions", OBJECT, .list = true, .sub = &question_shape),
	SHAPE("near_misses", OBJECT, .list = true, .sub = &near_shape),
	SHAPE("not_fitting", OBJECT, .list = true, .sub = &count_shape),
	SHAPE("sanctuary", OBJECT, .sub = &sanctuary_shape),
	SHAPE("policy_version", TEXT),
	SHAPE("inputs_hash", TEXT),
	SHAPE("board_version", INT),
	{ 0 },
};
const struct shape search_shape = { .name = "search", .members = search_members };

static const struct shape_member priority_members[] = {
	SHAPE("situation", CODE, .codes = &situation_codes),
	SHAPE("risk_level", CODE, .codes = &risk_level_codes),
	SHAPE("risk_least", CODE, .nullable = true, .codes = &risk_level_codes),
	SHAPE("band", CODE, .codes = &band_codes),
	SHAPE("band_reason", TEXT),
	SHAPE("children_or_pregnancy", BOOL, .nullable = true),
	{ 0 },
};
static const struct shape priority_shape = { .name = "priority", .members = priority_members };
static const struct shape_member candidate_members[] = {
	SHAPE("rank", INT),
	SHAPE("household_id", UUID, .nullable = true),
	SHAPE("reference", TEXT, .nullable = true),
	SHAPE("people", INT),
	SHAPE("priority", OBJECT, .sub = &priority_shape),
	SHAPE("score", INT),
	SHAPE("asks", CODE, .list = true, .codes = &question_codes),
	SHAPE("open", CODE, .list = true, .codes = &rule_codes),
	SHAPE("reasons", OBJECT, .list = true, .sub = &reason_shape),
	SHAPE("against", CODE, .list = true, .codes = &score_reason_codes),
	{ 0 },
};
static const struct shape candidate_shape = { .name = "candidate", .members = candidate_members };
static const struct shape_member candidates_members[] = {
	SHAPE("waiting", INT),
	SHAPE("fitting", INT),
	SHAPE("items", OBJECT, .list = true, .sub = &candidate_shape),
	{ 0 },
};
static const struct shape candidates_shape = {
	.name = "candidates", .members = candidates_members,
};

const struct route search_routes[] = {
	{ "POST", "/vacancy-searches", CAN_place, &search_input, search, .check = check, .flags = ROUTE_READS,
	  .output = &search_shape, .summary = "What fits a household, what nearly fits, and why the rest does not" },
	{ "GET", "/vacancies/{id}/candidates", CAN_place, &candidates_input, candidates,
	  .output = &candidates_shape, .summary = "Waiting households that a vacancy fits, in order of priority; counts towards the day's search budget" },
	{ 0 },
};
