/* `haven ledger verify`: the fund's ledger added up again from its movements, on this database or a restored dump of
 * one. `haven ledger states`: what may become of requests and payments, drawn from the tables that decide it. */
#include "sql.h"
#include "tool/tool.h"

int tool_ledger_verify(struct tool *t)
{
	struct batch *b;

	if (t->argc)
		return tool_usage(t);
	if (!tool_open(t))
		return TOOL_FAILED;
	b = db_sync_query(t->db, t->arena, &SQL_TOOL_LEDGER_VERIFY);
	if (!tool_ok(b))
		return TOOL_FAILED;
	if (batch_rows(b, 0)) {
		tool_print(b);
		return tool_fail("the ledger is wrong");
	}
	b = db_sync_query(t->db, t->arena, &SQL_TOOL_LEDGER_SIZE);
	if (!tool_ok(b))
		return TOOL_FAILED;
	printf("ledger: whole; %s postings, %s movements, %s accounts, %s commitments\n",
	       batch_value(b, 0, 0, "postings"), batch_value(b, 0, 0, "transfers"), batch_value(b, 0, 0, "accounts"),
	       batch_value(b, 0, 0, "commitments"));
	return TOOL_DONE;
}

int tool_ledger_states(struct tool *t)
{
	struct batch *b;

	if (t->argc)
		return tool_usage(t);
	if (!tool_open(t))
		return TOOL_FAILED;
	b = db_sync_query(t->db, t->arena, &SQL_TOOL_LEDGER_STATES);
	if (!tool_ok(b))
		return TOOL_FAILED;
	fputs(batch_value(b, 0, 0, "page"), stdout);
	return TOOL_DONE;
}
