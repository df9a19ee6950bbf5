#include <criterion/criterion.h>

#include "base/text.h"
#include "example.h"
#include "json/form.h"

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(arena);
}

TestSuite(form, .init = set_up, .fini = tear_down);

enum { PAIRS = 64 };

/* "a=1&b=2" cut at & and =, no percent decoding. */
static size_t cut(const char *form, struct form_pair *pairs)
{
	char *rest = arena_strdup(arena, form), *pair;
	size_t n = 0;

	while (rest && *rest && n < PAIRS) {
		pair = strsep(&rest, "&");
		pairs[n].name = strsep(&pair, "=");
		pairs[n++].value = pair ? pair : "";
	}
	return n;
}

static const struct {
	const char *form, *json;
} forms[] = {
	{ "", "{}" },
	{ "_csrf=abc&title= Ab &note=", "{\"title\":\"Ab\"}" },
	{ "minutes=60", "{\"minutes\":60}" },
	{ "minutes=sixty", "{\"minutes\":\"sixty\"}" },
	{ "minutes=9223372036854775808", "{\"minutes\":\"9223372036854775808\"}" },
	{ "minutes=60&minutes=61", "{\"minutes\":[60,61]}" },
	{ "title=12", "{\"title\":\"12\"}" },
	{ "tonight=yes&pets=no", "{\"tonight\":true,\"pets\":false}" },
	{ "tonight=on&pets=false", "{\"tonight\":true,\"pets\":false}" },
	{ "tonight=unknown&pets=maybe", "{\"tonight\":null,\"pets\":\"maybe\"}" },
	{ "amount=1230", "{\"amount\":1230}" },
	{ "amount-pounds=12.30", "{\"amount\":1230}" },
	{ "amount-pounds=£1,200", "{\"amount\":120000}" },
	{ "amount-pounds=12.3", "{\"amount\":1230}" },
	{ "amount-pounds=12.345", "{\"amount\":\"12.345\"}" },
	{ "amount-pounds=12.", "{\"amount\":\"12.\"}" },
	{ "amount-pounds=£", "{\"amount\":\"£\"}" },
	{ "amount-pounds=-5", "{\"amount\":\"-5\"}" },
	{ "amount-pounds=92233720368547758.08", "{\"amount\":\"92233720368547758.08\"}" },
	{ "amount-pounds=", "{}" },
	{ "due_date-day=7&due_date-month=3&due_date-year=2027", "{\"due_date\":\"2027-03-07\"}" },
	{ "due_date-day=&due_date-month=&due_date-year=", "{}" },
	{ "due_date-day=7&due_date-month=&due_date-year=2027", "{\"due_date\":\"7||2027\"}" },
	{ "due_date-day=7&due_date-month=March&due_date-year=2027", "{\"due_date\":\"2027-03-07\"}" },
	{ "due_date-day=07&due_date-month=mar&due_date-year=2027", "{\"due_date\":\"2027-03-07\"}" },
	{ "due_date-day=7th&due_date-month=MAR.&due_date-year= 2027", "{\"due_date\":\"2027-03-07\"}" },
	{ "due_date-day=7&due_date-month=03&due_date-year=2027", "{\"due_date\":\"2027-03-07\"}" },
	{ "due_date-day=7&due_date-month=3&due_date-year=2027", "{\"due_date\":\"2027-03-07\"}" },
	{ "due_date-day=1&due_date-month=Sept&due_date-year=2027", "{\"due_date\":\"2027-09-01\"}" },
	{ "due_date-day=\uff17&due_date-month=\uff13&due_date-year=2027", "{\"due_date\":\"2027-03-07\"}" },
	{ "due_date-day=30&due_date-month=feb&due_date-year=2027", "{\"due_date\":\"30|2|2027\"}" },
	{ "due_date-day=7&due_date-month=ma&due_date-year=2027", "{\"due_date\":\"7|ma|2027\"}" },
	{ "due_date-day=7&due_date-day=8", "{\"due_date\":[{\"day\":\"7\"},\"8\"]}" },
	{ "due_date=2027-03-07", "{\"due_date\":\"2027-03-07\"}" },
	{ "languages=cy&languages=pl", "{\"languages\":[\"cy\",\"pl\"]}" },
	{ "languages=cy", "{\"languages\":[\"cy\"]}" },
	{ "languages=", "{}" },
	{ "languages[0]=cy&languages[2]=pl", "{\"languages\":[\"cy\",\"pl\"]}" },
	{ "languages[0]=&languages[1]=pl", "{\"languages\":[\"pl\"]}" },
	{ "languages[0]=&languages[1]=", "{}" },
	{ "languages[0].x=cy", "{\"languages[0].x\":true}" },
	{ "languages[]=cy", "{\"languages[]\":true}" },
	{ "languages[9999]=cy", "{\"languages[9999]\":true}" },
	{ "title[0]=a", "{\"title[0]\":true}" },
	{ "visits=1&visits=-2&visits=x", "{\"visits\":[1,-2,\"x\"]}" },
	{ "contact.phone=01642960001&contact.email=", "{\"contact\":{\"phone\":\"01642960001\"}}" },
	{ "contact.phone=&contact.email=", "{}" },
	{ "contact=x", "{\"contact\":\"x\"}" },
	{ "members[1].sex=f&members[0].sex=m&members[1].needs=a&members[1].needs=b",
	  "{\"members\":[{\"sex\":\"m\"},{\"sex\":\"f\",\"needs\":[\"a\",\"b\"]}]}" },
	{ "members[0].sex=&members[2].birth_date-day=1&members[2].birth_date-month=12&"
	  "members[2].birth_date-year=2019", "{\"members\":[{\"birth_date\":\"2019-12-01\"}]}" },
	{ "places[0].kind=f&places[0].area=&places[1].kind=&places[1].area=", "{}" },
	{ "places[0].kind=f&places[1].kind=m&places[1].area=TS1", "{\"places\":[{\"kind\":\"m\",\"area\":\"TS1\"}]}" },
	{ "places[0].kind=f&places[1].area=TS1", "{\"places\":[{\"area\":\"TS1\"}]}" },
	{ "members[3].sex=f", "{\"members[3].sex\":true}" },
	{ "members[].sex=f", "{\"members[].sex\":true}" },
	{ "members[-1].sex=f", "{\"members[-1].sex\":true}" },
	{ "members[99999999999999999999].sex=f", "{\"members[99999999999999999999].sex\":true}" },
	{ "members[0]=f", "{\"members[0]\":true}" },
	{ "members[0", "{\"members[0\":true}" },
	{ "members.sex=f", "{\"members.sex\":true}" },
	{ "contact.=f", "{\"contact.\":true}" },
	{ "contact.phone.x=f", "{\"contact.phone.x\":true}" },
	{ "contact[0].phone=f", "{\"contact[0].phone\":true}" },
	{ "title-day=1", "{\"title-day\":true}" },
	{ "due_date-hour=1", "{\"due_date-hour\":true}" },
	{ "who=1&who=2", "{\"who\":true}" },
};

Test(form, becomes_json)
{
	struct form_pair pairs[PAIRS];
	size_t n, len;

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		char *json;

		n = cut(forms[i].form, pairs);
		json = json_from_form(arena, pairs, n, &referral_input, &len);
		cr_assert_str_eq(json, forms[i].json, "%s", forms[i].form);
		cr_assert_eq(len, strlen(json), "length of %s", forms[i].form);
	}
}

static const struct {
	const char *form, *json;
} patches[] = {
	{ "title=&note= ", "{\"title\":null,\"note\":null}" },
	{ "title=&title=Ab", "{\"title\":\"Ab\"}" },
	{ "due_date-day=&due_date-month=&due_date-year=", "{\"due_date\":null}" },
	{ "amount-pounds=", "{\"amount\":null}" },
	{ "languages=", "{\"languages\":[]}" },
	{ "languages=&languages=cy", "{\"languages\":[\"cy\"]}" },
	{ "languages[0]=&languages[1]=", "{\"languages\":[]}" },
	{ "contact.email=", "{\"contact\":{\"email\":null}}" },
	{ "members[0].sex=&members[1].sex=f", "{\"members\":[{\"sex\":\"f\"}]}" },
	{ "members[0].sex=", "{\"members\":[]}" },
};

static const struct {
	const char *form, *code, *detail;
} dates[] = {
	{ "due_date-day=7&due_date-month=&due_date-year=2027", "no_month", "Due date must include a month" },
	{ "due_date-day=&due_date-month=3&due_date-year=2027", "no_day", "Due date must include a day" },
	{ "due_date-day=7&due_date-month=3&due_date-year=", "no_year", "Due date must include a year" },
	{ "due_date-day=7&due_date-month=&due_date-year=", "no_month_year", "Due date must include a month and year" },
	{ "due_date-day=&due_date-month=&due_date-year=2027", "no_day_month", "Due date must include a day and month" },
	{ "due_date-day=&due_date-month=3&due_date-year=", "no_day_year", "Due date must include a day and year" },
	{ "due_date-day=7&due_date-month=3&due_date-year=27", "bad_year", "Year must include 4 numbers" },
	{ "due_date-day=30&due_date-month=2&due_date-year=2027", "no_such_day", "Due date must be a real date" },
	{ "due_date-day=7&due_date-month=Marsh&due_date-year=2027", "no_such_day", "Due date must be a real date" },
};

Test(form, a_date_says_which_part_is_missing)
{
	struct form_pair pairs[PAIRS];

	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++) {
		size_t len, n = cut(arena_printf(arena, "household_id=" HOUSEHOLD "&%s", dates[i].form), pairs);
		char *json = json_from_form(arena, pairs, n, &referral_input, &len);
		struct decoded d;

		cr_assert_eq(json_decode(arena, json, len, &referral_input, &d), JSON_INVALID, "%s", json);
		cr_expect_str_eq(d.errors[0].pointer, "/due_date");
		cr_expect_str_eq(d.errors[0].code, dates[i].code, "%s", dates[i].form);
		cr_expect_str_eq(d.errors[0].detail, dates[i].detail, "%s", dates[i].form);
	}
}

Test(form, empty_clears_in_a_patch)
{
	struct form_pair pairs[PAIRS];
	size_t n, len;

	for (size_t i = 0; i < sizeof(patches) / sizeof(*patches); i++) {
		n = cut(patches[i].form, pairs);
		cr_assert_str_eq(json_patch_from_form(arena, pairs, n, &referral_input, &len),
				 patches[i].json, "%s", patches[i].form);
	}
}

Test(form, what_is_not_utf8_is_no_form)
{
	size_t len;

	cr_assert_null(json_from_form(arena, &(struct form_pair){ "title", "\xc0\xaf" }, 1,
				      &referral_input, &len), "value");
	cr_assert_null(json_from_form(arena, &(struct form_pair){ "\xff", "a" }, 1,
				      &referral_input, &len), "name");
}

Test(form, page_and_program_meet_in_the_same_document)
{
	static const char form[] =
		"household_id=2F1C6A0E-5B7D-4C39-9A51-D3E8F0B24C67&_csrf=x&title=Ab&minutes=45&"
		"tonight=yes&due_date-day=29&due_date-month=2&due_date-year=2028&area=ts1&"
		"contact.phone=01642 960 001&contact.voicemail=unknown&languages=pl&languages=cy&"
		"members[0].sex=f&members[1].sex=m&members[1].age=7&amount-pounds=5&source=";
	static const char json[] =
		"{\"household_id\":\"" HOUSEHOLD "\",\"title\":\"Ab\",\"minutes\":45,"
		"\"tonight\":true,\"due_date\":\"2028-02-29\",\"area\":\"TS1\",\"contact\":"
		"{\"phone\":\"01642960001\",\"voicemail\":null},\"languages\":[\"pl\",\"cy\"],"
		"\"members\":[{\"sex\":\"f\"},{\"sex\":\"m\",\"age\":7}],\"amount\":500}";
	struct form_pair pairs[PAIRS];
	struct decoded page, program;
	size_t len;
	char *text = json_from_form(arena, pairs, cut(form, pairs), &referral_input, &len);

	cr_assert_eq(json_decode(arena, text, len, &referral_input, &page), JSON_OK, "%s", text);
	cr_assert_eq(json_decode(arena, json, strlen(json), &referral_input, &program), JSON_OK,
		     "json");
	cr_assert(json_equal(page.json, program.json), "%s", json_input_text(arena, &page));
}

static const struct {
	const char *form, *pointer, *code;
} refusals[] = {
	{ "minutes=sixty", "/minutes", "wrong_type" },
	{ "minutes=60&minutes=60", "/minutes", "wrong_type" },
	{ "due_date-day=31&due_date-month=2&due_date-year=2027", "/due_date", "no_such_day" },
	{ "due_date-day=&due_date-month=2&due_date-year=2027", "/due_date", "no_day" },
	{ "due_date-day=1&due_date-month=2&due_date-year=27", "/due_date", "bad_year" },
	{ "due_date-day=1&due_date-day=2", "/due_date", "wrong_type" },
	{ "due_date-day=-1&due_date-month=2&due_date-year=2027", "/due_date", "no_such_day" },
	{ "amount-pounds=five", "/amount", "wrong_type" },
	{ "tonight=perhaps", "/tonight", "wrong_type" },
	{ "members[0].sex=f&members[1].sex=q", "/members/1/sex", "unknown_code" },
	{ "who=1", "/who", "unknown_member" },
	{ "contact=x", "/contact", "wrong_type" },
	{ "members=x", "/members/0", "wrong_type" },
};

Test(form, the_decoder_reports_what_could_not_be_typed)
{
	struct form_pair pairs[PAIRS];
	struct decoded d;
	size_t n, len;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		char *text;

		n = cut(refusals[i].form, pairs);
		pairs[n++] = (struct form_pair){ "household_id", HOUSEHOLD };
		text = json_from_form(arena, pairs, n, &referral_input, &len);
		cr_assert_eq(json_decode(arena, text, len, &referral_input, &d), JSON_INVALID, "%s",
			     text);
		cr_assert_eq(d.nerrors, 1, "%s: one error", text);
		cr_assert_str_eq(d.errors[0].pointer, refusals[i].pointer, "%s", text);
		cr_assert_str_eq(d.errors[0].code, refusals[i].code, "%s", text);
	}
}
