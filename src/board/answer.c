/* What a board answers from memory. */
#include "board_impl.h"

#include "base/clock.h"
#include "map.h"

int64_t board_age(const struct board *b)
{
	return b->loaded ? clock_mono() - b->true_at : INT64_MAX;
}

bool board_fresh(const struct board *b)
{
	return board_age(b) <= BOARD_STALE_MS * INT64_C(1000);
}

uint64_t board_version(const struct board *b)
{
	return b->version;
}

size_t board_vacancies(const struct board *b)
{
	return match_index_count(b->now.index);
}

size_t board_households(const struct board *b)
{
	return map_count(b->now.waiting);
}

struct match_index *board_index(struct board *b)
{
	return b->now.index;
}

struct match_env board_env(const struct board *b)
{
	int64_t now = clock_now();

	return (struct match_env){
		.policy = b->o.policy,
		.geography = b->names.geography,
		.today = instant_london_day(now),
		.now = now,
	};
}

const struct geography *board_geography(const struct board *b)
{
	return b->names.geography;
}

bool board_waiting_read(const struct board *b, const struct batch *rows, int statement, struct waiting *out)
{
	int column[COLUMNS_MAX];
	struct row r = { .batch = rows, .statement = statement, .column = column };

	if (batch_rows(rows, statement) == 0)
		return false;
	columns_find(rows, statement, need_columns, column);
	waiting_from_row(&r, &b->names, out);
	return true;
}

bool board_vacancy_read(struct board *b, const struct batch *rows, int property, struct supply *out)
{
	return content_read_vacancy(&b->names, rows, property, out);
}

uint16_t board_group(struct board *b, const char *partnership_id)
{
	return (uint16_t)intern_add(b->names.groups, partnership_id);
}

int board_area(const struct board *b, const char *local_authority)
{
	return intern_find(b->names.areas, local_authority);
}

const struct waiting *board_waiting(const struct board *b, struct uuid household)
{
	return map_get(b->now.waiting, household);
}

void board_each_waiting(const struct board *b, void (*visit)(const struct waiting *w, void *arg), void *arg)
{
	for (size_t i = 0; i < map_count(b->now.waiting); i++)
		visit(map_at(b->now.waiting, i), arg);
}

size_t board_needs(const struct board *b, uint16_t group, struct board_hidden hidden, struct arena *a,
		   const struct need **needs, const struct waiting ***who)
{
	return content_needs(&b->now, group, hidden, a, needs, who);
}
