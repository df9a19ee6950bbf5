/* A workbook as other programs read it: unpacked, cell by cell. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "sheet/sheet.h"

static struct arena *arena;

static void start(void)
{
	arena = arena_new();
}

static void stop(void)
{
	arena_free(arena);
}

TestSuite(sheet, .init = start, .fini = stop);

struct file {
	const char *bytes;
	size_t len;
};

static struct file journal(void)
{
	struct sheet *s = sheet_new("Journal", 1795996800);
	struct file f;

	sheet_head(s, 0, 0, "gl_code");
	sheet_text(s, 1, 0, "007150");
	sheet_text(s, 2, 0, "=1+1");
	sheet_text(s, 3, 0, "");
	sheet_pence(s, 1, 1, 123456789012);
	sheet_pence(s, 2, 1, -1230);
	sheet_date(s, 1, 2, "2028-02-29");
	sheet_date(s, 2, 2, "no day");
	sheet_number(s, 1, 3, 42);
	cr_assert(sheet_end(s, arena, &f.bytes, &f.len));
	return f;
}

/* A part of the file, unpacked by another program. */
static const char *part(struct file f, const char *name)
{
	static char text[65536];
	char path[] = "/tmp/haven-sheet-XXXXXX", command[256];
	int fd = mkstemp(path);
	FILE *p;
	size_t n;

	cr_assert(fd >= 0 && write(fd, f.bytes, f.len) == (ssize_t)f.len);
	snprintf(command, sizeof(command), "unzip -p %s %s", path, name);
	p = popen(command, "r");
	cr_assert(p);
	n = fread(text, 1, sizeof(text) - 1, p);
	text[n] = '\0';
	cr_assert_eq(pclose(p), 0, "%s", text);
	unlink(path);
	close(fd);
	return text;
}

Test(sheet, codes_are_text_and_amounts_are_numbers)
{
	struct file f = journal();
	const char *cells = part(f, "xl/worksheets/sheet1.xml");

	cr_assert(strstr(cells, "<c r=\"A2\" t=\"s\"><v>1</v></c>"), "%s", cells);
	cr_assert(strstr(cells, "<c r=\"B2\" s=\"2\"><v>1234567890.12</v></c>"), "%s", cells);
	cr_assert(strstr(cells, "<c r=\"B3\" s=\"2\"><v>-12.3</v></c>"), "%s", cells);
	cr_assert(strstr(cells, "<c r=\"C2\" s=\"3\"><v>46812</v></c>"), "29 February 2028: %s", cells);
	cr_assert(strstr(cells, "<c r=\"D2\"><v>42</v></c>"), "%s", cells);
	cr_assert_null(strstr(cells, "<f>"), "no formula");
	cr_assert_null(strstr(cells, "A4"), "nothing is no cell");
	cells = part(f, "xl/sharedStrings.xml");
	cr_assert(strstr(cells, "<si><t>007150</t></si><si><t>=1+1</t></si>"), "%s", cells);
	cr_assert(strstr(part(f, "docProps/core.xml"), "2026-11-30"));
}

Test(sheet, the_same_cells_make_the_same_bytes)
{
	struct file one = journal(), two = journal();

	cr_assert_eq(one.len, two.len);
	cr_assert_eq(memcmp(one.bytes, two.bytes, one.len), 0);
}

Test(sheet, thousands_of_lines_are_made_at_once)
{
	struct sheet *s = sheet_new("Many", 0);
	struct file f;

	for (int row = 0; row < 20000; row++) {
		sheet_text(s, row, 0, "a code");
		sheet_pence(s, row, 1, row);
	}
	cr_assert(sheet_end(s, arena, &f.bytes, &f.len));
	cr_assert_gt(f.len, 20000);
}
