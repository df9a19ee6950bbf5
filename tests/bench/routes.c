/* Every route row, one a line, for what walks them all: method, path, where it answers (api, page),
 * roles, and the members of a GET's query with values to try:
 *
 *	GET	/placements	api,page	provider,analyst	state=held|offered&household_id=uuid
 */
#include <stdio.h>
#include <string.h>

#include "app/routes.h"

static void put_codes(const struct code_list *codes)
{
	for (size_t i = 0; i < codes->n; i++)
		printf("%s%s", i ? "|" : "", codes->rows[i].code);
}

static void put_values(const struct field *f)
{
	switch (f->type) {
	case FIELD_CODE: put_codes(f->codes); break;
	case FIELD_BOOL: printf("true|false"); break;
	case FIELD_INT: printf("1|%d", (int)f->max); break;
	default: printf(f->type == FIELD_UUID ? "uuid" : "text");
	}
}

static void put_query(const struct route *r)
{
	for (size_t i = 0; r->input && i < r->input->n; i++) {
		printf("%s%s=", i ? "&" : "", r->input->fields[i].name);
		put_values(&r->input->fields[i]);
	}
}

static void put_roles(unsigned roles)
{
	const char *comma = "";

	for (int role = 0; role < ROLES; role++) {
		if (!(roles & 1u << role))
			continue;
		printf("%s%s", comma, code_at(&role_codes, role));
		comma = ",";
	}
}

static void put_route(const struct route *r)
{
	bool api = !(r->flags & (ROUTE_PAGE_ONLY | ROUTE_BARE));

	printf("%s\t%s\t%s%s%s\t", r->method, r->path, r->flags & ROUTE_BARE ? "bare" : api ? "api" : "",
	       api && r->view ? "," : "", r->view ? "page" : "");
	put_roles(r->roles);
	putchar('\t');
	if (strcmp(r->method, "GET") == 0)
		put_query(r);
	putchar('\n');
}

int main(void)
{
	for (const struct route *const *table = app_tables; *table; table++)
		for (const struct route *r = *table; r->method; r++)
			put_route(r);
	return 0;
}
