/* Sentences of a search's answer, and the pieces that its two resources share. */
#pragma once
#include "base/text.h"
#include "match/match.h"

/* What would make a near miss fit, and by how much. */
const char *search_mend_text(struct arena *a, enum mend mend, const struct mend_detail *d);

/* "asks": the rules of which the provider must be asked; the list `question` says what. "open": those that
 * wait for what the household has not said. "reasons": codes and points. */
void search_put_asks(struct text *t, const struct verdict *v);
void search_put_reasons(struct text *t, const struct verdict *v);
