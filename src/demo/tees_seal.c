/* The Tees data file's facts about places and people go to the database only sealed and hashed. */
#include <sodium.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "json/write.h"
#include "seal/blind.h"
#include "sealer.h"
#include "sql.h"

struct sealing {
	const struct demo_load *load;
	struct arena *arena;
	struct db_sync *db;
	/* The subject at hand. */
	struct seal_owner owner;
	struct seal_key key;
	const char *subject;
};

static void drop_json(void *json)
{
	json_decref(json);
}

/* The file is compiled in: it is well formed. */
static json_t *parse(struct arena *a, const char *file)
{
	json_t *json = json_loads(file, 0, NULL);

	arena_defer(a, drop_json, json);
	return json;
}

static void drop_secrets(json_t *household)
{
	json_t *member;
	size_t i;

	json_object_del(household, "contact");
	json_object_del(household, "home");
	json_object_del(household, "parties");
	json_array_foreach(json_object_get(household, "members"), i, member) {
		json_object_del(member, "name");
	}
}

const char *demo_tees_open_part(struct arena *a, const char *file)
{
	json_t *all = parse(a, file), *one;
	struct text t = text_in(a);
	size_t i;

	json_array_foreach(json_object_get(all, "properties"), i, one) {
		json_object_del(one, "address");
		json_object_del(one, "parties");
	}
	json_array_foreach(json_object_get(all, "households"), i, one) {
		drop_secrets(one);
	}
	json_put_value(&t, all);
	return text_done(&t);
}

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static const char *hex_of(struct arena *a, const unsigned char *bytes, size_t n)
{
	char *hex = arena_alloc(a, 2 * n + 1);

	return sodium_bin2hex(hex, 2 * n + 1, bytes, n);
}

/* ---- the subject at hand ---- */

static bool begin_subject(struct sealing *s, enum seal_subject kind, const char *id,
			  const char *organisation)
{
	unsigned char wrapped[SEAL_WRAPPED];

	s->subject = id;
	s->owner = (struct seal_owner){ kind, uuid_or_nil(id), uuid_or_nil(organisation) };
	s->key = demo_key_make(s->load->sealer, s->arena, &s->owner, wrapped);
	return tool_ok(db_sync_query(s->db, s->arena, &SQL_DEMO_PUT_KEY,
				     kind == SEAL_PROPERTY ? "property" : "household", id, organisation,
				     hex_of(s->arena, wrapped, sizeof(wrapped))));
}

static bool put_value(struct sealing *s, enum seal_kind kind, const char *row, const json_t *value)
{
	static const struct sql *const puts[] = {
		[SEAL_ADDRESS] = &SQL_DEMO_PUT_ADDRESS, [SEAL_PERSON] = &SQL_DEMO_PUT_PERSON,
		[SEAL_CONTACT] = &SQL_DEMO_PUT_CONTACT, [SEAL_PARTY] = &SQL_DEMO_PUT_PARTY,
		[SEAL_FIRST_NAME] = &SQL_DEMO_PUT_FIRST_NAME, [SEAL_HOME] = &SQL_DEMO_PUT_HOME,
	};
	struct seal_place place = { s->owner, kind, uuid_or_nil(row) };
	unsigned char sealed[SEAL_SEALED_MAX];
	struct text t = text_in(s->arena);
	const char *plain;
	size_t n;

	json_put_value(&t, value);
	plain = text_done(&t);
	n = seal_value(&s->key, &place, plain, strlen(plain), sealed);
	if (n == 0)
		return tool_fail("a value in the data file is too long to seal") == TOOL_DONE;
	return tool_ok(db_sync_query(s->db, s->arena, puts[kind], row, s->subject,
				     hex_of(s->arena, sealed, n)));
}

static bool put_new_value(struct sealing *s, enum seal_kind kind, json_t *value)
{
	char row[UUID_TEXT];
	bool ok;

	uuid_random(row);
	ok = put_value(s, kind, row, value);
	json_decref(value);
	return ok;
}

/* Where a person's hash is stored. */
struct hashed {
	bool property;
	const char *as;			/* the link to the property, or the purpose */
	const char *member;		/* NULL: a party */
};

static bool put_form(struct sealing *s, enum blind_purpose purpose, enum name_form form, const char *name,
		     int32_t birth, const struct hashed *to)
{
	const char *as = blind_form(form, birth);
	char hash[BLIND_SIZE];

	if (!blind_index(s->load->sealer->keys, purpose, form, name, birth, hash))
		return tool_fail("a name in the data file cannot be indexed") == TOOL_DONE;
	if (to->property)
		return tool_ok(db_sync_query(s->db, s->arena, &SQL_DEMO_PROPERTY_HASH, s->subject, hash,
					     to->as, as));
	return tool_ok(db_sync_query(s->db, s->arena, &SQL_DEMO_PERSON_HASH, s->subject, hash, to->as,
				     to->member, as));
}

static bool put_hash(struct sealing *s, enum blind_purpose purpose, const char *name, int32_t birth,
		     const struct hashed *to)
{
	return put_form(s, purpose, NAME_EXACT, name, birth, to) &&
	       put_form(s, purpose, NAME_POSSIBLE, name, birth, to);
}

static int32_t birth_in(const char *born)
{
	int32_t birth;

	return born && day_parse(born, &birth) ? birth : DAY_NONE;
}

static bool put_hashes(struct sealing *s, enum blind_purpose purpose, enum blind_side side,
		       const json_t *person, const struct hashed *to)
{
	int32_t births[BLIND_BIRTHS];
	int n = blind_births(side, birth_in(text_of(person, "born")), births);
	bool ok = true;

	for (int i = 0; ok && i < n; i++)
		ok = put_hash(s, purpose, text_of(person, "name"), births[i], to);
	return ok;
}

/* ---- properties ---- */

static json_t *address_value(const json_t *address)
{
	const char *line = text_of(address, "address"), *comma;
	json_t *lines = json_array();

	while ((comma = strstr(line, ", "))) {
		json_array_append_new(lines, json_stringn(line, (size_t)(comma - line)));
		line = comma + 2;
	}
	json_array_append_new(lines, json_string(line));
	return json_pack("{s:o, s:O, s:O*}", "lines", lines, "postcode",
			 json_object_get(address, "postcode"), "access_note",
			 json_object_get(address, "access_note"));
}

static bool seal_property(struct sealing *s, const json_t *property, const struct batch *b, int row)
{
	const char *id = batch_value(b, 0, row, "id");
	json_t *address = address_value(json_object_get(property, "address")), *party;
	bool ok;
	size_t i;

	ok = begin_subject(s, SEAL_PROPERTY, id, batch_value(b, 0, row, "organisation_id")) &&
	     put_value(s, SEAL_ADDRESS, id, address);
	json_decref(address);
	json_array_foreach(json_object_get(property, "parties"), i, party) {
		const struct hashed to = { true, text_of(party, "link"), NULL };

		ok = ok && put_hashes(s, BLIND_PARTY, BLIND_COMPARED, party, &to);
	}
	return ok;
}

/* ---- households ---- */

/* A date of birth that fits the age on the day of loading, the same for the same name and age. */
static void birth_of(int32_t today, const json_t *member, char born[11])
{
	const char *name = text_of(member, "name");
	int year, month, mday, days = 0;

	day_to_civil(today, &year, &month, &mday);
	for (const char *c = name; *c; c++)
		days = (days * 31 + (unsigned char)*c) % 256;
	year -= (int)json_integer_value(json_object_get(member, "age"));
	day_format(day_from_civil(year, month, mday > 28 ? 28 : mday) - days, born);
}

static bool seal_first_name(struct sealing *s, const char *name, const char *id)
{
	json_t *first = json_pack("{s:s%}", "first_name", name, strcspn(name, " "));
	bool ok = put_value(s, SEAL_FIRST_NAME, id, first);

	json_decref(first);
	return ok;
}

static bool seal_member(struct sealing *s, const json_t *member, const char *id)
{
	const struct hashed as_person = { false, "person", id };
	const struct hashed as_link = { false, "link", id };
	const struct hashed as_resident = { false, "resident", id };
	const char *name = text_of(member, "name");
	char born[11];
	json_t *person, *known;
	bool ok;

	birth_of(s->load->today, member, born);
	person = json_pack("{s:s, s:s}", "name", name, "birth_date", born);
	known = json_pack("{s:s, s:s}", "name", name, "born", born);
	ok = put_value(s, SEAL_PERSON, id, person) &&
	     put_hash(s, BLIND_PERSON, name, birth_in(born), &as_person) &&
	     put_hashes(s, BLIND_LINK, BLIND_IN_CASE, known, &as_link) &&
	     put_hashes(s, BLIND_PARTY, BLIND_COMPARED, known, &as_resident);
	json_decref(person);
	json_decref(known);
	return ok && (!text_eq(text_of(member, "kind"), "main") || seal_first_name(s, name, id));
}

static bool seal_party(struct sealing *s, const json_t *party)
{
	const struct hashed as_party = { false, "party", NULL };
	const struct hashed as_link = { false, "link", NULL };

	return put_hashes(s, BLIND_PARTY, BLIND_IN_CASE, party, &as_party) &&
	       put_hashes(s, BLIND_LINK, BLIND_IN_CASE, party, &as_link) &&
	       (!text_of(party, "description") ||
		put_new_value(s, SEAL_PARTY, json_pack("{s:O, s:O?}", "description", json_object_get(party, "description"),
						       "vehicle", json_object_get(party, "vehicle"))));
}

/* b has one row a member, *row is the household's first. */
static bool seal_household(struct sealing *s, const json_t *household, const struct batch *b, int *row)
{
	json_t *contact = json_object_get(household, "contact"), *home = json_object_get(household, "home"), *one;
	size_t i;

	if (!begin_subject(s, SEAL_HOUSEHOLD, batch_value(b, 0, *row, "household_id"),
			   batch_value(b, 0, *row, "organisation_id")))
		return false;
	if ((contact && !put_new_value(s, SEAL_CONTACT, json_incref(contact))) ||
	    (home && !put_new_value(s, SEAL_HOME, json_incref(home))))
		return false;
	json_array_foreach(json_object_get(household, "members"), i, one) {
		if (!seal_member(s, one, batch_value(b, 0, (*row)++, "member_id")))
			return false;
	}
	json_array_foreach(json_object_get(household, "parties"), i, one) {
		if (!seal_party(s, one))
			return false;
	}
	return true;
}

/* ---- all ---- */

static bool seal_properties(struct sealing *s, const json_t *all, const char *file)
{
	struct batch *b = db_sync_query(s->db, s->arena, &SQL_DEMO_PROPERTY_IDS, file);
	json_t *property;
	size_t i;

	if (!tool_ok(b))
		return false;
	json_array_foreach(json_object_get(all, "properties"), i, property) {
		if (!seal_property(s, property, b, (int)i))
			return false;
	}
	return true;
}

static bool seal_households(struct sealing *s, const json_t *all, const char *file)
{
	struct batch *b = db_sync_query(s->db, s->arena, &SQL_DEMO_MEMBER_IDS, file);
	json_t *household;
	int row = 0;
	size_t i;

	if (!tool_ok(b))
		return false;
	json_array_foreach(json_object_get(all, "households"), i, household) {
		if (!seal_household(s, household, b, &row))
			return false;
	}
	return true;
}

bool demo_tees_seal(const struct demo_load *l, const char *file)
{
	struct sealing s = { .load = l, .arena = l->tool->arena, .db = l->tool->db };
	const char *open_part = demo_tees_open_part(s.arena, file);
	json_t *all = parse(s.arena, file);
	bool ok = !l->sealer->keys ||
		  (seal_properties(&s, all, open_part) && seal_households(&s, all, open_part));

	seal_forget(&s.key);
	return ok;
}
