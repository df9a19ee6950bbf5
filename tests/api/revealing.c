#include "revealing.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

void tell_address(void)
{
	struct answer a = change(ROLE_provider, "/api/v1/properties/" PROPERTY_A, 1,
				 "{\"address\":{\"lines\":[\"" SECRET "\",\"Redcar\"],\"postcode\":\"TS10 1AA\","
				 "\"access_note\":\"Ring twice\\nthen wait\"}}");

	assert_status(a, 200);
}

const char *placed(const char *state)
{
	return sql("INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period,"
		   " expires_at, offered_at, decided_at, arrived_on, departed_on, departure_reason, destination, decline_side, decline_reason,"
		   " cancel_reason, non_arrival_reason, household_version, unit_version)"
		   " SELECT '" VACANCY_A1 "', '" UNIT_A1 "', '" PROVIDER_A "', '" HOUSEHOLD "', '" COUNCIL "', a.id, s,"
		   " daterange(today(), NULL), now() + interval '1 hour', CASE WHEN s <> 'held' THEN now() END, now(),"
		   " CASE WHEN s IN ('arrived', 'departed') THEN today() END, CASE s WHEN 'departed' THEN today() END,"
		   " CASE s WHEN 'departed' THEN 'end_of_stay' END, CASE s WHEN 'departed' THEN 'own_home' END,"
		   " CASE s WHEN 'declined' THEN 'provider' END, CASE s WHEN 'declined' THEN 'capacity' END,"
		   " CASE s WHEN 'cancelled' THEN 'changed_mind' END, CASE s WHEN 'not_arrived' THEN 'not_known' END, 1, 1"
		   " FROM account a, (VALUES ('%s')) v (s) WHERE a.username = 'housing_officer' RETURNING id", state);
}

const char *address_of(const char *placement)
{
	return arena_printf(test_memory(), "/api/v1/placements/%s/address", placement);
}

struct answer look(int actor, const char *placement)
{
	return call(actor, "POST", address_of(placement), PURPOSE);
}

/* The text with the request's number and the time painted over. */
static const char *painted(const char *text, const char *number)
{
	char *copy = arena_strdup(test_memory(), text), *at;

	while (number && (at = strstr(copy, number)))
		memset(at, '#', strlen(number));
	at = strstr(copy, "Date: ");
	if (at)
		memset(at, '#', strcspn(at, "\r"));
	return copy;
}

void expect_nothing(int actor, const char *placement, const char *why)
{
	struct answer a = look(actor, placement), none = look(actor, NOBODY);
	const char *number = answer_header(&a, "X-Request-Id"), *other = answer_header(&none, "X-Request-Id");

	cr_expect(a.status == 404 || a.status == 403, "%s: %d %s", why, a.status, a.body);
	cr_expect_str_eq(painted(a.body, number), painted(none.body, other), "%s", why);
	cr_expect_str_eq(painted(a.head, number), painted(none.head, other), "%s", why);
}

int reveals(void)
{
	const char *n = sql("SELECT count(*) FROM address_reveal"),
		   *told = sql("SELECT count(*) FROM address_reveal r JOIN audit.event e ON e.detail ->> 'id' = r.id::text"
			       " WHERE e.action = 'reveal' AND e.subject_kind = 'property_address' AND e.subject_id = r.property_id"
			       " AND e.account_id = r.account_id AND e.household_id = r.household_id"
			       " AND e.detail ->> 'placement_id' = r.placement_id::text AND e.detail ->> 'purpose' = r.purpose");

	cr_assert_str_eq(n, told, "each has its audit event");
	cr_assert_str_eq(n, sql("SELECT count(*) FROM audit.event WHERE action = 'reveal'"), "and each event its row");
	return atoi(n);
}
