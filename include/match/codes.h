/* The closed code lists of matching: an enum and a `struct code_list <name>_codes` for each list of
 * match/codes.def (`enum accommodation_type`, `accommodation_type_codes`, …). */
#pragma once
#include "base/codes.h"

#define LIST(name) extern const struct code_list name##_codes; enum name {
#define CODE(enumerator, code, label) enumerator,
#define END(name, count) count };
#include "match/codes.def"

/* Those that are no language: which one it is stands beside them in words (other_language). */
#define LANGUAGES_IN_WORDS (code_bit(LANGUAGE_SGN) | code_bit(LANGUAGE_SIGN_SYSTEM) | code_bit(LANGUAGE_OTHER))
/* The languages of the list that two sets share. Words are for people to read and never compared: one language
 * has many names and spellings ("Dari", "Farsi Dari"), so equal words prove little and unequal ones nothing. A
 * household and a unit with the same words get no points for it and no question. */
static inline code_set shared_languages(code_set one, code_set other)
{
	return one & other & ~LANGUAGES_IN_WORDS;
}

/* Every list, ended by NULL; look one up with code_list_find(). */
extern const struct code_list *const match_code_lists[];
