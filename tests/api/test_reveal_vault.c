/* No address is shown without its row, whichever process dies, fails or is compromised on the
 * way. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/vault/wire.h"
#include "memory.h"
#include "patience.h"
#include "revealing.h"
#include "volley.h"

TestSuite(reveal_vault, .init = service_start_crowded, .fini = service_stop, .timeout = 240);

#define ACCOUNT(name) "(SELECT id FROM account WHERE username = '" name "')"

static int revealed(const struct answer *a)
{
	return strstr(a->body, "Canary") != NULL;
}

/* ---- the budget ---- */

enum { BUDGET = 20, HOMES = 24 };

/* Makes homes of Provider A, each with an address and an accepted placement. */
static void many_homes(void)
{
	for (int i = 0; i < HOMES; i++) {
		struct answer a = call(ROLE_provider, "POST", "/api/v1/properties",
				       "{\"public_name\":\"Home\",\"area_label\":\"West\",\"local_authority\":\"E06000002\","
				       "\"type\":\"dispersed_full\",\"residents\":\"any\",\"shared_access\":false,"
				       "\"address\":{\"lines\":[\"%d Canary Row\"],\"postcode\":\"TS1 3BA\"}}", i + 1);

		assert_status(a, 201);
	}
	sql("WITH home AS (SELECT id, row_number() OVER () AS n FROM property WHERE public_name = 'Home'), "
	    "u AS (INSERT INTO unit (property_id, organisation_id, reference, self_contained) "
	    "      SELECT id, '" PROVIDER_A "', 'Flat', true FROM home RETURNING id, property_id), "
	    "v AS (INSERT INTO vacancy (unit_id, organisation_id, available_from) "
	    "      SELECT id, '" PROVIDER_A "', today() FROM u RETURNING id, unit_id), "
	    "h AS (INSERT INTO household (reference, organisation_id, situation) "
	    "      SELECT 'H-' || translate(lpad(n::text, 6, '0'), '01', 'XY'), '" COUNCIL "', 'rough' FROM home RETURNING id), "
	    "pair AS (SELECT v.*, h.id AS household FROM (SELECT *, row_number() OVER () AS n FROM v) v "
	    "         JOIN (SELECT *, row_number() OVER () AS n FROM h) h USING (n)) "
	    "INSERT INTO placement (vacancy_id, unit_id, organisation_id, household_id, requested_by, holder_id, state, period, offered_at, "
	    "                       decided_at, household_version, unit_version) "
	    "SELECT id, unit_id, '" PROVIDER_A "', household, '" COUNCIL "', " ACCOUNT("housing_officer") ", 'accepted', "
	    "       daterange(today(), NULL), now(), now(), 1, 1 FROM pair");
}

static const char *home(int i)
{
	return sql("SELECT id FROM placement ORDER BY id OFFSET %d LIMIT 1", i);
}

Test(reveal_vault, twenty_addresses_a_day_and_the_next_raises_an_alert)
{
	struct shot shots[6];
	struct answer a;

	many_homes();
	for (int i = 0; i < BUDGET - 2; i++)
		cr_assert(revealed((struct answer[]){ look(ROLE_provider, home(i)) }), "%d", i);
	for (int i = 0; i < 6; i++)
		shots[i] = shot(ROLE_provider, address_of(home(BUDGET - 2 + i)), NULL, PURPOSE);
	volley(shots, 6);
	cr_assert_eq(answered(shots, 6, 200), 2, "no more than are left, however fast");
	cr_assert_eq(answered(shots, 6, 429), 4);
	a = look(ROLE_provider, home(0));
	cr_assert(revealed(&a), "one of the twenty may be seen again: %s", a.body);
	cr_assert_eq(reveals(), BUDGET + 1);
	cr_assert_str_eq(sql("SELECT count(*) FROM alert WHERE kind = 'reveal_budget' AND account_id = " ACCOUNT("provider")
			     " AND organisation_id = '" PROVIDER_A "'"), "1", "told once a day");
	cr_assert(revealed((struct answer[]){ look(ROLE_housing_officer, home(BUDGET)) }), "another person has a budget of their own");
	sql("ALTER TABLE address_reveal DISABLE TRIGGER USER");
	sql("UPDATE address_reveal SET at = at - interval '25 hours'");
	cr_assert(revealed((struct answer[]){ look(ROLE_provider, home(HOMES - 1)) }), "the next day");
}

/* ---- the commit ---- */

static void at_commit(const char *what)
{
	sql("CREATE OR REPLACE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
	    "$$ BEGIN %s; RETURN NULL; END $$", what);
	sql("DROP TRIGGER IF EXISTS at_commit ON address_reveal");
	sql("CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON address_reveal DEFERRABLE INITIALLY DEFERRED "
	    "FOR EACH ROW EXECUTE FUNCTION at_commit()");
}

Test(reveal_vault, what_is_not_committed_is_not_shown)
{
	const char *id;
	struct answer a;

	tell_address();
	id = placed("accepted");
	at_commit("RAISE EXCEPTION 'no'");
	a = look(ROLE_provider, id);
	assert_problem(a, 503, "unavailable");
	at_commit("PERFORM pg_terminate_backend(pg_backend_pid())");
	a = look(ROLE_provider, id);
	assert_problem(a, 503, "unavailable");
	cr_assert_eq(reveals(), 0, "and there is no row of either");
	sql("DROP TRIGGER at_commit ON address_reveal");
	cr_assert(revealed((struct answer[]){ look(ROLE_provider, id) }), "it connects again");
	sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
	    "WHERE datname = current_database() AND application_name = 'haven-vault'");
	cr_assert(revealed((struct answer[]){ look(ROLE_provider, id) }), "also where it was idle");
	cr_assert_eq(reveals(), 2);
}

/* ---- kill -9 ---- */

static pid_t kill_vault_once_it_commits(void)
{
	pid_t pid = fork();
	int64_t since = clock_mono();

	if (pid == 0) {
		while (*sql("SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
			    "WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted") == '0' &&
		       wait_on(since))
			;
		kill(service_vault(), SIGKILL);
		_exit(0);
	}
	return pid;
}

Test(reveal_vault, a_vault_killed_between_commit_and_reply_leaves_the_row)
{
	const char *id;
	struct answer a;
	pid_t killer;
	int64_t since;

	tell_address();
	id = placed("accepted");
	at_commit("SET LOCAL lock_timeout = 0; PERFORM pg_advisory_xact_lock(1)");
	sql("SELECT pg_advisory_lock(1)");
	killer = kill_vault_once_it_commits();
	a = look(ROLE_provider, id);
	cr_assert(a.status == 503 && !revealed(&a), "%d %s", a.status, a.body);
	waitpid(killer, NULL, 0);
	service_lose_vault();
	sql("SELECT pg_advisory_unlock(1)");
	since = clock_mono();
	while (*sql("SELECT count(*) FROM address_reveal") == '0' && wait_on(since))
		;
	cr_assert_eq(reveals(), 1, "it was recorded and not shown");
}

/* The worker gives up the requests of a dead vault after VAULT_TIMEOUT_MS. Until then they fill the
 * window, so a kill takes that long. */
enum { LOOKERS = 30, KILLS = 5, BETWEEN = 100, MOST = 4000 };

struct replies {
	int ok, n;
	char number[MOST][37];
};

static struct replies *replies;
static volatile sig_atomic_t *stop;

static void look_on(struct replies *r, const char *id, int actor)
{
	while (!*stop && r->n < MOST) {
		struct answer a = look(actor, id);
		const char *number = answer_header(&a, "X-Request-Id");

		if (!revealed(&a) || !number)
			continue;
		r->ok += a.status == 200;
		snprintf(r->number[r->n++], sizeof(r->number[0]), "%s", number);
	}
	_exit(0);
}

static int counted(void)
{
	int n = 0;

	for (int i = 0; i < LOOKERS; i++)
		n += ((volatile struct replies *)&replies[i])->n;
	return n;
}

static void wait_for_replies(int n)
{
	int64_t since = clock_mono();

	while (counted() < n && wait_on(since))
		;
}

static void *shared(size_t n)
{
	void *m = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	cr_assert_neq(m, MAP_FAILED);
	return m;
}

static int unaudited(void)
{
	struct text t = text_in(test_memory());
	int n = 0;

	for (struct replies *r = replies; r < replies + LOOKERS; r++)
		for (int i = 0; i < r->n; i++, n++)
			text_printf(&t, "%s%s", n ? "," : "", r->number[i]);
	return atoi(sql("SELECT count(*) FROM unnest('{%s}'::text[]) n WHERE NOT EXISTS (SELECT FROM audit.event e "
			"WHERE e.action = 'reveal' AND e.request_id = n)", text_done(&t)));
}

Test(reveal_vault, every_reply_of_a_vault_that_is_killed_again_and_again_has_its_row)
{
	const char *id;
	int shown = 0, replied;

	tell_address();
	id = placed("accepted");
	replies = shared(LOOKERS * sizeof(*replies));
	stop = shared(sizeof(*stop));
	for (int i = 0; i < LOOKERS; i++)
		if (fork() == 0)
			look_on(&replies[i], id, i % 2 ? ROLE_provider : ROLE_housing_officer);
	for (int i = 0; i <= KILLS; i++) {
		wait_for_replies(i * BETWEEN + (int)randombytes_uniform(BETWEEN));
		if (i < KILLS) {
			service_lose_vault();
			service_new_vault();
		}
	}
	*stop = 1;
	for (int i = 0; i < LOOKERS; i++)
		wait(NULL);
	for (int i = 0; i < LOOKERS; i++)
		shown += replies[i].ok;
	replied = counted();
	cr_assert_eq(shown, replied, "an address comes as 200 or not at all");
	cr_assert_geq(replied, KILLS * BETWEEN, "the vault was at work: %d replies", replied);
	cr_assert_eq(unaudited(), 0, "of %d", replied);
	cr_assert_geq(reveals(), replied);
}

/* ---- a compromised worker ---- */

static struct vault_answer vault_says(const char *token, const char *placement, const char *purpose)
{
	static uint64_t id;
	struct vault_request r;
	struct wire_request wire;
	struct wire_answer reply;
	struct vault_answer answer;
	struct wire_tag tag;
	struct uuid of;
	ssize_t len;

	cr_assert(uuid_parse(placement, &of) && vault_request_reveal(&r, token, of, purpose, (struct uuid){ 1, ++id }));
	wire_request_encode(&r, (struct wire_tag){ 77, id }, &wire);
	cr_assert_eq(send(service_line(), &wire, WIRE_REQUEST_SMALL, 0), WIRE_REQUEST_SMALL);
	len = recv(service_line(), &reply, sizeof(reply), 0);
	cr_assert(len > 0 && wire_answer_decode(&reply, (size_t)len, &answer, &tag) && tag.id == id);
	return answer;
}

/* The worker is stopped while the test speaks in its place, with everything that the worker
 * knows. */
Test(reveal_vault, a_worker_in_other_hands_gets_what_somebody_signed_in_would_get)
{
	char hash[65];
	int got = 0;

	many_homes();
	kill(service_worker(), SIGSTOP);
	for (int i = 0; i < HOMES; i++) {
		const char *id = home(i);

		cr_expect_eq(vault_says("no-such-token", id, "let_in").status, VAULT_NO_SESSION);
		snprintf(hash, sizeof(hash), "%s", sql("SELECT encode(token_hash, 'hex') FROM session LIMIT 1"));
		cr_expect_eq(vault_says(hash, id, "let_in").status, VAULT_NO_SESSION, "the hash is no token");
		cr_expect_eq(vault_says(service_token(ROLE_navigator), id, "let_in").status, VAULT_WRONG, "of a colleague");
		cr_expect_eq(vault_says(service_token(ACTOR_provider_b), id, "let_in").status, VAULT_WRONG, "of another provider");
		cr_expect_eq(vault_says(service_token(ROLE_provider), id, "curiosity").status, VAULT_REFUSED, "no purpose of the list");
	}
	cr_assert_eq(reveals(), 0);
	for (int i = 0; i < 10 * HOMES; i++)
		got += *vault_says(service_token(ROLE_provider), home(i % HOMES), "let_in").plain != '\0';
	kill(service_worker(), SIGCONT);
	cr_assert_eq(got, reveals(), "each with its row");
	cr_assert_str_eq(sql("SELECT count(DISTINCT property_id) FROM address_reveal"), "20", "and no more than the person's budget");
	cr_assert_str_eq(sql("SELECT count(*) FROM alert WHERE kind = 'reveal_budget'"), "1");
}
