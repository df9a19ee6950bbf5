/* Buildings and dispersed homes of a provider. The address goes into the vault, and no answer
 * contains it. Others see only the area label as the location; the provider also sees the
 * district. */
#include <string.h>

#include "api/codes.h"
#include "api/conflicts.h"
#include "api/place.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "base/uuid.h"
#include "board/board.h"
#include "json/write.h"
#include "match/geography.h"
#include "secrets.h"
#include "sql.h"

struct properties {
	int64_t limit;
	const char *cursor, *type, *local_authority;
};
static const struct field list_fields[] = {
	FIELD(struct properties, type, CODE, "type", .codes = &known_accommodation_type),
	FIELD(struct properties, local_authority, CODE, "local_authority",
	      .codes = &local_authority_codes),
	PAGE_FIELDS(struct properties),
};
static const struct input list_input = INPUT(struct properties, list_fields);

struct address {
	struct json_list lines;
	const char *postcode, *access_note;
};
static const struct field address_fields[] = {
	FIELD(struct address, lines, TEXT, "lines", .required = true, .min_items = 1,
	      .max_items = 6, .max = 80, .label = "Address lines"),
	FIELD(struct address, postcode, TEXT, "postcode", .required = true, .max = 10),
	FIELD(struct address, access_note, MULTILINE, "access_note", .max = 500,
	      .help = "Door codes, where to ring."),
};
static const struct input address_input = INPUT(struct address, address_fields,
	.help = "Kept in the vault; shown to named people after a placement is accepted.");

struct property {
	const char *type, *public_name, *area_label, *local_authority, *outward_code;
	enum tri authority_checked;
	const char *residents, *staffing;
	enum tri shared_access;
	int64_t turnaround_days;
	struct json_list features;
	struct address *address;
};
static const struct field fields[] = {
	FIELD(struct property, type, CODE, "type", .required = true,
	      .codes = &known_accommodation_type),
	FIELD(struct property, public_name, TEXT, "public_name", .required = true, .max = 80,
	      .help = "A name that does not give the location away."),
	FIELD(struct property, area_label, TEXT, "area_label", .required = true, .max = 60,
	      .help = "Coarse area, shown in searches."),
	FIELD(struct property, local_authority, CODE, "local_authority", .required = true,
	      .codes = &local_authority_codes),
	FIELD(struct property, authority_checked, BOOL, "authority_checked",
	      .help = "Set where no postcode of the district is known in the local authority, and it is right all the same."),
	FIELD(struct property, outward_code, OUTWARD, "outward_code",
	      .label = "First half of the postcode",
	      .help = "May be left out if the address has the postcode."),
	FIELD(struct property, residents, CODE, "residents", .required = true,
	      .codes = &known_residents),
	FIELD(struct property, staffing, CODE, "staffing", .codes = &staffing_codes),
	FIELD(struct property, shared_access, BOOL, "shared_access", .required = true,
	      .help = "Whether any part, hallway or access route is shared."),
	FIELD(struct property, turnaround_days, INT, "turnaround_days", .max = 60, .def = "2",
	      .help = "Working days between a departure and the next arrival."),
	FIELD(struct property, features, TEXT, "features", .def = "[]", .max = 40,
	      .max_items = 30, .help = "Tags, such as garden or play_room."),
	FIELD(struct property, address, OBJECT, "address", .sealed = true,
	      .sub = &address_input),
};
static const struct input input = INPUT(struct property, fields);

static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("organisation_id", UUID),
	SHAPE("provider", TEXT),
	SHAPE("type", CODE, .codes = &known_accommodation_type),
	SHAPE("public_name", TEXT),
	SHAPE("area_label", TEXT),
	SHAPE("local_authority", CODE, .codes = &local_authority_codes),
	SHAPE("outward_code", TEXT, .nullable = true),
	SHAPE("residents", CODE, .codes = &known_residents),
	SHAPE("staffing", CODE, .nullable = true, .codes = &staffing_codes),
	SHAPE("shared_access", BOOL),
	SHAPE("turnaround_days", INT),
	SHAPE("features", TEXT, .list = true),
	SHAPE("units", INT),
	SHAPE("closed_at", INSTANT, .nullable = true),
	SHAPE_VERSION,
	SHAPE_CREATED,
	{ 0 },
};
static const struct shape one = { .name = "property", .members = members };
static const struct shape many = { .name = "property", .members = members, .list = true };

static struct reply listed(struct ctx *c)
{
	return list_reply(c, 0);
}

static struct reply property_list(struct ctx *c)
{
	const struct properties *f = ctx_input(c);

	query(c, &SQL_PROPERTY_LIST, f->type,
	      f->local_authority, page_size(c), page_cursor(c));
	return then(listed);
}

static void show(struct ctx *c, const char *id)
{
	query(c, &SQL_PROPERTY_SHOW, id);
}

static struct reply shown(struct ctx *c)
{
	return row_reply(c, 0);
}

static struct reply property_get(struct ctx *c)
{
	show(c, ctx_id(c, "id"));
	return then(shown);
}

/* ---- adding and changing ---- */

/* "Where two or more units share any part of the accommodation, including shared hallways or access
 * routes, provision should be single gender or single sex": statutory guidance under Domestic Abuse
 * Act 2021 s. 59; for refuges and specialist accommodation SI 2021/991 reg. 2. The database has the
 * same rule as constraints, because a patch may send only one of the members. */
static void check_residents(struct ctx *c, const struct property *p)
{
	bool any = text_eq(p->residents, "any");

	if (any && p->shared_access == TRI_YES)
		ctx_error(c, "/residents", "single_sex", SHARED_ACCESS_SINGLE_SEX);
	else if (any && (text_eq(p->type, "refuge") || text_eq(p->type, "specialist")))
		ctx_error(c, "/residents", "single_sex", TYPE_SINGLE_SEX);
}

/* Of the eight types of the regulations this one is the victim's own home. */
static void check_type(struct ctx *c, const struct property *p)
{
	if (text_eq(p->type, "sanctuary"))
		ctx_error(c, "/type", "not_a_property", NOT_A_PROPERTY);
}

static void check_texts(struct ctx *c, const struct property *p)
{
	const char *const *features = p->features.items;

	refuse_place(c, "/public_name", p->public_name);
	refuse_place(c, "/area_label", p->area_label);
	for (size_t i = 0; i < p->features.n; i++)
		refuse_place(c, arena_printf(ctx_arena(c), "/features/%zu", i), features[i]);
}

/* The address's postcode; empty if none was sent or it is wrong. */
static struct postcode postcode_of(const struct property *p)
{
	const struct postcode none = { .full = "" };
	struct postcode code;

	if (!p->address || !p->address->postcode || !postcode_parse(p->address->postcode, &code))
		return none;
	return code;
}

static const char *or_null(const char *s)
{
	return *s ? s : NULL;
}

/* Slips of the one or the other: a place in a wrong council is looked for by the wrong people. */
static void check_authority(struct ctx *c, const struct property *p, const char *outward)
{
	const struct geography *g = board_geography(ctx_board(c));

	if (!outward || !p->local_authority || p->authority_checked == TRI_YES || !g ||
	    geography_authority(g, geography_district(g, outward), p->local_authority) != TRI_NO)
		return;
	ctx_error(c, "/local_authority", "no_such_pair",
		  "No postcode of that district is in this local authority. Check both; if they are right, send authority_checked");
}

static void check_postcode(struct ctx *c, const struct property *p)
{
	struct postcode code = postcode_of(p);

	check_district(c, "/outward_code", p->outward_code);
	check_authority(c, p, p->outward_code ? p->outward_code : or_null(code.outward));
	if (!p->address || !p->address->postcode)
		return;
	if (!*code.full)
		ctx_error(c, "/address/postcode", "bad_postcode",
			  "Postcode must be a full postcode, like TS1 3BA");
	else if (p->outward_code && !text_eq(p->outward_code, code.outward))
		ctx_error(c, "/outward_code", "differs",
			  "This must be the first half of the address's postcode");
	else
		check_district(c, "/address/postcode", code.outward);
}

/* The state of a request that may come with an address. */
struct housing {
	char id[UUID_TEXT];
	struct postcode code;
};

static const char *address_plain(struct ctx *c, const struct address *a, const struct postcode *code)
{
	const char *const *line = a->lines.items;
	struct text t = text_in(ctx_arena(c));

	json_object_begin(&t);
	json_put_key(&t, "lines");
	json_array_begin(&t);
	for (size_t i = 0; i < a->lines.n; i++)
		json_put_str(&t, line[i]);
	json_array_end(&t);
	json_put_text(&t, "postcode", code->full);
	json_put_text(&t, "access_note", a->access_note);
	json_object_end(&t);
	return text_done(&t);
}

static struct housing *new_housing(struct ctx *c, step *after)
{
	struct housing *h = arena_new_of(ctx_arena(c), struct housing);
	struct secrets *s = secrets_new(c, 1, after);
	const struct property *p = ctx_input(c);

	ctx_set(c, h);
	h->code = postcode_of(p);
	if (p->address)
		secrets_seal(s, SEAL_ADDRESS, h->id, address_plain(c, p->address, &h->code));
	return h;
}

static void store_address(struct ctx *c)
{
	const struct secrets *s = ctx_secrets(c);
	const char *sealed = secrets_sealed(c, s, SEAL_ADDRESS);

	secrets_store_key(c, s);
	if (sealed)
		query(c, &SQL_PROPERTY_PUT_ADDRESS, sealed, ctx_user(c)->organisation_id);
}

static struct reply added(struct ctx *c)
{
	return created(c, row_json(c, 1, 0), "/properties/%s", value(c, 1, 0, "id"));
}

static void check_new(struct ctx *c)
{
	const struct property *p = ctx_input(c);

	check_type(c, p);
	check_residents(c, p);
	check_texts(c, p);
	check_postcode(c, p);
	if (!p->outward_code && !json_sent(ctx_decoded(c), struct property, address))
		ctx_error(c, "/outward_code", "required",
			  "Give the first half of the postcode, or the address");
}

static struct reply property_store(struct ctx *c)
{
	const struct housing *h = ctx_get(c);
	const struct property *p = ctx_input(c);

	query(c, &SQL_PROPERTY_CREATE, h->id, ctx_user(c)->organisation_id, ctx_json(c),
	      p->outward_code ? p->outward_code : h->code.outward, or_null(h->code.sector));
	show(c, h->id);
	store_address(c);
	return then(added);
}

static struct reply property_create(struct ctx *c)
{
	struct housing *h = new_housing(c, property_store);

	uuid_random(h->id);
	secrets_of(ctx_secrets(c), SEAL_PROPERTY, h->id, ctx_user(c)->organisation_id);
	return secrets_ask(c);
}

/* A patch may leave the location out but not remove it. An address is replaced as a whole. */
static void check_place(struct ctx *c, const struct property *p)
{
	const struct decoded *d = ctx_decoded(c);
	const struct address *a = p->address;

	if (!p->outward_code && json_sent(d, struct property, outward_code))
		ctx_error(c, "/outward_code", "null", "It can be changed, not removed: leave it out to keep it");
	if (!a && json_sent(d, struct property, address))
		ctx_error(c, "/address", "null", "An address can be replaced, not removed");
	if (a && !a->lines.n)
		ctx_error(c, "/address/lines", "required", "Give the whole address");
	if (a && !a->postcode)
		ctx_error(c, "/address/postcode", "required", "Give the whole address");
}

static void check_change(struct ctx *c)
{
	const struct property *p = ctx_input(c);

	check_type(c, p);
	check_texts(c, p);
	check_postcode(c, p);
	check_place(c, p);
	check_residents(c, p);
}

static struct reply property_update(struct ctx *c)
{
	const struct housing *h = ctx_get(c);
	const struct property *p = ctx_input(c);

	query(c, &SQL_PROPERTY_CHANGE, h->id, ctx_user(c)->organisation_id, ctx_if_match(c),
	      ctx_json(c), p->outward_code ? p->outward_code : or_null(h->code.outward),
	      or_null(h->code.sector));
	show(c, h->id);
	store_address(c);
	return then(changed_row);
}

static struct reply property_change(struct ctx *c)
{
	struct housing *h = new_housing(c, property_update);

	if (!ctx_if_match(c))
		return problem(c, PROBLEM_MATCH_MISSING);
	memcpy(h->id, ctx_id(c, "id"), UUID_TEXT);
	if (ctx_secrets(c)->n == 0)
		return property_update(c);
	query_ahead(c, &SQL_PROPERTY_KEY, h->id, ctx_user(c)->organisation_id);
	return then(secrets_found);
}

/* ---- giving up ---- */

static struct reply closed(struct ctx *c)
{
	if (affected(c, 1) == 0)
		return not_changed(c, PROBLEM_WRONG_STATE);
	return done(c, row_json(c, 2, 0), "/properties/%s", value(c, 2, 0, "id"));
}

static struct reply property_close(struct ctx *c)
{
	const char *id = ctx_id(c, "id"), *own = ctx_user(c)->organisation_id;

	query(c, &SQL_PROPERTY_LOCK, id, own);
	query(c, &SQL_PROPERTY_CLOSE, id, own);
	show(c, id);
	return then(closed);
}

const struct route property_routes[] = {
	{ "GET", "/properties", CAN_see_supply, &list_input, property_list, .output = &many,
	  .summary = "Properties: a provider's own, or the partnership's" },
	{ "GET", "/properties/{id}", CAN_see_supply, NULL, property_get, .output = &one,
	  .summary = "One property, without its address" },
	{ "POST", "/properties", CAN_provide, &input, property_create, .output = &one,
	  .check = check_new,
	  .summary = "Add a property; the address goes into the vault" },
	{ "PATCH", "/properties/{id}", CAN_provide, &input, property_change, .output = &one,
	  .check = check_change,
	  .summary = "Change a property" },
	{ "POST", "/properties/{id}/close", CAN_provide, NULL, property_close,
	  .flags = ROUTE_KEYLESS, .output = &one,
	  .summary = "Give up a property that has no open unit" },
	{ 0 },
};
