/* Cells of comma-separated values (RFC 4180), for files that are made cell by cell; lists become files by ROUTE_CSV. */
#pragma once
#include "base/text.h"

/* A text cell: quoted where it must be, and with an apostrophe before what a spreadsheet would take for a formula.
 * Cells that are numbers or days by their kind are written as they are. */
void csv_put_text(struct text *t, const char *s);
/* Pounds with two decimals and a point, which a spreadsheet takes for a number: "1234.50", "-0.07". */
void csv_put_pence(struct text *t, int64_t pence);
