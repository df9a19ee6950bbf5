#include <criterion/criterion.h>

#include "base/text.h"
#include "example.h"
#include "json/write.h"

static struct arena *arena;
static struct decoded d;

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(arena);
}

TestSuite(input, .init = set_up, .fini = tear_down);

static enum json_verdict decode(const char *body)
{
	return json_decode(arena, body, strlen(body), &referral_input, &d);
}

static enum json_verdict decode_patch(const char *body)
{
	return json_decode_patch(arena, body, strlen(body), &referral_input, &d);
}

/* The household that every whole referral needs, with more members. */
static char *with(const char *members)
{
	return arena_printf(arena, "{\"household_id\":\"" HOUSEHOLD "\"%s%s}",
			    *members ? "," : "", members);
}

/* "/a code; /b code". */
static const char *errors(void)
{
	struct text t = text_in(arena);

	for (size_t i = 0; i < d.nerrors; i++)
		text_printf(&t, "%s%s %s", i ? "; " : "", d.errors[i].pointer, d.errors[i].code);
	return text_done(&t);
}

static const struct {
	const char *member, *errors;	/* no errors: accepted */
} cases[] = {
	{ "", "" },
	{ "\"title\":\"Ab\"", "" },
	{ "\"title\":\"\xc5\xb7\xc5\xb7\xc5\xb7\xc5\xb7\xc5\xb7"
	  "\xc5\xb7\xc5\xb7\xc5\xb7\xc5\xb7\xc5\xb7\"", "" },		/* 10 points, 20 bytes */
	{ "\"title\":\"12345678901\"", "/title too_long" },
	{ "\"title\":\"a\"", "/title too_short" },
	{ "\"title\":\"\"", "/title too_short" },
	{ "\"title\":\" \\t \"", "/title too_short" },
	{ "\"title\":12", "/title wrong_type" },
	{ "\"title\":[\"ab\"]", "/title wrong_type" },
	{ "\"title\":\"a\\nb\"", "/title bad_text" },
	{ "\"title\":\"a\\u0001b\"", "/title bad_text" },
	{ "\"title\":\"a\\u007fb\"", "/title bad_text" },
	{ "\"title\":\"a\\u0085b\"", "/title bad_text" },
	{ "\"title\":\"a\\u202eb\"", "/title bad_text" },
	{ "\"title\":\"a\\u2066b\"", "/title bad_text" },
	{ "\"title\":null", "" },
	{ "\"note\":\"a\\nb\\r\\nc\"", "" },
	{ "\"note\":\"a\\rb\"", "/note bad_text" },
	{ "\"note\":\"a\\u2028b\"", "/note bad_text" },
	{ "\"note\":\"123456789\\r\\n1234567890\"", "" },		/* 20 with \n */
	{ "\"note\":\"123456789\\r\\n12345678901\"", "/note too_long" },
	{ "\"note\":null", "/note null" },
	{ "\"due_date\":\"2028-02-29\"", "" },
	{ "\"due_date\":\"2027-02-29\"", "/due_date bad_date" },
	{ "\"due_date\":\"29/02/2028\"", "/due_date bad_date" },
	{ "\"due_date\":\"\"", "/due_date empty" },
	{ "\"due_date\":20280229", "/due_date wrong_type" },
	{ "\"seen_at\":\"2026-11-22T02:14:00+01:00\"", "" },
	{ "\"seen_at\":\"2026-11-22 02:14\"", "/seen_at bad_instant" },
	{ "\"source\":\"m\"", "" },
	{ "\"source\":\"M\"", "/source unknown_code" },
	{ "\"source\":true", "/source wrong_type" },
	{ "\"area\":\"ts1\"", "" },
	{ "\"area\":\"W1A\"", "" },
	{ "\"area\":\"EC1A\"", "" },
	{ "\"area\":\"TS10\"", "" },
	{ "\"area\":\"M1\"", "" },
	{ "\"area\":\"TS1 2AB\"", "/area bad_outward" },
	{ "\"area\":\"TS\"", "/area bad_outward" },
	{ "\"area\":\"TSS1\"", "/area bad_outward" },
	{ "\"area\":\"1TS\"", "/area bad_outward" },
	{ "\"area\":\"TS100\"", "/area bad_outward" },
	{ "\"a/b~c\":5", "/a~1b~0c wrong_type" },
	{ "\"minutes\":30", "" },
	{ "\"minutes\":240", "" },
	{ "\"minutes\":29", "/minutes out_of_range" },
	{ "\"minutes\":241", "/minutes out_of_range" },
	{ "\"minutes\":-9223372036854775808", "/minutes out_of_range" },
	{ "\"minutes\":60.0", "/minutes wrong_type" },
	{ "\"minutes\":6e1", "/minutes wrong_type" },
	{ "\"minutes\":\"60\"", "/minutes wrong_type" },
	{ "\"minutes\":true", "/minutes wrong_type" },
	{ "\"minutes\":null", "/minutes null" },
	{ "\"amount\":0", "" },
	{ "\"amount\":-1", "/amount out_of_range" },
	{ "\"amount\":12.30", "/amount wrong_type" },
	{ "\"amount\":50001", "/amount out_of_range" },
	{ "\"tonight\":null", "" },
	{ "\"tonight\":\"yes\"", "/tonight wrong_type" },
	{ "\"tonight\":1", "/tonight wrong_type" },
	{ "\"pets\":null", "/pets null" },
	{ "\"contact\":{}", "/contact/phone required" },
	{ "\"contact\":null", "/contact null" },
	{ "\"contact\":[]", "/contact wrong_type" },
	{ "\"contact\":{\"phone\":\"+44 (0)1642 960 001\"}", "" },
	{ "\"contact\":{\"phone\":\"01642-960.001\",\"voicemail\":null}", "" },
	{ "\"contact\":{\"phone\":\"12345\"}", "/contact/phone bad_phone" },
	{ "\"contact\":{\"phone\":\"1234567890123456\"}", "/contact/phone bad_phone" },
	{ "\"contact\":{\"phone\":\"01642 96000x\"}", "/contact/phone bad_extension" },
	{ "\"contact\":{\"phone\":\"01642+960001\"}", "/contact/phone bad_phone" },
	{ "\"contact\":{\"phone\":\" \"}", "/contact/phone required" },
	{ "\"contact\":{\"phone\":\"01642960001\",\"email\":\"a.b+c@x-y.example.com\"}", "" },
	{ "\"contact\":{\"phone\":\"01642960001\",\"email\":\"a@b\"}", "/contact/email bad_email" },
	{ "\"contact\":{\"phone\":\"01642960001\",\"email\":\"@b.com\"}",
	  "/contact/email bad_email" },
	{ "\"contact\":{\"phone\":\"01642960001\",\"email\":\"a..b@b.com\"}",
	  "/contact/email bad_email" },
	{ "\"contact\":{\"phone\":\"01642960001\",\"email\":\"a@b..com\"}",
	  "/contact/email bad_email" },
	{ "\"contact\":{\"phone\":\"01642960001\",\"email\":\"a@-b.com\"}",
	  "/contact/email bad_email" },
	{ "\"contact\":{\"phone\":\"01642960001\",\"email\":\"a b@b.com\"}",
	  "/contact/email bad_email" },
	{ "\"contact\":{\"phone\":\"01642960001\",\"email\":\"a@b.com\\u00e9\"}",
	  "/contact/email bad_email" },
	{ "\"members\":[]", "" },
	{ "\"members\":{}", "/members wrong_type" },
	{ "\"members\":[null]", "/members/0 wrong_type" },
	{ "\"members\":[{\"sex\":\"f\"},{\"sex\":\"f\"},{\"sex\":\"f\"}]", "" },
	{ "\"members\":[{},{},{},{}]", "/members too_many" },
	{ "\"members\":[{\"sex\":\"f\"},{\"sex\":\"x\"},{\"sex\":\"m\",\"birth_date\":\"1\"}]",
	  "/members/1/sex unknown_code; /members/2/birth_date bad_date" },
	{ "\"members\":[{\"sex\":\"f\",\"needs\":[\"a\",5]}]", "/members/0/needs/1 wrong_type" },
	{ "\"members\":[{\"sex\":\"f\",\"needs\":[\"a\",\"b\",\"c\"]}]",
	  "/members/0/needs too_many" },
	{ "\"members\":[{\"sex\":\"f\",\"name\":1}]", "/members/0/name unknown_member" },
	{ "\"languages\":[]", "/languages too_few" },
	{ "\"languages\":[\"cy\",\"pl\",\"cy\"]", "/languages/2 repeated" },
	{ "\"languages\":\"cy\"", "/languages wrong_type" },
	{ "\"unsafe\":[\"TS1\",\"ts1\"]", "/unsafe/1 repeated" },
	{ "\"visits\":[5,-5,5]", "" },
	{ "\"visits\":[6]", "/visits/0 out_of_range" },
	{ "\"visits\":[[1]]", "/visits/0 wrong_type" },
	{ "\"answers\":[true,false]", "" },
	{ "\"Title\":\"Ab\"", "/Title unknown_member" },
	{ "\"\":1", "/ unknown_member" },
	{ "\"x~/\":1", "/x~0~1 unknown_member" },
	{ "\"a234567890123456789012345678901234567890123456789012345678901234\":1",
	  "/a234567890123456789012345678901234567890123456789012345678901234 unknown_member" },
	{ "\"a2345678901234567890123456789012345678901234567890123456789012345\":1",
	  " unknown_member" },
};

Test(input, every_kind_and_its_refusals)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *body = with(cases[i].member);
		enum json_verdict want = *cases[i].errors ? JSON_INVALID : JSON_OK;

		cr_assert_eq(decode(body), want, "case %zu, %s: %s", i, body, errors());
		cr_assert_str_eq(errors(), cases[i].errors, "case %zu, %s", i, body);
		cr_assert_not_null(d.value, "what could be read, case %zu", i);
	}
}

static const char *const malformed[] = {
	"", " ", "{", "[]", "[1]", "1", "\"a\"", "null", "{}x", "{}{}", "{\"a\":1,}", "{'a':1}",
	"{\"a\":01}", "{\"a\":NaN}", "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}",
	"{\"a\":{\"b\":1,\"b\":1}}", "{\"a\":9223372036854775808}", "{\"a\":1e999}",
	"{\"a\":\"\\u0000\"}", "{\"a\\u0000\":1}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\"}",
	"{\"a\":\"\xc0\xaf\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xf5\x80\x80\x80\"}",
	"{\"a\":\"\xe2\x82\"}", "{\"a\":\"\n\"}", "\xef\xbb\xbf{}", "{\"a\":\"\\x\"}",
	"{\"a\":/**/1}", "{\"\\\":1}", "]", "{\"a\":\"\\",
};

Test(input, malformed_bodies)
{
	for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++) {
		cr_assert_eq(decode(malformed[i]), JSON_MALFORMED, "case %zu: %s", i, malformed[i]);
		cr_assert(!d.json && !d.value && !d.nerrors, "case %zu leaves nothing", i);
	}
	cr_assert_eq(json_decode(arena, "{}\0", 3, &referral_input, &d), JSON_MALFORMED, "NUL");
}

/* {"a":[[…]]}, n deep. */
static const char *nested(int n)
{
	struct text t = text_in(arena);

	text_lit(&t, "{\"a\":");
	for (int i = 1; i < n; i++)
		text_putc(&t, '[');
	for (int i = 1; i < n; i++)
		text_putc(&t, ']');
	text_putc(&t, '}');
	return text_done(&t);
}

Test(input, depth)
{
	cr_assert_eq(decode(nested(32)), JSON_INVALID, "32 deep is read, and the member unknown");
	cr_assert_eq(decode(nested(33)), JSON_MALFORMED, "33 deep is not read");
	cr_assert_eq(decode("{\"a\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}"),
		     JSON_INVALID, "brackets in text are text");
}

Test(input, all_errors_at_once)
{
	cr_assert_eq(decode("{\"x\":1,\"minutes\":1,\"contact\":{\"email\":\"e\"},"
			    "\"members\":[{\"sex\":\"f\"},{\"birth_date\":\"2019-02-30\"}]}"),
		     JSON_INVALID, "refused");
	cr_assert_str_eq(errors(), "/household_id required; /minutes out_of_range; "
				   "/contact/phone required; /contact/email bad_email; "
				   "/members/1/sex required; /members/1/birth_date bad_date; "
				   "/x unknown_member", "in the order of the table");
}

Test(input, errors_are_bounded)
{
	struct text t = text_in(arena);

	json_object_begin(&t);
	for (int i = 0; i < 5000; i++) {
		json_put_name(&t, arena_printf(arena, "m%d", i));
		json_put_i64(&t, i);
	}
	json_object_end(&t);
	cr_assert_eq(decode(text_done(&t)), JSON_INVALID, "refused");
	cr_assert_eq(d.nerrors, JSON_ERRORS, "a long body does not make a long answer");
}

static const struct {
	const char *body, *detail;
} sentences[] = {
	{ "{}", "Select the household" },
	{ "{\"household_id\":\"x\"}",
	  "Household must be an identifier, like 2f1c6a0e-5b7d-4c39-9a51-d3e8f0b24c67" },
	{ "{\"household_id\":null}", "Select the household" },
	{ "{\"household_id\":\"" HOUSEHOLD "\",\"members\":[{\"sex\":\"f\",\"birth_date\":\"x\"}]}",
	  "Date of birth must be a real date, like 2019-03-27" },
	{ "{\"household_id\":\"" HOUSEHOLD "\",\"members\":[{}]}", "Select the sex" },
	{ "{\"household_id\":\"" HOUSEHOLD "\",\"minutes\":3}",
	  "Minutes must be between 30 and 240" },
	{ "{\"household_id\":\"" HOUSEHOLD "\",\"amount\":50001}",
	  "Amount must be between £0 and £500" },
	{ "{\"household_id\":\"" HOUSEHOLD "\",\"amount\":1.5}",
	  "Amount must be an amount of money in whole pence" },
	{ "{\"household_id\":\"" HOUSEHOLD "\",\"title\":\"12345678901\"}",
	  "Title must be 10 characters or less" },
	{ "{\"household_id\":\"" HOUSEHOLD "\",\"due_date\":\"x\"}",
	  "Due date must be a real date, like 2019-03-27" },
	{ "{\"household_id\":\"" HOUSEHOLD "\",\"languages\":[\"x\"]}",
	  "Select languages from the list" },
	{ "{\"household_id\":\"" HOUSEHOLD "\",\"languages\":5}", "Languages must be a list" },
	{ "{\"household_id\":\"" HOUSEHOLD "\",\"languages\":[]}",
	  "Languages must have 1 or more entries" },
	{ "{\"household_id\":\"" HOUSEHOLD "\",\"members\":[{},{},{},{}]}",
	  "Members must have 3 entries or fewer" },
	{ "{\"household_id\":\"" HOUSEHOLD "\",\"zz\":5}", "Remove this: it is not a field here" },
};

Test(input, sentences_for_people)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++) {
		cr_assert_eq(decode(sentences[i].body), JSON_INVALID, "case %zu", i);
		cr_assert_str_eq(d.errors[0].detail, sentences[i].detail, "case %zu", i);
	}
}

/* Sends a name, which would be a leak, into every field. */
Test(input, no_error_repeats_what_was_sent)
{
	for (size_t i = 0; i < referral_input.n; i++) {
		const char *body = arena_printf(arena, "{\"%s\":\"Zebedee\\u0001Quux\"}",
						referral_fields[i].name);

		cr_assert_eq(decode(body), JSON_INVALID, "%s", body);
		for (size_t e = 0; e < d.nerrors; e++)
			cr_assert(!strstr(d.errors[e].detail, "Zebedee") &&
				  !strstr(d.errors[e].pointer, "Zebedee"),
				  "%s is not echoed", d.errors[e].pointer);
	}
}

Test(input, values_reach_the_struct)
{
	const struct referral *r;
	const struct member *m;

	cr_assert_eq(decode(with("\"title\":\"  Ab\\tc \",\"note\":\"a\\r\\nb\",\"amount\":1230,"
				 "\"tonight\":false,\"area\":\"yo62\",\"visits\":[1,-2],"
				 "\"answers\":[false,true],\"contact\":{\"phone\":"
				 "\"+44 (0)1642 960 001\"},\"languages\":[\"pl\",\"cy\"],"
				 "\"members\":[{\"sex\":\"f\",\"needs\":[\"cot\"]},"
				 "{\"sex\":\"m\",\"age\":7}]")), JSON_OK, "%s", errors());
	r = d.value;
	m = r->members.items;
	cr_assert_str_eq(r->household, HOUSEHOLD, "uuid");
	cr_assert_str_eq(r->title, "Ab c", "trimmed, tab to blank");
	cr_assert_str_eq(r->note, "a\nb", "line breaks are \\n");
	cr_assert_eq(r->amount, 1230, "pence");
	cr_assert(r->tonight == TRI_NO && r->pets == TRI_UNKNOWN, "no is not unknown");
	cr_assert_str_eq(r->area, "YO62", "upper-cased");
	cr_assert_str_eq(r->contact->phone, "+441642960001", "phone digits");
	cr_assert(r->visits.n == 2 && ((int64_t *)r->visits.items)[1] == -2, "list of numbers");
	cr_assert(r->answers.n == 2 && ((enum tri *)r->answers.items)[1] == TRI_YES, "answers");
	cr_assert_str_eq(((const char **)r->languages.items)[0], "pl", "list of codes, in order");
	cr_assert(r->members.n == 2 && m[0].age == 18 && m[1].age == 7, "defaults in entries");
	cr_assert_str_eq(((const char **)m[0].needs.items)[0], "cot", "a list in a list's entry");
}

Test(input, absent_is_not_zero)
{
	const struct referral *r;

	cr_assert_eq(decode(with("")), JSON_OK, "%s", errors());
	r = d.value;
	cr_assert_eq(r->amount, INT_ABSENT, "no amount is not no money");
	cr_assert_eq(r->minutes, 120, "the default");
	cr_assert(!r->title && !r->contact && r->members.n == 0, "absent");
	cr_assert(!json_sent(&d, struct referral, minutes), "a default was not sent");
	cr_assert(json_sent(&d, struct referral, household), "this was");
}

Test(input, text_carries_defaults_and_normal_forms)
{
	cr_assert_eq(decode("{\"area\":\" ts1\",\"household_id\":"
			    "\"2F1C6A0E-5B7D-4C39-9A51-D3E8F0B24C67\",\"unsafe\":[\"dl2\"],"
			    "\"title\":null,\"members\":[{\"sex\":\"f\"}]}"), JSON_OK, "%s",
		     errors());
	cr_assert_str_eq(json_input_text(arena, &d),
			 "{\"household_id\":\"" HOUSEHOLD "\",\"title\":null,\"area\":\"TS1\","
			 "\"minutes\":120,\"members\":[{\"sex\":\"f\",\"age\":18}],\"unsafe\":[\"DL2\"]}",
			 "as it goes to the database");
}

Test(input, lists_may_default)
{
	cr_assert_eq(decode(with("")), JSON_OK, "%s", errors());
	cr_assert_str_eq(json_input_text(arena, &d),
			 "{\"household_id\":\"" HOUSEHOLD "\",\"minutes\":120,\"unsafe\":[]}",
			 "an empty list rather than none");
}

Test(input, handlers_add_their_own_findings)
{
	cr_assert_eq(decode(with("")), JSON_OK, "%s", errors());
	json_add_error(&d, "/due_date", "in_the_past", "Due date must be in the future");
	json_add_error(&d, "", "empty", "Enter a place or an area");
	cr_assert_str_eq(errors(), "/due_date in_the_past;  empty", "kept in order");
}

Test(input, what_was_refused_is_absent)
{
	const struct referral *r;
	const struct member *m;

	cr_assert_eq(decode(with("\"title\":\"a\",\"area\":\"ts1\",\"minutes\":29,\"contact\":7,"
				 "\"due_date\":\"soon\",\"languages\":[\"cy\",\"xx\"],\"visits\":[9,1],"
				 "\"members\":[{\"sex\":\"f\",\"age\":121},7]")), JSON_INVALID, "refused");
	r = d.value;
	m = r->members.items;
	cr_assert(!r->title && !r->due && !r->contact && r->minutes == INT_ABSENT, "nothing half read");
	cr_assert_str_eq(r->area, "TS1", "the rest is there");
	cr_assert(r->languages.n == 2 && !((const char **)r->languages.items)[1], "entries keep their places");
	cr_assert(r->visits.n == 2 && ((int64_t *)r->visits.items)[0] == INT_ABSENT, "numbers too");
	cr_assert(r->members.n == 2 && m[0].age == INT_ABSENT && text_eq(m[0].sex, "f"), "and structs");
	cr_assert(!m[1].sex && m[1].age == INT_ABSENT, "what is no object is an empty one");
}

Test(input, the_first_finding_at_a_pointer_stands)
{
	cr_assert_eq(decode(with("\"due_date\":\"soon\"")), JSON_INVALID, "refused");
	json_add_error(&d, "/due_date", "required", "Enter a due date");
	json_add_error(&d, "/area", "required", "Enter an area");
	cr_assert_str_eq(errors(), "/due_date bad_date; /area required",
			 "what could not be read is not missing too");
}

static const struct {
	const char *pointer, *value;	/* NULL: no value there */
} sent_to[] = {
	{ "", "" }, { "/title", "\"ab\"" }, { "/a~1b~0c", "\"x\"" }, { "/members/0/sex", "\"f\"" },
	{ "/members/1", NULL }, { "/members/x", NULL }, { "/members/-1", NULL }, { "/title/0", NULL },
	{ "/area", NULL }, { "/contact/phone", NULL },
};

Test(input, finds_what_was_sent_by_pointer)
{
	cr_assert_eq(decode(with("\"title\":\"ab\",\"a/b~c\":\"x\",\"members\":[{\"sex\":\"f\"}]")),
		     JSON_OK, "%s", errors());
	for (size_t i = 0; i < sizeof(sent_to) / sizeof(*sent_to); i++) {
		const json_t *v = json_sent_to(&d, sent_to[i].pointer);
		struct text t = text_in(arena);

		cr_assert_eq(v != NULL, sent_to[i].value != NULL, "%s", sent_to[i].pointer);
		if (!v || json_is_object(v))
			continue;
		json_put_value(&t, v);
		cr_assert_str_eq(text_done(&t), sent_to[i].value, "%s", sent_to[i].pointer);
	}
}

static const struct {
	const char *body, *errors, *text;
} patches[] = {
	{ "{}", "", "{}" },
	{ "{\"title\":null}", "", "{\"title\":null}" },
	{ "{\"note\":null}", "", "{\"note\":null}" },
	{ "{\"household_id\":null}", "/household_id required", NULL },
	{ "{\"minutes\":null}", "/minutes null", NULL },
	{ "{\"minutes\":29}", "/minutes out_of_range", NULL },
	{ "{\"contact\":{\"email\":\"a@example.com\"}}", "",
	  "{\"contact\":{\"email\":\"a@example.com\"}}" },
	{ "{\"contact\":{\"email\":null}}", "", "{\"contact\":{\"email\":null}}" },
	{ "{\"contact\":{\"phone\":null}}", "/contact/phone required", NULL },
	{ "{\"contact\":null}", "", "{\"contact\":null}" },
	{ "{\"members\":[{\"birth_date\":\"2019-03-27\"}]}", "/members/0/sex required", NULL },
	{ "{\"members\":[{\"sex\":\"f\"}]}", "", "{\"members\":[{\"sex\":\"f\",\"age\":18}]}" },
	{ "{\"members\":[{\"sex\":\"f\",\"birth_date\":null}]}", "/members/0/birth_date null",
	  NULL },
	{ "{\"members\":null}", "", "{\"members\":null}" },
	{ "{\"x\":null}", "/x unknown_member", NULL },
};

Test(input, merge_patches)
{
	for (size_t i = 0; i < sizeof(patches) / sizeof(*patches); i++) {
		enum json_verdict want = patches[i].text ? JSON_OK : JSON_INVALID;

		cr_assert_eq(decode_patch(patches[i].body), want, "%s: %s", patches[i].body,
			     errors());
		cr_assert_str_eq(errors(), patches[i].errors, "%s", patches[i].body);
		if (patches[i].text)
			cr_assert_str_eq(json_input_text(arena, &d), patches[i].text, "%zu", i);
	}
}

Test(input, a_patch_tells_null_from_absent)
{
	const struct referral *r;

	cr_assert_eq(decode_patch("{\"title\":null,\"amount\":5}"), JSON_OK, "%s", errors());
	r = d.value;
	cr_assert(json_sent(&d, struct referral, title) && !r->title, "cleared");
	cr_assert(json_sent(&d, struct referral, amount) && r->amount == 5, "set");
	cr_assert(!json_sent(&d, struct referral, minutes) && r->minutes == INT_ABSENT,
		  "untouched: no default in a patch");
}

static const struct code_list no_codes = { "none", NULL, 0 };
static const struct field bad_row[] = { { .name = "deep", .type = FIELD_CODE } };
static const struct input bad_table = { .fields = bad_row, .n = 1, .size = 64, .name = "inner" };
static const struct {
	struct field row[2];
	const char *fault;
} faults[] = {
	{ { { .name = "" }, { .name = "b" } }, "t:  has no name" },
	{ { { .name = "a" }, { .name = "a" } }, "t: a is there twice" },
	{ { { .name = "a" }, { .name = "b", .type = FIELD_CODE } }, "t: b has no codes" },
	{ { { .name = "a" }, { .name = "b", .type = FIELD_CODE, .codes = &no_codes } },
	  "t: b has no codes" },
	{ { { .name = "a" }, { .name = "b", .type = FIELD_OBJECT } }, "t: b has no table" },
	{ { { .name = "a" }, { .name = "b", .type = FIELD_OBJECT, .sub = &bad_table } },
	  "t: b inner: deep has no codes" },
	{ { { .name = "a" }, { .name = "b", .type = FIELD_INT, .min = 5, .max = 4 } },
	  "t: b has bounds that nothing meets" },
	{ { { .name = "a" }, { .name = "b", .type = FIELD_INT, .max = 4, .def = "5" } },
	  "t: b refuses its own default" },
	{ { { .name = "a" }, { .name = "b", .type = FIELD_INT, .def = "five" } },
	  "t: b refuses its own default" },
	{ { { .name = "a" }, { .name = "b", .list = true, .def = "[" } },
	  "t: b refuses its own default" },
};

Test(input, faults_of_tables)
{
	cr_assert_null(input_fault(arena, &referral_input), "the example is sound");
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct input table = { .fields = faults[i].row, .n = 2, .size = 64, .name = "t" };

		cr_assert_str_eq(input_fault(arena, &table), faults[i].fault, "case %zu", i);
	}
}
