#include "funding.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVERYTHING \
	"[\"travel\",\"food_essentials\",\"clothing_baby\",\"phone\",\"emergency_night\",\"nrpf_accommodation\"," \
	"\"nrpf_subsistence\",\"rent_advance\",\"deposit\",\"arrears\",\"removals_storage\",\"furniture\"," \
	"\"locks_security\",\"id_immigration_fees\",\"legal\",\"interpreting\",\"school\",\"childcare\",\"pet_fostering\"]"

static const char *text_of(long pence)
{
	static char words[8][32];
	static int n;
	char *word = words[n++ % 8];

	snprintf(word, sizeof(*words), pence ? "%ld" : "null", pence);
	return word;
}

/* Of a new request that names the version of what it changes. */
static const char *headers(const char *version)
{
	return sql("SELECT E'If-Match: \"%s\"\\r\\nIdempotency-Key: ' || gen_random_uuid() || E'\\r\\nContent-Type: application/json\\r\\n'",
		   version);
}

const char *fund_pot(const char *name, long pence)
{
	struct answer a = call(ROLE_finance_officer, "POST", "/api/v1/fund/pots",
			       "{\"name\":\"%s\",\"funder\":\"A funder\",\"categories\":" EVERYTHING "}", name);
	const char *id = answer_text(&a, "id");

	assert_status(a, 201);
	a = call_with(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/years/%s/budget'", id),
		      headers("1"),
		      sql("SELECT '{\"change\":\"more\",\"amount_pence\":%ld}'", pence));
	assert_status(a, 200);
	a = call_with(ROLE_finance_officer, "POST", sql("SELECT '/api/v1/fund/years/%s/state'", id),
		      headers("2"),
		      "{\"state\":\"open\"}");
	assert_status(a, 200);
	return id;
}

void fund_limit(const char *role, long single, long month, long two_from, long lane)
{
	struct answer a = call(ROLE_finance_officer, "POST", "/api/v1/fund/limits",
			       "{\"role\":\"%s\",\"single_pence\":%ld,\"month_pence\":%ld,\"two_from_pence\":%s,"
			       "\"lane_pence\":%s}",
			       role, single, month, text_of(two_from), text_of(lane));

	assert_status(a, 201);
}

const char *fund_asked(const char *home, const char *category, long pence)
{
	struct answer a = call(ROLE_navigator, "POST", sql("SELECT '/api/v1/households/%s/fund-requests'", home),
			       "{\"category\":\"%s\",\"amount_pence\":%ld,\"means\":\"voucher\",\"evidence\":\"quote\"}",
			       category, pence);

	assert_status(a, 201);
	return answer_text(&a, "id");
}

struct answer fund_act(int actor, const char *id, const char *act, const char *body)
{
	return call_with(actor, "POST", sql("SELECT '/api/v1/fund/requests/%s/%s'", id, act),
			 headers(sql("SELECT coalesce((SELECT version FROM fund.request WHERE id = '%s'), 1)", id)),
			 body);
}

int fund_at_once(int n, bool (*act)(int i))
{
	int gate[2], how, right = 0;
	char go;

	cr_assert_eq(pipe(gate), 0);
	for (int i = 0; i < n; i++)
		if (fork() == 0) {
			close(gate[1]);
			(void)!read(gate[0], &go, 1);
			_exit(act(i) ? 0 : 1);
		}
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < n; i++)
		if (wait(&how) > 0 && WIFEXITED(how) && WEXITSTATUS(how) == 0)
			right++;
	return right;
}

long fund_figure(const char *year, const char *figure)
{
	struct answer a = call(ROLE_finance_officer, "GET", sql("SELECT '/api/v1/fund/years/%s'", year), NULL);

	assert_status(a, 200);
	return (long)answer_int(&a, figure);
}
