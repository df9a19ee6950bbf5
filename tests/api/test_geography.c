/* A geography that is imported while the service runs, and the pairs of district and authority in it. */
#include "inventory.h"
#include "patience.h"

#include <unistd.h>

TestSuite(new_geography, .init = service_start_own, .fini = service_stop);

static struct answer property(const char *more)
{
	return call(ROLE_provider, "POST", "/api/v1/properties",
		    "{\"public_name\":\"Willow\",\"area_label\":\"West\",\"type\":\"dispersed_full\","
		    "\"local_authority\":\"E06000002\",\"residents\":\"any\",\"shared_access\":false,"
		    "\"outward_code\":\"TS1\"%s}", more);
}

/* A board that lost its database loads everything anew. */
static void lose_connections(void)
{
	sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() "
	    "AND usename = 'haven_app'");
}

Test(new_geography, a_pair_that_no_postcode_has_is_questioned)
{
	struct answer a = property("");
	int64_t since;

	cr_assert_eq(a.status, 201, "before an import nobody knows: %s", a.body);
	sql("UPDATE geography SET words = words || E'authorities TS1 E06000003\\n', taken_at = now()");
	lose_connections();
	since = clock_mono();
	while (a.status != 422 && wait_on(since))
		a = property("");
	assert_error(a, "/local_authority");
	cr_assert_str_eq(answer_text(&a, "errors.0.code"), "no_such_pair", "%s", a.body);
	a = property(",\"authority_checked\":true");
	assert_status(a, 201);
}
