/* Turns a household as it was sent into the need that matching takes. */
#include <string.h>

#include "api/search.h"
#include "board/board.h"
#include "case.h"

static int code_or_unknown(const struct code_list *list, const char *code)
{
	int i = code_index(list, code);

	return i < 0 ? 0 : i;
}

static code_set bits_of(const struct json_list *codes, const struct code_list *list)
{
	const char *const *code = codes->items;
	code_set bits = 0;

	for (size_t i = 0; i < codes->n; i++) {
		int bit = code_index(list, code[i]);

		if (bit >= 0)
			bits |= code_bit(bit);
	}
	return bits;
}

static int32_t day_of(const char *day)
{
	int32_t d;

	return day && day_parse(day, &d) ? d : DAY_NONE;
}

static void put_members(struct need *n, const struct household_in *in)
{
	members_facts(&in->members, n->members);
	n->n_members = (int)in->members.n;
	if (in->needs.overnight_carer == TRI_YES)
		n->members[n->n_members++] = (struct member){ .role = MEMBER_CARER, .age = -1 };
}

/* A place outside the geography stays unsafe: the provider is asked. */
static struct area area_of(const struct geography *g, struct arena *a, const struct unsafe_in *u)
{
	struct area out = { .kind = AREA_OUTWARD };

	if (u->circle)
		return area_circle((int)u->circle->easting, (int)u->circle->northing, (int)u->circle->radius_m);
	out.district = u->outward_code ? geography_district(g, u->outward_code)
				       : geography_sector_district(g, sector_of(a, u->sector));
	return out;
}

static void put_unsafe_places(struct ctx *c, struct need *n, const struct json_list *places)
{
	const struct unsafe_in *u = places->items;

	for (size_t i = 0; i < places->n && n->n_unsafe < NEED_UNSAFE; i++)
		n->unsafe[n->n_unsafe++] = area_of(board_geography(ctx_board(c)), ctx_arena(c), &u[i]);
}

/* A list that was sent is complete. A list left out means that the household was not asked. */
static bool asked(struct ctx *c, const char *list)
{
	return json_is_array(json_object_get(json_object_get(ctx_decoded(c)->json, "household"), list));
}

static void put_support(struct ctx *c, struct need *n, const struct json_list *needs)
{
	const struct support_in *s = needs->items;

	for (int i = 0; asked(c, "support_needs") && i < SUPPORT_COUNT; i++)
		n->support[i] = TRI_NO;
	for (size_t i = 0; i < needs->n; i++) {
		int need = code_index(&support_need_codes, s[i].need);

		if (need >= 0)
			n->support[need] = TRI_YES;
	}
}

static void put_places(struct ctx *c, struct need *n, const struct needs_in *in)
{
	const char *const *reach = in->places_to_reach.items, *const *wished = in->wished_areas.items;

	for (size_t i = 0; i < in->places_to_reach.n && n->n_reach < NEED_PLACES; i++) {
		int district = geography_district(board_geography(ctx_board(c)), reach[i]);

		if (district >= 0)
			n->reach[n->n_reach++] = district;
	}
	for (size_t i = 0; i < in->wished_areas.n && n->n_wish_areas < NEED_AREAS; i++) {
		int area = board_area(ctx_board(c), wished[i]);

		if (area >= 0)
			n->wish_areas[n->n_wish_areas++] = area;
	}
}

static void put_as_sent(struct ctx *c, struct need *n, const struct needs_in *in)
{
#define TRI(name, ...) n->name = in->name;
#define CODED(name, list, ...) n->name = (enum list)code_or_unknown(&list##_codes, in->name);
#define BITS(name, type, list, ...) n->name = (uint32_t)bits_of(&in->name, &list##_codes);
#define WIDE_BITS(name, list, ...) n->name = bits_of(&in->name, &list##_codes);
#define ASKED_BITS(name, list, ...) n->name##_known = asked(c, #name); BITS(name, CODES, list)
#include "match/needs.def"
}

static void put_stay(struct need *n, const struct needs_in *in)
{
	n->fund_pays = TRI_NO;
	n->leave_until = day_of(in->immigration_expires_on);
	n->due = day_of(in->due_on);
	need_nights(n, day_of(in->want_from), day_of(in->want_until),
		    in->shortest_stay_days == INT_ABSENT ? -1 : (int)in->shortest_stay_days);
}

struct need search_need_sent(struct ctx *c, const struct household_in *in, struct dash_result risk)
{
	struct need n;

	need_init(&n);
	put_members(&n, in);
	put_as_sent(c, &n, &in->needs);
	n.risk_level = risk.most;
	n.risk_least = risk.least == risk.most ? RISK_UNKNOWN : risk.least;
	put_stay(&n, &in->needs);
	put_support(c, &n, &in->needs.support_needs);
	put_unsafe_places(c, &n, &in->unsafe_places);
	put_places(c, &n, &in->needs);
	return n;
}

const struct waiting *search_waiting(const struct ctx *c, const char *household)
{
	struct board *b = ctx_board(c);
	const struct waiting *w;
	struct uuid id;

	if (!household || !uuid_parse(household, &id))
		return NULL;
	w = board_waiting(b, id);
	return w && w->group == board_group(b, ctx_user(c)->partnership_id) ? w : NULL;
}

bool search_need_stored(const struct ctx *c, const char *household, struct need *need)
{
	const struct waiting *w = search_waiting(c, household);

	if (w)
		*need = w->need;
	return w != NULL;
}

bool search_need_read(struct ctx *c, int i, struct need *need)
{
	struct waiting w;
	int statement;
	const struct batch *b = ctx_rows(c, i, &statement);

	if (!board_waiting_read(ctx_board(c), b, statement, &w))
		return false;
	*need = w.need;
	return true;
}
