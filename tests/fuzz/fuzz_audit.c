/* libFuzzer: the reader of dumps, and of heads kept elsewhere. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void found(enum audit_fault fault, int64_t number, void *arg)
{
	(void)number;
	++*(int64_t *)arg;
	if ((int)fault < 0 || fault >= AUDIT_FAULTS)
		abort();
}

static void read_dump(const uint8_t *data, size_t size)
{
	int64_t faults = 0;
	struct audit_check check = { .late = 1, .loose = 1, .found = found, .arg = &faults };
	struct audit_verify *v = audit_verify_new(&check);
	FILE *f = fmemopen((void *)(uintptr_t)data, size, "r");
	const char *error;
	struct audit_totals totals;

	if (!f)
		abort();
	if (audit_read_dump(f, v, NULL, NULL, &error) == (error != NULL))
		abort();
	totals = audit_verify_totals(v);
	/* The fuzzer cannot sign, so any links or heads are faults. */
	if (totals.faults != faults || (!error && totals.links + totals.heads > 0 && faults == 0))
		abort();
	audit_verify_free(v);
	fclose(f);
}

/* Puts the header of each table before the bytes, so that most inputs reach the rows. */
static void rows_of(const uint8_t *data, size_t size)
{
	static const char *const headers[] = {
		"COPY audit.event (id, at, account_id, organisation_id, request_id, action, subject_kind, subject_id, "
		"household_id, detail, xid) FROM stdin;\n",
		"\n\\.\nCOPY audit.head (number, at, links, horizon, chains, previous, signature) FROM stdin;\n",
		"\n\\.\nCOPY audit.link (seq, event_id, chain, \"position\", hash) FROM stdin;\n",
		"\n\\.\n",
	};
	size_t len = 0, part = size / 3;
	char *text = malloc(size + 1000);

	for (int i = 0; i < 3; i++) {
		size_t header = strlen(headers[i]), n = i < 2 ? part : size - 2 * part;

		memcpy(text + len, headers[i], header);
		memcpy(text + len + header, data + (size_t)i * part, n);
		len += header + n;
	}
	memcpy(text + len, headers[3], strlen(headers[3]));
	read_dump((const uint8_t *)text, len + strlen(headers[3]));
	free(text);
}

static void read_line(const uint8_t *data, size_t size)
{
	char *line = strndup((const char *)data, size), again[AUDIT_HEAD_LINE];
	struct audit_head head, same;

	if (audit_head_parse(line, &head)) {
		audit_head_format(&head, again);
		if (!audit_head_parse(again, &same) || !audit_head_equal(&head, &same))
			abort();
	}
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0)
		read_dump(data, size);
	rows_of(data, size);
	read_line(data, size);
	return 0;
}
