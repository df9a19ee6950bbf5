/* The rules of a household's facts, and the facts as parameters. */
#include "case.h"

#include <string.h>

#include "api/codes.h"
#include "api/conflicts.h"
#include "api/place.h"
#include "base/clock.h"
#include "base/date.h"
#include "language.h"

enum { ADULT_MIN_AGE = 16 };

/* Pointers are built for every check, also where nothing is wrong, so without printf. */
static const char *member_at(struct ctx *c, const char *at, const char *member)
{
	struct text t = text_in(ctx_arena(c));

	text_puts(&t, at);
	text_putc(&t, '/');
	text_puts(&t, member);
	return text_done(&t);
}

static const char *entry_at(struct ctx *c, const char *at, size_t i)
{
	struct text t = text_in(ctx_arena(c));

	text_puts(&t, at);
	text_putc(&t, '/');
	text_i64(&t, (int64_t)i);
	return text_done(&t);
}

static void error_at(struct ctx *c, const char *at, const char *member, const char *code,
		     const char *detail)
{
	ctx_error(c, member_at(c, at, member), code, detail);
}

static const json_t *sent_at(struct ctx *c, const char *at, const char *member)
{
	return json_sent_to(ctx_decoded(c), member_at(c, at, member));
}

/* ---- risk ---- */

struct judged judged_of(const struct needs_in *n)
{
	const struct dash_in *answers = n->dash.items;
	int level = code_index(&risk_level_codes, n->risk_level);
	struct judged j = {
		.judgement = level < 0 ? RISK_UNKNOWN : (enum risk_level)level,
		.reason = n->risk_raised_reason != NULL,
	};

	for (size_t i = 0; i < n->dash.n; i++) {
		j.dash.yes += text_eq(answers[i].answer, "yes");
		j.dash.no += text_eq(answers[i].answer, "no");
		j.dash.dont_know += text_eq(answers[i].answer, "dont_know");
	}
	return j;
}

struct dash_result risk_of(const struct judged *j)
{
	return dash_score(j->dash, j->judgement);
}

static const char *level_code(enum risk_level level)
{
	return level == RISK_UNKNOWN ? NULL : code_at(&risk_level_codes, (int)level);
}

struct risk_columns risk_columns(const struct judged *j)
{
	struct dash_result r = risk_of(j);

	return (struct risk_columns){
		.level = level_code(r.most),
		.least = r.least == r.most ? NULL : level_code(r.least),
		.judged = level_code(j->judgement),
	};
}

void check_risk(struct ctx *c, const char *at, const struct judged *j)
{
	struct dash_result r = risk_of(j);

	if (r.scored == RISK_UNKNOWN || j->judgement == RISK_UNKNOWN)
		return;
	if (j->judgement < r.scored)
		error_at(c, at, "risk_level", "risk_lowered",
			 "Professional judgement may raise the level that DASH gives, never lower it");
	if (j->judgement > r.scored && !j->reason)
		error_at(c, at, "risk_raised_reason", "required",
			 "Say why the level is higher than DASH gives");
}

/* ---- needs ---- */

static void check_dash(struct ctx *c, const char *at, const struct json_list *dash)
{
	const struct dash_in *answers = dash->items;
	bool seen[DASH_ITEMS] = { false };

	for (size_t i = 0; i < dash->n; i++) {
		int topic = code_index(&dash_topic_codes, answers[i].topic);

		if (topic < 0)
			continue;
		if (seen[topic])
			error_at(c, at, arena_printf(ctx_arena(c), "dash/%zu/topic", i), "repeated",
				 "Answer each topic once");
		seen[topic] = true;
	}
}

static void check_support(struct ctx *c, const char *at, const struct json_list *needs)
{
	const struct support_in *s = needs->items;
	bool seen[SUPPORT_COUNT] = { false };

	for (size_t i = 0; i < needs->n; i++) {
		int need = code_index(&support_need_codes, s[i].need);

		if (need < 0)
			continue;
		if (seen[need])
			error_at(c, at, arena_printf(ctx_arena(c), "support_needs/%zu/need", i),
				 "repeated", "Give each need once");
		seen[need] = true;
	}
}

/* A determination of the primary victim needs its day and what it rests on. */
static void check_primary_victim(struct ctx *c, const char *at, const struct needs_in *n)
{
	bool determined = n->primary_victim && !text_eq(n->primary_victim, "not_determined");

	if (determined && !n->primary_victim_on)
		error_at(c, at, "primary_victim_on", "required", "Say when it was determined");
	if (determined && !n->primary_victim_reason)
		error_at(c, at, "primary_victim_reason", "required", "Say what it rests on");
}

static void check_reach(struct ctx *c, const char *at, const struct json_list *outwards)
{
	const char *const *outward = outwards->items;

	for (size_t i = 0; i < outwards->n; i++)
		check_district(c, entry_at(c, at, i), outward[i]);
}

void check_needs(struct ctx *c, const char *at, const struct needs_in *n)
{
	if (n->want_from && n->want_until && strcmp(n->want_until, n->want_from) <= 0)
		error_at(c, at, "want_until", "out_of_range", "The stay must end after it begins");
	if (n->want_until && strcmp(n->want_until, today_param(c)) <= 0)
		error_at(c, at, "want_until", "in_past", "This stay would already be over");
	if (n->band && !n->band_reason)
		error_at(c, at, "band_reason", "required", "Say why the band is set by hand");
	check_reach(c, member_at(c, at, "places_to_reach"), &n->places_to_reach);
	check_dash(c, at, &n->dash);
	check_support(c, at, &n->support_needs);
	check_primary_victim(c, at, n);
}

void check_name(struct ctx *c, const char *at, const char *name)
{
	if (name && !name_written(name))
		error_at(c, at, "name", "bad_text", "Name must hold a letter or a digit");
}

void check_party(struct ctx *c, const char *at, const struct party_in *p)
{
	const json_t *sent = json_sent_to(ctx_decoded(c), at);
	bool told = json_object_get(sent, "name") || json_object_get(sent, "description") || json_object_get(sent, "vehicle");

	check_name(c, at, p->name);
	if (json_is_object(sent) && !told)
		error_at(c, at, "name", "required", "Enter the name, or what they look like or drive");
}

void check_identity(struct ctx *c, const char *name)
{
	if (name && !name_identifies(name))
		ctx_error(c, "/name", "no_name", "Enter a name that tells of one person");
}

/* ---- members ---- */

/* Of member i of a list that was sent. */
static void check_relations(struct ctx *c, const char *at, const struct json_list *members, size_t i)
{
	const struct member_in *m = members->items;
	struct kin *all = arena_array_of(ctx_arena(c), members->n, struct kin);

	for (size_t k = 0; k < members->n; k++)
		all[k] = (struct kin){ m[k].id, m[k].child_of, m[k].partner_of, member_age(&m[k]) };
	check_kin(c, at, all, members->n, i);
	if (m[i].partner_of && m[i].couple == TRI_YES)
		error_at(c, at, "partner_of", "repeated", "Give the partner or couple, not both");
	if (m[i].id && member_named(members, m[i].id) < i)
		error_at(c, at, "id", "repeated", "Give each member an id of its own");
}

/* An age counts only where no birth date was sent. A birth date that was refused does not make the
 * age count. */
static void check_age(struct ctx *c, const char *at, const struct member_in *m)
{
	const char *member = m->birth_date ? "birth_date" : "age";
	int age = member_age(m);

	if (!m->birth_date && sent_at(c, at, "birth_date"))
		return;
	if (m->birth_date && m->age != INT_ABSENT && m->age != age)
		error_at(c, at, "age", "contradicts",
			 arena_printf(ctx_arena(c), "Age must be %d, as the date of birth says: send one of the two", age));
	if (age < 0)
		return;
	if (text_eq(m->kind, "main") && age < MAIN_MIN_AGE)
		error_at(c, at, member, "out_of_range",
			 "The main applicant must be 16 or over: "
			 "refer a younger person to children's services");
	if (text_eq(m->kind, "adult") && age < ADULT_MIN_AGE)
		error_at(c, at, member, "out_of_range", "Record a person under 16 as a child");
}

void check_member(struct ctx *c, const char *at, const struct member_in *m)
{
	check_name(c, at, m->name);
	check_age(c, at, m);
	if (m->couple == TRI_YES && m->kind && !text_eq(m->kind, "adult"))
		error_at(c, at, "couple", "out_of_range",
			 "Only an adult can be a couple with the main applicant");
}

/* A member whose kind was refused may be the main applicant. An empty list is reported elsewhere,
 * or belongs to a draft. */
static void check_one_main(struct ctx *c, const char *at, const struct json_list *members)
{
	const struct member_in *m = members->items;
	size_t mains = 0, unread = 0;

	for (size_t i = 0; i < members->n; i++) {
		mains += text_eq(m[i].kind, "main");
		unread += m[i].kind == NULL;
	}
	if (mains > 1 || (mains == 0 && unread == 0 && members->n > 0))
		error_at(c, at, "members", "one_main",
			 "Exactly one member must be the main applicant");
}

void check_unsafe_places(struct ctx *c, const char *at, const struct json_list *places)
{
	const struct unsafe_in *u = places->items;

	for (size_t i = 0; i < places->n; i++)
		check_unsafe(c, entry_at(c, at, i), &u[i]);
}

/* Twins without names are two people: a placeholder is no name. */
static bool same_person(const struct member_in *a, const struct member_in *b)
{
	return a->name && b->name && text_eq(a->birth_date, b->birth_date) && name_same(a->name, b->name);
}

static void check_once(struct ctx *c, const char *at, const struct member_in *all, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (all[i].birth_date && same_person(&all[i], &all[k]))
			return error_at(c, at, "name", "repeated", MEMBER_TWICE);
}

static void check_members(struct ctx *c, const char *at, const struct json_list *members)
{
	const struct member_in *m = members->items;

	for (size_t i = 0; i < members->n; i++) {
		const char *entry = entry_at(c, at, i);

		check_member(c, entry, &m[i]);
		check_relations(c, entry, members, i);
		check_once(c, entry, m, i);
	}
}

static void check_parties(struct ctx *c, const char *at, const struct json_list *parties)
{
	const struct party_in *p = parties->items;

	for (size_t i = 0; i < parties->n; i++)
		check_party(c, entry_at(c, at, i), &p[i]);
}

/* An answer that was refused cannot be counted, so the level is not known either. */
static bool dash_read(const struct json_list *dash)
{
	const struct dash_in *answers = dash->items;

	for (size_t i = 0; i < dash->n; i++)
		if (!answers[i].answer)
			return false;
	return true;
}

void check_due(struct ctx *c, const char *at, bool due, enum tri pregnant)
{
	if (due && pregnant != TRI_YES)
		error_at(c, at, "due_on", "not_pregnant",
			 "Enter a due date only with pregnancy: say that somebody is pregnant, or leave the date out");
}

void check_household(struct ctx *c, const char *at, const struct household_in *h)
{
	struct judged judged = judged_of(&h->needs);

	check_needs(c, at, &h->needs);
	check_languages(c, at, &h->needs.languages);
	/* an answer that was refused may have been yes */
	if (h->needs.pregnant != TRI_UNKNOWN || !sent_at(c, at, "pregnant"))
		check_due(c, at, h->needs.due_on != NULL, h->needs.pregnant);
	if (dash_read(&h->needs.dash))
		check_risk(c, at, &judged);
	check_one_main(c, at, &h->members);
	check_members(c, member_at(c, at, "members"), &h->members);
	check_unsafe_places(c, member_at(c, at, "unsafe_places"), &h->unsafe_places);
	check_parties(c, member_at(c, at, "parties"), &h->parties);
	if (h->needs.unsafe_none_said_by && h->unsafe_places.n > 0)
		error_at(c, at, "unsafe_none_said_by", "contradicts",
			 "An unsafe place is listed: leave out who said that there is none, or take the places out");
}

/* The id that a named member gets; a stored member is named by its own. */
static const char *lasting_id(const struct new_member *all, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (id && text_eq(all[i].in->id, id))
			return all[i].id;
	return id;
}

void put_member(struct text *t, const struct new_member *all, size_t n, size_t i)
{
	const struct member_in *m = all[i].in;
	const struct known_age *age = &all[i].age;
	char on[11];

	day_format(age->on, on);
	json_object_begin(t);
	json_put_text(t, "id", all[i].id);
	json_put_text(t, "kind", m->kind);
	json_put_text(t, "sex", m->sex);
	json_put_text(t, "gender_identity", m->gender_identity);
	json_put_text(t, "age", age->years < 0 ? NULL : arena_printf(t->arena, "%d", age->years));
	json_put_text(t, "age_on", on);
	json_put_text(t, "age_exact", age->exact ? "true" : "false");
	json_put_text(t, "relationship", m->relationship);
	json_put_text(t, "child_of", lasting_id(all, n, m->child_of));
	json_put_text(t, "partner_of", lasting_id(all, n, m->partner_of));
	json_put_key(t, "couple");
	json_put_tri(t, m->couple);
	json_object_end(t);
}

/* ---- columns ---- */

static void put_dash(struct text *t, const json_t *dash)
{
	size_t i;
	json_t *d;

	json_object_begin(t);
	json_array_foreach(dash, i, d) {
		json_put_name(t, json_string_value(json_object_get(d, "topic")));
		json_put_value(t, json_object_get(d, "answer"));
	}
	json_object_end(t);
}

static void put_column(struct text *t, const char *name, const json_t *v)
{
	json_put_name(t, name);
	if (strcmp(name, "dash") == 0 && json_is_array(v))
		put_dash(t, v);
	else
		json_put_value(t, v);
}

const char *columns_json(struct ctx *c, const struct input *input, const json_t *sent)
{
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	for (size_t i = 0; i < input->n; i++) {
		const struct field *f = &input->fields[i];
		const json_t *v = f->sealed ? NULL : json_object_get(sent, f->name);

		if (v)
			put_column(&t, f->name, v);
	}
	json_object_end(&t);
	return text_done(&t);
}
