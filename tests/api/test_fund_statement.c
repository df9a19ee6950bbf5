/* Bank statements: read, judged, applied in part; over HTTP, with the ledger added up at the end. */
#include <string.h>

#include "paying.h"

static const char *year;

static void begin(void)
{
	year = paying_start();
}

TestSuite(fund_statement, .init = begin, .fini = paying_stop);

static struct answer read_in(const char *lines)
{
	return call(ROLE_finance_officer, "POST", "/api/v1/fund/statements",
		    "{\"account_label\":\"Main\",\"text\":\"date,amount,reference\\n%s\"}", lines);
}

static const char *reference_of(const char *request)
{
	return sql("SELECT reference FROM fund.payment WHERE cause_id = '%s' ORDER BY made_at DESC LIMIT 1", request);
}

/* A row of today. */
static const char *row(const char *amount, const char *words)
{
	return sql("SELECT today() || ',%s,%s\\n'", amount, words);
}

static const char *verdict(const struct answer *a, int i)
{
	return answer_text(a, sql("SELECT 'lines.%d.verdict'", i));
}

static struct answer apply(const char *id, const char *body)
{
	return call_with(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/statements/%s/apply'", id),
			 sql("SELECT E'If-Match: \"' || version || E'\"\\r\\nIdempotency-Key: ' || gen_random_uuid() || "
			     "E'\\r\\nContent-Type: application/json\\r\\n' FROM fund.statement WHERE id = '%s'", id), body);
}

Test(fund_statement, reading_changes_nothing_and_applying_confirms)
{
	const char *one = pay_ready(FUND_HOME, 4050), *two = pay_ready(FUND_OTHER_HOME, 1000), *id;
	struct answer a;

	run_exported();
	a = read_in(sql("SELECT '%s%s%s'", row("-40.50", sql("SELECT 'PAY %s THANKS'", reference_of(one))), row("-9.99", reference_of(two)),
			row("-7.00", "SOMETHING ELSE")));
	assert_status(a, 201);
	id = answer_text(&a, "id");
	cr_assert_str_eq(verdict(&a, 0), "confirm");
	cr_assert_str_eq(verdict(&a, 1), "amount_differs");
	cr_assert_str_eq(verdict(&a, 2), "unknown_out");
	cr_assert_str_eq(fund_state_of(one), "approved", "the dry run");
	cr_assert_eq(fund_figure(year, "in_payment_pence"), 5050);
	a = apply(id, NOTHING);
	assert_status(a, 200);
	cr_assert_str_eq(fund_state_of(one), "paid");
	cr_assert_str_eq(fund_state_of(two), "approved", "another amount is never settled by itself");
	cr_assert_eq(answer_int(&a, "waiting"), 2);
	assert_status(apply(id, "{\"rows\":[2]}"), 200);
	cr_assert_str_eq(fund_state_of(two), "approved", "a person may put it into suspense, no more");
	cr_assert_str_eq(sql("SELECT string_agg(what, ' ') FROM fund.unsettled('%s') WHERE what = 'suspense'", year), "suspense");
	cr_assert_eq(fund_figure(year, "spent_pence"), 4050);
	cr_assert_null(sql("SELECT 1 FROM fund.statement_row WHERE reference LIKE '%%SOMETHING%%'"), "no words are kept");
}

Test(fund_statement, the_same_file_is_one_and_the_same_row_is_settled_once)
{
	const char *id = pay_ready(FUND_HOME, 4050), *lines, *first;
	struct answer a;

	run_exported();
	lines = row("-40.50", reference_of(id));
	a = read_in(lines);
	first = answer_text(&a, "id");
	assert_status(apply(first, NOTHING), 200);
	a = read_in(lines);
	cr_assert_str_eq(answer_text(&a, "id"), first);
	pay_refused(apply(first, NOTHING), 409, "wrong-state");
	/* the row in another file, and one more row that pays the same again */
	a = read_in(sql("SELECT '%s%s'", lines, lines));
	cr_assert_str_neq(answer_text(&a, "id"), first);
	cr_assert_str_eq(verdict(&a, 0), "seen");
	cr_assert_str_eq(verdict(&a, 1), "paid_twice");
	pay_refused(apply(answer_text(&a, "id"), NOTHING), 409, "wrong-state");
	assert_status(apply(answer_text(&a, "id"), "{\"rows\":[1,2]}"), 200);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.statement_row WHERE state = 'suspended'"), "1");
	cr_assert_eq(fund_figure(year, "spent_pence"), 4050);
}

Test(fund_statement, a_credit_bounces_and_a_debit_of_the_sum_pays_the_run)
{
	const char *one = pay_ready(FUND_HOME, 4050), *two = pay_ready(FUND_OTHER_HOME, 1000), *id;
	struct answer a;

	run_exported();
	a = read_in(row("-50.50", "BACS RUN"));
	cr_assert_str_eq(verdict(&a, 0), "run");
	assert_status(apply(answer_text(&a, "id"), NOTHING), 200);
	cr_assert_str_eq(fund_state_of(one), "paid");
	cr_assert_str_eq(fund_state_of(two), "paid");
	a = read_in(row("10.00", reference_of(two)));
	cr_assert_str_eq(verdict(&a, 0), "bounce");
	id = answer_text(&a, "id");
	assert_status(apply(id, NOTHING), 200);
	cr_assert_str_eq(fund_state_of(two), "approved");
	cr_assert_str_eq(pay_obstacle(two), "payee_refused");
	cr_assert_eq(fund_figure(year, "spent_pence"), 4050);
}

/* Paid twice and returned once is paid once: nothing is asked for again, and a person looks at it. */
Test(fund_statement, what_was_paid_twice_is_not_undone_by_one_return)
{
	const char *one = pay_ready(FUND_HOME, 4050), *two = pay_ready(FUND_OTHER_HOME, 11120), *id;
	struct answer a;

	run_exported();
	a = read_in(sql("SELECT '%s%s%s%s%s'", row("-40.50", reference_of(one)), row("-40.50", reference_of(one)), row("40.50", reference_of(one)),
			row("-111.20", reference_of(two)), row("11.12", reference_of(two))));
	cr_assert_str_eq(verdict(&a, 0), "confirm");
	cr_assert_str_eq(verdict(&a, 1), "paid_twice");
	cr_assert_str_eq(verdict(&a, 2), "unexpected");
	cr_assert_str_eq(verdict(&a, 4), "amount_differs");
	id = answer_text(&a, "id");
	assert_status(apply(id, NOTHING), 200);
	cr_assert_str_eq(fund_state_of(one), "paid");
	cr_assert_str_eq(fund_state_of(two), "paid");
	cr_assert_eq(fund_figure(year, "spent_pence"), 15170);
}

/* The newest row first: what came back is booked after what was paid. */
Test(fund_statement, the_order_of_a_statement_is_no_matter)
{
	const char *one = pay_ready(FUND_HOME, 4050);
	struct answer a;

	run_exported();
	a = read_in(sql("SELECT '%s%s'", row("40.50", reference_of(one)), row("-40.50", reference_of(one))));
	assert_status(apply(answer_text(&a, "id"), NOTHING), 200);
	cr_assert_str_eq(fund_state_of(one), "approved");
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.statement_row WHERE state = 'settled'"), "2");
	cr_assert_eq(fund_figure(year, "spent_pence"), 0);
}

/* A debit of the sum is no run where the run is one payment, or the row names another. */
Test(fund_statement, a_shop_of_the_same_amount_pays_no_run)
{
	struct answer a;

	pay_ready(FUND_HOME, 7777);
	run_exported();
	a = read_in(sql("SELECT '%s%s'", row("-77.77", "CARD PURCHASE"), row("-77.77", sql("SELECT fund.new_payment_reference()"))));
	cr_assert_str_eq(verdict(&a, 0), "suggest");
	cr_assert_str_eq(verdict(&a, 1), "unknown_out");
}

/* Money in suspense stands in the way also where it adds up to nothing. */
Test(fund_statement, suspense_that_adds_up_to_nothing_is_suspense)
{
	struct answer a = read_in(sql("SELECT '%s%s'", row("-7.00", "A"), row("7.00", "B")));

	assert_status(apply(answer_text(&a, "id"), "{\"rows\":[1,2]}"), 200);
	cr_assert_str_eq(sql("SELECT what || ' ' || pence FROM fund.unsettled('%s')", year), "suspense 1400");
}

Test(fund_statement, what_is_only_likely_is_settled_when_a_person_says_so)
{
	const char *one = pay_ready(FUND_HOME, 4050), *two = pay_ready(FUND_OTHER_HOME, 1000), *id;
	struct answer a;

	run_exported();
	a = read_in(row("-10.00", "NO REFERENCE"));
	cr_assert_str_eq(verdict(&a, 0), "suggest");
	id = answer_text(&a, "id");
	pay_refused(apply(id, NOTHING), 409, "wrong-state");
	pay_refused(apply(id, "{\"rows\":[1]}"), 409, "wrong-state");
	frozen_by_a_colleague();
	assert_status(apply(id, "{\"rows\":[1]}"), 200);
	cr_assert_str_eq(fund_state_of(two), "paid");
	cr_assert_str_eq(fund_state_of(one), "approved");
}

/* Suspense stands in the way of closing a year until somebody says what it was. */
Test(fund_statement, what_nobody_knows_goes_into_suspense_and_is_explained_once)
{
	const char *id;
	struct answer a = read_in(sql("SELECT '%s%s'", row("-7.00", "A"), row("12.34", "B")));

	id = answer_text(&a, "id");
	cr_assert_str_eq(verdict(&a, 1), "unknown_in");
	a = apply(id, "{\"rows\":[1,2]}");
	assert_status(a, 200);
	cr_assert_eq(answer_int(&a, "suspended"), 2);
	cr_assert_str_eq(sql("SELECT balance FROM fund.account WHERE kind = 'suspense'"), "-534");
	cr_assert_str_eq(sql("SELECT string_agg(what, ' ') FROM fund.unsettled('%s')", year), "suspense");
	no_fund_fault();
	for (int i = 1; i <= 2; i++)
		assert_status(call(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/statements/%s/explain'", id),
				   "{\"row\":%d,\"explained\":\"not_ours\"}", i), 200);
	pay_refused(call(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/statements/%s/explain'", id),
			 "{\"row\":1,\"explained\":\"not_ours\"}"), 409, "wrong-state");
	cr_assert_str_eq(sql("SELECT balance FROM fund.account WHERE kind = 'suspense'"), "0");
}

Test(fund_statement, columns_and_days_are_read_by_the_map_alone)
{
	struct answer a = call(ROLE_finance_officer, "POST", "/api/v1/fund/statements",
			       "{\"account_label\":\"Main\",\"day_column\":\"Posted\",\"amount_column\":\"Value\",\"words_column\":\"Details\","
			       "\"day_format\":\"dmy\",\"text\":\"\\ufeffPosted,Details,Value\\n\\n30/11/2026,\\\"A, B\\\",-1\\n\"}");

	assert_status(a, 201);
	cr_assert_str_eq(answer_text(&a, "lines.0.day"), "2026-11-30");
	cr_assert_eq(answer_int(&a, "lines.0.amount_pence"), -100);
}

Test(fund_statement, a_wrong_file_is_refused_as_a_whole_and_by_row)
{
	struct answer a = read_in("30/11/2026,-1.00,A\\n2026-11-30,1.234,B\\n2026-11-30,-2.00,C\\n");

	assert_error(a, "/text");
	cr_assert(strstr(a.body, "Row 2: the day"), "%s", a.body);
	cr_assert(strstr(a.body, "Row 3: the amount"), "%s", a.body);
	cr_assert_null(strstr(a.body, "1.234"));
	a = call(ROLE_finance_officer, "POST", "/api/v1/fund/statements", "{\"account_label\":\"Main\",\"text\":\"day,amount\\n2026-11-30,1\\n\"}");
	assert_error(a, "/day_column");
	assert_error(a, "/words_column");
	a = read_in("2026-11-30,1.00,\\\"A\\n");
	assert_error(a, "/text");
	a = read_in("");
	assert_error(a, "/text");
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.statement"), "0");
}

/* Every wrong character of a reference is found by its check character. */
Test(fund_statement, a_reference_is_found_among_words_and_only_if_it_is_right)
{
	cr_assert_str_eq(sql("SELECT count(*) FROM (SELECT fund.new_payment_reference() AS r FROM generate_series(1, 200)) n"
			     " WHERE fund.reference_in('BGC ' || lower(r) || ' /X') <> r"), "0");
	cr_assert_str_eq(sql("SELECT count(*) FROM (SELECT fund.new_payment_reference() AS r FROM generate_series(1, 20)) n,"
			     " generate_series(3, 11) i, regexp_split_to_table('0123456789ABCDEFGHJKMNPQRSTVWXYZ', '') c"
			     " WHERE substr(r, i, 1) <> c AND fund.reference_in(overlay(r PLACING c FROM i FOR 1)) IS NOT NULL"), "0");
	cr_assert_null(sql("SELECT fund.reference_in('XHV00000001F')"), "not within a word");
}
