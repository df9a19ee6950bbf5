#include "sheet/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/date.h"
#include "base/die.h"

enum { PATH_SIZE = 32, PENCE_OF_A_POUND = 100 };

/* The library writes a file, and parts of it into others on the way: both are in memory. */
#define SHARED_MEMORY "/dev/shm"

struct sheet {
	int fd;
	lxw_workbook *book;		/* NULL: it could not be begun */
	lxw_worksheet *page;
	lxw_format *bold, *money, *day;
	bool failed;
};

static lxw_workbook *begin(struct sheet *s)
{
	lxw_workbook_options options = { .tmpdir = (char[]){ SHARED_MEMORY } };
	char path[PATH_SIZE];

	s->fd = memfd_create("sheet", MFD_CLOEXEC);
	if (s->fd < 0)
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->fd);
	return workbook_new_opt(path, &options);
}

static lxw_format *formatted(struct sheet *s, const char *numbers)
{
	lxw_format *f = workbook_add_format(s->book);

	format_set_num_format(f, numbers);
	return f;
}

struct sheet *sheet_new(const char *name, int64_t made_at)
{
	struct sheet *s = must_calloc(1, sizeof(*s));
	lxw_doc_properties properties = { .created = made_at };

	s->book = begin(s);
	if (!s->book)
		return s;
	workbook_set_properties(s->book, &properties);
	s->page = workbook_add_worksheet(s->book, name);
	s->bold = workbook_add_format(s->book);
	format_set_bold(s->bold);
	s->money = formatted(s, "0.00");
	s->day = formatted(s, "yyyy-mm-dd");
	s->failed = !s->page;
	return s;
}

static void put(struct sheet *s, lxw_error error)
{
	s->failed |= error != LXW_NO_ERROR;
}

static bool able(const struct sheet *s)
{
	return s->book && s->page;
}

void sheet_text(struct sheet *s, int row, int column, const char *text)
{
	if (able(s) && text && *text)
		put(s, worksheet_write_string(s->page, (lxw_row_t)row, (lxw_col_t)column, text, NULL));
}

void sheet_head(struct sheet *s, int row, int column, const char *text)
{
	if (able(s))
		put(s, worksheet_write_string(s->page, (lxw_row_t)row, (lxw_col_t)column, text, s->bold));
}

void sheet_pence(struct sheet *s, int row, int column, int64_t pence)
{
	if (able(s))
		put(s, worksheet_write_number(s->page, (lxw_row_t)row, (lxw_col_t)column,
					      (double)pence / PENCE_OF_A_POUND, s->money));
}

void sheet_number(struct sheet *s, int row, int column, int64_t n)
{
	if (able(s))
		put(s, worksheet_write_number(s->page, (lxw_row_t)row, (lxw_col_t)column, (double)n, NULL));
}

void sheet_date(struct sheet *s, int row, int column, const char *day)
{
	lxw_datetime d = { 0 };
	int32_t n;

	if (!day || !day_parse(day, &n)) {
		sheet_text(s, row, column, day);
		return;
	}
	day_to_civil(n, &d.year, &d.month, &d.day);
	if (able(s))
		put(s, worksheet_write_datetime(s->page, (lxw_row_t)row, (lxw_col_t)column, &d, s->day));
}

static bool read_all(int fd, struct arena *a, const char **bytes, size_t *len)
{
	struct stat is;
	char *into;
	size_t at = 0;

	if (fstat(fd, &is) != 0 || is.st_size <= 0)
		return false;
	*len = (size_t)is.st_size;
	into = arena_alloc(a, *len);
	while (at < *len) {
		ssize_t n = pread(fd, into + at, *len - at, (off_t)at);

		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	*bytes = into;
	return true;
}

bool sheet_end(struct sheet *s, struct arena *a, const char **bytes, size_t *len)
{
	bool good = s->book && workbook_close(s->book) == LXW_NO_ERROR && !s->failed && read_all(s->fd, a, bytes, len);

	if (s->fd >= 0)
		close(s->fd);
	free(s);
	return good;
}
