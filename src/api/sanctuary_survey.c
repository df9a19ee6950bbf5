/* The survey of a home: a form for each section and for each opening, saved as it goes. A form that is sent again,
 * since a telephone had no network, has its own key and does nothing twice; saved again, the later counts. */
#include "api/codes.h"
#include "api/resource.h"
#include "api/rights.h"
#include "api/routes.h"
#include "json/write.h"
#include "sanctuary.h"
#include "sql.h"

enum { REMARK_MAX = 300 };

/* ---- sections ---- */

struct sanctuary_before {
	enum tri householder_present, alone, children_present, safe_to_talk, must_not_see, interpreter, code_word_right;
};
static const struct field before_fields[] = {
	FIELD(struct sanctuary_before, householder_present, BOOL, "householder_present", .required = true,
	      .ask = "Say whether the householder is there"),
	FIELD(struct sanctuary_before, alone, BOOL, "alone"),
	FIELD(struct sanctuary_before, children_present, BOOL, "children_present"),
	FIELD(struct sanctuary_before, safe_to_talk, BOOL, "safe_to_talk", .required = true,
	      .ask = "Say whether it is safe to talk now"),
	FIELD(struct sanctuary_before, must_not_see, BOOL, "must_not_see", .help = "Somebody must not see the visit."),
	FIELD(struct sanctuary_before, interpreter, BOOL, "interpreter"),
	FIELD(struct sanctuary_before, code_word_right, BOOL, "code_word_right"),
};
static const struct input before_input = INPUT(struct sanctuary_before, before_fields);

struct sanctuary_home {
	const char *kind;
	int64_t floor, rooms, sleepers;
	enum tri lift, entry_system, managed_building, over_11_m, pets, keys_with_others, codes_shared;
};
static const struct field home_fields[] = {
	FIELD(struct sanctuary_home, kind, CODE, "kind", .required = true, .codes = &sanctuary_home_kind_codes,
	      .ask = "Select what kind of home it is"),
	FIELD(struct sanctuary_home, floor, INT, "floor", .min = -3, .max = 60, .label = "Floor"),
	FIELD(struct sanctuary_home, rooms, INT, "rooms", .min = 1, .max = 30, .label = "Rooms"),
	FIELD(struct sanctuary_home, sleepers, INT, "sleepers", .min = 1, .max = 30, .label = "People who sleep there"),
	FIELD(struct sanctuary_home, lift, BOOL, "lift"),
	FIELD(struct sanctuary_home, entry_system, BOOL, "entry_system"),
	FIELD(struct sanctuary_home, managed_building, BOOL, "managed_building"),
	FIELD(struct sanctuary_home, over_11_m, BOOL, "over_11_m"),
	FIELD(struct sanctuary_home, pets, BOOL, "pets"),
	FIELD(struct sanctuary_home, keys_with_others, BOOL, "keys_with_others"),
	FIELD(struct sanctuary_home, codes_shared, BOOL, "codes_shared"),
};
static const struct input home_input = INPUT(struct sanctuary_home, home_fields);

struct sanctuary_fire {
	enum tri alarm_each_floor, co_alarm, second_way_out, window_keys_in_reach, stairs_clear, smokers, heaters;
};
static const struct field fire_fields[] = {
	FIELD(struct sanctuary_fire, alarm_each_floor, BOOL, "alarm_each_floor", .required = true,
	      .ask = "Say whether a tested alarm works on each floor"),
	FIELD(struct sanctuary_fire, co_alarm, BOOL, "co_alarm"),
	FIELD(struct sanctuary_fire, second_way_out, BOOL, "second_way_out"),
	FIELD(struct sanctuary_fire, window_keys_in_reach, BOOL, "window_keys_in_reach"),
	FIELD(struct sanctuary_fire, stairs_clear, BOOL, "stairs_clear"),
	FIELD(struct sanctuary_fire, smokers, BOOL, "smokers"),
	FIELD(struct sanctuary_fire, heaters, BOOL, "heaters"),
};
static const struct input fire_input = INPUT(struct sanctuary_fire, fire_fields);

struct sanctuary_outside {
	enum tri lit, seen_from_street, fenced, climbing_aids, cameras, others_see_cameras, shared_drive;
};
static const struct field outside_fields[] = {
	FIELD(struct sanctuary_outside, lit, BOOL, "lit", .required = true, .ask = "Say whether it is lit"),
	FIELD(struct sanctuary_outside, seen_from_street, BOOL, "seen_from_street"),
	FIELD(struct sanctuary_outside, fenced, BOOL, "fenced"),
	FIELD(struct sanctuary_outside, climbing_aids, BOOL, "climbing_aids"),
	FIELD(struct sanctuary_outside, cameras, BOOL, "cameras"),
	FIELD(struct sanctuary_outside, others_see_cameras, BOOL, "others_see_cameras"),
	FIELD(struct sanctuary_outside, shared_drive, BOOL, "shared_drive"),
};
static const struct input outside_input = INPUT(struct sanctuary_outside, outside_fields);

struct sanctuary_devices {
	enum tri set_up_by_perpetrator, router, smart_locks, trackers, childrens_devices, advice_given;
};
static const struct field devices_fields[] = {
	FIELD(struct sanctuary_devices, set_up_by_perpetrator, BOOL, "set_up_by_perpetrator"),
	FIELD(struct sanctuary_devices, router, BOOL, "router"),
	FIELD(struct sanctuary_devices, smart_locks, BOOL, "smart_locks"),
	FIELD(struct sanctuary_devices, trackers, BOOL, "trackers"),
	FIELD(struct sanctuary_devices, childrens_devices, BOOL, "childrens_devices"),
	FIELD(struct sanctuary_devices, advice_given, BOOL, "advice_given", .required = true,
	      .ask = "Say whether advice was given"),
};
static const struct input devices_input = INPUT(struct sanctuary_devices, devices_fields);

struct sanctuary_people {
	enum tri can_work_bolts, can_reach_viewer, deaf, sees_poorly, dementia_or_autism, children_under_8;
	const char *leaflet;
};
static const struct field people_fields[] = {
	FIELD(struct sanctuary_people, can_work_bolts, BOOL, "can_work_bolts", .required = true,
	      .ask = "Say whether they can work the bolts"),
	FIELD(struct sanctuary_people, can_reach_viewer, BOOL, "can_reach_viewer"),
	FIELD(struct sanctuary_people, deaf, BOOL, "deaf"),
	FIELD(struct sanctuary_people, sees_poorly, BOOL, "sees_poorly"),
	FIELD(struct sanctuary_people, dementia_or_autism, BOOL, "dementia_or_autism"),
	FIELD(struct sanctuary_people, children_under_8, BOOL, "children_under_8"),
	FIELD(struct sanctuary_people, leaflet, CODE, "leaflet", .codes = &language_codes),
};
static const struct input people_input = INPUT(struct sanctuary_people, people_fields);

struct sanctuary_safe_times {
	struct json_list days;
	const char *from, *until;
	enum tri quiet, park_elsewhere;
};
static const struct field safe_times_fields[] = {
	FIELD(struct sanctuary_safe_times, days, CODE, "days", .required = true, .min_items = 1, .codes = &weekday_codes,
	      .ask = "Select the days on which work may be done"),
	FIELD(struct sanctuary_safe_times, from, TEXT, "from", .required = true, .max = 5, .ask = "Enter from when on",
	      .help = "London time, as 09:30."),
	FIELD(struct sanctuary_safe_times, until, TEXT, "until", .required = true, .max = 5, .ask = "Enter until when",
	      .help = "London time, as 15:00."),
	FIELD(struct sanctuary_safe_times, quiet, BOOL, "quiet"),
	FIELD(struct sanctuary_safe_times, park_elsewhere, BOOL, "park_elsewhere"),
};
static const struct input safe_times_input = INPUT(struct sanctuary_safe_times, safe_times_fields);

struct sanctuary_interim {
	enum tri temporary_lock, board_up, stay_elsewhere, nothing_tonight;
};
static const struct field interim_fields[] = {
	FIELD(struct sanctuary_interim, temporary_lock, BOOL, "temporary_lock"),
	FIELD(struct sanctuary_interim, board_up, BOOL, "board_up"),
	FIELD(struct sanctuary_interim, stay_elsewhere, BOOL, "stay_elsewhere", .required = true,
	      .ask = "Say whether they should stay elsewhere until the works are done"),
	FIELD(struct sanctuary_interim, nothing_tonight, BOOL, "nothing_tonight"),
};
static const struct input interim_input = INPUT(struct sanctuary_interim, interim_fields);

struct sanctuary_found {
	int64_t hours;
	enum tri second_trade, asbestos_suspected;
	const char *remark;
};
static const struct field outcome_fields[] = {
	FIELD(struct sanctuary_found, hours, INT, "hours", .min = 0, .max = 200, .label = "Guessed hours of work"),
	FIELD(struct sanctuary_found, second_trade, BOOL, "second_trade"),
	FIELD(struct sanctuary_found, asbestos_suspected, BOOL, "asbestos_suspected", .required = true,
	      .ask = "Say whether asbestos is suspected"),
	FIELD(struct sanctuary_found, remark, TEXT, "remark", .prose = true, .max = REMARK_MAX),
};
static const struct input outcome_input = INPUT(struct sanctuary_found, outcome_fields);

static void check_safe_times(struct ctx *c)
{
	const struct sanctuary_safe_times *in = ctx_input(c);

	if (in->from && !is_time_of_day(in->from))
		ctx_error(c, "/from", "bad_time", "From must be a time like 09:30");
	if (in->until && !is_time_of_day(in->until))
		ctx_error(c, "/until", "bad_time", "Until must be a time like 15:00");
}

/* ---- saving and showing ---- */

static struct reply saved(struct ctx *c)
{
	if (!sanctuary_is_done(c))
		return sanctuary_refused(c);
	return done(c, row_json(c, 1, 0), "/sanctuary/jobs/%s/survey", ctx_id(c, "id"));
}

static struct reply save(struct ctx *c, const char *section)
{
	query(c, &SQL_SANCTUARY_SECTION_SAVE, ctx_id(c, "id"), section, ctx_json(c));
	query(c, &SQL_SANCTUARY_SURVEY_SHOW, ctx_id(c, "id"), section);
	return then(saved);
}

static struct reply shown(struct ctx *c)
{
	if (rows(c, 0))
		audit(c, "read", "sanctuary_survey", ctx_id(c, "id"), value(c, 0, 0, "_household"), NULL);
	return row_reply(c, 0);
}

static struct reply show(struct ctx *c, const char *section)
{
	query(c, &SQL_SANCTUARY_SURVEY_SHOW, ctx_id(c, "id"), section);
	return then(shown);
}

static struct reply survey_get(struct ctx *c)
{
	return show(c, NULL);
}

#define SECTIONS \
	SECTION(before, "before", NULL, "Save what is so before the survey begins") \
	SECTION(home, "home", NULL, "Save what the home is") \
	SECTION(fire, "fire", NULL, "Save what a fire would meet") \
	SECTION(outside, "outside", NULL, "Save what is outside") \
	SECTION(devices, "devices", NULL, "Save which devices are there") \
	SECTION(people, "people", NULL, "Save what the people need") \
	SECTION(safe_times, "safe-times", check_safe_times, "Save when work may be done") \
	SECTION(interim, "interim", NULL, "Save what is needed tonight") \
	SECTION(outcome, "outcome", NULL, "Save what the survey came to")

#define SECTION(name, path, check, summary) \
	static struct reply save_##name(struct ctx *c) \
	{ \
		return save(c, #name); \
	} \
	static struct reply show_##name(struct ctx *c) \
	{ \
		return show(c, #name); \
	}
SECTIONS
#undef SECTION

/* ---- openings ---- */

struct sanctuary_opening_in {
	const char *opening, *material, *fire_door, *escape;
	enum tri reachable;
	int64_t width, height;
};
static const struct field opening_fields[] = {
	FIELD(struct sanctuary_opening_in, opening, CODE, "opening", .required = true, .codes = &sanctuary_opening_codes,
	      .ask = "Select which opening it is"),
	FIELD(struct sanctuary_opening_in, material, CODE, "material", .codes = &sanctuary_material_codes),
	FIELD(struct sanctuary_opening_in, fire_door, CODE, "fire_door", .codes = &sanctuary_fire_door_codes),
	FIELD(struct sanctuary_opening_in, escape, CODE, "escape", .codes = &sanctuary_escape_codes),
	FIELD(struct sanctuary_opening_in, reachable, BOOL, "reachable"),
	FIELD(struct sanctuary_opening_in, width, INT, "width_mm", .min = 50, .max = 9999, .label = "Width in millimetres"),
	FIELD(struct sanctuary_opening_in, height, INT, "height_mm", .min = 50, .max = 9999,
	      .label = "Height in millimetres"),
};
static const struct input opening_input = INPUT(struct sanctuary_opening_in, opening_fields);

static struct reply opening_save(struct ctx *c)
{
	query(c, &SQL_SANCTUARY_OPENING_SAVE, ctx_id(c, "id"), ctx_json(c));
	query(c, &SQL_SANCTUARY_SURVEY_SHOW, ctx_id(c, "id"), NULL);
	return then(saved);
}

static struct reply openings_show(struct ctx *c)
{
	return show(c, "openings");
}

/* ---- shapes ---- */

static const struct shape_member opening_rows[] = {
	SHAPE("opening", CODE, .codes = &sanctuary_opening_codes),
	SHAPE("material", CODE, .codes = &sanctuary_material_codes),
	SHAPE("fire_door", CODE, .codes = &sanctuary_fire_door_codes),
	SHAPE("escape", CODE, .codes = &sanctuary_escape_codes),
	SHAPE("reachable", BOOL, .nullable = true),
	SHAPE("width_mm", INT, .nullable = true),
	SHAPE("height_mm", INT, .nullable = true),
	{ 0 },
};
static const struct shape opening = { .name = "sanctuary_opening", .members = opening_rows };
static const struct shape_member section_rows[] = {
	SHAPE("section", CODE, .codes = &sanctuary_section_codes),
	SHAPE("path", TEXT),
	SHAPE("saved_at", INSTANT, .nullable = true),
	{ 0 },
};
static const struct shape section = { .name = "sanctuary_section", .members = section_rows };
static const struct shape_member members[] = {
	SHAPE_ID,
	SHAPE("reference", TEXT),
	SHAPE("state", CODE, .codes = &sanctuary_state_codes),
	SHAPE("sections", OBJECT, .list = true, .sub = &section),
	SHAPE("openings", OBJECT, .list = true, .sub = &opening),
	SHAPE("section", TEXT, .nullable = true),
	SHAPE("path", TEXT, .nullable = true),
	SHAPE("answers", OBJECT, .nullable = true),
	SHAPE("may_complete", BOOL),
	SHAPE_VERSION,
	{ 0 },
};
static const struct shape survey = { .name = "sanctuary_survey", .members = members };

#define SECTION(name, place, rule, text) \
	{ "GET", "/sanctuary/jobs/{id}/survey/" place, CAN_coordinate, NULL, show_##name, "sanctuary/section", \
	  .flags = ROUTE_PAGE_ONLY, .output = &survey, .summary = "The form of a section: " text }, \
	{ "POST", "/sanctuary/jobs/{id}/survey/" place, CAN_coordinate, &name##_input, save_##name, "sanctuary/section", \
	  .check = rule, .form = show_##name, .output = &survey, .summary = text },
const struct route sanctuary_survey_routes[] = {
	{ "GET", "/sanctuary/jobs/{id}/survey", CAN_see_cases, NULL, survey_get, "sanctuary/survey", .output = &survey,
	  .summary = "The survey of a home: which sections are saved, and the openings" },
	SECTIONS
	{ "GET", "/sanctuary/jobs/{id}/survey/openings", CAN_coordinate, NULL, openings_show, "sanctuary/opening",
	  .flags = ROUTE_PAGE_ONLY, .output = &survey, .summary = "The form of an opening" },
	{ "POST", "/sanctuary/jobs/{id}/survey/openings", CAN_coordinate, &opening_input, opening_save,
	  "sanctuary/opening", .form = openings_show, .output = &survey,
	  .summary = "Save what was seen of a door, window or other opening" },
	{ 0 },
};
