/* The schema of an input, from its table: JSON Schema 2020-12 as OpenAPI 3.1 embeds it. Inlined, in
 * the order of the table, the same bytes each time. */
#pragma once
#include "base/text.h"
#include "json/input.h"

void schema_put(struct text *t, const struct input *input);
/* The schema of one field: of a query parameter, say. */
void schema_put_field(struct text *t, const struct field *f);
