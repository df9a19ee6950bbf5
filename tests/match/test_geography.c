#include <criterion/criterion.h>
#include <string.h>

#include "base/embedded.h"
#include "base/text.h"
#include "fitting.h"

Test(geography, the_shipped_table_is_symmetric)
{
	struct arena *a = arena_new();
	struct geography *g = sample_kingdom(a);
	int n;

	cr_assert_not_null(g, "parses");
	n = (int)geography_districts(g);
	cr_assert_eq(n, 2736 + 4 * 99, "Great Britain's, Northern Ireland's and the islands'");
	for (int x = 0; x < n; x++)
		for (int y = 0; y < n; y++)
			cr_assert_eq(geography_neighbours(g, x, y), geography_neighbours(g, y, x),
				     "%s and %s", geography_outward(g, x),
				     geography_outward(g, y));
	arena_free(a);
}

/* Neighbours touch: a centre that is set wrong would part them. */
Test(geography, the_circles_of_neighbours_meet)
{
	struct arena *a = arena_new();
	struct geography *g = sample_kingdom(a);
	int n = (int)geography_districts(g);

	for (int x = 0; x < n; x++)
		for (int y = 0; y < n; y++) {
			int64_t apart = district_distance2(g, x, y);
			int reach = district_reach(g, x) + district_reach(g, y) + 1;

			cr_assert(!geography_neighbours(g, x, y) || apart <= (int64_t)reach * reach, "%s and %s",
				  geography_outward(g, x), geography_outward(g, y));
		}
	arena_free(a);
}

/* What the partnership on the Tees checked by hand is what is shipped. */
Test(geography, the_tees_is_as_it_was_checked)
{
	struct arena *a = arena_new();
	struct geography *kingdom = sample_kingdom(a), *tees = sample_tees(a);
	int n = (int)geography_districts(kingdom);

	for (int number = 1; number <= 29; number++) {
		const char *code = arena_printf(a, "TS%d", number);

		for (int x = 0; x < n; x++)
			cr_assert_eq(geography_neighbours(kingdom, geography_district(kingdom, code), x),
				     geography_neighbours(tees, geography_district(tees, code),
							  geography_district(tees, geography_outward(kingdom, x))),
				     "%s and %s", code, geography_outward(kingdom, x));
	}
	arena_free(a);
}

Test(geography, authorities)
{
	static const char text[] = "neighbours TS1 TS2\nauthorities TS1 E06000002 E06000003\n";
	struct arena *a = arena_new();
	const char *error;
	struct geography *g = geography_parse(a, text, strlen(text), &error);

	cr_assert(g, "%s", error);
	cr_expect_eq(geography_authority(g, geography_district(g, "TS1"), "E06000003"), TRI_YES);
	cr_expect_eq(geography_authority(g, geography_district(g, "TS1"), "E06000005"), TRI_NO);
	cr_expect_eq(geography_authority(g, geography_district(g, "TS2"), "E06000002"), TRI_UNKNOWN);
	cr_expect_eq(geography_authority(g, DISTRICT_NONE, "E06000002"), TRI_UNKNOWN);
	arena_free(a);
}

Test(geography, says_what_was_probably_meant)
{
	static const char *const slips[][2] = {
		{ "TS81", "TS18" }, { "TSI", "TS1" }, { "T53", "TS3" }, { "TS188", "TS18" }, { "TS1X", "TS1" },
		{ "MI4", "M14" }, { "EC1", "EC1A" },
	};
	struct arena *a = arena_new();
	struct geography *g = sample_kingdom(a);

	for (size_t i = 0; i < sizeof(slips) / sizeof(*slips); i++) {
		const char *likely = geography_likely(g, a, slips[i][0]);

		cr_expect(likely && strcmp(likely, slips[i][1]) == 0, "%s: %s", slips[i][0], likely);
	}
	cr_expect_null(geography_likely(g, a, "QQ99QQ"), "too long for any");
	arena_free(a);
}

static bool near(const struct geography *g, const char *a, const char *b)
{
	return geography_neighbours(g, geography_district(g, a), geography_district(g, b));
}

Test(geography, codes_are_whole)
{
	struct arena *a = arena_new();
	struct geography *g = sample_tees(a);

	cr_expect_eq(near(g, "TS1", "TS2"), true, "neighbours");
	cr_expect_eq(near(g, "TS1", "TS18"), true, "neighbours");
	cr_expect_eq(near(g, "TS1", "TS10"), false, "no prefix");
	cr_expect_eq(near(g, "TS1", "TS1"), false, "not of itself");
	cr_expect_eq(near(g, "TS9", "DL6"), true, "beyond the table, as said by TS9");
	cr_expect_eq(near(g, "DL6", "TS9"), true, "and back");
	cr_expect_eq(near(g, "DL1", "DL2"), false, "not said by either");
	cr_expect_eq(geography_district(g, "TS"), DISTRICT_NONE, "no code");
	cr_expect_eq(geography_district(g, "TS100"), DISTRICT_NONE, "no code");
	cr_expect_eq(geography_sector_district(g, "TS1 2"), geography_district(g, "TS1"), "sector");
	cr_expect_neq(geography_sector_district(g, "TS1 2"), geography_sector_district(g, "TS12 2"), "not TS12");
	cr_expect_eq(geography_sector_district(g, "TS12"), DISTRICT_NONE, "no sector");
	cr_expect_eq(geography_sector_district(g, "TS1 2A"), DISTRICT_NONE, "a postcode is no sector");
	cr_expect_eq(geography_sector_district(g, "TS1  2"), DISTRICT_NONE, "one blank");
	arena_free(a);
}

Test(geography, outward_codes)
{
	static const char good[][6] = { "M1", "TS1", "TS10", "B33", "W1A", "EC1A" };
	static const char bad[][6] = { "", "T", "TS", "1", "ts1", "TS1 2", "TS100", "TSS1", "TS1AA",
		"T1AB" };

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		cr_expect(outward_valid(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		cr_expect_not(outward_valid(bad[i]), "%s", bad[i]);
}

Test(geography, a_wrong_table_is_refused_with_its_place)
{
	static const char bad[][96] = {
		"neighbours TS1 TS2\nneighbours TS2 TS3\nneighbours TS3 TS2\n",
		"neighbours TS1 TS2 TS2\n",
		"neighbours TS1 TS1\n",
		"neighbours TS1 TS2\nneighbours TS1 TS3\n",
		"neighbours ts1\n",
		"centre TS1 451 520 2\n",
		"centre TS1 450 520\n",
		"centre TS1 450 520 2\ncentre TS1 450 520 2\n",
		"around TS1 TS2\n",
		"alone BT 1\n",
		"alone BT 1 100\n",
		"alone BTX 1 9\n",
		"neighbours\n",
		"neighbours TS1 TS22222222222222222222222\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct arena *a = arena_new();
		const char *error = NULL;

		cr_expect_null(geography_parse(a, bad[i], strlen(bad[i]), &error), "%s", bad[i]);
		cr_expect_not_null(error, "says why: %s", bad[i]);
		arena_free(a);
	}
}

/* Any bytes are either refused or read, and never read beyond their end. */
Test(geography, survives_any_bytes)
{
	struct dice d = dice_from(1);

	for (int i = 0; i < 3000; i++) {
		struct arena *a = arena_new();
		size_t size;
		const char *text = sample_text(a, &size), *error;
		char *bytes = arena_strndup(a, text, size);
		size_t len = (size_t)between(&d, 0, (int)size);

		for (int k = 0; k < 3; k++)
			bytes[between(&d, 0, (int)size - 1)] = (char)roll(&d);
		if (!geography_parse(a, bytes, len, &error))
			cr_assert_not_null(error, "an error without a word");
		arena_free(a);
	}
}

/* Snapping hides the centre within 4 km² and still covers the circle that was drawn. */
Test(circle, snaps_to_the_grid_and_covers)
{
	struct dice d = dice_from(2);

	for (int i = 0; i < 20000; i++) {
		int e = between(&d, 0, 700000), n = between(&d, 0, 1200000);
		int r = between(&d, 0, 30000);
		struct area c = area_circle(e, n, r), twice;
		int64_t de = c.easting - e, dn = c.northing - n, spare = c.radius - r;

		cr_assert(c.easting % GRID_M == 0 && c.northing % GRID_M == 0, "on the grid");
		cr_assert(c.radius % GRID_M == 0 && c.radius >= GRID_M, "a multiple, at least one");
		cr_assert(spare >= 0 && spare * spare >= de * de + dn * dn, "covers");
		twice = area_circle(c.easting, c.northing, c.radius);
		cr_assert(twice.easting == c.easting && twice.northing == c.northing &&
			  twice.radius == c.radius, "once is enough");
	}
}

/* A circle that is not snapped cannot be used to look closer. */
Test(circle, is_snapped_again_where_it_is_used)
{
	struct arena *a = arena_new();
	struct geography *g = sample_tees(a);
	struct dice d = dice_from(3);

	for (int i = 0; i < 5000; i++) {
		struct area raw = { .kind = AREA_CIRCLE, .easting = between(&d, 430000, 470000),
			.northing = between(&d, 500000, 540000), .radius = between(&d, 1, 9000) };
		struct area snapped = area_circle(raw.easting, raw.northing, raw.radius);
		int at = between(&d, 0, (int)geography_districts(g) - 1);

		cr_assert_eq(circle_hits(g, &raw, at), circle_hits(g, &snapped, at), "round %d", i);
	}
	arena_free(a);
}

/* The shipped policy file equals the program's defaults, key by key. */
Test(policy, the_shipped_file_and_the_table_agree)
{
	const struct embedded *file = embedded_find("config/policy/2026-3.json");
	struct arena *a = arena_new();
	struct policy p;

	policy_default(&p);
	cr_assert_not_null(strstr((const char *)file->bytes, "\"version\": \"2026-3\""), "version");
	for (const struct policy_key *key = policy_keys; key->name; key++) {
		const char *row = arena_printf(a, "\"%s\": %d%s\n", key->name, policy_get(&p, key),
					       key[1].name ? "," : "");

		cr_expect_not_null(strstr((const char *)file->bytes, row), "%s", row);
	}
	arena_free(a);
}

Test(policy, refuses_what_is_out_of_range)
{
	struct policy p;

	policy_default(&p);
	cr_expect(policy_set(&p, "lapse_hours", 48), "within");
	cr_expect_eq(p.lapse_hours, 48, "set");
	cr_expect_not(policy_set(&p, "lapse_hours", 0), "below");
	cr_expect_not(policy_set(&p, "unsafe_same", 2), "above");
	cr_expect_not(policy_set(&p, "lapse_hour", 48), "no such key");
	for (const struct policy_key *key = policy_keys; key->name; key++)
		cr_expect(key->min <= key->def && key->def <= key->max, "%s", key->name);
}

Test(codes, are_unique_and_found_again)
{
	for (const struct code_list *const *l = match_code_lists; *l; l++)
		for (size_t i = 0; i < (*l)->n; i++)
			cr_expect_eq(code_index(*l, code_at(*l, (int)i)), (int)i, "%s %s",
				     (*l)->name, code_at(*l, (int)i));
	cr_expect_eq(code_index(&answer_codes, "maybe"), -1, "no such code");
	cr_expect_null(code_at(&answer_codes, ANSWER_COUNT), "outside");
	cr_expect_eq(code_list_find(match_code_lists, "residents"), &residents_codes, "by name");
	cr_expect(SPECIALISM_COUNT <= 32 && LANGUAGE_COUNT <= 128 && MIX_COUNT <= 16, "bits");
}

/* The order in which pages offer them: English, the alphabet, and those that are written in words. */
Test(codes, languages_are_in_the_order_of_a_reader)
{
	cr_expect_str_eq(code_at(&language_codes, 0), "en");
	for (int l = 2; l < LANGUAGE_COUNT; l++)
		if (!(code_bit(l) & LANGUAGES_IN_WORDS))
			cr_expect(strcmp(code_label(&language_codes, l - 1), code_label(&language_codes, l)) < 0, "%s",
				  code_label(&language_codes, l));
		else
			cr_expect_geq(l, LANGUAGE_SGN);
	cr_expect_eq(LANGUAGE_COUNT, 94 - 13, "the census publishes 94, of which 13 name no language");
}
