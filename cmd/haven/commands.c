#include "commands.h"

#include "demo/demo.h"

const struct tool_command haven_commands[] = {
	{ "help", "", "Print this list", tool_help },
	{ "config", "", "Print the effective settings, as a file for --config", tool_config },
	{ "openapi", "", "Print the OpenAPI document of the service", tool_openapi },
	{ "keys init", "", "Make the vault's key file; never overwrites", tool_keys_init },
	{ "keys status", "", "Show the root keys and the number of data keys that each wraps",
	  tool_keys_status },
	{ "keys rotate", "",
	  "Wrap every data key by a new root key; may be interrupted and repeated. If root owns the key file, "
	  "the vault takes it up when it starts again: end the process `vault` of run_dir/pids",
	  tool_keys_rotate },
	{ "migrate", "", "Bring the database to this program's schema and geography",
	  tool_migrate },
	{ "migrate status", "", "List the schema files; exit 1 if one is not applied, or was changed since",
	  tool_migrate_status },
	{ "audit key", "", "Print the public key of the audit trail's heads, from the key file",
	  tool_audit_key },
	{ "ledger verify", "",
	  "Add the fund's ledger up again from its movements and compare: balances, promises, approvals and the audit trail",
	  tool_ledger_verify },
	{ "ledger states", "",
	  "Draws what may become of requests and payments of the fund, as Markdown with Mermaid: deploy/docs/fund-states.md.\n",
	  tool_ledger_states },
	{ "audit head", "", "Print the newest head of the audit trail on one line; keep it elsewhere",
	  tool_audit_head },
	{ "audit verify",
	  "[--dump FILE] [--key HEX] [--head FILE] [--late MINUTES] [--unlinked SECONDS]",
	  "Check the sealed audit trail in the database, or offline in the output of `pg_dump -t 'audit.*'` "
	  "(- for standard input). --key as printed by `audit key`, else from the key file. --head: lines "
	  "of `audit head`, which prove that nothing before them was cut. Heads may come 10 minutes after "
	  "an event, links 120 seconds. Exit 0 only if all is well",
	  tool_audit_verify },
	{ "household erase", "REFERENCE --reason REASON",
	  "Erase a household whose case is closed: destroy its key and everything that names a person, keep "
	  "statistics without identity, and prove it. REASON: retention_end, data_subject_request, "
	  "recorded_in_error, court_order. Older backups hold the wrapped key until they expire; "
	  "`keys rotate` ends that too. Repeat it with the tombstone's reference to check again",
	  tool_household_erase },
	{ "policy preview", "FILE",
	  "Say what a policy file would do to the households that wait and the places that are open now: another first "
	  "place, nothing or something that fits, another band, another order. By case reference; nothing is written",
	  tool_policy_preview },
	{ "decision replay", "ID | --all",
	  "Judge a hold again from what was kept of it, by the policy of its day, and say whether the answer is the same; "
	  "ID is the placement's. What is not kept, or was erased with its household, is counted apart. Exit 1 if one "
	  "is different",
	  tool_decision_replay },
	{ "organisation add", "NAME --kind KIND --partnership NAME",
	  "Add an organisation, and its partnership if that is new", tool_organisation_add },
	{ "organisation list", "", "List the organisations", tool_organisation_list },
	{ "geography import", "FILE…",
	  "Take up districts, neighbours, centres and authorities from postcodes: the CSV of the ONS Postcode Directory, "
	  "or those of OS Code-Point Open. One transaction: what is interrupted has changed nothing, and is begun again",
	  tool_geography_import },
	{ "bank-holiday add", "DAY NAME",
	  "Add a bank holiday as it is proclaimed, like 2023-05-08: turnarounds leave it out. The usual ones are known",
	  tool_bank_holiday_add },
	{ "bank-holiday remove", "DAY", "Remove a bank holiday that was moved or given up",
	  tool_bank_holiday_remove },
	{ "office-hours list", "", "List the hours at which offices are open; a referral at others is one out of hours",
	  tool_office_hours_list },
	{ "office-hours set", "WEEKDAY FROM UNTIL", "Set the hours of a weekday, like: monday 09:00 17:00",
	  tool_office_hours_set },
	{ "office-hours close", "WEEKDAY", "Close the offices on a weekday", tool_office_hours_close },
	{ "helpline list", "", "List the services that a person is told who may ask for help directly, in order",
	  tool_helpline_list },
	{ "helpline set", "PLACE SERVICE TELEPHONE HOURS ABOUT",
	  "Add a service at that place of the order, or replace the one there; ABOUT: the people whom it helps",
	  tool_helpline_set },
	{ "helpline remove", "PLACE", "Remove the service at that place", tool_helpline_remove },
	{ "user add",
	  "USERNAME --name NAME --role ROLE --organisation NAME_OR_ID [--password-stdin]",
	  "Add an account; without --password-stdin the tool makes a password and prints it once",
	  tool_user_add },
	{ "user list", "", "List the accounts", tool_user_list },
	{ "user disable", "USERNAME", "Close an account and end its sessions", tool_user_disable },
	{ "user password", "USERNAME [--password-stdin]", "Set a new password and end the sessions",
	  tool_user_password },
	{ "demo load", "[--size S|M|L|XL | --vacancies N] [--events N]",
	  "Fill an empty database with invented data: the Tees, or a generated set of a size",
	  demo_load },
	{ 0 },
};
