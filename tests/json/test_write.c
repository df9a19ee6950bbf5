#include <criterion/criterion.h>
#include <stdlib.h>

#include "json/write.h"

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(arena);
}

TestSuite(write, .init = set_up, .fini = tear_down);

Test(write, commas_follow_from_the_text)
{
	struct text t = text_in(arena);

	json_object_begin(&t);
	json_put_key(&t, "a");
	json_array_begin(&t);
	json_put_i64(&t, INT64_MIN);
	json_put_i64(&t, 0);
	json_array_begin(&t);
	json_array_end(&t);
	json_object_begin(&t);
	json_object_end(&t);
	json_put_str(&t, "[");
	json_put_str(&t, ":");
	json_array_end(&t);
	json_put_name(&t, "b\"");
	json_put_tri(&t, TRI_UNKNOWN);
	json_put_key(&t, "c");
	json_put_tri(&t, TRI_NO);
	json_put_key(&t, "d");
	json_put_tri(&t, TRI_YES);
	json_put_key(&t, "e");
	json_put_raw(&t, "[1]", 3);
	json_put_key(&t, "f");
	json_put_str(&t, NULL);
	json_object_end(&t);
	cr_assert_str_eq(text_done(&t),
			 "{\"a\":[-9223372036854775808,0,[],{},\"[\",\":\"],\"b\\\"\":null,"
			 "\"c\":false,\"d\":true,\"e\":[1],\"f\":null}",
			 "nested values are joined by commas where needed");
}

Test(write, a_text_is_a_key_with_a_string_or_null)
{
	struct text t = text_in(arena);

	json_object_begin(&t);
	json_put_text(&t, "name", "O\"Neill, \n");
	json_put_text(&t, "phone", NULL);
	json_put_key(&t, "n");
	json_put_i64(&t, 1);
	json_put_text(&t, "last", "");
	json_object_end(&t);
	cr_assert_str_eq(text_done(&t), "{\"name\":\"O\\\"Neill, \\n\",\"phone\":null,\"n\":1,\"last\":\"\"}");
}

Test(write, no_comma_after_a_prefix_that_ends_in_a_blank)
{
	struct text t = text_in(arena);

	text_lit(&t, "data: ");
	json_put_i64(&t, 1);
	text_lit(&t, "\n");
	json_put_i64(&t, 2);
	cr_assert_str_eq(text_done(&t), "data: 1\n2", "lines of an event stream");
}

static const struct {
	const char *in, *out;
} escapes[] = {
	{ "", "\"\"" },
	{ "\"\\/", "\"\\\"\\\\/\"" },
	{ "\b\t\n\f\r\x01\x1f\x7f", "\"\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\"" },
	{ "Llŷn £5 €6 😀", "\"Llŷn £5 €6 😀\"" },
	{ "a\xff" "b", "\"a\xef\xbf\xbd" "b\"" },			/* no lead byte */
	{ "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },			/* overlong / */
	{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },	/* surrogate */
	{ "12345678\xe2\x82", "\"12345678\xef\xbf\xbd\xef\xbf\xbd\"" },	/* cut short */
	{ "seven..\"sixteen.plain.bytes", "\"seven..\\\"sixteen.plain.bytes\"" },
};

Test(write, escapes)
{
	for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
		struct text t = text_in(arena);

		json_put_str(&t, escapes[i].in);
		cr_assert_str_eq(text_done(&t), escapes[i].out, "case %zu", i);
	}
}

/* Mostly plain characters and some of every other kind; never NUL, which jansson does not take. */
static void random_string(unsigned *seed, char *out, size_t len)
{
	static const char *const bits[] = { "\"", "\\", "\n", "\x1f", "é", "€", "😀", "\xff",
					    "\xe2\x82", "\xc3", "\xed\xa0\x80" };
	size_t n = 0;

	while (n + 4 < len) {
		int pick = rand_r(seed) % 60;

		if (pick < (int)(sizeof(bits) / sizeof(*bits))) {
			n += strlen(strcpy(out + n, bits[pick]));
			continue;
		}
		out[n++] = (char)(pick < 50 ? ' ' + rand_r(seed) % 95 : 1 + rand_r(seed) % 255);
	}
	out[n] = '\0';
}

Test(write, differs_from_jansson_in_no_random_string)
{
	unsigned seed = 20261122;

	for (int i = 0; i < 10000; i++) {
		char s[128];
		struct text t = text_in(arena);
		json_t *back;

		random_string(&seed, s, 5 + (size_t)rand_r(&seed) % (sizeof(s) - 5));
		json_array_begin(&t);
		json_put_str(&t, s);
		json_array_end(&t);
		back = json_loadb(t.data, t.len, 0, NULL);
		cr_assert(back, "string %d is read back: %s", i, t.data);
		if (text_utf8_len(s, strlen(s)) >= 0)
			cr_assert_str_eq(json_string_value(json_array_get(back, 0)), s,
					 "string %d comes back whole", i);
		json_decref(back);
		arena_reset(arena);
	}
}

Test(write, a_tree_comes_out_as_it_went_in)
{
	static const char doc[] = "{\"a\":[1,-9223372036854775808,9223372036854775807,true,false,"
				  "null,\"\xc5\xb7\"],\"k\\n\":{},\"z\":{\"b\":[[]]}}";
	json_t *tree = json_loads(doc, 0, NULL);
	struct text t = text_in(arena);

	json_put_value(&t, tree);
	json_decref(tree);
	cr_assert_str_eq(text_done(&t), doc, "same order, same numbers");
}

Test(write, a_real_is_never_printed)
{
	json_t *tree = json_loads("[12.30]", 0, NULL);
	struct text t = text_in(arena);

	json_put_value(&t, tree);
	json_decref(tree);
	cr_assert_str_eq(text_done(&t), "[null]", "rather nothing than 12.300000000000001");
}
