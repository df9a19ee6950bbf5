/* Lists that a form answered with "none of these". */
#include "base/die.h"
#include "household.h"

void check_answered_none(struct ctx *c, const char *at, const struct json_list *none, const json_t *sent)
{
	const char *const *code = none->items;

	for (size_t i = 0; i < none->n; i++)
		if (code[i] && json_array_size(json_object_get(sent, code[i])) > 0)
			ctx_error(c, arena_printf(ctx_arena(c), "%s/%s", at, code[i]), "contradicts",
				  "Select what there is, or none of these, not both");
}

void take_answered_none(const struct json_list *none, json_t *sent)
{
	const char *const *code = none->items;

	for (size_t i = 0; i < none->n; i++)
		if (json_object_set_new(sent, code[i], json_array()) != 0)
			die("taking an answer");
}
