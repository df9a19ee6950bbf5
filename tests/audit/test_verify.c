/* Every change of a sealed trail is found: each kind of change by hand, and ten thousand at random
 * (quality.md P10), by the code that reads dumps. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "trail.h"

TestSuite(verify, .timeout = 300);

enum { RANDOM = 10000 };

static void expect(const struct trail *t, enum audit_fault fault, int64_t number, const char *what)
{
	struct verdict v = verify_trail(t, NULL);

	cr_expect_null(v.error, "%s: %s", what, v.error);
	cr_expect_gt(v.count[fault], 0, "%s: no %s", what, audit_fault_names[fault].code);
	cr_expect_eq(v.faults, 1, "%s: told %d times", what, (int)v.faults);
	cr_expect_eq(v.first, number, "%s: number %d, not %d", what, (int)v.first, (int)number);
}

static void replace(char **line, const char *text)
{
	free(*line);
	*line = strdup(text);
}

static void drop(char **lines, size_t *n, size_t at)
{
	free(lines[at]);
	memmove(lines + at, lines + at + 1, (--*n - at) * sizeof(*lines));
}

static void swap(char **a, char **b)
{
	char *c = *a;

	*a = *b;
	*b = c;
}

/* The line's last one is another digit, still of a number in hex. */
static void change_digit(char *line)
{
	char *last = line + strlen(line) - 1;

	*last = *last == '0' ? '1' : '0';
}

static struct audit_head newest(const struct trail *t)
{
	return verify_trail(t, NULL).totals.newest;
}

Test(verify, a_whole_trail_is_well)
{
	struct trail t = trail_new();
	struct audit_head known = newest(&t);
	struct verdict v = verify_trail(&t, &known);

	cr_assert_null(v.error, "%s", v.error);
	cr_assert_eq(v.faults, 0, "%d faults", (int)v.faults);
	cr_assert_eq(v.totals.links, TRAIL_EVENTS);
	cr_assert_eq(v.totals.heads, TRAIL_HEADS);
	trail_free(&t);
}

/* pg_dump writes rows in the order in which they are stored, and PostgreSQL reuses freed room. */
Test(verify, rows_of_a_dump_may_lie_in_any_order)
{
	struct trail t = trail_new();
	struct verdict v;

	swap(&t.events[3], &t.events[200]);
	swap(&t.links[5], &t.links[6]);
	swap(&t.links[20], &t.links[230]);
	swap(&t.heads[0], &t.heads[4]);
	v = verify_trail(&t, NULL);
	cr_assert_eq(v.faults, 0, "%d faults", (int)v.faults);
	trail_free(&t);
}

Test(verify, every_kind_of_change_is_named_once)
{
	struct trail t = trail_new(), s;
	char *line;

	s = trail_copy(&t);
	replace(&s.events[9], line = trail_event_line(10, 110, "update", "{\"rows\": 3}"));
	expect(&s, AUDIT_CHANGED, 10, "another action");
	trail_free(&s);
	free(line);

	s = trail_copy(&t);
	drop(s.events, &s.nevents, 49);
	expect(&s, AUDIT_MISSING, 50, "an event deleted");
	trail_free(&s);

	s = trail_copy(&t);
	drop(s.links, &s.nlinks, 49);
	drop(s.events, &s.nevents, 49);
	expect(&s, AUDIT_LINK_MISSING, 50, "an event deleted with its link");
	trail_free(&s);

	s = trail_copy(&t);
	s.events[s.nevents++] = trail_event_line(TRAIL_EVENTS + 1, 120, "read", "{}");
	expect(&s, AUDIT_INSERTED, TRAIL_EVENTS + 1, "an event written into the past");
	trail_free(&s);

	s = trail_copy(&t);
	drop(s.links, &s.nlinks, s.nlinks - 1);
	drop(s.events, &s.nevents, s.nevents - 1);
	expect(&s, AUDIT_TRUNCATED, TRAIL_HEADS, "the end cut below a head");
	trail_free(&s);

	s = trail_copy(&t);
	change_digit(s.heads[2]);
	expect(&s, AUDIT_HEAD_FORGED, 3, "another signature");
	trail_free(&s);

	s = trail_copy(&t);
	drop(s.heads, &s.nheads, 2);
	expect(&s, AUDIT_HEAD_MISSING, 3, "a head deleted");
	trail_free(&s);
	trail_free(&t);
}

/* An event that came after the newest head may wait for the sealer, but not for long. */
Test(verify, a_new_event_may_wait_and_not_for_long)
{
	struct trail t = trail_new();
	struct verdict v;

	t.events[t.nevents++] = trail_event_line(TRAIL_EVENTS + 2, 900, "read", "{}");
	v = verify_trail(&t, NULL);
	cr_assert_eq(v.faults, 0, "%d faults", (int)v.faults);
	cr_assert_eq(v.totals.loose, 1);
	t.events[t.nevents++] = trail_event_line(TRAIL_EVENTS + 300, 900, "read", "{}");
	v = verify_trail(&t, NULL);
	cr_assert_eq(v.count[AUDIT_UNLINKED], 1, "from the future");
	trail_free(&t);
}

/* A trail that was cut together with its heads looks whole: only a head kept elsewhere shows the
 * cut. */
Test(verify, a_trail_cut_whole_is_found_by_a_head_kept_elsewhere)
{
	struct trail t = trail_new();
	struct audit_head known = newest(&t), forged = known;
	struct verdict v;

	drop(t.heads, &t.nheads, t.nheads - 1);
	for (int i = 0; i < TRAIL_EVERY; i++) {
		drop(t.links, &t.nlinks, t.nlinks - 1);
		drop(t.events, &t.nevents, t.nevents - 1);
	}
	v = verify_trail(&t, NULL);
	cr_assert_eq(v.faults, 0, "it looks whole");
	v = verify_trail(&t, &known);
	cr_assert_eq(v.count[AUDIT_CUT], 1, "and is not");
	forged.number = 2;
	v = verify_trail(&t, &forged);
	cr_assert_eq(v.count[AUDIT_KNOWN_FORGED], 1, "a head that nobody signed proves nothing");
	trail_free(&t);
}

/* An attacker can compute the links anew, since they use no secret, but cannot sign the heads. */
Test(verify, links_made_anew_do_not_fit_their_heads)
{
	struct trail t = trail_new();
	char *line;

	replace(&t.events[49], line = trail_event_line(50, 150, "update", "{}"));
	trail_relink(&t);
	expect(&t, AUDIT_REWRITTEN, 2, "all links made anew");
	free(line);
	trail_free(&t);
}

/* ---- at random ---- */

struct table {
	char **lines;
	size_t *n;
};

static struct table any_table(struct trail *t)
{
	switch (randombytes_uniform(5)) {
	case 0: return (struct table){ t->heads, &t->nheads };
	case 1: case 2: return (struct table){ t->links, &t->nlinks };
	default: return (struct table){ t->events, &t->nevents };
	}
}

static size_t any(size_t n)
{
	return randombytes_uniform((uint32_t)n);
}

/* Replaces a character of the line by another of its kind, so that most rows can still be read. */
static void edit(struct trail *t)
{
	struct table of = any_table(t);
	char *line = of.lines[any(*of.n)], *at = line + any(strlen(line));
	char before = *at;

	while (*at == before)
		*at = before == '\t' ? 'x' : (char)("0123456789abcdef{}-: "[any(21)]);
}

static void delete_one(struct trail *t)
{
	struct table of = any_table(t);

	drop(of.lines, of.n, any(*of.n));
}

/* Swaps the words that follow the n-th tab of two lines. */
static void swap_words(char **a, char **b, int tab)
{
	char *at = *a, *bt = *b, *x, *y;

	for (int i = 0; i < tab; i++) {
		at = strchr(at, '\t') + 1;
		bt = strchr(bt, '\t') + 1;
	}
	cr_assert(asprintf(&x, "%.*s%s", (int)(at - *a), *a, bt) > 0);
	cr_assert(asprintf(&y, "%.*s%s", (int)(bt - *b), *b, at) > 0);
	free(*a);
	free(*b);
	*a = x;
	*b = y;
}

static void swap_two(struct trail *t)
{
	struct table of = any_table(t);
	size_t i = any(*of.n), j = any(*of.n - 1);

	swap_words(&of.lines[i], &of.lines[j + (j >= i)], 1);
}

static void truncate_one(struct trail *t)
{
	struct table of = any_table(t);

	for (size_t n = 1 + any(*of.n / 4 + 1); n > 0; n--)
		drop(of.lines, of.n, *of.n - 1);
}

static void insert_copy(struct table of)
{
	size_t at = any(*of.n);

	of.lines[(*of.n)++] = strdup(of.lines[at]);
}

static void insert_one(struct trail *t)
{
	struct table of = any_table(t);

	if (of.lines == t->events)
		of.lines[(*of.n)++] = trail_event_line(TRAIL_EVENTS + 1, 1 + (int64_t)any(TRAIL_EVENTS), "read", "{}");
	else
		insert_copy(of);
}

/* Deletes an event with its link. */
static void delete_pair(struct trail *t)
{
	size_t at = any(t->nlinks);

	drop(t->events, &t->nevents, at);
	drop(t->links, &t->nlinks, at);
}

/* The first line that differs, for the message. */
static const char *first_change(const char *before, char *text)
{
	size_t same = 0;

	while (before[same] == text[same])
		same++;
	while (same > 0 && text[same - 1] != '\n')
		same--;
	text[same + strcspn(text + same, "\n")] = '\0';
	return text + same;
}

Test(verify, ten_thousand_random_changes_are_all_found)
{
	static void (*const changes[])(struct trail *t) = { edit, edit, delete_one, swap_two, truncate_one,
							    insert_one, delete_pair };
	struct trail whole = trail_new();
	struct audit_head known = newest(&whole);
	size_t dump_len, len;
	char *before = trail_dump(&whole, &dump_len);
	int done = 0, missed = 0;

	while (done < RANDOM) {
		struct trail t = trail_copy(&whole);
		struct verdict v;
		char *text;

		changes[any(sizeof(changes) / sizeof(*changes))](&t);
		text = trail_dump(&t, &len);
		if (len != dump_len || memcmp(text, before, len) != 0) {
			v = verify_text(text, len, &known);
			missed += v.faults == 0 && !v.error;
			cr_expect(v.faults > 0 || v.error, "not found: %s", first_change(before, text));
			done++;
		}
		free(text);
		trail_free(&t);
		if (missed > 3)
			break;
	}
	cr_assert_eq(missed, 0, "%d of %d changes were not found", missed, done);
	free(before);
	trail_free(&whole);
}
