/* The export to the general ledger: what goes there, once; files that are the same each time, exact, and safe to open. */
#include <string.h>

#include "funding.h"

TestSuite(fund_export, .init = service_start, .fini = service_stop);

#define BATCHES "/api/v1/fund/gl-batches"

static void coded(const char *year)
{
	struct answer a = call_with(ROLE_finance_officer, "PATCH", sql("SELECT '/api/v1/fund/years/%s/pot'", year),
				    "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n",
				    "{\"cost_centre\":\"00420\",\"gl_code\":\"007150\"}");

	assert_status(a, 200);
}

static struct answer set(const char *acts, const char *code)
{
	return call_with(ROLE_finance_officer, "POST", "/api/v1/fund/gl-settings",
			 sql("SELECT E'If-Match: *\\r\\nIdempotency-Key: ' || gen_random_uuid() || E'\\r\\nContent-Type: application/json\\r\\n'"),
			 sql("SELECT '{\"acts\":[%s],\"clearing_code\":\"%s\",\"vat_code\":\"OS\"}'", acts, code));
}

#define USUAL "\"confirm\",\"bounce\",\"recover\",\"lapse\",\"carry\""

/* A request that is approved, and paid by two postings, as a payment run will book them. */
static const char *paid(const char *year, const char *category, long pence)
{
	const char *id = fund_asked(FUND_HOME, category, pence);
	struct answer a = fund_act(ROLE_finance_approver, id, "approve", "{}");

	assert_status(a, 200);
	sql("SELECT fund.post('freeze', 'request', '%s', today(), ARRAY[fund.moved('%s', 'committed', 'in_payment', %ld)], '" FUND_HOME "')",
	    id, year, pence);
	sql("UPDATE fund.commitment SET open = 0, paid = %ld WHERE cause_id = '%s'", pence, id);
	return sql("SELECT fund.post('confirm', 'request', '%s', today(), ARRAY[fund.moved('%s', 'in_payment', 'paid', %ld)], '" FUND_HOME "')",
		   id, year, pence);
}

static struct answer batch(void)
{
	return call(ROLE_finance_officer, "POST", BATCHES, NULL);
}

static struct answer file(const char *id, const char *name)
{
	return call_with(ROLE_finance_officer, "GET", sql("SELECT '/fund/gl-batches/%s/%s'", id, name), "Accept: text/html\r\n", NULL);
}

Test(fund_export, what_is_paid_is_exported_once)
{
	const char *year = fund_pot("Flee", 100000), *posting, *id;
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	posting = paid(year, "school", 12345);
	a = batch();
	assert_problem(a, 409, "fund-codes");
	a = set(USUAL, "009900");
	assert_status(a, 200);
	a = batch();
	assert_problem(a, 409, "fund-codes");
	cr_assert(strstr(answer_text(&a, "detail"), "Flee"), "%s", a.body);
	coded(year);
	a = batch();
	assert_status(a, 201);
	cr_assert_str_eq(answer_text(&a, "reference"), "GL-000001");
	cr_assert_eq(answer_int(&a, "lines"), 2);
	cr_assert_eq(answer_int(&a, "total_pence"), 12345);
	id = answer_text(&a, "id");
	a = batch();
	assert_problem(a, 409, "wrong-state");
	a = file(id, "journal.csv");
	assert_status(a, 200);
	cr_assert_str_eq(a.body, sql("SELECT "
		"'batch_id,line_no,posting_id,booked_on,value_on,period,gl_code,cost_centre,pot_code,funder_ref,category,case_ref,"
		"debit,credit,vat_code,vat_amount,reference,reverses_posting' || E'\\r\\n'"
		" || 'GL-000001,1,' || p.id || ',' || today() || ',' || today() || ',' || fund.period_of(today()) || ',007150,00420,Flee,"
		"A funder,school,' || r.reference || ',123.45,0.00,OS,0.00,' || p.seq || E',\\r\\n'"
		" || 'GL-000001,2,' || p.id || ',' || today() || ',' || today() || ',' || fund.period_of(today()) || ',009900,00420,Flee,"
		"A funder,school,' || r.reference || ',0.00,123.45,OS,0.00,' || p.seq || E',\\r\\n'"
		" || E'GL-000001,2,CONTROL,,,,,,,,,,123.45,123.45,,,,\\r\\n'"
		"  FROM fund.posting p JOIN fund.request r ON r.id = p.cause_id WHERE p.id = '%s'", posting));
	a = file(id, "journal-bom.csv");
	cr_assert_eq(strncmp(a.body, "\xef\xbb\xbf" "batch_id,", 12), 0);
}

Test(fund_export, a_batch_is_the_same_each_time_whatever_changes)
{
	const char *year = fund_pot("Flee", 100000), *id, *first;
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	coded(year);
	set(USUAL, "009900");
	paid(year, "school", 700);
	a = batch();
	assert_status(a, 201);
	id = answer_text(&a, "id");
	a = file(id, "journal.csv");
	first = a.body;
	a = file(id, "journal.xlsx");
	assert_status(a, 200);
	cr_assert_eq(memcmp(a.body, "PK\x03\x04", 4), 0);
	a = call_with(ROLE_finance_officer, "PATCH", sql("SELECT '/api/v1/fund/years/%s/pot'", year),
		      "If-Match: *\r\nContent-Type: application/merge-patch+json\r\n", "{\"name\":\"Renamed\",\"gl_code\":\"1\"}");
	assert_status(a, 200);
	set("\"confirm\"", "2");
	a = file(id, "journal.csv");
	cr_assert_str_eq(a.body, first);
	cr_assert_str_eq(sql("SELECT count(*) FROM audit.event WHERE action = 'read' AND subject_kind = 'gl_batch' AND subject_id = '%s'", id),
			 "3");
	a = file(id, "journal.exe");
	assert_status(a, 404);
	a = call(ROLE_finance_approver, "GET", sql("SELECT '/fund/gl-batches/%s/journal.csv'", id), NULL);
	assert_status(a, 403);
	a = call(ACTOR_other_officer, "GET", sql("SELECT '/api/v1/fund/gl-batches/%s'", id), NULL);
	assert_status(a, 403);
}

/* Text that a spreadsheet would take for a formula is quoted; an amount never is. */
Test(fund_export, a_name_is_no_formula)
{
	const char *year = fund_pot("=HYPERLINK(1)", 100000);
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	coded(year);
	set(USUAL, "-2+3+cmd");
	paid(year, "school", 700);
	a = batch();
	assert_status(a, 201);
	a = file(answer_text(&a, "id"), "journal.csv");
	cr_assert(strstr(a.body, ",\"'=HYPERLINK(1)\","), "%s", a.body);
	cr_assert(strstr(a.body, ",\"'-2+3+cmd\","), "%s", a.body);
}

Test(fund_export, what_comes_back_is_the_mirror_and_a_reversal_goes_with_its_act)
{
	const char *year = fund_pot("Flee", 100000), *posting;
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	coded(year);
	set(USUAL, "009900");
	posting = paid(year, "school", 700);
	sql("SELECT fund.post('reverse', 'request', p.cause_id, today(), ARRAY[fund.moved('%s', 'paid', 'in_payment', 700)], p.household_id, p.id)"
	    " FROM fund.posting p WHERE p.id = '%s'", year, posting);
	sql("SELECT fund.post('bounce', 'request', p.cause_id, today(), ARRAY[fund.moved('%s', 'in_payment', 'committed', 700)], p.household_id)"
	    " FROM fund.posting p WHERE p.id = '%s'", year, posting);
	sql("SELECT fund.post('recover', 'pot_year', '%s', today(), ARRAY[fund.moved('%s', 'recovered', 'free', 50)])", year, year);
	a = batch();
	assert_status(a, 201);
	cr_assert_eq(answer_int(&a, "lines"), 6, "a payment that the ledger never saw does not come back: %s", a.body);
	cr_assert_str_eq(sql("SELECT string_agg(gl_code || ' ' || debit || ' ' || credit || ' ' || (reverses IS NOT NULL), ', ' ORDER BY n)"
			     "  FROM fund.gl_line"),
			 "007150 700 0 false, 009900 0 700 false, 009900 700 0 true, 007150 0 700 true, 009900 50 0 false, 007150 0 50 false");
}

Test(fund_export, what_is_added_counts_from_then_on)
{
	const char *year = fund_pot("Flee", 100000);
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	coded(year);
	set(USUAL, "009900");
	paid(year, "school", 700);
	a = set(USUAL ",\"commit\",\"release\"", "009900");
	assert_status(a, 200);
	a = batch();
	assert_status(a, 201);
	cr_assert_eq(answer_int(&a, "lines"), 2, "%s", a.body);
	a = fund_act(ROLE_finance_approver, fund_asked(FUND_HOME, "childcare", 300), "approve", "{}");
	assert_status(a, 200);
	a = batch();
	assert_status(a, 201);
	cr_assert_str_eq(answer_text(&a, "reference"), "GL-000002");
	cr_assert_eq(answer_int(&a, "total_pence"), 300);
}

Test(fund_export, nobody_writes_over_a_batch)
{
	const char *year = fund_pot("Flee", 100000);
	struct answer a;

	fund_limit("finance_approver", 60000, 90000, 0, 0);
	coded(year);
	set(USUAL, "009900");
	paid(year, "school", 700);
	a = call(ROLE_finance_approver, "POST", BATCHES, NULL);
	assert_status(a, 403);
	a = batch();
	assert_status(a, 201);
	cr_assert_str_eq(sql("SELECT count(*) FROM fund.gl_line l JOIN fund.gl_line m USING (posting_id, transfer, side) WHERE l.n <> m.n"), "0");
	a = call_with(ROLE_finance_officer, "GET", "/fund/gl-batches", "Accept: text/html\r\n", NULL);
	assert_status(a, 200);
	cr_assert(strstr(a.body, "GL-000001"));
	a = call_with(ROLE_finance_officer, "GET", "/fund/gl-settings", "Accept: text/html\r\n", NULL);
	cr_assert(strstr(a.body, "value=\"confirm\" checked"), "%s", a.body);
}

static struct answer closes(const char *year)
{
	return call_with(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/years/%s/state'", year),
			 sql("SELECT E'If-Match: \"' || version || E'\"\\r\\nIdempotency-Key: ' || gen_random_uuid() || E'\\r\\nContent-Type: application/json\\r\\n'"
			     "  FROM fund.pot_year WHERE id = '%s'", year), "{\"state\":\"closed\"}");
}

/* The dry run says how many, and so does the refusal; without settings nothing is due. */
Test(fund_export, a_year_is_closed_once_its_postings_are_exported)
{
	const char *year = fund_pot("Flee", 100000), *last;
	struct answer a;

	last = sql("SELECT fund.open_year(y.pot_id, y.year - 1) FROM fund.pot_year y WHERE y.id = '%s'", year);
	sql("UPDATE fund.pot_year SET state = 'soft_closed' WHERE id = '%s'", last);
	sql("SELECT fund.post('grant', 'pot_year', y.id, fund.day_in(y.year), ARRAY[fund.moved(y.id, 'granted', 'free', 300)]),"
	    " fund.post('lapse', 'pot_year', y.id, fund.day_in(y.year), ARRAY[fund.moved(y.id, 'free', 'lapsed', 300)])"
	    " FROM fund.pot_year y WHERE y.id = '%s'", last);
	coded(last);
	set(USUAL, "009900");
	a = call(ROLE_finance_officer, "GET", sql("SELECT '/api/v1/fund/years/%s'", last), NULL);
	cr_assert_eq(answer_int(&a, "unexported"), 1, "%s", a.body);
	a = closes(last);
	assert_problem(a, 409, "fund-unsettled");
	cr_assert(strstr(answer_text(&a, "detail"), "in no batch: 1"), "%s", a.body);
	assert_status(batch(), 201);
	assert_status(closes(last), 200);
}

Test(fund_export, a_council_without_a_ledger_of_its_own_closes_its_years)
{
	const char *year = fund_pot("Flee", 100000), *last;

	last = sql("SELECT fund.open_year(y.pot_id, y.year - 1) FROM fund.pot_year y WHERE y.id = '%s'", year);
	sql("UPDATE fund.pot_year SET state = 'soft_closed' WHERE id = '%s'", last);
	sql("SELECT fund.post('grant', 'pot_year', y.id, fund.day_in(y.year), ARRAY[fund.moved(y.id, 'granted', 'free', 300)]),"
	    " fund.post('lapse', 'pot_year', y.id, fund.day_in(y.year), ARRAY[fund.moved(y.id, 'free', 'lapsed', 300)])"
	    " FROM fund.pot_year y WHERE y.id = '%s'", last);
	assert_status(closes(last), 200);
}

Test(fund_export, periods_begin_in_april)
{
	cr_assert_str_eq(sql("SELECT fund.period_of('2026-04-01') || ' ' || fund.period_of('2027-03-31') || ' ' || fund.period_of('2026-11-30')"),
			 "202601 202612 202608");
	cr_assert_str_eq(sql("SELECT fund.period_of('2028-02-29') || ' ' || fund.period_of('2026-12-31') || ' ' || fund.period_of('2026-05-31')"),
			 "202711 202609 202602");
}
