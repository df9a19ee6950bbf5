/* Who belongs to whom in a household: partners, and whose child each is. */
#include "case.h"

/* A marriage under 16 was never possible in England, and somebody younger is a child whatever they are called. */
enum { PARTNER_MIN_AGE = 16 };

size_t member_named(const struct json_list *members, const char *id)
{
	const struct member_in *m = members->items;
	size_t i = 0;

	while (i < members->n && !text_eq(m[i].id, id))
		i++;
	return i;
}

static size_t kin_named(const struct kin *all, size_t n, const char *id)
{
	size_t i = 0;

	while (i < n && !(id && text_eq(all[i].id, id)))
		i++;
	return i;
}

static void kin_error(struct ctx *c, const char *at, const char *member, const char *code, const char *detail)
{
	ctx_error(c, arena_printf(ctx_arena(c), "%s/%s", at, member), code, detail);
}

static bool others_id(struct ctx *c, const char *at, const char *member, size_t whom, size_t i, size_t n)
{
	if (whom < n && whom != i)
		return true;
	kin_error(c, at, member, "not_found", "Give the id of another member of this household");
	return false;
}

/* Whether the parents of a member lead back to it. */
static bool own_ancestor(const struct kin *all, size_t n, size_t i)
{
	size_t k = i;

	for (size_t steps = 0; steps < n && k < n; steps++) {
		k = kin_named(all, n, all[k].child_of);
		if (k == i)
			return true;
	}
	return false;
}

static void check_parent(struct ctx *c, const char *at, const struct kin *all, size_t n, size_t i)
{
	size_t parent = kin_named(all, n, all[i].child_of);

	if (!all[i].child_of || !others_id(c, at, "child_of", parent, i, n))
		return;
	if (own_ancestor(all, n, i))
		kin_error(c, at, "child_of", "contradicts", "Two people cannot be each other's child");
	else if (all[parent].age >= 0 && all[i].age >= 0 && all[parent].age <= all[i].age)
		kin_error(c, at, "child_of", "out_of_range", "A parent must be older than the child");
}

static bool too_young(const struct kin *k)
{
	return k->age >= 0 && k->age < PARTNER_MIN_AGE;
}

/* Each member has one partner at most: the member who is named may name no third one. */
static void check_partner(struct ctx *c, const char *at, const struct kin *all, size_t n, size_t i)
{
	size_t whom = kin_named(all, n, all[i].partner_of);

	if (!all[i].partner_of || !others_id(c, at, "partner_of", whom, i, n))
		return;
	if (too_young(&all[i]) || too_young(&all[whom]))
		kin_error(c, at, "partner_of", "out_of_range", "Nobody under 16 can be recorded as a partner");
	else if (text_eq(all[i].child_of, all[whom].id) || text_eq(all[whom].child_of, all[i].id))
		kin_error(c, at, "partner_of", "contradicts", "Nobody can be the partner of a parent or child");
	else if (all[whom].partner_of && !text_eq(all[whom].partner_of, all[i].id))
		kin_error(c, at, "partner_of", "repeated", "This member names somebody else as partner");
}

void check_kin(struct ctx *c, const char *at, const struct kin *all, size_t n, size_t i)
{
	check_parent(c, at, all, n, i);
	check_partner(c, at, all, n, i);
}
