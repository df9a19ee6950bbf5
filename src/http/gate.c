#include "gate.h"

#include <string.h>

enum {
	TOKEN = 1,	/* RFC 9110 §5.6.2 tchar */
	VALUE = 2,	/* field-vchar, SP, HTAB */
	TARGET = 4,	/* printable ASCII without blank, " # < > and the backslash */
	HOST = 8,	/* of uri-host and port */
	DIGIT = 16,
	HEX = 32,
};

#define T TOKEN | VALUE | TARGET
static const uint8_t kinds[256] = {
	['\t'] = VALUE, [' '] = VALUE, ['!'] = T, ['"'] = VALUE, ['#'] = TOKEN | VALUE,
	['$' ... '\''] = T, ['('] = VALUE | TARGET, [')'] = VALUE | TARGET, ['*'] = T, ['+'] = T,
	[','] = VALUE | TARGET, ['-'] = T | HOST, ['.'] = T | HOST, ['/'] = VALUE | TARGET,
	['0' ... '9'] = T | HOST | DIGIT | HEX, [':'] = VALUE | TARGET | HOST,
	[';'] = VALUE | TARGET,
	['<'] = VALUE, ['='] = VALUE | TARGET, ['>'] = VALUE, ['?'] = VALUE | TARGET,
	['@'] = VALUE | TARGET, ['A' ... 'F'] = T | HOST | HEX, ['G' ... 'Z'] = T | HOST,
	['['] = VALUE | TARGET | HOST, ['\\'] = VALUE, [']'] = VALUE | TARGET | HOST, ['^'] = T,
	['_'] = T | HOST, ['`'] = T, ['a' ... 'f'] = T | HOST | HEX, ['g' ... 'z'] = T | HOST,
	['{'] = VALUE | TARGET, ['|'] = T, ['}'] = VALUE | TARGET, ['~'] = T,
	[0x80 ... 0xff] = VALUE,
};
#undef T

enum state { METHOD, TARGET_START, PATH, ESCAPE, VERSION, LINE, NAME, BEFORE_VALUE, PLAIN_VALUE,
	     LENGTH_VALUE, HOST_VALUE, LINE_END, HEAD_END };

enum field { PLAIN, CONTENT_LENGTH, HOST_NAME, REFUSED };

static const struct {
	const char *name;
	enum field field;
	enum gate_verdict refusal;
} fields[] = {
	{ "content-length", CONTENT_LENGTH, GATE_MORE },
	{ "host", HOST_NAME, GATE_MORE },
	{ "transfer-encoding", REFUSED, GATE_CODED },
	{ "expect", REFUSED, GATE_EXPECT },
	{ "upgrade", REFUSED, GATE_UPGRADE },
};

static const char *const method_names[HTTP_METHODS] = {
	[HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST", [HTTP_PUT] = "PUT",
	[HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
};

const char *http_method_name(enum http_method method)
{
	return method_names[method];
}

/* A step takes the bytes of its state and returns where it stopped; it changes the state, or sets
 * a verdict. It is never called without bytes. */
typedef const char *step(struct gate *g, const char *p, const char *end);

static bool is(char c, uint8_t kind)
{
	return kinds[(uint8_t)c] & kind;
}

static const char *rule(struct gate *g, enum gate_verdict verdict, const char *p)
{
	g->verdict = (uint8_t)verdict;
	return p;
}

/* Keeps as many bytes of a word as it takes to tell it from every word the gate knows. */
static void keep(struct gate *g, char c)
{
	if (g->mark < sizeof(g->name) - 1)
		g->name[g->mark++] = c;
	g->name[g->mark] = '\0';
}

static bool find_method(struct gate *g)
{
	for (enum http_method m = 0; m < HTTP_METHODS; m++) {
		if (strcmp(g->name, http_method_name(m)) != 0)
			continue;
		g->method = (uint8_t)m;
		return true;
	}
	return false;
}

static const char *step_method(struct gate *g, const char *p, const char *end)
{
	for (; p < end && is(*p, TOKEN); p++)
		keep(g, *p);
	if (p == end)
		return p;
	if (*p != ' ' || g->mark == 0)
		return rule(g, GATE_MALFORMED, p);
	if (!find_method(g))
		return rule(g, GATE_METHOD, p);
	g->state = TARGET_START;
	return p + 1;
}

static const char *step_target_start(struct gate *g, const char *p, const char *end)
{
	(void)end;
	if (*p != '/')
		return rule(g, GATE_BAD_TARGET, p);
	g->target_at = (uint16_t)(strlen(http_method_name(g->method)) + 1);
	g->path_len = 1;
	g->state = PATH;
	return p + 1;
}

static void segment_byte(struct gate *g, char c)
{
	if (g->segment < 3)
		g->segment++;
	if (c == '.' && g->dots < 3)
		g->dots++;
}

static bool segment_ok(const struct gate *g)
{
	return g->segment != g->dots || (g->dots != 1 && g->dots != 2);
}

/* A slash, the question mark or the blank after the target. */
static const char *end_segment(struct gate *g, const char *p)
{
	if (!segment_ok(g) || (*p == '/' && g->segment == 0))
		return rule(g, GATE_BAD_TARGET, p);
	g->segment = g->dots = 0;
	if (*p == '?')
		g->query = true;
	return p + 1;
}

static const char *end_target(struct gate *g, const char *p)
{
	if (!g->query && !segment_ok(g))
		return rule(g, GATE_BAD_TARGET, p);
	g->mark = 0;
	g->state = VERSION;
	return p + 1;
}

static const char *begin_escape(struct gate *g, const char *p)
{
	g->state = ESCAPE;
	g->escaped = 0;
	return p + 1;
}

/* The path and the query string up to the next byte that matters. */
static const char *step_path(struct gate *g, const char *p, const char *end)
{
	const char *start = p;

	for (; p < end && is(*p, TARGET) && *p != '%'; p++) {
		if (g->query)
			continue;
		if (*p == '/' || *p == '?')
			break;
		segment_byte(g, *p);
	}
	if (!g->query)
		g->path_len += (uint16_t)(p - start);
	if (p == end)
		return p;
	if (*p == ' ')
		return end_target(g, p);
	if (!is(*p, TARGET))
		return rule(g, *p > ' ' && *p < 0x7f ? GATE_BAD_TARGET : GATE_MALFORMED, p);
	if (*p != '?' && !g->query)
		g->path_len++;
	return *p == '%' ? begin_escape(g, p) : end_segment(g, p);
}

static uint8_t hex_value(char c)
{
	return (uint8_t)(is(c, DIGIT) ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* Whether the decoded byte would mean something else to a parser that decodes before it splits. */
static bool escape_hides(const struct gate *g, uint8_t byte)
{
	return byte == 0 || (!g->query && (byte == '/' || byte == '\\'));
}

static const char *step_escape(struct gate *g, const char *p, const char *end)
{
	uint8_t byte;

	(void)end;
	if (!is(*p, HEX))
		return rule(g, GATE_BAD_TARGET, p);
	g->path_len = (uint16_t)(g->path_len + !g->query);
	if (g->escaped == 0) {
		g->escaped = (uint8_t)(hex_value(*p) | 0x80);
		return p + 1;
	}
	byte = (uint8_t)(g->escaped << 4 | hex_value(*p));
	if (escape_hides(g, byte))
		return rule(g, GATE_BAD_TARGET, p);
	if (!g->query)
		segment_byte(g, (char)byte);
	g->state = PATH;
	return p + 1;
}

static const char *step_version(struct gate *g, const char *p, const char *end)
{
	static const char literal[] = "HTTP/1.1\r\n";

	for (; p < end && literal[g->mark] != '\0'; p++, g->mark++) {
		if (*p == literal[g->mark])
			continue;
		if ((g->mark == 5 || g->mark == 7) && is(*p, DIGIT))
			return rule(g, GATE_VERSION, p);
		return rule(g, GATE_MALFORMED, p);
	}
	if (literal[g->mark] == '\0')
		g->state = LINE;
	return p;
}

static const char *step_line(struct gate *g, const char *p, const char *end)
{
	(void)end;
	if (*p == '\r') {
		g->state = HEAD_END;
		return p + 1;
	}
	if (!is(*p, TOKEN))
		return rule(g, GATE_MALFORMED, p);
	if (g->headers >= g->limits->headers)
		return rule(g, GATE_HEAD_LARGE, p);
	g->headers++;
	g->mark = 0;
	g->state = NAME;
	return p;
}

static enum gate_verdict classify(struct gate *g)
{
	g->field = PLAIN;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (strcmp(g->name, fields[i].name) != 0)
			continue;
		g->field = (uint8_t)fields[i].field;
		return fields[i].refusal;
	}
	return GATE_MORE;
}

static enum gate_verdict begin_field(struct gate *g)
{
	enum gate_verdict verdict = classify(g);

	if (verdict != GATE_MORE)
		return verdict;
	if (g->field == HOST_NAME && g->hosts++ > 0)
		return GATE_BAD_HOST;
	if (g->field == CONTENT_LENGTH && g->lengths++ > 0)
		return GATE_BAD_LENGTH;
	return GATE_MORE;
}

static const char *step_name(struct gate *g, const char *p, const char *end)
{
	for (; p < end && is(*p, TOKEN); p++)
		keep(g, *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p);
	if (p == end)
		return p;
	if (*p != ':')
		return rule(g, GATE_MALFORMED, p);
	g->state = BEFORE_VALUE;
	return rule(g, begin_field(g), p + 1);
}

static const char *step_before_value(struct gate *g, const char *p, const char *end)
{
	static const uint8_t next[] = { [PLAIN] = PLAIN_VALUE, [CONTENT_LENGTH] = LENGTH_VALUE,
					[HOST_NAME] = HOST_VALUE };

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p < end) {
		g->state = next[g->field];
		g->mark = 0;
		g->blank = false;
	}
	return p;
}

static const char *end_value(struct gate *g, const char *p)
{
	if (*p != '\r')
		return rule(g, GATE_MALFORMED, p);
	g->state = LINE_END;
	return p + 1;
}

static const char *step_plain_value(struct gate *g, const char *p, const char *end)
{
	while (p < end && is(*p, VALUE))
		p++;
	return p < end ? end_value(g, p) : p;
}

/* The value of Host and Content-Length is one word; blanks may follow it. Counts up to one byte. */
static bool word_goes_on(struct gate *g, char c, uint8_t kind)
{
	if (c == ' ' || c == '\t') {
		g->blank = true;
		return true;
	}
	if (g->blank || !is(c, kind))
		return false;
	g->mark = 1;
	return true;
}

static const char *end_word(struct gate *g, const char *p, enum gate_verdict otherwise)
{
	if (*p == '\r' && g->mark == 0)
		return rule(g, otherwise, p);
	if (is(*p, VALUE))
		return rule(g, otherwise, p);
	return end_value(g, p);
}

static const char *step_length_value(struct gate *g, const char *p, const char *end)
{
	for (; p < end && word_goes_on(g, *p, DIGIT); p++) {
		if (is(*p, DIGIT) && g->body < UINT32_MAX)
			g->body = g->body * 10 + (uint64_t)(*p - '0');
	}
	return p < end ? end_word(g, p, GATE_BAD_LENGTH) : p;
}

static const char *step_host_value(struct gate *g, const char *p, const char *end)
{
	while (p < end && word_goes_on(g, *p, HOST))
		p++;
	return p < end ? end_word(g, p, GATE_BAD_HOST) : p;
}

static const char *step_line_end(struct gate *g, const char *p, const char *end)
{
	(void)end;
	if (*p != '\n')
		return rule(g, GATE_MALFORMED, p);
	g->state = LINE;
	return p + 1;
}

static enum gate_verdict judge_head(const struct gate *g)
{
	const struct http_limits *l = g->limits;

	if (g->hosts != 1)
		return GATE_BAD_HOST;
	if (g->body > 0 && (g->method == HTTP_GET || g->method == HTTP_HEAD))
		return GATE_STRAY_BODY;
	if (g->body > l->body && g->body > l->body_large)
		return GATE_BODY_LARGE;
	return GATE_HEAD;
}

static const char *step_head_end(struct gate *g, const char *p, const char *end)
{
	(void)end;
	if (*p != '\n')
		return rule(g, GATE_MALFORMED, p);
	return rule(g, judge_head(g), p + 1);
}

static step *const steps[] = {
	[METHOD] = step_method, [TARGET_START] = step_target_start, [PATH] = step_path,
	[ESCAPE] = step_escape, [VERSION] = step_version, [LINE] = step_line, [NAME] = step_name,
	[BEFORE_VALUE] = step_before_value, [PLAIN_VALUE] = step_plain_value,
	[LENGTH_VALUE] = step_length_value, [HOST_VALUE] = step_host_value,
	[LINE_END] = step_line_end, [HEAD_END] = step_head_end,
};

void gate_init(struct gate *g, const struct http_limits *limits)
{
	*g = (struct gate){ .limits = limits };
}

enum gate_verdict gate_feed(struct gate *g, const char *bytes, size_t len)
{
	size_t room = g->limits->head - g->seen;
	const char *p = bytes, *end = bytes + (len < room ? len : room);

	while (p < end && g->verdict == GATE_MORE)
		p = steps[g->state](g, p, end);
	g->seen += (size_t)(p - bytes);
	if (g->verdict == GATE_MORE && len > room)
		g->verdict = g->state <= VERSION ? GATE_TARGET_LONG : GATE_HEAD_LARGE;
	return g->verdict;
}

const struct gate_refusal *gate_refusal(enum gate_verdict verdict)
{
	static const struct gate_refusal refusals[GATE_VERDICTS] = {
#define X(name, status, slug, title) [GATE_##name] = { status, slug, title },
		GATE_REFUSALS(X)
#undef X
	};

	return &refusals[verdict];
}
