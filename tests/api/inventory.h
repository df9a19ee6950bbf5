/* Helpers that the tests of organisations, properties, units, vacancies and voids share. */
#pragma once
#include <criterion/criterion.h>

#include "service.h"

/* A PATCH with If-Match. */
struct answer change(int actor, const char *path, json_int_t version, const char *body);
/* Makes a placement of VACANCY_A1 in UNIT_A1 in that state, from today on without end. Returns its
 * id. */
const char *place_a1(const char *state);

/* Sends the same POST n times at the same moment, each from a process of its own, and returns the
 * number of answers with that status. */
int race(int n, int actor, const char *path, const char *body, int status);

#define assert_status(a, expected) \
	cr_assert_eq((a).status, (expected), "%d instead of %d: %s", (a).status, (expected), \
		     (a).body)
#define assert_error(a, pointer) \
	cr_assert((a).status == 422 && answer_has_error(&(a), (pointer)), \
		  "%d, not %s: %s", (a).status, (pointer), (a).body)
#define assert_problem(a, expected, slug) \
	cr_assert((a).status == (expected) && \
			  text_eq(answer_text(&(a), "type"), "/problems/" slug), \
		  "%d, not " slug ": %s", (a).status, (a).body)
