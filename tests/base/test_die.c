#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"

/* What a process said that ended so; every one of them by SIGABRT. */
static const char *last_words(void (*end)(void))
{
	static char said[512];
	int line[2], status;
	ssize_t n;
	pid_t pid;

	cr_assert_eq(pipe(line), 0);
	pid = fork();
	if (pid == 0) {
		dup2(line[1], STDERR_FILENO);
		end();
		_exit(0);
	}
	close(line[1]);
	n = read(line[0], said, sizeof(said) - 1);
	said[n < 0 ? 0 : n] = '\0';
	close(line[0]);
	waitpid(pid, &status, 0);
	cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "status %d", status);
	return said;
}

static void at_an_event(void)
{
	die("event_new");
}

static void at_much_memory(void)
{
	void *p = must_calloc(SIZE_MAX / 2, 1);

	(void)p;
}

Test(die, says_what_it_was_doing)
{
	const char *said = last_words(at_an_event);

	cr_assert(strstr(said, "\"event\":\"died\",\"what\":\"event_new\""), "%s", said);
}

Test(die, no_memory_is_said_too)
{
	const char *said = last_words(at_much_memory);

	cr_assert(strstr(said, "out of memory"), "%s", said);
}

Test(die, what_is_had_is_empty_or_the_same)
{
	static const unsigned char nothing[8];
	char *copy = must_strdup("word"), *room = must_calloc(8, 1);

	cr_assert_str_eq(copy, "word");
	cr_assert_arr_eq(room, nothing, sizeof(nothing));
	copy = must_reallocarray(copy, 100, 10);
	cr_assert_str_eq(copy, "word", "what was there stays");
	free(copy);
	free(room);
}
