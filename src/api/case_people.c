/* The people of a household: the vault hashes and seals them; nothing else is stored. */
#include <string.h>

#include "base/uuid.h"
#include "case.h"
#include "sql.h"

static const char *person_plain(struct ctx *c, const struct member_in *m)
{
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_text(&t, "name", m->name);
	json_put_text(&t, "birth_date", m->birth_date);
	json_object_end(&t);
	return text_done(&t);
}

void secrets_add_first_name(struct ctx *c, struct secrets *s, const char *member, const char *first_name)
{
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_text(&t, "first_name", first_name);
	json_object_end(&t);
	secrets_seal(s, SEAL_FIRST_NAME, member, text_done(&t));
}

/* The first word, or of "Fave, Renee" the first after the comma. Where that is wrong the case worker says what
 * the person is called. */
static const char *first_of(struct ctx *c, const char *name)
{
	const char *comma = strchr(name, ','), *at = comma ? comma + 1 : name;

	at += strspn(at, " ");
	return arena_strndup(ctx_arena(c), at, strcspn(at, " "));
}

static void add_first_name(struct ctx *c, struct secrets *s, const char *id, const struct member_in *m)
{
	const char *first = first_of(c, m->name);

	if (m->kind && !text_eq(m->kind, "main"))
		return;
	if (name_identifies(m->name) && name_identifies(first))
		secrets_add_first_name(c, s, id, first);
}

void secrets_add_member(struct ctx *c, struct secrets *s, const char *id, const struct member_in *m)
{
	if (m->name && m->birth_date)
		secrets_hash(s, BLIND_PERSON, m->name, secrets_birth(m->birth_date), id);
	if (m->name)
		secrets_hash_births(s, BLIND_LINK, BLIND_IN_CASE, m->name, m->birth_date, id);
	if (m->name)
		secrets_hash_births(s, BLIND_PARTY, BLIND_COMPARED, m->name, m->birth_date, id);
	if (m->name)
		add_first_name(c, s, id, m);
	if (m->name || m->birth_date)
		secrets_seal(s, SEAL_PERSON, id, person_plain(c, m));
}

static const char *new_row(struct ctx *c)
{
	char *id = arena_alloc(ctx_arena(c), UUID_TEXT);

	uuid_random(id);
	return id;
}

static const char *party_plain(struct ctx *c, const struct party_in *p)
{
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_text(&t, "description", p->description);
	json_put_text(&t, "vehicle", p->vehicle);
	json_object_end(&t);
	return text_done(&t);
}

void secrets_add_party(struct ctx *c, struct secrets *s, const struct party_in *p)
{
	if (p->name) {
		secrets_hash_births(s, BLIND_PARTY, BLIND_IN_CASE, p->name, p->birth_date, NULL);
		secrets_hash_births(s, BLIND_LINK, BLIND_IN_CASE, p->name, p->birth_date, NULL);
	}
	if (p->description || p->vehicle)
		secrets_seal(s, SEAL_PARTY, new_row(c), party_plain(c, p));
}

static const char *contact_plain(struct ctx *c, const struct contact_in *contact)
{
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_text(&t, "phone", contact->phone);
	json_put_text(&t, "phone_extension", contact->phone_extension);
	json_put_key(&t, "phone_text_relay");
	json_put_tri(&t, contact->phone_text_relay);
	json_put_text(&t, "hours", contact->hours);
	json_put_key(&t, "voicemail");
	json_put_tri(&t, contact->voicemail);
	json_put_text(&t, "code_word", contact->code_word);
	json_object_end(&t);
	return text_done(&t);
}

void secrets_add_contact(struct ctx *c, struct secrets *s, const struct contact_in *contact)
{
	secrets_seal(s, SEAL_CONTACT, new_row(c), contact_plain(c, contact));
}

void secrets_add_home(struct ctx *c, struct secrets *s, const struct home_in *home, const char *postcode)
{
	const char *const *line = home->lines.items;
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_key(&t, "lines");
	json_array_begin(&t);
	for (size_t i = 0; i < home->lines.n; i++)
		json_put_str(&t, line[i]);
	json_array_end(&t);
	json_put_text(&t, "postcode", postcode);
	json_object_end(&t);
	secrets_seal(s, SEAL_HOME, new_row(c), text_done(&t));
}

void secrets_store_people(struct ctx *c, const struct secrets *s, const char *household)
{
	const struct store {
		enum seal_kind kind;
		const struct sql *sql;
	} stores[] = {
		{ SEAL_PERSON, &SQL_HOUSEHOLD_PUT_PEOPLE },
		{ SEAL_CONTACT, &SQL_HOUSEHOLD_PUT_CONTACT },
		{ SEAL_PARTY, &SQL_HOUSEHOLD_PUT_PARTIES },
		{ SEAL_FIRST_NAME, &SQL_HOUSEHOLD_PUT_FIRST_NAME },
		{ SEAL_HOME, &SQL_HOUSEHOLD_PUT_HOME },
	};
	const char *hashes = secrets_hashes(c, s);

	secrets_store_key(c, s);
	for (size_t i = 0; i < sizeof(stores) / sizeof(*stores); i++) {
		const char *sealed = secrets_sealed(c, s, stores[i].kind);

		if (sealed)
			query(c, stores[i].sql, household, sealed);
	}
	if (hashes)
		query(c, &SQL_HOUSEHOLD_ADD_HASHES, household, hashes);
}
