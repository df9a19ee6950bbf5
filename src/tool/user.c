/* Organisations and accounts, for an installation that has no account to sign in with yet. */
#include <string.h>

#include "api/codes.h"
#include "base/text.h"
#include "base/uuid.h"
#include "seal/password.h"
#include "serve/route.h"
#include "sql.h"
#include "tool/tool.h"

/* ---- organisations ---- */

int tool_organisation_add(struct tool *t)
{
	enum { KIND, PARTNERSHIP, VALUES };
	static const struct option options[] = { { "kind", required_argument, NULL, KIND },
						 { "partnership", required_argument, NULL,
						   PARTNERSHIP },
						 { 0 } };
	const char *v[VALUES] = { NULL };
	struct batch *b;

	if (!tool_options(t, options, v) || t->argc != 1 || !v[KIND] || !v[PARTNERSHIP])
		return tool_usage(t);
	if (code_index(&organisation_kind_codes, v[KIND]) < 0)
		return tool_fail("--kind must be one of %s",
				 tool_names(t->arena, &organisation_kind_codes));
	if (!tool_open(t))
		return TOOL_FAILED;
	b = db_sync_query(t->db, t->arena, &SQL_TOOL_ORGANISATION_ADD, t->argv[0], v[KIND],
			  v[PARTNERSHIP]);
	if (!tool_ok(b))
		return TOOL_FAILED;
	if (batch_rows(b, 0) == 0)
		return tool_fail("the partnership has an organisation of that name");
	printf("added %s\n", batch_value(b, 0, 0, "id"));
	return TOOL_DONE;
}

int tool_organisation_list(struct tool *t)
{
	return tool_list(t, &SQL_TOOL_ORGANISATION_LIST);
}

/* ---- passwords ---- */

/* 96 bits, in groups that can be read out. There are no vowels, so no group is a word. */
static const char *make_password(struct arena *a)
{
	static const char letters[] = "23456789bcdfghjkmnpqrstvwxyz";
	enum { GROUPS = 5, GROUP = 4, KINDS = sizeof(letters) - 1, FAIR = 256 / KINDS * KINDS };
	struct text t = text_in(a);

	for (int i = 0; i < GROUPS * GROUP;) {
		unsigned char byte;

		random_bytes(&byte, 1);
		if (byte >= FAIR)
			continue;	/* else the first letters would come more often */
		if (i && i % GROUP == 0)
			text_putc(&t, '-');
		text_putc(&t, letters[byte % KINDS]);
		i++;
	}
	return text_done(&t);
}

static const char *read_password(struct arena *a)
{
	char line[PASSWORD_BYTES_MAX + 3];

	if (!fgets(line, sizeof(line), stdin))
		return "";
	line[strcspn(line, "\r\n")] = '\0';
	return arena_strdup(a, line);
}

static bool acceptable(const char *password)
{
	switch (password_judge(password)) {
	case PASSWORD_FINE:
		return true;
	case PASSWORD_TOO_SHORT:
	case PASSWORD_TOO_LONG:
		tool_fail("a password has %d to %d characters", PASSWORD_POINTS_MIN,
			  PASSWORD_POINTS_MAX);
		return false;
	case PASSWORD_NOT_TEXT:
		break;
	}
	tool_fail("the password is not valid UTF-8 text");
	return false;
}

/* Reads a password from standard input or makes one, and writes its hash into `hash`. NULL after
 * printing why that failed. */
static const char *choose_password(struct tool *t, bool from_stdin, char hash[PASSWORD_HASH_SIZE])
{
	const char *password = from_stdin ? read_password(t->arena) : make_password(t->arena);

	if (!acceptable(password))
		return NULL;
	if (!password_hash(password, hash)) {
		tool_fail("out of memory");
		return NULL;
	}
	return password;
}

static void tell_password(const char *password, bool from_stdin)
{
	if (!from_stdin)
		printf("password: %s\nIt is not shown again.\n", password);
}

/* ---- accounts ---- */

enum { NAME, ACCOUNT_ROLE, ORGANISATION, STDIN, VALUES };

/* NULL after printing why not. */
static const char *find_organisation(struct tool *t, const char *name_or_id)
{
	struct batch *b = db_sync_query(t->db, t->arena, &SQL_TOOL_ORGANISATION_FIND, name_or_id);

	if (!tool_ok(b))
		return NULL;
	if (batch_rows(b, 0) == 1)
		return batch_value(b, 0, 0, "id");
	tool_fail(batch_rows(b, 0) ? "%s: several organisations have that name: give the id"
				   : "%s: no such organisation", name_or_id);
	return NULL;
}

static int add_account(struct tool *t, const char *const *v)
{
	char hash[PASSWORD_HASH_SIZE];
	const char *organisation = find_organisation(t, v[ORGANISATION]), *password;
	struct batch *b;

	if (!organisation)
		return TOOL_FAILED;
	password = choose_password(t, v[STDIN] != NULL, hash);
	if (!password)
		return TOOL_FAILED;
	b = db_sync_query(t->db, t->arena, &SQL_TOOL_ACCOUNT_ADD, organisation, t->argv[0], v[NAME],
			  v[ACCOUNT_ROLE], hash);
	if (!tool_ok(b))
		return TOOL_FAILED;
	if (batch_rows(b, 0) == 0)
		return tool_fail("%s: there is an account with that username already", t->argv[0]);
	printf("added %s\n", batch_value(b, 0, 0, "username"));
	tell_password(password, v[STDIN] != NULL);
	return TOOL_DONE;
}

int tool_user_add(struct tool *t)
{
	static const struct option options[] = { { "name", required_argument, NULL, NAME },
						 { "role", required_argument, NULL, ACCOUNT_ROLE },
						 { "organisation", required_argument, NULL,
						   ORGANISATION },
						 { "password-stdin", no_argument, NULL, STDIN },
						 { 0 } };
	const char *v[VALUES] = { NULL };

	if (!tool_options(t, options, v) || t->argc != 1 || !v[NAME] || !v[ACCOUNT_ROLE] ||
	    !v[ORGANISATION])
		return tool_usage(t);
	if (code_index(&role_codes, v[ACCOUNT_ROLE]) < 0)
		return tool_fail("--role must be one of %s", tool_names(t->arena, &role_codes));
	return tool_open(t) ? add_account(t, v) : TOOL_FAILED;
}

int tool_user_list(struct tool *t)
{
	return tool_list(t, &SQL_TOOL_ACCOUNT_LIST);
}

/* b has one row: the number of changed accounts and of their ended sessions. */
static int changed(const struct batch *b, const char *username, const char *what)
{
	if (!tool_ok(b))
		return TOOL_FAILED;
	if (strcmp(batch_value(b, 0, 0, "accounts"), "0") == 0)
		return tool_fail("%s: no such open account", username);
	printf("%s %s, %s sessions ended\n", username, what, batch_value(b, 0, 0, "sessions"));
	return TOOL_DONE;
}

int tool_user_disable(struct tool *t)
{
	if (t->argc != 1)
		return tool_usage(t);
	if (!tool_open(t))
		return TOOL_FAILED;
	return changed(db_sync_query(t->db, t->arena, &SQL_TOOL_ACCOUNT_DISABLE, t->argv[0]),
		       t->argv[0], "disabled");
}

int tool_user_password(struct tool *t)
{
	static const struct option options[] = { { "password-stdin", no_argument, NULL, STDIN },
						 { 0 } };
	const char *v[VALUES] = { NULL }, *password;
	char hash[PASSWORD_HASH_SIZE];
	int code;

	if (!tool_options(t, options, v) || t->argc != 1)
		return tool_usage(t);
	if (!tool_open(t))
		return TOOL_FAILED;
	password = choose_password(t, v[STDIN] != NULL, hash);
	if (!password)
		return TOOL_FAILED;
	code = changed(db_sync_query(t->db, t->arena, &SQL_TOOL_ACCOUNT_PASSWORD, t->argv[0], hash),
		       t->argv[0], "has a new password");
	if (code == TOOL_DONE)
		tell_password(password, v[STDIN] != NULL);
	return code;
}
