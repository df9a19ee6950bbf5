/* `haven ledger verify`, and the ledger under random acts: a model in this test agrees with it to the penny. */
#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "database.h"
#include "memory.h"
#include "tool_rig.h"

#define HOME_1 "00000000-0000-4000-8000-000000000401"
#define HOME_2 "00000000-0000-4000-8000-000000000402"

enum { DONE, FAILED };

/* The statements below are the owner's; be() says for whom they are made. */
static void start(void)
{
	setenv("HAVEN_DATABASE", fresh_database("haven_template"), 1);
	sql("CREATE FUNCTION be(r text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('haven.account', a.id::text, false)"
	    " || set_config('haven.organisation', a.organisation_id::text, false) || set_config('haven.role', a.role, false)"
	    " || set_config('haven.partners', partners_of(a.organisation_id)::text, false)"
	    " || set_config('haven.denied', '', false) || set_config('haven.opened', '', false)"
	    "  FROM account a WHERE a.username = r $$");
}

TestSuite(ledger, .init = start, .fini = drop_database, .timeout = 240);

static const char *pot(const char *name, long pence)
{
	const char *year;

	sql("SELECT be('finance_officer')");
	year = sql("SELECT fund.add_pot('{\"name\":\"%s\",\"funder\":\"A funder\",\"categories\":[\"school\",\"childcare\"]}')", name);
	cr_assert_str_eq(sql("SELECT fund.change_budget('%s', -1, %ld)", year, pence), "done");
	cr_assert_str_eq(sql("SELECT fund.move_year('%s', -1, 'open')", year), "done");
	return year;
}

static void limits(void)
{
	sql("SELECT fund.set_limit(jsonb_build_object('role', r, 'single_pence', 1000000, 'month_pence', 90000000,"
	    " 'two_from_pence', 5000)) FROM unnest(ARRAY['housing_officer', 'finance_approver']) r");
}

/* ---- the model ---- */

enum { POTS = 2, ASKED = 400, TWO_FROM = 5000 };

enum state { WAITS, SECOND, BACK, APPROVED, REJECTED, CANCELLED, GONE, PAID };

/* Its money, while it is approved or paid: promised, in payment, paid. */
enum place { OPEN, ON_ITS_WAY, SPENT };

static const char *const state_words[] = { "requested", "second_needed", "sent_back", "approved",
					   "rejected",  "cancelled",     "expired",  "paid" };

struct asked {
	const char *id;
	int pot, home;
	long amount;
	enum state state;
	enum place place;
	long recovered;
	bool officers;		/* the housing officer has changed it; the navigator asks */
	const char *first;	/* who approved it as it stands */
};

/* What each household was promised, over all models of the test. */
static long promised[2];

struct model {
	const char *year[POTS];
	long free[POTS], committed[POTS], in_payment[POTS], spent[POTS], budget[POTS];
	long cards;
	struct asked asked[ASKED];
	int n;
	unsigned seed, residue;
};

static int one_of(struct model *m, int n)
{
	return rand_r(&m->seed) % n;
}

static const char *told(const char *call)
{
	return sql("SELECT outcome FROM fund.%s", call);
}

/* No two requests have the same amount: they would be each other's duplicates. */
static long an_amount(struct model *m, int of)
{
	return 1200 * one_of(m, 7) + 400 * (long)m->residue + of + 1;
}

static void ask(struct model *m)
{
	struct asked *a = &m->asked[m->n];
	const char *row;

	if (m->n == ASKED)
		return;
	*a = (struct asked){ .pot = one_of(m, POTS), .amount = an_amount(m, m->n), .home = one_of(m, 2) };
	sql("SELECT be('navigator')");
	row = sql("SELECT outcome || id FROM fund.ask('%s', '{\"category\":\"%s\",\"amount_pence\":%ld,\"means\":\"voucher\","
		  "\"evidence\":\"quote\",\"parts\":[{\"pot_year_id\":\"%s\",\"amount_pence\":%ld}]}')",
		  a->home ? HOME_1 : HOME_2, one_of(m, 2) ? "school" : "childcare", a->amount, m->year[a->pot], a->amount);
	cr_assert(row && strncmp(row, "done", 4) == 0, "%s", row);
	a->id = row + 4;
	m->n++;
}

static void promise(struct model *m, struct asked *a, long pence)
{
	m->free[a->pot] -= pence;
	m->committed[a->pot] += pence;
	promised[a->home] += pence;
}

static const char *approved(struct model *m, struct asked *a, const char *who)
{
	if (a->state != WAITS && a->state != SECOND)
		return "wrong_state";
	if ((a->officers && who[0] == 'h') || (a->first && strcmp(who, a->first) == 0))
		return "own";
	if (a->amount + promised[a->home] >= TWO_FROM && !a->first) {
		a->first = who;
		a->state = SECOND;
		return "second";
	}
	if (m->free[a->pot] < a->amount)
		return "short";
	promise(m, a, a->amount);
	a->state = APPROVED;
	a->place = OPEN;
	return "done";
}

static void approve(struct model *m, struct asked *a)
{
	const char *who = one_of(m, 2) ? "housing_officer" : "finance_approver";

	sql("SELECT be('%s')", who);
	cr_assert_str_eq(told(arena_printf(test_memory(), "approve('%s', -1, NULL, NULL)", a->id)), approved(m, a, who));
}

static const char *changed(struct asked *a, long amount, const char *who)
{
	bool stands;

	if (a->state != WAITS && a->state != SECOND && a->state != BACK)
		return "wrong_state";
	stands = amount <= a->amount && !(a->first && strcmp(a->first, who) == 0);
	if (!stands)
		a->first = NULL;
	if (!(a->state == SECOND && stands))
		a->state = WAITS;
	a->officers |= who[0] == 'h';
	a->amount = amount;
	return "done";
}

static void change(struct model *m, struct asked *a)
{
	const char *who = one_of(m, 2) ? "housing_officer" : "navigator";
	long amount = an_amount(m, (int)(a - m->asked));

	sql("SELECT be('%s')", who);
	cr_assert_str_eq(told(arena_printf(test_memory(), "change('%s', -1, '{\"amount_pence\":%ld}')", a->id, amount)),
			 changed(a, amount, who));
}

static const char *turned(struct model *m, struct asked *a, const char *act)
{
	bool open = a->state == WAITS || a->state == SECOND;

	if (strcmp(act, "cancel") == 0) {
		if ((!open && a->state != BACK && a->state != APPROVED) || (a->state == APPROVED && a->place != OPEN))
			return "wrong_state";
		if (a->state == APPROVED)
			promise(m, a, -a->amount);
		a->state = CANCELLED;
		return "done";
	}
	if (strcmp(act, "reopen") == 0) {
		if (a->state != REJECTED && a->state != GONE)
			return "wrong_state";
		a->state = WAITS;
		a->first = NULL;
		return "done";
	}
	if (!open)
		return "wrong_state";
	a->state = strcmp(act, "reject") == 0 ? REJECTED : BACK;
	if (a->state == BACK)
		a->first = NULL;
	return "done";
}

static void turn(struct model *m, struct asked *a)
{
	static const char *const acts[] = { "cancel", "reopen", "reject", "send_back" };
	const char *act = acts[one_of(m, 4)];

	sql("SELECT be('%s')", act[0] == 'c' || act[2] == 'o' ? "navigator" : "finance_approver");
	cr_assert_str_eq(told(arena_printf(test_memory(), "turn('%s', -1, '%s', 'not_needed')", a->id, act)), turned(m, a, act));
}

static void expire(struct model *m, struct asked *a)
{
	sql("UPDATE fund.commitment SET expires_on = today() WHERE cause_id = '%s'", a->id);
	sql("SELECT fund.expire()");
	if (a->state != APPROVED || a->place != OPEN)
		return;
	promise(m, a, -a->amount);
	a->state = GONE;
}

/* ---- its payments: by voucher, so that handing it out is the payment ---- */

static void move(struct model *m, struct asked *a, long by[3])
{
	m->committed[a->pot] += by[OPEN];
	m->in_payment[a->pot] += by[ON_ITS_WAY];
	m->spent[a->pot] += by[SPENT];
}

static void goes(struct model *m, struct asked *a, enum place to)
{
	long by[3] = { 0, 0, 0 };

	by[a->place] -= a->amount;
	by[to] += a->amount;
	move(m, a, by);
	a->place = to;
	a->state = to == SPENT ? PAID : APPROVED;
}

static const char *paid(struct model *m, struct asked *a, const char *act)
{
	bool live = a->state == APPROVED || a->state == PAID;
	enum place is = live ? a->place : OPEN;

	if (strcmp(act, "confirm") == 0 && is == ON_ITS_WAY)
		goes(m, a, SPENT);
	else if (strcmp(act, "bounce") == 0 && is != OPEN && !a->recovered)
		goes(m, a, OPEN);
	else if (strcmp(act, "unconfirm") == 0 && is == SPENT && !a->recovered)
		goes(m, a, ON_ITS_WAY);
	else
		return "wrong_state";
	return "done";
}

static void hand_out(struct model *m, struct asked *a)
{
	bool fits = a->state == APPROVED && a->place == OPEN;

	sql("SELECT be('navigator')");
	/* a promise that expire() made to lapse is none here, since it is released in the same act */
	cr_assert_str_eq(told(arena_printf(test_memory(), "issue('%s', -1, 'CARD%ld%u')", a->id, m->cards++, m->residue)), fits ? "done" : "wrong_state");
	if (fits)
		goes(m, a, ON_ITS_WAY);
}

static const char *last_payment(struct asked *a)
{
	return sql("SELECT id FROM fund.payment WHERE cause_id = '%s' ORDER BY reference DESC LIMIT 1", a->id);
}

static void settle(struct model *m, struct asked *a)
{
	static const char *const acts[] = { "confirm", "bounce", "unconfirm" }, *const more[] = { ", today()", ", today(), 'recalled'", "" };
	const char *payment = last_payment(a);
	int i = one_of(m, 3);

	if (!payment)
		return;
	sql("SELECT be('finance_officer')");
	cr_assert_str_eq(sql("SELECT fund.%s('%s', -1%s)", acts[i], payment, more[i]), paid(m, a, acts[i]));
}

static void recover(struct model *m, struct asked *a)
{
	const char *payment = last_payment(a);
	long amount = 1 + one_of(m, 3000);
	bool is_paid = a->state == PAID && a->place == SPENT, fits = is_paid && a->recovered + amount <= a->amount;

	if (!payment)
		return;
	sql("SELECT be('finance_officer')");
	cr_assert_str_eq(sql("SELECT fund.recover('%s', -1, %ld, 'unspent')", payment, amount),
			 fits ? "done" : is_paid ? "too_much" : "wrong_state");
	if (!fits)
		return;
	a->recovered += amount;
	m->free[a->pot] += amount;
	m->spent[a->pot] -= amount;
}

static void budget(struct model *m)
{
	int pot = one_of(m, POTS);
	long by = one_of(m, 40001) - 20000;
	bool fits = m->free[pot] + by >= 0;

	if (by == 0)
		return;
	sql("SELECT be('finance_officer')");
	cr_assert_str_eq(sql("SELECT fund.change_budget('%s', -1, %ld)", m->year[pot], by), fits ? "done" : "short");
	if (!fits)
		return;
	m->free[pot] += by;
	m->budget[pot] += by;
}

/* Mostly one that has money, since of others nothing is paid. */
static struct asked *promised_one(struct model *m)
{
	struct asked *a = NULL;

	for (int tries = 0; tries < 20 && !(a && (a->state == APPROVED || a->state == PAID)); tries++)
		a = &m->asked[one_of(m, m->n)];
	return a;
}

static void act(struct model *m)
{
	int what = one_of(m, 100);
	struct asked *a = m->n ? &m->asked[one_of(m, m->n)] : NULL;

	if (!a || what < 22)
		ask(m);
	else if (what < 50)
		approve(m, a);
	else if (what < 56)
		change(m, a);
	else if (what < 64)
		turn(m, a);
	else if (what < 76)
		hand_out(m, promised_one(m));
	else if (what < 92)
		settle(m, promised_one(m));
	else if (what < 95)
		recover(m, promised_one(m));
	else if (what < 97)
		expire(m, a);
	else
		budget(m);
}

static void agrees(struct model *m)
{
	sql("SELECT be('finance_officer')");
	for (int i = 0; i < POTS; i++)
		cr_assert_str_eq(sql("SELECT budget_pence || ' ' || free_pence || ' ' || committed_pence || ' ' || in_payment_pence"
				     " || ' ' || spent_pence FROM fund.year_view"
				     " WHERE id = '%s'", m->year[i]),
				 arena_printf(test_memory(), "%ld %ld %ld %ld %ld", m->budget[i], m->free[i], m->committed[i], m->in_payment[i], m->spent[i]));
	for (int i = 0; i < m->n; i++)
		cr_assert_str_eq(sql("SELECT state FROM fund.request WHERE id = '%s'", m->asked[i].id),
				 state_words[m->asked[i].state]);
}

Test(ledger, a_model_agrees_to_the_penny_over_random_acts)
{
	for (unsigned seed = 1; seed <= 3; seed++) {
		struct model *m = arena_alloc(test_memory(), sizeof(*m));

		memset(m, 0, sizeof(*m));
		m->seed = seed;
		m->residue = seed - 1;
		for (int i = 0; i < POTS; i++) {
			m->budget[i] = m->free[i] = 60000;
			m->year[i] = pot(arena_printf(test_memory(), "Pot %u %d", seed, i), 60000);
		}
		if (seed == 1)
			limits();
		for (int i = 0; i < 300; i++)
			act(m);
		agrees(m);
	}
	cr_assert_gt(atoi(sql("SELECT count(*) FROM fund.posting WHERE act IN ('bounce', 'recover', 'reverse')")), 20,
		     "too little came back: %s", sql("SELECT string_agg(act || ' ' || n, ', ') FROM (SELECT act, count(*) AS n FROM fund.posting GROUP BY act) p"));
	cr_assert_eq(tool("ledger", "verify", NULL), DONE, "%s", tool_said);
	cr_assert(strstr(tool_said, "ledger: whole; "), "%s", tool_said);
}

/* ---- what is drawn ---- */

/* Written anew by: haven ledger states > deploy/docs/fund-states.md */
Test(ledger, the_drawn_states_are_those_of_the_tables)
{
	static char page[20000];
	FILE *f = fopen("deploy/docs/fund-states.md", "r");

	cr_assert(f);
	page[fread(page, 1, sizeof(page) - 1, f)] = '\0';
	fclose(f);
	cr_assert_str_eq(page, sql("SELECT fund.drawings()"));
	cr_assert_eq(tool("ledger", "states", NULL), DONE, "%s", tool_said);
	cr_assert(strstr(tool_said, "requested --> approved: approve\n"), "%s", tool_said);
}

/* ---- what was tampered with ---- */

static void one_promise(void)
{
	const char *id;

	pot("Pot", 60000);
	limits();
	sql("SELECT be('navigator')");
	id = sql("SELECT id FROM fund.ask('" HOME_1 "', '{\"category\":\"school\",\"amount_pence\":4000,\"means\":\"voucher\"}')");
	sql("SELECT be('finance_approver')");
	cr_assert_str_eq(told(arena_printf(test_memory(), "approve('%s', -1, NULL, NULL)", id)), "done");
	cr_assert_eq(tool("ledger", "verify", NULL), DONE, "%s", tool_said);
}

static void finds(const char *tampering, const char *words)
{
	sql("ALTER TABLE fund.posting DISABLE TRIGGER USER");
	sql("ALTER TABLE fund.transfer DISABLE TRIGGER USER");
	sql("%s", tampering);
	cr_assert_eq(tool("ledger", "verify", NULL), FAILED);
	cr_assert(strstr(tool_said, words), "not \"%s\" in: %s", words, tool_said);
}

Test(ledger, a_changed_balance_is_found)
{
	one_promise();
	finds("UPDATE fund.account SET balance = balance + 1 WHERE kind = 'free'", "the balance is not the sum");
	cr_assert(strstr(tool_said, "do not add up to nothing"), "%s", tool_said);
}

Test(ledger, a_changed_movement_is_found)
{
	one_promise();
	finds("UPDATE fund.transfer SET amount = amount - 1", "a posting is not what was booked");
	cr_assert(strstr(tool_said, "the chain of an account is broken"), "%s", tool_said);
}

/* All that is stored in the ledger fits: only the trail knows. */
Test(ledger, a_posting_that_was_forged_as_a_whole_is_found)
{
	one_promise();
	finds("UPDATE fund.posting p SET value_on = today() - 1, digest = fund.digest_of(p.act, p.cause, p.cause_id, today() - 1,"
	      " (SELECT array_agg(ROW(t.from_account, t.to_account, t.amount)::fund.movement) FROM fund.transfer t"
	      "   WHERE t.posting_id = p.id)) WHERE act = 'commit'",
	      "the audit trail has another posting");
}

Test(ledger, a_removed_posting_is_found)
{
	one_promise();
	finds("WITH gone AS (DELETE FROM fund.transfer t USING fund.posting p WHERE p.id = t.posting_id AND p.act = 'commit')"
	      " SELECT 1", "the version is not the number of movements");
}

Test(ledger, a_promise_that_the_accounts_do_not_know_is_found)
{
	one_promise();
	finds("UPDATE fund.commitment SET promised = promised + 1, open = open + 1", "commitments do not add up");
}

Test(ledger, an_approval_without_a_promise_is_found)
{
	one_promise();
	finds("UPDATE fund.request SET amount_pence = amount_pence + 1", "an approved request is not promised");
}

/* ---- it is append-only for everybody ---- */

Test(ledger, nobody_changes_what_is_booked)
{
	static const char *const attempts[] = {
		"UPDATE fund.posting SET value_on = today()", "DELETE FROM fund.posting", "TRUNCATE fund.posting CASCADE",
		"UPDATE fund.transfer SET amount = 1", "DELETE FROM fund.transfer", "TRUNCATE fund.transfer",
	};

	one_promise();
	for (size_t i = 0; i < sizeof(attempts) / sizeof(*attempts); i++)
		sql("DO $test$ BEGIN %s; RAISE 'it was not refused'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $test$",
		    attempts[i]);
	cr_assert_str_eq(sql("SELECT coalesce(string_agg(c.relname || ' ' || r, ' '), '') FROM pg_class c,"
			     " unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) r"
			     " WHERE c.relnamespace = 'fund'::regnamespace AND c.relkind = 'r' AND c.relname <> 'elsewhere'"
			     "   AND has_table_privilege('haven_app', c.oid, r)"),
			 "", "workers write through functions alone");
}
