#include "memory.h"
#include "walk.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 600 };

static const char *filled(const char *name)
{
	if (strncmp(name, "{id}", 4) == 0)
		return NOBODY;
	return strncmp(name, "{slug}", 6) == 0 ? "not-found" : "sex";
}

static void fill(char *out, size_t size, const char *prefix, const char *path)
{
	size_t n = (size_t)snprintf(out, size, "%s", prefix);

	for (; *path; path++) {
		if (*path != '{') {
			out[n++] = *path;
			continue;
		}
		n += (size_t)snprintf(out + n, size - n, "%s", filled(path));
		path = strchr(path, '}');
	}
	out[n] = '\0';
}

static void add(struct address *at, const struct route *r, bool page, const char *prefix)
{
	at->r = r;
	at->page = page;
	fill(at->path, sizeof(at->path), prefix, r->path);
	snprintf(at->shown, sizeof(at->shown), "%s %s%s%s", r->method, prefix, r->path, page ? " (page)" : "");
}

const struct address *addresses(size_t *n)
{
	static struct address all[MOST];
	static size_t count;

	*n = count;
	if (count)
		return all;
	for (const struct route *const *t = app_tables; *t; t++)
		for (const struct route *r = *t; r->method; r++) {
			cr_assert(count + 2 < MOST, "raise MOST");
			if (r->flags & ROUTE_BARE)
				add(&all[count++], r, false, "");
			else if (!(r->flags & ROUTE_PAGE_ONLY))
				add(&all[count++], r, false, "/api/v1");
			if (r->view)
				add(&all[count++], r, true, "");
		}
	*n = count;
	return all;
}

struct record_kind record_kinds[KINDS_MAX];

/* A table of cases has their policy, one of supply that of partners; of the rest all are people and what
 * they do. */
static struct record_kind look_up(const char *part)
{
	struct record_kind k = { .part = part, .table = sql("SELECT test.table_of('%s')", part) };

	if (k.table)
		k.family = (enum family)atoi(sql("SELECT CASE WHEN c.relname = 'placement' THEN %d WHEN '{cases,firm}' && p THEN %d"
						 " WHEN 'partners' = ANY (p) THEN %d ELSE %d END"
						 " FROM pg_class c, LATERAL (SELECT array_agg(polname::text) FROM pg_policy WHERE polrelid = c.oid) l (p)"
						 " WHERE c.oid = '%s'::regclass", PLACEMENTS, CASES, SUPPLY, PEOPLE, k.table));
	return k;
}

const struct record_kind *record_kind_of(const char *path)
{
	const char *id = strstr(path, "/{id}"), *from = id;
	struct record_kind *k = record_kinds;
	const char *part;

	if (!id)
		return NULL;
	while (from[-1] != '/')
		from--;
	part = arena_strndup(test_memory(), from, (size_t)(id - from));
	while (k->part && strcmp(k->part, part) != 0)
		cr_assert_lt(++k - record_kinds, KINDS_MAX - 1, "raise KINDS_MAX");
	if (!k->part)
		*k = look_up(part);
	return k->table ? k : NULL;
}

const char *stored(void)
{
	return sql("SELECT md5(string_agg(xpath('/row/h/text()', query_to_xml(format("
		   "'SELECT %%L || md5(coalesce(string_agg(x::text, ''|'' ORDER BY x::text), '''')) AS h FROM (SELECT %%s FROM %%s) x', "
		   "c.oid::regclass, CASE c.relname WHEN 'session' THEN 'id, revoked_at' ELSE '*' END, c.oid::regclass), "
		   "false, true, ''))::text, ' ' ORDER BY c.oid::regclass::text)) "
		   "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
		   "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('public', 'vault', 'audit')");
}

struct answer send_to(const struct address *at, int actor, const char *headers, const char *body)
{
	const char *type = at->page ? "x-www-form-urlencoded" :
			   strcmp(at->r->method, "PATCH") == 0 ? "merge-patch+json" : "json";
	char all[700];

	snprintf(all, sizeof(all), "Accept: %s\r\n%s%s%s%s", at->page ? "text/html" : "*/*", headers,
		 body ? "Content-Type: application/" : "", body ? type : "", body ? "\r\n" : "");
	return call_with(actor, at->r->method, at->path, all, body);
}

int right_role(const struct route *r)
{
	for (int role = 0; role < ROLES; role++)
		if (r->roles & 1u << role)
			return role;
	return SIGNED_OUT;
}
