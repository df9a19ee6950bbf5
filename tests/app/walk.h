/* Calls every address of the service one by one, with bodies made from the input tables. */
#pragma once
#include <jansson.h>

#include "service.h"

#include "app/routes.h"

struct address {
	const struct route *r;
	bool page;
	char path[160];		/* with the names filled in, and an id that does not exist */
	char shown[200];	/* for messages: "POST /api/v1/units (page)" */
};

/* All addresses, in the order of app_tables; n of them. */
const struct address *addresses(size_t *n);

/* A document that an input's table accepts: every field, the smallest value of each. The
 * caller's. */
json_t *example(const struct input *input);
/* The same with nothing but what must be sent. */
json_t *smallest(const struct input *input);

/* What the records of an address are to the service, read from the catalogue. */
enum family { CASES, PLACEMENTS, SUPPLY, PEOPLE };
struct record_kind {
	const char *part;	/* first part of the path: "unsafe-places" */
	const char *table;
	enum family family;
};
enum { KINDS_MAX = 60 };
/* The kind of record that a path with {id} is about; the same pointer for each path of it, in an array of
 * KINDS_MAX from record_kinds. NULL where it is about none. */
const struct record_kind *record_kind_of(const char *path);
extern struct record_kind record_kinds[KINDS_MAX];

/* One way to make a document wrong: the whole document, and where the fault must be found. */
struct fault {
	char pointer[120];
	const char *code;
	json_t *body;
};
typedef void on_fault(const struct fault *f, void *arg);
/* Breaks each field of the input in each way that its type allows, one at a time. patch: no field
 * is required. */
void each_fault(const struct input *input, bool patch, on_fault *found, void *arg);

/* One hash of all stored rows, except when sessions were last seen. */
const char *stored(void);

/* As `call`, with the content type that the address wants and no key. */
struct answer send_to(const struct address *at, int actor, const char *headers, const char *body);
/* The first role that the row lets in; SIGNED_OUT for public rows. */
int right_role(const struct route *r);
