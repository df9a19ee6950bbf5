/* Members as they were sent, as matching takes them: ages, couples, and whose child each is. */
#include <string.h>

#include "api/codes.h"
#include "base/date.h"
#include "case.h"

int member_age(const struct member_in *m)
{
	int32_t birth;

	if (!m->birth_date)
		return m->age == INT_ABSENT ? -1 : (int)m->age;
	return day_parse(m->birth_date, &birth) ? day_age(birth, today()) : -1;
}

/* A birthday on 29 February is kept as one: on 1 March it would come a day late in a leap year. */
static int32_t last_birthday(int32_t birth, int *age)
{
	int year, month, day, y, m, d;
	int32_t on;

	day_to_civil(birth, &year, &month, &day);
	do {
		on = day_from_civil(year + *age, month, day);
		day_to_civil(on, &y, &m, &d);
	} while (m != month && (*age)-- > 0);
	return on;
}

struct known_age member_known_age(const struct member_in *m)
{
	struct known_age a = { .years = member_age(m), .on = today() };
	int32_t birth;

	if (a.years < 0 || !m->birth_date || !day_parse(m->birth_date, &birth))
		return a;
	a.on = last_birthday(birth, &a.years);
	a.exact = true;
	return a;
}

struct member member_facts(const char *kind, const char *sex, const char *gender_identity, struct known_age age)
{
	return (struct member){
		.role = member_role(kind),
		.age = age.years,
		.sex = sex ? (enum sex)code_index(&sex_codes, sex) : SEX_UNKNOWN,
		.trans = member_trans(gender_identity),
		.age_on = age.on,
		.age_exact = age.exact,
	};
}

static size_t main_of(const struct json_list *members)
{
	const struct member_in *m = members->items;
	size_t i = 0;

	while (i < members->n && !text_eq(m[i].kind, "main"))
		i++;
	return i;
}

static void pair(struct member *a, struct member *b, int number)
{
	if (!a->couple && !b->couple)
		a->couple = b->couple = number;
}

/* Two who name each other, and the adult who was sent as a couple with the main applicant. */
static void pair_members(const struct json_list *members, struct member *out)
{
	const struct member_in *m = members->items;
	size_t main = main_of(members);

	for (size_t i = 0; i < members->n; i++) {
		size_t whom = m[i].partner_of ? member_named(members, m[i].partner_of) : members->n;

		if (m[i].couple == TRI_YES && main < members->n && main != i)
			pair(&out[i], &out[main], (int)i + 1);
		else if (whom < i && m[whom].partner_of && text_eq(m[whom].partner_of, m[i].id))
			pair(&out[i], &out[whom], (int)i + 1);
	}
}

void members_facts(const struct json_list *members, struct member *out)
{
	const struct member_in *m = members->items;
	size_t main = main_of(members);

	for (size_t i = 0; i < members->n; i++) {
		out[i] = member_facts(m[i].kind, m[i].sex, m[i].gender_identity, member_known_age(&m[i]));
		if (!m[i].child_of)
			continue;
		out[i].grown_up_child = main < members->n && text_eq(m[i].child_of, m[main].id);
		out[i].not_applicants = !out[i].grown_up_child;
	}
	pair_members(members, out);
}

struct span bedrooms_of(struct ctx *c, const struct member *members, size_t n, bool carer)
{
	struct member *all = arena_array_of(ctx_arena(c), n + 1, struct member);

	memcpy(all, members, n * sizeof(*all));
	all[n] = (struct member){ .role = MEMBER_CARER, .age = -1 };
	return bedrooms_needed(all, n + carer, (struct stay){ today(), today() });
}
