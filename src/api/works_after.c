/* After the installation: the victim's own word, reviews after three and six months, incidents, the marker of the police,
 * and the end of a job. The victim signs off, never the firm; what is not right is a defect first. */
#include "api/codes.h"
#include "api/rights.h"
#include "api/routes.h"
#include "sql.h"
#include "works_job.h"

/* ---- the victim's own word ---- */

struct sign_off_in {
	const char *way;
	enum tri interpreter, there, work, use, keys_hers, alarms, devices;
	int64_t keys, before, now;
};
#define SAID(member, name, words) \
	FIELD(struct sign_off_in, member, BOOL, name, .required = true, .ask = words)
#define SAFE(record, member, name, words) \
	FIELD(record, member, INT, name, .min = 0, .max = 10, .label = words, .help = "0 to 10; left out: not said.")
static const struct field sign_off_fields[] = {
	FIELD(struct sign_off_in, way, CODE, "way", .required = true, .codes = &sign_off_way_codes,
	      .ask = "Select how they gave their word"),
	FIELD(struct sign_off_in, interpreter, BOOL, "interpreter", .required = true, .ask = "Say whether an interpreter was there"),
	SAID(there, "all_there", "Say whether everything is there"),
	SAID(work, "all_work", "Say whether everything works"),
	SAID(use, "can_use", "Say whether they can use everything themselves"),
	SAID(keys_hers, "keys_hers", "Say whether every key is theirs"),
	SAID(alarms, "alarms_heard", "Say whether they heard the alarms"),
	SAID(devices, "devices_hers", "Say whether the accounts of devices are theirs alone"),
	FIELD(struct sign_off_in, keys, INT, "keys", .required = true, .min = 0, .max = 100, .label = "Keys", .ask = "Enter how many keys they have"),
	SAFE(struct sign_off_in, before, "felt_before", "How safe they felt before"),
	SAFE(struct sign_off_in, now, "feels_now", "How safe they feel now"),
};
static const struct input sign_off_input = INPUT(struct sign_off_in, sign_off_fields);

static struct reply job_sign_off(struct ctx *c)
{
	return works_job_act(c, "sign_off");
}

/* ---- reviews ---- */

struct job_review_in {
	enum tri reached, held, marker;
	struct json_list tries;
	const char *home, *contact, *wish;
	int64_t now;
};
static const struct field review_fields[] = {
	FIELD(struct job_review_in, reached, BOOL, "reached", .required = true, .ask = "Say whether you reached them"),
	FIELD(struct job_review_in, tries, DATE, "tries", .max_items = 10, .help = "Days on which you tried: three before you give up."),
	FIELD(struct job_review_in, home, CODE, "home", .codes = &review_home_codes),
	FIELD(struct job_review_in, contact, CODE, "contact", .codes = &review_contact_codes),
	FIELD(struct job_review_in, held, BOOL, "held", .help = "Whether the measures held."),
	SAFE(struct job_review_in, now, "feels_now", "How safe they feel now"),
	FIELD(struct job_review_in, wish, CODE, "wish", .codes = &review_wish_codes),
	FIELD(struct job_review_in, marker, BOOL, "marker_needed"),
};
static const struct input review_input = INPUT(struct job_review_in, review_fields);

static struct reply job_review_3m(struct ctx *c)
{
	return works_job_act(c, "review_3m");
}

static struct reply job_review_6m(struct ctx *c)
{
	return works_job_act(c, "review_6m");
}

/* ---- incidents ---- */

struct incident_in {
	const char *kind, *on_day, *measure;
	enum tri held;
};
static const struct field incident_fields[] = {
	FIELD(struct incident_in, kind, CODE, "kind", .required = true, .codes = &incident_kind_codes, .ask = "Select what happened"),
	FIELD(struct incident_in, on_day, DATE, "on_day", .required = true, .past = 366, .label = "Day", .ask = "Enter the day"),
	FIELD(struct incident_in, held, BOOL, "held", .help = "Whether the measures held; left out: not known."),
	FIELD(struct incident_in, measure, TEXT, "measure", .max = 31, .help = "Code of the measure that failed."),
};
static const struct input incident_input = INPUT(struct incident_in, incident_fields);

static struct reply job_incident(struct ctx *c)
{
	return works_job_act(c, "incident");
}

/* ---- the marker ---- */

struct marker_in {
	const char *state, *reference, *review_on, *removal;
};
static const struct field marker_fields[] = {
	FIELD(struct marker_in, state, CODE, "state", .required = true, .codes = &marker_state_codes, .ask = "Select where it stands"),
	FIELD(struct marker_in, reference, TEXT, "reference", .max = 40, .prose = true, .label = "The police's number", .help = "Of a marker that is set."),
	FIELD(struct marker_in, review_on, DATE, "review_on", .ahead = 731, .label = "Review on", .help = "In six months if left out."),
	FIELD(struct marker_in, removal, CODE, "removal", .codes = &marker_removal_codes, .help = "Why it was taken off."),
};
static const struct input marker_input = INPUT(struct marker_in, marker_fields);

static struct reply job_marker(struct ctx *c)
{
	query(c, &SQL_WORKS_JOB_MARKER, ctx_id(c, "id"), ctx_json(c));
	return works_job_then_shown(c);
}

/* ---- equipment ---- */

struct equipment_in {
	const char *equipment, *plan;
};
static const struct field equipment_fields[] = {
	FIELD(struct equipment_in, equipment, UUID, "equipment_id", .required = true, .ask = "Select the equipment"),
	FIELD(struct equipment_in, plan, CODE, "plan", .required = true, .codes = &equipment_plan_codes, .ask = "Select what became of it"),
};
static const struct input equipment_input = INPUT(struct equipment_in, equipment_fields);

static struct reply job_equipment(struct ctx *c)
{
	const struct equipment_in *in = ctx_input(c);

	query(c, &SQL_WORKS_JOB_EQUIPMENT, ctx_id(c, "id"), in->equipment, in->plan);
	return works_job_then_shown(c);
}

/* ---- the end ---- */

struct ending_in {
	const char *ending, *equipment, *marker;
};
static const struct field ending_fields[] = {
	FIELD(struct ending_in, ending, CODE, "ending", .required = true, .codes = &sanctuary_ending_codes,
	      .ask = "Select what became of the household"),
	FIELD(struct ending_in, equipment, CODE, "equipment", .codes = &equipment_plan_codes,
	      .help = "What becomes of equipment, where there is some."),
	FIELD(struct ending_in, marker, CODE, "marker", .codes = &marker_removal_codes, .help = "Why the marker is taken off, where there is one."),
};
static const struct input ending_input = INPUT(struct ending_in, ending_fields);

static struct reply job_close(struct ctx *c)
{
	return works_job_act(c, "close");
}

static struct reply job_close_early(struct ctx *c)
{
	return works_job_act(c, "close_early");
}

/* ---- routes ---- */

#define ACT(path, right, input, step, words) \
	{ "POST", "/sanctuary/jobs/{id}/" path, right, input, step, "works/job", .form = works_job_get, \
	  .output = &works_job_shape, .summary = words }

const struct route works_after_routes[] = {
	ACT("sign-off", CAN_join_works, &sign_off_input, job_sign_off, "Record the victim's own word that the home is as it should be"),
	ACT("review-3m", CAN_join_works, &review_input, job_review_3m, "Hold the review of three months"),
	ACT("review-6m", CAN_join_works, &review_input, job_review_6m, "Hold the review of six months"),
	ACT("incidents", CAN_join_works, &incident_input, job_incident, "Record an incident: the risk is to be assessed today"),
	ACT("marker", CAN_join_works, &marker_input, job_marker, "Ask for a marker of the police, set, confirm or take it off"),
	ACT("equipment", CAN_join_works, &equipment_input, job_equipment, "Record what became of equipment, also after the end of the job"),
	ACT("close", CAN_coordinate, &ending_input, job_close, "Close a job after its reviews"),
	ACT("close-early", CAN_coordinate, &ending_input, job_close_early, "Close a job before its reviews, and why"),
	{ 0 },
};
