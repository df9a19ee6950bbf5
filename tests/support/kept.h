/* Services that the tests of a binary use one after the other: starting one costs more than most tests. The
 * runner forks keepers, as many as it runs tests at once. Each lends its service (as shipped, without the
 * tidying every 30 s) to one test at a time, starts it when first asked for one, and restores all rows of
 * its database before the next (tests/support/kept.sql). A service whose test did not give it back, or
 * whose processes ended, is thrown away. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct loan {
	int fd;			/* of the line to the keeper */
	int port, ops_port;
	unsigned turn;		/* each test has sessions of its own: the worker knows those of the last */
	pid_t worker, vault;
	char dir[64], database[64];
};

/* Waits for a service. Fails the test if none comes. */
struct loan kept_borrow(void);
/* The keeper runs one statement on a session that it keeps too, which is a new one's like for each test; returns
 * what database_ask() does. Opening a session of its own was half of what most tests cost. */
const char *kept_ask(const struct loan *l, const char *statement);
/* Has the keeper ring the worker's bell. */
void kept_ring(const struct loan *l);
/* Fails the test if the worker or the vault has ended. */
void kept_give_back(const struct loan *l);

/* What a keeper does with its service (service.c): starts it; says what a test must know; restores it;
 * asks whether the board is no older than that instant, and its processes still there; ends it, and
 * says whether it ended badly. */
void service_start_kept(void);
struct loan service_lend(void);
void service_restore(void);
bool service_settled(int64_t since);
bool service_alive(void);
int service_end(void);
