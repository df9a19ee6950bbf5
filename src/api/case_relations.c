/* Who belongs to whom in a household as it was sent: partners, and whose child each is. */
#include "case.h"

static size_t named(const struct json_list *members, const char *id)
{
	const struct member_in *m = members->items;
	size_t i = 0;

	while (i < members->n && !text_eq(m[i].id, id))
		i++;
	return i;
}

static void check_named(struct ctx *c, const char *at, const struct json_list *members, size_t i,
			const char *member, const char *id)
{
	size_t whom;

	if (!id)
		return;
	whom = named(members, id);
	if (whom == members->n || whom == i)
		ctx_error(c, arena_printf(ctx_arena(c), "%s/%s", at, member), "not_found", "Give the id of another member of this household");
}

/* Each member has one partner at most: the member who is named may name no third one. */
static void check_partner(struct ctx *c, const char *at, const struct json_list *members, size_t i)
{
	const struct member_in *m = members->items;
	size_t whom = m[i].partner_of ? named(members, m[i].partner_of) : members->n;

	if (whom < members->n && m[whom].partner_of && !text_eq(m[whom].partner_of, m[i].id))
		ctx_error(c, arena_printf(ctx_arena(c), "%s/partner_of", at), "repeated", "This member names somebody else as partner");
	if (m[i].partner_of && m[i].couple == TRI_YES)
		ctx_error(c, arena_printf(ctx_arena(c), "%s/partner_of", at), "repeated", "Give the partner or couple, not both");
}

void check_relations(struct ctx *c, const char *at, const struct json_list *members, size_t i)
{
	const struct member_in *m = members->items;

	check_named(c, at, members, i, "child_of", m[i].child_of);
	check_named(c, at, members, i, "partner_of", m[i].partner_of);
	check_partner(c, at, members, i);
	if (m[i].id && named(members, m[i].id) < i)
		ctx_error(c, arena_printf(ctx_arena(c), "%s/id", at), "repeated", "Give each member an id of its own");
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
		size_t whom = m[i].partner_of ? named(members, m[i].partner_of) : members->n;

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
