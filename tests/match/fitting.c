#include "fitting.h"

void fitting_need(struct need *n)
{
	need_init(n);
	n->id = (struct uuid){ 1, 1 };
	n->who.people = 3;
	n->who.under_twos = 0;
	n->who.women = 1;
	n->who.applicant = (struct span){ 30, 30 };
	n->who.oldest_boy = (struct span){ 8, 8 };
	n->who.adult_children = TRI_NO;
	n->who.bedrooms = (struct span){ 2, 2 };
	n->wheelchair = WHEELCHAIR_NONE;
	n->step_free = n->ground_floor = n->adapted_bathroom = TRI_NO;
	for (int i = 0; i < SUPPORT_COUNT; i++)
		n->support[i] = TRI_NO;
	n->risk_level = RISK_HIGH;
	n->nrpf = n->pets = TRI_NO;
	n->from = SAMPLE_TODAY;
	n->min_stay = 28;
	n->poses_known = n->avoids_known = true;
}

void fitting_supply(const struct geography *tees, struct supply *s)
{
	supply_init(s);
	s->id = (struct uuid){ 2, 2 };
	s->version = 1;
	s->type = TYPE_REFUGE;
	s->residents = RESIDENTS_WOMEN;
	s->area = 4;
	s->district = geography_district(tees, "TS12");
	s->max_people = 3;
	s->cots = 0;
	s->bedrooms = 2;
	s->self_contained = TRI_YES;
	s->wheelchair = WHEELCHAIR_NONE;
	s->step_free = s->ground_floor = s->adapted_bathroom = TRI_NO;
	s->min_age = 18;
	s->oldest_boy = 12;
	s->adult_children = ANSWER_NO;
	s->nrpf = s->pets = ANSWER_NO;
	s->highest_risk = RISK_HIGH;
	s->staffed_24h = TRI_YES;
	s->mix_known = 1;
	s->from = SAMPLE_TODAY;
	s->longest_stay = 84;
	s->weekly_cost = 50000;
	s->confirmed = SAMPLE_NOW - 3600 * SECOND_US;
	s->answer_minutes = 60;
}

void pair_new(struct pair *p)
{
	p->arena = arena_new();
	p->tees = sample_tees(p->arena);
	policy_default(&p->policy);
	p->env = (struct match_env){ &p->policy, p->tees, SAMPLE_TODAY, SAMPLE_NOW };
	fitting_need(&p->need);
	fitting_supply(p->tees, &p->supply);
}

struct verdict pair_verdict(const struct pair *p)
{
	struct verdict v;

	match_pair(&p->env, &p->need, &p->supply, &v);
	return v;
}

int district(const struct pair *p, const char *outward)
{
	return geography_district(p->tees, outward);
}
