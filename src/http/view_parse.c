/* From a view's text to its nodes. A fault is told with its line. */
#include <stdlib.h>

#include "view_template.h"

struct slice {
	const char *s;
	size_t len;
};

struct parse {
	struct arena *arena;
	const char *path, *start, *at, *end;
	int line;
	struct view_template *t;
	size_t cap;
	size_t open[VIEW_DEPTH], depth;
	const char *error;
};

static void fail(struct parse *p, const char *what, struct slice where)
{
	if (!p->error)
		p->error = arena_printf(p->arena, "%s:%d: %s: %.*s", p->path, p->line, what,
					(int)where.len, where.s);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct slice trim(struct slice s)
{
	while (s.len && is_blank(*s.s))
		s.s++, s.len--;
	while (s.len && is_blank(s.s[s.len - 1]))
		s.len--;
	return s;
}

/* Takes what stands before sep off the front of s, and sep; all of it where sep is not there. */
static struct slice cut(struct slice *s, char sep)
{
	const char *at = memchr(s->s, sep, s->len);
	struct slice head = *s;

	if (!at) {
		s->s += s->len;
		s->len = 0;
		return head;
	}
	head.len = (size_t)(at - s->s);
	s->s = at + 1;
	s->len -= head.len + 1;
	return head;
}

static char *copy(struct parse *p, struct slice s)
{
	return arena_strndup(p->arena, s.s, s.len);
}

static bool is_word(struct slice s, const char *also)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.s[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || c == '_' || c == '-';

		if (!plain && !strchr(also, c))
			return false;
	}
	return s.len > 0;
}

static void parse_name(struct parse *p, struct slice s, struct view_name *name)
{
	struct slice rest = s;

	name->count = 0;
	name->parts = arena_array_of(p->arena, VIEW_NAME_PARTS, const char *);
	if (s.len == 1 && *s.s == '.')
		return;
	do {
		struct slice part = cut(&rest, '.');

		if (!is_word(part, "") || name->count == VIEW_NAME_PARTS)
			return fail(p, "not a name", s);
		name->parts[name->count++] = copy(p, part);
	} while (rest.len);
	if (s.s[s.len - 1] == '.')
		fail(p, "not a name", s);
}

static void parse_filter(struct parse *p, struct slice s, struct view_value *v)
{
	struct slice arg = s, name = trim(cut(&arg, ':'));

	v->filter = view_filter_find(name.s, name.len);
	if (!v->filter)
		return fail(p, "unknown filter", name);
	arg = trim(arg);
	if ((v->filter->arg == ARG_NONE) != (arg.len == 0))
		return fail(p, "wrong argument of filter", s);
	if (v->filter->arg == ARG_NAME)
		parse_name(p, arg, &v->other);
	if (v->filter->arg == ARG_WORD && !is_word(arg, ",/"))
		return fail(p, "not a list of words", arg);
	v->word = copy(p, arg);
}

static struct slice parse_value(struct parse *p, struct slice s, struct view_value *v)
{
	struct slice filter = s, name = trim(cut(&filter, '|'));

	parse_name(p, name, &v->name);
	if (filter.len)
		parse_filter(p, filter, v);
	return name;
}

static struct view_node *add(struct parse *p, enum view_op op)
{
	struct view_template *t = p->t;

	if (t->count == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 32, size = sizeof(*t->nodes);

		t->nodes = arena_grow(p->arena, t->nodes, p->cap * size, cap * size);
		p->cap = cap;
	}
	t->nodes[t->count] = (struct view_node){ .op = op, .line = p->line };
	return &t->nodes[t->count++];
}

static void add_text(struct parse *p, const char *end)
{
	struct view_node *n;

	if (end == p->at)
		return;
	n = add(p, VIEW_TEXT);
	n->text = p->at;
	n->len = (size_t)(end - p->at);
}

static void add_value(struct parse *p, struct slice s)
{
	struct view_node *n = add(p, VIEW_VALUE);

	parse_value(p, s, &n->value);
	if (n->value.filter && !n->value.filter->print)
		fail(p, "a test prints nothing", s);
}

static void open_section(struct parse *p, enum view_op op, struct slice s)
{
	struct view_node *n;
	struct slice name;

	if (p->depth == VIEW_DEPTH)
		return fail(p, "sections nested too deep", s);
	p->open[p->depth++] = p->t->count;
	n = add(p, op);
	name = parse_value(p, s, &n->value);
	n->text = name.s;
	n->len = name.len;
	if (n->value.filter && !n->value.filter->test)
		fail(p, "the filter of a section must be a test", s);
}

static void close_section(struct parse *p, struct slice s)
{
	struct view_node *n;

	if (!p->depth)
		return fail(p, "closes no section", s);
	n = &p->t->nodes[p->open[--p->depth]];
	if (n->len != s.len || memcmp(n->text, s.s, s.len) != 0)
		return fail(p, "closes another section", s);
	n->end = p->t->count;
}

static void drop_literal(void *literal)
{
	json_decref(literal);
}

/* The rest of s after name= : a quoted literal or a name. */
static struct slice parse_arg_value(struct parse *p, struct slice s, struct view_arg *arg)
{
	struct slice rest = s, text;

	if (!s.len || *s.s != '"') {
		parse_name(p, cut(&rest, ' '), &arg->value);
		return rest;
	}
	cut(&rest, '"');
	text = cut(&rest, '"');
	if (text.s + text.len == s.s + s.len)
		fail(p, "text not closed", s);
	arg->literal = json_stringn(text.s, text.len);
	if (!arg->literal)
		fail(p, "not UTF-8", s);
	arena_defer(p->arena, drop_literal, arg->literal);
	return rest;
}

static void parse_args(struct parse *p, struct slice s, struct view_node *n)
{
	s = trim(s);
	if (!s.len)
		return;
	n->args = arena_array_of(p->arena, VIEW_ARGS, struct view_arg);
	for (; s.len && !p->error; s = trim(s)) {
		struct slice name = cut(&s, '=');

		if (!is_word(name, "") || n->arg_count == VIEW_ARGS)
			return fail(p, "not an argument", name);
		n->args[n->arg_count].name = copy(p, name);
		s = parse_arg_value(p, s, &n->args[n->arg_count++]);
	}
}

static void add_partial(struct parse *p, struct slice s)
{
	struct view_node *n = add(p, VIEW_PARTIAL);
	struct slice name = { s.s, 0 };

	while (name.len < s.len && !is_blank(s.s[name.len]))
		name.len++;
	if (!is_word(name, "/"))
		return fail(p, "not the name of a view", name);
	n->text = copy(p, name);
	n->len = name.len;
	parse_args(p, (struct slice){ s.s + name.len, s.len - name.len }, n);
}

static void parse_tag(struct parse *p, struct slice s)
{
	struct slice body = { s.s + 1, s.len ? s.len - 1 : 0 };

	switch (s.len ? *s.s : '\0') {
	case '#': return open_section(p, VIEW_SECTION, trim(body));
	case '^': return open_section(p, VIEW_INVERTED, trim(body));
	case '/': return close_section(p, trim(body));
	case '>': return add_partial(p, trim(body));
	case '!': return;
	default: return add_value(p, s);
	}
}

/* Where nothing but blanks stands beside the tag on its line, moves *from and *to so that the
 * whole line goes. */
static void take_line(const struct parse *p, const char **from, const char **to)
{
	const char *left = *from, *right = *to;

	while (left > p->at && (left[-1] == ' ' || left[-1] == '\t'))
		left--;
	if (left != p->start && left[-1] != '\n')
		return;
	while (right < p->end && is_blank(*right) && *right != '\n')
		right++;
	if (right < p->end && *right != '\n')
		return;
	*from = left;
	*to = right < p->end ? right + 1 : right;
}

static void count_lines(struct parse *p, const char *to)
{
	while (p->at < to)
		p->line += *p->at++ == '\n';
}

static void parse_next(struct parse *p)
{
	const char *tag = memmem(p->at, (size_t)(p->end - p->at), "{{", 2), *close, *after;
	struct slice body;

	if (!tag) {
		add_text(p, p->end);
		p->at = p->end;
		return;
	}
	close = memmem(tag, (size_t)(p->end - tag), "}}", 2);
	if (!close) {
		count_lines(p, tag);
		return fail(p, "tag not closed", (struct slice){ tag, 2 });
	}
	body = trim((struct slice){ tag + 2, (size_t)(close - tag - 2) });
	after = close + 2;
	if (body.len && strchr("#^/>!", *body.s))
		take_line(p, &tag, &after);
	add_text(p, tag);
	count_lines(p, tag);
	parse_tag(p, body);
	count_lines(p, after);
}

const char *view_parse(struct arena *a, const char *path, const char *source, size_t len,
		       struct view_template *t)
{
	struct parse p = { .arena = a, .path = path, .start = source, .at = source,
			   .end = source + len, .line = 1, .t = t };

	*t = (struct view_template){ 0 };
	while (!p.error && p.at < p.end)
		parse_next(&p);
	if (!p.error && p.depth) {
		const struct view_node *n = &t->nodes[p.open[p.depth - 1]];

		p.line = n->line;
		fail(&p, "section not closed", (struct slice){ n->text, n->len });
	}
	return p.error;
}
