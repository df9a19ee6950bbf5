/* Turns rows of the board's views into the structs that matching takes. */
#pragma once
#include "board/board.h"
#include "columns.h"
#include "intern.h"

extern const char *const property_columns[], *const unit_columns[], *const vacancy_columns[],
	*const need_columns[];

struct names {
	struct intern *groups;		/* partnership id → number */
	struct intern *areas;		/* ONS code → number */
	const struct geography *geography;
	char geography_taken[40];	/* when, as the database writes it; "" is never */
};

/* Takes the districts of that result up where there is a row: they are others than those at hand. What they
 * replace stays in memory, since a search may still hold it; an import is rare. False where there are none
 * then, or they cannot be read. */
bool names_geography(struct names *names, const struct batch *from, int statement, struct arena *a);

/* The facts that the vacancies of a property share; the texts are the row's. */
struct board_property {
	struct supply shared;
	bool shared_access;		/* false: a unit there has no other residents beside it */
	const char *provider, *area_label;
	struct duty_phones duty;
};

/* A binary row, r.column is of property_columns. */
void property_from_row(const struct row *r, const struct names *names, struct board_property *h);
/* Set the unit's facts, and the vacancy's: binary rows, r.column of unit_columns and
 * vacancy_columns. */
void unit_from_row(const struct row *r, struct supply *s);
void vacancy_from_row(const struct row *r, struct supply *s);
/* The ids by which they are joined. */
struct uuid property_id(const struct row *r);
struct uuid unit_id(const struct row *r);
struct uuid unit_property(const struct row *r);
const char *unit_reference(const struct row *r);
struct uuid vacancy_id(const struct row *r);
struct uuid vacancy_unit(const struct row *r);
/* The delay of a vacancy: a binary row with id, free_from and busy_until, named as in
 * vacancy_columns. */
extern const char *const delay_columns[];
struct uuid delay_id(const struct row *r);
void delay_from_row(const struct row *r, struct supply *s);
/* r.column is of need_columns. */
void waiting_from_row(const struct row *r, const struct names *names, struct waiting *w);
