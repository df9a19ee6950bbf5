/* The rules about who the household is. */
#include "rules.h"

static int least_of(int a, int b)
{
	return a < b ? a : b;
}

enum outcome rule_takes(enum tri need, enum answer answer)
{
	if (need == TRI_NO || answer == ANSWER_YES)
		return OUTCOME_PASS;
	if (need == TRI_UNKNOWN)
		return OUTCOME_OPEN;
	return answer == ANSWER_NO ? OUTCOME_FAIL : OUTCOME_ASK;
}

/* Equality Act 2010 sch. 3 paras 26 to 28: a trans person is placed by the provider's stated and
 * lawful policy, so the provider is asked. */
enum outcome rule_residents_sex(const struct match *m)
{
	const struct people *who = &m->who;
	enum residents residents = m->supply->residents;
	bool women = residents == RESIDENTS_WOMEN, men = residents == RESIDENTS_MEN;

	if (residents == RESIDENTS_ANY)
		return OUTCOME_PASS;
	if ((women && who->men > 0) || (men && who->women > 0))
		return OUTCOME_FAIL;
	if ((women && who->men_later > 0) || (men && who->women_later > 0))
		return OUTCOME_ASK;
	if (residents == RESIDENTS_UNKNOWN || who->trans > 0 || who->adults_sex_unknown > 0)
		return OUTCOME_ASK;
	return who->women + who->men > 0 ? OUTCOME_PASS : OUTCOME_ASK;
}

enum outcome rule_boys_age(const struct match *m)
{
	struct span boy = m->who.oldest_boy;
	int accepted = m->supply->oldest_boy;

	if (boy.most < 0)
		return OUTCOME_PASS;
	if (accepted == -1)
		return OUTCOME_ASK;
	if (accepted == BOYS_NONE)
		accepted = -1;
	if (boy.least > accepted)
		return OUTCOME_FAIL;
	return boy.most > accepted ? OUTCOME_ASK : OUTCOME_PASS;
}

/* Not known is somebody who may be grown up before they leave: the provider must say. */
enum outcome takes_adult_children(enum tri come, enum answer answer)
{
	enum outcome o = rule_takes(come, answer);

	return o == OUTCOME_OPEN ? OUTCOME_ASK : o;
}

enum outcome rule_adult_children(const struct match *m)
{
	return takes_adult_children(m->who.adult_children, m->supply->adult_children);
}

enum outcome rule_min_age(const struct match *m)
{
	struct span age = m->who.applicant;
	int minimum = m->supply->min_age;

	if (minimum == 0)
		return OUTCOME_PASS;
	if (age.most < 0)
		return OUTCOME_OPEN;
	if (minimum < 0)
		return OUTCOME_ASK;
	if (age.most < minimum)
		return OUTCOME_FAIL;
	return age.least < minimum ? OUTCOME_ASK : OUTCOME_PASS;
}

/* People who sleep in a bed, at most so many: cots take under-twos beyond them. `perhaps` more may be
 * under two. */
static enum outcome beds(int people, int under_twos, int perhaps, int cots, int most)
{
	int possibly = under_twos + perhaps;

	if (people - least_of(under_twos, cots < 0 ? 0 : cots) <= most)
		return OUTCOME_PASS;
	if (people - least_of(possibly, cots < 0 ? possibly : cots) <= most)
		return OUTCOME_ASK;
	return OUTCOME_FAIL;
}

static enum outcome beds_for(const struct people *who, int born, int cots, int most)
{
	int surely = who->under_twos < 0 ? 0 : who->under_twos;
	int perhaps = who->under_twos < 0 ? who->people : who->age_unknown;

	return beds(who->people + born, surely + born, perhaps, cots, most);
}

/* A child who may be born within the stay needs a cot or a place: the provider is asked. */
enum outcome rule_capacity(const struct match *m)
{
	int cots = m->supply->cots, most = m->supply->max_people;
	enum outcome o;

	if (m->who.people < 0 || most < 0)
		return OUTCOME_ASK;
	o = beds_for(&m->who, 0, cots, most);
	if (o == OUTCOME_PASS && m->who.birth && beds_for(&m->who, 1, cots, most) != OUTCOME_PASS)
		return OUTCOME_ASK;
	return o;
}

/* A studio has no bedroom: it houses one person or one couple, and cots. */
static enum outcome studio(const struct match *m)
{
	if (m->who.people < 0)
		return OUTCOME_ASK;
	return beds_for(&m->who, 0, m->supply->cots, m->who.couples == 1 ? 2 : 1);
}

static enum outcome rooms(const struct match *m)
{
	struct span needed = m->who.bedrooms;

	if (m->supply->bedrooms == 0)
		return studio(m);
	if (m->supply->bedrooms < needed.least)
		return OUTCOME_FAIL;
	return needed.most >= 0 && m->supply->bedrooms >= needed.most ? OUTCOME_PASS : OUTCOME_ASK;
}

/* Rooms in a refuge are family rooms: people and cots decide there. */
enum outcome rule_bedrooms(const struct match *m)
{
	enum outcome o;

	if (m->supply->self_contained == TRI_NO)
		return OUTCOME_PASS;
	if (m->supply->bedrooms < 0)
		return OUTCOME_ASK;
	o = rooms(m);
	return o == OUTCOME_FAIL && m->supply->self_contained == TRI_UNKNOWN ? OUTCOME_ASK : o;
}

enum outcome rule_met(enum tri need, enum tri has)
{
	if (need == TRI_NO || has == TRI_YES)
		return OUTCOME_PASS;
	if (need == TRI_UNKNOWN)
		return OUTCOME_OPEN;
	return has == TRI_NO ? OUTCOME_FAIL : OUTCOME_ASK;
}

enum outcome wheelchair_met(enum wheelchair need, enum wheelchair has)
{
	if (need == WHEELCHAIR_NONE || has == WHEELCHAIR_FULL)
		return OUTCOME_PASS;
	if (need == WHEELCHAIR_UNKNOWN)
		return OUTCOME_OPEN;
	if (has == WHEELCHAIR_UNKNOWN)
		return OUTCOME_ASK;
	return has < need ? OUTCOME_FAIL : OUTCOME_PASS;
}

enum outcome rule_access(const struct match *m)
{
	const struct need *n = m->need;
	const struct supply *s = m->supply;
	enum outcome o = wheelchair_met(n->wheelchair, s->wheelchair);

	o = rule_worse(o, rule_met(n->step_free, s->step_free));
	o = rule_worse(o, rule_met(n->ground_floor, s->ground_floor));
	return rule_worse(o, rule_met(n->adapted_bathroom, s->adapted_bathroom));
}

enum outcome rule_support(const struct match *m)
{
	enum outcome o = OUTCOME_PASS;

	for (int i = 0; i < SUPPORT_COUNT; i++)
		o = rule_worse(o, rule_takes(m->need->support[i], m->supply->support[i]));
	return o;
}

enum outcome high_risk_outcome(const struct policy *p, const struct supply *s)
{
	int type = 1 << s->type;

	if (s->type == TYPE_UNKNOWN)
		return OUTCOME_ASK;
	if (!(p->high_risk_types & type))
		return OUTCOME_FAIL;
	if (!(p->high_risk_staffed_types & type))
		return OUTCOME_PASS;
	return rule_met(TRI_YES, s->staffed_24h);
}

struct risk_range risk_of_need(const struct need *n)
{
	if (n->risk_level == RISK_UNKNOWN)
		return (struct risk_range){ RISK_STANDARD, RISK_HIGH };
	return (struct risk_range){ n->risk_least == RISK_UNKNOWN ? n->risk_level : n->risk_least, n->risk_level };
}

static enum outcome at_risk(const struct policy *p, enum risk_level level, const struct supply *s)
{
	enum outcome o = OUTCOME_PASS;

	if (s->highest_risk == RISK_UNKNOWN)
		o = level > RISK_STANDARD ? OUTCOME_ASK : OUTCOME_PASS;
	else if (level > s->highest_risk)
		o = OUTCOME_FAIL;
	return level == RISK_HIGH ? rule_worse(o, high_risk_outcome(p, s)) : o;
}

/* Judged at the lower end, which is known. What only the upper end would fail waits for the assessment: an
 * unknown never fails a rule. */
enum outcome rule_risk_level(const struct match *m)
{
	struct risk_range risk = risk_of_need(m->need);
	enum outcome known = at_risk(m->env->policy, risk.least, m->supply);

	if (known != OUTCOME_PASS || at_risk(m->env->policy, risk.most, m->supply) == OUTCOME_PASS)
		return known;
	return OUTCOME_OPEN;
}

/* Promised money that covers every night answers for any place. Leave that ends within the stay may take the recourse to public funds with it: no household can say
 * whether it will, so the provider is asked. */
enum outcome takes_nrpf(const struct need *n, enum answer answer, struct stay stay)
{
	bool ends = n->leave_until != DAY_NONE && n->leave_until < stay.last;

	if (need_funded(n, stay))
		return OUTCOME_PASS;
	if (n->nrpf == TRI_NO && ends)
		return answer == ANSWER_YES ? OUTCOME_PASS : OUTCOME_ASK;
	return rule_takes(n->nrpf, answer);
}

enum outcome rule_nrpf(const struct match *m)
{
	return takes_nrpf(m->need, m->supply->nrpf, m->stay);
}

enum outcome rule_pets(const struct match *m)
{
	return rule_takes(m->need->pets, m->supply->pets);
}

/* What one side poses against what the other avoids. Where one has none, the other need not be
 * known. */
static enum outcome harm(bool ours_known, uint32_t ours, bool theirs_known, uint32_t theirs)
{
	if ((ours_known && !ours) || (theirs_known && !theirs))
		return OUTCOME_PASS;
	if (!ours_known)
		return OUTCOME_OPEN;
	if (!theirs_known)
		return OUTCOME_ASK;
	return ours & theirs ? OUTCOME_FAIL : OUTCOME_PASS;
}

/* Both ways: what the household poses to residents, and residents to the household. */
enum outcome rule_resident_mix(const struct match *m)
{
	const struct need *n = m->need;
	const struct supply *s = m->supply;

	return rule_worse(harm(n->poses_known, n->poses, s->mix_known, s->avoids),
			  harm(n->avoids_known, n->avoids, s->mix_known, s->poses));
}
