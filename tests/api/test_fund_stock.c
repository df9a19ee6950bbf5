/* The stock of cards and vouchers: bought, handed out, taken back, given back, lost, counted; the ledger is added up at
 * the end of each. */
#include <string.h>

#include "api/rights.h"
#include "paying.h"

static const char *year;

static void begin(void)
{
	year = paying_start();
}

TestSuite(fund_stock, .init = begin, .fini = paying_stop, .timeout = 120);

static struct answer buy_of(int role, const char *of_year, const char *kind, long face, const char *numbers)
{
	return call(role, "POST", "/api/v1/fund/stock",
		    "{\"pot_year_id\":\"%s\",\"kind\":\"%s\",\"face_pence\":%ld,\"numbers\":\"%s\",\"supplier\":\"A card company\",\"invoice\":\"INV 7\"}",
		    of_year, kind, face, numbers);
}

static struct answer buy(long face, const char *numbers)
{
	return buy_of(ROLE_finance_officer, year, "prepaid_card", face, numbers);
}

static const char *card_of(const char *serial)
{
	return sql("SELECT id FROM fund.card WHERE serial = '%s' ORDER BY state = 'returned', id LIMIT 1", serial);
}

static const char *state_of(const char *serial)
{
	return sql("SELECT state FROM fund.card WHERE id = '%s'", card_of(serial));
}

static struct answer at_card(int role, const char *serial, const char *act, const char *body)
{
	return call_with(role, "POST", sql("SELECT '/api/v1/fund/cards/%s/%s'", card_of(serial), act),
			 sql("SELECT E'If-Match: \"' || version || E'\"\\r\\nIdempotency-Key: ' || gen_random_uuid() || E'\\r\\nContent-Type: application/json\\r\\n'"
			     " FROM fund.card WHERE id = '%s'", card_of(serial)), body);
}

static const char *card_asked(const char *home, long pence)
{
	const char *id = pay_asked(home, "prepaid_card", pence);

	assert_status(fund_act(ROLE_finance_approver, id, "approve", "{\"overrule\":\"another_need\"}"), 200);
	return id;
}

static struct answer issued(const char *request, const char *serial)
{
	return fund_act(ROLE_navigator, request, "issue", sql("SELECT '{\"serial\":\"%s\"}'", serial));
}

static void not_in_stock(const char *request, const char *serial)
{
	struct answer a = issued(request, serial);

	assert_error(a, "/serial");
}

static void figures_are(long free, long committed, long stock, long spent)
{
	cr_assert_eq(fund_figure(year, "free_pence"), free, "free: %ld", fund_figure(year, "free_pence"));
	cr_assert_eq(fund_figure(year, "committed_pence"), committed, "committed: %ld", fund_figure(year, "committed_pence"));
	cr_assert_eq(fund_figure(year, "stock_pence"), stock, "stock: %ld", fund_figure(year, "stock_pence"));
	cr_assert_eq(fund_figure(year, "spent_pence"), spent, "spent: %ld", fund_figure(year, "spent_pence"));
}

/* ---- buying ---- */

Test(fund_stock, the_pot_pays_when_cards_are_bought)
{
	struct answer a = buy(2500, "1001 to 1003, ab-7\\nAB 8;");

	assert_status(a, 201);
	cr_assert_eq(answer_int(&a, "cards"), 5);
	cr_assert_eq(answer_int(&a, "pence"), 12500);
	cr_assert_str_eq(sql("SELECT string_agg(serial, ' ' ORDER BY serial) FROM fund.card"), "1001 1002 1003 AB7 AB8");
	figures_are(987500, 0, 12500, 0);
	a = call(ROLE_finance_officer, "GET", "/api/v1/fund/stock", NULL);
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "in_stock.0.cards"), 5);
}

Test(fund_stock, what_is_not_there_buys_nothing)
{
	struct answer a = buy(1000000, "1 to 2");

	assert_status(a, 422);
	assert_error(a, "/pot_year_id");
	sql("UPDATE fund.pot_year SET state = 'provisional'");
	a = buy(2500, "1 to 2");
	assert_status(a, 422);
	assert_error(a, "/pot_year_id");
	a = buy_of(ROLE_finance_officer, FUND_HOME, "voucher", 2500, "1");
	assert_error(a, "/pot_year_id");
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.card"), "0");
	pay_refused(buy_of(ROLE_finance_approver, year, "voucher", 2500, "1"), 403, "forbidden");
	pay_refused(buy_of(ROLE_navigator, year, "voucher", 2500, "1"), 403, "forbidden");
}

Test(fund_stock, numbers_are_right_or_named)
{
	static const char *const wrong[] = { "1 to 400", "9 to 10", "20 to 10", "A1 to B2", "7, 7", "Jane Smithson 1", "ABC", " , " };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct answer a = buy(100, wrong[i]);

		assert_status(a, 422);
		assert_error(a, "/numbers");
	}
	assert_status(buy(100, "0098 to 0101"), 201);
	cr_assert_str_eq(sql("SELECT string_agg(serial, ' ' ORDER BY serial) FROM fund.card"), "0098 0099 0100 0101");
	for (int i = 0; i < 2; i++) {
		struct answer a = buy(100, i ? "00 99" : "2, 0101");

		assert_status(a, 422);
		assert_error(a, "/numbers");
	}
	figures_are(999600, 0, 400, 0);
}

Test(fund_stock, a_number_that_was_handed_out_cannot_be_bought)
{
	const char *id = card_asked(FUND_HOME, 3000);
	struct answer a;

	assert_status(issued(id, "77"), 200);
	a = buy(3000, "77");
	assert_error(a, "/numbers");
}

/* ---- handing out ---- */

Test(fund_stock, a_card_is_handed_out_and_never_counted_twice)
{
	const char *id = card_asked(FUND_HOME, 5000);
	struct answer a;

	assert_status(buy(2500, "1 to 4"), 201);
	a = call(ROLE_navigator, "GET", sql("SELECT '/api/v1/fund/requests/%s'", id), NULL);
	cr_assert_eq(answer_int(&a, "stock.cards"), 4, "%s", a.body);
	cr_assert_eq(answer_int(&a, "stock.faces.0.face_pence"), 2500);
	figures_are(985000, 5000, 10000, 0);
	assert_status(issued(id, "1"), 200);
	figures_are(987500, 2500, 7500, 2500);
	cr_assert_str_eq(fund_state_of(id), "approved");
	a = issued(id, "1");
	assert_status(a, 422);
	assert_error(a, "/serial");
	assert_status(issued(id, "2"), 200);
	figures_are(990000, 0, 5000, 5000);
	cr_assert_str_eq(fund_state_of(id), "paid");
	cr_assert_str_eq(sql("SELECT string_agg(p.state || ' ' || c.state, ', ') FROM fund.payment p JOIN fund.card c ON c.payment_id = p.id"),
			 "confirmed handed_out, confirmed handed_out");
	pay_refused(at_payment(payment_of(id), "unconfirm", NOTHING), 409, "wrong-state");
}

Test(fund_stock, only_what_is_in_stock_and_fits_is_handed_out)
{
	const char *id = card_asked(FUND_HOME, 2000), *voucher;
	struct answer a;

	assert_status(buy(2500, "1 to 2"), 201);
	a = issued(id, "99");
	assert_error(a, "/serial");
	a = issued(id, "1");
	assert_status(a, 422);
	cr_assert(strstr(a.body, "£20.00 left"), "%s", a.body);
	assert_error(a, "/serial");
	figures_are(993000, 2000, 5000, 0);
	/* vouchers are not kept: as before */
	voucher = pay_asked(FUND_OTHER_HOME, "voucher", 2500);
	assert_status(fund_act(ROLE_finance_approver, voucher, "approve", NOTHING), 200);
	a = call(ROLE_navigator, "GET", sql("SELECT '/api/v1/fund/requests/%s'", voucher), NULL);
	cr_assert(json_is_null(json_object_get(a.json, "stock")));
	assert_status(issued(voucher, "V1"), 200);
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 2500);
}

/* The drawer is one for all pots of the keeper, but a pot pays only for what it is for. */
Test(fund_stock, a_card_of_another_pot_is_handed_out_where_that_pot_pays_for_it)
{
	const char *id = card_asked(FUND_HOME, 2500), *other = fund_pot("Other", 10000);
	struct answer a;

	assert_status(buy_of(ROLE_finance_officer, other, "prepaid_card", 2500, "5 to 6"), 201);
	sql("UPDATE fund.pot SET categories = '{school}' WHERE name = 'Other'");
	a = issued(id, "5");
	assert_error(a, "/serial");
	sql("UPDATE fund.pot SET categories = '{school,travel}' WHERE name = 'Other'");
	assert_status(issued(id, "5"), 200);
	cr_assert_eq(fund_figure(other, "spent_pence"), 2500);
	cr_assert_eq(fund_figure(other, "stock_pence"), 2500);
	figures_are(1000000, 0, 0, 0);
}

Test(fund_stock, an_unused_card_comes_back_into_the_stock)
{
	const char *id = card_asked(FUND_HOME, 2500);

	assert_status(buy(2500, "1"), 201);
	assert_status(issued(id, "1"), 200);
	assert_status(at_payment(payment_of(id), "bounce", settled_today(",\"reason\":\"not_collected\"")), 200);
	cr_assert_str_eq(state_of("1"), "in_stock");
	cr_assert_str_eq(fund_state_of(id), "approved");
	figures_are(995000, 2500, 2500, 0);
	assert_status(issued(id, "1"), 200);
	figures_are(997500, 0, 0, 2500);
	/* what the pot has not cannot be promised again */
	assert_status(buy(997500, "2"), 201);
	pay_refused(at_payment(payment_of(id), "bounce", settled_today(",\"reason\":\"not_collected\"")), 409, "wrong-state");
	cr_assert_str_eq(state_of("1"), "handed_out");
}

Test(fund_stock, a_number_that_came_back_can_be_handed_out_again)
{
	const char *one = card_asked(FUND_HOME, 3000), *two = card_asked(FUND_OTHER_HOME, 3000);

	assert_status(issued(one, "AB-1"), 200);
	pay_refused(issued(two, "AB-1"), 409, "duplicate");
	sql("UPDATE fund.payment SET made_by = NULL");
	assert_status(at_payment(payment_of(one), "bounce", settled_today(",\"reason\":\"not_collected\"")), 200);
	assert_status(issued(two, "AB-1"), 200);
	pay_refused(issued(one, "AB-1"), 409, "duplicate");
}

static const char *rivals[12];

static bool takes_the_last(int i)
{
	return issued(rivals[i], "1").status == 200;
}

Test(fund_stock, of_twelve_who_hand_out_the_last_card_one_does)
{
	for (int i = 0; i < 12; i++)
		rivals[i] = card_asked(i % 2 ? FUND_HOME : FUND_OTHER_HOME, 2500 + i);
	assert_status(buy(2500, "1"), 201);
	cr_assert_eq(fund_at_once(12, takes_the_last), 1);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.payment"), "1");
	cr_assert_eq(fund_figure(year, "stock_pence"), 0);
	cr_assert_eq(fund_figure(year, "spent_pence"), 2500);
}

static bool buys_the_same(int i)
{
	return buy(100, i % 2 ? "5, 4" : "4, 5").status == 201;
}

Test(fund_stock, a_number_is_bought_once_at_the_same_moment)
{
	cr_assert_eq(fund_at_once(8, buys_the_same), 1);
	cr_assert_eq(fund_figure(year, "stock_pence"), 200);
}

/* ---- given back, lost ---- */

Test(fund_stock, a_card_given_back_is_free_money_and_its_number_can_be_bought_again)
{
	const char *id = card_asked(FUND_HOME, 2500);

	assert_status(buy(2500, "1 to 2"), 201);
	assert_status(at_card(ROLE_finance_officer, "1", "return", NOTHING), 200);
	figures_are(995000, 2500, 2500, 0);
	pay_refused(at_card(ROLE_finance_officer, "1", "return", NOTHING), 409, "wrong-state");
	not_in_stock(id, "1");
	assert_status(buy(2500, "1"), 201);
	assert_status(issued(id, "1"), 200);
}

Test(fund_stock, a_loss_is_confirmed_by_another_person)
{
	const char *id = card_asked(FUND_HOME, 2500);
	struct answer a;

	assert_status(buy(2500, "1 to 2"), 201);
	a = at_card(ROLE_finance_officer, "1", "loss", NOTHING);
	assert_error(a, "/loss");
	assert_status(at_card(ROLE_finance_officer, "1", "loss", "{\"loss\":\"stolen\"}"), 200);
	figures_are(992500, 2500, 5000, 0);
	not_in_stock(id, "1");
	pay_refused(at_card(ROLE_finance_officer, "1", "settle-loss", "{\"lost\":true}"), 409, "own-deed");
	assert_status(at_card(ROLE_finance_approver, "1", "settle-loss", "{\"lost\":true}"), 200);
	cr_assert_str_eq(state_of("1"), "lost");
	figures_are(992500, 2500, 2500, 0);
	cr_assert_eq(fund_figure(year, "gone_pence"), 2500);
	pay_refused(at_card(ROLE_finance_approver, "1", "settle-loss", "{\"lost\":true}"), 409, "wrong-state");
	/* what was found again is in stock */
	assert_status(at_card(ROLE_finance_officer, "2", "loss", "{\"loss\":\"mislaid\"}"), 200);
	assert_status(at_card(ROLE_finance_officer, "2", "settle-loss", "{\"lost\":false}"), 200);
	assert_status(issued(id, "2"), 200);
}

/* ---- every state, act and role ---- */

static const struct act {
	const char *path, *body, *from;
	unsigned roles;
} acts[] = {
	{ "return", NOTHING, "in_stock", CAN_keep_fund },
	{ "loss", "{\"loss\":\"stolen\"}", "in_stock", CAN_keep_fund },
	{ "settle-loss", "{\"lost\":true}", "loss_reported", CAN_settle_stock },
	{ "settle-loss", "{\"lost\":false}", "loss_reported", CAN_settle_stock },
};

static const char *in_state(const char *state, int n)
{
	const char *serial = sql("SELECT %d", n);

	assert_status(buy(1, serial), 201);
	if (strcmp(state, "handed_out") == 0)
		assert_status(issued(card_asked(FUND_HOME, 10 + n), serial), 200);
	if (strcmp(state, "returned") == 0)
		assert_status(at_card(ROLE_finance_officer, serial, "return", NOTHING), 200);
	if (strcmp(state, "loss_reported") == 0 || strcmp(state, "lost") == 0)
		assert_status(at_card(ROLE_finance_officer, serial, "loss", "{\"loss\":\"stolen\"}"), 200);
	if (strcmp(state, "lost") == 0)
		assert_status(at_card(ROLE_finance_approver, serial, "settle-loss", "{\"lost\":true}"), 200);
	/* reported by a colleague of everybody here */
	sql("UPDATE fund.card SET reported_by = (SELECT id FROM account WHERE username = 'navigator') WHERE state = 'loss_reported'");
	return serial;
}

Test(fund_stock, every_state_act_and_role, .timeout = 240)
{
	static const char *const states[] = { "in_stock", "handed_out", "returned", "loss_reported", "lost" };
	int n = 0;

	for (size_t s = 0; s < sizeof(states) / sizeof(*states); s++)
		for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++) {
			const char *serial = in_state(states[s], ++n);

			for (int role = 0; role < ROLES; role++) {
				bool may = acts[i].roles & 1u << role, right = strcmp(states[s], acts[i].from) == 0;
				struct answer a = at_card(role, serial, acts[i].path, acts[i].body);

				cr_expect_eq(a.status, !may ? 403 : right ? 200 : 409, "%s, %s, %s: %d: %s", states[s], acts[i].path,
					     code_at(&role_codes, role), a.status, a.body);
				if (a.status == 200)
					serial = in_state(states[s], ++n);
			}
		}
}

/* ---- counting ---- */

static struct answer counted(int there)
{
	return call(ROLE_finance_officer, "POST", "/api/v1/fund/stock-counts",
		    "{\"kind\":\"prepaid_card\",\"face_pence\":2500,\"counted\":%d}", there);
}

static struct answer explained(int role, const char *count)
{
	return call_with(role, "POST", sql("SELECT '/api/v1/fund/stock-counts/%s/explain'", count),
			 sql("SELECT E'If-Match: \"' || version || E'\"\\r\\nIdempotency-Key: ' || gen_random_uuid() || E'\\r\\nContent-Type: application/json\\r\\n'"
			     " FROM fund.stock_count WHERE id = '%s'", count), "{\"reason\":\"counted_wrongly\"}");
}

Test(fund_stock, a_count_that_differs_stays_open_until_a_colleague_explains_it)
{
	struct answer a;
	const char *count;

	assert_status(buy(2500, "1 to 3"), 201);
	a = counted(3);
	assert_status(a, 201);
	cr_assert(json_is_false(json_object_get(a.json, "open")));
	pay_refused(explained(ROLE_finance_approver, answer_text(&a, "id")), 409, "wrong-state");
	a = counted(2);
	assert_status(a, 201);
	count = answer_text(&a, "id");
	cr_assert_eq(answer_int(&a, "expected"), 3);
	cr_assert(json_is_true(json_object_get(a.json, "open")));
	a = call(ROLE_finance_officer, "GET", "/api/v1/fund/stock", NULL);
	cr_assert_eq(answer_int(&a, "open_counts"), 1);
	pay_refused(explained(ROLE_finance_officer, count), 409, "own-deed");
	pay_refused(explained(ROLE_navigator, count), 403, "forbidden");
	assert_status(explained(ROLE_finance_approver, count), 200);
	pay_refused(explained(ROLE_finance_approver, count), 409, "wrong-state");
}

/* ---- years ---- */

/* The year before, which has ended, with 100,000 pence. */
static const char *last_year(void)
{
	const char *last = sql("SELECT fund.open_year(y.pot_id, y.year - 1) FROM fund.pot_year y WHERE y.id = '%s'", year);

	sql("UPDATE fund.pot_year SET state = 'soft_closed' WHERE id = '%s'", last);
	sql("SELECT fund.post('grant', 'pot_year', y.id, fund.day_in(y.year), ARRAY[fund.moved(y.id, 'granted', 'free', 100000)])"
	    " FROM fund.pot_year y WHERE y.id = '%s'", last);
	return last;
}

static struct answer closed(const char *one)
{
	return call_with(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/years/%s/state'", one),
			 sql("SELECT E'If-Match: \"' || version || E'\"\\r\\nIdempotency-Key: ' || gen_random_uuid() || E'\\r\\nContent-Type: application/json\\r\\n'"
			     " FROM fund.pot_year WHERE id = '%s'", one), "{\"state\":\"closed\"}");
}

Test(fund_stock, the_stock_goes_into_the_next_year_with_its_worth)
{
	const char *last = last_year(), *id = card_asked(FUND_HOME, 2500);
	struct answer a;

	assert_status(buy_of(ROLE_finance_officer, last, "prepaid_card", 2500, "1 to 3"), 201);
	assert_status(issued(id, "1"), 200);
	figures_are(1000000, 0, 0, 0);
	cr_assert_eq(fund_figure(last, "spent_pence"), 2500);
	assert_status(at_card(ROLE_finance_officer, "2", "loss", "{\"loss\":\"mislaid\"}"), 200);
	a = closed(last);
	assert_status(a, 409);
	assert_status(at_card(ROLE_finance_officer, "2", "settle-loss", "{\"lost\":false}"), 200);
	sql("UPDATE fund.pot_year SET year = year + 1 WHERE id = '%s'", year);
	assert_status(closed(last), 409);
	sql("UPDATE fund.pot_year SET year = year - 1 WHERE id = '%s'", year);
	assert_status(closed(last), 200);
	cr_assert_eq(fund_figure(last, "stock_pence"), 0);
	figures_are(1000000, 0, 5000, 0);
	cr_assert_eq(fund_figure(year, "budget_pence"), 1005000);
	cr_assert_str_eq(sql("SELECT string_agg(c.serial || ' ' || y.state, ', ' ORDER BY c.serial) FROM fund.card c JOIN fund.pot_year y ON y.id = c.pot_year_id"),
			 "1 closed, 2 open, 3 open");
	/* a card of a year that is closed does not come back into it */
	pay_refused(at_payment(payment_of(id), "bounce", settled_today(",\"reason\":\"not_collected\"")), 409, "wrong-state");
}

/* The general ledger has the purchase, and nothing more when a card is handed out. */
Test(fund_stock, the_general_ledger_is_told_what_was_bought_and_given_back)
{
	const char *id = card_asked(FUND_HOME, 2500);

	sql("UPDATE fund.pot SET gl_code = '1', cost_centre = '2'");
	sql("INSERT INTO fund.gl_setting (organisation_id, clearing_code) SELECT organisation_id, '9' FROM fund.pot");
	assert_status(buy(2500, "1 to 2"), 201);
	assert_status(issued(id, "1"), 200);
	assert_status(at_card(ROLE_finance_officer, "2", "return", NOTHING), 200);
	assert_status(call(ROLE_finance_officer, "POST", "/api/v1/fund/gl-batches", NULL), 201);
	cr_assert_str_eq(sql("SELECT string_agg(debit || ' ' || credit, ', ' ORDER BY n) FROM fund.gl_line"),
			 "5000 0, 0 5000, 2500 0, 0 2500", "%s", sql("SELECT string_agg(debit || ' ' || credit, ', ' ORDER BY n) FROM fund.gl_line"));
}
