#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "api/place.h"

/* char[]: each test is a process of its own, where pointers of parameters mean nothing */
struct code_case {
	char in[16], full[9], outward[5], sector[7];
};

ParameterizedTestParameters(place, postcode_is_read)
{
	static struct code_case cases[] = {
		{ "TS1 3BA", "TS1 3BA", "TS1", "TS1 3" },
		{ "ts13ba", "TS1 3BA", "TS1", "TS1 3" },
		{ " ts10 1aa ", "TS10 1AA", "TS10", "TS10 1" },
		{ "ec1a1bb", "EC1A 1BB", "EC1A", "EC1A 1" },
		{ "m1 1ae", "M1 1AE", "M1", "M1 1" },
	};
	return cr_make_param_array(struct code_case, cases, sizeof(cases) / sizeof(*cases));
}

ParameterizedTest(struct code_case *t, place, postcode_is_read)
{
	struct postcode code;

	cr_assert(postcode_parse(t->in, &code), "%s should be a postcode", t->in);
	cr_assert_str_eq(code.full, t->full, "%s: full", t->in);
	cr_assert_str_eq(code.outward, t->outward, "%s: outward", t->in);
	cr_assert_str_eq(code.sector, t->sector, "%s: sector", t->in);
}

ParameterizedTestParameters(place, no_postcode)
{
	static char cases[][16] = {
		"",        "TS1",     "TS1 3B",     "TS1 BA3",  "TS1 3CI",
		"1S1 3BA", "TS1-3BA", "TS100 13BA", "TS1 3BAA",
	};
	return cr_make_param_array(char[16], cases, sizeof(cases) / sizeof(*cases));
}

ParameterizedTest(char (*t)[16], place, no_postcode)
{
	struct postcode code;

	cr_assert(!postcode_parse(*t, &code), "%s is no postcode", *t);
}

struct prose {
	char text[64];
	bool address, place;
};

ParameterizedTestParameters(place, prose)
{
	static struct prose cases[] = {
		{ "Boiler repair, engineer booked", false, false },
		{ "Keys at TS1 3BA", true, true },
		{ "keys at ts13ba, ring first", true, true },
		{ "12 Acacia Road", true, true },
		{ "see 12a old mill lane", true, true },
		{ "Acacia Road 12, ring first", true, true },
		{ "at TS1 3 BA", true, true },
		{ "\xef\xbc\xb4\xef\xbc\xb3\xef\xbc\x91 \xef\xbc\x93\xef\xbc\xa2\xef\xbc\xa1", true, true },
		{ "a road with 2 lanes; step 3 of 4", false, false },
		{ "4 Rowan Close", true, true },
		{ "14 flats close to a school", false, false },
		{ "2 weeks, 3 rooms, CO2 alarm", false, true },
		{ "West of TS1", false, true },
		{ "Flat 3, block B1", false, false },
		{ "21 days to make the place ready", false, false },
		{ "Road works at the back", false, false },
		{ "Flat 3, 14 High St", true, true },
		{ "2 children, 10 days, Room 4", false, false },
	};
	return cr_make_param_array(struct prose, cases, sizeof(cases) / sizeof(*cases));
}

ParameterizedTest(struct prose *t, place, prose)
{
	cr_assert_eq(holds_address(t->text), t->address, "address in \"%s\"", t->text);
	cr_assert_eq(holds_place(t->text), t->place, "place in \"%s\"", t->text);
}

Test(place, no_text_holds_nothing)
{
	cr_assert(!holds_address(NULL), "NULL holds no address");
	cr_assert(!holds_place(""), "an empty text holds no place");
}
