/* The closed code lists of matching: an enum and a `struct code_list <name>_codes` for each list of
 * match/codes.def (`enum accommodation_type`, `accommodation_type_codes`, …). */
#pragma once
#include "base/codes.h"

#define LIST(name) extern const struct code_list name##_codes; enum name {
#define CODE(enumerator, code, label) enumerator,
#define END(name, count) count };
#include "match/codes.def"

/* What two sets of languages share. Two who speak another language than those of the list need not speak the
 * same. */
static inline code_set shared_languages(code_set one, code_set other)
{
	return one & other & ~code_bit(LANGUAGE_OTHER);
}

/* Every list, ended by NULL; look one up with code_list_find(). */
extern const struct code_list *const match_code_lists[];
