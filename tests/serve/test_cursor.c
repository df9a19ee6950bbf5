/* Cursors as clients hand them back. */
#include <criterion/criterion.h>

#include "../../src/serve/cursor.h"
#include "memory.h"

Test(cursor, is_read_as_it_was_written)
{
	static const char plain[] = "2026-01-02 03:04:05+00|00000000-0000-4000-8000-000000000401";

	cr_assert_str_eq(cursor_decode(test_memory(), cursor_encode(test_memory(), plain)), plain);
}

Test(cursor, of_another_form_is_none)
{
	static const char *const bad[] = { "NF9\xb9", "NF9=", "NF9", "N", "NF 9", "AAAA", "/+8", "gIA" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		cr_expect_null(cursor_decode(test_memory(), bad[i]), "%s", bad[i]);
}
