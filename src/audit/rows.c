#include "rows.h"

#include <string.h>

#include "audit/read.h"
#include "base/text.h"

const char *const link_column_names[LINK_COLUMNS] = { "seq", "event_id", "chain", "position", "hash" };
const char *const head_column_names[HEAD_COLUMNS] = {
	"number", "at", "links", "horizon", "chains", "previous", "signature",
};

/* The character that an escape of COPY stands for; 0 where it is none. COPY TO writes no others. */
static char unescaped(char c)
{
	static const char from[] = "bfnrtv\\", to[] = "\b\f\n\r\t\v\\";
	const char *at = c ? strchr(from, c) : NULL;

	return at ? to[at - from] : '\0';
}

/* Moves *at behind the field and its tab, and the field's bytes to where it began; false where an
 * escape is wrong. */
static bool field_take(char **at, const char *end, struct audit_field *field)
{
	char *from = *at, *to = *at;

	*field = (struct audit_field){ .text = to };
	for (; from < end && *from != '\t'; from++) {
		char c = *from;

		if (c == '\0' || (c == '\\' && (++from == end || !(c = unescaped(*from)))))
			return false;
		*to++ = c;
	}
	*at = from + 1;
	field->len = (size_t)(to - field->text);
	*to = '\0';	/* over the tab, an escape's rest, or the line's end */
	return true;
}

static bool null_take(char **at, const char *end, struct audit_field *field)
{
	if (end - *at < 2 || memcmp(*at, "\\N", 2) != 0 || (*at + 2 < end && (*at)[2] != '\t'))
		return false;
	*field = (struct audit_field){ NULL, 0 };
	*at += 3;
	return true;
}

int audit_copy_split(char *line, size_t len, struct audit_field *fields, int max)
{
	const char *end = line + len;
	struct audit_field left_out = { NULL, 0 };
	int n = 0;

	for (char *at = line; at <= end; n++) {
		struct audit_field *field = n < max ? &fields[n] : &left_out;

		if (!null_take(&at, end, field) && !field_take(&at, end, field))
			return -1;
	}
	return n;
}

static bool number(const struct audit_field *f, int64_t *n)
{
	return f->text && text_to_i64(f->text, n);
}

bool link_read(const struct audit_field f[LINK_COLUMNS], struct audit_link *link)
{
	return number(&f[LINK_SEQ], &link->seq) && number(&f[LINK_EVENT], &link->event) &&
	       number(&f[LINK_CHAIN], &link->chain) && number(&f[LINK_POSITION], &link->position) &&
	       audit_bytes(&f[LINK_HASH], link->hash, AUDIT_HASH);
}

bool head_read(const struct audit_field f[HEAD_COLUMNS], struct audit_head *head)
{
	return number(&f[HEAD_NUMBER], &head->number) && f[HEAD_AT].text &&
	       audit_instant(f[HEAD_AT].text, &head->at) && number(&f[HEAD_LINKS], &head->links) &&
	       number(&f[HEAD_HORIZON], &head->horizon) &&
	       audit_bytes(&f[HEAD_CHAINS], head->chains, AUDIT_HASH) &&
	       audit_bytes(&f[HEAD_PREVIOUS], head->previous, AUDIT_HASH) &&
	       audit_bytes(&f[HEAD_SIGNATURE], head->signature, AUDIT_SIGNATURE);
}
