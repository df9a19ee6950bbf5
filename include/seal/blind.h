/* Blind indexes: keyed hashes by which the database can say "the same person" without knowing
 * who. Equal name and date of birth give an equal index within one purpose; indexes of different
 * purposes cannot be compared, so a leaked table of people does not answer for a table of
 * perpetrators. Without the key no list of names can be tried.
 *
 * Names are compared without ASCII case, blanks, and punctuation (apostrophes and hyphens, the
 * typographic ones too): "O'Brien  ANNE", "o brien anne" and "OBRIEN-ANNE" are equal. Accents count
 * ("Zoë" is not "Zoe"), and so does the order of names.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "seal/keys.h"

enum {
	BLIND_SIZE = 65,	/* 64 hexadecimal digits and NUL */
	BLIND_NAME_MAX = 512,	/* bytes */
};

/* Stored indexes depend on these numbers. */
enum blind_purpose {
	BLIND_PERSON = 1,	/* duplicate and repeat referrals of a person */
	BLIND_PARTY = 2,	/* perpetrators and associates against people of a property:
				 * conflicts */
	BLIND_LINK = 3,		/* everybody in a case against links that users declared */
};

/* Conflicts must be found also where one side does not know the date of birth: so a person has up
 * to two indexes of a purpose, of the name with each birth that blind_births() gives, and two
 * people are the same where any of them is equal:
 *
 *			with date		without
 *	in a case	date, BLIND_DATED	DAY_NONE
 *	compared to it	date, DAY_NONE		DAY_NONE, BLIND_DATED
 *
 * The same name with two different dates is never equal. The purpose BLIND_PERSON has one index,
 * of name and date: there a name alone never counts. */
enum blind_side {
	BLIND_IN_CASE,		/* rows of person_index */
	BLIND_COMPARED,		/* people of properties; declared links */
};

enum { BLIND_BIRTHS = 2 };

/* Stands for a birth in "the name of somebody whose date of birth is known". */
#define BLIND_DATED INT32_MAX

/* Whether something of a name remains to be compared, and it is not too long. */
bool blind_name_ok(const char *name);

/* The births to index a name with; birth is a day or DAY_NONE. Returns how many, 1 or 2. */
int blind_births(enum blind_side side, int32_t birth, int32_t births[BLIND_BIRTHS]);

/* birth is a day (base/date.h), DAY_NONE where it is not known, or BLIND_DATED; each equals only
 * itself. False where the name is too long or nothing of it remains. */
bool blind_index(const struct vault_keys *keys, enum blind_purpose purpose, const char *name,
		 int32_t birth, char out[BLIND_SIZE]) __attribute__((warn_unused_result));
