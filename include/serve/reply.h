/* An answer from the inside, for the runner alone: handlers make it, and read nothing of it, by the
 * functions of serve.h. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct ctx;
struct reply;

typedef struct reply step(struct ctx *c);

enum reply_kind { REPLY_ANSWER, REPLY_THEN, REPLY_ASK, REPLY_TOGETHER };

struct reply {
	enum reply_kind kind;
	step *next;
	int status;
	const char *body;	/* JSON, NUL-terminated; or bytes of `type` */
	size_t len;
	const char *type;	/* NULL: application/json */
	const char *location;	/* without /api/v1 */
	const char *etag;
	const char *leave;	/* page: the browser leaves it for that path after SHOWN_SECONDS, or NULL */
	bool cacheable;		/* body is compiled in: browsers may keep it an hour */
	bool kept;		/* commits although it refuses: see kept() */
};
