/* Fields that go to the vault are for the handler, not for a statement. */
#include <criterion/criterion.h>

#include "json/input.h"

struct child {
	const char *name, *kind;
};

struct home {
	const char *street, *kind;
	struct child *eldest;
	struct json_list children;
};

Test(sealed, text_leaves_out_what_is_sealed)
{
	static const struct field child_fields[] = {
		FIELD(struct child, name, TEXT, "name", .sealed = true),
		FIELD(struct child, kind, TEXT, "kind"),
	};
	static const struct input child_input = INPUT(struct child, child_fields);
	static const struct field home_fields[] = {
		FIELD(struct home, street, TEXT, "street", .sealed = true),
		FIELD(struct home, kind, TEXT, "kind"),
		FIELD(struct home, eldest, OBJECT, "eldest", .sub = &child_input),
		FIELD(struct home, children, OBJECT, "children", .sub = &child_input),
	};
	static const struct input home_input = INPUT(struct home, home_fields);
	static const char body[] = "{\"street\":\"Canary Row\",\"kind\":\"flat\",\"eldest\":{\"name\":\"Canary\",\"kind\":\"a\"},"
				   "\"children\":[{\"kind\":\"b\",\"name\":\"Canary\"},{\"name\":\"Canary\"}]}";

	struct arena *arena = arena_new();
	struct decoded d;

	cr_assert_eq(json_decode(arena, body, sizeof(body) - 1, &home_input, &d), JSON_OK);
	cr_assert_str_eq(((struct home *)d.value)->street, "Canary Row", "the handler has it");
	cr_assert_str_eq(json_input_text(arena, &d), "{\"kind\":\"flat\",\"eldest\":{\"kind\":\"a\"},\"children\":[{\"kind\":\"b\"},{}]}",
			 "the database has not, at no depth");
	arena_free(arena);
}
