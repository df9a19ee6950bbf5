#include "content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

struct content content_new(const struct geography *g)
{
	struct arena *a = arena_new();

	return (struct content){ .arena = a, .index = match_index_new(a, g ? geography_districts(g) : 0), .waiting = map_new() };
}

/* ---- what a search shows ---- */

struct label {
	struct shown shown;
	char bytes[];
};

/* Copies the text to *at, past which it moves it; NULL stays NULL. */
static const char *keep(char **at, const char *text)
{
	size_t n = text ? strlen(text) + 1 : 0;

	if (n == 0)
		return NULL;
	*at += n;
	return memcpy(*at - n, text, n);
}

static const struct shown *label_new(const struct board_property *h, const char *reference)
{
	const char *const texts[] = { h->provider, reference, h->area_label, h->duty.day, h->duty.night, h->duty.begins, h->duty.ends };
	const char *kept[sizeof(texts) / sizeof(*texts)];
	size_t room = 0;
	struct label *l;
	char *at;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		room += texts[i] ? strlen(texts[i]) + 1 : 0;
	l = must_malloc(sizeof(*l) + room);
	at = l->bytes;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		kept[i] = keep(&at, texts[i]);
	l->shown = (struct shown){ kept[0], kept[1], kept[2], { kept[3], kept[4], kept[5], kept[6] } };
	return &l->shown;
}

static void label_free(void *ctx, const struct supply *s)
{
	(void)ctx;
	free((struct label *)(uintptr_t)s->shown);
}

void content_free(struct content *c)
{
	match_index_each(c->index, label_free, NULL);
	map_free(c->waiting);
	arena_free(c->arena);
}

static void remove_vacancy(struct content *c, struct uuid id)
{
	const struct supply *s = match_index_get(c->index, id);

	if (!s)
		return;
	label_free(NULL, s);
	match_index_remove(c->index, id);
}

/* ---- rows ---- */

/* A statement's rows, found by id. */
struct list {
	int column[COLUMNS_MAX];
	struct row row;			/* the last one found */
	int rows;
	struct uuid (*id)(const struct row *r);
	int32_t *table;			/* by id, once needed: row + 1, 0 empty; at most half
					 * full */
	size_t mask;
	struct arena *work;
};

static void list_open(struct list *l, struct source from, const char *const columns[],
		      struct uuid (*id)(const struct row *r), struct arena *work)
{
	l->row = (struct row){ .batch = from.batch, .statement = from.statement, .column = l->column };
	l->rows = batch_rows(from.batch, from.statement);
	l->id = id;
	l->work = work;
	columns_find(from.batch, from.statement, columns, l->column);
}

/* Ids are random, so they need no mixing; and each is there once. */
static void index_rows(struct list *l)
{
	l->mask = 1;
	while (l->mask < 2 * (size_t)l->rows)
		l->mask = l->mask * 2 + 1;
	l->table = arena_array_of(l->work, l->mask + 1, int32_t);
	for (l->row.row = 0; l->row.row < l->rows; l->row.row++) {
		size_t at = l->id(&l->row).lo & l->mask;

		while (l->table[at])
			at = (at + 1) & l->mask;
		l->table[at] = l->row.row + 1;
	}
}

static bool is_at(struct list *l, int row, struct uuid id)
{
	l->row.row = row;
	return row >= 0 && row < l->rows && uuid_cmp(l->id(&l->row), id) == 0;
}

/* Rows come nearly in the order in which they were written, a vacancy after its unit: the row
 * wanted is often the last one or the next, and most loads need no index. */
static bool list_find(struct list *l, struct uuid id)
{
	int last = l->row.row;

	if (is_at(l, last, id) || is_at(l, last + 1, id))
		return true;
	if (!l->table)
		index_rows(l);
	for (size_t at = id.lo & l->mask; l->table[at]; at = (at + 1) & l->mask)
		if (is_at(l, l->table[at] - 1, id))
			return true;
	return false;
}

struct joining {
	struct content *into;
	struct list properties, units, vacancies, delays;
	struct board_property *property;	/* by row of properties */
	bool by_unit;			/* units are rows of their own */
};

static void open_properties(struct joining *j, const struct names *names, struct source from,
			    struct arena *work)
{
	int n = batch_rows(from.batch, from.statement);
	struct row *r = &j->properties.row;

	list_open(&j->properties, from, property_columns, property_id, work);
	j->property = arena_array_of(work, (size_t)n, struct board_property);
	for (r->row = 0; r->row < n; r->row++)
		property_from_row(r, names, &j->property[r->row]);
	r->row = 0;
}

static bool find_unit(struct joining *j)
{
	if (j->by_unit)
		return list_find(&j->units, vacancy_unit(&j->vacancies.row));
	j->units.row.row = j->vacancies.row.row;
	return true;
}

/* A place that shares nothing has no residents to be kept from. */
static void live_alone(struct supply *s)
{
	s->mix_known = true;
	s->poses = s->avoids = 0;
}

static void put_vacancy(struct joining *j)
{
	const struct board_property *property;
	struct supply s;

	if (!find_unit(j) || !list_find(&j->properties, unit_property(&j->units.row)))
		return;
	property = &j->property[j->properties.row.row];
	s = property->shared;
	unit_from_row(&j->units.row, &s);
	if (!property->shared_access)
		live_alone(&s);
	vacancy_from_row(&j->vacancies.row, &s);
	if (j->by_unit && list_find(&j->delays, s.id))
		delay_from_row(&j->delays.row, &s);
	if (!j->by_unit)	/* a load finds nothing to replace */
		remove_vacancy(j->into, s.id);
	s.shown = label_new(property, unit_reference(&j->units.row));
	match_index_put(j->into->index, &s);
}

void content_put_vacancies(struct content *c, const struct names *names, struct sources from, struct arena *work)
{
	struct joining j = { .into = c, .by_unit = from.delays.batch != NULL };
	int n = batch_rows(from.vacancies.batch, from.vacancies.statement);

	open_properties(&j, names, from.properties, work);
	list_open(&j.units, from.units, unit_columns, unit_id, work);
	list_open(&j.vacancies, from.vacancies, vacancy_columns, vacancy_id, work);
	if (j.by_unit)
		list_open(&j.delays, from.delays, delay_columns, delay_id, work);
	match_index_expect(c->index, (size_t)n);
	for (j.vacancies.row.row = 0; j.vacancies.row.row < n; j.vacancies.row.row++)
		put_vacancy(&j);
}

void content_put_households(struct content *c, const struct names *names, const struct batch *b, int statement)
{
	int column[COLUMNS_MAX];
	struct row r = { .batch = b, .statement = statement, .column = column };

	columns_find(b, statement, need_columns, column);
	for (; r.row < batch_rows(b, statement); r.row++) {
		struct waiting *w = must_calloc(1, sizeof(*w));

		waiting_from_row(&r, names, w);
		map_put(c->waiting, w->household, w);
	}
}

/* ---- changes ---- */

static void remove_changed(struct content *c, const struct batch *b)
{
	for (int row = 0; row < batch_rows(b, 1); row++) {
		struct uuid id;

		if (!uuid_parse(batch_value(b, 1, row, "id"), &id))
			continue;
		if (*batch_value(b, 1, row, "kind") == 'h')
			map_remove(c->waiting, id);
		else
			remove_vacancy(c, id);
	}
}

void content_change(struct content *c, const struct names *names, const struct batch *b, struct arena *work)
{
	struct sources from = { { b, 2 }, { b, 3 }, { b, 3 }, { NULL, 0 } };

	remove_changed(c, b);
	content_put_vacancies(c, names, from, work);
	content_put_households(c, names, b, 4);
}

bool content_read_vacancy(const struct names *names, const struct batch *b, int property, struct supply *out)
{
	int of_property[COLUMNS_MAX], of_unit[COLUMNS_MAX], of_vacancy[COLUMNS_MAX];
	struct row p = { .batch = b, .statement = property, .column = of_property };
	struct row u = { .batch = b, .statement = property + 1, .column = of_unit }, v = u;
	struct board_property h;

	if (batch_rows(b, property) == 0 || batch_rows(b, property + 1) == 0)
		return false;
	v.column = of_vacancy;
	columns_find(b, property, property_columns, of_property);
	columns_find(b, property + 1, unit_columns, of_unit);
	columns_find(b, property + 1, vacancy_columns, of_vacancy);
	property_from_row(&p, names, &h);
	*out = h.shared;
	unit_from_row(&u, out);
	if (!h.shared_access)
		live_alone(out);
	vacancy_from_row(&v, out);
	return true;
}

/* ---- who waits ---- */

static bool is_hidden(struct board_hidden hidden, struct uuid household)
{
	for (size_t i = 0; i < hidden.n; i++)
		if (uuid_cmp(hidden.ids[i], household) == 0)
			return true;
	return false;
}

size_t content_needs(const struct content *c, uint16_t group, struct board_hidden hidden, struct arena *a,
		     const struct need **needs, const struct waiting ***who)
{
	size_t all = map_count(c->waiting), n = 0;
	struct need *copies = arena_array_of(a, all, struct need);

	*who = arena_array(a, all, sizeof(**who));
	for (size_t i = 0; i < all; i++) {
		const struct waiting *w = map_at(c->waiting, i);

		if (w->group != group || is_hidden(hidden, w->household))
			continue;
		copies[n] = w->need;
		(*who)[n++] = w;
	}
	*needs = copies;
	return n;
}

bool names_geography(struct names *names, const struct batch *from, int statement, struct arena *a)
{
	const char *words, *error;

	if (batch_rows(from, statement) > 0) {
		words = batch_value(from, statement, 0, "words");
		names->geography = geography_parse(a, words, strlen(words), &error);
		snprintf(names->geography_taken, sizeof(names->geography_taken), "%s",
			 batch_value(from, statement, 0, "taken_at"));
	}
	return names->geography != NULL;
}
