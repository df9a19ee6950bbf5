/* What an answer holds: a shape is a table of its members. The OpenAPI document is made from it, and
 * tests compare live answers with it.
 *
 *	static const struct shape_member members[] = {
 *		SHAPE_ID,
 *		SHAPE("heard_on", DATE, .nullable = true),
 *		SHAPE("kind", CODE, .codes = &unsafe_kind_codes),
 *		SHAPE("members", OBJECT, .list = true, .sub = &member_shape),
 *		{ 0 },
 *	};
 *	static const struct shape one = { .name = "marac", .members = members };
 */
#pragma once
#include <stdbool.h>

struct code_list;

enum shape_type {
	SHAPE_TEXT,
	SHAPE_UUID,
	SHAPE_INT,
	SHAPE_BOOL,
	SHAPE_DATE,
	SHAPE_INSTANT,
	SHAPE_CODE,
	SHAPE_OBJECT,
};

struct shape_member {
	const char *name;
	enum shape_type type;
	bool nullable;
	bool list;
	const struct code_list *codes;	/* SHAPE_CODE */
	const struct shape *sub;	/* SHAPE_OBJECT; NULL: any object */
};

struct shape {
	const char *name;
	const struct shape_member *members;	/* ended by a row without name */
	bool list;				/* the answer is {"items": [of these], "next": …} */
};

/* One row; the rest are designated initialisers. */
#define SHAPE(member, kind, ...) { .name = (member), .type = SHAPE_##kind, __VA_ARGS__ }

/* Rows that most resources show. */
#define SHAPE_ID SHAPE("id", UUID)
#define SHAPE_VERSION SHAPE("version", INT)
#define SHAPE_CREATED SHAPE("created_at", INSTANT)
