/* A posted form into the JSON that the same table decodes, so a page and a program are checked by
 * the same code.
 *
 *	minutes=120                                 "minutes": 120
 *	tonight=yes                                 "tonight": true (true yes on, false no)
 *	tonight=unknown                             "tonight": null
 *	language=cy&language=pl                     "language": ["cy","pl"], where it is a list
 *	language[0]=cy&language[1]=pl               the same in the order sent: an input for each entry
 *	due-day=27&due-month=3&due-year=2027        "due": "2027-03-27", where it is a DATE
 *	due-month=March, mar, 03                    the same: a month may be named
 *	amount-pounds=£1,200.50                     "amount": 120050, where it is PENCE
 *	contact.phone=…                             "contact": {"phone": …}
 *	members[0].birth_date=…                     "members": [{"birth_date": …}]
 *
 * A plain PENCE name is in pence. Blanks at both ends are removed; an empty value counts as
 * absent. Empty entries of a list of objects are dropped and the others move up, so a page that
 * shows the form again does so from this JSON. A value that does not fit its type stays text, so
 * the decoder reports it at its field; a name without a field becomes an unknown member, which
 * the decoder refuses. Names that begin with _ (the page's own: token, step) are dropped.
 */
#pragma once
#include <stddef.h>

#include "base/arena.h"
#include "json/input.h"

/* One decoded pair, NUL-terminated; http fills these. */
struct form_pair {
	const char *name, *value;
};

/* JSON text of the arena, its length in *len; NULL where a pair is not UTF-8 (answer 400). */
char *json_from_form(struct arena *a, const struct form_pair *pairs, size_t n,
		     const struct input *input, size_t *len) __attribute__((warn_unused_result));
/* For json_decode_patch(): an empty value is null, so that a page can clear a field. */
char *json_patch_from_form(struct arena *a, const struct form_pair *pairs, size_t n,
			   const struct input *input, size_t *len)
	__attribute__((warn_unused_result));
