/* A workbook of one sheet (XLSX), for people who open a list in a spreadsheet. Text stays text: codes keep their leading
 * zeros, and nothing that begins with = is a formula. Behind it stands libxlsxwriter, which no other layer sees.
 *
 *	struct sheet *s = sheet_new("Journal", made_at);
 *	sheet_text(s, 0, 0, "gl_code");
 *	sheet_pence(s, 1, 1, 123456);
 *	if (!sheet_end(s, arena, &bytes, &len))
 *		return problem(c, PROBLEM_UNAVAILABLE);
 *
 * Rows and columns count from 0. The same cells and the same instant make the same bytes. It is written in memory:
 * nothing of it is left in a file. An error on the way shows at sheet_end(). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct sheet;

/* made_at is in seconds since 1970; the file says that it was made then. */
struct sheet *sheet_new(const char *name, int64_t made_at);
/* A string cell, at most 32,767 characters; nothing for NULL or "". */
void sheet_text(struct sheet *s, int row, int column, const char *text);
/* The same in bold, for the heads of columns. */
void sheet_head(struct sheet *s, int row, int column, const char *text);
/* A number cell in pounds with two decimals: exact up to a million million pounds. */
void sheet_pence(struct sheet *s, int row, int column, int64_t pence);
void sheet_number(struct sheet *s, int row, int column, int64_t n);
/* A date cell of "2026-11-30"; a text cell where it is no day. */
void sheet_date(struct sheet *s, int row, int column, const char *day);
/* Ends it: the file's bytes, in the arena. False where it could not be made. Frees s in any case. */
bool sheet_end(struct sheet *s, struct arena *a, const char **bytes, size_t *len) __attribute__((warn_unused_result));
