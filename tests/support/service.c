#include "service.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <jansson.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/process/master.h"
#include "../../src/process/worker.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "http/server.h"
#include "memory.h"
#include "shape.h"
#include "seal/keys.h"
#include "seal/token.h"
#include "vault/vault.h"

static struct {
	char dir[64];
	int port, listen_fd, ops_fd, line[2], bells[2];	/* the worker's, another's */
	struct app_config config;
	pid_t vault, worker;
} service;

static struct app_config service_config(int write_connections)
{
	struct app_config c;
	const char *error;

	if (!config_load(test_memory(), app_config_keys, NULL, &c, &error))
		cr_assert_fail("%s", error);
	c.database = fresh_database("haven_template");
	c.run_dir = service.dir;
	c.key_file = service_key_file();
	c.write_connections = write_connections;
	return c;
}

static pid_t child(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return pid;
}

static void start_vault(const struct app_config *c, int fd)
{
	const char *error;

	service.vault = child();
	if (service.vault == 0) {
		struct vault_keys *keys = vault_keys_load(c->key_file, &error);
		const char *conninfo = app_conninfo(test_memory(), c, c->vault_role);
		int code = keys ? vault_serve(&fd, 1, keys, conninfo) : 1;

		vault_keys_free(keys);
		child_end(code);
	}
}

/* As the first of two workers. */
static void start_worker(const struct app_config *c, int vault_fd)
{
	struct master_child m = {
		.role = MASTER_WORKER, .listen_fd = service.listen_fd, .metrics_fd = service.ops_fd,
		.fds = { [MASTER_LINE] = vault_fd, [MASTER_BELLS] = service.bells[0], service.bells[1] },
		.n = MASTER_BELLS + 2,
	};

	service.worker = child();
	if (service.worker == 0)
		child_end(worker_run(c, &m, counters_map(c->run_dir, c->workers)));
}

/* The worker accepts connections once its board is loaded. */
static void wait_until_served(void)
{
	struct answer a = { .status = 0 };

	for (int i = 0; i < 500 && a.status != 200; i++) {
		a = call_with(SIGNED_OUT, "GET", "/assets/favicon.svg", "", NULL);
		if (a.status != 200)
			usleep(10000);
		cr_assert_eq(waitpid(service.worker, NULL, WNOHANG), 0, "the worker ended at its start");
	}
	cr_assert_eq(a.status, 200, "the service did not start");
}

/* One session for each actor, on the accounts of the seed. */
static void open_sessions(void)
{
	static const char *const extra[] = { "provider_b", "other_officer", "other_provider" };
	char hash[65];

	for (int actor = 0; actor < ACTORS; actor++) {
		token_hash(service_token(actor), hash);
		sql("INSERT INTO session (account_id, token_hash, idle_minutes, expires_at) "
		    "SELECT id, sha256(decode('%s', 'hex')), 600, now() + interval '12 hours' FROM account WHERE username = '%s'",
		    hash, actor < ROLES ? code_at(&role_codes, actor) : extra[actor - ROLES]);
	}
}

static void start(int write_connections)
{
	struct app_config c;
	const char *error;

	cr_assert(sodium_init() >= 0);
	strcpy(service.dir, "/tmp/haven-test-XXXXXX");
	cr_assert_not_null(mkdtemp(service.dir));
	c = service_config(write_connections);
	open_sessions();
	cr_assert(vault_keys_create(c.key_file, &error), "%s", error);
	service.listen_fd = http_listen("127.0.0.1", 0, 1024);
	service.ops_fd = http_listen("127.0.0.1", 0, 16);
	service.port = http_port(service.listen_fd);
	cr_assert(vault_line(service.line));
	for (int i = 0; i < 2; i++)
		service.bells[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	service.config = c;
	start_vault(&c, service.line[0]);
	start_worker(&c, service.line[1]);
	wait_until_served();
}

void service_start(void)
{
	start(1);
}

void service_start_crowded(void)
{
	start(4);
}

static int heard_fd = -1;

void service_start_heard(void)
{
	int saved = dup(STDERR_FILENO);

	heard_fd = test_scratch();
	dup2(heard_fd, STDERR_FILENO);
	service_start_crowded();
	dup2(saved, STDERR_FILENO);
	close(saved);
}

const char *service_heard(size_t *n)
{
	return test_bytes(heard_fd, n);
}

/* How the process ended, as waitpid() tells it. */
static int end(pid_t *pid)
{
	int status = 0;

	if (*pid > 0 && kill(*pid, SIGTERM) == 0)
		waitpid(*pid, &status, 0);
	*pid = 0;
	return status;
}

void service_stop(void)
{
	char path[128];
	static const char *const files[] = { "key", "counters" };
	int worker = end(&service.worker), vault = end(&service.vault);

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", service.dir, files[i]);
		unlink(path);
	}
	rmdir(service.dir);
	drop_database();
	cr_assert(worker == 0 && vault == 0, "the worker ended with %#x, the vault with %#x", worker, vault);
}

int service_port(void)
{
	return service.port;
}

int service_worker(void)
{
	return service.worker;
}

int service_vault(void)
{
	return service.vault;
}

void service_lose_vault(void)
{
	kill(service.vault, SIGKILL);
	waitpid(service.vault, NULL, 0);
	service.vault = 0;
}

void service_new_vault(void)
{
	start_vault(&service.config, service.line[0]);
}

int service_line(void)
{
	return service.line[1];
}

void service_ring(void)
{
	cr_assert_eq(eventfd_write(service.bells[0], 1), 0);
}

int service_other_bell(void)
{
	return service.bells[1];
}

const char *service_key_file(void)
{
	return arena_printf(test_memory(), "%s/key", service.dir);
}

const char *service_token(int actor)
{
	static const char *const extra[] = { "provider_b", "other_officer", "other_provider" };

	if (actor < 0)
		return NULL;
	return arena_printf(test_memory(), "test-%s", actor < ROLES ? code_at(&role_codes, actor) : extra[actor - ROLES]);
}

/* ---- a small client ---- */

static int dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct timeval limit = { .tv_sec = 15 };
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

static struct text read_all(int fd)
{
	struct text t = text_in(test_memory());
	ssize_t n;

	while ((n = recv(fd, text_room(&t, 65536), 65536, 0)) > 0)
		t.len += (size_t)n;
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
	const char *fault = NULL;
	const char *type = answer_header(&a, "Content-Type");

	if ((a.status == 200 || a.status == 201) && !(type && strncmp(type, "text/csv", 8) == 0))
		fault = answer_fault(test_memory(), method, path, a.json);
	cr_expect_null(fault, "%s %s: %s in %s", method, path, fault, a.body);
	return a;
}

struct answer call_with(int actor, const char *method, const char *path, const char *headers, const char *body)
{
	struct text request = text_in(test_memory());

	text_printf(&request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n%s", method, path,
		    service.port, headers);
	if (actor >= 0)
		text_printf(&request, "Authorization: Bearer %s\r\n", service_token(actor));
	if (body)
		text_printf(&request, "Content-Length: %zu\r\n", strlen(body));
	text_printf(&request, "\r\n%s", body ? body : "");
	return whole(method, path, exchange(service.port, &request));
}

struct answer service_metrics(void)
{
	struct text request = text_in(test_memory());

	text_puts(&request, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
	return exchange(http_port(service.ops_fd), &request);
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

	return answer_int(&a, "options.0.vacancy_version");
}

/* The change log is read in order, so another partnership's view of its only vacancy shows how far
 * the board is. */
void board_settle(void)
{
	enum { TRIES = 500, PAUSE_US = 10 * 1000 };
	const char *version = sql("UPDATE vacancy SET version = version + 1 WHERE id = '" OTHER_VACANCY
				  "' RETURNING version");

	service_ring();
	for (int i = 0; i < TRIES && version_on_board() != atoll(version); i++)
		usleep(PAUSE_US);
}
