/* Unsafe places: a district, a sector, or a circle on the 2 km grid. */
#include <string.h>

#include "api/place.h"
#include "case.h"
#include "match/geography.h"

const char *sector_of(struct arena *a, const char *s)
{
	size_t n = strlen(s);
	char *upper = arena_strndup(a, s, n);

	if (n < 4 || s[n - 2] != ' ' || s[n - 1] < '0' || s[n - 1] > '9')
		return NULL;
	for (char *p = upper; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	return outward_valid(arena_strndup(a, upper, n - 2)) ? upper : NULL;
}

static void check_sector(struct ctx *c, const char *at, const char *typed)
{
	const char *sector = sector_of(ctx_arena(c), typed);

	if (!sector)
		ctx_error(c, at, "bad_sector", "Sector must be a postcode sector, like TS1 2");
	else
		check_district(c, at, arena_strndup(ctx_arena(c), sector, strlen(sector) - 2));
}

void check_unsafe(struct ctx *c, const char *at, const struct unsafe_in *u)
{
	static const char *const ways[] = { "outward_code", "sector", "circle" };
	const json_t *sent = json_sent_to(ctx_decoded(c), at);
	int n = 0;

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		n += json_object_get(sent, ways[i]) != NULL;
	if (n == 0 && json_is_object(sent))
		ctx_error(c, arena_printf(ctx_arena(c), "%s/outward_code", at), "required",
			  "Enter the first half of a postcode, like TS1");
	if (n > 1)
		ctx_error(c, at, "one_of", "Give one of outward code, sector and circle");
	check_district(c, arena_printf(ctx_arena(c), "%s/outward_code", at), u->outward_code);
	if (u->sector)
		check_sector(c, arena_printf(ctx_arena(c), "%s/sector", at), u->sector);
}

/* Snapped to the grid as matching does it, so that the search, the board and the database agree. */
static void put_circle(struct text *t, const struct circle_in *k)
{
	struct area area = area_circle((int)k->easting, (int)k->northing, (int)k->radius_m);

	json_put_key(t, "cell_east");
	json_put_i64(t, area.easting / GRID_M);
	json_put_key(t, "cell_north");
	json_put_i64(t, area.northing / GRID_M);
	json_put_key(t, "radius_cells");
	json_put_i64(t, area.radius / GRID_M);
}

static void put_unsafe(struct text *t, struct arena *a, const struct unsafe_in *u)
{
	json_object_begin(t);
	json_put_text(t, "kind", u->kind);
	json_put_text(t, "outward_code", u->outward_code);
	json_put_text(t, "sector", u->sector ? sector_of(a, u->sector) : NULL);
	if (u->circle)
		put_circle(t, u->circle);
	json_object_end(t);
}

const char *places_json(struct ctx *c, const struct json_list *places)
{
	const struct unsafe_in *u = places->items;
	struct text t = text_in(ctx_arena(c));

	json_array_begin(&t);
	for (size_t i = 0; i < places->n; i++)
		put_unsafe(&t, ctx_arena(c), &u[i]);
	json_array_end(&t);
	return text_done(&t);
}
