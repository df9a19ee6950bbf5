/* Random households for the search benchmarks, each in two forms made from the same answers: the
 * body of POST /vacancy-searches, and the row of bench.need by which SQL asks the same question.
 * A sixth of the vacancies fits one of them, in the mean.
 *
 *	needs COUNT DIR		writes DIR/needs.jsonl and DIR/needs.copy (text COPY format)
 *
 * The columns of bench.need and the meaning of their bits stand in search.sql. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/match/rules.h"
#include "base/clock.h"
#include "base/embedded.h"
#include "base/text.h"

enum { MEMBERS = 8, TEES = 29, PLACES = 3, COUNT_MAX = 100000 };

/* Bits of bench.need.hard and bench.side.hard, beyond those that follow from a level. */
enum {
	BIT_WOMEN, BIT_MEN, BIT_ADULT_CHILDREN, BIT_PETS, BIT_NRPF, BIT_SUPPORT,
	BIT_WHEELCHAIR = BIT_SUPPORT + SUPPORT_COUNT,
	BIT_STEP_FREE = BIT_WHEELCHAIR + 3, BIT_GROUND, BIT_BATH,
	BIT_RISK, BIT_BOY = BIT_RISK + 3, BIT_AGE = BIT_BOY + 18,
};
enum { BIT_ROOMS = 32, ROOM_LEVELS = 12, PEOPLE_LEVELS = 10 };
/* Bits of bench.need.ask and bench.side.ask. */
enum {
	ASK_ADULT_CHILDREN, ASK_BEDROOMS, ASK_RISK_HIGH, ASK_RISK_MEDIUM, ASK_NRPF, ASK_PETS, ASK_STAY, ASK_STAY_SHORT,
	ASK_ADULT_CHILDREN_UNKNOWN, ASK_ROOMS,		/* and ROOM_LEVELS of these */
};

struct home {
	struct member member[MEMBERS];
	size_t n;
	struct need need;
	char sector[PLACES][8];		/* "": the area is none */
};

static uint64_t state;

static uint64_t next(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static int below(int n)
{
	return (int)(next() % (uint64_t)n);
}

static bool chance(int percent)
{
	return below(100) < percent;
}

static enum tri tri_of(int yes, int unknown)
{
	int n = below(100);

	return n < yes ? TRI_YES : n < yes + unknown ? TRI_UNKNOWN : TRI_NO;
}

static int tees_district(const struct geography *g, int number)
{
	char outward[8];

	snprintf(outward, sizeof(outward), "TS%d", number);
	return geography_district(g, outward);
}

/* A district of the Tees, where the vacancies are. */
static int district(const struct geography *g)
{
	return tees_district(g, 1 + below(TEES));
}

/* ---- a household ---- */

static void add_member(struct home *h, int32_t today, enum member_role role, int age, bool male)
{
	h->member[h->n++] = (struct member){ .role = role, .age = age, .age_on = today,
					     .sex = male ? SEX_MALE : SEX_FEMALE, .trans = TRI_NO };
}

static void draw_members(struct home *h, int32_t today)
{
	static const int children[] = { 0, 0, 1, 1, 1, 2, 2, 2, 3, 3 };
	int n = children[below(10)];

	add_member(h, today, MEMBER_APPLICANT, 17 + below(45), chance(5));
	for (int i = 0; i < n; i++)
		add_member(h, today, MEMBER_CHILD, below(18), chance(50));
	if (chance(4))
		add_member(h, today, MEMBER_ADULT, 18 + below(40), chance(30));
	memcpy(h->need.members, h->member, h->n * sizeof(*h->member));
	h->need.n_members = (int)h->n;
}

static void draw_needs(struct need *n, int32_t today)
{
	static const enum wheelchair access[] = {
		WHEELCHAIR_LEVEL_ACCESS, WHEELCHAIR_ESSENTIAL_ROOMS, WHEELCHAIR_FULL,
	};
	static const enum risk_level risks[] = { RISK_HIGH, RISK_HIGH, RISK_HIGH, RISK_MEDIUM, RISK_MEDIUM,
						 RISK_STANDARD, RISK_UNKNOWN };

	n->wheelchair = chance(5) ? access[below(3)] : chance(70) ? WHEELCHAIR_NONE : WHEELCHAIR_UNKNOWN;
	n->step_free = tri_of(6, 20);
	n->ground_floor = tri_of(5, 20);
	n->adapted_bathroom = tri_of(2, 20);
	n->pets = tri_of(8, 20);
	n->nrpf = tri_of(10, 15);
	n->fund_pays = TRI_NO;
	n->risk_level = risks[below(7)];
	n->situation = chance(15) ? SITUATION_SAFE_ACCOMMODATION : SITUATION_FRIENDS;
	n->urgency = chance(25) ? URGENCY_EMERGENCY : URGENCY_URGENT;
	n->from = chance(30) ? today + below(15) : today;
	n->min_stay = chance(50) ? 7 + below(120) : -1;
}

static void draw_wishes(const struct geography *g, struct need *n)
{
	enum { LANGUAGES = 16 };
	static const int support[] = { 28, 7, 7, 6, 1, 2, 1 };
	static const enum language languages[LANGUAGES] = {
		LANGUAGE_UR, LANGUAGE_PA, LANGUAGE_PL, LANGUAGE_AR, LANGUAGE_RO, LANGUAGE_BN, LANGUAGE_FA, LANGUAGE_KU,
		LANGUAGE_SO, LANGUAGE_BSL, LANGUAGE_PHR, LANGUAGE_TI, LANGUAGE_SQ, LANGUAGE_YO, LANGUAGE_CMN, LANGUAGE_UK,
	};

	for (int i = 0; i < SUPPORT_COUNT; i++)
		n->support[i] = chance(support[i]) ? TRI_YES : TRI_NO;
	for (int i = TYPE_REFUGE; i < TYPE_COUNT; i++)
		n->wishes |= chance(15) ? 1u << i : 0;
	n->wished_specialisms = chance(25) ? 1u << below(SPECIALISM_COUNT) | 1u << below(SPECIALISM_COUNT) : 0;
	n->languages = chance(30) ? code_bit(languages[below(LANGUAGES)]) : 0;
	n->n_reach = chance(50) ? 1 + below(2) : 0;
	for (int i = 0; i < n->n_reach; i++)
		n->reach[i] = district(g);
	n->n_reach -= n->n_reach == 2 && n->reach[0] == n->reach[1];
}

static struct area draw_area(const struct geography *g, char sector[8])
{
	int at = district(g);

	if (chance(70))
		return (struct area){ .kind = AREA_OUTWARD, .district = at };
	if (chance(60)) {
		snprintf(sector, 8, "%s %d", geography_outward(g, at), below(10));
		return (struct area){ .kind = AREA_OUTWARD, .district = geography_sector_district(g, sector) };
	}
	return area_circle(440000 + below(30000), 505000 + below(30000), 500 + below(4000));
}

/* The need as the service makes it of the body: from today where no day is said. */
static struct home draw(const struct match_env *env)
{
	const struct geography *g = env->geography;
	struct home h = { .n = 0 };

	need_init(&h.need);
	draw_members(&h, env->today);
	draw_needs(&h.need, env->today);
	household_facts(&h.need, stay_wanted(env, &h.need));
	draw_wishes(g, &h.need);
	h.need.n_unsafe = 1 + below(PLACES);
	for (int i = 0; i < h.need.n_unsafe; i++)
		h.need.unsafe[i] = draw_area(g, h.sector[i]);
	return h;
}

/* ---- the body ---- */

static void member_json(struct text *t, const struct member *m)
{
	static const char *const kinds[] = { [MEMBER_APPLICANT] = "main", [MEMBER_CHILD] = "child",
					     [MEMBER_ADULT] = "adult" };

	text_printf(t, "%s{\"kind\":\"%s\",\"sex\":\"%s\",\"gender_identity\":\"same_as_sex\",\"age\":%d}",
		    t->data[t->len - 1] == '[' ? "" : ",", kinds[m->role],
		    m->sex == SEX_MALE ? "male" : "female", m->age);
}

static void area_json(struct text *t, const struct geography *g, const struct area *a,
		      const char *sector)
{
	text_puts(t, t->data[t->len - 1] == '[' ? "{\"kind\":\"family\"," : ",{\"kind\":\"family\",");
	if (*sector)
		text_printf(t, "\"sector\":\"%s\"}", sector);
	else if (a->kind == AREA_OUTWARD)
		text_printf(t, "\"outward_code\":\"%s\"}", geography_outward(g, a->district));
	else
		text_printf(t, "\"circle\":{\"easting\":%d,\"northing\":%d,\"radius_m\":%d}}",
			    a->easting, a->northing, a->radius);
}

static void tri_json(struct text *t, const char *name, enum tri v)
{
	if (v != TRI_UNKNOWN)
		text_printf(t, ",\"%s\":%s", name, v == TRI_YES ? "true" : "false");
}

static void day_json(struct text *t, const char *name, int32_t day)
{
	char text[11];

	if (day == DAY_NONE)
		return;
	day_format(day, text);
	text_printf(t, ",\"%s\":\"%s\"", name, text);
}

static void codes_json(struct text *t, const char *name, code_set bits, const struct code_list *list)
{
	const char *comma = "";

	text_printf(t, ",\"%s\":[", name);
	for (size_t i = 0; i < list->n; i++) {
		if (!(bits & code_bit((int)i)))
			continue;
		text_printf(t, "%s\"%s\"", comma, list->rows[i].code);
		comma = ",";
	}
	text_putc(t, ']');
}

static void support_json(struct text *t, const struct need *n)
{
	const char *comma = "";

	text_puts(t, ",\"support_needs\":[");
	for (int i = 0; i < SUPPORT_COUNT; i++) {
		if (n->support[i] != TRI_YES)
			continue;
		text_printf(t, "%s{\"need\":\"%s\"}", comma, support_need_codes.rows[i].code);
		comma = ",";
	}
	text_puts(t, "],\"poses\":[],\"avoids\":[]");
}

static void needs_json(struct text *t, const struct geography *g, const struct home *h)
{
	const struct need *n = &h->need;

	text_printf(t, "\"situation\":\"%s\",\"urgency\":\"%s\"", situation_codes.rows[n->situation].code,
		    urgency_codes.rows[n->urgency].code);
	if (n->wheelchair != WHEELCHAIR_UNKNOWN)
		text_printf(t, ",\"wheelchair\":\"%s\"", wheelchair_codes.rows[n->wheelchair].code);
	if (n->risk_level != RISK_UNKNOWN)
		text_printf(t, ",\"risk_level\":\"%s\"", risk_level_codes.rows[n->risk_level].code);
	tri_json(t, "step_free", n->step_free);
	tri_json(t, "ground_floor", n->ground_floor);
	tri_json(t, "adapted_bathroom", n->adapted_bathroom);
	tri_json(t, "pets", n->pets);
	tri_json(t, "nrpf", n->nrpf);
	day_json(t, "want_from", n->from);
	if (n->min_stay > 0)
		text_printf(t, ",\"shortest_stay_days\":%d", n->min_stay);
	support_json(t, n);
	codes_json(t, "wishes", n->wishes, &accommodation_type_codes);
	codes_json(t, "wished_specialisms", n->wished_specialisms, &specialism_codes);
	codes_json(t, "languages", n->languages, &language_codes);
	text_puts(t, ",\"places_to_reach\":[");
	for (int i = 0; i < n->n_reach; i++)
		text_printf(t, "%s\"%s\"", i ? "," : "", geography_outward(g, n->reach[i]));
	text_putc(t, ']');
}

static void put_json(FILE *f, struct arena *a, const struct geography *g, const struct home *h)
{
	struct text t = text_in(a);

	text_puts(&t, "{\"limit\":20,\"near_misses\":5,\"household\":{");
	needs_json(&t, g, h);
	text_puts(&t, ",\"members\":[");
	for (size_t i = 0; i < h->n; i++)
		member_json(&t, &h->member[i]);
	text_puts(&t, "],\"unsafe_places\":[");
	for (int i = 0; i < h->need.n_unsafe; i++)
		area_json(&t, g, &h->need.unsafe[i], h->sector[i]);
	text_puts(&t, "]}}");
	fprintf(f, "%s\n", text_done(&t));
}

/* ---- the row ---- */

static uint64_t bit_if(bool on, int bit)
{
	return (uint64_t)on << bit;
}

static uint64_t hard_bits(const struct need *n)
{
	uint64_t bits = bit_if(n->who.women > 0, BIT_WOMEN) | bit_if(n->who.men > 0, BIT_MEN) |
			bit_if(n->who.adult_children == TRI_YES, BIT_ADULT_CHILDREN) | bit_if(n->pets == TRI_YES, BIT_PETS) |
			bit_if(n->nrpf == TRI_YES, BIT_NRPF) |
			bit_if(n->step_free == TRI_YES, BIT_STEP_FREE) | bit_if(n->ground_floor == TRI_YES, BIT_GROUND) |
			bit_if(n->adapted_bathroom == TRI_YES, BIT_BATH) |
			bit_if(n->who.applicant.most < 18, BIT_AGE);

	for (int i = 0; i < SUPPORT_COUNT; i++)
		bits |= bit_if(n->support[i] == TRI_YES, BIT_SUPPORT + i);
	if (n->wheelchair > WHEELCHAIR_NONE)
		bits |= bit_if(true, BIT_WHEELCHAIR + (int)(n->wheelchair - WHEELCHAIR_LEVEL_ACCESS));
	if (n->risk_level != RISK_UNKNOWN)
		bits |= bit_if(true, BIT_RISK + (int)(n->risk_level - RISK_STANDARD));
	if (n->who.oldest_boy.least >= 0)
		bits |= bit_if(true, BIT_BOY + n->who.oldest_boy.least);
	return bits;
}

/* The fewest rooms, and the people less those who can sleep in a cot: with 0, 1 or more cots. */
static uint64_t size_bits(const struct need *n)
{
	int babies = n->who.under_twos + n->who.age_unknown, cots = babies > 2 ? 2 : babies;

	return bit_if(true, n->who.people - 1 + cots * PEOPLE_LEVELS) |
	       bit_if(true, BIT_ROOMS + n->who.bedrooms.least - 1);
}

/* What the provider must be asked of the place, and what the ages leave open: bench.need.ask, of which
 * search.pgbench takes 3 points each. */
static uint64_t ask_bits(const struct need *n)
{
	bool grows = n->who.bedrooms.most > n->who.bedrooms.least;

	return bit_if(n->who.adult_children == TRI_YES, ASK_ADULT_CHILDREN) | bit_if(true, ASK_BEDROOMS) |
	       bit_if(grows, ASK_ROOMS + n->who.bedrooms.most - 1) |
	       bit_if(n->who.adult_children == TRI_UNKNOWN, ASK_ADULT_CHILDREN_UNKNOWN) |
	       bit_if(n->risk_level == RISK_HIGH, ASK_RISK_HIGH) | bit_if(n->risk_level == RISK_MEDIUM, ASK_RISK_MEDIUM) |
	       bit_if(n->nrpf == TRI_YES, ASK_NRPF) | bit_if(n->pets == TRI_YES, ASK_PETS) |
	       bit_if(n->min_stay >= 0, ASK_STAY) | bit_if(n->min_stay < 0, ASK_STAY_SHORT);
}

/* TS1 is bit 0. */
static uint64_t unsafe_bits(const struct match_env *env, const struct need *n)
{
	uint64_t bits = 0;

	for (int d = 0; d < TEES; d++)
		for (int i = 0; i < n->n_unsafe; i++)
			if (unsafe_one(env, &n->unsafe[i], tees_district(env->geography, d + 1)))
				bits |= UINT64_C(1) << d;
	return bits;
}

static void put_points(FILE *f, const struct match_env *env, const struct need *n)
{
	putc('{', f);
	for (int i = 0; i < TEES; i++) {
		int d = tees_district(env->geography, i + 1);

		fprintf(f, "%s%d", i ? "," : "", (int)(score_distance(env, n, d) + score_reach(env, n, d)));
	}
	fputs("}\t", f);
}

static unsigned support_bits(const struct need *n)
{
	unsigned bits = 0;

	for (int i = 0; i < SUPPORT_COUNT; i++)
		bits |= (unsigned)(n->support[i] == TRI_YES) << i;
	return bits;
}

/* 63 languages to a bigint, which has a sign. */
static int64_t languages_from(const struct need *n, int first)
{
	return (int64_t)(shared_languages(n->languages, n->languages) >> first & INT64_MAX);
}

static void put_wishes(FILE *f, const struct match_env *env, const struct need *n)
{
	fprintf(f, "%u\t%u\t%lld\t%lld\t", n->wished_specialisms, specialisms_meant(n), (long long)languages_from(n, 0),
		(long long)languages_from(n, 63));
	fprintf(f, "%u\t%u\t%d\t%d\t", support_bits(n), n->wishes, (int)score_adapted(env->policy, adapted_needed(n)),
		(int)score_stage(env->policy, n, TYPE_SECOND_STAGE));
	fprintf(f, "%d\t%d\n", for_tonight(env, n), (int)score_most(env, n));
}

static void put_row(FILE *f, int id, const struct match_env *env, const struct home *h)
{
	const struct need *n = &h->need;
	char day[11];

	day_format(n->from, day);
	fprintf(f, "%d\t%lld\t%lld\t%lld\t%lld\t", id, (long long)hard_bits(n), (long long)size_bits(n),
		(long long)ask_bits(n), (long long)unsafe_bits(env, n));
	fprintf(f, "%s\t%d\t%d\t%d\t", day, n->min_stay < 0 ? 0 : n->min_stay, n->who.people,
		n->fund_pays == TRI_YES);
	put_points(f, env, n);
	put_wishes(f, env, n);
}

static FILE *create(struct arena *a, const char *dir, const char *name)
{
	FILE *f = fopen(arena_printf(a, "%s/%s", dir, name), "we");

	if (!f) {
		perror(dir);
		exit(1);
	}
	return f;
}

int main(int argc, char **argv)
{
	const struct embedded *kingdom = embedded_find("config/geography/kingdom.txt");
	struct arena *a = arena_new();
	struct policy policy;
	struct match_env env = { .policy = &policy, .now = clock_now() };
	const char *error;
	int64_t count;
	FILE *bodies, *rows;

	if (argc != 3 || !text_to_i64(argv[1], &count) || count < 1 || count > COUNT_MAX) {
		fprintf(stderr, "usage: needs COUNT DIR\n");
		return 2;
	}
	policy_default(&policy);
	env.today = instant_london_day(env.now);
	env.geography = geography_parse(a, (const char *)kingdom->bytes, kingdom->size, &error);
	bodies = create(a, argv[2], "needs.jsonl");
	rows = create(a, argv[2], "needs.copy");
	for (int i = 0; i < (int)count; i++) {
		struct home h = draw(&env);

		put_json(bodies, a, env.geography, &h);
		put_row(rows, i + 1, &env, &h);
	}
	return fclose(bodies) != 0 || fclose(rows) != 0;
}
