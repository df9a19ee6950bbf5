#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../../src/board/columns.h"
#include "../../src/board/intern.h"

Test(columns, pieces_of_a_list)
{
	const char *at = "a,,bc;d";
	char piece[PIECE_MAX];

	cr_assert(next_piece(&at, ',', piece) && strcmp(piece, "a") == 0);
	cr_assert(next_piece(&at, ',', piece) && strcmp(piece, "") == 0, "an empty piece is one");
	cr_assert(next_piece(&at, ',', piece) && strcmp(piece, "bc;d") == 0);
	cr_assert_not(next_piece(&at, ',', piece));
	at = NULL;
	cr_assert_not(next_piece(&at, ',', piece), "SQL NULL is no list");
	at = "";
	cr_assert_not(next_piece(&at, ',', piece));
}

Test(columns, long_pieces_are_cut_and_the_next_is_whole)
{
	char list[400], piece[PIECE_MAX];
	const char *at = list;

	memset(list, 'x', 300);
	memcpy(list + 300, ",end", 5);
	cr_assert(next_piece(&at, ',', piece));
	cr_assert_eq(strlen(piece), PIECE_MAX - 1);
	cr_assert(next_piece(&at, ',', piece));
	cr_assert_str_eq(piece, "end");
}

Test(columns, names_keep_their_numbers)
{
	struct arena *a = arena_new();
	struct intern *in = intern_new(a);
	char name[16];

	cr_assert_eq(intern_find(in, "none"), -1);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "name %d", i);
		cr_assert_eq(intern_add(in, name), i);
	}
	cr_assert_eq(intern_add(in, "name 7"), 7);
	cr_assert_eq(intern_find(in, "name 999"), 999);
	cr_assert_eq(intern_find(in, "name"), -1, "a name is compared whole");
	arena_free(a);
}
