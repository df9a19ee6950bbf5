/* `haven ledger verify`: what it finds, and what nobody can change. */
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

TestSuite(ledger, .init = ledger_start, .fini = drop_database, .timeout = 240);

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

	ledger_pot("Pot", 60000);
	ledger_limits();
	sql("SELECT be('navigator')");
	id = sql("SELECT id FROM fund.ask('" HOME_1 "', '{\"category\":\"school\",\"amount_pence\":4000,\"means\":\"voucher\"}')");
	sql("SELECT be('finance_approver')");
	cr_assert_str_eq(sql("SELECT t.outcome FROM fund.approve('%s', -1, NULL, NULL) t", id), "done");
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
