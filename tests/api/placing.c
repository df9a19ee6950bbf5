#include "placing.h"

#include <criterion/criterion.h>
#include <stdio.h>

struct answer hold(const char *household, const char *vacancy)
{
	return call(ROLE_navigator, "POST", "/api/v1/placements",
		    "{\"household_id\":\"%s\",\"vacancy_id\":\"%s\"}", household, vacancy);
}

struct answer act(int actor, const char *id, const char *verb, const char *body)
{
	char path[160];

	snprintf(path, sizeof(path), "/api/v1/placements/%s/%s", id, verb);
	return call(actor, "POST", path, "%s", body);
}

struct answer get(int actor, const char *id)
{
	char path[160];

	snprintf(path, sizeof(path), "/api/v1/placements/%s", id);
	return call(actor, "GET", path, NULL);
}

const char *held(const char *household, const char *vacancy)
{
	struct answer a = hold(household, vacancy);

	cr_assert_eq(a.status, 201, "%s", a.body);
	return answer_text(&a, "id");
}

const char *offered(const char *household, const char *vacancy)
{
	const char *id = held(household, vacancy);
	struct answer a = act(ROLE_navigator, id, "offer", "{}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	return id;
}

const char *accepted(const char *household, const char *vacancy)
{
	const char *id = offered(household, vacancy);
	struct answer a = act(ROLE_provider, id, "accept", "{}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	return id;
}

const char *arrived(const char *household, const char *vacancy)
{
	const char *id = accepted(household, vacancy);
	struct answer a = act(ROLE_provider, id, "arrive", "{}");

	cr_assert_eq(a.status, 200, "%s", a.body);
	return id;
}

const char *stored(const char *id)
{
	return sql("SELECT state FROM placement WHERE id = '%s'", id);
}
