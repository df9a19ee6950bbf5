/* The OpenAPI document describes the service: every route row is in it, and live answers have the
 * shapes that it promises. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "app/openapi.h"
#include "shape.h"
#include "walk.h"

TestSuite(document);
TestSuite(answers, .init = service_start, .fini = service_stop, .timeout = 120);

static json_t *document(void)
{
	struct arena *a = arena_new();
	json_error_t error;
	json_t *d = json_loads(app_openapi(a, app_tables), JSON_REJECT_DUPLICATES, &error);

	cr_assert(d, "line %d: %s", error.line, error.text);
	arena_free(a);
	return d;
}

static const json_t *operation(const json_t *d, const struct route *r)
{
	char method[8];
	size_t n = strlen(r->method);

	for (size_t i = 0; i <= n; i++)
		method[i] = (char)(r->method[i] | (i < n ? 0x20 : 0));
	return json_object_get(json_object_get(json_object_get(d, "paths"), r->path), method);
}

static bool in_api(const struct route *r)
{
	return !(r->flags & (ROUTE_PAGE_ONLY | ROUTE_BARE));
}

Test(document, has_its_frame)
{
	json_t *d = document();

	cr_assert_str_eq(json_string_value(json_object_get(d, "openapi")), "3.1.0");
	cr_assert(json_string_value(json_object_get(json_object_get(d, "info"), "title")));
	cr_assert(json_string_value(json_object_get(json_object_get(d, "info"), "version")));
	cr_assert(json_object_get(json_object_get(json_object_get(d, "components"), "securitySchemes"), "session"));
	json_decref(d);
}

Test(document, has_every_row_and_no_other)
{
	json_t *d = document(), *path;
	size_t rows = 0, operations = 0;
	const char *name;

	for (const struct route *const *t = app_tables; *t; t++)
		for (const struct route *r = *t; r->method; r++) {
			rows += in_api(r);
			cr_expect_eq(operation(d, r) != NULL, in_api(r) || (operation(d, r) && r->view), "%s %s", r->method, r->path);
		}
	json_object_foreach(json_object_get(d, "paths"), name, path)
		operations += json_object_size(path);
	cr_assert_eq(operations, rows, "%zu operations of %zu rows", operations, rows);
	json_decref(d);
}

static void check_parameters(const struct route *r, const json_t *operation)
{
	char wanted[40];
	const json_t *p;
	size_t i, in_path = 0, braces = 0;

	for (const char *c = r->path; *c; c++)
		braces += *c == '{';
	json_array_foreach(json_object_get(operation, "parameters"), i, p) {
		const char *where = json_string_value(json_object_get(p, "in"));

		cr_expect(json_object_get(p, "schema"), "%s %s: a parameter without schema", r->method, r->path);
		if (strcmp(where, "path") != 0)
			continue;
		in_path++;
		snprintf(wanted, sizeof(wanted), "{%s}", json_string_value(json_object_get(p, "name")));
		cr_expect(strstr(r->path, wanted), "%s is not in %s", wanted, r->path);
		cr_expect(json_is_true(json_object_get(p, "required")), "%s of %s is not required", wanted, r->path);
	}
	cr_expect_eq(in_path, braces, "%s %s: %zu of %zu names described", r->method, r->path, in_path, braces);
}

static void check_responses(const struct route *r, const json_t *operation)
{
	json_t *responses = json_object_get(operation, "responses"), *response;
	const char *status;
	size_t good = 0;

	json_object_foreach(responses, status, response) {
		good += *status == '2';
		cr_expect(strlen(status) == 3 && strspn(status, "0123456789") == 3, "%s is no status", status);
		cr_expect(json_string_value(json_object_get(response, "description")), "%s %s %s: no description", r->method,
			  r->path, status);
	}
	cr_expect_eq(good, 1, "%s %s has %zu successes", r->method, r->path, good);
	cr_expect_eq(json_object_get(responses, "401") != NULL, r->roles != PUBLIC, "%s %s: 401", r->method, r->path);
}

Test(document, each_operation_is_whole)
{
	json_t *d = document(), *ids = json_object();

	for (const struct route *const *t = app_tables; *t; t++)
		for (const struct route *r = *t; r->method; r++) {
			const json_t *o = in_api(r) ? operation(d, r) : NULL;
			const char *id = json_string_value(json_object_get(o, "operationId"));

			if (!o)
				continue;
			cr_expect(id && !json_object_get(ids, id), "%s %s: operationId %s twice", r->method, r->path, id);
			json_object_set_new(ids, id, json_true());
			cr_expect(json_string_value(json_object_get(o, "summary")), "%s %s: no summary", r->method, r->path);
			cr_expect(r->output || r->roles == PUBLIC, "%s %s does not say what it answers", r->method, r->path);
			check_parameters(r, o);
			check_responses(r, o);
			if (r->input && strcmp(r->method, "GET") != 0)
				cr_expect(json_object_get(o, "requestBody"), "%s %s: no requestBody", r->method, r->path);
		}
	json_decref(ids);
	json_decref(d);
}

/* ---- every schema in it ---- */

static void check_reference(const json_t *d, const char *ref)
{
	static const char prefix[] = "#/components/schemas/";
	const json_t *schemas = json_object_get(json_object_get(d, "components"), "schemas");

	cr_expect(strncmp(ref, prefix, sizeof(prefix) - 1) == 0 && json_object_get(schemas, ref + sizeof(prefix) - 1),
		  "%s leads nowhere", ref);
}

static void check_type(const json_t *type)
{
	static const char *const types[] = { "string", "integer", "number", "boolean", "object", "array", "null" };
	const char *name = json_string_value(type);
	size_t i = 0;

	for (size_t k = 0; k < json_array_size(type); k++)
		check_type(json_array_get(type, k));
	if (!name)
		return;
	while (i < sizeof(types) / sizeof(*types) && strcmp(types[i], name) != 0)
		i++;
	cr_expect(i < sizeof(types) / sizeof(*types), "%s is no type", name);
}

/* "required" names properties, enums hold no value twice, arrays name their items. */
static void check_schema(const json_t *s, const char *where)
{
	const json_t *properties = json_object_get(s, "properties"), *name, *value;
	size_t i, j;

	check_type(json_object_get(s, "type"));
	json_array_foreach(json_object_get(s, "required"), i, name)
		cr_expect(json_object_get(properties, json_string_value(name)), "%s requires %s, which it does not have", where,
			  json_string_value(name));
	json_array_foreach(json_object_get(s, "enum"), i, value)
		for (j = 0; j < i; j++)
			cr_expect_not(json_equal(value, json_array_get(json_object_get(s, "enum"), j)), "%s: a code twice", where);
	if (json_string_value(json_object_get(s, "type")) && strcmp(json_string_value(json_object_get(s, "type")), "array") == 0)
		cr_expect(json_object_get(s, "items"), "%s: an array of what?", where);
}

static void check_tree(const json_t *d, json_t *v, const char *where, bool names)
{
	const char *name;
	json_t *member;

	for (size_t i = 0; i < json_array_size(v); i++)
		check_tree(d, json_array_get(v, i), where, false);
	if (!json_is_object(v))
		return;
	if (!names && json_object_get(v, "$ref"))
		check_reference(d, json_string_value(json_object_get(v, "$ref")));
	if (!names && (json_is_string(json_object_get(v, "type")) || json_is_array(json_object_get(v, "type"))))
		check_schema(v, where);
	json_object_foreach(v, name, member)
		check_tree(d, member, name, strcmp(name, "properties") == 0);
}

Test(document, each_schema_is_sound)
{
	json_t *d = document(), *paths = json_object_get(d, "paths"), *path;
	const char *name;

	json_object_foreach(paths, name, path)
		check_tree(d, path, name, false);
	check_tree(d, json_object_get(json_object_get(d, "components"), "schemas"), "schemas", true);
	json_decref(d);
}

Test(answers, document_is_served)
{
	struct answer a = call(SIGNED_OUT, "GET", "/api/v1/openapi.json", NULL);
	json_t *d = document();

	cr_assert_eq(a.status, 200, "%s", a.body);
	cr_assert(json_equal(a.json, d), "the service answers another document than `haven openapi`");
	json_decref(d);
}

/* ---- live answers ---- */

static const struct route *row(const char *method, const char *path)
{
	for (const struct route *const *t = app_tables; *t; t++)
		for (const struct route *r = *t; r->method; r++)
			if (in_api(r) && strcmp(r->path, path) == 0 && strcmp(r->method, method) == 0)
				return r;
	cr_assert_fail("no row %s %s", method, path);
	return NULL;
}

/* The answer must be a success, of the shape that the row of that template names. */
static void expect_shape(const struct answer *a, const char *method, const char *template)
{
	struct arena *arena = arena_new();
	const struct route *r = row(method, template);
	const char *fault = "no shape in the row";

	cr_expect(a->status == 200 || a->status == 201, "%s %s: %d %s", method, template, a->status, a->body);
	if (r->output)
		fault = shape_fault(arena, r->output, a->json);
	cr_expect_null(fault, "%s %s: %s in %s", method, template, fault, a->body);
	arena_free(arena);
}

static void expect_read(int actor, const char *path, const char *template)
{
	struct answer a = call(actor, "GET", path, NULL);

	expect_shape(&a, "GET", template);
}

/* A placement that is held, for the lists to show. */
static const char *hold(void)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/placements",
			       "{\"household_id\":\"" HOUSEHOLD "\",\"vacancy_id\":\"" VACANCY_A1 "\"}");

	expect_shape(&a, "POST", "/placements");
	cr_assert(answer_text(&a, "id"), "%s", a.body);
	return answer_text(&a, "id");
}

Test(answers, supply)
{
	static const int actors[] = { ROLE_provider, ROLE_navigator, ROLE_analyst };

	for (size_t i = 0; i < sizeof(actors) / sizeof(*actors); i++) {
		expect_read(actors[i], "/api/v1/properties", "/properties");
		expect_read(actors[i], "/api/v1/properties/" PROPERTY_A, "/properties/{id}");
		expect_read(actors[i], "/api/v1/units?limit=2", "/units");
		expect_read(actors[i], "/api/v1/units/" UNIT_A3, "/units/{id}");
		expect_read(actors[i], "/api/v1/vacancies", "/vacancies");
		expect_read(actors[i], "/api/v1/vacancies/" VACANCY_A1, "/vacancies/{id}");
		expect_read(actors[i], "/api/v1/voids", "/voids");
	}
}

Test(answers, the_rest_that_is_read)
{
	expect_read(ROLE_analyst, "/api/v1/codes", "/codes");
	expect_read(ROLE_analyst, "/api/v1/codes/sex", "/codes/{name}");
	expect_read(ROLE_provider, "/api/v1/organisations", "/organisations");
	expect_read(ROLE_provider, "/api/v1/organisations/" PROVIDER_A, "/organisations/{id}");
	expect_read(ROLE_provider, "/api/v1/sessions/current", "/sessions/current");
	expect_read(ROLE_administrator, "/api/v1/accounts", "/accounts");
}

Test(answers, cases)
{
	static const int actors[] = { ROLE_housing_officer, ROLE_navigator, ROLE_sanctuary_coordinator };

	hold();
	for (size_t i = 0; i < sizeof(actors) / sizeof(*actors); i++) {
		expect_read(actors[i], "/api/v1/households", "/households");
		expect_read(actors[i], "/api/v1/households/" HOUSEHOLD, "/households/{id}");
		expect_read(actors[i], "/api/v1/referrals", "/referrals");
		expect_read(actors[i], "/api/v1/referrals/" REFERRAL, "/referrals/{id}");
		expect_read(actors[i], "/api/v1/referrals/" REFERRAL_2, "/referrals/{id}");
	}
	expect_read(ROLE_administrator, "/api/v1/audit-events", "/audit-events");
	expect_read(ROLE_administrator, "/api/v1/households/" HOUSEHOLD "/audit-events", "/households/{id}/audit-events");
	expect_read(ROLE_finance_approver, "/api/v1/audit-events?limit=3", "/audit-events");
}

static struct answer post(int actor, const char *path, const char *template, const char *body)
{
	struct answer a = call(actor, "POST", path, "%s", body);

	expect_shape(&a, "POST", template);
	return a;
}

Test(answers, what_belongs_to_a_household)
{
	struct answer a;
	char path[160];

	post(ROLE_navigator, "/api/v1/households/" HOUSEHOLD "/consents", "/households/{id}/consents",
	     "{\"purpose\":\"contact\",\"basis\":\"given\"}");
	post(ROLE_navigator, "/api/v1/households/" HOUSEHOLD "/maracs", "/households/{id}/maracs", "{}");
	expect_read(ROLE_navigator, "/api/v1/households/" HOUSEHOLD, "/households/{id}");
	expect_read(ROLE_navigator, "/api/v1/households/" HOUSEHOLD "/consents", "/households/{id}/consents");
	expect_read(ROLE_navigator, "/api/v1/households/" HOUSEHOLD "/characteristics", "/households/{id}/characteristics");
	snprintf(path, sizeof(path), "/api/v1/households/" HOUSEHOLD "/characteristics/%s",
		 sql("SELECT id FROM member WHERE household_id = '" HOUSEHOLD "' AND kind = 'main'"));
	a = call_with(ROLE_navigator, "PATCH", path, "If-Match: \"0\"\r\nContent-Type: application/merge-patch+json\r\n",
		      "{\"religion\":\"jewish\"}");
	expect_shape(&a, "PATCH", "/households/{id}/characteristics/{member}");
	post(ROLE_navigator, "/api/v1/referrals", "/referrals", "{\"draft\":{}}");
	post(ROLE_provider, "/api/v1/units/" UNIT_A1 "/mix-review", "/units/{id}/mix-review", "{\"poses\":[\"arson\"],\"avoids\":[]}");
	expect_read(ROLE_provider, "/api/v1/units", "/units");
}

Test(answers, supply_made_and_changed)
{
	struct answer a = call(ROLE_provider, "POST", "/api/v1/vacancies", "{\"unit_id\":\"" UNIT_A3 "\"}");

	expect_shape(&a, "POST", "/vacancies");
	a = call(ROLE_provider, "POST", "/api/v1/vacancies/" VACANCY_A1 "/confirm", NULL);
	expect_shape(&a, "POST", "/vacancies/{id}/confirm");
	a = call(ROLE_provider, "POST", "/api/v1/vacancies/" VACANCY_A2 "/withdraw", "{\"reason\":\"%s\"}",
		 "out_of_service");
	expect_shape(&a, "POST", "/vacancies/{id}/withdraw");
	a = call(ROLE_provider, "POST", "/api/v1/units",
		 "{\"property_id\":\"" PROPERTY_A "\",\"reference\":\"Room 4\",\"self_contained\":false}");
	expect_shape(&a, "POST", "/units");
	a = call_with(ROLE_provider, "PATCH", "/api/v1/units/" UNIT_A3,
		      "If-Match: \"1\"\r\nContent-Type: application/merge-patch+json\r\n", "{\"bedrooms\":2}");
	expect_shape(&a, "PATCH", "/units/{id}");
}

Test(answers, searches)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", "{\"household_id\":\"" HOUSEHOLD "\"}");

	expect_shape(&a, "POST", "/vacancy-searches");
	cr_assert_gt(answer_int(&a, "matching"), 0, "an empty answer shows no shape: %s", a.body);
	a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
		 "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"male\",\"age\":30},"
		 "{\"kind\":\"child\",\"age\":15,\"sex\":\"male\"}]}}");
	expect_shape(&a, "POST", "/vacancy-searches");
	cr_assert_gt(json_array_size(json_object_get(a.json, "near_misses")) + json_array_size(json_object_get(a.json, "not_fitting")),
		     0, "nothing is refused: %s", a.body);
	a = call(ROLE_navigator, "GET", "/api/v1/vacancies/" VACANCY_B1 "/candidates", NULL);
	expect_shape(&a, "GET", "/vacancies/{id}/candidates");
	cr_assert_gt(answer_int(&a, "fitting"), 0, "%s", a.body);
}

Test(answers, referral_made)
{
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/referrals",
			       "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"age\":35},"
			       "{\"kind\":\"child\",\"age\":12,\"sex\":\"male\"}],"
			       "\"unsafe_places\":[{\"kind\":\"perpetrator_home\",\"outward_code\":\"ts10\"}]}}");
	char path[120];

	expect_shape(&a, "POST", "/referrals");
	snprintf(path, sizeof(path), "/api/v1/households/%s", answer_text(&a, "household.id"));
	board_settle();
	expect_read(ROLE_navigator, path, "/households/{id}");
}

static void act(int actor, const char *id, const char *verb, const char *body)
{
	char path[120], template[60];
	struct answer a;

	snprintf(path, sizeof(path), "/api/v1/placements/%s/%s", id, verb);
	snprintf(template, sizeof(template), "/placements/{id}/%s", verb);
	a = call(actor, "POST", path, body ? "%s" : NULL, body);
	expect_shape(&a, "POST", template);
}

Test(answers, a_whole_placement)
{
	static const int actors[] = { ROLE_provider, ROLE_navigator, ROLE_finance_officer, ROLE_analyst };
	const char *id = hold();
	char path[120];

	act(ROLE_navigator, id, "extend", "{\"minutes\":30}");
	act(ROLE_navigator, id, "offer", "{}");
	act(ROLE_provider, id, "accept", NULL);
	act(ROLE_provider, id, "arrive", "{}");
	snprintf(path, sizeof(path), "/api/v1/placements/%s", id);
	for (size_t i = 0; i < sizeof(actors) / sizeof(*actors); i++) {
		expect_read(actors[i], "/api/v1/placements", "/placements");
		expect_read(actors[i], path, "/placements/{id}");
	}
}
