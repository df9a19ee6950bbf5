/* Blind indexes: keyed hashes by which the database can say "the same person" without knowing
 * who. Equal name and date of birth give an equal index within one purpose; indexes of different
 * purposes cannot be compared, so a leaked table of people does not answer for a table of
 * perpetrators. Without the key no list of names can be tried.
 *
 * A name is indexed in both forms of seal/name.h, so that a person who is written in another way is still found, as
 * somebody who is possibly the same. Indexes of different forms cannot be compared either. A name that tells
 * of nobody has no index.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "seal/keys.h"
#include "seal/name.h"

enum {
	BLIND_SIZE = 65,	/* 64 hexadecimal digits and NUL */
	BLIND_NAME_MAX = 512,	/* bytes */
};

/* Stored indexes depend on these numbers. */
enum blind_purpose {
	BLIND_PERSON = 1,	/* duplicate and repeat referrals of a person */
	BLIND_PARTY = 2,	/* perpetrators and associates against people of a property, and
				 * members of other cases, who may live there: conflicts */
	BLIND_LINK = 3,		/* everybody in a case against links that users declared */
	BLIND_PAYEE = 4,	/* bank accounts: one account that several households are said to have */
};
/* Added to a purpose, it gives the number of the key for the possible form. */
enum { BLIND_POSSIBLE_KEYS = 16 };

/* Conflicts must be found also where one side does not know the date of birth: so a person has up
 * to two indexes of a purpose, of the name with each birth that blind_births() gives, and two
 * people are the same where any of them is equal:
 *
 *			with date		without
 *	in a case	date, BLIND_DATED	DAY_NONE
 *	compared to it	date, DAY_NONE		DAY_NONE, BLIND_DATED
 *
 * The same name with two different dates is never equal. The purpose BLIND_PERSON has the date
 * alone: there a name without one never counts. */
enum blind_side {
	BLIND_IN_CASE,		/* rows of person_index, but for members as residents */
	BLIND_COMPARED,		/* people of properties; members as residents; declared links */
};

enum { BLIND_BIRTHS = 2 };

/* Stands for a birth in "the name of somebody whose date of birth is known". */
#define BLIND_DATED INT32_MAX

/* The births to index a name with; birth is a day or DAY_NONE. Returns how many, 1 or 2. */
int blind_births(enum blind_side side, int32_t birth, int32_t births[BLIND_BIRTHS]);

/* birth is a day (base/date.h), DAY_NONE where it is not known, or BLIND_DATED; each equals only
 * itself. False where the name is too long or tells of nobody. */
bool blind_index(const struct vault_keys *keys, enum blind_purpose purpose, enum name_form form,
		 const char *name, int32_t birth, char out[BLIND_SIZE]) __attribute__((warn_unused_result));

/* The word for an index in the database: "exact", "possible", or "name" where the birth is no day. */
const char *blind_form(enum name_form form, int32_t birth);
