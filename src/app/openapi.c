/* The OpenAPI 3.1 document, from the route rows, the field tables and the shapes of answers. */
#include <ctype.h>
#include <string.h>

#include "app/openapi.h"
#include "json/schema.h"
#include "json/write.h"
#include "serve/route.h"

static bool in_api(const struct route *r)
{
	return !(r->flags & (ROUTE_PAGE_ONLY | ROUTE_BARE));
}

/* ---- shapes ---- */

static void put_codes(struct text *t, const struct shape_member *m)
{
	json_put_key(t, "enum");
	json_array_begin(t);
	for (size_t i = 0; m->codes && i < m->codes->n; i++)
		json_put_str(t, m->codes->rows[i].code);
	if (m->nullable)
		json_put_null(t);
	json_array_end(t);
}

static void put_type(struct text *t, const char *type, bool nullable)
{
	json_put_key(t, "type");
	if (!nullable) {
		json_put_str(t, type);
		return;
	}
	json_array_begin(t);
	json_put_str(t, type);
	json_put_str(t, "null");
	json_array_end(t);
}

static void put_shape(struct text *t, const struct shape *s, bool nullable);

static void put_scalar(struct text *t, const struct shape_member *m, bool nullable)
{
	static const char *const types[] = {
		[SHAPE_TEXT] = "string", [SHAPE_UUID] = "string", [SHAPE_INT] = "integer", [SHAPE_BOOL] = "boolean",
		[SHAPE_DATE] = "string", [SHAPE_INSTANT] = "string", [SHAPE_CODE] = "string", [SHAPE_OBJECT] = "object",
	};
	static const char *const formats[] = {
		[SHAPE_UUID] = "uuid", [SHAPE_DATE] = "date", [SHAPE_INSTANT] = "date-time", [SHAPE_OBJECT] = NULL,
	};

	if (m->type == SHAPE_OBJECT && m->sub) {
		put_shape(t, m->sub, nullable);
		return;
	}
	json_object_begin(t);
	put_type(t, types[m->type], nullable);
	if (formats[m->type])
		json_put_text(t, "format", formats[m->type]);
	if (m->type == SHAPE_CODE && m->codes)
		put_codes(t, m);
	json_object_end(t);
}

static void put_member_schema(struct text *t, const struct shape_member *m)
{
	if (!m->list) {
		put_scalar(t, m, m->nullable);
		return;
	}
	json_object_begin(t);
	put_type(t, "array", m->nullable);
	json_put_key(t, "items");
	put_scalar(t, m, false);
	json_object_end(t);
}

static void put_shape(struct text *t, const struct shape *s, bool nullable)
{
	json_object_begin(t);
	put_type(t, "object", nullable);
	json_put_key(t, "required");
	json_array_begin(t);
	for (const struct shape_member *m = s->members; m->name; m++)
		json_put_str(t, m->name);
	json_array_end(t);
	json_put_key(t, "properties");
	json_object_begin(t);
	for (const struct shape_member *m = s->members; m->name; m++) {
		json_put_name(t, m->name);
		put_member_schema(t, m);
	}
	json_object_end(t);
	json_object_end(t);
}

static void put_list_shape(struct text *t, const struct shape *s)
{
	text_puts(t, "{\"type\":\"object\",\"required\":[\"items\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":");
	put_shape(t, s, false);
	text_puts(t, "},\"next\":{\"type\":[\"string\",\"null\"]}}}");
}

static void put_output(struct text *t, const struct shape *s)
{
	if (!s)
		text_puts(t, "{\"type\":\"object\"}");
	else if (s->list)
		put_list_shape(t, s);
	else
		put_shape(t, s, false);
}

/* ---- operations ---- */

/* "post_placements_id_accept": unique, and stable as long as the address is. */
static void put_operation_id(struct text *t, const struct route *r)
{
	struct text id = text_in(t->arena);

	for (const char *p = r->method; *p; p++)
		text_putc(&id, (char)tolower((unsigned char)*p));
	for (const char *p = r->path; *p; p++) {
		if (isalnum((unsigned char)*p))
			text_putc(&id, *p);
		else if (id.data[id.len - 1] != '_')
			text_putc(&id, '_');
	}
	while (id.data[id.len - 1] == '_')
		id.len--;
	json_put_text(t, "operationId", text_done(&id));
}

static void put_parameter(struct text *t, const char *where, const char *name, bool required)
{
	json_object_begin(t);
	json_put_text(t, "name", name);
	json_put_text(t, "in", where);
	json_put_key(t, "required");
	json_put_bool(t, required);
	json_put_key(t, "schema");
}

static void put_header(struct text *t, const char *name, const char *description, bool required)
{
	put_parameter(t, "header", name, required);
	text_puts(t, "{\"type\":\"string\"}");
	json_put_text(t, "description", description);
	json_object_end(t);
}

static void put_path_parameters(struct text *t, const char *path)
{
	const char *open, *shut;

	for (; (open = strchr(path, '{')) != NULL; path = shut) {
		const char *name;

		shut = strchr(open, '}');
		name = arena_strndup(t->arena, open + 1, (size_t)(shut - open - 1));
		put_parameter(t, "path", name, true);
		text_puts(t, strcmp(name, "id") == 0 ? "{\"type\":\"string\",\"format\":\"uuid\"}" : "{\"type\":\"string\"}");
		json_object_end(t);
	}
}

static void put_query_parameters(struct text *t, const struct route *r)
{
	if (strcmp(r->method, "GET") != 0 || !r->input)
		return;
	for (size_t i = 0; i < r->input->n; i++) {
		put_parameter(t, "query", r->input->fields[i].name, r->input->fields[i].required);
		schema_put_field(t, &r->input->fields[i]);
		json_object_end(t);
	}
}

static bool takes_key(const struct route *r)
{
	return strcmp(r->method, "POST") == 0 && r->roles != PUBLIC && !(r->flags & ROUTE_READS);
}

static void put_parameters(struct text *t, const struct route *r)
{
	json_put_key(t, "parameters");
	json_array_begin(t);
	put_path_parameters(t, r->path);
	put_query_parameters(t, r);
	if (takes_key(r))
		put_header(t, "Idempotency-Key", "The same key with the same request gets the same answer and does nothing twice.",
			   !(r->flags & ROUTE_KEYLESS));
	if (strcmp(r->method, "PATCH") == 0)
		put_header(t, "If-Match", "The ETag that came with the record when you read it.", true);
	json_array_end(t);
}

static void put_body(struct text *t, const struct route *r)
{
	if (strcmp(r->method, "GET") == 0 || !r->input)
		return;
	text_puts(t, ",\"requestBody\":{\"required\":true,\"content\":{");
	json_put_name(t, strcmp(r->method, "PATCH") == 0 ? "application/merge-patch+json" : "application/json");
	text_puts(t, "{\"schema\":");
	schema_put(t, r->input);
	text_puts(t, "}}}");
}

/* Searches and actions answer 200; a request that makes a record answers 201. */
static const char *success(const struct route *r)
{
	bool makes = strcmp(r->method, "POST") == 0 && !(r->flags & ROUTE_READS) && !strstr(r->path, "}/");

	return makes ? "201" : "200";
}

static void put_problem(struct text *t, int status, const char *description)
{
	text_printf(t, ",\"%d\":{\"description\":", status);
	json_put_str(t, description);
	text_puts(t, ",\"content\":{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/problem\"}}}}");
}

static void put_responses(struct text *t, const struct route *r)
{
	text_printf(t, ",\"responses\":{\"%s\":{\"description\":", success(r));
	json_put_str(t, r->summary ? r->summary : "Done");
	text_puts(t, ",\"content\":{\"application/json\":{\"schema\":");
	put_output(t, r->output);
	text_puts(t, r->flags & ROUTE_CSV ? "},\"text/csv\":{\"schema\":{\"type\":\"string\"}}}}" : "}}}");
	put_problem(t, 406, "Accept allows no type that this address answers");
	if (r->input || takes_key(r))
		put_problem(t, 422, "Values are not valid; errors names each");
	if (r->roles != PUBLIC) {
		put_problem(t, 401, "Not signed in");
		put_problem(t, 403, "The role does not allow it");
	}
	if (strchr(r->path, '{'))
		put_problem(t, 404, "There is no such record, or the caller may not see it");
	put_problem(t, 503, "Cannot be answered now; Retry-After says when to repeat");
	json_object_end(t);
}

static void put_roles(struct text *t, const struct route *r)
{
	json_put_key(t, "x-roles");
	json_array_begin(t);
	for (int role = 0; role < ROLES; role++)
		if (r->roles & 1u << role)
			json_put_str(t, code_at(&role_codes, role));
	json_array_end(t);
}

static void put_lower_name(struct text *t, const char *method)
{
	char *lower = arena_strdup(t->arena, method);

	for (char *p = lower; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	json_put_name(t, lower);
}

static void put_operation(struct text *t, const struct route *r)
{
	put_lower_name(t, r->method);
	json_object_begin(t);
	put_operation_id(t, r);
	json_put_text(t, "summary", r->summary ? r->summary : r->path);
	if (r->roles == PUBLIC)
		text_puts(t, ",\"security\":[]");
	put_roles(t, r);
	put_parameters(t, r);
	put_body(t, r);
	put_responses(t, r);
	json_object_end(t);
}

/* ---- the document ---- */

static bool first_of_path(const struct route *const *tables, const struct route *wanted)
{
	for (const struct route *const *table = tables; *table; table++)
		for (const struct route *r = *table; r->method; r++)
			if (in_api(r) && strcmp(r->path, wanted->path) == 0)
				return r == wanted;
	return false;
}

static void put_path(struct text *t, const struct route *const *tables, const struct route *wanted)
{
	if (!in_api(wanted) || !first_of_path(tables, wanted))
		return;
	json_put_name(t, wanted->path);
	json_object_begin(t);
	for (const struct route *const *table = tables; *table; table++)
		for (const struct route *r = *table; r->method; r++)
			if (in_api(r) && strcmp(r->path, wanted->path) == 0)
				put_operation(t, r);
	json_object_end(t);
}

const char *app_openapi(struct arena *a, const struct route *const *tables)
{
	struct text t = text_in(a);

	text_puts(&t, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Haven\",\"version\":\"1\",\"description\":"
		      "\"Safe accommodation allocation for domestic abuse. No answer contains an address.\","
		      "\"license\":{\"name\":\"MIT\",\"identifier\":\"MIT\"}},"
		      "\"servers\":[{\"url\":\"/api/v1\"}],\"security\":[{\"session\":[]}],\"paths\":");
	json_object_begin(&t);
	for (const struct route *const *table = tables; *table; table++)
		for (const struct route *r = *table; r->method; r++)
			put_path(&t, tables, r);
	json_object_end(&t);
	text_puts(&t, ",\"components\":{\"securitySchemes\":{\"session\":{\"type\":\"http\",\"scheme\":\"bearer\"}},"
		      "\"schemas\":{\"problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\"],"
		      "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
		      "\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},\"request_id\":{\"type\":\"string\"},"
		      "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"pointer\",\"code\",\"detail\"],"
		      "\"properties\":{\"pointer\":{\"type\":\"string\"},\"code\":{\"type\":\"string\"},"
		      "\"detail\":{\"type\":\"string\"}}}}}}}}}");
	return text_done(&t);
}
