#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "http/query.h"
#include "http/server.h"

/* Pairs written as "name=value|" each, or "refused". */
static const char *decoded(struct arena *a, const char *form)
{
	struct text t = text_in(a);
	struct http_pairs pairs;

	if (!http_form_decode(a, form, strlen(form), &pairs))
		return "refused";
	for (size_t i = 0; i < pairs.n; i++)
		text_printf(&t, "%s=%s|", pairs.pair[i].name, pairs.pair[i].value);
	return text_done(&t);
}

static const struct {
	const char *form, *want;
} forms[] = {
	{ "", "" },
	{ "a=1&b=2", "a=1|b=2|" },
	{ "a=1&a=2", "a=1|a=2|" },
	{ "a", "a=|" },
	{ "a=", "a=|" },
	{ "=b", "=b|" },
	{ "a=b=c", "a=b=c|" },
	{ "&&a=1&", "a=1|" },
	{ "a+b=c+d%2B", "a b=c d+|" },
	{ "a=%C3%A9%26", "a=\xc3\xa9&|" },
	{ "a%3Db=%2520", "a=b=%20|" },
	{ "a=%", "refused" },
	{ "a=%4", "refused" },
	{ "a=%4&b=1", "refused" },
	{ "a=%zz", "refused" },
	{ "a=%00", "refused" },
	{ "%00=a", "refused" },
	{ "a=%FF", "refused" },
	{ "a=%C0%80", "refused" },
	{ "a=%ED%A0%80", "refused" },
};

Test(query, decodes_forms_strictly)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const char *got = decoded(a, forms[i].form);

		cr_expect_str_eq(got, forms[i].want, "%s: %s", forms[i].form, got);
	}
	arena_free(a);
}

Test(query, refuses_a_raw_nul)
{
	struct arena *a = arena_new();
	struct http_pairs pairs;

	cr_assert_not(http_form_decode(a, "a=b\0c", 5, &pairs), "accepted");
	arena_free(a);
}

static bool takes_pairs(struct arena *a, size_t n)
{
	struct text t = text_in(a);
	struct http_pairs pairs;

	for (size_t i = 0; i < n; i++)
		text_puts(&t, i ? "&a=b" : "a=b");
	return http_form_decode(a, t.data, t.len, &pairs) && pairs.n == n;
}

Test(query, takes_two_hundred_pairs)
{
	struct arena *a = arena_new();

	cr_assert(takes_pairs(a, 200), "200 refused");
	cr_assert_not(takes_pairs(a, 201), "201 accepted");
	arena_free(a);
}

Test(query, finds_the_first_value)
{
	struct arena *a = arena_new();
	struct http_pairs pairs;

	cr_assert(http_form_decode(a, "a=1&b=2&b=3", 11, &pairs), "refused");
	cr_assert_str_eq(http_pair_value(&pairs, "b"), "2", "not the first");
	cr_assert_null(http_pair_value(&pairs, "B"), "case does not matter");
	arena_free(a);
}

static const struct {
	const char *content_type;
	bool json;
} media[] = {
	{ "application/json", true },
	{ "Application/JSON; charset=utf-8", true },
	{ " application/json;charset=utf-8", true },
	{ "application/jsonp", false },
	{ "application/jso", false },
	{ "text/plain, application/json", false },
	{ "", false },
	{ NULL, false },
};

Test(query, knows_media_types)
{
	for (size_t i = 0; i < sizeof(media) / sizeof(*media); i++)
		cr_expect_eq(http_media_type_is(media[i].content_type, "application/json"),
			     media[i].json, "case %zu", i);
}

static const struct {
	const char *accept;
	bool html;
} accepts[] = {
	{ "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", true },
	{ "text/html", true },
	{ "TEXT/HTML", true },
	{ "application/json;q=0.5, text/html", true },
	{ "text/html;level=1;q=0.4, application/json;q=0.3", true },
	{ "text/html;q=0.9,*/*;q=0.8", true },
	{ "*/*", false },
	{ "", false },
	{ "application/json", false },
	{ "text/html, application/json", false },
	{ "text/html;q=0.5, application/json", false },
	{ "text/html; q=0, */*;q=0", false },
	{ "text/html;q=0", false },
	{ "text/html;q=1.5", false },
	{ "text/html;q=0.8, application/problem+json", false },
	{ "text/*", false },
	{ "image/png", false },
	{ "text/htmlx", false },
	{ "x/text/html", false },
	{ ",,;;q=,", false },
};

Test(query, tells_browsers_from_programs)
{
	for (size_t i = 0; i < sizeof(accepts) / sizeof(*accepts); i++)
		cr_expect_eq(http_prefers_html(accepts[i].accept), accepts[i].html, "%s",
			     accepts[i].accept);
	cr_expect_not(http_prefers_html(NULL), "no header");
}
