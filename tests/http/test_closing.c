/* Which connections are closed, when, and how. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

static char buf[1 << 21];

static void finish(struct rig *r)
{
	int code = rig_stop(r);

	cr_assert_eq(code, 0, "the server ended with %d", code);
}

static const char *body(void)
{
	const char *p = strstr(buf, "\r\n\r\n");

	return p != NULL ? p + 4 : "(no head)";
}

/* ---- too many ---- */

Test(closing, serves_honest_clients_beside_slowloris)
{
	enum { N = 200 };
	struct rig r = rig_new();
	int fd[N];

	r.limits.connections = 100;
	rig_start(&r);
	for (int i = 0; i < N; i++) {
		fd[i] = rig_connect(&r);
		rig_send(fd[i], "GET / HTTP/1.1\r\nHost: h\r\nX-");
	}
	for (int i = 0; i < 10; i++) {
		long began = rig_now_ms();

		cr_assert_eq(rig_get(&r, "/a", buf, sizeof(buf)), 200, "honest client %d", i);
		/* far less than the 10 s after which a slow head is closed, on any machine */
		cr_assert_lt(rig_now_ms() - began, 5000, "slow: %ld ms", rig_now_ms() - began);
	}
	cr_assert_geq(rig_stat(&r, "evicted"), 100, "only %ld evicted", rig_stat(&r, "evicted"));
	cr_assert_leq(rig_stat(&r, "connections"), 101, "over the cap");
	for (int i = 0; i < N; i++)
		close(fd[i]);
	finish(&r);
}

Test(closing, serves_honest_clients_beside_unfinished_bodies)
{
	enum { N = 30 };
	struct rig r = rig_new();
	int fd[N];

	r.limits.connections = 20;
	rig_start(&r);
	for (int i = 0; i < N; i++) {
		fd[i] = rig_connect(&r);
		rig_send(fd[i], "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx");
	}
	for (int i = 0; i < 5; i++)
		cr_assert_eq(rig_get(&r, "/a", buf, sizeof(buf)), 200, "honest client %d", i);
	cr_assert_geq(rig_stat(&r, "evicted"), 10, "only %ld evicted", rig_stat(&r, "evicted"));
	for (int i = 0; i < N; i++)
		close(fd[i]);
	finish(&r);
}

/* The connection with less to lose goes first: an unfinished head, then an unfinished body, then
 * one that only waits. */
Test(closing, evicts_heads_then_bodies_then_the_idle)
{
	struct rig r = rig_new();
	int idle, part, head;

	r.limits.connections = 2;
	rig_start(&r);
	idle = rig_connect(&r);
	rig_send(idle, GET("/a"));
	cr_assert_eq(rig_reply(idle, buf, sizeof(buf)), 200, "%s", buf);
	part = rig_connect(&r);
	rig_send(part, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx");
	head = rig_connect(&r);
	rig_send(head, "GET /");
	rig_sleep_ms(300);	/* old enough, all of them */
	cr_assert_eq(rig_get(&r, "/a", buf, sizeof(buf)), 200, "%s", buf);
	cr_assert_eq(rig_drain(part, buf, sizeof(buf)), 0, "the body: %s", buf);
	rig_send(idle, GET("/a"));
	cr_assert_eq(rig_reply(idle, buf, sizeof(buf)), 200, "the idle one went first: %s", buf);
	close(idle), close(part), close(head);
	finish(&r);
}

Test(closing, does_not_evict_work_under_way)
{
	enum { N = 20 };
	struct rig r = rig_new();
	int fd[N];

	r.limits.connections = 10;
	rig_start(&r);
	for (int i = 0; i < N; i++) {
		fd[i] = rig_connect(&r);
		rig_send(fd[i], GET("/later?100"));
		rig_sleep_ms(1);
	}
	for (int i = 0; i < N; i++) {
		cr_assert_eq(rig_reply(fd[i], buf, sizeof(buf)), 200, "client %d lost", i);
		close(fd[i]);
	}
	finish(&r);
}

/* ---- the last reply ---- */

static bool stays_open(const struct rig *r, const char *headers)
{
	char request[256];
	int fd = rig_connect(r);
	bool says_close;

	snprintf(request, sizeof(request), "GET /a HTTP/1.1\r\nHost: h\r\n%s\r\n", headers);
	rig_send(fd, request);
	cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "%s: %s", headers, buf);
	says_close = strstr(buf, "Connection: close\r\n") != NULL;
	close(fd);
	return !says_close;
}

Test(closing, reads_connection_as_lists_of_options)
{
	static const struct {
		const char *headers;
		bool open;
	} cases[] = {
		{ "", true },
		{ "Connection: keep-alive\r\nConnection: close\r\n", false },
		{ "connection: keep-alive, x ,CLOSE\r\n", false },
		{ "Connection: ,\tclose\r\n", false },
		{ "Connection: not-closed\r\n", true },
		{ "Connection: close-not, enclose\r\n", true },
		{ "X-Connection: close\r\n", true },
	};
	struct rig r = rig_new();

	rig_start(&r);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		cr_expect_eq(stays_open(&r, cases[i].headers), cases[i].open, "%s",
			     cases[i].headers);
	finish(&r);
}

#define GET_LAST(path) "GET " path " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

/* Unread bytes make the kernel reset the connection at close(), and the client then loses the part
 * of the reply that it has not read yet. */
Test(closing, the_last_reply_arrives_whole_whatever_was_sent_behind)
{
	enum { BEHIND = 100000 };
	static char more[BEHIND];
	struct rig r = rig_new();

	rig_start(&r);
	memset(more, 'x', sizeof(more));
	for (int i = 0; i < 20; i++) {
		int fd = rig_connect(&r);

		rig_send(fd, GET_LAST("/big"));
		rig_send_bytes(fd, more, sizeof(more));
		rig_sleep_ms(5);
		cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "round %d: cut short", i);
		cr_assert_eq(strlen(body()), 1 << 20, "round %d: %zu bytes", i, strlen(body()));
		cr_assert_eq(rig_drain(fd, buf, sizeof(buf)), 0, "round %d: no clean end", i);
		close(fd);
	}
	cr_assert(rig_stat_becomes(&r, "connections", 1), "a connection is left");
	finish(&r);
}

Test(closing, a_client_that_does_not_close_is_let_go)
{
	struct rig r = rig_new();
	int fd;

	r.limits.linger_ms = 100;
	rig_start(&r);
	fd = rig_connect(&r);
	rig_send(fd, GET_LAST("/a"));
	cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "%s", buf);
	cr_assert(rig_stat_becomes(&r, "connections", 1), "still there");
	cr_assert_eq(rig_stat(&r, "timed_out"), 0, "its reply was taken");
	close(fd);
	finish(&r);
}

/* ---- draining ---- */

Test(closing, drains)
{
	struct rig r = rig_new();
	int idle, late, half, code;

	rig_start(&r);
	idle = rig_connect(&r);
	late = rig_connect(&r);
	half = rig_connect(&r);
	rig_send(idle, GET("/a"));
	cr_assert_eq(rig_reply(idle, buf, sizeof(buf)), 200, "no reply");
	rig_send(late, GET("/later?150"));
	rig_send(half, "GET /half HTTP/1.1\r\n");
	rig_sleep_ms(30);
	cr_assert_eq(rig_get(&r, "/drain?5000", buf, sizeof(buf)), 200, "%s", buf);
	rig_send(half, "Host: h\r\n\r\n");
	cr_assert_eq(rig_reply(half, buf, sizeof(buf)), 200, "a begun request was dropped");
	cr_assert_not_null(strstr(buf, "Connection: close\r\n"), "kept open: %s", buf);
	cr_assert_eq(rig_reply(late, buf, sizeof(buf)), 200, "a pending reply was dropped");
	cr_assert_not_null(strstr(buf, "Connection: close\r\n"), "kept open: %s", buf);
	cr_assert_eq(rig_drain(idle, buf, sizeof(buf)), 0, "idle: %s", buf);
	code = rig_wait(&r);
	cr_assert_eq(code, 0, "ended with %d", code);
}

Test(closing, drains_no_longer_than_its_deadline)
{
	struct rig r = rig_new();
	long began;
	int stuck, code;

	rig_start(&r);
	stuck = rig_connect(&r);
	rig_send(stuck, GET("/later?60000"));
	rig_sleep_ms(30);
	cr_assert_eq(rig_get(&r, "/drain?200", buf, sizeof(buf)), 200, "%s", buf);
	began = rig_now_ms();
	code = rig_wait(&r);
	cr_assert_eq(code, 1, "ended with %d", code);
	cr_assert_lt(rig_now_ms() - began, 20000, "waited for the answer: %ld ms", rig_now_ms() - began);
	close(stuck);
}

Test(closing, a_drain_waits_for_the_last_readers_and_no_longer)
{
	struct rig r = rig_new();
	long began;
	int fd, code;

	r.limits.linger_ms = 300;
	rig_start(&r);
	fd = rig_connect(&r);
	rig_send(fd, GET_LAST("/a"));
	cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "%s", buf);
	cr_assert_eq(rig_get(&r, "/drain?60000", buf, sizeof(buf)), 200, "%s", buf);
	began = rig_now_ms();
	code = rig_wait(&r);
	cr_assert_eq(code, 0, "ended with %d", code);
	cr_assert_lt(rig_now_ms() - began, 20000, "%ld ms", rig_now_ms() - began);
	close(fd);
}
