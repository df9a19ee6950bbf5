/* Closed lists of codes: the names that forms, rules and reports use.
 *
 * A list is an enum, a table of code and label, and the order of both; a column or a JSON member
 * holds the code, memory holds the index. "Unknown" is a value of its own and always zero, so that
 * a struct set to zero claims nothing: unknown is not no.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum tri {
	TRI_UNKNOWN,
	TRI_NO,
	TRI_YES,
};

struct code {
	const char *code;	/* stable, lower case: stored and exchanged */
	const char *label;	/* for people */
};

struct code_list {
	const char *name;
	const struct code *rows;
	size_t n;
};

/* Some codes of a list of at most 128: bit n stands for the n-th. */
typedef unsigned __int128 code_set;

static inline code_set code_bit(int index)
{
	return (code_set)1 << index;
}

/* "unknown", "no", "yes", in the order of enum tri. */
extern const struct code_list tri_codes;

/* The index of code in the list, or -1 (also for NULL). */
int code_index(const struct code_list *list, const char *code);
/* The code or label at index, or NULL outside the list. */
const char *code_at(const struct code_list *list, int index);
const char *code_label(const struct code_list *list, int index);
/* lists ends with NULL; NULL where none has that name. */
const struct code_list *code_list_find(const struct code_list *const *lists, const char *name);
