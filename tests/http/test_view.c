#include <criterion/criterion.h>
#include <string.h>

#include "base/embedded.h"
#include "http/view.h"

static struct arena *a;

static void set_up(void)
{
	a = arena_new();
}

static void tear_down(void)
{
	arena_free(a);
}

TestSuite(view, .init = set_up, .fini = tear_down);

static const char *rendered(const char *source, const char *json)
{
	struct text out = text_in(a);
	json_t *data = json_loads(json, 0, NULL);
	bool ok;

	cr_assert_not_null(data, "the test's own JSON: %s", json);
	ok = view_render_source(a, &out, source, data);
	json_decref(data);
	cr_assert(ok, "%s does not parse", source);
	return text_done(&out);
}

struct example {
	char source[160], json[160], want[200];
};

static void check(const struct example *e)
{
	const char *got = rendered(e->source, e->json);

	cr_assert_str_eq(got, e->want, "%s of %s: \"%s\"", e->source, e->json, got);
}

static void check_all(const struct example *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(&e[i]);
}

#define CHECK(...) \
	do { \
		static const struct example examples[] = { __VA_ARGS__ }; \
		check_all(examples, sizeof(examples) / sizeof(*examples)); \
	} while (0)

Test(view, values_are_escaped_wherever_they_stand)
{
	CHECK({ "<p>{{x}}</p>", "{\"x\":\"<b a='1'>&\\\"\"}",
		"<p>&lt;b a=&#39;1&#39;&gt;&amp;&quot;</p>" },
	      { "<a title=\"{{x}}\">", "{\"x\":\"\\\" onclick=\\\"x\"}",
		"<a title=\"&quot; onclick=&quot;x\">" },
	      { "{{#l}}{{.}}{{/l}}", "{\"l\":[\"<\",\">\"]}", "&lt;&gt;" },
	      { "{{x|london}}", "{\"x\":\"<i>\"}", "&lt;i&gt;" },
	      { "{{c|label:l}}", "{\"c\":\"a\",\"l\":[{\"code\":\"a\",\"label\":\"<b>\"}]}",
		"&lt;b&gt;" });
}

Test(view, triple_braces_and_ampersand_tags_do_not_exist)
{
	cr_assert_not_null(view_check_source(a, "{{{x}}}"), "{{{x}}} must not parse");
	cr_assert_not_null(view_check_source(a, "{{&x}}"), "{{&x}} must not parse");
}

Test(view, names_are_looked_up_outwards_by_their_first_part)
{
	CHECK({ "{{a.b.c}}", "{\"a\":{\"b\":{\"c\":\"deep\"}}}", "deep" },
	      { "{{#o}}{{x}}{{y}}{{/o}}", "{\"x\":\"out\",\"y\":\"y\",\"o\":{\"x\":\"in\"}}",
		"iny" },
	      { "{{#o}}[{{a.b}}]{{/o}}", "{\"a\":{\"b\":1},\"o\":{\"a\":{}}}",
		"[]" },
	      { "{{#o}}[{{x}}]{{/o}}", "{\"x\":1,\"o\":{\"x\":null}}", "[]" },
	      { "[{{none}}{{none.of.these}}]", "{}", "[]" },
	      { "{{form.members-0-age}}", "{\"form\":{\"members-0-age\":\"7\"}}", "7" });
}

Test(view, sections_follow_the_value)
{
	CHECK({ "{{#l}}({{n}}){{/l}}", "{\"l\":[{\"n\":1},{\"n\":2}]}", "(1)(2)" },
	      { "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":true}", "yes" },
	      { "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":false}", "no" },
	      { "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":0}", "no" },
	      { "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":\"\"}", "no" },
	      { "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":[]}", "no" },
	      { "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{\"x\":null}", "no" },
	      { "{{#x}}yes{{/x}}{{^x}}no{{/x}}", "{}", "no" },
	      { "{{#x}}{{.}}{{/x}}", "{\"x\":\"s\"}", "s" },
	      { "{{#a}}{{#b}}{{x}}{{/b}}{{/a}}", "{\"a\":{\"b\":[{\"x\":1}]}}", "1" });
}

Test(view, tests_choose_without_entering)
{
	CHECK({ "{{#s|is:open,held}}{{x}}{{/s}}", "{\"s\":\"held\",\"x\":1}", "1" },
	      { "{{#s|is:open,held}}1{{/s}}{{^s|is:open,held}}2{{/s}}", "{\"s\":\"hel\"}", "2" },
	      { "{{#s|is:open}}1{{/s}}{{^s|is:open}}2{{/s}}", "{}", "2" },
	      { "{{#n|is:1}}one{{/n}}", "{\"n\":1}", "one" },
	      { "{{#b|is:false}}no{{/b}}", "{\"b\":false}", "no" },
	      { "{{#l|any}}<{{#l}}{{.}}{{/l}}>{{/l}}", "{\"l\":[1,2]}", "<12>" },
	      { "{{#l|any}}<{{/l}}", "{\"l\":[]}", "" },
	      { "{{#p|ends:v}}1{{/p}}", "{\"p\":\"/a/cancel\",\"v\":\"cancel\"}", "1" },
	      { "{{#p|ends:v}}1{{/p}}{{^p|ends:v}}2{{/p}}",
		"{\"p\":\"/a/xcancel\",\"v\":\"cancel\"}", "2" },
	      { "{{#p|ends:v}}1{{/p}}{{^p|ends:v}}2{{/p}}", "{\"p\":\"cancel\",\"v\":\"cancel\"}",
		"2" },
	      { "{{#p|ends:v}}1{{/p}}{{^p|ends:v}}2{{/p}}", "{\"p\":\"/a\"}", "2" },
	      { "{{#c|same:v}}1{{/c}}", "{\"c\":\"a\",\"v\":\"a\"}", "1" },
	      { "{{#c|same:v}}1{{/c}}", "{\"c\":\"a\",\"v\":[\"b\",\"a\"]}", "1" },
	      { "{{#c|same:v}}1{{/c}}{{^c|same:v}}2{{/c}}", "{\"c\":\"a\"}", "2" },
	      { "{{#c|same:v}}1{{/c}}{{^c|same:v}}2{{/c}}", "{\"c\":\"\",\"v\":\"\"}", "2" });
}

Test(view, instants_and_days_are_shown_in_london)
{
	CHECK({ "{{x|london}}", "{\"x\":\"2026-11-22T02:14:00Z\"}", "22 November 2026 at 2:14am" },
	      { "{{x|clock}}", "{\"x\":\"2026-07-01T22:30:00Z\"}", "11:30pm" },
	      { "{{x|day}}", "{\"x\":\"2026-07-01T23:30:00Z\"}", "2026-07-02" },
	      { "{{x|date}}", "{\"x\":\"2026-11-22\"}", "22 November 2026" },
	      { "{{x|date}}", "{\"x\":\"2026-02-30\"}", "2026-02-30" },
	      { "{{x|clock}}", "{\"x\":null}", "" });
}

Test(view, time_left_and_time_ago_count_whole_units)
{
	CHECK({ "{{x|left:n}}", "{\"x\":\"2026-01-01T02:00:00Z\",\"n\":\"2026-01-01T00:08:01Z\"}",
		"1 hour 51 minutes" },
	      { "{{x|left:n}}", "{\"x\":\"2026-01-01T02:00:00Z\",\"n\":\"2026-01-01T00:00:00Z\"}",
		"2 hours" },
	      { "{{x|left:n}}", "{\"x\":\"2026-01-01T00:01:59Z\",\"n\":\"2026-01-01T00:00:00Z\"}",
		"1 minute" },
	      { "{{x|left:n}}", "{\"x\":\"2026-01-01T00:00:59Z\",\"n\":\"2026-01-01T00:00:00Z\"}",
		"less than a minute" },
	      { "{{x|left:n}}", "{\"x\":\"2026-01-01T00:00:00Z\",\"n\":\"2026-01-01T00:00:00Z\"}",
		"no time" },
	      { "{{x|ago:n}}", "{\"x\":\"2026-01-01T00:00:00Z\",\"n\":\"2026-01-01T00:00:59Z\"}",
		"just now" },
	      { "{{x|ago:n}}", "{\"x\":\"2026-01-01T00:00:00Z\",\"n\":\"2026-01-01T23:59:59Z\"}",
		"23 hours ago" },
	      { "{{x|ago:n}}", "{\"x\":\"2026-01-01T00:00:00Z\",\"n\":\"2026-01-03T00:00:00Z\"}",
		"2 days ago" });
}

Test(view, money_and_numbers)
{
	CHECK({ "{{x|telephone}}", "{\"x\":\"01632960001\"}", "01632 960 001" },
	      { "{{x|telephone}}", "{\"x\":\"07700900123\"}", "07700 900 123" },
	      { "{{x|telephone}}", "{\"x\":\"02079460018\"}", "020 7946 0018" },
	      { "{{x|telephone}}", "{\"x\":\"01914980001\"}", "0191 498 0001" },
	      { "{{x|telephone}}", "{\"x\":\"+33123456789\"}", "+33123456789" },
	      { "{{x|telephone}}", "{\"x\":\"999\"}", "999" },
	      { "{{x|telephone}}", "{\"x\":\"<b>\"}", "&lt;b&gt;" });
	CHECK({ "{{x|pounds}}", "{\"x\":123456}", "£1,234.56" },
	      { "{{x|pounds}}", "{\"x\":5}", "£0.05" },
	      { "{{x|pounds}}", "{\"x\":-100000000}", "−£1,000,000.00" },
	      { "{{x|pounds}}", "{\"x\":-9223372036854775807}", "−£92,233,720,368,547,758.07" },
	      { "{{x|pounds}}", "{\"x\":\"12.30\"}", "12.30" },
	      { "{{x|number}}", "{\"x\":1002003}", "1,002,003" },
	      { "{{x|count}}", "{\"x\":[1,2,3]}", "3" },
	      { "{{c|label:l}}", "{\"c\":\"b\",\"l\":[{\"code\":\"a\",\"label\":\"A\"},"
				 "{\"code\":\"b\",\"label\":\"B\"}]}", "B" },
	      { "{{c|label:l}}", "{\"c\":\"z\",\"l\":[{\"code\":\"a\",\"label\":\"A\"}]}", "z" });
}

Test(view, a_lone_tag_takes_its_line_along)
{
	CHECK({ "a\n  {{#x}}\n  b\n  {{/x}}\nc\n", "{\"x\":true}", "a\n  b\nc\n" },
	      { "{{! remark }}\r\na", "{}", "a" },
	      { "a {{#x}}b{{/x}} c\n", "{\"x\":true}", "a b c\n" },
	      { "{{#x}} {{/x}}", "{\"x\":true}", " " },
	      { "  {{x}}\n", "{\"x\":1}", "  1\n" });
}

Test(view, a_partial_with_arguments_sees_nothing_else)
{
	const char *got = rendered("{{> layout/link href=\"/a\" text=t path=page.path}}",
				   "{\"t\":\"<T>\",\"page\":{\"path\":\"/a\"},\"href\":\"/b\"}");

	cr_assert_not_null(strstr(got, "href=\"/a\""), "literal argument: %s", got);
	cr_assert_not_null(strstr(got, "&lt;T&gt;"), "named argument, escaped: %s", got);
	cr_assert_not_null(strstr(got, "aria-current"), "test between arguments: %s", got);
	got = rendered("{{> form/hint name=\"n\"}}", "{\"hint\":\"leaks\"}");
	cr_assert_null(strstr(got, "leaks"), "names from outside must not be seen: %s", got);
}

Test(view, a_partial_without_arguments_sees_everything)
{
	const char *got = rendered("{{#o}}{{> form/hint}}{{/o}}",
				   "{\"hint\":\"H\",\"o\":{\"name\":\"n\"}}");

	cr_assert_not_null(strstr(got, "id=\"n-hint\" class=\"govuk-hint\">H<"), "%s", got);
}

struct bad {
	char source[160], error[80];
};

Test(view, what_is_wrong_is_said_with_its_line)
{
	static const struct bad bad[] = {
		{ "a\nb {{x", "template:2: tag not closed: {{" },
		{ "{{#x}}\n{{#y}}{{/y}}\n", "template:1: section not closed: x" },
		{ "{{#x}}{{/y}}", "template:1: closes another section: y" },
		{ "\n\n{{/x}}", "template:3: closes no section: x" },
		{ "{{x|nope}}", "template:1: unknown filter: nope" },
		{ "{{x|is:a}}", "template:1: a test prints nothing: x|is:a" },
		{ "{{#x|date}}{{/x}}",
		  "template:1: the filter of a section must be a test: x|date" },
		{ "{{x|date:y}}", "template:1: wrong argument of filter: date:y" },
		{ "{{#x|same}}{{/x}}", "template:1: wrong argument of filter: same" },
		{ "{{}}", "template:1: not a name: " },
		{ "{{a..b}}", "template:1: not a name: a..b" },
		{ "{{a b}}", "template:1: not a name: a b" },
		{ "{{a.}}", "template:1: not a name: a." },
		{ "{{> nope/none}}", "template:1: no such view: nope/none" },
		{ "{{> ../../config}}", "template:1: not the name of a view: ../../config" },
		{ "{{> form/hint name=\"x}}", "template:1: text not closed: \"x" },
		{ "{{> form/hint name}}", "template:1: not a name: " },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *error = view_check_source(a, bad[i].source);
		struct text out = text_in(a);

		cr_assert_not_null(error, "%s must not parse", bad[i].source);
		cr_assert_str_eq(error, bad[i].error, "%s: \"%s\"", bad[i].source, error);
		cr_assert_not(view_render_source(a, &out, bad[i].source, NULL), "nor render");
		cr_assert_eq(out.len, 0, "nothing is appended");
	}
}

Test(view, sections_nest_sixteen_deep_and_no_deeper)
{
	struct text open = text_in(a), close = text_in(a);

	for (int i = 0; i < 16; i++) {
		text_puts(&open, "{{#x}}");
		text_puts(&close, "{{/x}}");
	}
	cr_assert_null(view_check_source(a, arena_printf(a, "%s%s", open.data, close.data)),
		       "sixteen parse");
	cr_assert_not_null(view_check_source(a, arena_printf(a, "%s{{#x}}{{/x}}%s", open.data,
							     close.data)),
			   "seventeen do not");
}

Test(view, every_cut_of_a_template_is_parsed_or_refused)
{
	static const char whole[] = "{{#a|is:b}}x{{> form/hint name=\"n\" hint=a.b}}{{/a}}"
				    "{{^c}}{{.|left:d}}{{/c}}{{! e }}";

	for (size_t i = 0; i < sizeof(whole); i++)
		for (size_t j = i; j < sizeof(whole); j++)
			view_check_source(a, arena_strndup(a, whole + i, j - i));
}

Test(view, an_unknown_view_is_no_page)
{
	struct text out = text_in(a);

	cr_assert_not(view_render(a, &out, "no/such", NULL), "there is no such view");
	cr_assert_not(view_render(a, &out, "../assets/haven.css", NULL), "nor outside of views");
	cr_assert_eq(out.len, 0, "nothing is appended");
}

Test(view, every_embedded_view_parses)
{
	const char *error = view_check_all(a);

	cr_assert_null(error, "%s", error);
}

/* An attribute's value without quotes could end at a blank in the data. */
static const char *unquoted_value(const char *html)
{
	for (const char *at = html; (at = strstr(at, "={{")) != NULL; at += 3) {
		const char *open = at;

		while (open > html && *open != '"' && *open != '<' && *open != '>')
			open--;
		if (*open != '"')
			return at;
	}
	return NULL;
}

static bool is_view(const struct embedded *f)
{
	return strncmp(f->path, "src/web/views/", strlen("src/web/views/")) == 0;
}

Test(view, no_view_needs_what_the_content_policy_forbids)
{
	static const char *const banned[] = {
		"<script", "<style", " style=", " onclick=", " onload=", " onsubmit=",
		"javascript:", "http:", "https:", "http-equiv",
	};
	size_t views = 0;

	for (const struct embedded *f = embedded_files; f->path; f++) {
		if (!is_view(f))
			continue;
		views++;
		for (size_t i = 0; i < sizeof(banned) / sizeof(*banned); i++)
			cr_assert_null(strstr((const char *)f->bytes, banned[i]), "%s holds %s",
				       f->path, banned[i]);
		cr_assert_null(unquoted_value((const char *)f->bytes), "%s: unquoted value",
			       f->path);
	}
	cr_assert_gt(views, 20, "only %zu views are embedded", views);
}

Test(view, every_posted_form_carries_token_and_key)
{
	for (const struct embedded *f = embedded_files; f->path; f++) {
		const char *form = (const char *)f->bytes;

		while (is_view(f) && (form = strstr(form, "method=\"post\"")) != NULL) {
			const char *end = strstr(form, "</form>");
			const char *hidden = strstr(form, "{{> form/hidden");
			const char *again = strstr(form, "{{#kept}}");	/* sent again, with the key it had */

			cr_assert(end && ((hidden && hidden < end) || (again && again < end)),
				  "%s: a form without form/hidden", f->path);
			form = end;
		}
	}
}
