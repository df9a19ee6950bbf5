/* Districts, neighbours and centres from postcodes and their positions (domain: two districts are
 * neighbours where some of their postcodes lie within NEAR_M of each other).
 *
 *	struct survey *s = survey_new();
 *	survey_add(s, "TS1", 449700, 520300, "E06000002");	for each postcode
 *	words = survey_words(s, arena);				as config/geography has them
 *	survey_free(s);
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { NEAR_M = 500 };

struct survey;

struct survey *survey_new(void);
void survey_free(struct survey *s);
/* A postcode of the district at that place in metres; authority (ONS code) may be "". False where the
 * code is no outward code, or there are more districts or authorities than the kingdom has. */
bool survey_add(struct survey *s, const char *outward, int32_t east, int32_t north, const char *authority);
size_t survey_districts(const struct survey *s);
/* Lines of neighbours, centres and authorities, in the arena. */
const char *survey_words(struct survey *s, struct arena *a);
