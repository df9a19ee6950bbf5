/* Results of the database as JSON. */
#include <string.h>

#include "ctx.h"
#include "json/write.h"

int rows(const struct ctx *c, int i)
{
	return batch_rows(c->results.batch, i + c->results.skip);
}

const struct batch *ctx_rows(const struct ctx *c, int i, int *statement)
{
	*statement = i + c->results.skip;
	return c->results.batch;
}

int affected(const struct ctx *c, int i)
{
	return batch_affected(c->results.batch, i + c->results.skip);
}

const char *value(const struct ctx *c, int i, int row, const char *name)
{
	return batch_value(c->results.batch, i + c->results.skip, row, name);
}

static void put_value(struct text *t, const struct batch *b, int i, int row, int col)
{
	const char *v = batch_value_at(b, i, row, col);
	size_t len = (size_t)batch_length_at(b, i, row, col);

	if (!v) {
		json_put_null(t);
		return;
	}
	switch (batch_type(b, i, col)) {
	case DB_TYPE_BOOL:
		json_put_bool(t, *v == 't');
		break;
	case DB_TYPE_INT2:
	case DB_TYPE_INT4:
	case DB_TYPE_INT8:
	case DB_TYPE_JSON:
	case DB_TYPE_JSONB:
		json_put_raw(t, v, len);
		break;
	default:
		json_put_strn(t, v, len);
	}
}

void row_put(struct text *t, const struct ctx *c, int i, int row)
{
	const struct batch *b = c->results.batch;
	int statement = i + c->results.skip;

	json_object_begin(t);
	for (int col = 0; col < batch_columns(b, statement); col++) {
		const char *name = batch_column_name(b, statement, col);

		if (*name == '_')
			continue;
		json_put_name(t, name);
		put_value(t, b, statement, row, col);
	}
	json_object_end(t);
}

const char *row_json(struct ctx *c, int i, int row)
{
	struct text t = text_in(c->arena);

	row_put(&t, c, i, row);
	return text_done(&t);
}

void first_rows_put(struct text *t, const struct ctx *c, int i, int n)
{
	json_array_begin(t);
	for (int row = 0; row < n; row++)
		row_put(t, c, i, row);
	json_array_end(t);
}

void rows_put(struct text *t, const struct ctx *c, int i)
{
	first_rows_put(t, c, i, rows(c, i));
}
