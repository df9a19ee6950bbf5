#include "base/plain.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"

enum { UNSEEN = 0 };

/* Code points that read alike: from…to is `as`, or, where step is set, as, as + 1, …; a case of the
 * alphabet starts again every `every` points. */
struct range {
	uint32_t from, to;
	char as;
	bool step;
	uint8_t every;
};

static const struct range ranges[] = {
	{ 0x00a0, 0x00a0, ' ', false, 0 },
	{ 0x00ad, 0x00ad, UNSEEN, false, 0 },	/* soft hyphen */
	{ 0x00b0, 0x00b0, PLAIN_DEGREE, false, 0 },
	{ 0x00b2, 0x00b3, '2', true, 0 },
	{ 0x00b4, 0x00b4, '\'', false, 0 },
	{ 0x00b9, 0x00b9, '1', false, 0 },
	{ 0x00ba, 0x00ba, PLAIN_DEGREE, false, 0 },
	{ 0x02b9, 0x02bc, '\'', false, 0 },
	{ 0x02da, 0x02da, PLAIN_DEGREE, false, 0 },
	{ 0x0300, 0x036f, UNSEEN, false, 0 },	/* marks over and under a letter */
	{ 0x0660, 0x0669, '0', true, 0 },
	{ 0x06f0, 0x06f9, '0', true, 0 },
	{ 0x0966, 0x096f, '0', true, 0 },
	{ 0x09e6, 0x09ef, '0', true, 0 },
	{ 0x0a66, 0x0a6f, '0', true, 0 },
	{ 0x061c, 0x061c, UNSEEN, false, 0 },
	{ 0x115f, 0x1160, UNSEEN, false, 0 },
	{ 0x1680, 0x1680, ' ', false, 0 },
	{ 0x180b, 0x180e, UNSEEN, false, 0 },
	{ 0x2000, 0x200a, ' ', false, 0 },
	{ 0x200b, 0x200f, UNSEEN, false, 0 },	/* zero-width, joiners, direction */
	{ 0x2010, 0x2015, '-', false, 0 },
	{ 0x2018, 0x201b, '\'', false, 0 },
	{ 0x201c, 0x201f, '"', false, 0 },
	{ 0x2024, 0x2024, '.', false, 0 },
	{ 0x2028, 0x2029, '\n', false, 0 },
	{ 0x202a, 0x202e, UNSEEN, false, 0 },
	{ 0x202f, 0x202f, ' ', false, 0 },
	{ 0x2032, 0x2032, '\'', false, 0 },
	{ 0x2033, 0x2033, '"', false, 0 },
	{ 0x2043, 0x2043, '-', false, 0 },
	{ 0x2044, 0x2044, '/', false, 0 },
	{ 0x205f, 0x205f, ' ', false, 0 },
	{ 0x2060, 0x206f, UNSEEN, false, 0 },
	{ 0x2070, 0x2070, '0', false, 0 },
	{ 0x2074, 0x2079, '4', true, 0 },
	{ 0x2080, 0x2089, '0', true, 0 },
	{ 0x2212, 0x2212, '-', false, 0 },
	{ 0x2215, 0x2215, '/', false, 0 },
	{ 0x2460, 0x2468, '1', true, 0 },
	{ 0x24b6, 0x24cf, 'A', true, 0 },
	{ 0x24d0, 0x24e9, 'a', true, 0 },
	{ 0x24ea, 0x24ea, '0', false, 0 },
	{ 0x2776, 0x277e, '1', true, 0 },
	{ 0x3000, 0x3000, ' ', false, 0 },
	{ 0x3164, 0x3164, UNSEEN, false, 0 },
	{ 0xfe00, 0xfe0f, UNSEEN, false, 0 },	/* variation selectors */
	{ 0xfe58, 0xfe58, '-', false, 0 },
	{ 0xfe62, 0xfe62, '+', false, 0 },
	{ 0xfe63, 0xfe63, '-', false, 0 },
	{ 0xfeff, 0xfeff, UNSEEN, false, 0 },
	{ 0xff01, 0xff5e, '!', true, 0 },	/* full-width ASCII */
	{ 0xffa0, 0xffa0, UNSEEN, false, 0 },
	{ 0x1d400, 0x1d6a3, 'A', true, 52 },	/* mathematical alphabets */
	{ 0x1d7ce, 0x1d7ff, '0', true, 10 },
	{ 0x1f130, 0x1f149, 'A', true, 0 },
	{ 0x1f150, 0x1f169, 'A', true, 0 },
	{ 0x1f170, 0x1f189, 'A', true, 0 },
	{ 0x1f1e6, 0x1f1ff, 'A', true, 0 },
	{ 0xe0000, 0xe007f, UNSEEN, false, 0 },	/* tags */
};

/* Letters of other scripts that look like one of ours (after Unicode Technical Standard 39), and
 * Latin letters with a mark, by their first. One string a letter of ours. */
static const struct {
	char as;
	const char *letters;
} alike[] = {
	{ 'A', "АΑᎪÀÁÂÃÄÅĀĂĄ" }, { 'B', "ВΒᏴ" }, { 'C', "СϹᏟÇĆĈĊČ" }, { 'D', "ᎠĎĐ" },
	{ 'E', "ЕΕᎬÈÉÊËĒĔĖĘĚ" }, { 'F', "ϜҒ" }, { 'G', "ԌᏀĜĞĠĢ" }, { 'H', "НΗᎻĤĦ" },
	{ 'I', "ІΙӀÌÍÎÏĨĪĬĮİ" }, { 'J', "ЈᎫĴ" }, { 'K', "КΚᏦĶ" }, { 'L', "ᏞԼĹĻĽŁ" },
	{ 'M', "МΜᎷϺ" }, { 'N', "ΝÑŃŅŇ" }, { 'O', "ОΟՕÒÓÔÕÖØŌŎŐ" }, { 'P', "РΡᏢ" }, { 'Q', "Ԛ" },
	{ 'R', "ᎡᏒŔŖŘ" }, { 'S', "ЅᏚՏŚŜŞŠȘ" }, { 'T', "ТΤᎢŢŤŦȚ" }, { 'U', "ՍÙÚÛÜŨŪŬŮŰŲ" }, { 'V', "ѴᏙ" },
	{ 'W', "ԜᎳŴ" }, { 'X', "ХΧ" }, { 'Y', "ҮΥУÝŶŸ" }, { 'Z', "ΖᏃŹŻŽ" },
	{ 'a', "аαɑàáâãäåāăą" }, { 'b', "ЬƄ" }, { 'c', "сϲçćĉċč" }, { 'd', "ԁďđ" },
	{ 'e', "еεèéêëēĕėęě" }, { 'f', "ƒ" }, { 'g', "ɡĝğġģ" }, { 'h', "һհĥħ" }, { 'i', "іιıìíîïĩīĭį" },
	{ 'j', "јϳĵ" }, { 'k', "кκķ" }, { 'l', "ӏĺļľł" }, { 'm', "м" }, { 'n', "ոñńņň" },
	{ 'o', "оοσօòóôõöøōŏő" }, { 'p', "рρ" }, { 'q', "ԛ" }, { 'r', "гŕŗř" }, { 's', "ѕśŝşšș" },
	{ 't', "тτţťŧț" }, { 'u', "υսùúûüũūŭůűų" }, { 'v', "ѵν" }, { 'w', "ԝωŵ" }, { 'x', "хχ" },
	{ 'y', "уγýÿŷ" }, { 'z', "źżž" }, { '3', "ЗзӠƷ" }, { '4', "Ч" }, { '6', "б" },
};

static char of_range(const struct range *r, uint32_t point)
{
	uint32_t i = point - r->from;

	if (!r->step)
		return r->as;
	if (r->every)
		i %= r->every;
	/* the small letters of an alphabet follow its capitals at once */
	return (char)(r->every == 52 && i >= 26 ? 'a' + i - 26 : (uint32_t)r->as + i);
}

static char lookalike(uint32_t point)
{
	for (size_t i = 0; i < sizeof(alike) / sizeof(*alike); i++)
		for (const char *s = alike[i].letters; *s;)
			if (text_next_point(&s) == point)
				return alike[i].as;
	return PLAIN_LETTER;
}

/* Signs of general use (quotes, pounds, arrows, bullets) are no letters. */
static bool letter_point(uint32_t point)
{
	return (point >= 0xc0 && point < 0x2000) || (point >= 0x2c00 && point < 0x2e00) || point >= 0x3040;
}

static char plain_of(uint32_t point)
{
	if (point < 0x80)
		return point == '\n' || (point >= ' ' && point < 0x7f) ? (char)point : ' ';
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (point >= ranges[i].from && point <= ranges[i].to)
			return of_range(&ranges[i], point);
	if (point == 0xa3 || point == 0x20ac)
		return '$';
	return letter_point(point) ? lookalike(point) : ',';
}

char plain_next(const char **s)
{
	char c = UNSEEN;

	while (**s && c == UNSEEN)
		c = plain_of(text_next_point(s));
	return c;
}

char *plain_text(struct arena *a, const char *s)
{
	char *plain = arena_alloc(a, strlen(s) + 1), *to = plain;

	while ((*to = plain_next(&s)))
		to++;
	return plain;
}

char *plain_key(struct arena *a, const char *s)
{
	char *key = arena_alloc(a, strlen(s) + 1), *to = key;
	char c;

	while ((c = plain_next(&s)))
		if (isalnum((unsigned char)c))
			*to++ = (char)toupper((unsigned char)c);
	return key;
}
