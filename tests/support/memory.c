#include "memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

struct arena *test_memory(void)
{
	static struct arena *memory;

	if (!memory)
		memory = arena_new();
	return memory;
}

char *test_vprintf(const char *fmt, va_list ap)
{
	va_list again;
	char *s;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	cr_assert_geq(n, 0, "%s", fmt);
	s = arena_alloc(test_memory(), (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	return s;
}

static bool is_keeper;

void test_is_keeper(void)
{
	is_keeper = true;
}

void test_fail(const char *fmt, ...)
{
	const char *why;
	va_list ap;

	va_start(ap, fmt);
	why = test_vprintf(fmt, ap);
	va_end(ap);
	if (!is_keeper)
		cr_assert_fail("%s", why);
	fprintf(stderr, "a kept service failed: %s\n", why);
	_exit(1);
}

static void drop_json(void *json)
{
	json_decref(json);
}

json_t *test_json(const char *bytes, size_t n)
{
	json_t *json = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, NULL);

	arena_defer(test_memory(), drop_json, json);
	return json;
}

int test_scratch(void)
{
	char path[] = "/tmp/haven-test-XXXXXX";
	int fd = mkstemp(path);

	cr_assert(fd >= 0, "temporary file");
	unlink(path);
	return fd;
}

const char *test_bytes(int fd, size_t *n)
{
	struct stat st;
	char *bytes;

	cr_assert_eq(fstat(fd, &st), 0);
	bytes = arena_alloc(test_memory(), (size_t)st.st_size + 1);
	cr_assert_eq(pread(fd, bytes, (size_t)st.st_size, 0), st.st_size);
	bytes[st.st_size] = '\0';
	if (n)
		*n = (size_t)st.st_size;
	return bytes;
}

/* exit() would run the test runner's exit handlers; _exit() alone would skip the sanitizer's. */
void child_end(int code)
{
#ifdef __SANITIZE_ADDRESS__
	__lsan_do_leak_check();
#endif
	_exit(code);
}
