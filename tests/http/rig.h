/* A server in a child process, and blocking clients against it. The handler answers by path:
 *	/echo		the body, or "ok"
 *	/big		a megabyte by reference
 *	/later?n	"later" after n milliseconds
 *	/show…		method, target, raw path, path, query, peer, X-Test header, sid cookie
 *	/bad		a header with a line feed in it
 *	/stream		"tick" every 10 ms until the client goes
 *	/stats		the server's statistics and the child's processor time, as "name=n" lines
 *	/drain?n	"draining"; drains with a deadline of n ms, then the child exits with
 *			the number of connections left
 */
#pragma once
#include <stddef.h>
#include <sys/types.h>

#include "http/server.h"

struct rig {
	struct http_limits limits;	/* set before rig_start(); zero fields mean the defaults */
	int descriptors;		/* descriptor limit of the child; 0: unchanged */
	int port, listener;
	pid_t child;
	char log[64];			/* where the child's standard error goes */
};

struct rig rig_new(void);
void rig_start(struct rig *r);
/* Waits for the child to end, and sends it a terminating signal if needed. Returns its exit code,
 * or minus the signal that ended it. */
int rig_stop(struct rig *r);
int rig_wait(struct rig *r);

int rig_connect(const struct rig *r);
/* Sends on a connection; fails at once if the other end is gone. */
void rig_send(int fd, const char *text);
void rig_send_bytes(int fd, const void *bytes, size_t len);
/* Reads one reply, head and body by Content-Length, into buf (NUL-terminated). Returns the status,
 * or 0 if the connection ended first or nothing came for five seconds. */
int rig_reply(int fd, char *buf, size_t size);
/* Reads to the end of the connection. Returns the number of bytes, or -1 on a reset or after five
 * seconds. */
ssize_t rig_drain(int fd, char *buf, size_t size);
/* One GET on a connection of its own; the status. */
int rig_get(const struct rig *r, const char *target, char *buf, size_t size);
/* A number of /stats. */
long rig_stat(const struct rig *r, const char *name);
/* Waits up to two seconds until a number of /stats is as wanted. */
int rig_stat_becomes(const struct rig *r, const char *name, long want);
long rig_now_ms(void);
void rig_sleep_ms(int ms);
