/* The hashing threads of the vault process and the queue before each. */
#pragma once
#include <stdbool.h>

#include "wire.h"

struct pool;

/* Answers go out on fds[lane]. NULL where a thread can not be started. */
struct pool *pool_new(const int fds[], int n);
/* False where the lane is full. Copies the request. */
bool pool_push(struct pool *pool, int lane, const struct vault_request *request,
	       struct wire_tag tag) __attribute__((warn_unused_result));
/* Ends the threads after the hash each is at; what still waits is wiped unanswered. Takes NULL. */
void pool_free(struct pool *pool);
