/* The types of match/needs.def: of each the member of struct needs_in, the field and the answer.
 *
 * BOOL, DATE, INT, PENCE and TEXT are one value; CODE(list) is one of <list>_codes, KNOWN(list) one of
 * known_<list>, a list of matching without its "unknown"; CODES(list) and KNOWN_CODES(list) are any
 * number of those, OUTWARDS of outward codes. ROWS(what) are objects of <what>_input, answered as
 * <what>_shape; BY_TOPIC(what) are sent as objects of topic and answer, and stored and answered as one
 * object with a member for each topic. */
#pragma once
#include "json/input.h"

#define FACT_C_BOOL enum tri
#define FACT_C_DATE const char *
#define FACT_C_INT int64_t
#define FACT_C_PENCE int64_t
#define FACT_C_TEXT const char *
#define FACT_C_CODE(list) const char *
#define FACT_C_KNOWN(list) const char *
#define FACT_C_CODES(list) struct json_list
#define FACT_C_KNOWN_CODES(list) struct json_list
#define FACT_C_OUTWARDS struct json_list
#define FACT_C_ROWS(what) struct json_list
#define FACT_C_BY_TOPIC(what) struct json_list

/* The kind of FIELD(), and members of struct field. */
#define FACT_FIELD_BOOL BOOL
#define FACT_FIELD_DATE DATE
#define FACT_FIELD_INT INT
#define FACT_FIELD_PENCE PENCE
#define FACT_FIELD_TEXT TEXT
#define FACT_FIELD_CODE(of) CODE, .codes = &of##_codes
#define FACT_FIELD_KNOWN(of) CODE, .codes = &known_##of
#define FACT_FIELD_CODES(of) FACT_FIELD_CODE(of)
#define FACT_FIELD_KNOWN_CODES(of) FACT_FIELD_KNOWN(of)
#define FACT_FIELD_OUTWARDS OUTWARD
#define FACT_FIELD_ROWS(of) OBJECT, .sub = &of##_input
#define FACT_FIELD_BY_TOPIC(of) FACT_FIELD_ROWS(of)

/* Members of struct shape_member. */
#define FACT_SHAPE_BOOL .type = SHAPE_BOOL
#define FACT_SHAPE_DATE .type = SHAPE_DATE
#define FACT_SHAPE_INT .type = SHAPE_INT
#define FACT_SHAPE_PENCE .type = SHAPE_INT
#define FACT_SHAPE_TEXT .type = SHAPE_TEXT
#define FACT_SHAPE_CODE(of) .type = SHAPE_CODE, .codes = &of##_codes
#define FACT_SHAPE_KNOWN(of) .type = SHAPE_CODE, .codes = &known_##of
#define FACT_SHAPE_CODES(of) .list = true, FACT_SHAPE_CODE(of)
#define FACT_SHAPE_KNOWN_CODES(of) .list = true, FACT_SHAPE_KNOWN(of)
#define FACT_SHAPE_OUTWARDS .list = true, .type = SHAPE_TEXT
#define FACT_SHAPE_ROWS(of) .list = true, .type = SHAPE_OBJECT, .sub = &of##_shape
#define FACT_SHAPE_BY_TOPIC(of) .type = SHAPE_OBJECT
/* Whether the answer may be null. */
#define FACT_NULL_ONE false
#define FACT_NULL_MAYBE true
