#include "content.h"

#include <stdlib.h>
#include <string.h>

#include "finder.h"

struct content content_new(const struct geography *g)
{
	struct arena *a = arena_new();

	return (struct content){ .arena = a, .index = match_index_new(a, geography_districts(g)), .waiting = map_new() };
}

/* ---- what a search shows ---- */

struct label {
	struct shown shown;
	char bytes[];
};

static const struct shown *label_new(const struct home *h, const char *reference)
{
	size_t provider = strlen(h->provider) + 1, area = strlen(h->area_label) + 1, own = strlen(reference) + 1;
	struct label *l = malloc(sizeof(*l) + provider + area + own);

	if (!l)
		abort();
	l->shown.provider = memcpy(l->bytes, h->provider, provider);
	l->shown.area_label = memcpy(l->bytes + provider, h->area_label, area);
	l->shown.unit_reference = memcpy(l->bytes + provider + area, reference, own);
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

void content_remove_vacancy(struct content *c, struct uuid id)
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
	struct row row;
	struct finder *by_id;
};

static void list_open(struct list *l, const struct batch *b, int statement, const char *const columns[])
{
	l->row = (struct row){ .batch = b, .statement = statement, .column = l->column };
	columns_find(b, statement, columns, l->column);
}

static void list_index(struct list *l, struct uuid (*id)(const struct row *r), struct arena *work)
{
	int n = batch_rows(l->row.batch, l->row.statement);

	l->by_id = finder_new(work, (size_t)n);
	for (l->row.row = 0; l->row.row < n; l->row.row++)
		finder_put(l->by_id, id(&l->row), l->row.row);
}

static bool list_find(struct list *l, struct uuid id)
{
	l->row.row = finder_get(l->by_id, id);
	return l->row.row >= 0;
}

struct joining {
	struct content *into;
	struct list homes, units, vacancies, delays;
	struct home *home;		/* by row of homes */
	bool by_unit;			/* units are rows of their own */
};

static void open_homes(struct joining *j, const struct names *names, const struct batch *b, int statement, struct arena *work)
{
	int n = batch_rows(b, statement);
	struct row *r = &j->homes.row;

	list_open(&j->homes, b, statement, home_columns);
	list_index(&j->homes, home_id, work);
	j->home = arena_array_of(work, (size_t)n, struct home);
	for (r->row = 0; r->row < n; r->row++)
		home_from_row(r, names, &j->home[r->row]);
}

static bool find_unit(struct joining *j)
{
	if (j->by_unit)
		return list_find(&j->units, vacancy_unit(&j->vacancies.row));
	j->units.row.row = j->vacancies.row.row;
	return true;
}

static void put_vacancy(struct joining *j)
{
	const struct home *home;
	struct supply s;

	if (!find_unit(j) || !list_find(&j->homes, unit_home(&j->units.row)))
		return;
	home = &j->home[j->homes.row.row];
	s = home->shared;
	unit_from_row(&j->units.row, &s);
	vacancy_from_row(&j->vacancies.row, &s);
	if (j->by_unit && list_find(&j->delays, s.id))
		delay_from_row(&j->delays.row, &s);
	if (!j->by_unit)	/* a load finds nothing to replace */
		content_remove_vacancy(j->into, s.id);
	s.shown = label_new(home, unit_reference(&j->units.row));
	match_index_put(j->into->index, &s);
}

void content_put_vacancies(struct content *c, const struct names *names, const struct batch *b, struct sources from,
			   struct arena *work)
{
	struct joining j = { .into = c, .by_unit = from.units != from.vacancies };
	int n = batch_rows(b, from.vacancies);

	open_homes(&j, names, b, from.homes, work);
	list_open(&j.units, b, from.units, unit_columns);
	list_open(&j.vacancies, b, from.vacancies, vacancy_columns);
	if (j.by_unit) {
		list_index(&j.units, unit_id, work);
		list_open(&j.delays, b, from.delays, delay_columns);
		list_index(&j.delays, delay_id, work);
	}
	for (j.vacancies.row.row = 0; j.vacancies.row.row < n; j.vacancies.row.row++)
		put_vacancy(&j);
}

void content_put_households(struct content *c, const struct names *names, const struct batch *b, int statement)
{
	struct list l;

	list_open(&l, b, statement, need_columns);
	for (; l.row.row < batch_rows(b, statement); l.row.row++) {
		struct waiting *w = calloc(1, sizeof(*w));

		if (!w)
			abort();
		waiting_from_row(&l.row, names, w);
		map_put(c->waiting, w->household, w);
	}
}
