/* Many callers ask for the same thing at the same moment, leave in the middle, or come back. One
 * place must still go to one household, and one request must be done once. */
#include "volley.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "patience.h"

TestSuite(race, .init = service_start, .fini = service_stop);

/* No request waits longer than the queue allows, 2 s. A sanitized service serves a quarter in that
 * time. */
#ifdef __SANITIZE_ADDRESS__
enum { CROWD = 50, EACH = 12 };
#else
enum { CROWD = 200, EACH = 50 };
#endif
enum { ID = 37 };

#define ACTIVE "('held', 'offered', 'accepted', 'arrived')"
/* Counts pairs of active placements of one unit that share a night. There must never be one. */
#define DOUBLES \
	"SELECT count(*) FROM placement a JOIN placement b ON a.unit_id = b.unit_id AND a.id < b.id " \
	"AND a.period && b.period WHERE a.state IN " ACTIVE " AND b.state IN " ACTIVE

/* ---- more rows than the seed has ---- */

static const char *numbered(char kind, int n)
{
	static char ids[8][ID];
	static int next;
	char *id = ids[next++ % 8];

	snprintf(id, ID, "%c0000000-0000-4000-8000-%012d", kind, n);
	return id;
}

#define household_no(n) numbered('1', n)
#define vacancy_no(n) numbered('2', n)

/* Households of one woman, so that every unit of the seed fits. */
static void add_households(int n)
{
	sql("WITH h AS (INSERT INTO household (id, organisation_id, situation, risk_level, pets, nrpf, pregnant) "
	    "SELECT ('10000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, '" COUNCIL "', 'rough', 'medium', "
	    "false, false, false FROM generate_series(0, %d) i RETURNING id), "
	    "m AS (INSERT INTO member (household_id, kind, sex, gender_identity, age) "
	    "SELECT id, 'main', 'female', 'same_as_sex', 30 FROM h) "
	    "INSERT INTO referral (household_id, organisation_id, state, source, submitted_at) "
	    "SELECT id, '" COUNCIL "', 'active', 'police', now() FROM h", n - 1);
}

static void add_vacancies(int n, const char *property, const char *organisation)
{
	const char *from = sql("SELECT count(*) FROM vacancy WHERE id::text LIKE '2%%'");

	sql("WITH u AS (INSERT INTO unit (id, property_id, organisation_id, reference, self_contained, max_people) "
	    "SELECT ('30000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, '%s', '%s', 'Extra ' || i, true, 6 "
	    "FROM generate_series(%s, %s + %d) i RETURNING id, organisation_id) "
	    "INSERT INTO vacancy (id, unit_id, organisation_id, available_from) "
	    "SELECT ('2' || substr(id::text, 2))::uuid, id, organisation_id, current_date FROM u",
	    property, organisation, from, from, n - 1);
	board_settle();
}

static void assert_sql(const char *expected, const char *statement)
{
	const char *found = sql("%s", statement);

	cr_assert_str_eq(found ? found : "NULL", expected, "%s: %s", found ? found : "NULL", statement);
}

static void assert_no_5xx(const struct shot *shots, int n)
{
	for (int i = 0; i < n; i++)
		cr_assert(shots[i].a.status && shots[i].a.status < 500, "%d: %s", shots[i].a.status,
			  shots[i].a.body);
}

/* A busy machine may leave a request without a connection to the database for too long: then nothing of it was
 * done, and the client is told to come again. */
static void assert_none_failed(const struct shot *shots, int n)
{
	for (int i = 0; i < n; i++)
		if (!text_eq(answer_text(&shots[i].a, "type"), "/problems/unavailable"))
			assert_no_5xx(&shots[i], 1);
}

static const char *held(const char *household, const char *vacancy)
{
	struct shot s = shot_hold(household, vacancy);

	volley(&s, 1);
	cr_assert_eq(s.a.status, 201, "%s", s.a.body);
	return answer_text(&s.a, "id");
}

static const char *offered(const char *household, const char *vacancy)
{
	const char *id = held(household, vacancy);
	struct shot s = shot_act(ROLE_housing_officer, id, "offer", NULL);

	volley(&s, 1);
	cr_assert_eq(s.a.status, 200, "%s", s.a.body);
	return id;
}

static const char *state_of(const char *placement)
{
	return sql("SELECT placement_now(state, expires_at) FROM placement WHERE id = '%s'", placement);
}

/* ---- one vacancy, many households ---- */

static void assert_lost_with_options(const struct shot *s)
{
	const json_t *options = json_object_get(s->a.json, "options"), *option;
	size_t i;

	cr_assert_eq(s->a.status, 409, "%d: %s", s->a.status, s->a.body);
	cr_assert_str_eq(answer_text(&s->a, "type"), "/problems/vacancy-not-open");
	cr_assert(json_array_size(options) > 0, "the next best is missing: %s", s->a.body);
	json_array_foreach(options, i, option)
		cr_assert_str_neq(json_string_value(json_object_get(option, "vacancy_id")), VACANCY_A1);
}

Test(race, one_vacancy_two_hundred_households)
{
	struct shot shots[CROWD];

	add_households(CROWD);
	board_settle();
	for (int i = 0; i < CROWD; i++)
		shots[i] = shot_hold(household_no(i), VACANCY_A1);
	volley(shots, CROWD);
	assert_no_5xx(shots, CROWD);
	cr_assert_eq(answered(shots, CROWD, 201), 1, "%d households hold it",
		     answered(shots, CROWD, 201));
	for (int i = 0; i < CROWD; i++)
		if (shots[i].a.status != 201)
			assert_lost_with_options(&shots[i]);
	assert_sql("1", "SELECT count(*) FROM placement WHERE state IN " ACTIVE);
	assert_sql("1", "SELECT count(*) FROM audit.event WHERE subject_kind = 'placement' AND action = 'insert'");
	assert_sql("1", "SELECT count(*) FROM idempotency");
	cr_assert_str_eq(answer_text(&winner(shots, CROWD, 201)->a, "id"),
			 sql("SELECT id FROM placement"), "the winner was told of its own placement");
}

Test(race, eight_vacancies_fifty_each)
{
	enum { PLACES = 8 };
	struct shot shots[PLACES * EACH];

	add_households(EACH);
	add_vacancies(PLACES, PROPERTY_A, PROVIDER_A);
	for (int i = 0; i < PLACES * EACH; i++)
		shots[i] = shot_hold(household_no(i / PLACES), vacancy_no(i % PLACES));
	volley(shots, PLACES * EACH);
	assert_no_5xx(shots, PLACES * EACH);
	cr_assert_eq(answered(shots, PLACES * EACH, 201), PLACES);
	cr_assert_eq(answered(shots, PLACES * EACH, 409), PLACES * (EACH - 1));
	assert_sql("8", "SELECT count(DISTINCT unit_id) FROM placement WHERE state IN " ACTIVE);
	assert_sql("8", "SELECT count(*) FROM placement");
	assert_sql("0", DOUBLES);
}

/* ---- one request, many times ---- */

static int repeat_unsettled(struct shot *shots, int n)
{
	struct shot again[CROWD];
	int left = 0;

	for (int i = 0; i < n; i++)
		if (shots[i].a.status != 201)
			again[left++] = shots[i];
	volley(again, left);
	for (int i = 0, j = 0; i < n; i++)
		if (shots[i].a.status != 201)
			shots[i] = again[j++];
	return left;
}

static void assert_same_answers(const struct shot *shots, int n)
{
	for (int i = 0; i < n; i++) {
		cr_assert_eq(shots[i].a.status, 201, "%d: %s", shots[i].a.status, shots[i].a.body);
		cr_assert_str_eq(shots[i].a.body, shots[0].a.body, "a repeat was answered otherwise");
		cr_assert_not_null(answer_header(&shots[i].a, "Location"), "%s", shots[i].a.head);
		cr_assert_str_eq(answer_header(&shots[i].a, "Location"),
				 answer_header(&shots[0].a, "Location"));
	}
}

Test(race, one_key_two_hundred_times)
{
	struct shot shots[CROWD];
	int left = CROWD;
	int64_t since;

	shots[0] = shot_hold(HOUSEHOLD, VACANCY_A1);
	for (int i = 1; i < CROWD; i++)
		shots[i] = shots[0];
	volley(shots, CROWD);
	assert_no_5xx(shots, CROWD);
	for (int i = 0; i < CROWD; i++)
		if (shots[i].a.status != 201)
			cr_assert_str_eq(answer_text(&shots[i].a, "type"), "/problems/in-progress", "%s",
					 shots[i].a.body);
	since = clock_mono();
	while (left > 0 && wait_on(since))
		left = repeat_unsettled(shots, CROWD);
	assert_same_answers(shots, CROWD);
	assert_sql("1", "SELECT count(*) FROM placement");
	assert_sql("1", "SELECT count(*) FROM audit.event WHERE subject_kind = 'placement'");
}

/* The same for an act, whose transaction stays open over several round trips. */
Test(race, one_key_of_an_act_at_once)
{
	enum { N = 40 };
	struct shot shots[N];
	const char *id = held(HOUSEHOLD, VACANCY_A1);

	shots[0] = shot_act(ROLE_housing_officer, id, "offer", NULL);
	for (int i = 1; i < N; i++)
		shots[i] = shots[0];
	volley(shots, N);
	assert_no_5xx(shots, N);
	cr_assert_eq(answered(shots, N, 200) + answered(shots, N, 409), N);
	cr_assert_gt(answered(shots, N, 200), 0);
	for (int i = 0; i < N; i++)
		if (shots[i].a.status == 409)
			cr_assert_str_eq(answer_text(&shots[i].a, "type"), "/problems/in-progress", "%s",
					 shots[i].a.body);
	assert_sql("2", "SELECT version FROM placement");
}

/* ---- answers that exclude each other ---- */

enum { ROUNDS = 10 };

Test(race, accepted_or_declined_never_both)
{
	add_households(ROUNDS);
	add_vacancies(ROUNDS, PROPERTY_A, PROVIDER_A);
	for (int i = 0; i < ROUNDS; i++) {
		const char *id = offered(household_no(i), vacancy_no(i)), *state;
		struct shot s[] = {
			shot_act(ROLE_provider, id, "accept", NULL),
			shot_act(ROLE_provider, id, "decline", "{\"reason\":\"capacity\"}"),
			shot_act(ROLE_housing_officer, id, "decline", "{\"reason\":\"too_far\"}"),
		};

		volley(s, 3);
		assert_no_5xx(s, 3);
		cr_assert_eq(answered(s, 3, 200), 1, "%s / %s / %s", s[0].a.body, s[1].a.body, s[2].a.body);
		cr_assert_eq(answered(s, 3, 409), 2);
		state = state_of(id);
		cr_assert_str_eq(state, s[0].a.status == 200 ? "accepted" : "declined");
		cr_assert_str_eq(sql("SELECT taken_at IS NOT NULL FROM vacancy WHERE id = '%s'", vacancy_no(i)),
				 s[0].a.status == 200 ? "t" : "f");
	}
}

/* An accepted place may still be given up, so a cancellation wins over an acceptance whichever
 * comes first: what differs is whether the provider's answer counted. */
Test(race, cancelled_while_answered)
{
	add_households(ROUNDS);
	add_vacancies(ROUNDS, PROPERTY_A, PROVIDER_A);
	for (int i = 0; i < ROUNDS; i++) {
		const char *id = offered(household_no(i), vacancy_no(i));
		struct shot s[] = {
			shot_act(ROLE_provider, id, "accept", NULL),
			shot_act(ROLE_provider, id, "decline", "{\"reason\":\"capacity\"}"),
			shot_act(ROLE_housing_officer, id, "cancel", NULL),
		};
		bool declined, cancelled;

		volley(s, 3);
		assert_no_5xx(s, 3);
		declined = s[1].a.status == 200;
		cancelled = s[2].a.status == 200;
		cr_assert(declined != cancelled, "%s / %s / %s", s[0].a.body, s[1].a.body, s[2].a.body);
		cr_assert(!declined || s[0].a.status == 409, "declined and accepted: %s", s[0].a.body);
		cr_assert_str_eq(state_of(id), declined ? "declined" : "cancelled");
		cr_assert_str_eq(sql("SELECT state FROM vacancy_state WHERE vacancy_id = '%s'", vacancy_no(i)),
				 "open", "the place is free again");
		cr_assert_str_eq(sql("SELECT state FROM referral WHERE household_id = '%s'", household_no(i)),
				 "active", "the household waits again");
	}
}

Test(race, two_offers_of_one_household_accepted_at_once)
{
	add_households(ROUNDS);
	add_vacancies(ROUNDS, PROPERTY_A, PROVIDER_A);
	add_vacancies(ROUNDS, PROPERTY_B, PROVIDER_B);
	for (int i = 0; i < ROUNDS; i++) {
		const char *a = offered(household_no(i), vacancy_no(i));
		const char *b = offered(household_no(i), vacancy_no(ROUNDS + i));
		struct shot s[] = {
			shot_act(ROLE_provider, a, "accept", NULL),
			shot_act(ACTOR_provider_b, b, "accept", NULL),
		};
		const char *lost;

		volley(s, 2);
		assert_no_5xx(s, 2);
		cr_assert_eq(answered(s, 2, 200), 1, "%s / %s", s[0].a.body, s[1].a.body);
		lost = s[0].a.status == 200 ? b : a;
		cr_assert_str_eq(sql("SELECT state || ' ' || cancel_reason FROM placement WHERE id = '%s'", lost),
				 "cancelled other_offer_accepted");
	}
	assert_sql("0", "SELECT count(*) FROM (SELECT FROM placement WHERE state = 'accepted' "
		   "GROUP BY household_id HAVING count(*) > 1) twice");
	assert_sql("10", "SELECT count(*) FROM vacancy WHERE taken_at IS NOT NULL");
}

/* ---- time runs out ---- */

Test(race, expired_hold_is_free_at_once)
{
	const char *first = held(HOUSEHOLD, VACANCY_A1), *second;
	struct shot late[2];

	sql("UPDATE placement SET held_at = now() - interval '2 hours', expires_at = now() - interval '1 second'");
	second = held(HOUSEHOLD_2, VACANCY_A1);
	cr_assert_str_eq(state_of(first), "expired");
	cr_assert_str_eq(state_of(second), "held");
	late[0] = shot_act(ROLE_housing_officer, first, "offer", NULL);
	late[1] = shot_act(ROLE_housing_officer, first, "extend", "{\"minutes\":30}");
	volley(late, 2);
	cr_assert_eq(late[0].a.status, 409, "an expired hold was offered: %s", late[0].a.body);
	cr_assert_neq(late[1].a.status, 200, "an expired hold was extended: %s", late[1].a.body);
	assert_sql("0", DOUBLES);
}

Test(race, expired_hold_goes_to_one_of_many)
{
	struct shot shots[CROWD];

	add_households(CROWD);
	held(HOUSEHOLD, VACANCY_A1);
	sql("UPDATE placement SET held_at = now() - interval '2 hours', expires_at = now() - interval '1 second'");
	for (int i = 0; i < CROWD; i++)
		shots[i] = shot_hold(household_no(i), VACANCY_A1);
	volley(shots, CROWD);
	assert_no_5xx(shots, CROWD);
	cr_assert_eq(answered(shots, CROWD, 201), 1);
	assert_sql("1", "SELECT count(*) FROM placement WHERE state = 'held'");
}

/* ---- the provider's side of a vacancy that is wanted ---- */

static struct shot shot_vacancy(const char *vacancy, const char *act, const char *body)
{
	char path[96];

	snprintf(path, sizeof(path), "/api/v1/vacancies/%s/%s", vacancy, act);
	return shot(ROLE_provider, path, NULL, "%s", body);
}

Test(race, held_vacancy_is_confirmed_not_withdrawn)
{
	const char *id = held(HOUSEHOLD, VACANCY_A1);
	struct shot s[] = {
		shot_vacancy(VACANCY_A1, "confirm", "{}"),
		shot_vacancy(VACANCY_A1, "withdraw", "{\"reason\":\"no_staff\"}"),
	};
	struct shot offer = shot_act(ROLE_housing_officer, id, "offer", NULL);

	volley(s, 2);
	cr_assert_eq(s[0].a.status, 200, "%s", s[0].a.body);
	cr_assert_eq(s[1].a.status, 409, "a held vacancy was withdrawn: %s", s[1].a.body);
	volley(&offer, 1);
	cr_assert_eq(offer.a.status, 200, "the confirmation broke the hold: %s", offer.a.body);
}

Test(race, withdrawn_or_held_never_both)
{
	add_households(2 * ROUNDS);
	add_vacancies(2 * ROUNDS, PROPERTY_A, PROVIDER_A);
	for (int i = 0; i < 2 * ROUNDS; i++) {
		struct shot withdraw = shot_vacancy(vacancy_no(i), "withdraw", "{\"reason\":\"no_staff\"}");
		struct shot hold = shot_hold(household_no(i), vacancy_no(i));
		struct shot s[] = { i % 2 ? hold : withdraw, i % 2 ? withdraw : hold };

		volley(s, 2);
		assert_no_5xx(s, 2);
		cr_assert_eq(answered(s, 2, 409), 1, "%s / %s", s[0].a.body, s[1].a.body);
	}
	assert_sql("0", "SELECT count(*) FROM placement p JOIN vacancy v ON v.id = p.vacancy_id "
		   "WHERE p.state = 'held' AND v.withdrawn_at IS NOT NULL");
}

/* ---- clients that leave in the middle ---- */

/* The client does not know whether the request was read. Repeating it tells, and it is done once at
 * most. */
Test(race, left_before_the_answer_then_repeated)
{
	enum { LEAVERS = 100 };
	struct shot shots[LEAVERS];
	int64_t since;

	add_households(LEAVERS);
	add_vacancies(LEAVERS, PROPERTY_A, PROVIDER_A);
	for (int i = 0; i < LEAVERS; i++) {
		shots[i] = shot_hold(household_no(i), vacancy_no(i));
		send_and_leave(&shots[i], i % 2);
	}
	volley(shots, LEAVERS);
	assert_none_failed(shots, LEAVERS);
	since = clock_mono();
	while (answered(shots, LEAVERS, 201) < LEAVERS && wait_on(since)) {
		repeat_unsettled(shots, LEAVERS);
		assert_none_failed(shots, LEAVERS);
	}
	cr_assert_eq(answered(shots, LEAVERS, 201), LEAVERS);
	assert_sql("100", "SELECT count(*) FROM placement");
	assert_sql("100", "SELECT count(*) FROM idempotency WHERE status = 201");
	for (int i = 0; i < LEAVERS; i++)
		cr_assert_str_eq(answer_text(&shots[i].a, "id"),
				 sql("SELECT id FROM placement WHERE vacancy_id = '%s'", vacancy_no(i)));
}

/* ---- lost connections to the database ---- */

/* Holds rows in a transaction of the test's own session, and gives them back. */
static void hold_rows(const char *rows)
{
	sql("BEGIN");
	sql("%s FOR UPDATE", rows);
}

static void let_go(void)
{
	sql("COMMIT");
}

/* Ends the service's session that waits for a row, once there is one, from a process of its own. */
static pid_t end_who_waits(void)
{
	pid_t pid = fork();
	int64_t since = clock_mono();

	if (pid == 0) {
		while (*sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() "
			    "AND pid IN (SELECT pid FROM pg_locks WHERE NOT granted)") == '0' && wait_on(since))
			;
		_exit(0);
	}
	return pid;
}

/* The commit is sent together with the hold, so its outcome is unknown. Repeating the request
 * tells. */
Test(race, hold_on_a_lost_connection_is_unknown_then_repeated)
{
	struct shot s = shot_hold(HOUSEHOLD, VACANCY_A1);
	pid_t killer;

	hold_rows("SELECT id FROM unit");
	killer = end_who_waits();
	volley(&s, 1);
	cr_assert_eq(s.a.status, 503, "%d: %s", s.a.status, s.a.body);
	cr_assert_str_eq(answer_text(&s.a, "type"), "/problems/outcome-unknown");
	waitpid(killer, NULL, 0);
	let_go();
	volley(&s, 1);
	cr_assert_eq(s.a.status, 201, "%d: %s", s.a.status, s.a.body);
	assert_sql("1", "SELECT count(*) FROM placement");
}

/* ---- one person, many requests ---- */

/* Noting that a session is in use must not queue its requests behind one another: a unit's lock
 * and a session's, taken in either order by two of them, would be a dead-lock. */
Test(race, busy_session_row_delays_nobody)
{
	struct shot s = shot_hold(HOUSEHOLD, VACANCY_A1);

	sql("UPDATE session SET seen_at = now() - interval '5 minutes'");
	hold_rows("SELECT id FROM session");
	volley(&s, 1);
	cr_assert_eq(s.a.status, 201, "it waited for the session's row: %s", s.a.body);
	let_go();
}
