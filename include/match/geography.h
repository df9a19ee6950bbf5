/* Places as matching knows them: the postcode districts (outward codes) of the kingdom, their
 * neighbours, and their coarse position on a 2 km grid. Nothing finer exists here, so no answer can
 * be finer.
 *
 * The table is text, one fact a line, '#' begins a comment:
 *
 *	neighbours TS1 TS2 TS3		TS1's neighbours; the relation is made symmetric
 *	centre TS1 450 520 2		centre easting, northing and reach, in km, all even
 *	authorities TS1 E06000002	the local authorities (ONS codes) with postcodes in TS1
 *	alone BT 1 99			BT1 to BT99: districts of which nothing more is known
 *
 * A code must be a whole outward code: TS1 is no prefix of TS10.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "match/codes.h"

enum {
	DISTRICT_NONE = -1,	/* also: unknown */
	GRID_M = 2000,
};

struct geography;

/* NULL with *error set (in the arena) where a line is wrong, a neighbour is listed by only one of
 * two districts that both have a line, or a code is listed twice. All memory is the arena's. */
struct geography *geography_parse(struct arena *a, const char *text, size_t len,
				  const char **error) __attribute__((warn_unused_result));
size_t geography_districts(const struct geography *g);
/* The index of an outward code ("TS1"), or DISTRICT_NONE. */
int geography_district(const struct geography *g, const char *outward);
/* NULL for DISTRICT_NONE. */
const char *geography_outward(const struct geography *g, int district);
/* No district is a neighbour of itself. */
bool geography_neighbours(const struct geography *g, int a, int b);
/* The district that somebody probably meant who wrote `outward`, which is none: two letters changed
 * places, a letter that looks like a digit, one key too many, one wrong. NULL where nothing is near. */
const char *geography_likely(const struct geography *g, struct arena *a, const char *outward);
/* The district of a sector ("TS1 2": outward code, one blank, one digit), or DISTRICT_NONE. An
 * unsafe sector makes its whole district unsafe, and the neighbours: which sectors touch is not
 * known here, and an answer that told sectors apart would tell where a place is. */
int geography_sector_district(const struct geography *g, const char *sector);
/* "TS1", "TS10", "EC1A": the forms of Royal Mail's outward codes, upper case. */
bool outward_valid(const char *outward);

/* A place a household must not be near. Which member counts depends on the kind. */
struct area {
	enum area_kind kind;
	int district;			/* AREA_OUTWARD; DISTRICT_NONE: a valid code that the table
					 * does not have, unsafe where a place has such a one */
	int easting, northing, radius;	/* AREA_CIRCLE, metres, on the grid */
};

/* Snapped to the grid: the centre to the nearest point, the radius up to a multiple of 2 km that
 * still covers the circle as drawn. Snapping twice changes nothing. */
struct area area_circle(int easting, int northing, int radius);

/* Squared distance in km² between two districts' centres; -1 where one has none. */
int64_t district_distance2(const struct geography *g, int a, int b);
/* Whether the authority has a postcode in the district; unknown where the table does not name its
 * authorities. */
enum tri geography_authority(const struct geography *g, int district, const char *authority);
/* Where a district's centre is, in km; false where that is not known. */
bool geography_centre(const struct geography *g, int district, int *east, int *north);
/* Km from a district's centre to its farthest part. */
int district_reach(const struct geography *g, int district);
/* The same from a point in metres (snapped) to a district's centre. */
int64_t point_distance2(const struct geography *g, int easting, int northing, int district);
/* Whether the circle touches any part of the district. The answer is the same for every place in the
 * district. A district without a centre is hit: nobody can say that it is away from anything. */
bool circle_hits(const struct geography *g, const struct area *circle, int district);
