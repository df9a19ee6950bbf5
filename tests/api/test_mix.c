/* The mix of residents: the provider records it, and until then a search asks about it. */
#include <criterion/criterion.h>
#include <string.h>

#include "inventory.h"
#include "service.h"

TestSuite(mix, .init = service_start, .fini = service_stop);

#define HERE "/api/v1/households/" HOUSEHOLD

static bool is_option(const char *vacancy)
{
	struct answer a;
	json_t *o;
	size_t i;

	board_settle();
	a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
		 "{\"household_id\":\"" HOUSEHOLD "\"}");
	cr_assert_eq(a.status, 200, "%s", a.body);
	json_array_foreach(json_object_get(a.json, "options"), i, o)
		if (strcmp(json_string_value(json_object_get(o, "vacancy_id")), vacancy) == 0)
			return true;
	return false;
}

static struct answer review(int actor, const char *body)
{
	return call(actor, "POST", "/api/v1/units/" UNIT_A1 "/mix-review", "%s", body);
}

Test(mix, what_residents_must_be_kept_from_is_kept_from_them)
{
	struct answer unknown = call(ROLE_provider, "GET", "/api/v1/units/" UNIT_A1, NULL), said;

	cr_assert(json_is_null(json_object_get(unknown.json, "mix_reviewed_at")), "%s",
		  unknown.body);
	cr_assert(json_is_null(json_object_get(unknown.json, "mix_poses")), "%s", unknown.body);
	cr_assert_eq(change(ROLE_navigator, HERE, 1, "{\"poses\":[\"drug_use\"]}").status, 200);
	cr_assert(is_option(VACANCY_A1), "unknown is asked, it excludes nobody");
	said = review(ROLE_provider, "{\"poses\":[],\"avoids\":[\"drug_use\",\"arson\"]}");
	cr_assert_eq(said.status, 200, "%s", said.body);
	cr_assert_str_eq(answer_text(&said, "mix_avoids.1"), "arson");
	cr_assert_not_null(answer_text(&said, "mix_reviewed_at"), "%s", said.body);
	cr_assert_not(is_option(VACANCY_A1));
	cr_assert_eq(change(ROLE_navigator, HERE, 2, "{\"poses\":[]}").status, 200);
	cr_assert(is_option(VACANCY_A1));
}

Test(mix, the_reverse_too)
{
	review(ROLE_provider, "{\"poses\":[\"gang\"],\"avoids\":[]}");
	cr_assert(is_option(VACANCY_A1));
	cr_assert_eq(change(ROLE_navigator, HERE, 1, "{\"avoids\":[\"gang\"]}").status, 200);
	cr_assert_not(is_option(VACANCY_A1));
}

Test(mix, said_and_seen_by_its_provider_alone)
{
	struct answer seen;

	cr_assert_eq(review(ACTOR_provider_b, "{\"poses\":[],\"avoids\":[]}").status, 404);
	cr_assert_eq(review(ROLE_navigator, "{\"poses\":[],\"avoids\":[]}").status, 403);
	cr_assert_eq(review(ROLE_provider, "{\"poses\":[]}").status, 422, "both are said");
	review(ROLE_provider, "{\"poses\":[\"exploitation\"],\"avoids\":[]}");
	seen = call(ROLE_navigator, "GET", "/api/v1/units/" UNIT_A1, NULL);
	cr_assert_null(strstr(seen.body, "exploitation"), "residents are nobody else's business: %s",
		       seen.body);
	cr_assert_not_null(answer_text(&seen, "mix_reviewed_at"), "%s", seen.body);
}

/* list: "asks", of the provider, or "open", for the household to say. */
static bool mix_in(const struct answer *a, const char *vacancy, const char *list)
{
	json_t *option, *code;
	size_t i, k;

	json_array_foreach(json_object_get(a->json, "options"), i, option) {
		if (strcmp(json_string_value(json_object_get(option, "vacancy_id")), vacancy) != 0)
			continue;
		json_array_foreach(json_object_get(option, list), k, code)
			if (strcmp(json_string_value(code), "resident_mix") == 0)
				return true;
		return false;
	}
	cr_assert(false, "%s is no option: %s", vacancy, a->body);
	return false;
}

Test(mix, asked_where_residents_share_something)
{
#define WOMAN "\"situation\":\"rough\",\"members\":[{\"kind\":\"main\",\"sex\":\"female\"}]"
	struct answer a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches", "{\"household\":{" WOMAN "}}");

	cr_assert(mix_in(&a, VACANCY_A1, "open"), "nobody asked the household: %s", a.body);
	cr_assert_not(mix_in(&a, VACANCY_A1, "asks"), "%s", a.body);
	cr_assert_not(mix_in(&a, VACANCY_B1, "open"), "nobody shares anything there: %s", a.body);
	a = call(ROLE_navigator, "POST", "/api/v1/vacancy-searches",
		 "{\"household\":{" WOMAN ",\"poses\":[\"arson\"],\"avoids\":[]}}");
	cr_assert(mix_in(&a, VACANCY_A1, "asks"), "nobody asked its neighbours to be: %s", a.body);
	cr_assert_not(mix_in(&a, VACANCY_A1, "open"), "%s", a.body);
}
