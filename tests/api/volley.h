/* Requests that arrive together: all connections are opened before the first byte is sent, then all
 * requests go out in one pass, and then the answers are read as they come.
 *
 *	struct shot shots[200];
 *
 *	for (int i = 0; i < 200; i++)
 *		shots[i] = shot(ROLE_navigator, "/api/v1/placements", NULL, body_of(i));
 *	volley(shots, 200);
 *	cr_assert_eq(answered(shots, 200, 201), 1);
 */
#pragma once
#include <criterion/criterion.h>
#include <sys/types.h>

#include "service.h"

enum { SHOT_KEY = 40 };

struct shot {
	int actor;
	const char *path;	/* of a POST */
	const char *body;	/* JSON, or NULL */
	char key[SHOT_KEY];	/* Idempotency-Key */
	int version;		/* If-Match, where above 0 */
	struct answer a;	/* after the volley; status 0: none came */
};

/* key NULL: a new one. path is copied, body formatted; both live as long as the process. */
struct shot shot(int actor, const char *path, const char *key, const char *body, ...)
	__attribute__((format(printf, 4, 5)));
/* A hold of the vacancy for the household. */
struct shot shot_hold(const char *household, const char *vacancy);
/* An act on a placement: "offer", "accept", … */
struct shot shot_act(int actor, const char *placement, const char *act, const char *body);

/* Sends all of them at once; each answer is in its shot. */
void volley(struct shot *shots, int n);
/* Opens a connection, sends the request and closes it without reading; abrupt: with a reset. */
void send_and_leave(const struct shot *s, bool abrupt);

/* Waits until a process whose statement takes rows and then calls pg_sleep() has them. On a busy machine that
 * takes its time. */
void wait_asleep(pid_t holder);

/* The number of shots that were answered with that status. */
int answered(const struct shot *shots, int n, int status);
/* The shot that was answered with that status, or NULL. */
const struct shot *winner(const struct shot *shots, int n, int status);
