/* Who belongs to whom in a household as it was sent: partners, and whose child each is. */
#include "case.h"

size_t member_named(const struct json_list *members, const char *id)
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
	whom = member_named(members, id);
	if (whom == members->n || whom == i)
		ctx_error(c, arena_printf(ctx_arena(c), "%s/%s", at, member), "not_found", "Give the id of another member of this household");
}

/* Each member has one partner at most: the member who is named may name no third one. */
static void check_partner(struct ctx *c, const char *at, const struct json_list *members, size_t i)
{
	const struct member_in *m = members->items;
	size_t whom = m[i].partner_of ? member_named(members, m[i].partner_of) : members->n;

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
	if (m[i].id && member_named(members, m[i].id) < i)
		ctx_error(c, arena_printf(ctx_arena(c), "%s/id", at), "repeated", "Give each member an id of its own");
}
