/* A parsed view: a flat list of nodes, in which a section knows where it ends. */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

enum { VIEW_NAME_PARTS = 8, VIEW_DEPTH = 16, VIEW_ARGS = 16, VIEW_SCALAR = 24 };

enum view_op { VIEW_TEXT, VIEW_VALUE, VIEW_SECTION, VIEW_INVERTED, VIEW_PARTIAL };

/* "a.b.c" as parts; none for ".". */
struct view_name {
	const char **parts;
	size_t count;
};

/* A row of the closed table in view_filter.c. Either test or print is set. */
struct view_filter {
	const char *name;
	enum { ARG_NONE, ARG_WORD, ARG_NAME } arg;
	/* v, other: NULL where absent. */
	bool (*test)(const json_t *v, const char *word, const json_t *other);
	/* False, with nothing appended, where v is not what the filter reads. */
	bool (*print)(struct text *out, const json_t *v, const json_t *other);
};

struct view_value {
	struct view_name name;
	const struct view_filter *filter;
	const char *word;
	struct view_name other;
};

/* name=literal, or name=value where literal is NULL. */
struct view_arg {
	const char *name;
	json_t *literal;
	struct view_name value;
};

struct view_node {
	enum view_op op;
	int line;
	const char *text;   /* of VIEW_TEXT; the tag's name of a section or partial */
	size_t len;
	struct view_value value;
	size_t end;         /* of a section: the first node after it */
	const struct view_template *partial;
	struct view_arg *args;
	size_t arg_count;
};

struct view_template {
	struct view_node *nodes;
	size_t count;
};

/* Parses source, which must outlive t; partials are left to be linked. NULL, or the error as
 * "path:line: what" in a. */
const char *view_parse(struct arena *a, const char *path, const char *source, size_t len,
		       struct view_template *t);

const struct view_filter *view_filter_find(const char *name, size_t len);
/* "" for what is no scalar; digits may be used for the result. */
const char *view_scalar(const json_t *v, char digits[VIEW_SCALAR], size_t *len);
/* Absent, null, false, 0, "", [] or {}. */
bool view_is_empty(const json_t *v);

/* The repository's path of a view's name. */
const char *view_path(struct arena *a, const char *view);
/* The embedded view, parsed and linked, kept for the process's life. NULL where there is none or
 * where it is broken, then with the reason in *error (else NULL). */
const struct view_template *view_load(const char *path, const char **error);
/* Parses and links source into *t; NULL or the error, both in a. */
const char *view_compile(struct arena *a, const char *path, const char *source, size_t len,
			 struct view_template *t);
