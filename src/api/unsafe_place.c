/* Where a household is not safe: the list, one more place, one that is still unsafe, and one that is safe again.
 * Each change goes the household's way (household.h); a page comes back to the list. */
#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "household.h"
#include "sql.h"

/* ---- reading ---- */

static struct reply places_read(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "unsafe_place", NULL, value(c, 0, 0, "id"), NULL);
	return row_reply(c, 0);
}

static struct reply places_show(struct ctx *c)
{
	query(c, &SQL_UNSAFE_CASE, ctx_id(c, "id"));
	return then(places_read);
}

/* ---- changing ---- */

static struct reply shown(struct ctx *c)
{
	const struct change *change = ctx_get(c);

	if (!ctx_page(c))
		return household_shown(c);
	return done(c, row_json(c, 1, 0), "/households/%s/unsafe-places", change->household);
}

static struct change *new_place_change(struct ctx *c, step *apply)
{
	struct change *change = new_household_change(c, lock_household, apply);

	change->shown = shown;
	return change;
}

static struct reply place_insert(struct ctx *c)
{
	const struct change *change = ctx_get(c);
	struct unsafe_in place = *(const struct unsafe_in *)ctx_input(c);
	struct json_list one = { .n = 1, .items = &place };

	/* a search looks at NEED_UNSAFE places at most */
	if (locked_count(c, "places") >= NEED_UNSAFE) {
		ctx_error(c, "", "too_many", TOO_MANY_UNSAFE);
		return invalid(c);
	}
	query(c, &SQL_HOUSEHOLD_ADD_UNSAFE, change->household, places_json(c, &one), today_param(c));
	return then(recount_household);
}

static void check_new_place(struct ctx *c)
{
	check_unsafe(c, "", ctx_input(c));
}

static struct reply place_create(struct ctx *c)
{
	struct change *change = new_place_change(c, place_insert);

	change->household = ctx_id(c, "id");
	change->created = true;
	return lock_household(c);
}

static struct reply of_its_household(struct ctx *c, step *apply)
{
	new_place_change(c, apply);
	query(c, &SQL_UNSAFE_HOUSEHOLD, ctx_id(c, "id"));
	return then(household_owner_found);
}

static struct reply confirm_apply(struct ctx *c)
{
	query(c, &SQL_UNSAFE_CONFIRM, ctx_id(c, "id"), today_param(c));
	return then(recount_household);
}

static struct reply place_confirm(struct ctx *c)
{
	return of_its_household(c, confirm_apply);
}

static struct reply end_apply(struct ctx *c)
{
	query(c, &SQL_UNSAFE_END, ctx_id(c, "id"));
	return then(recount_household);
}

static struct reply place_end(struct ctx *c)
{
	return of_its_household(c, end_apply);
}

/* ---- routes ---- */

static const struct shape_member circle_rows[] = {
	SHAPE("easting", INT),
	SHAPE("northing", INT),
	SHAPE("radius_m", INT),
	{ 0 },
};
static const struct shape circle_shape = { .name = "unsafe_circle", .members = circle_rows };

static const struct shape_member item_rows[] = {
	SHAPE_ID,
	SHAPE("kind", CODE, .codes = &unsafe_kind_codes),
	SHAPE("outward_code", TEXT, .nullable = true),
	SHAPE("sector", TEXT, .nullable = true),
	SHAPE("circle", OBJECT, .nullable = true, .sub = &circle_shape),
	SHAPE("recorded_at", INSTANT, .nullable = true),
	SHAPE("checked_on", DATE),
	{ 0 },
};
static const struct shape item_shape = { .name = "unsafe_place_entry", .members = item_rows };

static const struct shape_member case_rows[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("unsafe_none_said_by", CODE, .nullable = true, .codes = &known_informant),
	SHAPE("open", BOOL),
	SHAPE("works_on", BOOL),
	SHAPE("referral_id", UUID, .nullable = true),
	SHAPE("items", OBJECT, .list = true, .sub = &item_shape),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape case_shape = { .name = "unsafe_places", .members = case_rows };

const struct route unsafe_place_routes[] = {
	{ "GET", "/households/{id}/unsafe-places", CAN_see_cases, NULL, places_show, "households/unsafe",
	  .output = &case_shape,
	  .summary = "List the places where a household is not safe, the longest unchecked first" },
	{ "POST", "/households/{id}/unsafe-places", CAN_place, &unsafe_input, place_create, "households/unsafe",
	  .check = check_new_place, .form = places_show, .output = &household_shape,
	  .summary = "Add a place where the household is not safe" },
	{ "POST", "/unsafe-places/{id}/confirm", CAN_place, NULL, place_confirm, "households/unsafe",
	  .output = &household_shape, .summary = "Record that a place is still unsafe, as of today" },
	{ "POST", "/unsafe-places/{id}/end", CAN_place, NULL, place_end, "households/unsafe",
	  .output = &household_shape, .summary = "Record that a place is safe again" },
	{ 0 },
};
