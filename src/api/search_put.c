/* Writes the ranked answer of a search as JSON. */
#include <string.h>

#include "api/rights.h"
#include "api/search.h"
#include "board/board.h"
#include "duty.h"
#include "fund.h"
#include "json/write.h"
#include "search_text.h"

enum { PLACE_BYTES = 900 };	/* a little more than one place takes: room is made once */

/* Keys are literals, so that each is a copy of known length: an answer has a thousand of them. */
#define put_text(t, key, s) (json_put_key(t, key), json_put_str(t, s))
#define put_int(t, key, n) (json_put_key(t, key), json_put_i64(t, n))
#define put_known(t, key, n) (json_put_key(t, key), known_put(t, n))
#define put_day(t, key, day) (json_put_key(t, key), day_put(t, day))
#define put_instant(t, key, us) (json_put_key(t, key), instant_put(t, us))
#define put_uuid(t, key, id) (json_put_key(t, key), uuid_put(t, id))

static void known_put(struct text *t, int64_t n)
{
	if (n < 0)
		json_put_null(t);
	else
		json_put_i64(t, n);
}

static void day_put(struct text *t, int32_t day)
{
	char text[11];

	if (day == DAY_NONE || day == INT32_MAX) {
		json_put_null(t);
		return;
	}
	day_format(day, text);
	json_put_strn(t, text, 10);
}

static void instant_put(struct text *t, int64_t us)
{
	char text[21];

	if (us == 0) {
		json_put_null(t);
		return;
	}
	instant_format(us, text);
	json_put_strn(t, text, 20);
}

static void uuid_put(struct text *t, struct uuid id)
{
	char text[UUID_TEXT];

	uuid_format(id, text);
	json_put_strn(t, text, UUID_TEXT - 1);
}

/* Codes, quoted as an answer has them: a search writes some two hundred. */
struct piece {
	const char *text;
	size_t len;
};
#define PIECE(text) { text, sizeof(text) - 1 },

#define LIST(name) static const struct piece quoted_##name[] __attribute__((unused)) = {
#define CODE(enumerator, code, label) PIECE("\"" code "\"")
#define END(name, count) };
#include "match/codes.def"

#define LIST(name) static const struct piece reason_##name[] __attribute__((unused)) = {
#define CODE(enumerator, code, label) PIECE("{\"code\":\"" code "\",\"points\":")
#define END(name, count) };
#include "match/codes.def"

#define put_piece(t, piece) json_put_quoted_key(t, (piece).text, (piece).len)

static void put_rules(struct text *t, const struct verdict *v, enum outcome which, int n)
{
	json_array_begin(t);
	for (int rule = 0; n > 0 && rule < RULE_COUNT; rule++)
		if (v->outcome[rule] == which)
			put_piece(t, quoted_rule[rule]);
	json_array_end(t);
}

void search_put_asks(struct text *t, const struct verdict *v)
{
	json_put_key(t, "asks");
	put_rules(t, v, OUTCOME_ASK, v->n_asked);
	json_put_key(t, "open");
	put_rules(t, v, OUTCOME_OPEN, v->n_open);
}

void search_put_reasons(struct text *t, const struct verdict *v)
{
	json_put_key(t, "reasons");
	json_array_begin(t);
	for (int i = 0; i < v->n_reasons; i++) {
		if (v->reasons[i].points < 0)
			continue;
		put_piece(t, reason_score_reason[v->reasons[i].code]);
		json_put_i64(t, v->reasons[i].points);
		json_object_end(t);
	}
	json_array_end(t);
	json_put_key(t, "against");
	json_array_begin(t);
	for (int i = 0; i < v->n_reasons; i++)
		if (v->reasons[i].points < 0)
			put_piece(t, quoted_score_reason[v->reasons[i].code]);
	json_array_end(t);
}

/* ---- what a caller needs to hear of a place ---- */

static void code_put(struct text *t, const struct piece *quoted, int code)
{
	if (code == 0)
		json_put_null(t);
	else
		put_piece(t, quoted[code]);
}

static void bits_put(struct text *t, const struct piece *quoted, uint32_t bits)
{
	json_array_begin(t);
	for (; bits; bits &= bits - 1)
		put_piece(t, quoted[__builtin_ctz(bits)]);
	json_array_end(t);
}

/* As a unit has it: -1 no boys at all, 18 boys of any age. */
static void boys_put(struct text *t, int oldest)
{
	if (oldest == BOYS_NONE)
		json_put_i64(t, -1);
	else
		known_put(t, oldest >= ADULT_AGE - 1 ? ADULT_AGE : oldest);
}

static void put_told(struct text *t, const struct supply *s)
{
	json_put_key(t, "residents");
	code_put(t, quoted_residents, (int)s->residents);
	json_put_key(t, "staffed_24h");
	json_put_tri(t, s->staffed_24h);
	json_put_key(t, "self_contained");
	json_put_tri(t, s->self_contained);
	json_put_key(t, "oldest_boy");
	boys_put(t, s->oldest_boy);
	json_put_key(t, "pets");
	code_put(t, quoted_answer, (int)s->pets);
	json_put_key(t, "nrpf");
	code_put(t, quoted_answer, (int)s->nrpf);
	json_put_key(t, "specialisms");
	bits_put(t, quoted_specialism, s->specialisms);
	put_known(t, "longest_stay_days", s->longest_stay == STAY_NO_LIMIT ? -1 : s->longest_stay);
}

/* What the places of an answer are shown with. */
struct showing {
	const struct match_env *env;
	const struct need *need;
	bool may_hold;			/* the caller may hold a place: is shown whom to call */
	const char *fund_left;		/* as struct search_of has it */
};

static void put_place(struct text *t, const struct showing *w, const struct supply *s)
{
	static const struct duty_phones untold = { 0 };
	const struct shown *shown = s->shown;
	int64_t stale = w->env->policy->stale_hours * INT64_C(3600) * SECOND_US;

	put_uuid(t, "vacancy_id", s->id);
	put_int(t, "vacancy_version", s->version);
	json_put_key(t, "type");
	put_piece(t, quoted_accommodation_type[s->type]);
	put_text(t, "area_label", shown->area_label);
	put_text(t, "provider", shown->provider);
	put_text(t, "unit_reference", shown->unit_reference);
	put_day(t, "available_from", s->from);
	put_instant(t, "last_confirmed_at", s->confirmed);
	json_put_key(t, "stale");
	json_put_bool(t, s->confirmed == 0 || w->env->now - s->confirmed > stale);
	put_known(t, "capacity", s->max_people);
	put_known(t, "bedrooms", s->bedrooms);
	put_known(t, "weekly_cost_pence", s->weekly_cost);
	put_told(t, s);
	duty_put(t, w->may_hold ? &shown->duty : &untold, w->env->now);
}

static void put_option(struct text *t, const struct showing *w, int rank,
		       const struct match_option *o)
{
	json_object_begin(t);
	put_int(t, "rank", rank);
	put_place(t, w, o->supply);
	put_int(t, "score", match_share(w->env, w->need, o->verdict.score));
	put_text(t, "fit", o->verdict.n_asked ? "ask" : o->verdict.n_open ? "open" : "fits");
	search_put_asks(t, &o->verdict);
	search_put_reasons(t, &o->verdict);
	json_object_end(t);
}

/* The nights that are left of the stay, where a part of it is taken. */
static void put_nights(struct text *t, const struct mend_detail *d)
{
	json_put_key(t, "free_nights");
	json_array_begin(t);
	for (int i = 0; i < d->n_open; i++) {
		json_object_begin(t);
		put_day(t, "from", d->open[i].first);
		put_day(t, "until", d->open[i].last + 1);
		put_int(t, "nights", d->open[i].last - d->open[i].first + 1);
		json_object_end(t);
	}
	json_array_end(t);
}

/* What the fund would be asked for: the nights that nothing covers, at what the place costs a week. Only this year's
 * nights are compared with what the pots have left: of the next year's nothing is known. */
static void put_funding(struct text *t, const struct showing *w, const struct near_miss *m)
{
	const struct mend_detail *d = &m->detail;
	int32_t this_year = year_end_after(d->unfunded.first);
	int nights = d->unfunded.last - d->unfunded.first + 1;
	int64_t left;

	json_put_key(t, "funding");
	if (m->mend != MEND_NRPF_FUNDING) {
		json_put_null(t);
		return;
	}
	json_object_begin(t);
	put_day(t, "from", d->unfunded.first);
	put_day(t, "until", d->unfunded.last + 1);
	put_int(t, "nights", nights);
	put_known(t, "weekly_pence", d->there);
	put_known(t, "amount_pence", d->there < 0 ? -1 : weeks_cost(d->there, nights));
	put_day(t, "covered_until", d->covered);
	json_put_key(t, "pot_can_pay");
	if (d->there < 0 || !w->fund_left || !text_to_i64(w->fund_left, &left))
		json_put_null(t);
	else
		json_put_bool(t, weeks_cost(d->there, d->unfunded.last < this_year ? nights
						       : this_year - d->unfunded.first) <= left);
	json_object_end(t);
}

static void put_near_miss(struct text *t, const struct showing *w, const struct near_miss *m)
{
	json_object_begin(t);
	put_place(t, w, m->supply);
	put_int(t, "score", match_share(w->env, w->need, m->verdict.score));
	json_put_key(t, "rule");
	put_piece(t, quoted_rule[m->verdict.first_failed]);
	json_put_key(t, "mend");
	put_piece(t, quoted_mend[m->mend]);
	put_text(t, "mend_detail", search_mend_text(t->arena, m->mend, &m->detail));
	put_nights(t, &m->detail);
	put_funding(t, w, m);
	json_object_end(t);
}

static void put_count(struct text *t, const char *rule, const char *detail, int64_t n)
{
	if (n == 0)
		return;
	json_object_begin(t);
	put_text(t, "rule", rule);
	put_text(t, "detail", detail);
	put_int(t, "count", n);
	json_object_end(t);
}

static void put_counts(struct text *t, const struct match_answer *a)
{
	json_array_begin(t);
	for (int rule = 0; rule < RULE_COUNT; rule++)
		put_count(t, code_at(&rule_codes, rule), code_label(&rule_codes, rule), a->failed[rule]);
	put_count(t, "not_suitable", "Not suitable", a->not_suitable);
	json_array_end(t);
}

static void put_conditions(struct text *t, const char *key, const struct sanctuary *s, enum tri which)
{
	json_put_name(t, key);
	json_array_begin(t);
	for (int i = 0; i < SANCTUARY_COUNT; i++) {
		if (s->condition[i] != which)
			continue;
		json_object_begin(t);
		put_text(t, "code", code_at(&sanctuary_condition_codes, i));
		put_text(t, "detail", code_label(&sanctuary_condition_codes, i));
		json_object_end(t);
	}
	json_array_end(t);
}

/* All four yes: it is the first of the ranking. One unknown is a question; one no says which. */
static void put_sanctuary(struct text *t, const struct sanctuary *s)
{
	json_put_key(t, "sanctuary");
	json_object_begin(t);
	json_put_key(t, "applies");
	json_put_bool(t, s->offered);
	put_known(t, "rank", s->ranked ? 1 : -1);
	put_conditions(t, "missing", s, TRI_UNKNOWN);
	put_conditions(t, "against", s, TRI_NO);
	json_object_end(t);
}

static void put_hex(char out[16], uint64_t n)
{
	for (int i = 15; i >= 0; i--, n >>= 4)
		out[i] = "0123456789abcdef"[n & 15];
}

void search_put_hash(struct text *t, struct input_hash h)
{
	char hex[32];

	put_hex(hex, h.hi);
	put_hex(hex + 16, h.lo);
	json_put_strn(t, hex, sizeof(hex));
}

static void put_possible(struct text *t, const struct match_answer *a, const struct open_question *q, int answer)
{
	bool none = q->row->kind == QUESTION_SET && answer == 1;
	int i = q->row->kind == QUESTION_SET ? answer - 2 : answer;

	json_object_begin(t);
	put_text(t, "answer", none ? "none" : code_at(q->row->list, i));
	put_text(t, "label", none ? "None of these" : code_label(q->row->list, i));
	put_int(t, "keeps", a->matching - q->ruled_out[answer]);
	put_int(t, "rules_out", q->ruled_out[answer]);
	json_object_end(t);
}

enum { ASKED_AT_ONCE = 3 };	/* on the telephone, before the list is read out */

/* Once for the whole answer. Of unsafe places no numbers: they would tell where places are. */
static void put_questions(struct text *t, const struct match_answer *a)
{
	json_put_key(t, "questions");
	json_array_begin(t);
	for (int i = 0; i < a->n_questions; i++) {
		const struct open_question *q = &a->questions[i];

		json_object_begin(t);
		put_text(t, "code", q->row->code);
		put_text(t, "text", q->row->text);
		json_put_key(t, "ask_now");
		json_put_bool(t, i < ASKED_AT_ONCE);
		json_put_key(t, "answers");
		json_array_begin(t);
		for (int answer = 1; answer < question_answers(q->row); answer++)
			put_possible(t, a, q, answer);
		json_array_end(t);
		json_object_end(t);
	}
	json_array_end(t);
}

static void put_answer(struct text *t, const struct board *b, const struct showing *w,
		       const struct match_answer *a)
{
	int first = a->sanctuary.ranked;	/* sanctuary stands before the places */

	json_object_begin(t);
	put_int(t, "total", a->visible);
	put_int(t, "matching", a->matching);
	put_int(t, "asking", a->asking);
	put_int(t, "without_call", a->matching - a->asking);
	json_put_key(t, "options");
	json_array_begin(t);
	for (int i = 0; i < a->n_options; i++)
		put_option(t, w, i + 1 + first, &a->options[i]);
	json_array_end(t);
	put_questions(t, a);
	json_put_key(t, "near_misses");
	json_array_begin(t);
	for (int i = 0; i < a->n_near; i++)
		put_near_miss(t, w, &a->near[i]);
	json_array_end(t);
	json_put_key(t, "not_fitting");
	put_counts(t, a);
	put_sanctuary(t, &a->sanctuary);
	put_text(t, "policy_version", a->policy_version);
	json_put_key(t, "inputs_hash");
	search_put_hash(t, a->hash);
	put_int(t, "board_version", (int64_t)board_version(b));
	json_object_end(t);
}

/* More are of a circle as large as a county: the rest of it divides nothing that these do not. */
enum { DIVIDES_MOST = 256 };

/* Which districts were ruled out, for the watch over what searches together give away
 * (migrations/0041_divisions.sql). The trail does not keep them. */
static void put_divides(struct text *t, struct ctx *c, const struct need *need)
{
	struct match_env env = board_env(ctx_board(c));
	int district[DIVIDES_MOST], n;
	struct text codes = text_in(ctx_arena(c));

	if (need->n_unsafe == 0)
		return;
	n = match_unsafe_districts(&env, need, ctx_arena(c), district, DIVIDES_MOST);
	for (int i = 0; i < n; i++)
		text_printf(&codes, "%s%s", i ? " " : "", geography_outward(env.geography, district[i]));
	put_text(t, "divides", text_done(&codes));
}

/* The budget and the watch over probing count by `case`, `places` and `divides`. */
static void record(struct ctx *c, const struct need *need, const struct match_answer *a,
		   const struct search_of *of)
{
	const char *counted = of->unmet ? of->household : NULL;
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	put_int(&t, "matching", a->matching);
	json_put_key(&t, "not_fitting");
	put_counts(&t, a);
	put_text(&t, "policy_version", a->policy_version);
	json_put_key(&t, "inputs_hash");
	search_put_hash(&t, a->hash);
	json_put_key(&t, "places");
	search_put_hash(&t, need_places_hash(need));
	put_text(&t, "case", of->household);
	put_divides(&t, c, need);
	json_object_end(&t);
	audit(c, "search", "household", counted, counted, text_done(&t));
}

void search_put(struct text *t, struct ctx *c, const struct need *need, const struct search_of *of)
{
	struct board *b = ctx_board(c);
	struct match_env env;
	struct need wanted;
	struct match_answer answer;
	struct match_search search = {
		.env = &env, .need = &wanted, .options = of->options,
		.near_misses = of->near_misses,
		.viewer = { .n_groups = 1, .groups = { board_group(b, ctx_user(c)->partnership_id) } },
	};

	if (!board_fresh(b)) {
		json_put_null(t);
		return;
	}
	env = board_env(b);
	wanted = need_now(&env, need);
	match_index_search(board_index(b), &search, ctx_arena(c), &answer);
	text_room(t, (size_t)(answer.n_options + answer.n_near + 2) * PLACE_BYTES);
	put_answer(t, b, &(struct showing){ &env, &wanted, ctx_can(c, CAN_place), of->fund_left }, &answer);
	record(c, &wanted, &answer, of);
}
