#include "language.h"

#include "api/codes.h"
#include "api/conflicts.h"

/* A code that was refused may have been one. */
static enum tri in_words(const struct json_list *codes)
{
	const char *const *code = codes->items;
	enum tri words = TRI_NO;

	for (size_t i = 0; i < codes->n; i++) {
		int language = code_index(&language_codes, code[i]);

		if (language >= 0 && code_bit(language) & LANGUAGES_IN_WORDS)
			return TRI_YES;
		if (language < 0)
			words = TRI_UNKNOWN;
	}
	return words;
}

/* Without printf: it is built also where nothing is wrong. */
static const char *words_at(struct ctx *c, const char *at)
{
	struct text t = text_in(ctx_arena(c));

	text_puts(&t, at);
	text_puts(&t, "/other_language");
	return text_done(&t);
}

void check_languages(struct ctx *c, const char *at, const struct json_list *codes)
{
	const char *pointer = words_at(c, at);
	const json_t *sent = json_sent_to(ctx_decoded(c), pointer);
	bool written = sent && !json_is_null(sent);
	enum tri words = in_words(codes);

	if (words == TRI_YES && !written)
		ctx_error(c, pointer, "required", LANGUAGE_MISSING);
	if (words == TRI_NO && written)
		ctx_error(c, pointer, "contradicts", LANGUAGE_NOT_SELECTED);
}
