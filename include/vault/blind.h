/* Blind indexes: keyed hashes by which the database can say "the same person" without knowing who.
 * Equal name and date of birth give an equal index within one purpose; indexes of different
 * purposes can not be compared, so a leaked table of people does not answer for a table of
 * perpetrators. Without the key no list of names can be tried.
 *
 * Names are compared without ASCII case, blanks, and punctuation (apostrophes and hyphens, the
 * typographic ones too): "O'Brien  ANNE", "o brien anne" and "OBRIEN-ANNE" are equal. Accents count
 * ("Zoë" is not "Zoe"), and so does the order of names.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "vault/keys.h"

enum {
	BLIND_SIZE = 65,	/* 64 hexadecimal digits and NUL */
	BLIND_NAME_MAX = 512,	/* bytes */
};

/* Stored indexes depend on these numbers. */
enum blind_purpose {
	BLIND_PERSON = 1,	/* duplicate and repeat referrals of a person */
	BLIND_PARTY = 2,	/* perpetrators, associates, declared links: conflicts */
};

/* Whether something of a name remains to be compared, and it is not too long. */
bool blind_name_ok(const char *name);

/* birth is a day (base/date.h), or DAY_NONE where it is not known; an unknown date equals only an
 * unknown date. False where the name is too long or nothing of it remains. */
bool blind_index(const struct vault_keys *keys, enum blind_purpose purpose, const char *name,
		 int32_t birth, char out[BLIND_SIZE]) __attribute__((warn_unused_result));
