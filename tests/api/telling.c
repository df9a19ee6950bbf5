#include "telling.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "memory.h"
#include "referring.h"

void start_telling(void)
{
	service_start();
	sql("INSERT INTO organisation (id, partnership_id, kind, name) VALUES ('" SECOND "', '" PARTNERSHIP "', 'council', 'Second Council')");
}

const char *const fact_names[] = { "safe_contact", "first_name", "perpetrator" };
const char *const words[] = { "Canarycode", "Canaryname", "Canaryscar" };
const char *ids[FACTS];

const char *id_of(enum fact f)
{
	return sql("SELECT id FROM case_secret WHERE household_id = '" HOUSEHOLD "' AND kind = '%s' AND ended_at IS NULL", fact_names[f]);
}

void consent(const char *basis)
{
	sql("INSERT INTO consent (household_id, purpose, basis, reason, at) VALUES ('" HOUSEHOLD "', 'share_with_providers', '%s', 'r', clock_timestamp())",
	    basis);
}

void record_all(void)
{
	struct answer a = call(ROLE_navigator, "POST", CASE "/safe-contact",
			       "{\"phone\":\"07700 900123\",\"hours\":\"after six\",\"voicemail\":false,\"code_word\":\"Canarycode\"}");

	assert_status(a, 201);
	a = call(ROLE_navigator, "POST", CASE "/first-name", "{\"first_name\":\"Canaryname\"}");
	assert_status(a, 201);
	a = call(ROLE_navigator, "POST", CASE "/parties", "{\"name\":\"A Rook\",\"description\":\"A Canaryscar\",\"vehicle\":\"red van\"}");
	assert_status(a, 201);
	for (int f = 0; f < FACTS; f++) {
		ids[f] = id_of((enum fact)f);
		cr_assert_not_null(ids[f], "%s", fact_names[f]);
	}
	sql("UPDATE household SET interpreter = true, poses = '{arson}', avoids = '{aggression}', counter_allegation = true, primary_victim = 'this_household',"
	    " primary_victim_on = today(), primary_victim_reason = 'fear' WHERE id = '" HOUSEHOLD "'");
	sql("UPDATE organisation SET day_phone = '01632960111' WHERE id IN ('" COUNCIL "', '" SECOND "')");
	sql("UPDATE organisation SET day_phone = '01632960222' WHERE id = '" PROVIDER_A "'");
	consent("given");
}

struct answer read_fact(int actor, const char *id)
{
	return call(actor, "POST", path("case-secrets", id, "/readings"), "{\"purpose\":\"let_in\"}");
}

int readings(void)
{
	return atoi(sql("SELECT count(*) FROM audit.event WHERE action = 'reveal' AND subject_kind = 'case_secret'"));
}

void all_of(const char *statements)
{
	sql("DO $all$ BEGIN %s; END $all$", statements);
}
