/* Every address of the service, asked one by one; bodies are made from the input tables. */
#pragma once
#include <jansson.h>

#include "service.h"

#include "app/routes.h"

struct address {
	const struct route *r;
	bool page;
	char path[160];		/* names filled in: an id of nobody's */
	char shown[200];	/* for messages: "POST /api/v1/units (page)" */
};

/* All addresses, in the order of app_tables; n of them. */
const struct address *addresses(size_t *n);

/* A document that an input's table accepts: every field, the smallest value of each. The caller's. */
json_t *example(const struct input *input);

/* One way to make a document wrong: the whole document and where the fault must be found. */
struct fault {
	char pointer[120];
	const char *code;
	json_t *body;
};
typedef void on_fault(const struct fault *f, void *arg);
/* Each field of the input broken in each way that its type allows, one at a time. patch: nothing is
 * required. */
void each_fault(const struct input *input, bool patch, on_fault *found, void *arg);

/* Everything that is stored, but for when sessions were last seen, as one hash. */
const char *stored(void);

/* As `call`, with the content type that the address wants and no key. */
struct answer send_to(const struct address *at, int actor, const char *headers, const char *body);
/* The first role that the row lets in; SIGNED_OUT for public rows. */
int right_role(const struct route *r);
