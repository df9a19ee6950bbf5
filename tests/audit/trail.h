/* A sealed audit trail in memory, as the lines of a dump, for tests that damage it. */
#pragma once
#include <criterion/criterion.h>

#include "audit/read.h"

enum { TRAIL_EVENTS = 240, TRAIL_EVERY = 40, TRAIL_HEADS = TRAIL_EVENTS / TRAIL_EVERY };

/* Columns in the order of the lines. */
enum { EVENT_ID, EVENT_AT, EVENT_ACCOUNT, EVENT_ACTION, EVENT_SUBJECT, EVENT_DETAIL, EVENT_XID, EVENT_WORDS };

struct trail {
	char **events, **heads, **links;	/* malloc()ed lines without their end */
	size_t nevents, nheads, nlinks;
};

extern unsigned char trail_key[AUDIT_KEY];

/* TRAIL_EVENTS events, all linked, with a head after each TRAIL_EVERY. */
struct trail trail_new(void);
struct trail trail_copy(const struct trail *from);
void trail_free(struct trail *t);
char *trail_event_line(int64_t id, int64_t xid, const char *action, const char *detail);

/* Makes all links anew from the events; this needs no key. */
void trail_relink(struct trail *t);

/* The trail as pg_dump would write it; the caller frees it. */
char *trail_dump(const struct trail *t, size_t *len);

struct verdict {
	const char *error;
	int64_t faults, count[AUDIT_FAULTS];
	int64_t first;		/* number of the first fault */
	struct audit_totals totals;
};
/* known (or NULL): a head kept elsewhere. */
struct verdict verify_text(const char *text, size_t len, const struct audit_head *known);
struct verdict verify_trail(const struct trail *t, const struct audit_head *known);
