/* Inside of struct geography: for its parser, its questions, and the index. */
#pragma once
#include "match/geography.h"

enum { OUTWARD_TEXT = 5, DISTRICTS_MAX = 4096 };

struct district {
	char outward[OUTWARD_TEXT];
	bool listed;			/* has a line of neighbours */
	bool placed;			/* has a centre */
	int32_t easting, northing;	/* km */
	const char *authorities;	/* ONS codes parted by blanks; NULL is not known */
	int32_t reach;			/* km from the centre to its farthest part */
};

struct geography {
	struct district *districts;	/* sorted by outward code */
	size_t n, row_words;
	uint64_t *near;			/* n rows: the neighbours of each district */
};

/* The index at which the code stands, or would. */
size_t district_place(const struct geography *g, const char *outward);

static inline uint64_t *near_row(const struct geography *g, int district)
{
	return g->near + (size_t)district * g->row_words;
}

static inline bool near_bit(const struct geography *g, int a, int b)
{
	return near_row(g, a)[b / 64] >> (b % 64) & 1;
}
