/* The sealed audit trail: its public key, its newest head, and a check that nothing is missing. */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "audit/read.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/text.h"
#include "seal/keys.h"
#include "sql.h"
#include "tool/tool.h"

enum {
	LATE_MINUTES = 10,
	UNLINKED_SECONDS = 120,
	TOLD = 20,		/* faults of a kind that are printed one by one */
	HEX = 2 * AUDIT_KEY + 1,
};

/* ---- the key ---- */

static bool key_of_file(struct tool *t, unsigned char key[AUDIT_KEY])
{
	const char *path = *t->config.key_file ? t->config.key_file : NULL, *error;
	unsigned char secret[AUDIT_SECRET];
	struct vault_keys *keys = vault_keys_load(path, &error);

	if (!keys) {
		tool_fail("%s: give the public key with --key, or run as a user who can read the key file",
			  error);
		return false;
	}
	audit_key_derive(keys, key, secret);
	sodium_memzero(secret, sizeof(secret));
	vault_keys_free(keys);
	return true;
}

static bool key_of_words(const char *hex, unsigned char key[AUDIT_KEY])
{
	size_t len;

	if (strlen(hex) == HEX - 1 &&
	    sodium_hex2bin(key, AUDIT_KEY, hex, HEX - 1, NULL, &len, NULL) == 0 && len == AUDIT_KEY)
		return true;
	tool_fail("--key is the 64 hexadecimal digits that `haven audit key` prints");
	return false;
}

int tool_audit_key(struct tool *t)
{
	unsigned char key[AUDIT_KEY];
	char hex[HEX];

	if (!key_of_file(t, key))
		return TOOL_FAILED;
	puts(sodium_bin2hex(hex, sizeof(hex), key, sizeof(key)));
	return TOOL_DONE;
}

/* ---- the newest head ---- */

int tool_audit_head(struct tool *t)
{
	char line[AUDIT_HEAD_LINE];
	struct audit_head head;
	const char *error;

	if (!tool_open(t))
		return TOOL_FAILED;
	if (!audit_read_newest(t->db, t->arena, &head, &error))
		return tool_fail("%s", error);
	if (head.number == 0)
		return tool_fail("no head has been signed yet: is the service running?");
	audit_head_format(&head, line);
	puts(line);
	return TOOL_DONE;
}

/* ---- checking it ---- */

enum { DUMP, KEY, HEAD, LATE, UNLINKED, VALUES };

struct verifying {
	struct tool *t;
	struct audit_verify *v;
	int64_t began;
	int64_t count[AUDIT_FAULTS];
};

static void found(enum audit_fault fault, int64_t number, void *arg)
{
	struct verifying *w = arg;

	if (++w->count[fault] > TOLD)
		return;
	printf("%s: %s %" PRId64 " %s\n", audit_fault_names[fault].code,
	       audit_fault_names[fault].subject, number, audit_fault_names[fault].text);
}

static void progress(int64_t rows, void *arg)
{
	const struct verifying *w = arg;
	int64_t us = clock_mono() - w->began;

	fprintf(stderr, "\r%" PRId64 " rows, %" PRId64 " a second", rows, rows * SECOND_US / (us + 1));
}

/* `def` if there is no text. */
static bool number_of(const char *text, int64_t def, int64_t *n)
{
	*n = def;
	return !text || (text_to_i64(text, n) && *n >= 0 && *n <= INT32_MAX);
}

static bool know_line(struct verifying *w, const char *line)
{
	struct audit_head head;

	if (*line == '\n' || *line == '#')
		return true;
	if (!audit_head_parse(line, &head))
		return false;
	audit_verify_know(w->v, &head);
	return true;
}

static bool know_lines(struct verifying *w, FILE *f)
{
	char *line = NULL;
	size_t cap = 0;
	bool ok = true;

	while (ok && getline(&line, &cap, f) >= 0)
		ok = know_line(w, line);
	free(line);
	return ok;
}

static bool know_file(struct verifying *w, const char *path)
{
	FILE *f = fopen(path, "re");
	bool ok;

	if (!f) {
		tool_fail("%s: %s", path, strerror(errno));
		return false;
	}
	ok = know_lines(w, f);
	fclose(f);
	if (!ok)
		tool_fail("%s: a line is not in the form that `haven audit head` prints", path);
	return ok;
}

static bool read_dump(struct verifying *w, const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *f = standard ? stdin : fopen(path, "re");
	const char *error;
	bool ok;

	if (!f) {
		tool_fail("%s: %s", path, strerror(errno));
		return false;
	}
	ok = audit_read_dump(f, w->v, progress, w, &error);
	if (!standard)
		fclose(f);
	if (!ok)
		tool_fail("%s: %s", path, error);
	return ok;
}

static bool read_database(struct verifying *w)
{
	const char *error;

	if (!tool_open(w->t))
		return false;
	if (audit_read_database(w->t->db, w->t->arena, w->v, progress, w, &error))
		return true;
	tool_fail("%s", error);
	return false;
}

static void tell_rest(const struct verifying *w)
{
	for (int i = 0; i < AUDIT_FAULTS; i++)
		if (w->count[i] > TOLD)
			printf("%s: %" PRId64 " more\n", audit_fault_names[i].code,
			       w->count[i] - TOLD);
}

static int tell(const struct verifying *w)
{
	struct audit_totals n = audit_verify_totals(w->v);
	char at[21] = "never";

	fputc('\r', stderr);
	tell_rest(w);
	if (n.newest.number)
		instant_format(n.newest.at, at);
	printf("%" PRId64 " links and %" PRId64 " heads checked in %.1f s; %" PRId64
	       " events wait for their link; newest head %" PRId64 " of %s\n",
	       n.links, n.heads, (double)(clock_mono() - w->began) / SECOND_US, n.loose,
	       n.newest.number, at);
	if (n.faults == 0) {
		puts("all is well");
		return TOOL_DONE;
	}
	printf("%" PRId64 " faults\n", n.faults);
	return TOOL_FAILED;
}

static int verify(struct verifying *w, const char *const v[VALUES])
{
	if (v[HEAD] && !know_file(w, v[HEAD]))
		return TOOL_FAILED;
	w->began = clock_mono();
	if (v[DUMP] ? !read_dump(w, v[DUMP]) : !read_database(w))
		return TOOL_FAILED;
	return tell(w);
}

int tool_audit_verify(struct tool *t)
{
	static const struct option options[] = { { "dump", required_argument, NULL, DUMP },
						 { "key", required_argument, NULL, KEY },
						 { "head", required_argument, NULL, HEAD },
						 { "late", required_argument, NULL, LATE },
						 { "unlinked", required_argument, NULL, UNLINKED },
						 { 0 } };
	const char *v[VALUES] = { NULL };
	struct verifying w = { .t = t };
	struct audit_check check = { .found = found, .arg = &w };
	int code;

	if (!tool_options(t, options, v) || t->argc != 0 ||
	    !number_of(v[LATE], LATE_MINUTES, &check.late) ||
	    !number_of(v[UNLINKED], UNLINKED_SECONDS, &check.loose))
		return tool_usage(t);
	check.late *= 60 * SECOND_US;
	check.loose *= SECOND_US;
	if (v[KEY] ? !key_of_words(v[KEY], check.key) : !key_of_file(t, check.key))
		return TOOL_FAILED;
	w.v = audit_verify_new(&check);
	code = verify(&w, v);
	audit_verify_free(w.v);
	return code;
}
