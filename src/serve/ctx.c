/* What a step can read and set of its request. */
#include "ctx.h"

#include <string.h>

#include "base/uuid.h"
#include "cursor.h"
#include "json/write.h"

struct arena *ctx_arena(struct ctx *c)
{
	return c->arena;
}

const struct user *ctx_user(const struct ctx *c)
{
	return c->user;
}

bool ctx_can(const struct ctx *c, unsigned roles)
{
	return c->user && roles & 1u << c->user->role;
}

const void *ctx_input(const struct ctx *c)
{
	return c->in.value;
}

const struct decoded *ctx_decoded(const struct ctx *c)
{
	return &c->in;
}

const char *ctx_json(struct ctx *c)
{
	return json_input_text(c->arena, &c->in);
}

const char *ctx_arg(const struct ctx *c, const char *name)
{
	return http_match_arg(&c->match, name);
}

const char *ctx_id(struct ctx *c, const char *name)
{
	char *text = arena_alloc(c->arena, UUID_TEXT);

	uuid_format(uuid_or_nil(ctx_arg(c, name)), text);
	return text;
}

/* `"12"` as 12; a form sends the bare number. Anything else names no version of ours. */
/* What "*" is to SQL, which compares: $3::integer IN (u.version, -1). */
static const char ANY_VERSION[] = "-1";

const char *ctx_if_match(struct ctx *c)
{
	const char *header = http_request_header(c->r, "if-match");
	const char *text = header ? header : http_pair_value(&c->form, "_version");
	size_t n;
	int64_t version;
	char *digits;

	if (!text)
		return NULL;
	if (header && strcmp(header, "*") == 0)
		return ANY_VERSION;
	n = strlen(text);
	if (n >= 2 && text[0] == '"' && text[n - 1] == '"')
		digits = arena_strndup(c->arena, text + 1, n - 2);
	else
		digits = arena_strdup(c->arena, header ? "" : text);
	return text_to_i64(digits, &version) && version > 0 && version < INT32_MAX ? digits : "0";
}

bool ctx_matches(struct ctx *c, const char *version)
{
	const char *wanted = ctx_if_match(c);

	return !wanted || text_eq(wanted, ANY_VERSION) || text_eq(wanted, version);
}

void ctx_error(struct ctx *c, const char *pointer, const char *code, const char *detail)
{
	json_add_error(&c->in, pointer, code, detail);
}

void ctx_set(struct ctx *c, void *state)
{
	c->state = state;
}

void *ctx_get(const struct ctx *c)
{
	return c->state;
}

void ctx_set_secrets(struct ctx *c, struct secrets *s)
{
	c->secrets = s;
}

struct secrets *ctx_secrets(const struct ctx *c)
{
	return c->secrets;
}

const struct vault_answer *ctx_answer(const struct ctx *c)
{
	return c->answer;
}

struct board *ctx_board(const struct ctx *c)
{
	return c->serve->o.board;
}

const char *ctx_token(const struct ctx *c)
{
	return c->token;
}

bool ctx_page(const struct ctx *c)
{
	return c->page;
}

const char *ctx_request_id(const struct ctx *c)
{
	return c->request_id;
}

struct text group_item(struct ctx *c)
{
	struct text t = text_in(c->arena);

	json_object_begin(&t);
	json_put_text(&t, "token", c->token_hash);
	json_put_text(&t, "request", c->request_id);
	json_put_text(&t, "key", c->key);
	json_put_text(&t, "hash", c->request_hash);
	return t;
}

void audit(struct ctx *c, const char *action, const char *kind, const char *id, const char *household,
	   const char *detail)
{
	struct audit_note *e = arena_new_of(c->arena, struct audit_note);

	*e = (struct audit_note){ c->events, action, kind, id, household, detail };
	c->events = e;
}

int ctx_person_search_budget(const struct ctx *c)
{
	return c->serve->o.person_search_budget;
}

void audit_hidden(struct ctx *c, step *instead)
{
	c->hidden = instead;
}

void alerted(struct ctx *c, const char *kind)
{
	c->alert = kind;
}

static void put_event(struct text *t, const struct audit_note *e)
{
	json_object_begin(t);
	json_put_text(t, "action", e->action);
	json_put_text(t, "kind", e->kind);
	json_put_text(t, "id", e->id);
	json_put_text(t, "household", e->household);
	if (e->detail) {
		json_put_key(t, "detail");
		json_put_raw(t, e->detail, strlen(e->detail));
	}
	json_object_end(t);
}

const char *audit_item(struct ctx *c)
{
	struct text t;

	if (!c->events)
		return NULL;
	t = group_item(c);
	if (c->serve->o.search_budget) {
		json_put_key(&t, "budget");
		json_put_i64(&t, c->serve->o.search_budget);
	}
	json_put_key(&t, "events");
	json_array_begin(&t);
	for (const struct audit_note *e = c->events; e; e = e->next)
		put_event(&t, e);
	json_array_end(&t);
	json_object_end(&t);
	return text_done(&t);
}
