#include "geography_impl.h"

#include <string.h>

#include "base/text.h"

size_t geography_districts(const struct geography *g)
{
	return g->n;
}

size_t district_place(const struct geography *g, const char *outward)
{
	size_t low = 0, high = g->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(g->districts[mid].outward, outward) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int geography_district(const struct geography *g, const char *outward)
{
	size_t at = district_place(g, outward);

	return at < g->n && strcmp(g->districts[at].outward, outward) == 0 ? (int)at : DISTRICT_NONE;
}

static const struct district *district_at(const struct geography *g, int district)
{
	return district >= 0 && (size_t)district < g->n ? &g->districts[district] : NULL;
}

const char *geography_outward(const struct geography *g, int district)
{
	const struct district *d = district_at(g, district);

	return d ? d->outward : NULL;
}

bool geography_neighbours(const struct geography *g, int a, int b)
{
	return district_at(g, a) && district_at(g, b) && near_bit(g, a, b);
}

int geography_sector_district(const struct geography *g, const char *sector)
{
	char outward[OUTWARD_TEXT] = "";
	size_t len = strcspn(sector, " ");

	if (len >= OUTWARD_TEXT || sector[len] != ' ')
		return DISTRICT_NONE;
	if (sector[len + 1] < '0' || sector[len + 1] > '9' || sector[len + 2] != '\0')
		return DISTRICT_NONE;
	memcpy(outward, sector, len);
	return geography_district(g, outward);
}

static bool letter(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A9, A99, A9A, AA9, AA99, AA9A. */
bool outward_valid(const char *s)
{
	if (!letter(*s++))
		return false;
	s += letter(*s);
	if (!digit(*s++))
		return false;
	s += digit(*s) || letter(*s);
	return *s == '\0';
}

static int round_to(int value, int grid)
{
	int rest = (value % grid + grid) % grid;

	return rest * 2 < grid ? value - rest : value - rest + grid;
}

/* The least r with r * r >= square. */
static int64_t root_up(int64_t square)
{
	int64_t r = 0;

	for (int64_t bit = INT64_C(1) << 30; bit; bit >>= 1)
		if ((r + bit) * (r + bit) < square)
			r += bit;
	return square > 0 ? r + 1 : 0;
}

static bool on_grid(int easting, int northing, int radius)
{
	return radius >= GRID_M && easting % GRID_M == 0 && northing % GRID_M == 0 &&
	       radius % GRID_M == 0;
}

struct area area_circle(int easting, int northing, int radius)
{
	struct area c = {
		.kind = AREA_CIRCLE,
		.district = DISTRICT_NONE,
		.easting = round_to(easting, GRID_M),
		.northing = round_to(northing, GRID_M),
		.radius = radius,
	};
	int64_t de = c.easting - easting, dn = c.northing - northing, needed;

	if (on_grid(easting, northing, radius))
		return c;
	needed = radius + root_up(de * de + dn * dn);
	c.radius = needed <= GRID_M ? GRID_M : (int)((needed + GRID_M - 1) / GRID_M * GRID_M);
	return c;
}

static int64_t square_sum(int64_t a, int64_t b)
{
	return a * a + b * b;
}

enum tri geography_authority(const struct geography *g, int district, const char *authority)
{
	const struct district *d = district_at(g, district);

	if (!d || !d->authorities)
		return TRI_UNKNOWN;
	return strstr(d->authorities, authority) ? TRI_YES : TRI_NO;
}

bool geography_centre(const struct geography *g, int district, int *east, int *north)
{
	const struct district *d = district_at(g, district);

	if (!d || !d->placed)
		return false;
	*east = d->easting;
	*north = d->northing;
	return true;
}

int district_reach(const struct geography *g, int district)
{
	const struct district *d = district_at(g, district);

	return d ? d->reach : 0;
}

int64_t point_distance2(const struct geography *g, int easting, int northing, int district)
{
	const struct district *d = district_at(g, district);

	if (!d || !d->placed)
		return -1;
	return square_sum(round_to(easting, GRID_M) / 1000 - d->easting,
			  round_to(northing, GRID_M) / 1000 - d->northing);
}

int64_t district_distance2(const struct geography *g, int a, int b)
{
	const struct district *da = district_at(g, a), *db = district_at(g, b);

	if (!da || !da->placed || !db || !db->placed)
		return -1;
	return square_sum(da->easting - db->easting, da->northing - db->northing);
}

bool circle_hits(const struct geography *g, const struct area *circle, int district)
{
	struct area c = area_circle(circle->easting, circle->northing, circle->radius);
	int64_t distance2 = point_distance2(g, c.easting, c.northing, district), reach;

	if (distance2 < 0)
		return true;
	reach = c.radius / 1000 + g->districts[district].reach;
	return distance2 <= reach * reach;
}
