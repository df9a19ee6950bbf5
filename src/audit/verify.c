#include "audit/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"

/* A head that signed new links, until they have been seen. */
struct mark {
	int64_t number, links, at;
	int64_t before;		/* time of the head before; INT64_MAX where there is none */
	unsigned char chains[AUDIT_HASH];
};

struct audit_verify {
	struct audit_check check;
	struct audit_chains chains;
	struct audit_totals totals;
	struct audit_head *known;
	size_t nknown, known_at;
	struct mark *marks;
	size_t nmarks, cap, mark_at;
	unsigned char digest[AUDIT_HASH];	/* of the newest head */
	bool rewritten;		/* told of the heads from here on */
	bool forged;		/* the head before: nothing can follow it */
	int64_t lost;		/* links that are gone and whose chain has not shown yet */
	int64_t late;		/* number of the last head told late */
	int64_t malformed;
};

const struct audit_fault_name audit_fault_names[AUDIT_FAULTS] = {
#define FAULT(name, code, subject, text) { code, subject, text },
#include "audit/faults.def"
#undef FAULT
};

struct audit_verify *audit_verify_new(const struct audit_check *check)
{
	struct audit_verify *v = must_calloc(1, sizeof(*v));

	v->check = *check;
	return v;
}

void audit_verify_free(struct audit_verify *v)
{
	if (!v)
		return;
	free(v->known);
	free(v->marks);
	free(v);
}

struct audit_totals audit_verify_totals(const struct audit_verify *v)
{
	return v->totals;
}

static void tell(struct audit_verify *v, enum audit_fault fault, int64_t number)
{
	v->totals.faults++;
	v->check.found(fault, number, v->check.arg);
}

void audit_verify_malformed(struct audit_verify *v)
{
	tell(v, AUDIT_MALFORMED, ++v->malformed);
}

/* ---- heads ---- */

void audit_verify_know(struct audit_verify *v, const struct audit_head *head)
{
	size_t at = v->nknown;

	if (!audit_head_genuine(head, v->check.key)) {
		tell(v, AUDIT_KNOWN_FORGED, head->number);
		return;
	}
	v->known = must_reallocarray(v->known, v->nknown + 1, sizeof(*v->known));
	for (; at > 0 && v->known[at - 1].number > head->number; at--)
		v->known[at] = v->known[at - 1];
	v->known[at] = *head;
	v->nknown++;
}

/* Known heads of that number and, where they were passed, of those before it. */
static void compare_known(struct audit_verify *v, const struct audit_head *head)
{
	for (; v->known_at < v->nknown && v->known[v->known_at].number <= head->number;
	     v->known_at++)
		if (!audit_head_equal(&v->known[v->known_at], head))
			tell(v, AUDIT_CUT, v->known[v->known_at].number);
}

static struct mark *mark_add(struct audit_verify *v)
{
	if (v->nmarks == v->cap) {
		v->cap = v->cap ? v->cap * 2 : 64;
		v->marks = must_reallocarray(v->marks, v->cap, sizeof(*v->marks));
	}
	return &v->marks[v->nmarks++];
}

static void mark(struct audit_verify *v, const struct audit_head *head)
{
	const struct audit_head *before = &v->totals.newest;
	struct mark *m = mark_add(v);

	*m = (struct mark){ .number = head->number, .links = head->links, .at = head->at,
			    .before = before->number ? before->at : INT64_MAX };
	memcpy(m->chains, head->chains, AUDIT_HASH);
}

/* Whether it follows the head before: what is missing between them is told apart. */
static bool follows(const struct audit_verify *v, const struct audit_head *head)
{
	const struct audit_head *before = &v->totals.newest;

	if (head->links < before->links || head->at < before->at)
		return false;
	if (head->number == before->number + 1 && !v->forged &&
	    memcmp(head->previous, v->digest, AUDIT_HASH) != 0)
		return false;
	return head->links != before->links || !before->number ||
	       memcmp(head->chains, before->chains, AUDIT_HASH) == 0;
}

/* It says nothing: what follows is held against the one before. */
static void forged(struct audit_verify *v, const struct audit_head *head)
{
	tell(v, AUDIT_HEAD_FORGED, head->number);
	v->forged = true;
	v->totals.newest.number = head->number;
}

void audit_verify_head(struct audit_verify *v, const struct audit_head *head)
{
	int64_t expected = v->totals.newest.number + 1;

	v->totals.heads++;
	if (head->number < expected) {
		tell(v, AUDIT_HEAD_REPLACED, head->number);
		return;
	}
	if (head->number > expected)
		tell(v, AUDIT_HEAD_MISSING, expected);
	compare_known(v, head);
	if (!audit_head_genuine(head, v->check.key)) {
		forged(v, head);
		return;
	}
	if (!follows(v, head))
		tell(v, AUDIT_HEAD_REPLACED, head->number);
	else if (head->links > v->totals.newest.links || head->number == 1)
		mark(v, head);
	v->forged = false;
	audit_head_digest(head, v->digest);
	v->totals.newest = *head;
}

/* ---- links ---- */

static void check_mark(struct audit_verify *v, const struct mark *m)
{
	unsigned char digest[AUDIT_HASH];
	bool other;

	audit_chains_digest(&v->chains, digest);
	other = v->lost == 0 && memcmp(digest, m->chains, AUDIT_HASH) != 0;
	if (other && !v->rewritten)
		tell(v, AUDIT_REWRITTEN, m->number);
	v->rewritten = other;
}

/* Heads whose last link lies within a gap are not looked at, nor those of chains that miss a link:
 * that is told already. */
static void check_marks(struct audit_verify *v)
{
	for (; v->mark_at < v->nmarks && v->marks[v->mark_at].links <= v->totals.links; v->mark_at++)
		if (v->marks[v->mark_at].links == v->totals.links)
			check_mark(v, &v->marks[v->mark_at]);
}

/* The event was recorded after the head before, and waited. What was recorded before that head is
 * old data loaded later. */
static void check_late(struct audit_verify *v, const struct audit_event *e)
{
	const struct mark *m = v->mark_at < v->nmarks ? &v->marks[v->mark_at] : NULL;

	if (!m || v->check.late == 0 || m->number == v->late || e->at < m->before ||
	    m->at - e->at <= v->check.late)
		return;
	v->late = m->number;
	tell(v, AUDIT_HEAD_LATE, m->number);
}

static void check_event(struct audit_verify *v, const struct audit_link *link,
			const struct audit_event *event)
{
	struct audit_link right = *link;

	audit_link_hash(&right, v->chains.hash[link->chain], event->digest);
	if (link->chain != event->chain || memcmp(right.hash, link->hash, AUDIT_HASH) != 0)
		tell(v, AUDIT_CHANGED, event->id);
	else
		check_late(v, event);
}

/* Links of its chain that are known to be gone explain a position further on. */
static void check_place(struct audit_verify *v, const struct audit_link *link)
{
	int64_t ahead = link->position - v->chains.position[link->chain] - 1;

	if (ahead < 0 || ahead > v->lost)
		tell(v, AUDIT_REORDERED, link->seq);
	else
		v->lost -= ahead;
}

/* Where the link before is gone, the hash can not be worked out. */
static void check_link(struct audit_verify *v, const struct audit_link *link,
		       const struct audit_event *event)
{
	if (link->position != v->chains.position[link->chain] + 1)
		check_place(v, link);
	else if (event)
		check_event(v, link, event);
	if (!event)
		tell(v, AUDIT_MISSING, link->event);
	v->chains.position[link->chain] = link->position;
	memcpy(v->chains.hash[link->chain], link->hash, AUDIT_HASH);
}

void audit_verify_link(struct audit_verify *v, const struct audit_link *link,
		       const struct audit_event *event)
{
	int64_t expected = v->totals.links + 1;

	if (link->chain < 0 || link->chain >= AUDIT_CHAINS || link->position < 1) {
		audit_verify_malformed(v);
		return;
	}
	if (link->seq < expected) {
		tell(v, AUDIT_REORDERED, link->seq);
		return;
	}
	if (link->seq > expected) {
		tell(v, AUDIT_LINK_MISSING, expected);
		v->lost += link->seq - expected;
		v->totals.links = link->seq - 1;
	}
	check_marks(v);
	check_link(v, link, event);
	v->totals.links = link->seq;
	check_marks(v);
}

/* ---- the end ---- */

void audit_verify_loose(struct audit_verify *v, const struct audit_event *event, int64_t now)
{
	int64_t age = now - event->at;

	v->totals.loose++;
	if (event->xid < v->totals.newest.horizon)
		tell(v, AUDIT_INSERTED, event->id);
	else if (age > v->check.loose || age < -v->check.loose)
		tell(v, AUDIT_UNLINKED, event->id);
}

void audit_verify_end(struct audit_verify *v, int64_t now)
{
	const struct audit_head *newest = &v->totals.newest;

	check_marks(v);
	if (v->mark_at < v->nmarks)
		tell(v, AUDIT_TRUNCATED, v->marks[v->mark_at].number);
	for (; v->known_at < v->nknown; v->known_at++)
		tell(v, AUDIT_CUT, v->known[v->known_at].number);
	if (v->totals.links > 0 && !newest->number)
		tell(v, AUDIT_HEAD_MISSING, 1);
	else if (now && v->check.late && newest->number && now - newest->at > v->check.late)
		tell(v, AUDIT_HEAD_STALE, newest->number);
}
