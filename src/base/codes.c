#include "base/codes.h"

#include <string.h>

#include "base/text.h"

static const struct code tri_rows[] = {
	[TRI_UNKNOWN] = { "unknown", "Not known" },
	[TRI_NO] = { "no", "No" },
	[TRI_YES] = { "yes", "Yes" },
};

const struct code_list tri_codes = { "tri", tri_rows, 3 };

int code_index(const struct code_list *list, const char *code)
{
	if (!code)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		const char *known = list->rows[i].code;

		/* most differ in the first letter, and a load calls this a million times */
		if (known && *known == *code && strcmp(known, code) == 0)
			return (int)i;
	}
	return -1;
}

static const struct code *row_at(const struct code_list *list, int index)
{
	static const struct code none = { NULL, NULL };

	return index >= 0 && (size_t)index < list->n ? &list->rows[index] : &none;
}

const char *code_at(const struct code_list *list, int index)
{
	return row_at(list, index)->code;
}

const char *code_label(const struct code_list *list, int index)
{
	return row_at(list, index)->label;
}

const struct code_list *code_list_find(const struct code_list *const *lists, const char *name)
{
	for (; *lists; lists++)
		if (text_eq((*lists)->name, name))
			return *lists;
	return NULL;
}
