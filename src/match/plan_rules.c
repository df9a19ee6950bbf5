/* The hard rules of one search as planes to be ored. Each gives what its twin in rules_*.c gives;
 * a differential test compares them. */
#include "index_impl.h"

static void add(struct terms *t, int plane)
{
	t->plane[t->n++] = (uint16_t)plane;
}

static void fails(struct plan *p, int plane)
{
	add(&p->fail, plane);
}

static void asks(struct plan *p, int plane)
{
	add(&p->ask, plane);
}

static void outcome(struct plan *p, enum outcome o, int plane)
{
	if (o == OUTCOME_FAIL)
		fails(p, plane);
	else if (o == OUTCOME_ASK)
		asks(p, plane);
	else if (o == OUTCOME_OPEN)
		p->open = true;
}

/* Values under `want`, by the planes under first..last. Values beyond the last level are told
 * apart only as odd slots. */
static void under(struct terms *t, int base, int first, int last, int want)
{
	if (want >= first)
		add(t, base + (want < last ? want : last) - first);
}

/* rule_takes() for a plane of each answer. */
static void by_answer(struct plan *p, enum tri need, int planes)
{
	for (int a = ANSWER_UNKNOWN; a < ANSWER_COUNT; a++)
		outcome(p, rule_takes(need, (enum answer)a), planes + a);
}

static void plan_residents_sex(struct plan *p)
{
	struct supply s;
	struct match m = { .env = p->env, .need = p->need, .supply = &s, .stay = p->wanted, .who = p->who };

	supply_init(&s);
	for (int r = 0; r < RESIDENTS_COUNT; r++) {
		s.residents = (enum residents)r;
		outcome(p, rule_rows[RULE_RESIDENTS_SEX].test(&m), PLANE_RESIDENTS + r);
	}
}

static void plan_boys_age(struct plan *p)
{
	struct span boy = p->who.oldest_boy;

	if (boy.most < 0)
		return;
	asks(p, PLANE_BOY_UNKNOWN);
	under(&p->fail, PLANE_BOY, 0, BOY_UNDER, boy.least);
	under(&p->ask, PLANE_BOY, 0, BOY_UNDER, boy.most);
}

static void plan_adult_children(struct plan *p)
{
	for (int a = ANSWER_UNKNOWN; a < ANSWER_COUNT; a++)
		outcome(p, takes_adult_children(p->who.adult_children, (enum answer)a), PLANE_ADULT_CHILDREN + a);
}

/* Vacancies whose youngest is above an age. */
static void above(struct terms *t, int age)
{
	int plane = age < AGE_FIRST ? AGE_FIRST : age + 1;

	if (plane <= AGE_LAST)
		add(t, PLANE_AGE + plane - AGE_FIRST);
}

static void plan_min_age(struct plan *p)
{
	struct span age = p->who.applicant;

	p->open = age.most < 0;
	if (p->open)
		return;
	asks(p, PLANE_AGE_UNKNOWN);
	above(&p->fail, age.most);
	above(&p->ask, age.least);
}

/* Too few places for so many people, in_cots of them in cots. */
static void seats(struct terms *t, int people, int in_cots)
{
	int used = in_cots < COTS_USED ? in_cots : COTS_USED;

	under(t, PLANE_SEATS + used * PEOPLE_UNDER, 1, PEOPLE_UNDER, people);
}

static void plan_capacity(struct plan *p)
{
	const struct people *n = &p->who;
	int surely = n->under_twos < 0 ? 0 : n->under_twos;
	int possibly = n->under_twos < 0 ? n->people : surely + n->age_unknown;

	if (n->people < 0) {
		asks(p, PLANE_USED);
		return;
	}
	asks(p, PLANE_PEOPLE_UNKNOWN);
	seats(&p->fail, n->people, possibly);
	seats(&p->ask, n->people + n->birth, surely + n->birth);
	seats(&p->ask, n->people, surely);
	under(&p->fail, PLANE_SEATS_UNSURE, 1, PEOPLE_UNDER, n->people - possibly);
	under(&p->ask, PLANE_SEATS_UNSURE, 1, PEOPLE_UNDER, n->people + n->birth);
}

static void plan_bedrooms(struct plan *p)
{
	struct span needed = p->who.bedrooms;

	under(&p->fail, PLANE_ROOMS, 1, ROOMS_UNDER, needed.least);
	asks(p, PLANE_ROOMS_UNKNOWN);
	if (needed.most < 0) {
		asks(p, PLANE_CONTAINED);
		return;
	}
	under(&p->ask, PLANE_ROOMS, 1, ROOMS_UNDER, needed.most);
	under(&p->ask, PLANE_ROOMS_UNSURE, 1, ROOMS_UNDER, needed.most);
}

static void plan_met(struct plan *p, enum tri need, int planes)
{
	outcome(p, rule_met(need, TRI_NO), planes + TRI_NO);
	outcome(p, rule_met(need, TRI_UNKNOWN), planes + TRI_UNKNOWN);
}

static void plan_access(struct plan *p)
{
	const struct need *n = p->need;

	for (int w = WHEELCHAIR_UNKNOWN; w < WHEELCHAIR_COUNT; w++)
		outcome(p, wheelchair_met(n->wheelchair, (enum wheelchair)w), PLANE_WHEELCHAIR + w);
	plan_met(p, n->step_free, PLANE_STEP_FREE);
	plan_met(p, n->ground_floor, PLANE_GROUND_FLOOR);
	plan_met(p, n->adapted_bathroom, PLANE_BATHROOM);
}

static void plan_support(struct plan *p)
{
	for (int i = 0; i < SUPPORT_COUNT; i++)
		by_answer(p, p->need->support[i], PLANE_SUPPORT + i * ANSWER_COUNT);
}

/* What only the upper end of a range would fail waits for the assessment. */
static void plan_risk_level(struct plan *p)
{
	struct risk_range risk = risk_of_need(p->need);

	p->open = risk.least != risk.most;
	if (risk.least > RISK_STANDARD)
		asks(p, PLANE_RISK + RISK_UNKNOWN);
	for (int r = RISK_STANDARD; r < (int)risk.least; r++)
		fails(p, PLANE_RISK + r);
	if (risk.least != RISK_HIGH)
		return;
	fails(p, PLANE_HIGH_RISK_NOT);
	asks(p, PLANE_HIGH_RISK_ASK);
}

static void plan_nrpf(struct plan *p)
{
	for (int a = ANSWER_UNKNOWN; a < ANSWER_COUNT; a++)
		outcome(p, takes_nrpf(p->need, (enum answer)a, p->wanted), PLANE_NRPF + a);
}

static void plan_pets(struct plan *p)
{
	by_answer(p, p->need->pets, PLANE_PETS);
}

/* Where another day than today is wanted, extra planes tell which vacancies begin later or end. */
static void plan_available(struct plan *p)
{
	fails(p, PLANE_GONE);
	asks(p, PLANE_TIME_UNSURE);
	if (p->today)
		outcome(p, p->need->from == DAY_NONE ? OUTCOME_ASK : OUTCOME_FAIL, PLANE_LATER);
}

static void plan_stay(struct plan *p)
{
	asks(p, PLANE_STAY_UNKNOWN);	/* extra planes tell how short a stay is */
}

/* One risk, for the slots of a plane: their side has it, or avoids it; `ours` says the opposite
 * of this household. */
static void harm(struct plan *p, bool known, bool ours, int plane)
{
	if (known && ours)
		fails(p, plane);
}

static void plan_resident_mix(struct plan *p)
{
	const struct need *n = p->need;

	p->open = !n->poses_known || !n->avoids_known;
	if ((n->poses_known && n->poses) || (n->avoids_known && n->avoids))
		asks(p, PLANE_MIX_UNKNOWN);
	for (int i = 0; i < MIX_COUNT; i++) {
		harm(p, n->poses_known, n->poses >> i & 1, PLANE_AVOIDS + i);
		harm(p, n->avoids_known, n->avoids >> i & 1, PLANE_POSES + i);
	}
}

/* What these three refuse stands in lists of the need, and no plane tells it: all of it is extra. */
static void plan_unsafe_area(struct plan *p)
{
	p->listed = p->need->n_unsafe > 0;
}

static void plan_conflict(struct plan *p)
{
	p->listed = p->need->n_conflicts > 0;
}

static void plan_declined(struct plan *p)
{
	p->listed = p->need->n_declined > 0;
}

typedef void rule_plan(struct plan *p);

static rule_plan *const rule_plans[RULE_COUNT] = {
#define RULE(rule, name, ...) [RULE_##rule] = plan_##name,
#include "match/rules.def"
};

/* A rule that no vacancy can fail for this need, and of which no provider need be asked, is left out of
 * the search. One that the household leaves open is judged for the best places alone. */
void plan_rules(struct plan *p)
{
	for (int rule = 0; rule < RULE_COUNT; rule++) {
		uint16_t before = (uint16_t)(p->fail.n + p->ask.n);

		p->fail.from[rule] = p->fail.n;
		p->ask.from[rule] = p->ask.n;
		p->listed = p->open = false;
		rule_plans[rule](p);
		p->opened |= (uint32_t)p->open << rule;
		if (p->fail.n + p->ask.n > before || p->listed || p->later >> rule & 1)
			p->rules[p->n_rules++] = (uint8_t)rule;
	}
	p->fail.from[RULE_COUNT] = p->fail.n;
	p->ask.from[RULE_COUNT] = p->ask.n;
}

static bool fails_already(const struct plan *p, int rule, uint16_t plane)
{
	for (int i = p->fail.from[rule]; i < p->fail.from[rule + 1]; i++)
		if (p->fail.plane[i] == plane)
			return true;
	return false;
}

void plan_failing(const struct plan *p, struct plan *supposed, int rule, struct what_if *w)
{
	supposed->fail.n = supposed->ask.n = 0;
	rule_plans[rule](supposed);
	for (int i = 0; i < supposed->fail.n && w->n < WHAT_IF_TERMS; i++)
		if (!fails_already(p, rule, supposed->fail.plane[i]))
			w->plane[w->n++] = supposed->fail.plane[i];
}
