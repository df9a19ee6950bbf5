/* Support by the week: the one rule of weeks, days and pence, what is due, year ends, stops and overpayments. The days
 * and figures of the first part are the worked examples of the rule. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "database.h"
#include "memory.h"
#include "tool_rig.h"

#define HOME_1 "00000000-0000-4000-8000-000000000401"
#define HOME_2 "00000000-0000-4000-8000-000000000402"

static void start(void)
{
	setenv("HAVEN_DATABASE", fresh_database("haven_template"), 1);
	sql("CREATE FUNCTION be(r text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('haven.account', a.id::text, false)"
	    " || set_config('haven.organisation', a.organisation_id::text, false) || set_config('haven.role', a.role, false)"
	    " || set_config('haven.partners', partners_of(a.organisation_id)::text, false)"
	    " || set_config('haven.denied', '', false) || set_config('haven.opened', '', false)"
	    "  FROM account a WHERE a.username = r $$");
	/* what the payments of a commitment do to it */
	sql("CREATE FUNCTION pay(c fund.commitment, pence bigint) RETURNS void LANGUAGE plpgsql AS $$ BEGIN"
	    " IF pence = 0 THEN RETURN; END IF;"
	    " PERFORM fund.post('freeze', c.cause, c.cause_id, fund.day_in((SELECT year FROM fund.pot_year WHERE id = c.pot_year_id)),"
	    "   ARRAY[fund.moved(c.pot_year_id, 'committed', 'in_payment', pence)], c.household_id);"
	    " INSERT INTO fund.payment (reference, organisation_id, commitment_id, cause_id, household_id, amount_pence, means, state, confirmed_by)"
	    " VALUES (fund.new_payment_reference(), c.organisation_id, c.id, c.cause_id, c.household_id, pence, 'voucher', 'confirmed',"
	    "  fund.post('confirm', c.cause, c.cause_id, fund.day_in((SELECT year FROM fund.pot_year WHERE id = c.pot_year_id)),"
	    "   ARRAY[fund.moved(c.pot_year_id, 'in_payment', 'paid', pence)], c.household_id));"
	    " UPDATE fund.commitment k SET open = k.open - pence, paid = k.paid + pence WHERE k.id = c.id; END $$");
	sql("CREATE FUNCTION pay_due(request uuid, day date) RETURNS void LANGUAGE sql AS $$"
	    " SELECT pay(c, greatest(0, fund.due_by(c, day) - c.paid)) FROM fund.commitment c WHERE c.cause_id = request $$");
}

TestSuite(weekly, .init = start, .fini = drop_database, .timeout = 120);

static void is(const char *wanted, const char *statement)
{
	cr_expect_str_eq(sql("SELECT %s", statement), wanted, "%s is %s, not %s", statement, sql("SELECT %s", statement), wanted);
}

/* ---- the rule ---- */

/* A promise that nobody asked for, to look at what its lines cost: "('subsistence', 4918, '2026-03-27', '2026-04-09')". */
static void lines(const char *values)
{
	sql("ALTER TABLE fund.promise_line DROP CONSTRAINT IF EXISTS promise_line_request_id_fkey,"
	    " DROP CONSTRAINT IF EXISTS promise_line_member_id_fkey");
	sql("DELETE FROM fund.promise_line");
	sql("INSERT INTO fund.promise_line SELECT '" HOME_1 "', row_number() OVER (), CASE WHEN v.component <> 'accommodation' THEN gen_random_uuid() END, v.component, v.weekly,"
	    " v.since::date, v.until::date FROM (VALUES %s) v (component, weekly, since, until)", values);
}

#define COST(since, until) "fund.cost_between('" HOME_1 "', '" since "', '" until "')"

Test(weekly, a_day_is_never_priced_at_a_rounded_rate)
{
	is("703 702 703 702 703 702 703 703",
	   "string_agg((fund.weeks_cost(4918, n) - fund.weeks_cost(4918, n - 1))::text, ' ' ORDER BY n) FROM generate_series(1, 8) n");
	is("4918", "fund.weeks_cost(4918, 7)");
	is("5621", "fund.weeks_cost(4918, 8)");
	is("87914", "fund.weeks_cost(36200, 17)");
	is("325800", "fund.weeks_cost(36200, 63)");
	is("0", "fund.weeks_cost(4918, 0)");
	is("0", "fund.weeks_cost(4918, -3)");
}

Test(weekly, a_year_end_begins_no_new_segment)
{
	lines("('subsistence', 4918, '2026-03-27', '2026-04-09')");
	is("9133", COST("2026-03-27", "2026-04-09"));
	is("3513", COST("2026-03-27", "2026-04-01"));
	is("5620", COST("2026-04-01", "2026-04-09"));
	is("5620", "fund.slice_of('" HOME_1 "', 2026)");
	is("3513", "fund.slice_of('" HOME_1 "', 2025)");
}

Test(weekly, a_change_of_the_rate_does)
{
	lines("('subsistence', 4739, '2026-08-27', '2026-09-01'), ('subsistence', 4918, '2026-09-01', '2026-09-15')");
	is("3385", COST("2026-08-27", "2026-09-01"));
	is("9836", COST("2026-09-01", "2026-09-15"));
	is("13221", COST("2026-08-27", "2026-09-15"));
}

Test(weekly, each_person_is_a_line)
{
	lines("('subsistence', 4918, '2026-06-01', '2026-06-29'), ('subsistence', 4918, '2026-06-01', '2026-06-29'),"
	      "('age_1_to_3', 525, '2026-06-01', '2026-06-29')");
	is("1481", COST("2026-06-01", "2026-06-02"));
	lines("('subsistence', 4918, '2026-06-01', '2026-06-29'), ('subsistence', 4918, '2026-06-10', '2026-06-29'),"
	      "('under_1', 950, '2026-06-10', '2026-06-29')");
	is("19672 13349 2579", "string_agg(fund.line_cost(l, '2026-06-01', '2026-06-29')::text, ' ' ORDER BY n) FROM fund.promise_line l");
}

Test(weekly, nights_are_differences_of_dates)
{
	lines("('subsistence', 700, '2020-01-01', '2030-01-01')");
	is("200", COST("2026-10-24", "2026-10-26"));
	is("200", COST("2026-03-28", "2026-03-30"));
	is("400", COST("2028-02-27", "2028-03-02"));
	is("300", COST("2027-02-27", "2027-03-02"));
}

Test(weekly, interim_nights_are_charged_at_the_rate_of_their_evening)
{
	is("21750", "fund.nights_cost('[2026-11-01,2026-11-04)')");
	sql("INSERT INTO fund.nightly_rate VALUES ('2026-11-03', 8000, 'A source', today())");
	is("22500", "fund.nights_cost('[2026-11-01,2026-11-04)')");
	is("0", "fund.nights_cost('empty')");
}

/* Any parts of any segment, at any rate, add up to the whole; a whole week costs the rate; the sum never falls. */
Test(weekly, parts_add_up_to_the_whole)
{
	is("0", "count(*) FROM (SELECT (random() * 100000)::bigint AS r, (random() * 400)::integer AS a, (random() * 400)::integer AS b,"
		" (random() * 400)::integer AS c, (random() * 50)::integer AS w FROM generate_series(1, 100000)) x"
		" WHERE (fund.weeks_cost(r, a) - 0) + (fund.weeks_cost(r, a + b) - fund.weeks_cost(r, a))"
		" + (fund.weeks_cost(r, a + b + c) - fund.weeks_cost(r, a + b)) <> fund.weeks_cost(r, a + b + c)"
		" OR fund.weeks_cost(r, 7 * w) <> r * w OR fund.weeks_cost(r, a + 1) < fund.weeks_cost(r, a)"
		" OR abs(7 * fund.weeks_cost(r, a) - r * a) * 2 > 7");
	/* and of three lines with other first nights, cut at random days */
	lines("('subsistence', 4918, '2026-03-27', '2026-08-09'), ('under_1', 950, '2026-04-02', '2026-07-01'),"
	      "('accommodation', 36201, '2026-03-30', '2026-07-03')");
	is("0", "count(*) FROM (SELECT date '2026-03-20' + (random() * 60)::integer AS a, date '2026-05-20' + (random() * 90)::integer AS b"
		"  FROM generate_series(1, 2000)) x WHERE fund.cost_between('" HOME_1 "', '2026-01-01', a)"
		" + fund.cost_between('" HOME_1 "', a, b) + fund.cost_between('" HOME_1 "', b, '2027-01-01')"
		" <> " COST("2026-01-01", "2027-01-01"));
}

/* Weekly dates over the clock changes: all on one weekday, seven nights each. */
Test(weekly, weeks_stay_on_their_weekday)
{
	lines("('subsistence', 4918, '2026-10-05', '2027-04-26')");
	sql("CREATE FUNCTION weeks() RETURNS TABLE (a date, b date, pence bigint) LANGUAGE sql AS $$ SELECT w.* FROM"
	    " (SELECT '" HOME_1 "'::uuid, '" HOME_1 "'::uuid, date '2026-10-05', date '2027-04-26', date '2026-10-05', NULL::date,"
	    "  NULL::date, NULL::fund_need_end, NULL::date, NULL::fund_stop, NULL::uuid, NULL::timestamptz) p, fund.weeks_of(p::fund.promise) w $$");
	is("29 7 7 1 142622", "concat_ws(' ', count(*), min(b - a), max(b - a), count(DISTINCT extract(dow FROM a)), sum(pence)) FROM weeks()");
}

/* ---- asked, approved, due ---- */

static const char *pot_year(const char *name, const char *year, const char *state, long pence)
{
	const char *id;

	sql("SELECT be('finance_officer')");
	id = sql("SELECT fund.add_pot(jsonb_build_object('name', '%s', 'funder', 'A funder', 'categories',"
		 " '[\"nrpf_accommodation\", \"nrpf_subsistence\", \"emergency_night\"]'::jsonb, 'year', %s))", name, year);
	cr_assert_str_eq(sql("SELECT fund.change_budget('%s', -1, %ld)", id, pence), "done");
	cr_assert_str_eq(sql("SELECT fund.move_year('%s', -1, '%s')", id, state), "done");
	return id;
}

static const char *pot(long pence)
{
	sql("SELECT be('finance_officer')");
	sql("SELECT fund.set_limit(jsonb_build_object('role', r, 'single_pence', 10000000, 'month_pence', 90000000))"
	    "  FROM unnest(ARRAY['housing_officer', 'finance_approver']) r");
	return pot_year("Pot", "fund.year_of(today())", "open", pence);
}

static const char *ask(const char *home, const char *category, const char *start, const char *end, long weekly)
{
	sql("SELECT be('navigator')");
	return sql("SELECT coalesce(id::text, outcome) FROM fund.ask_weekly('%s', jsonb_strip_nulls(jsonb_build_object('category', '%s', 'means',"
		   " 'supplier', 'start_on', %s, 'end_on', %s, 'review_on', %s, 'weekly_pence', %s)))",
		   home, category, start, end, start, weekly ? arena_printf(test_memory(), "%ld", weekly) : "NULL::bigint");
}

static const char *approve(const char *id)
{
	sql("SELECT be('finance_approver')");
	return sql("SELECT outcome FROM fund.approve('%s', -1, NULL, NULL)", id);
}

static const char *promised(const char *home, const char *start, const char *end, long weekly)
{
	const char *id = ask(home, weekly ? "nrpf_accommodation" : "nrpf_subsistence", start, end, weekly);

	cr_assert_eq(strlen(id), 36, "%s", id);
	cr_assert_str_eq(approve(id), "done");
	return id;
}

static void whole(void)
{
	cr_expect_str_eq(sql("SELECT coalesce(string_agg(what || ': ' || which, '; '), '') FROM fund.faults()"), "");
}

static const char *stop(const char *id, const char *day)
{
	sql("SELECT be('navigator')");
	return sql("SELECT outcome FROM fund.stop('%s', -1, %s, 'leave_granted')", id, day);
}

/* The seed's first household: an adult and a child of 5. */
Test(weekly, the_amount_follows_from_people_and_rates)
{
	const char *id;

	pot(10000000);
	id = ask(HOME_1, "nrpf_subsistence", "today()", "today() + 28", 0);
	is("39344 2", arena_printf(test_memory(), "concat_ws(' ', r.amount_pence, (SELECT count(*) FROM fund.promise_line l WHERE l.request_id = r.id))"
				   " FROM fund.request r WHERE r.id = '%s'", id));
	cr_expect_str_eq(ask(HOME_1, "nrpf_subsistence", "today() + 27", "today() + 41", 0), "overlap");
	cr_expect_str_eq(ask(HOME_1, "nrpf_accommodation", "today()", "today() + 41", 0), "no_rate");
	/* a baby born on the tenth night, a child whose fourth birthday is in it */
	sql("INSERT INTO member (household_id, kind, age, age_on, age_exact) VALUES ('" HOME_2 "', 'child', 0, today() + 9, true),"
	    " ('" HOME_2 "', 'child', 4, today() + 14, true)");
	id = ask(HOME_2, "nrpf_subsistence", "today()", "today() + 28", 0);
	is("subsistence 0 28|subsistence 9 28|under_1 9 28|age_1_to_3 0 14|subsistence 0 28",
	   arena_printf(test_memory(), "string_agg(concat_ws(' ', l.component, l.from_day - today(), l.until_day - today()), '|' ORDER BY m.kind <> 'main',"
			" m.age, l.component = 'subsistence' AND m.age = 4, l.component) FROM fund.promise_line l JOIN member m ON m.id = l.member_id"
			" WHERE l.request_id = '%s'", id));
	whole();
}

Test(weekly, instalments_are_due_a_week_in_advance)
{
	const char *id;

	pot(10000000);
	id = promised(HOME_1, "today()", "today() + 10", 36200);
	for (int day = -1; day < 12; day++)
		cr_expect_str_eq(sql("SELECT sum(fund.due_by(c, today() + %d)) FROM fund.commitment c WHERE c.cause_id = '%s'", day, id),
				 day < 0 ? "0" : day < 7 ? "36200" : "51714", "on day %d", day);
	/* a one-off promise is due as a whole */
	sql("SELECT be('navigator')");
	id = sql("SELECT id FROM fund.ask('" HOME_1 "', '{\"category\":\"emergency_night\",\"amount_pence\":4000,\"means\":\"voucher\"}')");
	cr_assert_str_eq(approve(id), "done");
	cr_expect_str_eq(sql("SELECT fund.due_by(c, today()) FROM fund.commitment c WHERE c.cause_id = '%s'", id), "4000");
	whole();
}

Test(weekly, a_stop_gives_back_what_is_not_due)
{
	const char *year = pot(10000000), *id = promised(HOME_1, "today() - 17", "today() + 46", 36200);

	is("325800", arena_printf(test_memory(), "committed_pence FROM fund.year_view WHERE id = '%s'", year));
	cr_assert_str_eq(stop(id, "today()"), "done");
	is("87914 237886 87914", arena_printf(test_memory(), "concat_ws(' ', open, released, fund.due_by(c, today() + 99)) FROM fund.commitment c WHERE cause_id = '%s'", id));
	cr_expect_str_eq(stop(id, "today()"), "wrong_state", "it is stopped once");
	whole();
	/* what was never begun is as if cancelled */
	id = promised(HOME_1, "today() + 7", "today() + 21", 36200);
	cr_assert_str_eq(stop(id, "today()"), "done");
	is("cancelled", arena_printf(test_memory(), "state FROM fund.request WHERE id = '%s'", id));
	whole();
}

/* Three weeks were paid, the last until the day after tomorrow's tomorrow; leave was granted 10 days ago. */
Test(weekly, a_stop_in_a_paid_week_is_an_overpayment)
{
	const char *id, *next, *over;

	pot(10000000);
	id = promised(HOME_1, "today() - 18", "today() + 45", 0);
	sql("SELECT pay_due('%s', today())", id);
	is("29508", arena_printf(test_memory(), "paid FROM fund.commitment WHERE cause_id = '%s'", id));
	cr_assert_str_eq(stop(id, "today() - 10"), "done");
	/* 8 nights of 21 were due, for each of two people: 5621 of 14754 */
	is("13 9133|13 9133", arena_printf(test_memory(), "string_agg(nights || ' ' || amount_pence, '|' ORDER BY line) FROM fund.overpayment WHERE request_id = '%s'", id));
	is("paid 0", arena_printf(test_memory(), "concat_ws(' ', r.state, c.open) FROM fund.request r JOIN fund.commitment c ON c.cause_id = r.id WHERE r.id = '%s'", id));
	whole();
	over = sql("SELECT id FROM fund.overpayment WHERE request_id = '%s' AND line = 1", id);
	sql("SELECT be('finance_officer')");
	is("nothing_due", arena_printf(test_memory(), "outcome FROM fund.settle('%s', -1, 'deducted', 'agreed_with_household')", over));
	is("none", arena_printf(test_memory(), "outcome FROM fund.settle('%s', -1, 'written_off', 'hardship')", over));
	/* kept back from the next instalments of the household: never below nothing */
	next = promised(HOME_1, "today()", "today() + 28", 4918);
	sql("SELECT be('finance_officer')");
	is("done", arena_printf(test_memory(), "outcome FROM fund.settle('%s', -1, 'deducted', 'agreed_with_household')", over));
	is("0 703 5621 10539", arena_printf(test_memory(), "string_agg(fund.due_by(c, today() + d)::text, ' ' ORDER BY d) FROM fund.commitment c,"
					  " unnest(ARRAY[0, 7, 14, 21]) d WHERE c.cause_id = '%s'", next));
	is("10539 9133", arena_printf(test_memory(), "concat_ws(' ', open, released) FROM fund.commitment WHERE cause_id = '%s'", next));
	is("wrong_state", arena_printf(test_memory(), "outcome FROM fund.settle('%s', -1, 'recovered', 'paid_back')", over));
	whole();
	/* the other one came back for a part, and is not written off by who stopped it */
	over = sql("SELECT id FROM fund.overpayment WHERE request_id = '%s' AND line = 2", id);
	is("done", arena_printf(test_memory(), "outcome FROM fund.settle('%s', -1, 'recovered', 'paid_back')", over));
	is("-9133", "balance FROM fund.account WHERE kind = 'recovered'");
	whole();
	/* a stopped promise is not stopped again by what was kept back from the next one */
	sql("SELECT pay_due('%s', today() + 7)", next);
	cr_assert_str_eq(stop(next, "today() + 3"), "done");
	whole();
}

Test(weekly, an_approver_who_had_no_part_writes_it_off)
{
	const char *id, *over;

	pot(10000000);
	id = promised(HOME_1, "today() - 3", "today() + 45", 36200);
	sql("SELECT pay_due('%s', today())", id);
	cr_assert_str_eq(stop(id, "today()"), "done");
	over = sql("SELECT id FROM fund.overpayment WHERE request_id = '%s'", id);
	is("4 20686", arena_printf(test_memory(), "concat_ws(' ', nights, amount_pence) FROM fund.overpayment WHERE id = '%s'", over));
	sql("SELECT be('navigator')");
	is("none", arena_printf(test_memory(), "outcome FROM fund.settle('%s', -1, 'written_off', 'hardship')", over));
	sql("SELECT be('finance_approver')");
	is("done", arena_printf(test_memory(), "outcome FROM fund.settle('%s', -1, 'written_off', 'hardship')", over));
	is("0", arena_printf(test_memory(), "fund.outstanding(o) FROM fund.overpayment o WHERE id = '%s'", over));
	whole();
}

/* The bank returns the payment after the stop: nothing was paid too much then, and nothing stays promised. */
Test(weekly, what_comes_back_from_the_bank_is_no_overpayment)
{
	const char *id;

	pot(10000000);
	id = promised(HOME_1, "today() - 3", "today() + 45", 36200);
	sql("SELECT pay_due('%s', today())", id);
	cr_assert_str_eq(stop(id, "today()"), "done");
	sql("SELECT fund.post('bounce', 'request', c.cause_id, today(), ARRAY[fund.moved(c.pot_year_id, 'paid', 'committed', c.paid)])"
	    "  FROM fund.commitment c WHERE c.cause_id = '%s'", id);
	sql("UPDATE fund.commitment SET open = open + paid, paid = 0 WHERE cause_id = '%s'", id);
	sql("UPDATE fund.payment SET state = 'bounced', confirmed_by = NULL WHERE cause_id = '%s'", id);
	sql("SELECT fund.keep_promises()");
	is("20686 0", "concat_ws(' ', unpaid_pence, fund.outstanding(o)) FROM fund.overpayment o");
	is("15514 approved", arena_printf(test_memory(), "concat_ws(' ', c.open, r.state) FROM fund.commitment c JOIN fund.request r ON r.id = c.cause_id WHERE r.id = '%s'", id));
	whole();
}

/* Whatever was promised, paid and stopped when: paid is what was due and what is noted as too much, never less. */
Test(weekly, random_stops_add_up)
{
	unsigned seed = 7;

	pot(100000000);
	for (int i = 0; i < 40; i++) {
		int start = rand_r(&seed) % 120, length = 5 + rand_r(&seed) % 200, paid = rand_r(&seed) % 200, stopped = rand_r(&seed) % (length + 1);
		const char *id = promised(i % 2 ? HOME_1 : HOME_2, arena_printf(test_memory(), "today() - %d", start),
					  arena_printf(test_memory(), "today() - %d", start - length), i % 3 ? 1 + rand_r(&seed) % 60000 : 0);

		sql("SELECT pay_due('%s', today() - %d)", id, start - paid);
		cr_assert_str_eq(stop(id, arena_printf(test_memory(), "today() - %d", start - stopped)), "done", "seed %d", i);
		cr_expect_str_eq(sql("SELECT coalesce(sum(c.paid), 0) - greatest(least(sum(c.paid), fund.cost_between('%s', today() - %d, today() - %d)), 0)"
				     "  - (SELECT coalesce(sum(o.amount_pence), 0) FROM fund.overpayment o WHERE o.request_id = '%s') FROM fund.commitment c"
				     " WHERE c.cause_id = '%s' AND c.paid > 0", id, start, start - stopped, id, id), "0", "promise %d", i);
		sql("UPDATE fund.request SET asked_at = asked_at - interval '200 days' WHERE id = '%s'", id);
		sql("UPDATE fund.commitment SET committed_on = committed_on - 200 WHERE cause_id = '%s'", id);
		sql("UPDATE fund.request SET state = 'cancelled' WHERE id = '%s'", id);
	}
	/* they were put aside, so that the next one could have the same nights */
	sql("UPDATE fund.request r SET state = fund.state_after_stop(r.id)");
	whole();
}

#define NEXT_YEAR "fund.first_day(fund.year_of(today()) + 1)"

static const char *covered(const char *home)
{
	return sql("SELECT coalesce(string_agg(concat_ws(' ', lower(nights) - today(), upper(nights) - " NEXT_YEAR ", cut_off), '|'), '')"
		   "  FROM fund.covered WHERE household_id = '%s'", home);
}

/* However a promise ends, nothing of it stays promised. */
Test(weekly, nothing_stays_promised_after_any_end)
{
	const char *id, *year = pot(10000000);

	id = promised(HOME_1, "today()", "today() + 45", 36200);
	sql("SELECT be('navigator')");
	is("done", arena_printf(test_memory(), "outcome FROM fund.turn('%s', -1, 'cancel', 'not_needed')", id));
	is("0", arena_printf(test_memory(), "committed_pence FROM fund.year_view WHERE id = '%s'", year));
	id = promised(HOME_2, "today()", "today() + 45", 36200);
	sql("UPDATE fund.commitment SET expires_on = today() WHERE cause_id = '%s'", id);
	sql("SELECT fund.expire()");
	is("expired", arena_printf(test_memory(), "state FROM fund.request WHERE id = '%s'", id));
	cr_expect_str_eq(covered(HOME_2), "", "what has expired covers nothing");
	id = promised(HOME_2, "today()", "today() + 30", 36200);
	sql("UPDATE household SET closed_at = now(), erased_at = now(), erasure_reason = 'retention_end' WHERE id = '" HOME_2 "'");
	is("cancelled", arena_printf(test_memory(), "state FROM fund.request WHERE id = '%s'", id));
	is("0", arena_printf(test_memory(), "committed_pence FROM fund.year_view WHERE id = '%s'", year));
	whole();
}

/* ---- year ends ---- */


Test(weekly, the_slice_of_a_year_waits_for_its_pot)
{
	const char *year = pot(10000000), *next, *id;

	id = promised(HOME_1, "today()", NEXT_YEAR " + 21", 36200);
	is("1", arena_printf(test_memory(), "count(*) FROM fund.commitment WHERE cause_id = '%s'", id));
	cr_expect_str_eq(covered(HOME_1), "0 0 t", "nothing after 31 March");
	sql("SELECT fund.keep_promises()");
	cr_expect_str_eq(covered(HOME_1), "0 0 t");
	/* a provisional year promises a share of its budget */
	sql("SELECT be('finance_officer')");
	next = sql("SELECT id FROM fund.add_year((SELECT pot_id FROM fund.pot_year WHERE id = '%s'), fund.year_of(today()) + 1)", year);
	sql("SELECT fund.change_budget('%s', -1, 100000)", next);
	sql("SELECT fund.move_year('%s', -1, 'provisional')", next);
	sql("SELECT fund.keep_promises()");
	cr_expect_str_eq(covered(HOME_1), "0 0 t", "a quarter of 1,000 pounds is too little");
	sql("SELECT fund.change_budget('%s', -1, 400000)", next);
	sql("SELECT tidy()");
	cr_expect_str_eq(covered(HOME_1), "0 21 f");
	is("2 t", arena_printf(test_memory(), "concat_ws(' ', count(*), sum(c.promised) = min(r.amount_pence)) FROM fund.commitment c JOIN fund.request r ON r.id = c.cause_id WHERE r.id = '%s'", id));
	sql("SELECT fund.keep_promises()");
	is("2", arena_printf(test_memory(), "count(*) FROM fund.commitment WHERE cause_id = '%s'", id));
	whole();
	/* a stop before the year end frees the whole slice */
	cr_assert_str_eq(stop(id, "today() + 3"), "done");
	is("0", arena_printf(test_memory(), "committed_pence FROM fund.year_view WHERE id = '%s'", next));
	whole();
}

/* ---- the need, and its end ---- */

Test(weekly, what_goes_on_past_its_need_is_found)
{
	const char *id;

	pot(10000000);
	sql("UPDATE household SET nrpf = true WHERE id = '" HOME_1 "'");
	id = promised(HOME_1, "today() - 18", "today() + 45", 36200);
	sql("SELECT pay_due('%s', today())", id);
	is("0", "count(*) FROM fund.past_need");
	sql("UPDATE household SET nrpf = false WHERE id = '" HOME_1 "'");
	is("has_recourse 0 15514 15514", "concat_ws(' ', need_ended_as, days_since, due_past_pence, paid_past_pence) FROM fund.past_need");
	is("finance_officer fund_promise_ended|navigator fund_promise_ended",
	   "string_agg(for_role || ' ' || kind, '|' ORDER BY for_role) FROM task WHERE ended_at IS NULL AND kind LIKE 'fund_promise%'");
	sql("UPDATE fund.promise SET need_ended_on = today() - 10");
	is("10 67229", "concat_ws(' ', days_since, paid_past_pence) FROM fund.past_need");
	/* it was a mistake */
	sql("UPDATE household SET nrpf = true WHERE id = '" HOME_1 "'");
	is("0", "count(*) FROM fund.past_need");
	is("0", "count(*) FROM task WHERE ended_at IS NULL AND kind = 'fund_promise_ended'");
	cr_assert_str_eq(stop(id, "today() - 10"), "done");
	is("67229 67229", "concat_ws(' ', paid_past_pence, outstanding_pence) FROM fund.past_need");
	whole();
}

Test(weekly, leave_that_is_granted_ends_the_need)
{
	pot(10000000);
	sql("UPDATE household SET nrpf = true WHERE id = '" HOME_1 "'");
	promised(HOME_1, "today()", "today() + 45", 36200);
	sql("UPDATE household SET immigration_status = 'application_pending' WHERE id = '" HOME_1 "'");
	is("0", "count(*) FROM fund.past_need");
	sql("UPDATE household SET immigration_status = 'refugee' WHERE id = '" HOME_1 "'");
	is("leave_granted", "need_ended_as FROM fund.past_need");
	sql("UPDATE household SET closed_at = now() WHERE id = '" HOME_1 "'");
	is("case_closed", "need_ended_as FROM fund.past_need");
}

Test(weekly, another_person_means_a_review)
{
	pot(10000000);
	sql("SELECT be('navigator')");
	cr_assert_str_eq(approve(sql("SELECT id FROM fund.ask_weekly('" HOME_1 "', jsonb_build_object('category', 'nrpf_subsistence', 'means', 'voucher',"
				     " 'start_on', today(), 'end_on', today() + 28, 'review_on', today() + 20))")), "done");
	is("20", "review_on - today() FROM fund.promise");
	sql("UPDATE member SET ended_at = now() WHERE household_id = '" HOME_1 "' AND kind = 'child'");
	is("0", "review_on - today() FROM fund.promise");
	sql("SELECT fund.keep_promises()");
	is("1", "count(*) FROM task WHERE ended_at IS NULL AND kind = 'fund_promise_review' AND due_on = today()");
}

Test(weekly, a_review_is_a_task)
{
	const char *id;

	pot(10000000);
	id = promised(HOME_1, "today()", "today() + 45", 36200);
	sql("SELECT fund.keep_promises()");
	is("navigator 0", "concat_ws(' ', for_role, due_on - today()) FROM task WHERE ended_at IS NULL AND kind = 'fund_promise_review'");
	sql("SELECT be('navigator')");
	is("wrong_state", arena_printf(test_memory(), "outcome FROM fund.review_promise('%s', -1, today() + 46, NULL)", id));
	is("done", arena_printf(test_memory(), "outcome FROM fund.review_promise('%s', -1, today() + 30, today() - 5)", id));
	sql("SELECT fund.keep_promises()");
	is("0", "count(*) FROM task WHERE ended_at IS NULL AND kind = 'fund_promise_review'");
	whole();
}

/* ---- tampering is found ---- */

Test(weekly, a_line_that_was_changed_is_found)
{
	pot(10000000);
	promised(HOME_1, "today()", "today() + 45", 36200);
	whole();
	sql("UPDATE fund.promise_line SET weekly_pence = weekly_pence + 1");
	cr_assert(strstr(sql("SELECT string_agg(what, '; ') FROM fund.faults()"), "a promise is not the sum of its lines"));
	cr_assert(strstr(sql("SELECT string_agg(what, '; ') FROM fund.faults()"), "a slice is not what the nights of its year cost"));
}
