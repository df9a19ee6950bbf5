#include "opened.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "database.h"
#include "memory.h"

static const struct table {
	const char *name, *row, *subject;
	enum seal_subject kind;
} tables[] = {
	[SEAL_ADDRESS] = { "property_address", "property_id", "property_id", SEAL_PROPERTY },
	[SEAL_PERSON] = { "person", "member_id", "household_id", SEAL_HOUSEHOLD },
	[SEAL_CONTACT] = { "safe_contact", "id", "household_id", SEAL_HOUSEHOLD },
	[SEAL_PARTY] = { "party", "id", "household_id", SEAL_HOUSEHOLD },
	[SEAL_FIRST_NAME] = { "first_name", "id", "household_id", SEAL_HOUSEHOLD },
	[SEAL_PAYEE] = { "payee", "id", "household_id", SEAL_HOUSEHOLD },
	[SEAL_HOME] = { "home", "id", "household_id", SEAL_HOUSEHOLD },
};

static struct uuid uuid_of(const char *text)
{
	struct uuid u = { 0, 0 };

	cr_assert(text && uuid_parse(text, &u), "no UUID: %s", text);
	return u;
}

static size_t unhex(const char *hex, unsigned char *to, size_t size)
{
	size_t n = 0;

	cr_assert(hex && sodium_hex2bin(to, size, hex, strlen(hex), NULL, &n, NULL) == 0, "no bytes: %s", hex);
	return n;
}

/* A column of the row's data key. */
static const char *of_key(const struct table *t, const char *column, const char *row)
{
	return sql("SELECT %s FROM vault.%s v JOIN vault.data_key k ON k.subject_id = v.%s WHERE v.%s = '%s'", column,
		   t->name, t->subject, t->row, row);
}

const char *opened(const char *key_file, enum seal_kind kind, const char *row)
{
	const struct table *t = &tables[kind];
	const char *hex = sql("SELECT encode(sealed, 'hex') FROM vault.%s WHERE %s = '%s'", t->name, t->row, row), *error;
	unsigned char sealed[SEAL_SEALED_MAX], wrapped[SEAL_WRAPPED];
	char *text = arena_alloc(test_memory(), SEAL_TEXT_MAX + 1);
	struct seal_place place = { .kind = kind };
	struct vault_keys *keys;
	struct seal_key key;
	size_t len;

	if (!hex)
		return NULL;
	keys = vault_keys_load(key_file, &error);
	cr_assert(keys, "%s: %s", key_file, error);
	len = unhex(hex, sealed, sizeof(sealed));
	place.row = uuid_of(row);
	place.owner = (struct seal_owner){ t->kind, uuid_of(of_key(t, "k.subject_id", row)),
					   uuid_of(of_key(t, "k.organisation_id", row)) };
	cr_assert_eq(unhex(of_key(t, "encode(k.wrapped, 'hex')", row), wrapped, sizeof(wrapped)), sizeof(wrapped));
	cr_assert(seal_key_open(keys, &place.owner, wrapped, &key), "the data key opens");
	cr_assert(seal_open(&key, &place, sealed, len, text), "the value opens");
	vault_keys_free(keys);
	return text;
}
