#include <criterion/criterion.h>

#include "example.h"
#include "json/schema.h"

static struct arena *arena;
static json_t *schema;

static void set_up(void)
{
	struct text t;

	arena = arena_new();
	t = text_in(arena);
	schema_put(&t, &referral_input);
	schema = json_loadb(t.data, t.len, JSON_REJECT_DUPLICATES, NULL);
}

static void tear_down(void)
{
	json_decref(schema);
	arena_free(arena);
}

TestSuite(schema, .init = set_up, .fini = tear_down);

static const json_t *property(const char *name)
{
	return json_object_get(json_object_get(schema, "properties"), name);
}

static char *dump(const json_t *value)
{
	struct text t = text_in(arena);
	char *s = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	text_puts(&t, s);
	free(s);
	return text_done(&t);
}

Test(schema, has_every_field_and_no_other)
{
	cr_assert(schema, "the schema is JSON");
	for (size_t i = 0; i < referral_input.n; i++)
		cr_assert(property(referral_fields[i].name), "%s", referral_fields[i].name);
	cr_assert_eq(json_object_size(json_object_get(schema, "properties")), referral_input.n,
		     "one property a field");
	cr_assert_str_eq(dump(json_object_get(schema, "required")), "[\"household_id\"]",
			 "required");
	cr_assert(json_is_false(json_object_get(schema, "additionalProperties")), "closed");
	cr_assert_str_eq(json_string_value(json_object_get(schema, "description")), "A referral.",
			 "help");
}

static const struct {
	const char *name, *schema;
} properties[] = {
	{ "household_id", "{\"type\":\"string\",\"format\":\"uuid\"}" },
	{ "title", "{\"type\":[\"string\",\"null\"],\"minLength\":2,\"maxLength\":10}" },
	{ "note", "{\"type\":\"string\",\"minLength\":1,\"maxLength\":20}" },
	{ "due_date", "{\"type\":[\"string\",\"null\"],\"format\":\"date\"}" },
	{ "seen_at", "{\"type\":\"string\",\"format\":\"date-time\"}" },
	{ "source", "{\"type\":\"string\",\"enum\":[\"f\",\"m\"]}" },
	{ "minutes", "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":30,\"maximum\":240,"
		     "\"default\":120,\"description\":\"How long to hold, in minutes.\"}" },
	{ "amount", "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":0,"
		    "\"maximum\":50000}" },
	{ "tonight", "{\"type\":[\"boolean\",\"null\"]}" },
	{ "languages", "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"cy\","
		       "\"pl\",\"ur\",\"bsl\"]},\"minItems\":1,\"maxItems\":100,"
		       "\"uniqueItems\":true}" },
	{ "visits", "{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"format\":\"int64\","
		    "\"minimum\":-5,\"maximum\":5},\"maxItems\":100}" },
	{ "members", "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"sex\":"
		     "{\"type\":\"string\",\"enum\":[\"f\",\"m\"]},\"birth_date\":{\"type\":"
		     "\"string\",\"format\":\"date\",\"title\":\"Date of birth\"},\"age\":"
		     "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":0,\"maximum\":120,"
		     "\"default\":18},\"needs\":{\"type\":\"array\",\"items\":{\"type\":"
		     "\"string\",\"minLength\":1,\"maxLength\":10},\"maxItems\":2}},\"required\":"
		     "[\"sex\"],\"additionalProperties\":false},\"maxItems\":3}" },
};

Test(schema, says_what_the_decoder_does)
{
	for (size_t i = 0; i < sizeof(properties) / sizeof(*properties); i++)
		cr_assert_str_eq(dump(property(properties[i].name)), properties[i].schema, "%s",
				 properties[i].name);
}

Test(schema, a_nullable_enum_lists_null)
{
	static const struct field f = { .name = "sex", .type = FIELD_CODE, .nullable = true,
					.codes = &sexes };
	struct text t = text_in(arena);

	schema_put_field(&t, &f);
	cr_assert_str_eq(text_done(&t), "{\"type\":[\"string\",\"null\"],"
					"\"enum\":[\"f\",\"m\",null]}", "null is an answer");
}

Test(schema, what_has_a_default_need_not_be_sent)
{
	static const struct field rows[] = { { .name = "n", .type = FIELD_INT, .required = true,
					       .def = "5" } };
	static const struct input table = { .fields = rows, .n = 1, .size = 8, .name = "t" };
	struct text t = text_in(arena);

	schema_put(&t, &table);
	cr_assert(strstr(text_done(&t), "\"required\":[]"), "%s", t.data);
}
