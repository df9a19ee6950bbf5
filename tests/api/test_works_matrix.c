/* Every state of a works order, with every act, by every role; and the same of a change to an order: allowed where the
 * table has a row of the caller's side for that state, refused otherwise, and the state is then the one that the row
 * names. And the drawn diagrams, which are made from the tables. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "app/routes.h"
#include "working.h"

static void begin(void)
{
	works_start();
	sql("UPDATE fund.approval_limit SET two_from_pence = NULL");
}

TestSuite(works_matrix, .init = begin, .fini = works_stop, .timeout = 300);

static const char *const states[] = {
	"draft", "offered", "accepted", "booked", "on_site", "done", "taken_over", "invoiced", "paid", "refused", "lapsed", "cancelled",
};
enum { STATES = sizeof(states) / sizeof(*states) };

static const struct act {
	const char *name, *path, *body;
} acts[] = {
	{ "approve", "approve", "{}" },
	{ "offer", "offer", "{}" },
	{ "accept", "accept", "{}" },
	{ "refuse", "refuse", "{\"reason\":\"no_capacity\"}" },
	{ "pull", "pull", "{\"reason\":\"firm_is_late\"}" },
	{ "book", "book", "{\"day\":\"%s\",\"from\":\"09:00\",\"until\":\"11:00\",\"agreed\":\"by_telephone\"}" },
	{ "arrive", "arrive", "{}" },
	{ "leave", "leave", "{\"reason\":\"nobody_in\",\"home_secure\":true,\"nothing_left\":true}" },
	{ "report_done", "report-done", "{\"lines\":[{\"n\":1,\"fitted\":2},{\"n\":2,\"fitted\":1},{\"n\":3,\"fitted\":1}],"
	  "\"alarms_tested\":true,\"keys_made\":4,\"keys_given\":4,\"home_secure\":true}" },
	{ "take_over", "take-over", "{}" },
	{ "invoice", "invoice", "{\"number\":\"A-1\",\"net_pence\":100}" },
	{ "query", "query", "{\"reason\":\"amount\"}" },
	{ "settle", "settle", "{\"paid_on\":\"%s\",\"reference\":\"L 1\"}" },
	{ "unsettle", "unsettle", "{}" },
};
enum { ACTS = sizeof(acts) / sizeof(*acts) };

/* Of a change: it is of the first line, and costs nothing. */
static const struct act change_acts[] = {
	{ "ask", "ask-change", "{\"reason\":\"wrong_size\",\"lines\":[{\"n\":1,\"quantity\":2}]}" },
	{ "make_safe", "make-safe", "{\"reason\":\"home_insecure\",\"lines\":[{\"n\":1,\"quantity\":2}]}" },
	{ "agree", "agree-change", "{}" },
	{ "agree_fund", "approve-change", "{}" },
	{ "refuse", "refuse-change", "{\"refusal\":\"too_dear\"}" },
	{ "take_back", "take-back-change", "{}" },
	{ "review", "review-change", "{\"upheld\":true}" },
};
enum { CHANGE_ACTS = sizeof(change_acts) / sizeof(*change_acts) };

static const char *const change_states[] = { "none", "asked", "agreed", "refused", "lapsed", "taken_back" };
enum { CHANGE_STATES = sizeof(change_states) / sizeof(*change_states) };

static bool yes(const char *question)
{
	return strcmp(question, "t") == 0;
}

/* A person of any other role is of no side. */
static const char *side_of(int role)
{
	switch (role) {
	case ROLE_sanctuary_coordinator: return "coordinator";
	case ROLE_contractor: return "firm";
	case ROLE_finance_approver: return "approver";
	case ROLE_finance_officer: return "payer";
	default: return "none";
	}
}

/* A firm's people see no order that they did not get, refused or lost. */
static bool hidden(int role, const char *state)
{
	return role == ROLE_contractor && strstr("draft refused lapsed cancelled", state);
}

static bool slug_is(const struct answer *a, const char *slug)
{
	return strstr(a->body, slug) != NULL;
}

static void put_in(const char *order, const char *state)
{
	sql("DELETE FROM sanctuary.variation_line");
	sql("DELETE FROM sanctuary.variation");
	sql("DELETE FROM sanctuary.invoice");
	sql("UPDATE sanctuary.job SET state = 'ordered'");
	sql("UPDATE sanctuary.order_line SET quantity_tenths = ordered_tenths, fitted_tenths = ordered_tenths");
	sql("UPDATE sanctuary.works_order SET state = '%s', offered_at = clock_timestamp(), answer_by = now() + interval '1 hour' WHERE id = '%s'",
	    state, order);
	if (strcmp(state, "invoiced") == 0 || strcmp(state, "paid") == 0)
		sql("INSERT INTO sanctuary.invoice (order_id, firm_id, number, net_pence, vat_pence, sent_by) SELECT id, firm_id, 'A-0', 1, 0, made_by"
		    " FROM sanctuary.works_order WHERE id = '%s'", order);
}

static void judge(const char *order, const char *state, const struct act *act, int role)
{
	const char *who = code_at(&role_codes, role), *side = side_of(role), *becomes;
	bool theirs = yes(sql("SELECT EXISTS (SELECT FROM sanctuary.works_step WHERE act = '%s' AND side = '%s')", act->name, side));
	struct answer a;

	put_in(order, state);
	becomes = sql("SELECT to_state FROM sanctuary.works_step WHERE act = '%s' AND side = '%s' AND from_state = '%s'", act->name, side, state);
	a = works_act(role, order, act->path, strstr(act->body, "%s")
		      ? sql("SELECT replace('%s', '%%s', (today() + %d)::text)", act->body, act->path[0] == 'b') : act->body);
	if (!theirs)
		cr_expect_eq(a.status, 403, "%s, %s, %s: %d", state, act->name, who, a.status);
	else if (hidden(role, state))
		cr_expect_eq(a.status, 404, "%s, %s, %s: %d", state, act->name, who, a.status);
	else if (becomes)
		cr_expect_eq(a.status, 200, "%s, %s, %s: %d %s", state, act->name, who, a.status, a.body);
	else
		cr_expect(a.status == 409 && slug_is(&a, "wrong-state"), "%s, %s, %s: %d %s", state, act->name, who, a.status, a.body);
	cr_expect_str_eq(works_state_of(order), theirs && becomes && !hidden(role, state) ? becomes : state, "%s, %s, %s", state, act->name, who);
}

static const char *codes_of(const char *domain)
{
	return sql("SELECT count(*) FROM pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid), '''[a-z_]+''', 'g')"
		   " WHERE c.contypid = '%s'::regtype", domain);
}

Test(works_matrix, every_state_act_and_role)
{
	const char *order = works_ordered();

	cr_assert_str_eq(codes_of("works_state"), sql("SELECT '%d'", STATES), "states[] has all of them");
	cr_assert_str_eq(sql("SELECT count(DISTINCT act) FROM sanctuary.works_step WHERE side <> 'service'"), sql("SELECT '%d'", ACTS));
	for (int state = 0; state < STATES; state++)
		for (int act = 0; act < ACTS; act++)
			for (int role = 0; role < ROLES; role++)
				judge(order, states[state], &acts[act], role);
}

/* A change of that state, asked for by a colleague of the person where they may take it back, and else by neither. */
static void put_change(const char *order, const char *change, const struct act *act, int role)
{
	const char *asker = strcmp(act->name, "take_back") == 0 ? code_at(&role_codes, role) : "analyst";

	if (strcmp(change, "none") == 0)
		return;
	sql("INSERT INTO sanctuary.variation (order_id, n, state, reason, more_pence, less_pence, made_safe, asked_by, decided_at, review_on)"
	    " SELECT '%s', 1, '%s', 'wrong_size', 0, 0, '%s' = 'agreed', id, CASE WHEN '%s' <> 'asked' THEN now() END, today() FROM account"
	    " WHERE username = '%s'", order, change, change, change, asker);
	sql("INSERT INTO sanctuary.variation_line SELECT v.id, v.order_id, 1, 'lock_euro', 'front_door', 20, 20, 8900 FROM sanctuary.variation v");
}

static const char *change_state(void)
{
	const char *state = sql("SELECT state FROM sanctuary.variation ORDER BY n DESC LIMIT 1");

	return state ? state : "none";
}

/* What the table says of this cell: NULL, where it has no row. */
static const char *change_becomes(const char *state, const char *change, const char *act, const char *side)
{
	return sql("SELECT to_state FROM sanctuary.works_change_step WHERE act = '%s' AND side = '%s' AND '%s' = ANY (order_states)"
		   " AND (from_state = '%s' OR from_state IS NULL)", act, side, state, change);
}

static void judge_change(const char *order, const char *state, const char *change, const struct act *act, int role)
{
	const char *who = code_at(&role_codes, role), *side = side_of(role), *becomes = change_becomes(state, change, act->name, side);
	bool theirs = yes(sql("SELECT EXISTS (SELECT FROM sanctuary.works_change_step WHERE act = '%s' AND side = '%s')", act->name, side));
	bool asks = strcmp(act->name, "ask") == 0 || strcmp(act->name, "make_safe") == 0, open = strcmp(change, "asked") == 0;
	bool done = theirs && becomes && !hidden(role, state) && !(asks && open);
	struct answer a;

	put_in(order, state);
	put_change(order, change, act, role);
	a = works_act(role, order, act->path, act->body);
	if (!theirs)
		cr_expect_eq(a.status, 403, "%s, %s, %s, %s: %d", state, change, act->name, who, a.status);
	else if (hidden(role, state))
		cr_expect_eq(a.status, 404, "%s, %s, %s, %s: %d", state, change, act->name, who, a.status);
	else if (done)
		cr_expect_eq(a.status, 200, "%s, %s, %s, %s: %d %s", state, change, act->name, who, a.status, a.body);
	else if (becomes)
		cr_expect(a.status == 422 && slug_is(&a, "change_open"), "%s, %s, %s, %s: %d", state, change, act->name, who, a.status);
	else
		cr_expect(a.status == 409 && slug_is(&a, "wrong-state"), "%s, %s, %s, %s: %d %s", state, change, act->name, who, a.status, a.body);
	cr_expect_str_eq(change_state(), done ? becomes : change, "%s, %s, %s, %s", state, change, act->name, who);
}

static void judge_change_by_all(const char *order, const char *state, const char *change)
{
	for (int act = 0; act < CHANGE_ACTS; act++)
		for (int role = 0; role < ROLES; role++)
			judge_change(order, state, change, &change_acts[act], role);
}

/* Each state of a change while the operative is there, and each state of the order for those that can be decided. */
Test(works_matrix, every_state_act_and_role_of_a_change)
{
	const char *order = works_ordered();

	cr_assert_str_eq(codes_of("works_change_state"), sql("SELECT '%d'", CHANGE_STATES - 1));
	cr_assert_str_eq(sql("SELECT count(DISTINCT act) FROM sanctuary.works_change_step WHERE side <> 'service'"),
			 sql("SELECT '%d'", CHANGE_ACTS));
	for (int change = 0; change < CHANGE_STATES; change++)
		judge_change_by_all(order, "on_site", change_states[change]);
	for (int state = 0; state < STATES; state++)
		for (int change = 0; change < 3; change++)
			judge_change_by_all(order, states[state], change_states[change]);
}

/* What is taken back has no change that could still be agreed to. */
Test(works_matrix, a_change_of_an_order_that_is_taken_back_lapses)
{
	const char *order = works_accepted();

	assert_status(works_act(ROLE_contractor, order, "ask-change", change_acts[0].body), 200);
	assert_status(works_act(ROLE_sanctuary_coordinator, order, "pull", "{\"reason\":\"firm_is_late\"}"), 200);
	cr_assert_str_eq(change_state(), "lapsed");
	pay_refused(works_act(ROLE_finance_approver, order, "approve-change", "{}"), 409, "wrong-state");
}

Test(works_matrix, every_need_is_a_function)
{
	cr_assert_str_eq(sql("SELECT coalesce(string_agg(n, ' '), '') FROM sanctuary.works_step s, unnest(s.needs) n"
			     " WHERE to_regprocedure(format('sanctuary.works_need_%%s(sanctuary.works_order, jsonb)', n)) IS NULL"), "");
	cr_assert_str_eq(sql("SELECT coalesce(string_agg(n, ' '), '') FROM sanctuary.works_change_step s, unnest(s.needs) n"
			     " WHERE to_regprocedure(format('sanctuary.change_need_%%s(sanctuary.works_order, sanctuary.variation, jsonb)', n)) IS NULL"),
			 "");
}

static void compare_roles(const struct route *r, const char *table, const char *act)
{
	for (int role = 0; role < ROLES; role++)
		cr_expect_eq((r->roles & 1u << role) != 0,
			     yes(sql("SELECT EXISTS (SELECT FROM sanctuary.%s WHERE act = '%s' AND side = '%s')", table, act, side_of(role))),
			     "%s %s, %s", r->method, r->path, code_at(&role_codes, role));
}

static void compare_route(const char *table, const struct act *act)
{
	const char *path = sql("SELECT '/works/{id}/%s'", act->path);
	int found = 0;

	for (const struct route *const *t = app_tables; *t; t++)
		for (const struct route *r = *t; r->method; r++)
			if (strcmp(r->path, path) == 0 && strcmp(r->method, "POST") == 0) {
				compare_roles(r, table, act->name);
				found++;
			}
	cr_expect_eq(found, 1, "%s", path);
}

Test(works_matrix, the_routes_have_the_sides_of_the_tables)
{
	for (int i = 0; i < ACTS; i++)
		compare_route("works_step", &acts[i]);
	for (int i = 0; i < CHANGE_ACTS; i++)
		compare_route("works_change_step", &change_acts[i]);
}

/* ---- diagrams ---- */

static const char *drawn(const char *path)
{
	static char text[16384];
	FILE *f = fopen(path, "r");

	cr_assert(f, "%s", path);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

Test(works_matrix, the_diagrams_are_drawn_from_the_tables)
{
	cr_assert_str_eq(drawn("deploy/docs/works-states.mmd"),
			 sql("SELECT E'stateDiagram-v2\\n    [*] --> draft\\n' || string_agg(line, '' ORDER BY line COLLATE \"C\") FROM ("
			     "SELECT DISTINCT format(E'    %%s --> %%s: %%s\\n', from_state, to_state, act) AS line"
			     "  FROM sanctuary.works_step WHERE from_state <> to_state) l"));
	cr_assert_str_eq(drawn("deploy/docs/works-change-states.mmd"),
			 sql("SELECT E'stateDiagram-v2\\n' || string_agg(line, '' ORDER BY line COLLATE \"C\") FROM ("
			     "SELECT DISTINCT format(E'    %%s --> %%s: %%s\\n', coalesce(from_state, '[*]'), to_state, act) AS line"
			     "  FROM sanctuary.works_change_step) l"));
}
