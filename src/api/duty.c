#include "duty.h"

#include <string.h>

#include "json/write.h"
#include "sql.h"

static const struct shape_member members[] = {
	SHAPE("day", TEXT, .nullable = true),
	SHAPE("night", TEXT, .nullable = true),
	SHAPE("day_begins", TEXT, .nullable = true),
	SHAPE("day_ends", TEXT, .nullable = true),
	SHAPE("now", TEXT),
	{ 0 },
};
const struct shape duty_shape = { .name = "duty_telephone", .members = members };

void duty_ask(struct ctx *c)
{
	ctx_query(c, &SQL_DUTY_TELEPHONES, 0, NULL);
}

static const char *find(const struct duties *d, const char *organisation)
{
	int n = d->statement < 0 ? 0 : rows(d->c, d->statement);

	for (int row = 0; row < n; row++)
		if (text_eq(value(d->c, d->statement, row, "organisation_id"), organisation))
			return value(d->c, d->statement, row, "duty_telephone");
	return NULL;
}

void duty_put(struct text *t, const struct duties *d, struct uuid organisation)
{
	const char *found;
	char id[UUID_TEXT];

	uuid_format(organisation, id);
	found = find(d, id);
	json_put_key(t, "duty_telephone");
	if (found)
		json_put_raw(t, found, strlen(found));
	else
		json_put_null(t);
}
