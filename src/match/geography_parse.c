/* Reading the geography file: districts first, then their centres and neighbours. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "geography_impl.h"

enum { WORD = 16, WORDS_MAX = 256 };

struct line {
	char word[WORDS_MAX][WORD];
	int n;
};

struct reader {
	struct arena *arena;
	const char *at, *end;
	int number;		/* of the line last read */
	const char *error;
};

static bool fail(struct reader *r, const char *what, const char *word)
{
	r->error = arena_printf(r->arena, "line %d: %s: %s", r->number, what, word);
	return false;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* One word into the line; false where it does not fit. */
static bool take_word(struct reader *r, struct line *l)
{
	size_t len = 0;

	if (l->n == WORDS_MAX)
		return fail(r, "too many words", l->word[0]);
	while (r->at < r->end && !blank(*r->at) && *r->at != '\n' && *r->at != '#') {
		if (len == WORD - 1)
			return fail(r, "word too long", l->word[0]);
		l->word[l->n][len++] = *r->at++;
	}
	l->word[l->n][len] = '\0';
	l->n++;
	return true;
}

static void skip_to_end(struct reader *r)
{
	while (r->at < r->end && *r->at != '\n')
		r->at++;
}

/* The next line, which may be empty; false at the end and on error. */
static bool next_line(struct reader *r, struct line *l)
{
	if (r->error || r->at >= r->end)
		return false;
	l->n = 0;
	l->word[0][0] = '\0';
	r->number++;
	while (r->at < r->end && *r->at != '\n') {
		if (*r->at == '#')
			skip_to_end(r);
		else if (blank(*r->at))
			r->at++;
		else if (!take_word(r, l))
			return false;
	}
	r->at += r->at < r->end;
	return true;
}

static bool add_district(struct reader *r, struct geography *g, const char *outward)
{
	size_t at = district_place(g, outward);
	struct district *d = &g->districts[at];

	if (!outward_valid(outward))
		return fail(r, "no outward code", outward);
	if (at < g->n && strcmp(d->outward, outward) == 0)
		return true;
	if (g->n == DISTRICTS_MAX)
		return fail(r, "too many districts", outward);
	memmove(d + 1, d, (g->n - at) * sizeof(*d));
	memset(d, 0, sizeof(*d));
	memcpy(d->outward, outward, strlen(outward));
	g->n++;
	return true;
}

static bool is(const struct line *l, const char *keyword)
{
	return strcmp(l->word[0], keyword) == 0;
}

static bool add_alone(struct reader *r, struct geography *g, const struct line *l)
{
	int64_t first, last;

	if (l->n != 4 || strlen(l->word[1]) > 2 || !text_to_i64(l->word[2], &first) ||
	    !text_to_i64(l->word[3], &last) || first < 0 || last > 99)
		return fail(r, "alone takes letters, a first and a last number", l->word[1]);
	for (int64_t i = first; i <= last; i++)
		if (!add_district(r, g, arena_printf(r->arena, "%s%d", l->word[1], (int)i)))
			return false;
	return true;
}

/* First reading: which districts there are. */
static bool collect(struct reader *r, struct geography *g, const struct line *l)
{
	int codes = is(l, "neighbours") ? l->n - 1 : (is(l, "centre") && l->n == 5) || (is(l, "authorities") && l->n > 2);

	if (l->n == 0)
		return true;
	if (is(l, "alone"))
		return add_alone(r, g, l);
	if (codes < 1)
		return fail(r, "neither neighbours, centre, authorities nor alone", l->word[0]);
	for (int i = 1; i <= codes; i++)
		if (!add_district(r, g, l->word[i]))
			return false;
	return true;
}

static bool even_km(struct reader *r, const char *word, int32_t *km)
{
	int64_t value;

	if (!text_to_i64(word, &value) || value < 0 || value > 2000 || value % 2)
		return fail(r, "no even number of km", word);
	*km = (int32_t)value;
	return true;
}

static bool set_centre(struct reader *r, struct geography *g, const struct line *l)
{
	struct district *d = &g->districts[geography_district(g, l->word[1])];

	if (d->placed)
		return fail(r, "second centre", d->outward);
	d->placed = true;
	return even_km(r, l->word[2], &d->easting) && even_km(r, l->word[3], &d->northing) &&
	       even_km(r, l->word[4], &d->reach);
}

static void set_near(struct geography *g, int a, int b)
{
	near_row(g, a)[b / 64] |= UINT64_C(1) << (b % 64);
}

static bool set_neighbours(struct reader *r, struct geography *g, const struct line *l)
{
	int district = geography_district(g, l->word[1]);

	if (g->districts[district].listed)
		return fail(r, "second line of neighbours", l->word[1]);
	g->districts[district].listed = true;
	for (int i = 2; i < l->n; i++) {
		int other = geography_district(g, l->word[i]);

		if (other == district || near_bit(g, district, other))
			return fail(r, "neighbour listed twice or of itself", l->word[i]);
		set_near(g, district, other);
	}
	return true;
}

static bool set_authorities(struct reader *r, struct geography *g, const struct line *l)
{
	struct district *d = &g->districts[geography_district(g, l->word[1])];

	if (d->authorities)
		return fail(r, "second line of authorities", d->outward);
	d->authorities = "";
	for (int i = 2; i < l->n; i++)
		d->authorities = arena_printf(r->arena, "%s%s ", d->authorities, l->word[i]);
	return true;
}

static bool fill(struct reader *r, struct geography *g, const struct line *l)
{
	if (l->n == 0 || is(l, "alone"))
		return true;
	if (is(l, "authorities"))
		return set_authorities(r, g, l);
	return is(l, "centre") ? set_centre(r, g, l) : set_neighbours(r, g, l);
}

/* Both ways; where both districts have a line, both must say so. */
static bool close_pair(struct reader *r, struct geography *g, int a, int b)
{
	if (near_bit(g, b, a))
		return true;
	if (g->districts[b].listed) {
		r->error = arena_printf(r->arena, "%s has the neighbour %s, but not the reverse",
					g->districts[a].outward, g->districts[b].outward);
		return false;
	}
	set_near(g, b, a);
	return true;
}

static bool close_row(struct reader *r, struct geography *g, int a)
{
	for (size_t i = 0; i < g->row_words; i++)
		for (uint64_t left = near_row(g, a)[i]; left; left &= left - 1)
			if (!close_pair(r, g, a, (int)i * 64 + __builtin_ctzll(left)))
				return false;
	return true;
}

static bool close_all(struct reader *r, struct geography *g)
{
	for (size_t a = 0; a < g->n; a++)
		if (!close_row(r, g, (int)a))
			return false;
	return true;
}

typedef bool line_fn(struct reader *r, struct geography *g, const struct line *l);

static bool read_all(struct reader *r, const char *text, size_t len, line_fn *each,
		     struct geography *g)
{
	struct line l;

	r->at = text;
	r->end = text + len;
	r->number = 0;
	while (next_line(r, &l))
		if (!each(r, g, &l))
			return false;
	return !r->error;
}

struct geography *geography_parse(struct arena *a, const char *text, size_t len,
				  const char **error)
{
	struct geography *g = arena_new_of(a, struct geography);
	struct reader r = { .arena = a };
	bool ok;

	g->districts = arena_array_of(a, DISTRICTS_MAX + 1, struct district);
	ok = read_all(&r, text, len, collect, g);
	g->row_words = (g->n + 63) / 64;
	g->near = arena_array_of(a, g->n * g->row_words, uint64_t);
	ok = ok && read_all(&r, text, len, fill, g) && close_all(&r, g);
	*error = r.error;
	return ok ? g : NULL;
}
