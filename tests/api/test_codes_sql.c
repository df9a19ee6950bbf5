/* The domains of the database and the lists of the program are the same, so that they cannot drift
 * apart. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "api/codes.h"
#include "api/outcomes.h"
#include "base/text.h"
#include "database.h"

static void start(void)
{
	fresh_database("haven_template");
}

TestSuite(codes_sql, .init = start, .fini = drop_database);

/* Names or codes in the order of the database, one a line. */
static const char *domain_names(void)
{
	return database_ask("SELECT string_agg(t.typname, E'\\n' ORDER BY t.typname)"
			    "  FROM pg_type t JOIN pg_constraint k ON k.contypid = t.oid"
			    " WHERE t.typtype = 'd' AND t.typnamespace = 'public'::regnamespace"
			    "   AND pg_get_constraintdef(k.oid) LIKE '%ARRAY[%'");
}

static const char *domain_codes(struct arena *a, const char *domain)
{
	return database_ask(arena_printf(
		a,
		"SELECT string_agg(m[1], E'\\n' ORDER BY m[1] COLLATE \"C\") FROM pg_constraint k,"
		" regexp_matches(pg_get_constraintdef(k.oid), '''([^'']+)''', 'g') m"
		" WHERE k.contypid = '%s'::regtype",
		domain));
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static const char *list_codes(struct arena *a, const struct code_list *list)
{
	const char **codes = arena_array_of(a, list->n, const char *);
	struct text t = text_in(a);

	for (size_t i = 0; i < list->n; i++)
		codes[i] = list->rows[i].code;
	qsort(codes, list->n, sizeof(*codes), by_text);
	for (size_t i = 0; i < list->n; i++)
		text_printf(&t, "%s%s", i ? "\n" : "", codes[i]);
	return text_done(&t);
}

Test(codes_sql, every_domain_equals_its_list)
{
	struct arena *a = arena_new();
	char *names = arena_strdup(a, domain_names()), *rest = names, *name;
	int n = 0;

	while ((name = strsep(&rest, "\n")) != NULL) {
		const struct code_list *list = code_list_find(code_lists, name);

		if (!list)
			list = code_list_find(outcome_lists, name);
		cr_assert(list, "the domain %s has no list", name);
		cr_assert_str_eq(list_codes(a, list), domain_codes(a, name), "%s", name);
		n++;
	}
	cr_assert_geq(n, 30, "only %d domains were found", n);
	arena_free(a);
}

/* The outcomes of functions are all domains: an answer of another word does not leave the database. */
Test(codes_sql, every_list_of_outcomes_is_a_domain)
{
	for (size_t i = 0; outcome_lists[i]; i++)
		cr_expect_str_eq(sql("SELECT count(*) FROM pg_type WHERE typtype = 'd' AND typname = '%s'", outcome_lists[i]->name),
				 "1", "%s", outcome_lists[i]->name);
}

/* Derived states are not in a domain: a view and a function make them. */
Test(codes_sql, derived_states_are_those_that_the_database_makes)
{
	static const struct {
		const struct code_list *list;
		const char *maker;
	} makers[] = { { &unit_state_codes, "pg_get_functiondef('unit_now'::regproc)" },
		       { &vacancy_state_codes, "pg_get_viewdef('vacancy_state'::regclass)" } };
	struct arena *a = arena_new();

	for (size_t i = 0; i < sizeof(makers) / sizeof(*makers); i++)
		for (size_t code = 0; code < makers[i].list->n; code++)
			cr_assert_str_eq(database_ask(arena_printf(
						 a,
						 "SELECT %s ~ '(THEN|ELSE) ''%s'''",
						 makers[i].maker, makers[i].list->rows[code].code)),
					 "t", "%s has no %s", makers[i].maker,
					 makers[i].list->rows[code].code);
	arena_free(a);
}
