/* Rows of board_vacancy and board_household into what matching takes. */
#pragma once
#include "board/board.h"
#include "columns.h"
#include "intern.h"

extern const char *const supply_columns[], *const need_columns[];

struct names {
	struct intern *groups;		/* partnership id → number */
	struct intern *areas;		/* ONS code → number */
	const struct geography *geography;
};

/* r.column is of supply_columns. */
void supply_from_row(const struct row *r, const struct names *names, struct supply *s);
void shown_from_row(const struct row *r, struct arena *a, struct shown *out);
/* r.column is of need_columns. */
void waiting_from_row(const struct row *r, const struct names *names, struct waiting *w);
