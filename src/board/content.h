/* The part of a board that a load replaces, and how rows come into it. */
#pragma once
#include "board/board.h"
#include "map.h"
#include "rows.h"

struct content {
	struct arena *arena;		/* the index's memory */
	struct match_index *index;
	struct map *waiting;		/* household → struct waiting */
};

struct content content_new(const struct geography *g);
void content_free(struct content *c);

/* A statement of a batch. */
struct source {
	const struct batch *batch;
	int statement;
};

/* Where the rows are: those of properties; of their units, which may be the rows of the
 * vacancies; of vacancies; and of delays, without a batch where the rows of the vacancies have
 * them too. */
struct sources {
	struct source properties, units, vacancies, delays;
};

/* A vacancy without its unit or property is left out: it closed while the lists were read, and
 * the log will say so. */
void content_put_vacancies(struct content *c, const struct names *names, struct sources from, struct arena *work);
void content_put_households(struct content *c, const struct names *names, const struct batch *b, int statement);
/* What changed is taken out, and what of it is current comes back in: results 1 to 4 of the batch list
 * the ids that changed, and of these the properties, the vacancies with their units, the households. */
void content_change(struct content *c, const struct names *names, const struct batch *b, struct arena *work);

/* As board_vacancy_read(). */
bool content_read_vacancy(const struct names *names, const struct batch *b, int property, struct supply *out);
/* As board_needs(). */
size_t content_needs(const struct content *c, uint16_t group, struct board_hidden hidden, struct arena *a,
		     const struct need **needs, const struct waiting ***who);
