/* Keyed hashes of people, asked of the vault one after the other. */
#include <string.h>

#include "base/date.h"
#include "case.h"

struct people people_for(struct ctx *c, size_t most, step *after)
{
	return (struct people){
		.list = arena_array_of(ctx_arena(c), most, struct hashed),
		.after = after,
	};
}

void people_add_member(struct people *p, const char *id, const struct member_in *m)
{
	if (m->name && m->birth_date)
		p->list[p->n++] = (struct hashed){
			.purpose = BLIND_PERSON,
			.name = m->name,
			.birth_date = m->birth_date,
			.member = id,
		};
}

void people_add_party(struct people *p, const struct party_in *party)
{
	p->list[p->n++] = (struct hashed){
		.purpose = BLIND_PARTY,
		.name = party->name,
		.birth_date = party->birth_date,
	};
}

static struct reply answered(struct ctx *c)
{
	struct people *p = ctx_get(c);
	const struct vault_answer *answer = ctx_answer(c);
	struct hashed *h = &p->list[p->at];

	if (answer->status != VAULT_OK)
		return problem(c, PROBLEM_UNAVAILABLE);
	memcpy(h->hash, answer->text, sizeof(h->hash));
	p->at++;
	return people_hash(c);
}

struct reply people_hash(struct ctx *c)
{
	struct people *p = ctx_get(c);
	struct vault_request *r = arena_new_of(ctx_arena(c), struct vault_request);
	const struct hashed *h = &p->list[p->at];
	int32_t birth = DAY_NONE;

	if (p->at == p->n)
		return p->after(c);
	if (h->birth_date && !day_parse(h->birth_date, &birth))
		birth = DAY_NONE;
	if (!vault_request_blind(r, h->purpose, h->name, birth))
		return problem(c, PROBLEM_UNAVAILABLE);
	return ask(c, r, answered);
}

const char *people_json(struct ctx *c, const struct people *p)
{
	struct text t = text_in(ctx_arena(c));

	json_array_begin(&t);
	for (size_t i = 0; i < p->n; i++) {
		json_object_begin(&t);
		json_put_key(&t, "member");
		json_put_str(&t, p->list[i].member);
		json_put_key(&t, "purpose");
		json_put_str(&t, p->list[i].purpose == BLIND_PARTY ? "party" : "person");
		json_put_key(&t, "hash");
		json_put_str(&t, p->list[i].hash);
		json_object_end(&t);
	}
	json_array_end(&t);
	return text_done(&t);
}
