/* Reads the trail from a database. */
#include "audit/read.h"

#include <string.h>

#include "base/text.h"
#include "rows.h"
#include "sql.h"

enum { EVERY = 100000 };

static const char unreadable[] = "the audit tables cannot be read: is the schema up to date (haven migrate)?";

struct reader {
	struct audit_verify *v;
	audit_progress *progress;
	void *arg;
	int64_t rows, now;
};

static void count(struct reader *r)
{
	if (++r->rows % EVERY == 0 && r->progress)
		r->progress(r->rows, r->arg);
}

static void head_row(char *line, size_t len, void *arg)
{
	struct audit_field fields[HEAD_COLUMNS];
	struct reader *r = arg;
	struct audit_head head;

	count(r);
	if (audit_copy_split(line, len, fields, HEAD_COLUMNS) == HEAD_COLUMNS &&
	    head_read(fields, &head))
		audit_verify_head(r->v, &head);
	else
		audit_verify_malformed(r->v);
}

static void link_row(char *line, size_t len, void *arg)
{
	enum { ALL = LINK_COLUMNS + AUDIT_COLUMNS };
	struct audit_field fields[ALL], *of_event = fields + LINK_COLUMNS;
	struct reader *r = arg;
	struct audit_event event;
	struct audit_link link;
	bool there;

	count(r);
	if (audit_copy_split(line, len, fields, ALL) != ALL || !link_read(fields, &link)) {
		audit_verify_malformed(r->v);
		return;
	}
	there = of_event[AUDIT_ID].text != NULL;
	if (there && !audit_event_read(of_event, &event)) {
		audit_verify_malformed(r->v);
		there = false;
	}
	audit_verify_link(r->v, &link, there ? &event : NULL);
}

static void loose_row(char *line, size_t len, void *arg)
{
	struct audit_field fields[AUDIT_COLUMNS];
	struct reader *r = arg;
	struct audit_event event;

	count(r);
	if (audit_copy_split(line, len, fields, AUDIT_COLUMNS) == AUDIT_COLUMNS &&
	    audit_event_read(fields, &event))
		audit_verify_loose(r->v, &event, r->now);
	else
		audit_verify_malformed(r->v);
}

struct reading {
	struct db_sync *db;
	struct arena *a;
	const char *error;
};

static bool worked(struct reading *s, struct batch *b)
{
	if (batch_outcome(b) != DB_OK)
		s->error = unreadable;
	return !s->error;
}

static bool run(struct reading *s, const struct sql *sql)
{
	return worked(s, db_sync_exec(s->db, s->a, sql, 0, NULL));
}

static bool rows(struct reading *s, const struct sql *sql,
		 void (*row)(char *line, size_t len, void *arg), struct reader *r)
{
	return worked(s, db_sync_copy_out(s->db, s->a, sql, row, r));
}

static bool now_read(struct reading *s, struct reader *r)
{
	struct batch *b = db_sync_query(s->db, s->a, &SQL_AUDIT_NOW);

	return worked(s, b) && text_to_i64(batch_value(b, 0, 0, "now"), &r->now);
}

static bool read_all(struct reading *s, struct reader *r)
{
	return run(s, &SQL_AUDIT_SNAPSHOT) && now_read(s, r) && run(s, &SQL_AUDIT_BY_INDEX) &&
	       rows(s, &SQL_AUDIT_HEADS, head_row, r) && rows(s, &SQL_AUDIT_LINKS, link_row, r) &&
	       run(s, &SQL_AUDIT_BY_HASH) && rows(s, &SQL_AUDIT_LOOSE, loose_row, r);
}

bool audit_read_database(struct db_sync *db, struct arena *a, struct audit_verify *v,
			 audit_progress *progress, void *arg, const char **error)
{
	struct reader r = { .v = v, .progress = progress, .arg = arg };
	struct reading s = { .db = db, .a = a };
	bool ok = db_sync_begin(db) && read_all(&s, &r);

	db_sync_rollback(db);
	if (ok)
		audit_verify_end(v, r.now);
	*error = ok || s.error ? s.error : "the connection to the database was lost";
	return ok;
}

bool audit_read_newest(struct db_sync *db, struct arena *a, struct audit_head *head, const char **error)
{
	struct batch *b = db_sync_query(db, a, &SQL_AUDIT_HEAD_NEWEST);
	struct audit_field fields[HEAD_COLUMNS];

	*head = (struct audit_head){ .number = 0 };
	*error = batch_outcome(b) == DB_OK ? NULL : unreadable;
	if (*error || batch_rows(b, 0) == 0)
		return !*error;
	for (int i = 0; i < HEAD_COLUMNS; i++) {
		const char *text = batch_value_at(b, 0, 0, i);

		fields[i] = (struct audit_field){ text, text ? strlen(text) : 0 };
	}
	if (!head_read(fields, head))
		*error = "the newest head cannot be read";
	return !*error;
}
