/* What pg_dump wrote: of all it holds, the COPY sections of the three tables. */
#include <stdlib.h>
#include <string.h>

#include "audit/read.h"
#include "base/die.h"
#include "order.h"
#include "rows.h"

enum {
	EVERY = 100000,		/* rows between two reports of progress */
	WAITING_MAX = 1 << 20,	/* early rows: more can only be where one is gone */
	COLUMNS_MAX = 32,
};

enum table { EVENTS, HEADS, LINKS, TABLES };

static const struct {
	const char *name;
	const char *const *columns;
	int n;
} tables[TABLES] = {
	{ "audit.event", audit_column_names, AUDIT_COLUMNS },
	{ "audit.head", head_column_names, HEAD_COLUMNS },
	{ "audit.link", link_column_names, LINK_COLUMNS },
};

/* An event, and whether a link was seen. */
struct known {
	struct audit_event event;
	bool linked;
};

struct dump {
	FILE *f;
	struct audit_verify *v;
	audit_progress *progress;
	void *arg;
	int64_t rows;
	bool seen[TABLES];
	struct known *events;
	size_t n, cap;
	struct order *heads, *links;
	int64_t next_head, next_link;
	char *line;
	size_t line_cap, line_len;
	const char *error;
};

/* ---- lines and headers ---- */

static bool line_next(struct dump *d)
{
	ssize_t len = getline(&d->line, &d->line_cap, d->f);

	if (len < 0)
		return false;
	d->line_len = (size_t)len - (d->line[len - 1] == '\n');
	d->line[d->line_len] = '\0';
	return true;
}

/* "COPY audit.event (id, at, …) FROM stdin;": which of our columns each is, -1 for others. */
struct section {
	enum table table;
	int n, place[COLUMNS_MAX];
};

/* pg_dump puts quotes around names that are words of SQL. */
static int column_of(enum table t, const char *name, size_t len)
{
	if (len > 2 && name[0] == '"' && name[len - 1] == '"') {
		name++;
		len -= 2;
	}
	for (int i = 0; i < tables[t].n; i++)
		if (strlen(tables[t].columns[i]) == len && memcmp(tables[t].columns[i], name, len) == 0)
			return i;
	return -1;
}

/* Every column of ours once. */
static bool section_whole(const struct section *s)
{
	unsigned have = 0;

	for (int i = 0; i < s->n; i++)
		if (s->place[i] >= 0)
			have |= 1u << s->place[i];
	return have == (1u << tables[s->table].n) - 1;
}

static bool columns_read(struct section *s, const char *at)
{
	for (s->n = 0; s->n < COLUMNS_MAX; s->n++) {
		size_t len = strcspn(at, ",)");

		s->place[s->n] = column_of(s->table, at, len);
		at += len;
		if (strcmp(at, ") FROM stdin;") == 0) {
			s->n++;
			return section_whole(s);
		}
		if (strncmp(at, ", ", 2) != 0)
			return false;
		at += 2;
	}
	return false;
}

/* The table of ours that the line begins, or TABLES. */
static enum table table_begun(const char *line, const char **columns)
{
	if (strncmp(line, "COPY ", 5) != 0)
		return TABLES;
	line += 5;
	for (int t = 0; t < TABLES; t++) {
		size_t len = strlen(tables[t].name);

		if (strncmp(line, tables[t].name, len) == 0 && strncmp(line + len, " (", 2) == 0) {
			*columns = line + len + 2;
			return (enum table)t;
		}
	}
	return TABLES;
}

/* ---- rows ---- */

static void event_add(struct dump *d, const struct audit_field *fields)
{
	struct audit_event e;

	if (!audit_event_read(fields, &e)) {
		audit_verify_malformed(d->v);
		return;
	}
	if (d->n == d->cap) {
		d->cap = d->cap ? d->cap * 2 : 1024;
		d->events = must_reallocarray(d->events, d->cap, sizeof(*d->events));
	}
	d->events[d->n++] = (struct known){ .event = e };
}

static struct known *event_find(const struct dump *d, int64_t id)
{
	size_t low = 0, high = d->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (d->events[middle].event.id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < d->n && d->events[low].event.id == id ? &d->events[low] : NULL;
}

/* until INT64_MAX: also those before which one is missing. */
static void heads_pass(struct dump *d, int64_t until)
{
	struct audit_head head;

	while (order_take(d->heads, until == INT64_MAX ? until : d->next_head, &head)) {
		audit_verify_head(d->v, &head);
		if (head.number >= d->next_head)
			d->next_head = head.number + 1;
	}
}

static void links_pass(struct dump *d, int64_t until)
{
	struct audit_link link;

	while (order_take(d->links, until == INT64_MAX ? until : d->next_link, &link)) {
		struct known *k = event_find(d, link.event);

		audit_verify_link(d->v, &link, k ? &k->event : NULL);
		if (k)
			k->linked = true;
		if (link.seq >= d->next_link)
			d->next_link = link.seq + 1;
	}
}

static void head_add(struct dump *d, const struct audit_field *fields)
{
	struct audit_head head;

	if (!head_read(fields, &head) || head.number == INT64_MAX) {
		audit_verify_malformed(d->v);
		return;
	}
	order_put(d->heads, head.number, &head);
	heads_pass(d, order_waiting(d->heads) > WAITING_MAX ? INT64_MAX : 0);
}

static void link_add(struct dump *d, const struct audit_field *fields)
{
	struct audit_link link;

	if (!link_read(fields, &link) || link.seq == INT64_MAX) {
		audit_verify_malformed(d->v);
		return;
	}
	order_put(d->links, link.seq, &link);
	links_pass(d, order_waiting(d->links) > WAITING_MAX ? INT64_MAX : 0);
}

static void row_add(struct dump *d, const struct section *s)
{
	struct audit_field read[COLUMNS_MAX], own[COLUMNS_MAX] = { 0 };

	if (audit_copy_split(d->line, d->line_len, read, COLUMNS_MAX) != s->n) {
		audit_verify_malformed(d->v);
		return;
	}
	for (int i = 0; i < s->n; i++)
		if (s->place[i] >= 0)
			own[s->place[i]] = read[i];
	switch (s->table) {
	case EVENTS: event_add(d, own); break;
	case HEADS: head_add(d, own); break;
	case LINKS: link_add(d, own); break;
	case TABLES: break;
	}
	if (++d->rows % EVERY == 0 && d->progress)
		d->progress(d->rows, d->arg);
}

/* ---- sections ---- */

static int by_id(const void *a, const void *b)
{
	int64_t one = ((const struct known *)a)->event.id, other = ((const struct known *)b)->event.id;

	return one < other ? -1 : one > other;
}

/* Two rows of one id: the second has no link of its own. */
static void section_ended(struct dump *d, enum table t)
{
	if (t == EVENTS && d->n)
		qsort(d->events, d->n, sizeof(*d->events), by_id);
	if (t == HEADS)
		heads_pass(d, INT64_MAX);
	if (t == LINKS)
		links_pass(d, INT64_MAX);
}

static bool section_read(struct dump *d, const struct section *s)
{
	while (line_next(d)) {
		if (strcmp(d->line, "\\.") == 0) {
			section_ended(d, s->table);
			return true;
		}
		row_add(d, s);
	}
	d->error = "the dump ends within a table";
	return false;
}

/* The tables in the order in which pg_dump writes them. */
static bool section_begin(struct dump *d, enum table t, const char *columns)
{
	struct section s = { .table = t };

	if (!columns_read(&s, columns))
		d->error = "a table of the dump has not the columns of this version";
	else if (d->seen[t] || (t > EVENTS && !d->seen[t - 1]))
		d->error = "the tables of the dump are not in the order of pg_dump";
	d->seen[t] = true;
	return !d->error && section_read(d, &s);
}

/* Rows of another table, whose text may look like anything. */
static void pass_over(struct dump *d)
{
	static const char end[] = ") FROM stdin;";
	size_t n = sizeof(end) - 1;

	if (strncmp(d->line, "COPY ", 5) != 0 || d->line_len < n ||
	    strcmp(d->line + d->line_len - n, end) != 0)
		return;
	while (line_next(d) && strcmp(d->line, "\\.") != 0)
		;
}

static bool dump_read(struct dump *d)
{
	const char *columns = NULL;

	while (line_next(d)) {
		enum table t = table_begun(d->line, &columns);

		if (t == TABLES)
			pass_over(d);
		else if (!section_begin(d, t, columns))
			return false;
	}
	if (!d->seen[LINKS])
		d->error = "the dump does not hold the tables audit.event, audit.head and audit.link";
	return !d->error;
}

static void loose_ends(struct dump *d)
{
	int64_t newest = audit_verify_totals(d->v).newest.at;

	for (size_t i = 0; i < d->n; i++)
		if (!d->events[i].linked)
			audit_verify_loose(d->v, &d->events[i].event, newest);
}

bool audit_read_dump(FILE *f, struct audit_verify *v, audit_progress *progress, void *arg,
		     const char **error)
{
	struct dump d = { .f = f, .v = v, .progress = progress, .arg = arg, .next_head = 1,
			  .next_link = 1, .heads = order_new(sizeof(struct audit_head)),
			  .links = order_new(sizeof(struct audit_link)) };
	bool ok = dump_read(&d);

	if (ok) {
		loose_ends(&d);
		audit_verify_end(v, 0);
	}
	*error = d.error;
	order_free(d.heads);
	order_free(d.links);
	free(d.events);
	free(d.line);
	return ok;
}
