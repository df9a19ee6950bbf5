/* What pages show to click on: the menu has exactly what the person's role may open, and no page has
 * a link or a form that it may not use. Which is which comes from the route rows. */
#include <criterion/criterion.h>
#include <string.h>

#include "memory.h"
#include "shape.h"
#include "walk.h"

TestSuite(navigation, .init = service_start, .fini = service_stop, .timeout = 120);

enum { MOST = 600 };

struct links {
	const char *path[MOST];
	size_t n;
};

static void note(struct links *l, const char *path)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->path[i], path) == 0)
			return;
	cr_assert_lt(l->n, MOST, "raise MOST");
	l->path[l->n++] = path;
}

/* The own addresses that stand in an attribute between two places of a page. */
static void collect(struct links *l, const char *attribute, const char *from, const char *to)
{
	while ((from = strstr(from, attribute)) && from < to) {
		from += strlen(attribute);
		if (*from == '/')
			note(l, arena_strndup(test_memory(), from, strcspn(from, "\"#")));
	}
}

/* The row that answers a browser there; rows that name a segment go before those that take any. */
static const struct route *row_of(const char *method, const char *target)
{
	const char *path = arena_strndup(test_memory(), target, strcspn(target, "?"));
	const struct route *found = NULL;
	size_t n;
	const struct address *all = addresses(&n);

	for (size_t i = 0; i < n; i++) {
		const struct route *r = all[i].r;
		bool here = (all[i].page || r->flags & ROUTE_BARE) && strcmp(r->method, method) == 0;

		if (here && route_has(r->path, path) && (!found || strchr(found->path, '{')))
			found = r;
	}
	return found;
}

static bool may(int role, const struct route *r)
{
	return r->roles == PUBLIC || r->roles & 1u << role;
}

static struct answer page(int role, const char *path)
{
	return call_with(role, "GET", path, "Accept: text/html\r\n", NULL);
}

static struct links menu(int role)
{
	struct answer a = page(role, "/");
	const char *from = strstr(a.body, "<nav "), *to = from ? strstr(from, "</nav>") : NULL;
	struct links l = { .n = 0 };

	cr_assert(to, "%s has no menu: %s", code_at(&role_codes, role), a.body);
	collect(&l, "href=\"", from, to);
	return l;
}

static bool shown(const struct links *l, const char *path)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->path[i], path) == 0)
			return true;
	return false;
}

Test(navigation, the_menu_has_what_the_role_may_open_and_nothing_else)
{
	struct links of[ROLES], all = { .n = 0 };

	for (int role = 0; role < ROLES; role++) {
		of[role] = menu(role);
		for (size_t i = 0; i < of[role].n; i++)
			note(&all, of[role].path[i]);
	}
	cr_assert_geq(all.n, 7, "only %zu entries", all.n);
	for (size_t i = 0; i < all.n; i++)
		for (int role = 0; role < ROLES; role++)
			cr_expect_eq(shown(&of[role], all.path[i]), may(role, row_of("GET", all.path[i])), "%s for %s",
				     all.path[i], code_at(&role_codes, role));
}

static void expect_use(int role, const char *method, const char *path, const char *on)
{
	const struct route *r = row_of(method, path);

	cr_expect(r && may(role, r), "%s shows %s the address %s %s", on, code_at(&role_codes, role), method, path);
}

/* Reads a page, and notes where its links go. */
static void read_page(int role, const char *path, struct links *l)
{
	struct answer a = page(role, path);
	const char *end = a.body + a.len;
	struct links here = { .n = 0 }, acts = { .n = 0 };

	cr_expect_eq(a.status, 200, "%s of %s: %d", path, code_at(&role_codes, role), a.status);
	collect(&here, "href=\"", a.body, end);
	collect(&acts, "action=\"", a.body, end);
	for (size_t i = 0; i < here.n; i++) {
		expect_use(role, "GET", here.path[i], path);
		note(l, here.path[i]);
	}
	for (size_t i = 0; i < acts.n; i++)
		expect_use(role, "POST", acts.path[i], path);
}

Test(navigation, every_link_and_form_of_every_page_can_be_used)
{
	struct answer held = call(ROLE_navigator, "POST", "/api/v1/placements",
				  "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}");
	size_t pages = 0;

	cr_assert_eq(held.status, 201, "%s", held.body);
	for (int role = 0; role < ROLES; role++) {
		struct links l = { .path = { "/" }, .n = 1 };

		for (size_t i = 0; i < l.n; i++)
			read_page(role, l.path[i], &l);
		pages += l.n;
	}
	cr_assert_gt(pages, 60, "only %zu pages", pages);
}
