/* Pages: JSON rendered through an embedded template, escaped always.
 *
 * A view "placements/show" is the embedded file src/web/views/placements/show.html:
 *
 *	{{name}} {{a.b.c}} {{.}}       a value, HTML-escaped; there is no way to write it unescaped
 *	{{price|pounds}}               a value through a printing filter
 *	{{#list}} … {{/list}}          once for each element; for an object or scalar that is not
 *	                               empty, once; names inside are looked up in the element first
 *	{{^list}} … {{/list}}          where it is absent, null, false, 0, "", [] or {}
 *	{{#state|is:open,held}} … {{/state}}   a test: once, names as outside; also with ^
 *	{{> layout/head}}              another view, seeing all names
 *	{{> form/text name="age" value=form.age}}   another view, seeing its arguments only
 *	{{! a remark }}
 *
 * A name is looked up from the innermost section outwards; of a dotted name only the first part.
 * An absent name prints nothing. A tag alone on its line leaves no line behind, unless it is a
 * value.
 *
 * Printing filters: london (instant, "22 November 2026 at 2:14am"), clock ("2:14am"), day (instant,
 * "2026-11-22" in London, for a date input), date (day, "22 November 2026"), pounds (pence,
 * "£1,234.56"), number ("1,234"), telephone ("01632 960 001"), count (elements), label:<name> (a code's, from the list of
 * {code, label} of that name), left:<name> and ago:<name> (to or from the instant of that name:
 * "1 hour 52 minutes", "3 hours ago"). A value that a filter cannot read is printed as it stands.
 * Tests: is:<word>[,<word>…], same:<name> (equals that value, or is in that list), ends:<name>
 * (is a path whose last segment is that value), any (not empty).
 *
 * Templates are parsed once a process and kept. Views cannot contain themselves, so depth is
 * bounded. Not thread safe.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

/* Appends the page to out; false, with nothing appended, where no such view exists or it does not
 * parse (view_check_all() at start-up rules both out). */
bool view_render(struct arena *a, struct text *out, const char *view, const json_t *data)
	__attribute__((warn_unused_result));
/* The same for a template that is not embedded; its partials are. */
bool view_render_source(struct arena *a, struct text *out, const char *source, const json_t *data)
	__attribute__((warn_unused_result));

/* Parses every embedded view. NULL, or the first error as "path:line: what" (in a). */
const char *view_check_all(struct arena *a);
/* The error of one template in the same form, with "template" for its path; NULL where none. */
const char *view_check_source(struct arena *a, const char *source);
