/* The wording of the DASH questions, which is licensed, comes from a file of the council. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/routes.h"

TestSuite(wording);

static char path[] = "/tmp/haven-wording-XXXXXX";

static json_t *options_with(const char *text, const char **error)
{
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");
	json_t *options;

	cr_assert(f);
	fputs(text, f);
	fclose(f);
	options = app_page_options(path, arena_new(), error);
	unlink(path);
	return options;
}

static const char *question(const json_t *options, const char *topic)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(options, "dash_question"), i, one)
		if (strcmp(json_string_value(json_object_get(one, "code")), topic) == 0)
			return json_string_value(json_object_get(one, "label"));
	return NULL;
}

Test(wording, a_question_of_the_file_stands_for_the_topic_s_name)
{
	const char *error = "";
	json_t *options = options_with("# ours\nstalking\tIs anybody following them?\r\n\n", &error);

	cr_assert(options, "%s", error);
	cr_assert_str_eq(question(options, "stalking"), "Is anybody following them?");
	cr_assert_str_eq(question(options, "injury"), "Injury", "left out");
}

Test(wording, a_line_that_is_none_is_named)
{
	static const char *const wrong[] = { "stalked\tIs it?\n", "stalking\n", "stalking\t\n", "stalking Is it?\n" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		const char *error = "";

		strcpy(path, "/tmp/haven-wording-XXXXXX");
		cr_expect_null(options_with(wrong[i], &error), "%s", wrong[i]);
		cr_expect(strstr(error, "a topic, a tab and its question"), "%s", error);
	}
}

Test(wording, a_file_that_is_not_there_is_named)
{
	const char *error = "";

	cr_assert_null(app_page_options("/nowhere/wording", arena_new(), &error));
	cr_assert(strstr(error, "/nowhere/wording cannot be read"), "%s", error);
}
