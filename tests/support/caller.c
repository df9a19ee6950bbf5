/* A small client: one request, its answer, and what an answer holds. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "memory.h"
#include "patience.h"
#include "service.h"
#include "shape.h"

static int dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct timeval limit = { .tv_sec = PATIENCE_S };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void send_all(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		bytes += sent;
		n -= (size_t)sent;
	}
}

/* An answer takes the memory of its own length alone: room for the longest, a fresh page of the system's
 * every 4 KiB, was most of the time of a test that sends thousands of requests. */
static struct text read_all(int fd)
{
	struct text t = text_in(test_memory());
	char part[65536];
	ssize_t n;

	while ((n = recv(fd, part, sizeof(part), 0)) > 0)
		text_put(&t, part, (size_t)n);
	text_done(&t);
	return t;
}

static struct answer parse(struct text *t)
{
	struct answer a = { .body = "", .head = t->data };
	char *blank = strstr(t->data, "\r\n\r\n");

	if (!blank || strncmp(t->data, "HTTP/1.1 ", 9) != 0)
		return a;
	*blank = '\0';
	a.status = atoi(t->data + 9);
	a.body = blank + 4;
	a.len = t->len - (size_t)(a.body - t->data);
	a.json = test_json(a.body, a.len);
	return a;
}

static struct answer exchange(int port, const struct text *request)
{
	struct text reply;
	int fd = dial(port);

	if (fd < 0)
		return (struct answer){ .body = "", .head = "" };
	send_all(fd, request->data, request->len);
	reply = read_all(fd);
	close(fd);
	return parse(&reply);
}

/* Every success that any test is given has the shape that its route row promises. */
static struct answer whole(const char *method, const char *path, struct answer a)
{
	const char *fault = NULL, *type = answer_header(&a, "Content-Type");

	if ((a.status == 200 || a.status == 201) && !(type && strncmp(type, "text/csv", 8) == 0))
		fault = answer_fault(test_memory(), method, path, a.json);
	cr_expect_null(fault, "%s %s: %s in %s", method, path, fault, a.body);
	return a;
}

struct answer call_with(int actor, const char *method, const char *path, const char *headers, const char *body)
{
	struct text request = text_in(test_memory());

	text_printf(&request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n%s", method, path,
		    service_port(), headers);
	if (actor >= 0)
		text_printf(&request, "Authorization: Bearer %s\r\n", service_token(actor));
	if (body)
		text_printf(&request, "Content-Length: %zu\r\n", strlen(body));
	text_printf(&request, "\r\n%s", body ? body : "");
	return whole(method, path, exchange(service_port(), &request));
}

struct answer service_metrics(void)
{
	struct text request = text_in(test_memory());

	text_puts(&request, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
	return exchange(service_ops_port(), &request);
}

struct answer call(int actor, const char *method, const char *path, const char *fmt, ...)
{
	char key[UUID_TEXT];
	struct text headers = text_in(test_memory());
	char *body = NULL;
	va_list ap;

	uuid_random(key);
	if (strcmp(method, "POST") == 0)
		text_printf(&headers, "Idempotency-Key: %s\r\n", key);
	if (fmt) {
		va_start(ap, fmt);
		body = test_vprintf(fmt, ap);
		va_end(ap);
		text_printf(&headers, "Content-Type: application/%sjson\r\n",
			    strcmp(method, "PATCH") == 0 ? "merge-patch+" : "");
	}
	return call_with(actor, method, path, text_done(&headers), body);
}

const char *answer_header(const struct answer *a, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = strstr(a->head, "\r\n"); line; line = strstr(line, "\r\n")) {
		line += 2;
		if (strncasecmp(line, name, n) == 0 && line[n] == ':') {
			const char *from = line + n + 1 + strspn(line + n + 1, " ");

			return arena_strndup(test_memory(), from, strcspn(from, "\r"));
		}
	}
	return NULL;
}

static const json_t *walk(const struct answer *a, const char *path)
{
	const json_t *at = a->json;
	char *copy = arena_strdup(test_memory(), path), *save = NULL;

	for (char *part = strtok_r(copy, ".", &save); part && at; part = strtok_r(NULL, ".", &save)) {
		if (json_is_array(at))
			at = json_array_get(at, (size_t)strtoul(part, NULL, 10));
		else
			at = json_object_get(at, part);
	}
	return at;
}

const char *json_told(const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	const char *kept = arena_strdup(test_memory(), text);

	free(text);
	return kept;
}

const char *answer_text(const struct answer *a, const char *path)
{
	return json_string_value(walk(a, path));
}

json_int_t answer_int(const struct answer *a, const char *path)
{
	const json_t *n = walk(a, path);

	cr_assert(json_is_integer(n), "%s is no number in %s", path, a->body);
	return json_integer_value(n);
}

int answer_has_error(const struct answer *a, const char *pointer)
{
	const json_t *error;
	size_t i;

	json_array_foreach(json_object_get(a->json, "errors"), i, error)
		if (text_eq(json_string_value(json_object_get(error, "pointer")), pointer))
			return 1;
	return 0;
}

static json_int_t version_on_board(void)
{
	struct answer a = call(ACTOR_other_officer, "POST", "/api/v1/vacancy-searches",
			       "{\"household\":{\"situation\":\"rough\",\"members\":[{\"kind\":\"main\"}]}}");

	return a.status == 503 ? -1 : answer_int(&a, "options.0.vacancy_version");
}

/* The change log is read in order, so another partnership's view of its only vacancy shows how far
 * the board is. On a busy machine it may be too old to answer from. */
void board_settle(void)
{
	int64_t since = clock_mono();
	const char *version = sql("UPDATE vacancy SET version = version + 1 WHERE id = '" OTHER_VACANCY
				  "' RETURNING version");

	service_ring();
	while (version_on_board() != atoll(version))
		cr_assert(wait_on(since), "the board does not follow");
}
