/* Leaks on purpose, one in each kind of process that tests have. tests/leaks/run expects a report
 * of each. The linker puts the functions below in the place of the service's own. */
#include <criterion/criterion.h>

#include "../../src/vault/threads.h"
#include "app/routes.h"
#include "base/arena.h"
#include "service.h"

struct board;
void __wrap_board_free(struct board *b);
void __wrap_threads_free(struct threads *p);
void __real_threads_free(struct threads *p);

/* The worker forgets its board. */
void __wrap_board_free(struct board *b)
{
	(void)b;
}

/* The vault forgets an arena. (Its threads would not be lost: they still point to it.) */
void __wrap_threads_free(struct threads *p)
{
	__real_threads_free(p);
	arena_alloc(arena_new(), 10);
}

TestSuite(leaks, .init = service_start_own, .fini = service_stop);

Test(leaks, of_the_worker_and_the_vault)
{
	struct answer a = call(SIGNED_OUT, "GET", "/assets/favicon.svg", NULL);

	cr_assert_eq(a.status, 200);
}

Test(leaks_alone, of_a_function_under_test)
{
	arena_alloc(arena_new(), 10);
}

Test(leaks_alone, of_a_library)
{
	const char *error;

	cr_assert(app_page_options("", arena_new(), &error));
}
