#include "match/need.h"

#include <string.h>

void need_init(struct need *n)
{
	memset(n, 0, sizeof(*n));
	n->min_stay = -1;
	n->who.people = n->who.under_twos = -1;
	n->who.applicant = n->who.bedrooms = (struct span){ 0, -1 };
	n->who.oldest_boy = (struct span){ -1, 17 };
	n->from = n->until = n->due = n->funded_from = n->funded_until = n->leave_until = DAY_NONE;
}

int need_min_stay(int asked, int32_t from, int32_t until)
{
	if (asked >= 0 || from == DAY_NONE || until == DAY_NONE)
		return asked;
	return until - from;
}

void need_nights(struct need *n, int32_t from, int32_t leaving, int asked)
{
	n->from = from;
	n->until = leaving == DAY_NONE ? DAY_NONE : leaving - 1;
	n->min_stay = need_min_stay(asked, from, leaving);
}

bool need_funded(const struct need *n, struct stay stay)
{
	return n->funded_until != DAY_NONE && n->funded_until >= stay.last &&
	       (n->funded_from == DAY_NONE || n->funded_from <= stay.first);
}

/* Two lanes of multiply and fold. It shows that two inputs were the same, but does not withstand
 * an adversary. */
static void add_number(struct input_hash *h, int64_t value)
{
	uint64_t v = (uint64_t)value;

	h->hi = (h->hi ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	h->hi ^= h->hi >> 29;
	h->lo = (h->lo + v) * UINT64_C(0xc2b2ae3d27d4eb4f);
	h->lo ^= h->lo >> 31;
}

static void add_set(struct input_hash *h, code_set codes)
{
	add_number(h, (int64_t)(codes >> 64));
	add_number(h, (int64_t)codes);
}

static void add_uuid(struct input_hash *h, struct uuid u)
{
	add_number(h, (int64_t)u.hi);
	add_number(h, (int64_t)u.lo);
}

static void add_span(struct input_hash *h, struct span s)
{
	add_number(h, s.least);
	add_number(h, s.most);
}

static void add_area(struct input_hash *h, struct area a)
{
	add_number(h, a.kind);
	if (a.kind == AREA_OUTWARD) {
		add_number(h, a.district);
	} else {
		add_number(h, a.easting);
		add_number(h, a.northing);
		add_number(h, a.radius);
	}
}

static void add_member(struct input_hash *h, struct member m)
{
	add_number(h, m.role);
	add_number(h, m.age);
	add_number(h, m.sex);
	add_number(h, m.trans);
	add_number(h, m.age_on);
	add_number(h, m.age_exact << 2 | m.grown_up_child << 1 | m.not_applicants);
	add_number(h, m.couple);
}

static void add_people(struct input_hash *h, struct people p)
{
	const int32_t counts[] = {
		p.stay.first, p.stay.last, p.people, p.under_twos, p.age_unknown, p.women, p.men, p.women_later, p.men_later, p.trans,
		p.adults_sex_unknown, (int)p.adult_children, (int)p.children, p.couples, p.birth,
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		add_number(h, counts[i]);
	add_span(h, p.applicant);
	add_span(h, p.oldest_boy);
	add_span(h, p.bedrooms);
}

static void add_declined(struct input_hash *h, struct declined d)
{
	add_uuid(h, d.vacancy);
	add_number(h, d.version);
}

/* What has padding is taken apart; a type that has no function here does not compile. */
#define ADD(h, value) \
	_Generic((value), struct uuid: add_uuid, struct span: add_span, struct area: add_area, \
		 struct declined: add_declined, struct member: add_member, \
		 struct people: add_people, code_set: add_set, default: add_number)((h), (value))

static struct input_hash fresh(void)
{
	return (struct input_hash){ UINT64_C(0x48617665), UINT64_C(0x6e) };
}

/* A list counts as a set with multiplicity: sums do not depend on order. */
static void sum_add(struct input_hash *sum, struct input_hash one)
{
	sum->hi += one.hi;
	sum->lo += one.lo;
}

static void add_sum(struct input_hash *h, int n, struct input_hash sum)
{
	add_number(h, n);
	add_number(h, (int64_t)sum.hi);
	add_number(h, (int64_t)sum.lo);
}

#define ADD_LIST(h, list, n) \
	do { \
		struct input_hash sum = { 0, 0 }; \
		for (int i = 0; i < (n); i++) { \
			struct input_hash one = fresh(); \
			ADD(&one, (list)[i]); \
			sum_add(&sum, one); \
		} \
		add_sum((h), (n), sum); \
	} while (0)

struct input_hash need_places_hash(const struct need *n)
{
	struct input_hash h = fresh();

	ADD_LIST(&h, n->unsafe, n->n_unsafe);
	ADD_LIST(&h, n->reach, n->n_reach);
	return h;
}

static void add_need(struct input_hash *h, const struct need *n)
{
#define ONE(type, name) ADD(h, n->name);
#define EACH(type, name, count) for (int i = 0; i < (count); i++) ADD(h, n->name[i]);
#define MANY(type, name, most) ADD_LIST(h, n->name, n->n_##name);
#include "match/struct_need.def"
}

struct input_hash need_hash(const struct need *n, const char *policy_version, int32_t today)
{
	struct input_hash h = fresh();

	add_need(&h, n);
	for (const char *c = policy_version; *c; c++)
		add_number(&h, *c);
	add_number(&h, today);
	return h;
}
