#include "trail.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"

enum { LINE = 1024 };

unsigned char trail_key[AUDIT_KEY];
static unsigned char secret[AUDIT_SECRET];

static const int64_t start = INT64_C(1795000000) * SECOND_US;

static void hex_of(const unsigned char *bytes, size_t n, char *out)
{
	memcpy(out, "\\\\x", 3);
	sodium_bin2hex(out + 3, 2 * n + 1, bytes, n);
}

static void at_of(int64_t us, char out[40])
{
	char iso[21];

	instant_format(us, iso);
	snprintf(out, 40, "%.10s %.8s.%06d+00", iso, iso + 11, (int)(us % SECOND_US));
}

char *trail_event_line(int64_t id, int64_t xid, const char *action, const char *detail)
{
	char line[LINE], at[40];

	at_of(start + id * 1000003, at);
	snprintf(line, sizeof(line),
		 "%lld\t%s\t00000000-0000-4000-8000-%012llx\t%s\t00000000-0000-4000-8000-%012llx\t%s\t%lld",
		 (long long)id, at, (unsigned long long)id % 7, action, (unsigned long long)id % 50, detail,
		 (long long)xid);
	return strdup(line);
}

/* The event as the sealer would read it from the database, read here from the line. */
static struct audit_event event_of(const char *line)
{
	static const int place[EVENT_WORDS] = { AUDIT_ID, AUDIT_AT, AUDIT_ACCOUNT, AUDIT_ACTION,
						AUDIT_SUBJECT, AUDIT_DETAIL, AUDIT_XID };
	struct audit_field words[EVENT_WORDS], fields[AUDIT_COLUMNS] = { 0 };
	char *copy = strdup(line);
	struct audit_event e;

	cr_assert_eq(audit_copy_split(copy, strlen(copy), words, EVENT_WORDS), EVENT_WORDS, "a row");
	for (int i = 0; i < EVENT_WORDS; i++)
		fields[place[i]] = words[i];
	cr_assert(audit_event_read(fields, &e), "an event");
	free(copy);
	return e;
}

static char *link_line(const struct audit_link *l)
{
	char line[LINE], hash[3 + 2 * AUDIT_HASH + 1];

	hex_of(l->hash, AUDIT_HASH, hash);
	snprintf(line, sizeof(line), "%lld\t%lld\t%lld\t%lld\t%s", (long long)l->seq,
		 (long long)l->event, (long long)l->chain, (long long)l->position, hash);
	return strdup(line);
}

static char *head_line(const struct audit_head *h)
{
	char line[LINE], at[40], chains[80], previous[80], signature[160];

	at_of(h->at, at);
	hex_of(h->chains, AUDIT_HASH, chains);
	hex_of(h->previous, AUDIT_HASH, previous);
	hex_of(h->signature, AUDIT_SIGNATURE, signature);
	snprintf(line, sizeof(line), "%lld\t%s\t%lld\t%lld\t%s\t%s\t%s", (long long)h->number, at,
		 (long long)h->links, (long long)h->horizon, chains, previous, signature);
	return strdup(line);
}

static void sign(struct trail *t, const struct audit_chains *chains, struct audit_head *head)
{
	struct audit_head next = { .number = head->number + 1, .links = (int64_t)t->nlinks,
				   .at = start + ((int64_t)t->nlinks + 1) * 1000003,
				   .horizon = (int64_t)t->nlinks + 101 };

	audit_chains_digest(chains, next.chains);
	if (head->number)
		audit_head_digest(head, next.previous);
	audit_head_sign(&next, secret);
	*head = next;
	t->heads[t->nheads++] = head_line(head);
}

struct trail trail_new(void)
{
	struct audit_chains chains = { 0 };
	struct audit_head head = { 0 };
	struct trail t = {
		.events = calloc(TRAIL_EVENTS * 2, sizeof(char *)), .heads = calloc(TRAIL_HEADS * 2, sizeof(char *)),
		.links = calloc(TRAIL_EVENTS * 2, sizeof(char *)),
	};
	unsigned char seed[crypto_sign_SEEDBYTES] = { 7 };

	cr_assert(sodium_init() >= 0);
	crypto_sign_seed_keypair(trail_key, secret, seed);
	for (int64_t id = 1; id <= TRAIL_EVENTS; id++) {
		char *line = trail_event_line(id, id + 100, "read", id % 3 ? "{\"rows\": 3}" : "\\N");
		struct audit_event e = event_of(line);
		struct audit_link link;

		t.events[t.nevents++] = line;
		link.seq = id;
		audit_chains_append(&chains, &e, &link);
		t.links[t.nlinks++] = link_line(&link);
		if (id % TRAIL_EVERY == 0)
			sign(&t, &chains, &head);
	}
	return t;
}

void trail_relink(struct trail *t)
{
	struct audit_chains chains = { 0 };

	for (size_t i = 0; i < t->nlinks; i++) {
		struct audit_event e = event_of(t->events[i]);
		struct audit_link link;

		link.seq = (int64_t)i + 1;
		audit_chains_append(&chains, &e, &link);
		free(t->links[i]);
		t->links[i] = link_line(&link);
	}
}

static char **lines_copy(char **from, size_t n)
{
	char **to = calloc(2 * n + 2, sizeof(char *));

	for (size_t i = 0; i < n; i++)
		to[i] = strdup(from[i]);
	return to;
}

struct trail trail_copy(const struct trail *from)
{
	struct trail t = *from;

	t.events = lines_copy(from->events, from->nevents);
	t.heads = lines_copy(from->heads, from->nheads);
	t.links = lines_copy(from->links, from->nlinks);
	return t;
}

static void lines_free(char **lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(lines[i]);
	free(lines);
}

void trail_free(struct trail *t)
{
	lines_free(t->events, t->nevents);
	lines_free(t->heads, t->nheads);
	lines_free(t->links, t->nlinks);
}

static void section(FILE *f, const char *header, char **lines, size_t n)
{
	fprintf(f, "%s FROM stdin;\n", header);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s\n", lines[i]);
	fprintf(f, "\\.\n\n");
}

char *trail_dump(const struct trail *t, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	fputs("--\n-- PostgreSQL database dump\n--\nSET client_encoding = 'UTF8';\n", f);
	/* the columns that this row does not have are NULL: they come under other names of the
	 * table */
	fprintf(f, "COPY audit.event (id, at, account_id, action, subject_id, detail, xid, organisation_id, request_id, "
		"subject_kind, household_id, case_organisation_id) FROM stdin;\n");
	for (size_t i = 0; i < t->nevents; i++)
		fprintf(f, "%s\t\\N\t\\N\t\\N\t\\N\t\\N\n", t->events[i]);
	fputs("\\.\n\n", f);
	section(f, "COPY audit.head (number, at, links, horizon, chains, previous, signature)", t->heads, t->nheads);
	section(f, "COPY audit.link (seq, event_id, chain, \"position\", hash)", t->links, t->nlinks);
	fclose(f);
	return text;
}

static void found(enum audit_fault fault, int64_t number, void *arg)
{
	struct verdict *v = arg;

	if (v->faults++ == 0)
		v->first = number;
	v->count[fault]++;
}

struct verdict verify_text(const char *text, size_t len, const struct audit_head *known)
{
	struct verdict verdict = { .error = NULL };
	struct audit_check check = { .late = 600 * SECOND_US, .loose = 120 * SECOND_US, .found = found,
				     .arg = &verdict };
	FILE *f = fmemopen((void *)(uintptr_t)text, len, "r");
	struct audit_verify *v;

	memcpy(check.key, trail_key, AUDIT_KEY);
	v = audit_verify_new(&check);
	if (known)
		audit_verify_know(v, known);
	if (audit_read_dump(f, v, NULL, NULL, &verdict.error))
		cr_assert_null(verdict.error, "well, and yet %s", verdict.error);
	verdict.totals = audit_verify_totals(v);
	audit_verify_free(v);
	fclose(f);
	return verdict;
}

struct verdict verify_trail(const struct trail *t, const struct audit_head *known)
{
	size_t len;
	char *text = trail_dump(t, &len);
	struct verdict v = verify_text(text, len, known);

	free(text);
	return v;
}
