#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

static char buf[1 << 21];

static const char *body(void)
{
	const char *p = strstr(buf, "\r\n\r\n");

	return p != NULL ? p + 4 : "(no head)";
}

static void finish(struct rig *r)
{
	int code = rig_stop(r);

	cr_assert_eq(code, 0, "the server ended with %d", code);
}

Test(server, keeps_a_connection)
{
	struct rig r = rig_new();
	int fd;

	rig_start(&r);
	fd = rig_connect(&r);
	for (int i = 0; i < 3; i++) {
		rig_send(fd, GET("/a"));
		cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "request %d: %s", i, buf);
		cr_assert_str_eq(body(), "ok", "request %d: %s", i, buf);
	}
	rig_send(fd, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
		     "Connection: Close\r\n\r\nhello" GET("/after_the_last"));
	cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "post: %s", buf);
	cr_assert_str_eq(body(), "hello", "post: %s", buf);
	cr_assert_eq(recv(fd, buf, 1, 0), 0, "open after Connection: close");
	cr_assert_eq(rig_stat(&r, "requests"), 5, "what followed was run");
	close(fd);
	finish(&r);
}

Test(server, shows_the_request_to_the_handler)
{
	struct rig r = rig_new();
	int fd;

	rig_start(&r);
	fd = rig_connect(&r);
	rig_send(fd, "DELETE /show%20a/%41?b=%20c HTTP/1.1\r\nHost: h\r\nX-Test: \t one \r\n"
		     "Cookie: asid=1; sid=2=3; sid=4\r\nX-Test: two\r\n\r\n");
	cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "%s", buf);
	cr_assert_str_eq(body(), "DELETE\n/show%20a/%41?b=%20c\n/show%20a/%41\n/show a/A\nb=%20c\n"
			 "127.0.0.1\none\n2=3\n", "%s", body());
	rig_send(fd, "PUT /show? HTTP/1.1\r\nHost: h\r\nCookie: sida=1; a=sid=2\r\n\r\n");
	cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "%s", buf);
	cr_assert_str_eq(body(), "PUT\n/show?\n/show\n/show\n\n127.0.0.1\n(none)\n\n", "%s",
			 body());
	close(fd);
	finish(&r);
}

Test(server, answers_pipelined_requests_in_turn)
{
	struct rig r = rig_new();
	int fd;

	rig_start(&r);
	fd = rig_connect(&r);
	rig_send(fd, GET("/later?60")
		     "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
		     GET("/x"));
	rig_sleep_ms(30);
	cr_assert_eq(rig_stat(&r, "requests"), 2, "the second was begun before the first ended");
	cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "first: %s", buf);
	cr_assert_str_eq(body(), "later", "first: %s", buf);
	cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "second: %s", buf);
	cr_assert_str_eq(body(), "abc", "second: %s", buf);
	cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "third: %s", buf);
	cr_assert_str_eq(body(), "ok", "third: %s", buf);
	close(fd);
	finish(&r);
}

Test(server, holds_a_flood_of_pipelined_requests)
{
	enum { N = 2000 };
	struct rig r = rig_new();
	int fd;

	rig_start(&r);
	fd = rig_connect(&r);
	if (fork() == 0) {
		for (int i = 0; i < N; i++)
			rig_send(fd, GET("/a"));
		_exit(0);
	}
	for (int i = 0; i < N; i++)
		cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "reply %d", i);
	close(fd);
	finish(&r);
}

Test(server, measures_head_and_sends_no_body)
{
	struct rig r = rig_new();
	int fd;

	rig_start(&r);
	fd = rig_connect(&r);
	rig_send(fd, "HEAD /big HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	cr_assert_gt(rig_drain(fd, buf, sizeof(buf)), 0, "no reply");
	cr_assert_not_null(strstr(buf, "Content-Length: 1048576\r\n"), "no length: %s", buf);
	cr_assert_str_eq(body(), "", "a body: %.80s", body());
	close(fd);
	finish(&r);
}

Test(server, takes_a_request_byte_by_byte)
{
	static const char text[] = "POST /echo?a=b HTTP/1.1\r\nHost: h\r\n"
				   "Content-Length: 5\r\n\r\nhello";
	struct rig r = rig_new();
	int fd;

	rig_start(&r);
	fd = rig_connect(&r);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		rig_send_bytes(fd, text + i, 1);
		rig_sleep_ms(1);
	}
	cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "refused: %s", buf);
	cr_assert_str_eq(body(), "hello", "other body: %s", buf);
	close(fd);
	finish(&r);
}

/* Sends `start` and then a byte every 20 ms. Returns how long it took until the connection
 * ended. */
static long trickle(const struct rig *r, const char *start, char byte)
{
	int fd = rig_connect(r);
	long began = rig_now_ms(), took;
	ssize_t n = 0;

	rig_send(fd, start);
	while (n == 0 && rig_now_ms() - began < 2000) {
		rig_send_bytes(fd, &byte, 1);
		rig_sleep_ms(20);
		n = recv(fd, buf, sizeof(buf) - 1, MSG_DONTWAIT);
		n = n < 0 ? 0 : n;
	}
	took = rig_now_ms() - began;
	buf[n] = '\0';
	close(fd);
	return took;
}

Test(server, gives_slow_heads_and_bodies_a_deadline)
{
	struct rig r = rig_new();
	long took;

	r.limits.head_ms = r.limits.body_ms = 200;
	rig_start(&r);
	took = trickle(&r, "GET /", 'a');
	cr_assert(took > 150 && took < 600, "head: %ld ms", took);
	cr_assert_not_null(strstr(buf, " 408 "), "head: %s", buf);
	took = trickle(&r, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999\r\n\r\n", 'a');
	cr_assert(took > 150 && took < 600, "body: %ld ms", took);
	cr_assert_not_null(strstr(buf, "/problems/request-timeout"), "body: %s", buf);
	cr_assert_eq(rig_stat(&r, "timed_out"), 2, "not counted");
	cr_assert(rig_stat_becomes(&r, "connections", 1), "a connection is left");
	finish(&r);
}

Test(server, closes_what_stays_silent)
{
	struct rig r = rig_new();
	int fresh, idle;

	r.limits.head_ms = r.limits.idle_ms = 150;
	rig_start(&r);
	fresh = rig_connect(&r);
	idle = rig_connect(&r);
	rig_send(idle, GET("/a"));
	cr_assert_eq(rig_reply(idle, buf, sizeof(buf)), 200, "no reply");
	cr_assert_eq(rig_drain(fresh, buf, sizeof(buf)), 0, "fresh: %s", buf);
	cr_assert_eq(rig_drain(idle, buf, sizeof(buf)), 0, "idle: %s", buf);
	close(fresh);
	close(idle);
	finish(&r);
}

Test(server, cuts_off_a_client_that_does_not_read)
{
	struct rig r = rig_new();
	int fd[8];

	r.limits.send_ms = 200;
	rig_start(&r);
	for (int i = 0; i < 8; i++) {
		fd[i] = rig_connect(&r);
		for (int k = 0; k < 8; k++)
			rig_send(fd[i], GET("/big"));
	}
	cr_assert(rig_stat_becomes(&r, "timed_out", 8), "still sending");
	cr_assert(rig_stat_becomes(&r, "connections", 1), "a connection is left");
	for (int i = 0; i < 8; i++)
		close(fd[i]);
	finish(&r);
}

static void reset_on_close(int fd)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

Test(server, survives_clients_that_leave_while_the_reply_is_pending)
{
	enum { N = 100 };
	struct rig r = rig_new();

	rig_start(&r);
	for (int i = 0; i < N; i++) {
		int fd = rig_connect(&r);

		rig_send(fd, GET("/later?30") GET("/a"));
		if (i % 3 == 0)
			rig_sleep_ms(1);
		if (i % 2 == 0)
			reset_on_close(fd);
		close(fd);
	}
	cr_assert(rig_stat_becomes(&r, "exchanges", 1), "an exchange is left");
	cr_assert(rig_stat_becomes(&r, "connections", 1), "a connection is left");
	finish(&r);
}

Test(server, answers_a_client_that_has_closed_its_sending_half)
{
	struct rig r = rig_new();

	rig_start(&r);
	for (int i = 0; i < 20; i++) {
		int fd = rig_connect(&r);

		rig_send(fd, i % 2 ? GET("/later?10") : GET("/big"));
		shutdown(fd, SHUT_WR);
		cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "no reply in round %d", i);
		cr_assert_eq(rig_drain(fd, buf, sizeof(buf)), 0, "not closed in round %d", i);
		close(fd);
	}
	finish(&r);
}

Test(server, streams_until_the_client_leaves)
{
	struct rig r = rig_new();
	int fd;

	rig_start(&r);
	fd = rig_connect(&r);
	rig_send(fd, GET("/stream"));
	for (size_t n = 0; n < 200;) {
		ssize_t got = recv(fd, buf + n, sizeof(buf) - 1 - n, 0);

		cr_assert_gt(got, 0, "the stream ended");
		n += (size_t)got;
		buf[n] = '\0';
	}
	cr_assert_not_null(strstr(buf, "chunked"), "no stream: %s", buf);
	cr_assert_not_null(strstr(buf, "5\r\ntick\n\r\n5\r\ntick\n\r\n"), "no ticks: %s", buf);
	close(fd);
	cr_assert(rig_stat_becomes(&r, "dropped", 1), "the end was not noticed");
	cr_assert_eq(rig_stat(&r, "exchanges"), 1, "an exchange is left");
	finish(&r);
}

static void get_big(const struct rig *r, int i)
{
	int fd = rig_connect(r), status;

	rig_send(fd, i % 2 ? GET("/big")
			   : "GET /big HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	if (i % 5 == 0)
		rig_sleep_ms(5);
	status = rig_reply(fd, buf, sizeof(buf));
	cr_assert_eq(status, 200, "round %d: cut short", i);
	cr_assert_eq(strlen(body()), 1 << 20, "round %d: %zu bytes", i, strlen(body()));
	close(fd);
}

Test(server, sends_big_replies_whole)
{
	struct rig r = rig_new();

	rig_start(&r);
	for (int i = 0; i < 50; i++)
		get_big(&r, i);
	finish(&r);
}

Test(server, refuses_in_json_and_closes)
{
	struct rig r = rig_new();
	int fd;

	rig_start(&r);
	fd = rig_connect(&r);
	rig_send(fd, "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
		     "0\r\n\r\n" GET("/smuggled"));
	cr_assert_gt(rig_drain(fd, buf, sizeof(buf)), 0, "reset, or no reply");
	cr_assert_not_null(strstr(buf, "HTTP/1.1 411 "), "%s", buf);
	cr_assert_not_null(strstr(buf, "Content-Type: application/problem+json\r\n"), "%s", buf);
	cr_assert_not_null(strstr(body(), "{\"type\":\"/problems/length-required\","), "%s", buf);
	cr_assert_null(strstr(body(), "HTTP/1.1"), "a second reply: %s", body());
	close(fd);
	cr_assert_eq(rig_stat(&r, "requests"), 1, "a refused request reached the handler");
	cr_assert_eq(rig_stat(&r, "refused"), 1, "not counted");
	finish(&r);
}

Test(server, refuses_a_large_body_before_it_comes)
{
	struct rig r = rig_new();
	int fd;

	rig_start(&r);
	fd = rig_connect(&r);
	rig_send(fd, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 400000\r\n\r\n");
	memset(buf, 'x', 400000);
	rig_send_bytes(fd, buf, 400000);
	cr_assert_gt(rig_drain(fd, buf, sizeof(buf)), 0, "the refusal was lost");
	cr_assert_not_null(strstr(buf, " 413 "), "%s", buf);
	close(fd);
	finish(&r);
}

static bool is_import(enum http_method method, const char *target, size_t len)
{
	return method == HTTP_POST && len == 7 && memcmp(target, "/import", len) == 0;
}

Test(server, takes_large_bodies_where_they_are_declared)
{
	struct rig r = rig_new();
	int fd;

	r.limits.body_large = 500000;
	r.limits.large_body = is_import;
	rig_start(&r);
	fd = rig_connect(&r);
	memset(buf, 'x', 400000);
	rig_send(fd, "POST /import?a HTTP/1.1\r\nHost: h\r\nContent-Length: 400000\r\n\r\n");
	rig_send_bytes(fd, buf, 400000);
	cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 200, "refused: %.200s", buf);
	cr_assert_eq(strlen(body()), 400000, "%zu bytes came back", strlen(body()));
	rig_send(fd, "POST /imports HTTP/1.1\r\nHost: h\r\nContent-Length: 400000\r\n\r\n");
	cr_assert_eq(rig_reply(fd, buf, sizeof(buf)), 413, "taken elsewhere: %.200s", buf);
	close(fd);
	finish(&r);
}

Test(server, does_not_let_a_header_be_split)
{
	struct rig r = rig_new();

	rig_start(&r);
	cr_assert_eq(rig_get(&r, "/bad", buf, sizeof(buf)), 500, "sent: %s", buf);
	cr_assert_null(strstr(buf, "Set-Cookie"), "split: %s", buf);
	finish(&r);
}

Test(server, pauses_when_descriptors_run_out)
{
	enum { N = 80 };
	struct rig r = rig_new();
	struct stat log;
	int fd[N];
	long cpu;

	r.descriptors = 50;
	r.limits.connections = 1000;
	r.limits.pause_ms = 150;
	rig_start(&r);
	for (int i = 0; i < N; i++)
		fd[i] = rig_connect(&r);
	rig_sleep_ms(600);
	for (int i = 0; i < N; i++)
		close(fd[i]);
	cr_assert_gt(rig_stat(&r, "pauses"), 1, "never paused");
	cpu = rig_stat(&r, "cpu_ms");
	cr_assert(cpu >= 0 && cpu < 200, "burned %ld ms", cpu);
	cr_assert_eq(stat(r.log, &log), 0, "no log");
	cr_assert_lt(log.st_size, 500, "logged %ld bytes", (long)log.st_size);
	finish(&r);
}
