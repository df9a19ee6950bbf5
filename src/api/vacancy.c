/* Periods in which a provider offers a unit. The state is derived, never typed. Every change of a
 * vacancy locks its unit first, as a hold does, so that a hold and a withdrawal at the same moment
 * have one winner. */
#include <string.h>

#include "api/codes.h"
#include "api/conflicts.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/date.h"
#include "base/uuid.h"
#include "case.h"
#include "sql.h"

struct vacancies {
	int64_t limit;
	const char *cursor, *state, *unit;
	enum tri stale, past;
};
static const struct field list_fields[] = {
	FIELD(struct vacancies, state, CODE, "state", .codes = &vacancy_state_codes),
	FIELD(struct vacancies, stale, BOOL, "stale",
	      .help = "Not confirmed for 24 hours."),
	FIELD(struct vacancies, unit, UUID, "unit_id"),
	FIELD(struct vacancies, past, BOOL, "past",
	      .help = "false: only those that still count: on offer, or lived in. A page that asks for no state asks for these."),
	PAGE_FIELDS(struct vacancies),
};
static const struct input list_input = INPUT(struct vacancies, list_fields);

struct vacancy {
	const char *unit, *from, *until;
};
#define UNTIL \
	FIELD(struct vacancy, until, DATE, "available_until", .label = "Free until", .past = 3660, .ahead = 1830, \
	      .help = "Day on which it must be free again; open-ended if left out.")
static const struct field new_fields[] = {
	FIELD(struct vacancy, unit, UUID, "unit_id", .required = true, .label = "Unit",
	      .ask = "Select which unit is free"),
	FIELD(struct vacancy, from, DATE, "available_from", .label = "Free from", .past = 60, .ahead = 366,
	      .help = "First night; today if left out."),
	UNTIL,
};
static const struct input new_input = INPUT(struct vacancy, new_fields);
static const struct field change_fields[] = {
	FIELD(struct vacancy, from, DATE, "available_from", .required = true,
	      .label = "Free from", .past = 1830, .ahead = 366, .help = "First night."),
	UNTIL,
};
static const struct input change_input = INPUT(struct vacancy, change_fields);

struct withdrawal {
	const char *reason;
};
static const struct field withdraw_fields[] = {
	FIELD(struct withdrawal, reason, CODE, "reason", .required = true,
	      .ask = "Select why it is no longer offered",
	      .codes = &withdraw_reason_codes),
};
static const struct input withdraw_input = INPUT(struct withdrawal, withdraw_fields);

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("unit_id", UUID),
	SHAPE("unit_reference", TEXT),
	SHAPE("property_id", UUID),
	SHAPE("type", CODE, .codes = &known_accommodation_type),
	SHAPE("area_label", TEXT),
	SHAPE("organisation_id", UUID),
	SHAPE("provider", TEXT),
	SHAPE("available_from", DATE),
	SHAPE("available_until", DATE, .nullable = true),
	SHAPE("state", CODE, .codes = &vacancy_state_codes),
	SHAPE("stale", BOOL),
	SHAPE("ready_on", DATE, .nullable = true),
	SHAPE("delayed_by", CODE, .nullable = true, .codes = &unit_state_codes),
	SHAPE("confirmed_at", INSTANT),
	SHAPE("lapses_at", INSTANT),
	SHAPE("held_until", INSTANT, .nullable = true),
	SHAPE("placement_id", UUID, .nullable = true),
	SHAPE("withdrawn_at", INSTANT, .nullable = true),
	SHAPE("withdraw_reason", CODE, .nullable = true, .codes = &withdraw_reason_codes),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
static const struct shape one = { .name = "vacancy", .members = members };
static const struct shape many = { .name = "vacancy", .members = members, .list = true };
static const struct shape_member confirmed_members[] = { SHAPE("confirmed", INT), { 0 } };
static const struct shape confirmed_shape = { .name = "confirmed", .members = confirmed_members };

/* ---- reading ---- */

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply vacancy_list(struct ctx *c)
{
	const struct vacancies *f = ctx_input(c);

	enum tri past = f->past == TRI_UNKNOWN && ctx_page(c) && !f->state ? TRI_NO : f->past;

	query(c, &SQL_VACANCY_LIST, f->state,
	      tri_param(f->stale), f->unit, page_size(c), page_cursor(c), tri_param(past));
	return then(listed);
}

static void show(struct ctx *c, const char *id)
{
	query(c, &SQL_VACANCY_SHOW, id);
}

static struct reply shown(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply vacancy_get(struct ctx *c)
{
	show(c, ctx_id(c, "id"));
	return then(shown);
}

static struct reply units_listed(struct ctx *c)
{
	return all_reply(c, 0);
}

static struct reply vacancy_form(struct ctx *c)
{
	query(c, &SQL_VACANCY_UNITS, ctx_user(c)->organisation_id);
	return then(units_listed);
}

/* ---- posting ---- */

enum { DAY_WORDS = 40 };

/* A unit that a household lives in, or that is out of service, is not free today. */
static void tell_not_ready(struct ctx *c, const char *state)
{
	const char *ready = value(c, 3, 0, "ready_on");
	bool lived_in = text_eq(state, "occupied");
	char words[DAY_WORDS];
	int32_t day;

	if (!ready || !day_parse(ready, &day))
		ctx_error(c, "/available_from", "not_ready",
			  lived_in ? "A household lives there: record first that it has left, or give the day on which it leaves"
				   : "The unit is out of service, and no end of that is recorded: end it first");
	else
		ctx_error(c, "/available_from", "not_ready",
			  arena_printf(ctx_arena(c), "%s until %s: this must be that day or later",
				       lived_in ? "A household lives there" : "The unit is out of service",
				       day_long(day, words, sizeof(words))));
}

static struct reply not_added(struct ctx *c)
{
	const char *state = rows(c, 3) ? value(c, 3, 0, "state") : NULL;

	if (text_eq(state, "occupied") || text_eq(state, "out_of_service"))
		tell_not_ready(c, state);
	else if (text_eq(state, "closed"))
		ctx_error(c, "/unit_id", "closed", "This unit was given up");
	else
		ctx_error(c, "/unit_id", "not_found", "Choose an open unit of yours");
	return invalid(c);
}

static struct reply added(struct ctx *c)
{
	if (rows(c, 2) == 0)
		return not_added(c);
	return created(c, row_json(c, 2, 0), "/vacancies/%s", value(c, 2, 0, "id"));
}

static void check_order(struct ctx *c, const char *from, const char *until)
{
	if (from && until && strcmp(until, from) <= 0)
		ctx_error(c, "/available_until", "out_of_range", VACANCY_ORDER);
}

static void check_new(struct ctx *c)
{
	const struct vacancy *v = ctx_input(c);
	bool sent = json_sent(ctx_decoded(c), struct vacancy, from);

	check_order(c, sent ? v->from : today_param(c), v->until);
}

static void check_change(struct ctx *c)
{
	const struct vacancy *v = ctx_input(c);

	check_order(c, v->from, v->until);
}

static struct reply vacancy_create(struct ctx *c)
{
	const struct vacancy *v = ctx_input(c);
	const char *own = ctx_user(c)->organisation_id;
	char id[UUID_TEXT];

	uuid_random(id);
	query(c, &SQL_UNIT_LOCK, v->unit, own);
	query(c, &SQL_VACANCY_CREATE, id, v->unit, own, v->from, v->until);
	show(c, id);
	query(c, &SQL_VACANCY_UNIT, v->unit, own);
	return then(added);
}

/* ---- changing ---- */

static struct reply changed(struct ctx *c)
{
	if (affected(c, 1) == 0)
		return not_changed(c, PROBLEM_WRONG_STATE);
	return row_reply(c, 2);
}

static struct reply vacancy_change(struct ctx *c)
{
	const char *id = ctx_id(c, "id"), *own = ctx_user(c)->organisation_id;

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	query(c, &SQL_VACANCY_LOCK, id, own);
	query(c, &SQL_VACANCY_CHANGE, id, own, ctx_if_match(c), ctx_json(c));
	show(c, id);
	return then(changed);
}

static struct reply acted(struct ctx *c)
{
	if (affected(c, 1) == 0)
		return not_changed(c, PROBLEM_WRONG_STATE);
	return done(c, row_json(c, 2, 0), "/vacancies/%s", value(c, 2, 0, "id"));
}

/* A page stays with the list, where the others wait to be confirmed. */
static struct reply confirmed(struct ctx *c)
{
	struct reply r = acted(c);

	if (r.status >= 400 || !ctx_page(c))
		return r;
	return at(r, arena_printf(ctx_arena(c), "/vacancies#vacancy-%s", value(c, 2, 0, "id")));
}

static struct reply vacancy_confirm(struct ctx *c)
{
	const char *id = ctx_id(c, "id"), *own = ctx_user(c)->organisation_id;

	query(c, &SQL_VACANCY_LOCK, id, own);
	query(c, &SQL_VACANCY_CONFIRM, id, own);
	show(c, id);
	return then(confirmed);
}

static struct reply all_confirmed(struct ctx *c)
{
	return done(c, arena_printf(ctx_arena(c), "{\"confirmed\":%d}", affected(c, 1)), "/vacancies");
}

static struct reply vacancy_confirm_all(struct ctx *c)
{
	const char *own = ctx_user(c)->organisation_id;

	query(c, &SQL_VACANCY_LOCK_ALL, own);
	query(c, &SQL_VACANCY_CONFIRM_ALL, own);
	return then(all_confirmed);
}

static struct reply vacancy_withdraw(struct ctx *c)
{
	const struct withdrawal *w = ctx_input(c);
	const char *id = ctx_id(c, "id"), *own = ctx_user(c)->organisation_id;

	query(c, &SQL_VACANCY_LOCK, id, own);
	query(c, &SQL_VACANCY_WITHDRAW, id, own, w->reason);
	show(c, id);
	return then(acted);
}

const struct route vacancy_routes[] = {
	{ "GET", "/vacancies", CAN_see_supply, &list_input, vacancy_list, "vacancies/list",
	  .flags = ROUTE_CSV, .output = &many, .summary = "Vacancies with their state at this moment" },
	{ "GET", "/vacancies/new", CAN_provide, NULL, vacancy_form, "vacancies/new",
	  .flags = ROUTE_PAGE_ONLY, .summary = "The form for a vacancy" },
	{ "POST", "/vacancies", CAN_provide, &new_input, vacancy_create, "vacancies/new",
	  .check = check_new,
	  .form = vacancy_form, .output = &one, .summary = "Offer a unit" },
	{ "POST", "/vacancies/confirm", CAN_provide, NULL, vacancy_confirm_all, "vacancies/list",
	  .flags = ROUTE_KEYLESS, .output = &confirmed_shape,
	  .summary = "Say that all your vacancies are still available" },
	{ "GET", "/vacancies/{id}", CAN_see_supply, NULL, vacancy_get, "vacancies/show",
	  .output = &one, .summary = "One vacancy" },
	{ "PATCH", "/vacancies/{id}", CAN_provide, &change_input, vacancy_change, .check = check_change,
	  .output = &one,
	  .summary = "Change the dates of a vacancy that is not held" },
	{ "POST", "/vacancies/{id}/confirm", CAN_provide, NULL, vacancy_confirm,
	  "vacancies/show", .flags = ROUTE_KEYLESS, .output = &one,
	  .summary = "Say that a vacancy is still available" },
	{ "POST", "/vacancies/{id}/withdraw", CAN_provide, &withdraw_input, vacancy_withdraw,
	  "vacancies/show", .form = vacancy_get, .output = &one,
	  .summary = "Withdraw a vacancy that is not held" },
	{ 0 },
};
