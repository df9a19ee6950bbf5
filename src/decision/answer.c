/* The answer of a decision: every kept place judged by the plain evaluator, and where the chosen one
 * stands among them. */
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "base/text.h"
#include "decision/decision.h"
#include "json/input.h"
#include "json/write.h"

/* ---- making it ---- */

/* Places stand in the order of their rank, which ends ties that the day does not end. */
static bool goes_before(const struct decision_made *d, const struct verdict *v, int i, int k)
{
	if (v[i].score != v[k].score)
		return v[i].score > v[k].score;
	return d->places[i]->from != d->places[k]->from ? d->places[i]->from < d->places[k]->from : i < k;
}

/* The places that fit and go before the chosen one: all of them, where that does not fit. */
static int passed_over(const struct decision_made *d, const struct verdict *v)
{
	int n = 0;

	for (int i = 0; i < d->n; i++)
		n += i != d->chosen && v[i].fits && (!v[d->chosen].fits || goes_before(d, v, i, d->chosen));
	return n;
}

static void put_rules(struct text *t, const struct verdict *v, enum outcome which)
{
	json_array_begin(t);
	for (int rule = 0; rule < RULE_COUNT; rule++)
		if (v->outcome[rule] == which)
			json_put_str(t, rule_rows[rule].hidden ? "not_suitable" : rule_rows[rule].name);
	json_array_end(t);
}

static void put_reasons(struct text *t, const struct verdict *v)
{
	json_put_key(t, "reasons");
	json_object_begin(t);
	for (int i = 0; i < v->n_reasons; i++) {
		json_put_name(t, code_at(&score_reason_codes, (int)v->reasons[i].code));
		json_put_i64(t, v->reasons[i].points);
	}
	json_object_end(t);
}

static void put_verdict(struct text *t, const struct decision_made *d, const struct verdict *judged)
{
	struct verdict v = *judged;

	verdict_hide(&v);
	json_object_begin(t);
	json_put_key(t, "points");
	json_put_i64(t, v.score);
	json_put_key(t, "score");
	json_put_i64(t, match_share(d->env, d->need, v.score));
	json_put_key(t, "asks");
	put_rules(t, &v, OUTCOME_ASK);
	json_put_key(t, "open");
	put_rules(t, &v, OUTCOME_OPEN);
	json_put_key(t, "fails");
	put_rules(t, &v, OUTCOME_FAIL);
	put_reasons(t, &v);
	json_object_end(t);
}

const char *decision_answer(struct arena *a, const struct decision_made *d)
{
	struct verdict v[DECISION_PLACES];
	struct text t = text_in(a);

	for (int i = 0; i < d->n; i++)
		match_pair(d->env, d->need, d->places[i], &v[i]);
	json_object_begin(&t);
	json_put_text(&t, "policy", d->env->policy->version);
	json_put_key(&t, "sanctuary");
	json_put_bool(&t, sanctuary_of(d->need).ranked);
	json_put_key(&t, "chosen");
	json_put_i64(&t, d->chosen);
	json_put_key(&t, "passed_over");
	json_put_i64(&t, passed_over(d, v));
	json_put_key(&t, "places");
	json_array_begin(&t);
	for (int i = 0; i < d->n; i++)
		put_verdict(&t, d, &v[i]);
	json_array_end(&t);
	json_object_end(&t);
	return text_done(&t);
}

/* ---- comparing two ---- */

static const char *told(struct arena *a, const json_t *value)
{
	struct text t = text_in(a);

	if (!value)
		return "nothing";
	json_put_value(&t, value);
	return text_done(&t);
}

/* The first member in which two objects differ: "points was 74, is 71". */
static const char *member_difference(struct arena *a, const json_t *then, const json_t *now)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)now, key, value)
		if (!json_equal(json_object_get(then, key), value) && !text_eq(key, "places"))
			return arena_printf(a, "%s was %s, is %s", key, told(a, json_object_get(then, key)),
					    told(a, value));
	return NULL;
}

static const char *place_difference(struct arena *a, const json_t *then, const json_t *now)
{
	const json_t *was = json_object_get(then, "places"), *is = json_object_get(now, "places");

	for (size_t i = 0; i < json_array_size(is); i++) {
		const char *what = member_difference(a, json_array_get(was, i), json_array_get(is, i));

		if (what)
			return arena_printf(a, "place %zu: %s", i + 1, what);
	}
	return NULL;
}

const char *decision_difference(struct arena *a, const char *then, const char *now)
{
	const json_t *was = json_read(a, then, strlen(then)), *is = json_read(a, now, strlen(now));
	const char *what;

	if (text_eq(then, now))
		return NULL;
	if (!was)
		return "the answer that was kept cannot be read";
	what = member_difference(a, was, is);
	if (!what)
		what = place_difference(a, was, is);
	return what ? what : "the answer that was kept is written otherwise";
}

static void hash_line(crypto_generichash_state *state, const char *line)
{
	crypto_generichash_update(state, (const unsigned char *)line, strlen(line));
	crypto_generichash_update(state, (const unsigned char *)"\n", 1);
}

void decision_hash(const char *policy_digest, const char *inputs, const char *answer, char out[DECISION_HASH])
{
	unsigned char digest[(DECISION_HASH - 1) / 2];
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, sizeof(digest));
	hash_line(&state, policy_digest);
	hash_line(&state, inputs);
	hash_line(&state, answer);
	crypto_generichash_final(&state, digest, sizeof(digest));
	sodium_bin2hex(out, DECISION_HASH, digest, sizeof(digest));
}
