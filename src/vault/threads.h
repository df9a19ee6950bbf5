/* Threads of the vault process for slow work, and a queue for each line before them. */
#pragma once
#include <stdbool.h>

#include "vault/vault.h"
#include "wire.h"

struct threads;

/* Does one request and fills *answer. May wait. */
typedef void threads_work(const struct vault_request *request, struct vault_answer *answer, void *arg);

/* work is done on any of the threads, one request each. 1 to VAULT_THREADS_MAX threads. Answers
 * go out on fds[lane]. NULL where a thread cannot be started. */
struct threads *threads_new(const int fds[], int n, int threads, threads_work *work, void *arg);
/* False where the lane is full. Copies the request. */
bool threads_push(struct threads *t, int lane, const struct vault_request *request,
	       struct wire_tag tag) __attribute__((warn_unused_result));
/* Ends the threads after the request each is at; what still waits is wiped unanswered. Takes
 * NULL. */
void threads_free(struct threads *t);
