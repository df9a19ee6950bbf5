/* Names of people, compared as people mean them. A name has two forms:
 *
 *	exact		letters, marks and numbers after Unicode NFKC and full case folding, without
 *			blanks, punctuation and what cannot be seen: "O'Brien  ANNE", "o brien anne"
 *			and "OBRIEN-ANNE" are one name, and so are "Ödön" and "ÖDÖN". Diacritics count,
 *			and so does the order of the parts.
 *	possible	the parts without diacritics, in the order of their bytes, a blank between
 *			them: "Renée Favé" and "FAVE, Renee" are one name.
 *
 * A form of a form is itself. Names that are equal in the exact form may still differ in the other,
 * where one is written in more parts: compare by both.
 */
#pragma once
#include <stdbool.h>

struct arena;

enum name_form { NAME_EXACT, NAME_POSSIBLE };

/* The form of a name in UTF-8; "" where nothing of it remains. It is the name still: use an arena that is
 * overwritten (arena_secret()). */
char *name_form(struct arena *a, enum name_form form, const char *name);

/* The parts without diacritics in the order in which they stand, in small letters: for a bank that knows no others. */
char *name_plain(struct arena *a, const char *name);

/* Whether something is written: a letter or a digit, or the question mark of a person who does not know. */
bool name_written(const char *name);

/* Whether a name tells of one person. A placeholder does not ("baby boy", "not known", "?"; the list
 * is src/seal/placeholders.def), and neither does one that leaves nothing to compare. */
bool name_identifies(const char *name);

/* Whether two names are equal in one of the forms, and tell of somebody: "Ann Lee" and "LEE, Ann" are. */
bool name_same(const char *a, const char *b);
