/* What is known of one member, and who belongs to whom. */
#include "match/household.h"

#include "base/text.h"

enum { AGE_MOST = 127 };

enum member_role member_role(const char *kind)
{
	if (text_eq(kind, "main"))
		return MEMBER_APPLICANT;
	return text_eq(kind, "child") ? MEMBER_CHILD : MEMBER_ADULT;
}

enum tri member_trans(const char *gender_identity)
{
	if (text_eq(gender_identity, "trans_woman") || text_eq(gender_identity, "trans_man") ||
	    text_eq(gender_identity, "non_binary"))
		return TRI_YES;
	return text_eq(gender_identity, "same_as_sex") ? TRI_NO : TRI_UNKNOWN;
}

static int years(int32_t from, int32_t day)
{
	return day > from ? day_age(from, day) : 0;
}

/* Where no age is known, the role tells what it may be. */
static struct span by_role(enum member_role role)
{
	if (role == MEMBER_CHILD)
		return (struct span){ 0, ADULT_AGE - 1 };
	return (struct span){ ADULT_AGE, AGE_MOST };
}

/* Where age_on is no birthday, the next one is the day after, at the earliest. */
static int oldest_on(const struct member *m, int32_t day)
{
	if (m->age_exact || day <= m->age_on)
		return m->age + years(m->age_on, day);
	return m->age + 1 + years(m->age_on + 1, day);
}

struct span member_ages(const struct member *m, struct stay s)
{
	if (m->age < 0)
		return by_role(m->role);
	return (struct span){ m->age + years(m->age_on, s.first), oldest_on(m, s.last) };
}

int couples_of(const struct member *members, size_t n)
{
	int pairs = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n && members[i].couple; j++)
			pairs += members[i].couple == members[j].couple;
	return pairs;
}
