#include "secrets.h"

#include <sodium.h>
#include <string.h>

#include "base/date.h"
#include "base/uuid.h"
#include "json/write.h"
#include "sql.h"
#include "vault/request.h"

struct secrets *secrets_new(struct ctx *c, size_t most, step *after)
{
	struct secrets *s = arena_new_of(ctx_arena(c), struct secrets);

	s->list = arena_array_of(ctx_arena(c), most, struct secret);
	s->after = after;
	ctx_set_secrets(c, s);
	return s;
}

void secrets_seal(struct secrets *s, enum seal_kind kind, const char *row, const char *plain)
{
	s->list[s->n++] = (struct secret){ .kind = kind, .row = row, .plain = plain };
}

void secrets_hash(struct secrets *s, enum blind_purpose purpose, const char *name, int32_t birth,
		  const char *member)
{
	if (name_identifies(name))
		s->list[s->n++] = (struct secret){
			.purpose = purpose, .name = name, .birth = birth, .member = member
		};
}

void secrets_hash_births(struct secrets *s, enum blind_purpose purpose, enum blind_side side,
			 const char *name, const char *birth_date, const char *member)
{
	int32_t births[BLIND_BIRTHS];
	int n = blind_births(side, secrets_birth(birth_date), births);

	for (int i = 0; i < n; i++)
		secrets_hash(s, purpose, name, births[i], member);
}

int32_t secrets_birth(const char *birth_date)
{
	int32_t birth;

	return birth_date && day_parse(birth_date, &birth) ? birth : DAY_NONE;
}

/* ---- the subject ---- */

void secrets_of(struct secrets *s, enum seal_subject kind, const char *id, const char *organisation)
{
	s->subject = id;
	s->organisation = organisation;
	s->owner = (struct seal_owner){ kind, uuid_or_nil(id), uuid_or_nil(organisation) };
}

static bool unhex(const char *hex, unsigned char *to, size_t n)
{
	size_t len = 0;

	return sodium_hex2bin(to, n, hex, strlen(hex), NULL, &len, NULL) == 0 && len == n;
}

static const char *hex_of(struct ctx *c, const unsigned char *bytes, size_t n)
{
	char *hex = arena_alloc(ctx_arena(c), 2 * n + 1);

	return sodium_bin2hex(hex, 2 * n + 1, bytes, n);
}

/* The strings outlive the batch: all are in the request's arena. */
struct reply secrets_found(struct ctx *c)
{
	struct secrets *s = ctx_secrets(c);
	const char *wrapped;

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_NOT_FOUND);
	if (text_eq(value(c, 0, 0, "destroyed"), "t"))
		return problem_detail(c, PROBLEM_WRONG_STATE, "Its secrets were erased: nothing can be added");
	secrets_of(s, text_eq(value(c, 0, 0, "subject_kind"), "property") ? SEAL_PROPERTY : SEAL_HOUSEHOLD,
		   value(c, 0, 0, "subject"), value(c, 0, 0, "organisation"));
	wrapped = value(c, 0, 0, "wrapped");
	s->wrapped_known = wrapped && unhex(wrapped, s->wrapped, sizeof(s->wrapped));
	return secrets_ask(c);
}

/* ---- asking ---- */

static void take_sealed(struct ctx *c, struct secrets *s, struct secret *one,
			const struct vault_answer *answer)
{
	one->sealed = hex_of(c, answer->sealed, answer->sealed_len);
	if (s->wrapped_known)
		return;
	memcpy(s->wrapped, answer->wrapped, sizeof(s->wrapped));
	s->wrapped_known = true;
	s->new_key = hex_of(c, s->wrapped, sizeof(s->wrapped));
}

static void take_hashes(struct secret *one, const struct vault_answer *answer)
{
	memcpy(one->exact, answer->text, BLIND_SIZE - 1);
	memcpy(one->possible, answer->text + BLIND_SIZE - 1, BLIND_SIZE - 1);
}

static struct reply answered(struct ctx *c)
{
	struct secrets *s = ctx_secrets(c);
	const struct vault_answer *answer = ctx_answer(c);
	struct secret *one = &s->list[s->at];

	if (answer->status != VAULT_OK)
		return problem(c, PROBLEM_UNAVAILABLE);
	if (one->purpose)
		take_hashes(one, answer);
	else
		take_sealed(c, s, one, answer);
	s->at++;
	return secrets_ask(c);
}

static bool build(const struct secrets *s, const struct secret *one, struct vault_request *r)
{
	struct seal_place place = { s->owner, one->kind, { 0, 0 } };

	if (!one->purpose) {
		place.row = uuid_or_nil(one->row);
		return vault_request_seal(r, &place, s->wrapped_known ? s->wrapped : NULL, one->plain);
	}
	return vault_request_blind(r, one->purpose, one->name, one->birth);
}

struct reply secrets_ask(struct ctx *c)
{
	struct secrets *s = ctx_secrets(c);
	struct vault_request *r;

	if (s->at == s->n)
		return s->after(c);
	r = arena_new_of(ctx_arena(c), struct vault_request);
	if (!build(s, &s->list[s->at], r))
		return problem(c, PROBLEM_UNAVAILABLE);
	return ask(c, r, answered);
}

struct reply not_shown(struct ctx *c, enum problem spent)
{
	switch (ctx_answer(c)->status) {
	case VAULT_WRONG:
		return problem(c, PROBLEM_NOT_FOUND);
	case VAULT_SPENT:
		return problem(c, spent);
	case VAULT_NO_SESSION:
		return problem(c, PROBLEM_NOT_SIGNED_IN);
	default:
		return problem(c, PROBLEM_UNAVAILABLE);
	}
}

/* ---- storing ---- */

void secrets_store_key(struct ctx *c, const struct secrets *s)
{
	if (s->new_key)
		query(c, &SQL_SECRETS_PUT_KEY, s->owner.kind == SEAL_PROPERTY ? "property" : "household",
		      s->subject, s->organisation, s->new_key);
}

static const char *done_list(struct text *t, size_t n)
{
	json_array_end(t);
	return n ? text_done(t) : NULL;
}

const char *secrets_sealed(struct ctx *c, const struct secrets *s, enum seal_kind kind)
{
	struct text t = text_in(ctx_arena(c));
	size_t n = 0;

	json_array_begin(&t);
	for (const struct secret *one = s->list; one < s->list + s->n; one++) {
		if (one->purpose || one->kind != kind)
			continue;
		json_object_begin(&t);
		json_put_text(&t, "id", one->row);
		json_put_text(&t, "sealed", one->sealed);
		json_object_end(&t);
		n++;
	}
	return done_list(&t, n);
}

static void put_hash(struct text *t, const struct secret *one, enum name_form form)
{
	static const char *const purposes[] = {
		[BLIND_PERSON] = "person", [BLIND_PARTY] = "party", [BLIND_LINK] = "link",
	};
	/* a member is compared with the parties of other cases, as people of properties are */
	bool resident = one->purpose == BLIND_PARTY && one->member;

	json_object_begin(t);
	json_put_text(t, "member", one->member);
	json_put_text(t, "purpose", resident ? "resident" : purposes[one->purpose]);
	json_put_text(t, "form", blind_form(form, one->birth));
	json_put_text(t, "hash", form == NAME_EXACT ? one->exact : one->possible);
	json_object_end(t);
}

const char *secrets_hashes(struct ctx *c, const struct secrets *s)
{
	struct text t = text_in(ctx_arena(c));
	size_t n = 0;

	json_array_begin(&t);
	for (const struct secret *one = s->list; one < s->list + s->n; one++) {
		if (!one->purpose)
			continue;
		put_hash(&t, one, NAME_EXACT);
		put_hash(&t, one, NAME_POSSIBLE);
		n++;
	}
	return done_list(&t, n);
}
