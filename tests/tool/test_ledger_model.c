/* The ledger under random acts: a model in this test agrees with it to the penny. */
#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "database.h"
#include "ledgers.h"
#include "memory.h"
#include "tool_rig.h"

#define HOME_1 "00000000-0000-4000-8000-000000000401"
#define HOME_2 "00000000-0000-4000-8000-000000000402"

enum { DONE, FAILED };

TestSuite(ledger_model, .init = ledger_start, .fini = drop_database, .timeout = 240);

enum { POTS = 2, ASKED = 400, CARDS = 400, TWO_FROM = 5000 };

enum state { WAITS, SECOND, BACK, APPROVED, REJECTED, CANCELLED, GONE, PAID };

/* Its money, while it is approved or paid: promised, in payment, paid. */
enum place { OPEN, ON_ITS_WAY, SPENT };

static const char *const state_words[] = { "requested", "second_needed", "sent_back", "approved",
					   "rejected",  "cancelled",     "expired",  "paid" };

/* A prepaid card in stock. */
struct card {
	const char *id, *serial;
	int pot;
	long face;
	bool there;
};

struct asked {
	const char *id;
	int pot, home;
	long amount;
	enum state state;
	enum place place;
	long recovered;
	struct card *card;	/* out of the stock, once it was handed out */
	bool by_card;		/* asked for by prepaid card: those are in stock. Vouchers are not */
	bool officers;		/* the housing officer has changed it; the navigator asks */
	const char *first;	/* who approved it as it stands */
};

/* What each household was promised, over all models of the test. */
static long promised[2];

struct model {
	const char *year[POTS];
	long free[POTS], committed[POTS], in_payment[POTS], spent[POTS], budget[POTS];
	long stock[POTS];
	long cards;
	struct card card[CARDS];
	int bought;
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
	*a = (struct asked){ .pot = one_of(m, POTS), .amount = an_amount(m, m->n), .home = one_of(m, 2), .by_card = one_of(m, 3) == 0 };
	sql("SELECT be('navigator')");
	row = sql("SELECT outcome || id FROM fund.ask('%s', '{\"category\":\"%s\",\"amount_pence\":%ld,\"means\":\"%s\","
		  "\"evidence\":\"quote\",\"parts\":[{\"pot_year_id\":\"%s\",\"amount_pence\":%ld}]}')",
		  a->home ? HOME_1 : HOME_2, one_of(m, 2) ? "school" : "childcare", a->amount, a->by_card ? "prepaid_card" : "voucher", m->year[a->pot], a->amount);
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

static void hand_card_out(struct model *m, struct asked *a);

static void hand_out(struct model *m, struct asked *a)
{
	bool fits = a->state == APPROVED && a->place == OPEN;

	if (a->by_card) {
		hand_card_out(m, a);
		return;
	}
	sql("SELECT be('navigator')");
	/* a promise that expire() made to lapse is none here, since it is released in the same act */
	cr_assert_str_eq(told(arena_printf(test_memory(), "issue('%s', -1, 'CARD%ld%u')", a->id, m->cards++, m->residue)), fits ? "done" : "wrong_state");
	if (fits)
		goes(m, a, ON_ITS_WAY);
}

/* ---- cards in stock ---- */

/* One that is worth what somebody is promised. */
static void buy(struct model *m, long face)
{
	struct card *k = &m->card[m->bought];
	bool fits;

	if (m->bought == CARDS)
		return;
	*k = (struct card){ .pot = one_of(m, POTS), .face = face, .there = true, .serial = arena_printf(test_memory(), "%d%u", m->bought, m->residue) };
	fits = m->free[k->pot] >= face;
	sql("SELECT be('finance_officer')");
	cr_assert_str_eq(sql("SELECT outcome FROM fund.buy_stock('{\"pot_year_id\":\"%s\",\"kind\":\"prepaid_card\",\"face_pence\":%ld,\"supplier\":\"S\","
			     "\"invoice\":\"I\"}', '{%s}')", m->year[k->pot], face, k->serial), fits ? "done" : "short");
	if (!fits)
		return;
	k->id = sql("SELECT id FROM fund.card WHERE serial = '%s'", k->serial);
	m->free[k->pot] -= face;
	m->stock[k->pot] += face;
	m->bought++;
}

static const char *handed_out(struct model *m, struct asked *a, struct card *k)
{
	if (a->state != APPROVED)
		return "wrong_state";
	if (!k->there)
		return "not_in_stock";
	if (k->face > a->amount)
		return "face_value";
	m->committed[a->pot] -= k->face;
	m->free[a->pot] += k->face;
	m->stock[k->pot] -= k->face;
	m->spent[k->pot] += k->face;
	k->there = false;
	a->card = k;
	a->state = PAID;
	a->place = SPENT;
	return "done";
}

/* A card that is worth less than the request is left alone: a request is one payment here. */
static void hand_card_out(struct model *m, struct asked *a)
{
	struct card *k = m->bought ? &m->card[one_of(m, m->bought)] : NULL;

	for (int i = 0; i < m->bought && one_of(m, 4); i++)
		if (m->card[i].face == a->amount)
			k = &m->card[i];
	if (!k || k->face < a->amount) {
		buy(m, a->amount);
		return;
	}
	sql("SELECT be('navigator')");
	cr_assert_str_eq(told(arena_printf(test_memory(), "issue('%s', -1, '%s')", a->id, k->serial)), handed_out(m, a, k));
}

static const char *taken_back(struct model *m, struct asked *a, const char *act)
{
	struct card *k = a->card;

	if (strcmp(act, "bounce") != 0 || a->state != PAID || a->recovered)
		return "wrong_state";
	if (m->free[a->pot] < a->amount)
		return "short";
	m->free[a->pot] -= a->amount;
	m->committed[a->pot] += a->amount;
	m->spent[k->pot] -= a->amount;
	m->stock[k->pot] += a->amount;
	k->there = true;
	a->state = APPROVED;
	a->place = OPEN;
	return "done";
}

/* Given back to its seller, or lost, which an approver confirms. */
static void leave_stock(struct model *m)
{
	struct card *k = m->bought ? &m->card[one_of(m, m->bought)] : NULL;
	bool lost = one_of(m, 2);

	if (!k)
		return;
	sql("SELECT be('finance_officer')");
	cr_assert_str_eq(lost ? sql("SELECT fund.report_loss('%s', -1, 'stolen')", k->id) : sql("SELECT fund.return_card('%s', -1)", k->id),
			 k->there ? "done" : "wrong_state");
	if (!k->there)
		return;
	k->there = false;
	m->stock[k->pot] -= k->face;
	if (!lost) {
		m->free[k->pot] += k->face;
		return;
	}
	cr_assert_str_eq(sql("SELECT fund.settle_loss('%s', -1, true)", k->id), "own");
	sql("SELECT be('finance_approver')");
	cr_assert_str_eq(sql("SELECT fund.settle_loss('%s', -1, true)", k->id), "done");
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
	cr_assert_str_eq(sql("SELECT fund.%s('%s', -1%s)", acts[i], payment, more[i]), a->by_card ? taken_back(m, a, acts[i]) : paid(m, a, acts[i]));
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
	m->free[a->by_card ? a->card->pot : a->pot] += amount;
	m->spent[a->by_card ? a->card->pot : a->pot] -= amount;
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
	else if (what < 98)
		leave_stock(m);
	else
		budget(m);
}

static void agrees(struct model *m)
{
	sql("SELECT be('finance_officer')");
	for (int i = 0; i < POTS; i++)
		cr_assert_str_eq(sql("SELECT budget_pence || ' ' || free_pence || ' ' || committed_pence || ' ' || in_payment_pence"
				     " || ' ' || spent_pence || ' ' || stock_pence FROM fund.year_view"
				     " WHERE id = '%s'", m->year[i]),
				 arena_printf(test_memory(), "%ld %ld %ld %ld %ld %ld", m->budget[i], m->free[i], m->committed[i], m->in_payment[i], m->spent[i], m->stock[i]));
	for (int i = 0; i < m->n; i++)
		cr_assert_str_eq(sql("SELECT state FROM fund.request WHERE id = '%s'", m->asked[i].id),
				 state_words[m->asked[i].state]);
}

Test(ledger_model, a_model_agrees_to_the_penny_over_random_acts)
{
	for (unsigned seed = 1; seed <= 3; seed++) {
		struct model *m = arena_alloc(test_memory(), sizeof(*m));

		memset(m, 0, sizeof(*m));
		m->seed = seed;
		m->residue = seed - 1;
		for (int i = 0; i < POTS; i++) {
			m->budget[i] = m->free[i] = 60000;
			m->year[i] = ledger_pot(arena_printf(test_memory(), "Pot %u %d", seed, i), 60000);
		}
		if (seed == 1)
			ledger_limits();
		for (int i = 0; i < 300; i++)
			act(m);
		agrees(m);
	}
	cr_assert_gt(atoi(sql("SELECT count(*) FROM fund.posting WHERE act IN ('bounce', 'recover', 'reverse')")), 20,
		     "too little came back: %s", sql("SELECT string_agg(act || ' ' || n, ', ') FROM (SELECT act, count(*) AS n FROM fund.posting GROUP BY act) p"));
	cr_assert_eq(atoi(sql("SELECT count(DISTINCT act) FROM fund.posting WHERE act IN ('stock', 'issue', 'take_back', 'void_unused', 'stock_loss')")), 5,
		     "every act of the stock: %s", sql("SELECT string_agg(act || ' ' || n, ', ') FROM (SELECT act, count(*) AS n FROM fund.posting GROUP BY act) p"));
	cr_assert_eq(tool("ledger", "verify", NULL), DONE, "%s", tool_said);
	cr_assert(strstr(tool_said, "ledger: whole; "), "%s", tool_said);
}
