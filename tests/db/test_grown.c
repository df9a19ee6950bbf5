/* Every named statement of the service on a database of size M: planned, and run where it runs functions,
 * none reads or sorts a table that grows with history. The tables that do not grow are listed in grown.sql,
 * so a new one grows until somebody says why it does not. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "db/sql.h"
#include "memory.h"
#include "role.h"

TestSuite(grown, .timeout = 400);

/* Rows of one page, or of one case: more are sorted only where a history is. */
enum { SORT_MOST = 1000 };

/* Read whole all the same. */
static const struct {
	const char *statement, *table, *why;
} allowed[] = {
	{ "board_delays", "void_period", "joined in memory to all that is on offer: some two a unit in ten years" },
};

static PGconn *owner;
static const char *growing, *partial;	/* names, each between blanks */
static struct text plans;		/* that the server told */

/* ---- the database ---- */

static const char *ask_owner(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static const char *ask_owner(const char *fmt, ...)
{
	const char *answer, *question;
	va_list ap;

	va_start(ap, fmt);
	question = test_vprintf(fmt, ap);
	va_end(ap);
	answer = outcome(owner, question);
	cr_assert(answer, "nothing: %s", question);
	return answer;
}

/* Kept from run to run (tests/run): what is done in it is rolled back, and its sessions are seen anew. */
static PGconn *grown_as(const char *role)
{
	PGconn *c = PQconnectdb(arena_printf(test_memory(), "%s dbname=haven_grown user=%s", getenv("HAVEN_TEST_PG"), role));

	cr_assert_eq(PQstatus(c), CONNECTION_OK, "%s", PQerrorMessage(c));
	return c;
}

static void run(PGconn *c, const char *statement)
{
	PGresult *r = PQexec(c, statement);

	cr_assert(PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK, "%s: %s", statement,
		  PQresultErrorMessage(r));
	PQclear(r);
}

static void open_grown(void)
{
	owner = grown_as("haven_owner");
	run(owner, "UPDATE session SET seen_at = now(), expires_at = now() + interval '1 hour' WHERE token_hash IN"
		   " (SELECT DISTINCT sha256(decode(token(role), 'hex')) FROM account)");
	growing = ask_owner("SELECT ' ' || string_agg(name, ' ') || ' ' FROM grows");
	partial = ask_owner("SELECT ' ' || string_agg(indexrelid::regclass::text, ' ') || ' ' FROM pg_index WHERE indpred IS NOT NULL");
}

/* A function that is called for each row has the same plan thousands of times: one is judged. */
static void collect(void *arg, const PGresult *r)
{
	const char *plan = strstr(PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY), "plan:\n");

	(void)arg;
	if (plan && !strstr(text_done(&plans), plan + strlen("plan:\n")))
		text_printf(&plans, "%s,", plan + strlen("plan:\n"));
}

/* As a role of the database: what it reads is read with the settings of a connection that reads. */
static PGconn *session_as(const char *role)
{
	PGconn *c = grown_as("haven_root");

	run(c, "LOAD 'auto_explain'");
	run(c, "SET auto_explain.log_min_duration = 0");
	run(c, "SET auto_explain.log_nested_statements = on");
	run(c, "SET auto_explain.log_format = json");
	run(c, "SET work_mem = '32MB'");
	run(c, "SET plan_cache_mode = force_custom_plan");	/* a function's plans, as it is called first */
	run(c, arena_printf(test_memory(), "SET SESSION AUTHORIZATION %s", role));
	PQsetNoticeReceiver(c, collect, NULL);
	return c;
}

/* ---- what is wrong with a plan ---- */

struct judged {
	const char *statement;
	struct text *faults;
};

static const char *text_of(const json_t *node, const char *member)
{
	const char *s = json_string_value(json_object_get(node, member));

	return s ? s : "";
}

static bool listed(const char *names, const char *name)
{
	return *name && strstr(names, arena_printf(test_memory(), " %s ", name));
}

static bool is_allowed(const char *statement, const char *table)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		if (strcmp(allowed[i].statement, statement) == 0 && strcmp(allowed[i].table, table) == 0)
			return true;
	return false;
}

static void fault(const struct judged *j, const char *what, const char *where)
{
	text_printf(j->faults, "%s %s %s\n", j->statement, what, where);
}

/* Also by an index, in whose order it is read from end to end: unless that holds the current rows alone, or
 * the first ones are enough, whatever they are. */
static bool reads_all(const json_t *node, bool first_do)
{
	const char *type = text_of(node, "Node Type");

	if (strcmp(type, "Seq Scan") == 0)
		return true;
	if (!strstr(type, "Index") || *text_of(node, "Index Cond"))
		return false;
	return !listed(partial, text_of(node, "Index Name")) && !(first_do && !*text_of(node, "Filter"));
}

static bool grows_below(const json_t *node)
{
	const json_t *child;
	size_t i;

	if (listed(growing, text_of(node, "Relation Name")))
		return true;
	json_array_foreach(json_object_get(node, "Plans"), i, child)
		if (grows_below(child))
			return true;
	return false;
}

static bool sorts_much(const json_t *node)
{
	const json_t *below = json_array_get(json_object_get(node, "Plans"), 0);

	return strstr(text_of(node, "Node Type"), "Sort") && grows_below(node) &&
	       json_integer_value(json_object_get(below, "Plan Rows")) > SORT_MOST;
}

/* What is never run is no fault: the branch of a question that was not asked. */
static void judge(const struct judged *j, const json_t *node, const char *table, bool first_do)
{
	const char *own = text_of(node, "Relation Name"), *type = text_of(node, "Node Type");
	const json_t *child;
	size_t i;

	table = *own ? own : table;
	if (strcmp(text_of(node, "One-Time Filter"), "false") == 0)
		return;
	if (reads_all(node, first_do) && listed(growing, table) && !is_allowed(j->statement, table))
		fault(j, "reads all of", table);
	if (sorts_much(node))
		fault(j, "sorts all of", json_dumps(json_object_get(node, "Sort Key"), 0));
	json_array_foreach(json_object_get(node, "Plans"), i, child)
		judge(j, child, table, strcmp(type, "Limit") == 0);
}

static void judge_text(const struct judged *j, const char *json)
{
	json_error_t e;
	json_t *all = json_loads(json, 0, &e), *one;
	size_t i;

	cr_expect(all && json_array_size(all), "%s: no plan in %s", j->statement, json);
	json_array_foreach(all, i, one)
		judge(j, json_object_get(one, "Plan"), "", false);
	json_decref(all);
}

/* ---- planned for any values ---- */

static void judge_generic(PGconn *c, const struct sql *s, struct text *faults)
{
	const struct judged j = { s->name, faults };
	struct text t = text_in(test_memory());
	PGresult *r = PQprepare(c, s->name, s->text, 0, NULL);

	cr_assert_eq(PQresultStatus(r), PGRES_COMMAND_OK, "%s", PQresultErrorMessage(r));
	PQclear(r);
	text_printf(&t, "EXPLAIN (FORMAT JSON) EXECUTE %s", s->name);
	for (int i = 0; i < s->nparams; i++)
		text_puts(&t, i ? ", NULL" : "(NULL");
	text_puts(&t, s->nparams ? ")" : "");
	r = PQexec(c, text_done(&t));
	cr_assert_eq(PQresultStatus(r), PGRES_TUPLES_OK, "%s: %s", s->name, PQresultErrorMessage(r));
	judge_text(&j, PQgetvalue(r, 0, 0));
	PQclear(r);
}

static void judge_role(enum sql_role role, const char *name, struct text *faults)
{
	PGconn *c = session_as(name);

	run(c, "SET plan_cache_mode = force_generic_plan");
	for (const struct sql *const *s = sql_all; *s; s++)
		if ((*s)->role == role && !(*s)->custom)
			judge_generic(c, *s, faults);
	PQfinish(c);
}

/* ---- run ---- */

static const struct sample {
	const char *role, *statement, *params;
} samples[] = {
#define ROW(role, statement, params) { #role, #statement, params },
#include "grown.def"
};

/* A worker's statement is of a person's request; the others say themselves for whom they are. */
static const char *database_role(const struct sample *s)
{
	return strncmp(s->role, "haven_", 6) == 0 ? s->role : "haven_app";
}

static const struct sql *statement(const char *name)
{
	const struct sql *const *s = sql_all;

	while (*s && strcmp((*s)->name, name) != 0)
		s++;
	cr_assert(*s, "no statement is named %s", name);
	return *s;
}

static void sign_in(PGconn *c, const char *role)
{
	run(c, arena_printf(test_memory(), "SELECT begin_request(decode('%s', 'hex'), 'r', NULL, NULL)",
			    ask_owner("SELECT token('%s')", role)));
}

/* What the server said where it refused. */
static const char *execute(PGconn *c, const struct sample *sample)
{
	const struct sql *s = statement(sample->statement);
	const char *params = ask_owner("SELECT coalesce('(' || string_agg(quote_nullable(v), ', ' ORDER BY n) || ')', '') "
				       "FROM unnest(ARRAY[%s]::text[]) WITH ORDINALITY u (v, n)", sample->params);

	PQclear(PQprepare(c, s->name, s->text, 0, NULL));
	plans = text_in(test_memory());
	run(c, "SET client_min_messages = log");
	PQclear(PQexec(c, arena_printf(test_memory(), "EXECUTE %s%s", s->name, params)));
	return PQtransactionStatus(c) == PQTRANS_INERROR ? PQerrorMessage(c) : NULL;
}

static void judge_sample(PGconn *c, const struct sample *sample, struct text *faults)
{
	const struct judged j = { sample->statement, faults };
	const char *error;

	run(c, "BEGIN");
	if (strcmp(database_role(sample), "haven_app") == 0)
		sign_in(c, sample->role);
	error = execute(c, sample);
	if (error)
		fault(&j, "does not run:", error);
	run(c, "ROLLBACK");
	run(c, "DEALLOCATE ALL");
	plans.len -= plans.len > 0;	/* the last comma */
	judge_text(&j, arena_printf(test_memory(), "[%s]", text_done(&plans)));
}

static void judge_samples(const char *role, struct text *faults)
{
	PGconn *c = session_as(role);

	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		if (strcmp(database_role(&samples[i]), role) == 0)
			judge_sample(c, &samples[i], faults);
	PQfinish(c);
}

static bool is_sampled(const char *name)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		if (strcmp(samples[i].statement, name) == 0)
			return true;
	return false;
}

/* What a function does shows only when it runs. */
static bool runs_functions(const struct sql *s, const char *functions)
{
	char names[8192];
	char *rest;

	cr_assert_lt(strlen(functions), sizeof(names), "raise the size");
	strcpy(names, functions);
	for (const char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		const char *at = strstr(s->text, arena_printf(test_memory(), "%s(", name));

		if (at && (at == s->text || !(strchr("_", at[-1]) || (at[-1] >= 'a' && at[-1] <= 'z'))))
			return true;
	}
	return false;
}

static void expect_samples(void)
{
	const char *functions = ask_owner("SELECT string_agg(p.proname, ' ') FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_namespace n"
					  " ON n.oid = p.pronamespace WHERE l.lanname = 'plpgsql' AND n.nspname IN ('public', 'audit', 'vault', 'fund', 'sanctuary')"
					  " AND p.proname NOT IN ('case_seen', 'seen_case', 'works_on', 'unit_promised', 'key_of', 'hold_key')");

	for (const struct sql *const *s = sql_all; *s; s++)
		if ((*s)->role != SQL_ROLE_TOOL && ((*s)->custom || runs_functions(*s, functions)))
			cr_expect(is_sampled((*s)->name), "%s: grown.def has no row for it", (*s)->name);
}

static const struct {
	enum sql_role statements;
	const char *name;
} roles[] = {
	{ SQL_ROLE_WORKER, "haven_app" },
	{ SQL_ROLE_BOARD, "haven_board" },
	{ SQL_ROLE_VAULT, "haven_vault" },
};

Test(grown, no_statement_reads_or_sorts_a_history)
{
	struct text faults = text_in(test_memory());

	open_grown();
	expect_samples();
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		judge_role(roles[i].statements, roles[i].name, &faults);
		judge_samples(roles[i].name, &faults);
	}
	cr_assert_eq(faults.len, 0, "\n%s", text_done(&faults));
}
