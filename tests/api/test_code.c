#include "inventory.h"

TestSuite(code, .init = service_start, .fini = service_stop);

static const json_t *list_named(const struct answer *a, const char *name)
{
	const json_t *list;
	size_t i;

	json_array_foreach (json_object_get(a->json, "lists"), i, list)
		if (text_eq(json_string_value(json_object_get(list, "name")), name))
			return json_object_get(list, "codes");
	return NULL;
}

Test(code, all_lists_are_at_one_address)
{
	static const char *const names[] = { "role", "accommodation_type", "decline_reason", "rule",
					     "language" };
	struct answer a = call(ROLE_contractor, "GET", "/api/v1/codes", NULL);

	assert_status(a, 200);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		cr_assert_gt(json_array_size(list_named(&a, names[i])), 1, "%s: %s", names[i],
			     a.body);
	a = call(SIGNED_OUT, "GET", "/api/v1/codes", NULL);
	assert_status(a, 401);
}

Test(code, one_list_by_name)
{
	struct answer a = call(ROLE_provider, "GET", "/api/v1/codes/answer", NULL);

	assert_status(a, 200);
	cr_assert_null(strstr(a.body, "unknown"), "unknown is null, no code: %s", a.body);
	a = call(ROLE_provider, "GET", "/api/v1/codes/nothing", NULL);
	assert_status(a, 404);
}
