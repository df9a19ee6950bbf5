#include "survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/text.h"
#include "match/geography.h"

enum {
	DISTRICTS = 4096,
	AUTHORITIES = 512,
	CODE = 12,		/* bytes of an outward or ONS code */
	HASH = 16384,		/* a power of two, several times the districts */
	CELLS_WIDE = 4096,	/* of NEAR_M: 2,048 km, more than the grid has */
};

/* A postcode. Its cell is a square of NEAR_M: what is near lies in the same or the next. */
struct point {
	uint32_t cell;
	int32_t east, north;
	uint16_t district;
};

struct district_found {
	char outward[CODE];
	int64_t east, north, n;		/* sums */
	uint64_t authorities[AUTHORITIES / 64];
	uint64_t near[DISTRICTS / 64];
};

struct survey {
	struct point *points;
	size_t n, room;
	struct district_found *districts;
	size_t n_districts;
	uint16_t hash[HASH];		/* index + 1 */
	char authorities[AUTHORITIES][CODE];
	size_t n_authorities;
};

struct survey *survey_new(void)
{
	struct survey *s = must_calloc(1, sizeof(*s));

	s->districts = must_calloc(DISTRICTS, sizeof(*s->districts));
	return s;
}

void survey_free(struct survey *s)
{
	free(s->points);
	free(s->districts);
	free(s);
}

size_t survey_districts(const struct survey *s)
{
	return s->n_districts;
}

static void bit_on(uint64_t *bits, size_t at)
{
	bits[at / 64] |= UINT64_C(1) << (at % 64);
}

static bool bit_at(const uint64_t *bits, size_t at)
{
	return bits[at / 64] >> (at % 64) & 1;
}

static size_t hash_of(const char *code)
{
	size_t h = 5381;

	for (; *code; code++)
		h = h * 33 + (unsigned char)*code;
	return h % HASH;
}

static struct district_found *district_of(struct survey *s, const char *outward)
{
	size_t at = hash_of(outward);

	for (; s->hash[at]; at = (at + 1) % HASH)
		if (strcmp(s->districts[s->hash[at] - 1].outward, outward) == 0)
			return &s->districts[s->hash[at] - 1];
	if (s->n_districts == DISTRICTS || !outward_valid(outward))
		return NULL;
	memcpy(s->districts[s->n_districts].outward, outward, strlen(outward));
	s->hash[at] = (uint16_t)++s->n_districts;
	return &s->districts[s->n_districts - 1];
}

static bool add_authority(struct survey *s, struct district_found *d, const char *code)
{
	size_t at = 0;

	if (!*code)
		return true;
	while (at < s->n_authorities && strcmp(s->authorities[at], code) != 0)
		at++;
	if (at == AUTHORITIES || strlen(code) >= CODE)
		return false;
	if (at == s->n_authorities)
		memcpy(s->authorities[s->n_authorities++], code, strlen(code));
	bit_on(d->authorities, at);
	return true;
}

static uint32_t cell_of(int32_t east, int32_t north)
{
	return (uint32_t)(north / NEAR_M) * CELLS_WIDE + (uint32_t)(east / NEAR_M);
}

static void add_point(struct survey *s, struct point p)
{
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 65536;
		s->points = must_reallocarray(s->points, s->room, sizeof(*s->points));
	}
	s->points[s->n++] = p;
}

bool survey_add(struct survey *s, const char *outward, int32_t east, int32_t north, const char *authority)
{
	struct district_found *d = district_of(s, outward);

	if (!d || !add_authority(s, d, authority))
		return false;
	d->east += east;
	d->north += north;
	d->n++;
	add_point(s, (struct point){ cell_of(east, north), east, north, (uint16_t)(d - s->districts) });
	return true;
}

/* ---- neighbours ---- */

static int by_cell(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	if (x->cell != y->cell)
		return x->cell < y->cell ? -1 : 1;
	return (x->district > y->district) - (x->district < y->district);
}

static void meet(struct survey *s, const struct point *a, const struct point *b)
{
	int64_t east = a->east - b->east, north = a->north - b->north;

	if (a->district == b->district || bit_at(s->districts[a->district].near, b->district) ||
	    east * east + north * north > (int64_t)NEAR_M * NEAR_M)
		return;
	bit_on(s->districts[a->district].near, b->district);
	bit_on(s->districts[b->district].near, a->district);
}

/* The points of one cell; sorted, so that a cell of one district is known by its ends. */
struct cell {
	const struct point *first;
	size_t n;
};

static bool of_one(const struct cell *c, uint16_t district)
{
	return c->first[0].district == district && c->first[c->n - 1].district == district;
}

static void meet_cells(struct survey *s, struct cell a, struct cell b)
{
	if (!b.n || (of_one(&a, a.first[0].district) && of_one(&b, a.first[0].district)))
		return;
	for (size_t i = 0; i < a.n; i++)
		for (size_t k = 0; k < b.n; k++)
			meet(s, &a.first[i], &b.first[k]);
}

static size_t first_from(const struct survey *s, uint32_t cell)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (s->points[mid].cell < cell)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct cell cell_from(const struct survey *s, size_t first, uint32_t cell)
{
	size_t end = first;

	while (end < s->n && s->points[end].cell == cell)
		end++;
	return (struct cell){ s->points + first, end - first };
}

/* Each pair of cells once: itself, the next to the east, and the three of the row to the north. */
static void find_neighbours(struct survey *s)
{
	static const uint32_t beside[] = { 1, CELLS_WIDE - 1, CELLS_WIDE, CELLS_WIDE + 1 };
	struct cell c;

	qsort(s->points, s->n, sizeof(*s->points), by_cell);
	for (size_t at = 0; at < s->n; at += c.n) {
		uint32_t cell = s->points[at].cell;

		c = cell_from(s, at, cell);
		meet_cells(s, c, c);
		for (size_t i = 0; i < sizeof(beside) / sizeof(*beside); i++)
			meet_cells(s, c, cell_from(s, first_from(s, cell + beside[i]), cell + beside[i]));
	}
}

/* ---- what is written ---- */

/* The grid point nearest to the mean, in km. */
static int centre_km(int64_t sum, int64_t n)
{
	return (int)((sum / n + GRID_M / 2) / GRID_M * GRID_M / 1000);
}

/* By district, the square of the greatest distance from its centre, in metres. */
static int64_t *reaches(const struct survey *s, struct arena *a)
{
	int64_t *most = arena_array_of(a, s->n_districts, int64_t);

	for (size_t i = 0; i < s->n; i++) {
		const struct point *p = &s->points[i];
		const struct district_found *d = &s->districts[p->district];
		int64_t east = p->east - 1000 * (int64_t)centre_km(d->east, d->n);
		int64_t north = p->north - 1000 * (int64_t)centre_km(d->north, d->n);

		if (east * east + north * north > most[p->district])
			most[p->district] = east * east + north * north;
	}
	return most;
}

/* On the grid, rounded up. */
static int reach_km(int64_t metres2)
{
	int64_t reach = GRID_M;

	while (reach * reach < metres2)
		reach += GRID_M;
	return (int)(reach / 1000);
}

static void put_authorities(const struct survey *s, struct text *t, const struct district_found *d)
{
	bool any = false;

	for (size_t i = 0; i < s->n_authorities; i++)
		if (bit_at(d->authorities, i)) {
			if (!any)
				text_printf(t, "authorities %s", d->outward);
			text_printf(t, " %s", s->authorities[i]);
			any = true;
		}
	if (any)
		text_puts(t, "\n");
}

static void put_district(const struct survey *s, struct text *t, const struct district_found *d, int64_t reach2)
{
	text_printf(t, "neighbours %s", d->outward);
	for (size_t i = 0; i < s->n_districts; i++)
		if (bit_at(d->near, i))
			text_printf(t, " %s", s->districts[i].outward);
	text_printf(t, "\ncentre %s %d %d %d\n", d->outward, centre_km(d->east, d->n), centre_km(d->north, d->n),
		    reach_km(reach2));
	put_authorities(s, t, d);
}

const char *survey_words(struct survey *s, struct arena *a)
{
	struct text t = text_in(a);
	int64_t *reach2 = reaches(s, a);

	find_neighbours(s);
	for (size_t i = 0; i < s->n_districts; i++)
		put_district(s, &t, &s->districts[i], reach2[i]);
	return text_done(&t);
}
