/* Households, their unsafe places and referrals. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "people.h"

enum { TEXT = 64 };

static void put_maybe(struct rows *r, struct random *d, int yes, int no)
{
	int weights[] = { yes, no, 1000 - yes - no };
	size_t n = RANDOM_WEIGHTED(d, weights);

	if (n == 2)
		put_null(r);
	else
		put_bool(r, n == 0);
}

/* ---- household ---- */

/* References look like those that the service draws, but each number comes once: the step and 28^6
 * have no common factor. */
static void put_reference(struct rows *r, int64_t household)
{
	static const char letters[] = "23456789BCDFGHJKMNPQRSTVWXYZ";
	int64_t n = (household + 1) * INT64_C(287654321) % INT64_C(481890304);
	char reference[] = "H-000000";

	for (int i = 7; i > 1; i--, n /= 28)
		reference[i] = letters[n % 28];
	put_text(r, reference);
}

static void put_standing(struct rows *r, const struct arrival *a, struct random *d)
{
	static const char *const situations[] = {
		"with_perpetrator", "with_perpetrator", "with_perpetrator", "rough",
		"friends", "friends", "interim", "safe_tonight",
		"hospital", "own_home", "not_known",
	};
	static const char *const urgencies[] = { "emergency", "urgent", "urgent", "urgent",
						 "planned" };
	static const char *const risks[] = { "high", "high", "medium", "medium", "standard", NULL };

	put_text(r, a->waits || !a->open ? RANDOM_WORD(d, situations) : "safe_accommodation");
	put_text(r, RANDOM_WORD(d, urgencies));
	put_text(r, RANDOM_WORD(d, risks));
}

static void put_wishes(struct rows *r, const struct arrival *a, struct random *d)
{
	static const char *const types[] = { "{}", "{}", "{refuge}", "{dispersed_full}",
					     "{refuge,dispersed_full}" };
	static const char *const specialisms[] = {
		"{}",
		"{}",
		"{}",
		"{}",
		"{}",
		"{by_and_for_black_minoritised}",
		"{by_and_for_forced_marriage_hba}",
		"{lgbt}",
		"{young}",
		"{disabled}",
	};
	static const char *const languages[] = {
		"{en}", "{en}", "{en}", "{en}", "{en}", "{en}",
		"{ur}", "{pl,en}", "{ar}", "{pa,en}", "{ro}", "{bfi}",
	};
	char authority[DEMO_AUTHORITY], areas[TEXT] = "{}", outward[DEMO_PLACE], reach[TEXT] = "{}";

	demo_authority(a->partnership, random_below(d, 5), authority);
	demo_outward(a->partnership, random_below(d, 100), outward);
	if (random_chance(d, 300))
		snprintf(areas, sizeof(areas), "{%s}", authority);
	if (random_chance(d, 300))
		snprintf(reach, sizeof(reach), "{%s}", outward);
	put_text(r, RANDOM_WORD(d, types));
	put_text(r, areas);
	put_text(r, RANDOM_WORD(d, specialisms));
	put_text(r, reach);
	put_text(r, RANDOM_WORD(d, languages));
}

static void put_access(struct rows *r, struct random *d)
{
	static const char *const wheelchairs[] = { "full", "essential_rooms", "level_access" };
	bool needed = random_chance(d, 40);

	put_maybe(r, d, 60, 880);	/* interpreter */
	put_text(r, needed ? RANDOM_WORD(d, wheelchairs) : random_chance(d, 900) ? "none" : NULL);
	put_bool(r, needed);
	put_maybe(r, d, 30, 900);	/* ground floor */
	put_maybe(r, d, 15, 925);	/* adapted bathroom */
}

static void put_support(struct rows *r, struct random *d)
{
	static const char two_needs[] = "[{\"need\": \"drugs\", \"severity\": \"high\"},"
					" {\"need\": \"mental_health\", \"severity\": \"low\"}]";
	static const char *const needs[] = {
		"[]",
		"[]",
		"[]",
		"[]",
		"[{\"need\": \"mental_health\", \"severity\": \"medium\"}]",
		"[{\"need\": \"mental_health\", \"severity\": \"high\"}]",
		"[{\"need\": \"alcohol\", \"severity\": \"medium\"}]",
		two_needs,
		"[{\"need\": \"offending\", \"severity\": \"low\"}]",
	};

	put_text(r, RANDOM_WORD(d, needs));
	put_maybe(r, d, 120, 700);	/* wants to stay */
	put_maybe(r, d, 450, 400);	/* perpetrator at home */
	put_maybe(r, d, 300, 400);	/* sole occupation */
	put_maybe(r, d, 300, 100);	/* consent obtainable */
	put_maybe(r, d, 40, 900);	/* counter-allegation */
}

static void put_bedrooms(const struct demo_plan *p, struct rows *r, int64_t household)
{
	struct demo_people h = demo_people(p, household);
	struct span rooms = bedrooms_needed(h.people, (size_t)h.n, (struct stay){ 0, 0 });

	put_int(r, rooms.most);
	put_bool(r, rooms.least == rooms.most);
}

static void put_times(struct rows *r, const struct arrival *a, struct random *d)
{
	put_int(r, random_below(d, INT32_MAX));
	put_second(r, a->submitted);
	if (a->open)
		put_null(r);
	else
		put_second(r, a->closed);
	put_second(r, a->submitted);
}

void fill_households(const struct demo_plan *p, struct rows *r)
{
	for (int64_t household = 0; household < p->households; household++) {
		struct arrival a = demo_arrival(p, household);
		struct random d = random_for(DEMO_NEED, household);

		put_id(r, DEMO_HOUSEHOLD, household);
		put_reference(r, household);
		put_id(r, DEMO_ORGANISATION, a.council);
		put_id(r, DEMO_ACCOUNT, plan_officer(a.partnership));
		put_standing(r, &a, &d);
		put_maybe(r, &d, 60, 850);	/* pregnant */
		put_maybe(r, &d, 90, 850);	/* NRPF */
		put_maybe(r, &d, 80, 850);	/* pets */
		put_wishes(r, &a, &d);
		put_access(r, &d);
		put_support(r, &d);
		put_bedrooms(p, r, household);
		put_times(r, &a, &d);
		put_end(r);
	}
}

/* ---- unsafe places ---- */

static void put_unsafe_place(const struct demo_plan *p, struct rows *r, int64_t household, int n)
{
	static const char *const kinds[] = {
		"perpetrator_home", "perpetrator_home", "perpetrator_work", "family",
		"associates", "previous_address", "school_contact",
	};
	struct arrival a = demo_arrival(p, household);
	struct random d = random_for(DEMO_UNSAFE, household * DEMO_PEOPLE + n);
	char outward[DEMO_PLACE], sector[DEMO_PLACE + 2];
	bool whole = random_chance(&d, 800);

	demo_outward(a.partnership, random_below(&d, 1000), outward);
	snprintf(sector, sizeof(sector), "%s %d", outward, (int)random_below(&d, 10));
	put_id(r, DEMO_UNSAFE, household * DEMO_PEOPLE + n);
	put_id(r, DEMO_HOUSEHOLD, household);
	put_text(r, RANDOM_WORD(&d, kinds));
	put_text(r, whole ? outward : NULL);
	put_text(r, whole ? NULL : sector);
	put_day(r, (int32_t)(a.submitted / DEMO_DAY));
	put_end(r);
}

void fill_unsafe_places(const struct demo_plan *p, struct rows *r)
{
	static const int counts[] = { 10, 55, 25, 10 };

	for (int64_t household = 0; household < p->households; household++) {
		struct random d = random_for(DEMO_UNSAFE, ~household);
		int places = (int)RANDOM_WEIGHTED(&d, counts);

		for (int n = 0; n < places; n++)
			put_unsafe_place(p, r, household, n);
	}
}

/* ---- referrals ---- */

static const char *close_reason(const struct demo_plan *p, int64_t household, struct random *d)
{
	static const char *const by_household[] = {
		"stayed_home", "returned", "changed_mind",
		"uncontactable", "no_consent", "placed_elsewhere",
	};
	static const char *const otherwise[] = {
		"placed_elsewhere", "placed_elsewhere", "placed_elsewhere", "stayed_home",
		"uncontactable", "sanctuary", "ineligible",
	};
	struct demo_case c = plan_case(p, household);
	struct offer offers[DEMO_OFFERS];
	int n = plan_offers(p, household, &c, offers);

	return offers[n - 1].why == DECLINE_HOUSEHOLD ? RANDOM_WORD(d, by_household)
						      : RANDOM_WORD(d, otherwise);
}

static const char *waiting_state(struct random *d)
{
	static const char *const states[] = {
		"active", "active", "active", "active", "active",
		"active", "triaged", "submitted", "waiting_at_home",
	};

	return RANDOM_WORD(d, states);
}

static void put_course(const struct demo_plan *p, struct rows *r, int64_t household,
		       const struct arrival *a, struct random *d)
{
	bool success = household < p->cases && plan_case(p, household).success;
	bool failed = !a->waits && !success;

	const char *state = a->waits ? waiting_state(d) : success ? "placed" : "closed";
	bool at_home = strcmp(state, "waiting_at_home") == 0;

	put_text(r, state);
	put_text(r, failed ? close_reason(p, household, d) : NULL);
	put_text(r, at_home ? "{code_word,escape_bag,daily_contact}" : "{}");
	put_day(r, at_home ? p->load->today + 3 : DAY_NONE);
	put_second(r, a->submitted);
	put_second(r, a->submitted + random_between(d, 300, 7200));
	if (at_home)
		put_second(r, a->submitted + 7000);
	else
		put_null(r);
	if (failed)
		put_second(r, a->closed);
	else
		put_null(r);
	put_second(r, a->submitted);
}

/* A household that waits did not come by the police: of standard risk it would wait for no place, but have
 * self-referral information. */
static const char *source_of(const struct arrival *a, const char *drawn)
{
	return a->waits && strcmp(drawn, "police") == 0 ? "housing" : drawn;
}

void fill_referrals(const struct demo_plan *p, struct rows *r)
{
	static const char *const sources[] = {
		"self", "self",
		"police", "police",
		"housing", "housing",
		"health", "childrens_services",
		"adult_services", "voluntary_agency",
		"helpline", "helpline",
		"marac", "other_provider",
		"not_known",
	};

	for (int64_t household = 0; household < p->households; household++) {
		struct arrival a = demo_arrival(p, household);
		struct random d = random_for(DEMO_REFERRAL, ~household);

		put_id(r, DEMO_REFERRAL, household);
		put_id(r, DEMO_HOUSEHOLD, household);
		put_id(r, DEMO_ORGANISATION, a.council);
		put_text(r, source_of(&a, RANDOM_WORD(&d, sources)));
		put_course(p, r, household, &a, &d);
		put_end(r);
	}
}

/* Of 1,000 households, 60 have not been asked yet. */
void fill_consents(const struct demo_plan *p, struct rows *r)
{
	for (int64_t household = 0; household < p->households; household++) {
		struct random d = random_for(DEMO_CONSENT, household);

		if (!random_chance(&d, 940))
			continue;
		put_id(r, DEMO_HOUSEHOLD, household);
		put_text(r, "share_with_providers");
		put_text(r, "given");
		put_second(r, demo_arrival(p, household).submitted);
		put_end(r);
	}
}
