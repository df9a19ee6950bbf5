/* Unsafe places: a district, a sector, or a circle on the 2 km grid. */
#include <string.h>

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

void check_unsafe(struct ctx *c, const char *at, const struct unsafe_in *u)
{
	if ((u->outward_code != NULL) + (u->sector != NULL) + (u->circle != NULL) != 1)
		ctx_error(c, at, "one_of", "Give one of outward code, sector and circle");
	if (u->sector && !sector_of(ctx_arena(c), u->sector))
		ctx_error(c, arena_printf(ctx_arena(c), "%s/sector", at), "bad_sector",
			  "Sector must be a postcode sector, like TS1 2");
}

static int64_t cells(int64_t metres)
{
	return metres / GRID_M;
}

/* Two points within r metres of each other lie in cells whose numbers are at most r / 2000 + √2
 * apart: that much is added, so that the circle as drawn is always covered. */
static int64_t radius_cells(int64_t radius_m)
{
	return (radius_m + 2829 + GRID_M - 1) / GRID_M;
}

static void put_number(struct text *t, bool known, int64_t n)
{
	if (known)
		json_put_i64(t, n);
	else
		json_put_null(t);
}

void put_unsafe(struct text *t, struct arena *a, const struct unsafe_in *u)
{
	const struct circle_in *k = u->circle;

	json_object_begin(t);
	json_put_key(t, "kind");
	json_put_str(t, u->kind);
	json_put_key(t, "outward_code");
	json_put_str(t, u->outward_code);
	json_put_key(t, "sector");
	json_put_str(t, u->sector ? sector_of(a, u->sector) : NULL);
	json_put_key(t, "cell_east");
	put_number(t, k, k ? cells(k->easting) : 0);
	json_put_key(t, "cell_north");
	put_number(t, k, k ? cells(k->northing) : 0);
	json_put_key(t, "radius_cells");
	put_number(t, k, k ? radius_cells(k->radius_m) : 0);
	json_object_end(t);
}
