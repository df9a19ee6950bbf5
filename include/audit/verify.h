/* Checks an audit trail: every link against its event, every head against the links and its
 * signature. Knows nothing of where rows come from and keeps a few kilobytes, besides 64 bytes for
 * each head that signed new links: audit/read.h feeds it from a database or a dump.
 *
 * Heads come first, by number; then links, by seq, each with its event; then events without a link.
 * After a fault it goes on from what is stored, so that one change is told once.
 *
 * What no check of the trail alone can show: that its end was cut off, links, heads and all. To
 * show that, keep a head elsewhere and give it to audit_verify_know().
 */
#pragma once
#include "audit/chain.h"
#include "audit/head.h"

enum audit_fault {
#define FAULT(name, code, subject, text) AUDIT_##name,
#include "audit/faults.def"
#undef FAULT
	AUDIT_FAULTS
};

/* Printed as "<code>: <subject> <number> <text>". */
struct audit_fault_name {
	const char *code, *subject, *text;
};
extern const struct audit_fault_name audit_fault_names[AUDIT_FAULTS];

struct audit_check {
	unsigned char key[AUDIT_KEY];
	int64_t late;		/* longest wait of an event for its head, microseconds; 0: any */
	int64_t loose;		/* longest wait of an event for its link, microseconds */
	void (*found)(enum audit_fault fault, int64_t number, void *arg);
	void *arg;
};

struct audit_verify;

struct audit_verify *audit_verify_new(const struct audit_check *check);
/* Takes NULL. */
void audit_verify_free(struct audit_verify *v);

/* A head from elsewhere: the trail must hold it as it is. Before everything else. */
void audit_verify_know(struct audit_verify *v, const struct audit_head *head);
void audit_verify_head(struct audit_verify *v, const struct audit_head *head);
/* event NULL: there is none of that id. */
void audit_verify_link(struct audit_verify *v, const struct audit_link *link,
		       const struct audit_event *event);
/* An event without a link. Its age counts from now. */
void audit_verify_loose(struct audit_verify *v, const struct audit_event *event, int64_t now);
/* A row of one of the tables that cannot be read. */
void audit_verify_malformed(struct audit_verify *v);
/* After the last link. now 0: the time is not known, and the newest head may be of any age. */
void audit_verify_end(struct audit_verify *v, int64_t now);

struct audit_totals {
	int64_t links, heads, loose, faults;
	struct audit_head newest;	/* number 0: there is none */
};
struct audit_totals audit_verify_totals(const struct audit_verify *v);
