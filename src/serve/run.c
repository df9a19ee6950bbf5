/* The step runner: runs a step, waits for what it asked for, runs the next; ends the transaction
 * with the answer. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "ctx.h"
#include "sql.h"
#include "vault/client.h"

static const struct results no_batch = { .batch = NULL };

static void on_batch(struct batch *b, void *arg);

/* ---- what steps ask for ---- */

static bool reads(const struct ctx *c)
{
	return !c->writes || c->ahead;
}

/* An empty batch, but for what stands before the statements of a signed-in person. */
static struct results begun(struct ctx *c)
{
	struct results r = { .batch = batch_new(c->arena) };

	if (!c->user || (c->tx && !reads(c)))
		return r;
	c->confirmed = true;
	if (reads(c))
		batch_query(r.batch, &SQL_REQUEST_READ, c->token_hash, c->request_id);
	else
		batch_query(r.batch, &SQL_REQUEST_BEGIN, c->token_hash, c->request_id, c->key,
			    c->key ? c->request_hash : NULL);
	r.skip = 1;
	r.session = true;
	return r;
}

void ctx_query(struct ctx *c, const struct sql *s, int n, const char *const params[])
{
	if (!c->filling.batch)
		c->filling = begun(c);
	batch_add(c->filling.batch, s, n, params);
}

void ctx_query_ahead(struct ctx *c, const struct sql *s, int n, const char *const params[])
{
	c->ahead = c->tx == NULL;
	ctx_query(c, s, n, params);
}

void ctx_query_lock(struct ctx *c, const struct sql *s, int n, const char *const params[])
{
	ctx_query(c, s, n, params);
	c->filling.skip++;
}

struct reply then(step *next)
{
	return (struct reply){ .kind = REPLY_THEN, .next = next };
}

struct reply ask(struct ctx *c, struct vault_request *r, step *next)
{
	c->question = r;
	return (struct reply){ .kind = REPLY_ASK, .next = next };
}

struct reply together(struct ctx *c, const struct sql *group, const char *item, step *next)
{
	c->group = group;
	c->item = item;
	c->confirmed = true;	/* by the statement, which has the token of each item */
	return (struct reply){ .kind = REPLY_TOGETHER, .next = next };
}

/* ---- waiting ---- */

static void submit(struct ctx *c)
{
	bool shared = reads(c);

	c->results = c->filling;
	c->filling = no_batch;
	c->ahead = false;
	if (shared) {
		db_read(c->serve->o.db, c->results.batch, on_batch, c);
		return;
	}
	if (!c->tx)
		c->tx = db_tx_begin(c->serve->o.db);
	db_tx_submit(c->tx, c->results.batch, on_batch, c);
}

static void on_answer(const struct vault_answer *answer, void *arg)
{
	struct ctx *c = arg;

	c->answer = answer;
	ctx_run(c, c->next);
}

static void on_group(struct batch *b, void *arg)
{
	struct ctx *c = arg;

	if (batch_outcome(b) == DB_LOST) {	/* its commit was part of it */
		ctx_finish(c, problem(c, PROBLEM_OUTCOME_UNKNOWN));
		return;
	}
	if (batch_outcome(b) == DB_OK && c->serve->o.committed)
		c->serve->o.committed(c->serve->o.arg);
	c->results = (struct results){ .batch = b };
	on_batch(b, c);
}

static struct db_group *group_of(struct serve *s, const struct sql *sql)
{
	struct group_writer *g = s->groups;

	while (g->sql && g->sql != sql)
		g++;
	if (g == s->groups + sizeof(s->groups) / sizeof(*s->groups) - 1)
		die("more group statements than serve has room for");
	if (!g->sql)
		*g = (struct group_writer){ sql, db_group_new(s->o.db, sql, NULL) };
	return g->group;
}

static void wait_for(struct ctx *c, struct reply r)
{
	c->next = r.next;
	if (r.kind == REPLY_THEN) {
		submit(c);
	} else if (r.kind == REPLY_TOGETHER) {
		db_group_submit(group_of(c->serve, c->group), c->arena, c->item, on_group, c);
	} else if (!vault_ask(c->serve->o.vault, c->question, on_answer, c)) {
		ctx_finish(c, problem(c, PROBLEM_UNAVAILABLE));
	}
}

void ctx_run(struct ctx *c, step *s)
{
	struct reply r = s(c);

	while (r.kind == REPLY_THEN && !c->filling.batch)	/* nothing to wait for */
		r = r.next(c);
	if (r.kind == REPLY_ANSWER)
		ctx_finish(c, r);
	else
		wait_for(c, r);
}

/* ---- the database's answers ---- */

static const struct conflict *find_conflict(const struct ctx *c, const char *constraint)
{
	const struct conflict *k = c->serve->o.conflicts;

	while (k->constraint && !text_eq(k->constraint, constraint))
		k++;
	return k->constraint ? k : NULL;
}

static struct reply constraint_problem(struct ctx *c, const struct db_error *e)
{
	const struct conflict *k = e->constraint ? find_conflict(c, e->constraint) : NULL;

	if (!k)
		return problem(c, strncmp(e->sqlstate, "23", 2) == 0 ? PROBLEM_CONFLICT : PROBLEM_INTERNAL);
	if (!k->pointer)
		return problem_detail(c, k->problem, k->detail);
	ctx_error(c, k->pointer, "conflict", k->detail);
	return invalid(c);
}

static struct reply signed_out(struct ctx *c)
{
	sessions_forget(c->serve->sessions, c->token_hash);
	c->user = NULL;
	return problem(c, PROBLEM_NOT_SIGNED_IN);
}

struct reply database_problem(struct ctx *c, const struct batch *b)
{
	const struct db_error *e = batch_error(b);

	if (!e)
		return problem(c, PROBLEM_UNAVAILABLE);
	if (strcmp(e->sqlstate, "HV401") == 0)
		return signed_out(c);
	if (strcmp(e->sqlstate, "HV403") == 0)
		return problem(c, PROBLEM_CASE_SHARED_TO_READ);
	/* it waited for its own key, or for a row that another request has */
	if (strcmp(e->sqlstate, "55P03") == 0)
		return problem(c, c->tx && !text_eq(e->statement, SQL_REQUEST_BEGIN.name) ? PROBLEM_UNAVAILABLE : PROBLEM_IN_PROGRESS);
	if (strcmp(e->sqlstate, "HV409") == 0)
		return problem(c, PROBLEM_IN_PROGRESS);
	if (strcmp(e->sqlstate, "42501") == 0)	/* row security: the case was hidden while it was
						 * changed */
		return problem(c, PROBLEM_CONFLICT);
	if (strncmp(e->sqlstate, "22", 2) == 0)
		return problem(c, PROBLEM_BAD_VALUE);
	if (strncmp(e->sqlstate, "53", 2) == 0 || strncmp(e->sqlstate, "57", 2) == 0 ||
	    strncmp(e->sqlstate, "40", 2) == 0)
		return problem(c, PROBLEM_UNAVAILABLE);
	return constraint_problem(c, e);
}

/* A person went back to a form and changed it: it is shown again, with a new key and the reason. */
static struct reply key_reused(struct ctx *c)
{
	if (c->page)
		ctx_error(c, "", "key_reused",
			  "This form was sent before with other answers, and they are stored: "
			  "send it again to store these too");
	return problem(c, PROBLEM_KEY_REUSED);
}

/* The key was used before: the first answer again, if it was the same request. */
static struct reply replay(struct ctx *c)
{
	const char *status;
	int64_t was = 0;

	if (rows(c, 0) == 0)
		return problem(c, PROBLEM_IN_PROGRESS);
	if (!text_eq(value(c, 0, 0, "request_hash"), c->request_hash))
		return key_reused(c);
	status = value(c, 0, 0, "status");
	if (!status || !text_to_i64(status, &was))
		return problem(c, PROBLEM_IN_PROGRESS);
	if (text_eq(value(c, 0, 0, "hidden"), "t"))	/* since then */
		return problem(c, PROBLEM_NOT_FOUND);
	audit(c, "read", "stored_answer", NULL, value(c, 0, 0, "household"), NULL);
	return (struct reply){
		.status = (int)was,
		.type = was >= 400 ? "application/problem+json" : NULL,	/* a refusal that was kept */
		.location = value(c, 0, 0, "location"),
		.body = value(c, 0, 0, "body"),
		.len = strlen(value(c, 0, 0, "body")),
	};
}

static void drop_transaction(struct ctx *c)
{
	if (c->tx)
		db_tx_rollback(c->tx, NULL, NULL);
	c->tx = NULL;
	c->filling = no_batch;
}

static void start_replay(struct ctx *c)
{
	drop_transaction(c);
	c->writes = false;
	query(c, &SQL_IDEMPOTENCY_STORED, c->user->account_id, c->key);
	c->next = replay;
	submit(c);
}

/* Nothing was applied, so the same steps may run again in a new transaction. */
static void start_again(struct ctx *c)
{
	drop_transaction(c);
	c->retried = true;
	ctx_run(c, c->route->first);
}

static void on_batch(struct batch *b, void *arg)
{
	struct ctx *c = arg;

	if (batch_outcome(b) == DB_OK) {
		if (c->results.session && batch_rows(b, 0) == 0)
			ctx_finish(c, signed_out(c));
		else
			ctx_run(c, c->next);
		return;
	}
	if (c->key && batch_error(b) && strcmp(batch_error(b)->sqlstate, "HV409") == 0)
		start_replay(c);
	else if (db_retryable(b) && !c->retried)
		start_again(c);
	else
		ctx_finish(c, database_problem(c, b));
}

/* ---- the end ---- */

static void show_form_again(struct ctx *c);

static bool wants_form(const struct ctx *c)
{
	bool refused = c->reply.status == 422 || c->reply.status == problem_texts[PROBLEM_CHANGED].status;

	return refused && c->page && c->route->form && !c->again;
}

static void on_commit(struct batch *b, void *arg)
{
	struct ctx *c = arg;

	if (batch_outcome(b) == DB_LOST) {
		send_reply(c, problem(c, PROBLEM_OUTCOME_UNKNOWN));
		return;
	}
	if (batch_outcome(b) != DB_OK) {
		send_reply(c, database_problem(c, b));
		return;
	}
	if (c->serve->o.committed)
		c->serve->o.committed(c->serve->o.arg);
	if (wants_form(c))	/* a refusal whose writes stay */
		show_form_again(c);
	else
		send_reply(c, c->reply);
}

static void commit(struct ctx *c, struct reply r)
{
	struct batch *b = batch_new(c->arena);
	struct db_tx *tx = c->tx;
	const char *item = audit_item(c);

	c->tx = NULL;
	if (item)
		batch_query(b, &SQL_AUDIT_MANY, arena_printf(c->arena, "[%s]", item));
	if (c->key)
		batch_query(b, &SQL_IDEMPOTENCY_STORE, c->user->account_id, c->key,
			    arena_printf(c->arena, "%d", r.status), r.location, r.body ? r.body : "");
	db_tx_commit(tx, b, on_commit, c);
}

/* Answers as if the case did not exist, like every other route. */
static struct reply hidden(struct ctx *c)
{
	c->link = NULL;
	return c->hidden ? c->hidden(c) : problem(c, PROBLEM_NOT_FOUND);
}

static struct reply judged(struct ctx *c, const struct batch *b)
{
	const char *alert = batch_value(b, 0, 0, "alert");

	if (text_eq(batch_value(b, 0, 0, "hidden"), "t"))
		return hidden(c);
	if (alert)
		alerted(c, alert);
	return text_eq(batch_value(b, 0, 0, "over"), "t") ? kept(problem(c, PROBLEM_BUDGET_SPENT)) : c->reply;
}

static void on_audited(struct batch *b, void *arg)
{
	struct ctx *c = arg;

	if (batch_outcome(b) != DB_OK)
		send_reply(c, problem(c, PROBLEM_UNAVAILABLE));
	else if (!text_eq(batch_value(b, 0, 0, "signed_in"), "t"))
		send_reply(c, signed_out(c));
	else
		send_reply(c, judged(c, b));
}

/* An answer made from memory: a caller whose session has just ended must not get it. */
static void on_confirmed(struct batch *b, void *arg)
{
	struct ctx *c = arg;

	if (batch_outcome(b) != DB_OK)
		send_reply(c, database_problem(c, b));
	else
		send_reply(c, batch_rows(b, 0) == 1 ? c->reply : signed_out(c));
}

static void confirm_session(struct ctx *c)
{
	struct batch *b = batch_new(c->arena);

	batch_query(b, &SQL_REQUEST_READ, c->token_hash, c->request_id);
	db_read(c->serve->o.db, b, on_confirmed, c);
}

static void answer(struct ctx *c)
{
	const char *item = audit_item(c);

	if (item)
		db_group_submit(group_of(c->serve, &SQL_AUDIT_MANY), c->arena, item, on_audited, c);
	else if (c->user && !c->confirmed && c->reply.status < 400)
		confirm_session(c);
	else
		send_reply(c, c->reply);
}

/* The page's form with the values sent and their errors, beside what is recorded now: read what the view needs, then
 * answer. */
static void show_form_again(struct ctx *c)
{
	drop_transaction(c);
	c->again = c->reply.status;
	if (c->again != 422)
		ctx_error(c, "", "changed",
			  "Somebody else changed this while you had it open. Look at what is recorded now, then send yours "
			  "again if it still holds");
	c->writes = false;
	ctx_run(c, c->route->form);
}

void ctx_finish(struct ctx *c, struct reply r)
{
	c->reply = r;
	if (wants_form(c) && !r.kept) {
		show_form_again(c);
		return;
	}
	if (r.status >= 400 && !r.kept)
		drop_transaction(c);
	if (c->tx)
		commit(c, r);
	else
		answer(c);
}
