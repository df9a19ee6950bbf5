/* Units with known national ratios: of vacancies 0.9 % are wheelchair accessible, 9.1 % consider
 * households without recourse to public funds, under half take a woman with two children. */
#include <stdio.h>

#include "tables.h"

enum { NAME = 32 };

static const char *const answers[] = { "yes", "no", "ask" };

/* Spread evenly, so that every thousand units has exactly the share. The step and 1,000 have no
 * common factor. */
static int64_t per_mille(int64_t unit, int64_t step)
{
	return (unit * step + step / 2) % 1000;
}

int64_t demo_max_people(int64_t unit)
{
	int64_t n = per_mille(unit, 389);

	return n < 190   ? 1
	       : n < 540 ? 2
	       : n < 740 ? 3
	       : n < 880 ? 4
	       : n < 950 ? 5
	       : n < 985 ? 6
			 : 8;
}

static const char *wheelchair(int64_t unit)
{
	int64_t n = per_mille(unit, 617);

	return n < 9     ? "full"
	       : n < 25  ? "essential_rooms"
	       : n < 100 ? "level_access"
	       : n < 900 ? "none"
			 : NULL;
}

static const char *nrpf(int64_t unit)
{
	int64_t n = per_mille(unit, 787);

	return n < 31 ? "yes" : n < 91 ? "ask" : "no";
}

static void put_answer(struct rows *r, struct random *d, int yes, int no, int ask)
{
	int weights[] = { yes, no, ask, 100 - yes - no - ask };
	size_t n = RANDOM_WEIGHTED(d, weights);

	put_text(r, n < 3 ? answers[n] : NULL);
}

static void put_size(const struct demo_plan *p, struct rows *r, int64_t unit, struct random *d)
{
	int64_t people = demo_max_people(unit);
	bool own = demo_self_contained(plan_property_of_unit(p, unit));

	put_bool(r, own);
	put_int(r, own ? (people + 1) / 2 : 1);
	put_int(r, people);
	put_int(r, random_chance(d, 500));
}

static void put_access(struct rows *r, int64_t unit, struct random *d)
{
	const char *access = wheelchair(unit);
	bool accessible = access && *access != 'n';
	int64_t floor = accessible ? 0 : random_below(d, 4);

	put_int(r, floor);
	put_bool(r, accessible || (floor == 0 && random_chance(d, 300)));
	put_text(r, access);
	put_bool(r, access && *access == 'f');
}

static void put_acceptance(struct rows *r, int64_t unit, struct random *d)
{
	static const int64_t boys[] = { 10, 11, 12, 12, 13, 14, 15, 16, 16, 18 };

	put_answer(r, d, 10, 65, 10);
	put_int(r, random_chance(d, 850) ? 18 : 16);
	put_int(r, boys[random_below(d, 10)]);
	put_answer(r, d, 15, 60, 20);
	put_answer(r, d, 55, 10, 30);	/* mental health */
	put_answer(r, d, 15, 50, 30);	/* drugs */
	put_answer(r, d, 20, 45, 30);	/* alcohol */
	put_answer(r, d, 20, 35, 40);	/* offending */
	put_answer(r, d, 1, 85, 10);	/* arson */
	put_answer(r, d, 3, 70, 22);	/* violence */
	put_answer(r, d, 0, 92, 5);	/* sexual offending */
	put_text(r, nrpf(unit));
}

static void put_service(struct rows *r, struct random *d)
{
	static const char *const specialisms[] = {
		"{by_and_for_black_minoritised}",
		"{by_and_for_south_asian}",
		"{by_and_for_forced_marriage_hba}",
		"{lgbt}",
		"{disabled}",
		"{young}",
		"{older}",
		"{complex_needs}",
		"{deaf}",
		"{by_and_for_migrant}",
	};
	static const char *const languages[] = {
		"{en}", "{en}", "{en}", "{en,ur}", "{en,pa,ur}", "{en,pl}",
		"{en,ar}", "{en,ro}", "{en,bn}", "{en,fa,ku}", "{en,so}", "{en,bfi}",
	};
	static const char *const risks[] = { "high", "high", "high", "medium" };

	put_text(r, random_chance(d, 150) ? RANDOM_WORD(d, specialisms) : "{}");
	put_text(r, RANDOM_WORD(d, languages));
	put_text(r, RANDOM_WORD(d, risks));
	put_int(r, random_between(d, 180, 620) * 100);
	put_int(r, random_between(d, 4, 52) * 7);
}

void fill_units(const struct demo_plan *p, struct rows *r)
{
	for (int64_t unit = 0; unit < p->set.units; unit++) {
		struct random d = random_for(DEMO_UNIT, ~unit);
		char reference[NAME];

		snprintf(reference, sizeof(reference), "Unit %lld", (long long)unit + 1);
		put_id(r, DEMO_UNIT, unit);
		put_id(r, DEMO_PROPERTY, plan_property_of_unit(p, unit));
		put_id(r, DEMO_ORGANISATION, plan_provider_of_unit(p, unit));
		put_text(r, reference);
		put_size(p, r, unit, &d);
		put_access(r, unit, &d);
		put_acceptance(r, unit, &d);
		put_service(r, &d);
		put_end(r);
	}
}
