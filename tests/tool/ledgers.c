#include "ledgers.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "database.h"

/* The statements below are the owner's; be() says for whom they are made. */
void ledger_start(void)
{
	setenv("HAVEN_DATABASE", fresh_database("haven_template"), 1);
	sql("CREATE FUNCTION be(r text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('haven.account', a.id::text, false)"
	    " || set_config('haven.organisation', a.organisation_id::text, false) || set_config('haven.role', a.role, false)"
	    " || set_config('haven.partners', partners_of(a.organisation_id)::text, false)"
	    " || set_config('haven.denied', '', false) || set_config('haven.opened', '', false)"
	    "  FROM account a WHERE a.username = r $$");
}

const char *ledger_pot(const char *name, long pence)
{
	const char *year;

	sql("SELECT be('finance_officer')");
	year = sql("SELECT fund.add_pot('{\"name\":\"%s\",\"funder\":\"A funder\",\"categories\":[\"school\",\"childcare\"]}')", name);
	cr_assert_str_eq(sql("SELECT fund.change_budget('%s', -1, %ld)", year, pence), "done");
	cr_assert_str_eq(sql("SELECT fund.move_year('%s', -1, 'open')", year), "done");
	return year;
}

void ledger_limits(void)
{
	sql("SELECT fund.set_limit(jsonb_build_object('role', r, 'single_pence', 1000000, 'month_pence', 90000000,"
	    " 'two_from_pence', 5000)) FROM unnest(ARRAY['housing_officer', 'finance_approver']) r");
}
