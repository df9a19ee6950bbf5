#include <string.h>

#include "rows.h"

/* In the order of supply_columns. */
enum {
	C_ID, C_VERSION, C_UNIT, C_ORGANISATION, C_PARTNERSHIP, C_PROVIDER, C_REFERENCE, C_AREA_LABEL, C_TYPE,
	C_RESIDENTS, C_STAFFING, C_AUTHORITY, C_OUTWARD, C_SECTOR, C_SELF_CONTAINED, C_BEDROOMS, C_MAX_PEOPLE,
	C_COTS, C_FLOOR, C_STEP_FREE, C_WHEELCHAIR, C_BATHROOM, C_PETS, C_MIN_AGE, C_OLDEST_BOY,
	C_ADULT_CHILDREN, C_MENTAL_HEALTH, C_DRUGS, C_ALCOHOL, C_OFFENDING, C_ARSON, C_VIOLENCE, C_SEXUAL,
	C_NRPF, C_SPECIALISMS, C_LANGUAGES, C_RISK, C_COST, C_STAY, C_FROM, C_UNTIL, C_CONFIRMED, C_BUSY,
	C_ANSWER, C_MIX_KNOWN, C_POSES, C_AVOIDS,
};

const char *const supply_columns[] = {
	"id", "version", "unit_id", "organisation_id", "partnership_id", "provider", "unit_reference", "area_label",
	"type", "residents", "staffing", "local_authority", "outward_code", "sector", "self_contained", "bedrooms",
	"max_people", "cots", "floor", "step_free", "wheelchair", "adapted_bathroom", "pets", "min_age",
	"oldest_boy", "adult_children", "mental_health", "drugs", "alcohol", "offending", "arson", "violence",
	"sexual_offending", "nrpf", "specialisms", "languages", "highest_risk", "weekly_cost_pence",
	"longest_stay_days", "free_from", "available_until", "confirmed_us", "busy_until_us", "answer_minutes",
	"mix_known", "mix_poses", "mix_avoids",
	NULL,
};

static void place(const struct row *r, const struct names *names, struct supply *s)
{
	const char *sector = row_text(r, C_SECTOR);

	s->area = intern_add(names->areas, row_text(r, C_AUTHORITY));
	s->district = geography_district(names->geography, row_text(r, C_OUTWARD));
	s->sector = sector ? geography_sector(names->geography, sector) : SECTOR_NONE;
}

static enum tri ground_floor(const struct row *r)
{
	int64_t floor = row_int(r, C_FLOOR, INT64_MAX);

	if (floor == INT64_MAX)
		return TRI_UNKNOWN;
	return floor <= 0 ? TRI_YES : TRI_NO;
}

static void size_and_access(const struct row *r, struct supply *s)
{
	s->self_contained = row_tri(r, C_SELF_CONTAINED);
	s->bedrooms = (int)row_int(r, C_BEDROOMS, -1);
	s->max_people = (int)row_int(r, C_MAX_PEOPLE, -1);
	s->cots = (int)row_int(r, C_COTS, -1);
	s->wheelchair = (enum wheelchair)row_code(r, C_WHEELCHAIR, &wheelchair_codes);
	s->step_free = row_tri(r, C_STEP_FREE);
	s->ground_floor = ground_floor(r);
	s->adapted_bathroom = row_tri(r, C_BATHROOM);
}

/* 18 is how a provider writes "boys of any age". */
static int oldest_boy(const struct row *r)
{
	int64_t age = row_int(r, C_OLDEST_BOY, -1);

	if (age == 0)
		return BOYS_NONE;
	return age > 17 ? 17 : (int)age;
}

static void acceptance(const struct row *r, struct supply *s)
{
	s->min_age = (int)row_int(r, C_MIN_AGE, -1);
	s->oldest_boy = oldest_boy(r);
	s->adult_children = (enum answer)row_code(r, C_ADULT_CHILDREN, &answer_codes);
	for (int i = 0; i < SUPPORT_COUNT; i++)
		s->support[i] = (enum answer)row_code(r, C_MENTAL_HEALTH + i, &answer_codes);
	s->nrpf = (enum answer)row_code(r, C_NRPF, &answer_codes);
	s->pets = (enum answer)row_code(r, C_PETS, &answer_codes);
	s->highest_risk = (enum risk_level)row_code(r, C_RISK, &risk_level_codes);
	s->specialisms = row_bits(r, C_SPECIALISMS, &specialism_codes);
	s->languages = row_bits(r, C_LANGUAGES, &language_codes);
}

static void mix(const struct row *r, struct supply *s)
{
	s->mix_known = row_tri(r, C_MIX_KNOWN) == TRI_YES;
	s->poses = (uint16_t)row_bits(r, C_POSES, &mix_risk_codes);
	s->avoids = (uint16_t)row_bits(r, C_AVOIDS, &mix_risk_codes);
}

static enum tri staffed(const struct row *r)
{
	const char *staffing = row_text(r, C_STAFFING);

	if (!staffing)
		return TRI_UNKNOWN;
	return strcmp(staffing, "24h") == 0 ? TRI_YES : TRI_NO;
}

static void times(const struct row *r, struct supply *s)
{
	s->from = row_day(r, C_FROM);
	s->until = row_day(r, C_UNTIL);
	if (s->until != DAY_NONE)
		s->until--;	/* the column holds the day after the last night */
	s->longest_stay = (int)row_int(r, C_STAY, -1);
	s->weekly_cost = (int)row_int(r, C_COST, -1);
	s->confirmed = row_int(r, C_CONFIRMED, 0);
	s->busy_until = s->from == INT32_MAX ? INT64_MAX : row_int(r, C_BUSY, 0);
	s->answer_minutes = (int)row_int(r, C_ANSWER, -1);
	s->staffed_24h = staffed(r);
}

void supply_from_row(const struct row *r, const struct names *names, struct supply *s)
{
	supply_init(s);
	s->id = row_uuid(r, C_ID);
	s->version = row_int(r, C_VERSION, 0);
	s->unit = row_uuid(r, C_UNIT);
	s->organisation = row_uuid(r, C_ORGANISATION);
	s->groups[0] = (uint16_t)intern_add(names->groups, row_text(r, C_PARTNERSHIP));
	s->n_groups = 1;
	s->type = (enum accommodation_type)row_code(r, C_TYPE, &accommodation_type_codes);
	s->residents = (enum residents)row_code(r, C_RESIDENTS, &residents_codes);
	place(r, names, s);
	size_and_access(r, s);
	acceptance(r, s);
	mix(r, s);
	times(r, s);
}

void shown_from_row(const struct row *r, struct arena *a, struct shown *out)
{
	*out = (struct shown){
		.provider = arena_strdup(a, row_text(r, C_PROVIDER)),
		.unit_reference = arena_strdup(a, row_text(r, C_REFERENCE)),
		.area_label = arena_strdup(a, row_text(r, C_AREA_LABEL)),
	};
}
