#include "seal/name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"
#include "base/text.h"

/* What typing programs put where a keyboard has an apostrophe: it ends no part of a name. */
static bool apostrophe(int32_t c)
{
	return c == '\'' || c == '`' || (c >= 0x02b9 && c <= 0x02bf) || (c >= 0x2018 && c <= 0x201b) ||
	       c == 0x2032 || c == 0x05f3 || c == 0xa78b || c == 0xa78c;
}

/* The accents that stand alone are apostrophes too. Decomposed they would be blanks with marks. */
static utf8proc_int32_t lone_accent(utf8proc_int32_t c, void *data)
{
	(void)data;
	return c == 0x00b4 || c == 0x0384 || c == 0x1ffd || c == 0x1fbd || c == 0x1fbf ? '\'' : c;
}

struct points {
	int32_t *at;
	size_t n;
};

/* Case is folded, compatibility characters are replaced, and what is never drawn is left out. */
static struct points decompose(struct arena *a, const char *name)
{
	const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
				      UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
	const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)name;
	utf8proc_ssize_t len = (utf8proc_ssize_t)strlen(name);
	utf8proc_ssize_t n = utf8proc_decompose_custom(bytes, len, NULL, 0, how, lone_accent, NULL);
	struct points p = { NULL, 0 };

	if (n <= 0)
		return p;
	p.at = arena_array_of(a, (size_t)n, int32_t);
	p.n = (size_t)n;
	utf8proc_decompose_custom(bytes, len, p.at, n, how, lone_accent, NULL);
	return p;
}

/* ---- letters ---- */

enum sort { LETTER, MARK, UNSEEN, BETWEEN };

/* An unassigned code point may be a letter that is younger than the library. */
static enum sort sort_of(int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	if (c >= '\t' && c <= '\r')
		return BETWEEN;
	if (apostrophe(c) || category >= UTF8PROC_CATEGORY_CC)
		return UNSEEN;
	if (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME)
		return MARK;
	return category <= UTF8PROC_CATEGORY_NO ? LETTER : BETWEEN;
}

/* The combining classes of marks over, under and through a letter, and of the vowel points of Hebrew
 * and Arabic, which are seldom written. The other marks are vowels or tones that make another name. */
static bool diacritic(int32_t c)
{
	int class = utf8proc_get_property(c)->combining_class;

	return class == 1 || class == 7 || (class >= 10 && class <= 36) || class >= 200;
}

static const char *plain_letter(int32_t c)
{
	static const struct {
		int32_t point;
		const char *plain;
	} letters[] = {
#define LETTER(point, plain) { point, plain },
#include "letters.def"
#undef LETTER
	};

	for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++)
		if (letters[i].point == c)
			return letters[i].plain;
	return NULL;
}

static void put_point(struct text *t, int32_t c)
{
	utf8proc_uint8_t bytes[4];

	text_put(t, (const char *)bytes, (size_t)utf8proc_encode_char(c, bytes));
}

static void put_letter(struct text *t, enum name_form form, int32_t c)
{
	const char *plain = form == NAME_POSSIBLE ? plain_letter(c) : NULL;

	if (plain)
		text_puts(t, plain);
	else
		put_point(t, c);
}

/* ---- parts ---- */

/* The letters with their marks, and a blank between two parts. A mark needs a letter before it. */
static char *written_in(struct arena *a, enum name_form form, const struct points *p)
{
	struct text t = text_in(a);
	bool began = false, between = false;

	for (size_t i = 0; i < p->n; i++) {
		enum sort sort = sort_of(p->at[i]);

		if (sort == BETWEEN)
			between = true;
		if (sort == MARK && began && !between && !(form == NAME_POSSIBLE && diacritic(p->at[i])))
			put_point(&t, p->at[i]);
		if (sort != LETTER)
			continue;
		if (form == NAME_POSSIBLE && between && began)
			text_putc(&t, ' ');
		put_letter(&t, form, p->at[i]);
		began = true;
		between = false;
	}
	return text_done(&t);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Splits in place. */
static size_t parts_of(struct arena *a, char *name, char ***parts)
{
	size_t n = 0;
	char *rest = NULL;

	*parts = arena_array_of(a, strlen(name) / 2 + 1, char *);
	for (char *part = strtok_r(name, " ", &rest); part; part = strtok_r(NULL, " ", &rest))
		(*parts)[n++] = part;
	return n;
}

static char *sorted(struct arena *a, char *name)
{
	struct text t = text_in(a);
	char **parts;
	size_t n = parts_of(a, name, &parts);

	qsort(parts, n, sizeof(*parts), by_bytes);
	for (size_t i = 0; i < n; i++) {
		if (i)
			text_putc(&t, ' ');
		text_puts(&t, parts[i]);
	}
	return text_done(&t);
}

static char *composed(struct arena *a, const char *name)
{
	struct text t = text_in(a);
	struct points p = decompose(a, name);
	utf8proc_ssize_t n = p.n ? utf8proc_normalize_utf32(p.at, (utf8proc_ssize_t)p.n, UTF8PROC_STABLE | UTF8PROC_COMPOSE) : 0;

	for (utf8proc_ssize_t i = 0; i < n; i++)
		put_point(&t, p.at[i]);
	return text_done(&t);
}

char *name_plain(struct arena *a, const char *name)
{
	struct points p = decompose(a, name);

	return composed(a, written_in(a, NAME_POSSIBLE, &p));
}

char *name_form(struct arena *a, enum name_form form, const char *name)
{
	struct points p = decompose(a, name);
	char *kept = composed(a, written_in(a, form, &p));

	return form == NAME_POSSIBLE ? sorted(a, kept) : kept;
}

/* ---- placeholders ---- */

static bool listed(const char *const *list, const char *word)
{
	while (*list && strcmp(*list, word) != 0)
		list++;
	return *list != NULL;
}

static bool says_nothing(const char *part)
{
	static const char *const words[] = {
#define WORD(word) word,
#define NAME(name)
#include "placeholders.def"
#undef WORD
#undef NAME
		NULL,
	};

	return listed(words, part) || part[strspn(part, "x")] == '\0' || part[strspn(part, "0123456789")] == '\0';
}

/* Initials alone tell of somebody; a letter behind a word of the list numbers ("Baby B"). */
static bool placeholder(struct arena *a, char *name)
{
	char **parts;
	size_t n = parts_of(a, name, &parts), nothing = 0, initials = 0;

	for (size_t i = 0; i < n; i++) {
		nothing += says_nothing(parts[i]);
		initials += !says_nothing(parts[i]) && (unsigned char)*parts[i] < 0x80 && parts[i][1] == '\0';
	}
	return nothing + initials == n && (nothing > 0 || n < 2);
}

bool name_written(const char *name)
{
	struct arena *a = arena_new();
	bool written;

	arena_secret(a);
	written = strchr(name, '?') || *name_form(a, NAME_EXACT, name);
	arena_free(a);
	return written;
}

bool name_identifies(const char *name)
{
	static const char *const names[] = {
#define WORD(word)
#define NAME(name) name,
#include "placeholders.def"
#undef WORD
#undef NAME
		NULL,
	};
	struct arena *a = arena_new();
	char *form;
	bool identifies;

	arena_secret(a);
	form = name_form(a, NAME_POSSIBLE, name);
	/* "t.b.c." is one word that is written in parts */
	identifies = !says_nothing(name_form(a, NAME_EXACT, name)) && !listed(names, form) && !placeholder(a, form);
	arena_free(a);
	return identifies;
}

bool name_same(const char *a, const char *b)
{
	struct arena *arena = arena_new();
	bool same = false;

	arena_secret(arena);
	for (int form = NAME_EXACT; form <= NAME_POSSIBLE && !same; form++)
		same = strcmp(name_form(arena, (enum name_form)form, a), name_form(arena, (enum name_form)form, b)) == 0;
	same = same && name_identifies(a);
	arena_free(arena);
	return same;
}
