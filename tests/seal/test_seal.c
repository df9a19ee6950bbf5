/* A sealed value opens unchanged in its own place with its own key, and nowhere else. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "fresh_keys.h"
#include "seal/seal.h"

#define TEXT "{\"name\":\"Canary Quill\",\"birth_date\":\"1991-07-13\"}"

static struct vault_keys *keys;
static struct seal_key key;
static unsigned char wrapped[SEAL_WRAPPED];
static const struct seal_owner owner = { SEAL_HOUSEHOLD, { 1, 2 }, { 3, 4 } };
static const struct seal_place place = { { SEAL_HOUSEHOLD, { 1, 2 }, { 3, 4 } }, SEAL_PERSON, { 5, 6 } };

static void start(void)
{
	keys = new_keys();
	seal_key_make(keys, &owner, &key, wrapped);
}

static void stop(void)
{
	vault_keys_free(keys);
}

TestSuite(seal, .init = start, .fini = stop);

static size_t seal_text(const char *text, unsigned char out[SEAL_SEALED_MAX])
{
	return seal_value(&key, &place, text, strlen(text), out);
}

static bool opens(const struct seal_key *with, const struct seal_place *at, const unsigned char *sealed,
		  size_t len)
{
	char text[SEAL_TEXT_MAX + 1];

	return seal_open(with, at, sealed, len, text) && strcmp(text, TEXT) == 0;
}

Test(seal, opens_as_it_was_written)
{
	unsigned char sealed[SEAL_SEALED_MAX];
	size_t len = seal_text(TEXT, sealed);
	struct seal_key again;

	cr_assert_gt(len, 0);
	cr_assert(opens(&key, &place, sealed, len), "with the key it was made with");
	cr_assert(seal_key_open(keys, &owner, wrapped, &again), "the wrapped key opens");
	cr_assert(opens(&again, &place, sealed, len), "and opens the value");
	cr_assert_null(memmem(sealed, len, "Canary", 6), "nothing of it shows");
	cr_assert_null(memmem(wrapped, sizeof(wrapped), key.bytes, sizeof(key.bytes)), "nor of the key");
}

Test(seal, every_changed_bit_is_noticed)
{
	unsigned char sealed[SEAL_SEALED_MAX];
	size_t len = seal_text(TEXT, sealed);
	struct seal_key other;

	for (size_t bit = 0; bit < 8 * len; bit++) {
		sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
		cr_assert(!opens(&key, &place, sealed, len), "bit %zu of the value", bit);
		sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * sizeof(wrapped); bit++) {
		wrapped[bit / 8] ^= (unsigned char)(1 << bit % 8);
		cr_assert(!seal_key_open(keys, &owner, wrapped, &other), "bit %zu of the key", bit);
		wrapped[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	cr_assert(opens(&key, &place, sealed, len), "as it was");
}

Test(seal, what_is_cut_or_grown_does_not_open)
{
	unsigned char sealed[SEAL_SEALED_MAX + 1] = { 0 };
	size_t len = seal_text(TEXT, sealed);

	for (size_t n = 0; n < sizeof(sealed); n++)
		cr_assert_eq(opens(&key, &place, sealed, n), n == len, "%zu bytes of %zu", n, len);
}

/* Each place differs from the right one in one member. */
static struct seal_place elsewhere(int how)
{
	struct seal_place p = place;

	switch (how) {
	case 0: p.row.lo++; break;
	case 1: p.row.hi++; break;
	case 2: p.owner.id.lo++; break;
	case 3: p.owner.id.hi++; break;
	case 4: p.owner.organisation.lo++; break;
	case 5: p.owner.organisation.hi++; break;
	case 6: p.kind = SEAL_PARTY; break;
	case 7: p.owner.kind = SEAL_PROPERTY; break;
	case 8: p.row = p.owner.id; break;
	}
	return p;
}

enum { ELSEWHERES = 9 };

Test(seal, moved_to_another_row_column_subject_or_organisation_it_does_not_open)
{
	unsigned char sealed[SEAL_SEALED_MAX];
	size_t len = seal_text(TEXT, sealed);

	for (int how = 0; how < ELSEWHERES; how++) {
		struct seal_place p = elsewhere(how);

		cr_assert(!opens(&key, &p, sealed, len), "elsewhere %d", how);
		/* nor after it was relabelled */
		sealed[1] = (unsigned char)p.kind;
		cr_assert(!opens(&key, &p, sealed, len), "relabelled %d", how);
		sealed[1] = SEAL_PERSON;
	}
}

Test(seal, a_wrapped_key_is_its_subject_s_alone)
{
	struct seal_key other;

	for (int how = 2; how < ELSEWHERES - 1; how++) {
		struct seal_place p = elsewhere(how);

		if (how == 6)	/* here another kind has the same owner */
			continue;
		cr_assert(!seal_key_open(keys, &p.owner, wrapped, &other), "owner %d", how);
	}
	cr_assert(sodium_is_zero((unsigned char *)&other, sizeof(other)), "and nothing is left of it");
}

Test(seal, other_keys_do_not_open_it)
{
	unsigned char sealed[SEAL_SEALED_MAX], wrapped_too[SEAL_WRAPPED];
	size_t len = seal_text(TEXT, sealed);
	struct vault_keys *others = new_keys();
	struct seal_key other;

	seal_key_make(keys, &owner, &other, wrapped_too);
	cr_assert(!opens(&other, &place, sealed, len), "another data key of the same subject");
	memcpy(other.id, key.id, sizeof(key.id));
	cr_assert(!opens(&other, &place, sealed, len), "by whatever name");
	cr_assert(!seal_key_open(others, &owner, wrapped, &other), "another root");
	vault_keys_free(others);
}

Test(seal, the_same_is_sealed_differently_each_time)
{
	unsigned char one[SEAL_SEALED_MAX], two[SEAL_SEALED_MAX], wrapped_too[SEAL_WRAPPED];
	struct seal_key other;
	size_t len = seal_text(TEXT, one);

	cr_assert_eq(seal_text(TEXT, two), len);
	cr_assert_neq(memcmp(one + SEAL_HEAD, two + SEAL_HEAD, len - SEAL_HEAD), 0, "a fresh nonce");
	seal_key_make(keys, &owner, &other, wrapped_too);
	cr_assert_neq(memcmp(key.bytes, other.bytes, sizeof(key.bytes)), 0, "random keys");
}

/* A name of one letter and one of 400 bytes have the same sealed length; so have all addresses
 * below a kilobyte. */
Test(seal, lengths_tell_little)
{
	static const size_t longest[] = { [SEAL_ADDRESS] = 4095, [SEAL_PERSON] = 1023, [SEAL_CONTACT] = 1023,
					  [SEAL_PARTY] = 3071 };
	static const size_t classes[] = { [SEAL_ADDRESS] = 4, [SEAL_PERSON] = 2, [SEAL_CONTACT] = 1, [SEAL_PARTY] = 3 };
	static char text[SEAL_TEXT_MAX + 1];
	unsigned char sealed[SEAL_SEALED_MAX];

	memset(text, 'x', sizeof(text));
	for (int kind = SEAL_ADDRESS; kind <= SEAL_PARTY; kind++) {
		struct seal_place p = { { kind == SEAL_ADDRESS ? SEAL_PROPERTY : SEAL_HOUSEHOLD, { 1, 2 }, { 3, 4 } }, kind, { 5, 6 } };
		size_t last = 0, seen = 0;

		cr_assert(seal_place_ok(&p));
		for (size_t len = 0; len <= longest[kind]; len++) {
			size_t n = seal_value(&key, &p, text, len, sealed);

			cr_assert_gt(n, len);
			seen += n != last;
			last = n;
		}
		cr_assert_eq(seen, classes[kind], "kind %d has %zu lengths", kind, seen);
		cr_assert_eq(seal_value(&key, &p, text, longest[kind] + 1, sealed), 0, "no longer ones");
	}
}

Test(seal, kinds_go_with_their_subject)
{
	struct seal_place p = place;

	p.owner.kind = SEAL_PROPERTY;
	cr_assert(!seal_place_ok(&p), "a person of a property");
	p.kind = SEAL_ADDRESS;
	cr_assert(seal_place_ok(&p));
	p.kind = 0;
	cr_assert(!seal_place_ok(&p));
	p.kind = 5;
	cr_assert(!seal_place_ok(&p));
}
