/* Properties, units, vacancies and their delays, read from the board's rows. */
#include <string.h>

#include "base/text.h"
#include "rows.h"

/* ---- a property ---- */

/* In the order of property_columns. */
enum { H_ID, H_ORGANISATION, H_PARTNERSHIP, H_PROVIDER, H_AREA_LABEL, H_AUTHORITY, H_OUTWARD, H_TYPE, H_RESIDENTS,
       H_STAFFING, H_SHARED, H_ANSWER, H_DAY, H_NIGHT, H_BEGINS, H_ENDS, H_VERSION };

const char *const property_columns[] = {
	"id", "organisation_id", "partnership_id", "provider", "area_label", "local_authority", "outward_code",
	"type", "residents", "staffing", "shared_access", "answer_minutes",
	"day_phone", "night_phone", "day_begins", "day_ends", "version", NULL,
};

static void place(const struct row *r, const struct names *names, struct supply *s)
{
	s->area = intern_add(names->areas, row_text(r, H_AUTHORITY));
	s->district = geography_district(names->geography, row_text(r, H_OUTWARD));
}

static enum tri staffed(const struct row *r)
{
	const char *staffing = row_text(r, H_STAFFING);

	if (!staffing)
		return TRI_UNKNOWN;
	return strcmp(staffing, "24h") == 0 ? TRI_YES : TRI_NO;
}

struct uuid property_id(const struct row *r)
{
	return cell_uuid(r, H_ID);
}

void property_from_row(const struct row *r, const struct names *names, struct board_property *h)
{
	struct supply *s = &h->shared;

	supply_init(s);
	s->organisation = cell_uuid(r, H_ORGANISATION);
	s->groups[0] = (uint16_t)intern_add(names->groups, row_text(r, H_PARTNERSHIP));
	s->n_groups = 1;
	s->type = (enum accommodation_type)row_code(r, H_TYPE, &accommodation_type_codes);
	s->residents = (enum residents)row_code(r, H_RESIDENTS, &residents_codes);
	s->staffed_24h = staffed(r);
	s->answer_minutes = (int)cell_int(r, H_ANSWER, -1);
	s->place_version = cell_int(r, H_VERSION, 0);
	place(r, names, s);
	h->shared_access = cell_bool(r, H_SHARED);
	h->provider = row_text(r, H_PROVIDER);
	h->area_label = row_text(r, H_AREA_LABEL);
	h->duty = (struct duty_phones){ row_text(r, H_DAY), row_text(r, H_NIGHT), row_text(r, H_BEGINS), row_text(r, H_ENDS) };
}

/* ---- a unit: its facts are packed, see the column's comment ---- */

enum { U_ID, U_PROPERTY, U_REFERENCE, U_FACTS, U_LANGUAGES, U_VERSION };

const char *const unit_columns[] = { "unit_id", "property_id", "reference", "facts", "languages", "unit_version", NULL };

/* Places of the letters. */
enum { AT_SELF_CONTAINED, AT_GROUND_FLOOR, AT_STEP_FREE, AT_BATHROOM, AT_WHEELCHAIR, AT_PETS, AT_ADULT_CHILDREN, AT_SUPPORT,
       AT_NRPF = AT_SUPPORT + SUPPORT_COUNT, AT_RISK, AT_MIX, AT_NUMBERS };

static const uint8_t tri_letters[128] = { ['t'] = TRI_YES, ['f'] = TRI_NO };
static const uint8_t answer_letters[128] = { ['y'] = ANSWER_YES, ['n'] = ANSWER_NO, ['a'] = ANSWER_ASK };
static const uint8_t wheelchair_letters[128] = {
	['n'] = WHEELCHAIR_NONE, ['l'] = WHEELCHAIR_LEVEL_ACCESS, ['e'] = WHEELCHAIR_ESSENTIAL_ROOMS, ['f'] = WHEELCHAIR_FULL,
};
static const uint8_t risk_letters[128] = { ['s'] = RISK_STANDARD, ['m'] = RISK_MEDIUM, ['h'] = RISK_HIGH };

static int letter(const char *facts, int at, const uint8_t letters[128])
{
	return letters[facts[at] & 127];
}

static void letters(const char *facts, struct supply *s)
{
	s->self_contained = (enum tri)letter(facts, AT_SELF_CONTAINED, tri_letters);
	s->ground_floor = (enum tri)letter(facts, AT_GROUND_FLOOR, tri_letters);
	s->step_free = (enum tri)letter(facts, AT_STEP_FREE, tri_letters);
	s->adapted_bathroom = (enum tri)letter(facts, AT_BATHROOM, tri_letters);
	s->wheelchair = (enum wheelchair)letter(facts, AT_WHEELCHAIR, wheelchair_letters);
	s->pets = (enum answer)letter(facts, AT_PETS, answer_letters);
	s->adult_children = (enum answer)letter(facts, AT_ADULT_CHILDREN, answer_letters);
	for (int i = 0; i < SUPPORT_COUNT; i++)
		s->support[i] = (enum answer)letter(facts, AT_SUPPORT + i, answer_letters);
	s->nrpf = (enum answer)letter(facts, AT_NRPF, answer_letters);
	s->highest_risk = (enum risk_level)letter(facts, AT_RISK, risk_letters);
	s->mix_known = facts[AT_MIX] == 't';
}

/* The number after the blank at *at, -1 for a dash, BOYS_NONE for -1. */
static int64_t number(const char **at)
{
	const char *p = *at + 1;
	int64_t n = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (*p - '0');
	if (*p != '-') {
		*at = p;
		return n;
	}
	*at = p[1] == '1' ? p + 2 : p + 1;
	return p[1] == '1' ? BOYS_NONE : -1;
}

/* A provider writes 18 for "boys of any age", -1 for none. */
static int oldest_boy(int64_t age)
{
	return age > 17 ? 17 : (int)age;
}

static void numbers(const char *at, struct supply *s)
{
	s->bedrooms = (int)number(&at);
	s->max_people = (int)number(&at);
	s->cots = (int)number(&at);
	s->min_age = (int)number(&at);
	s->oldest_boy = oldest_boy(number(&at));
	s->weekly_cost = (int)number(&at);
	s->longest_stay = (int)number(&at);
	s->specialisms = (uint32_t)number(&at);
	(void)number(&at);	/* bits of the first languages: all are in a column of their own */
	s->poses = (uint16_t)number(&at);
	s->avoids = (uint16_t)number(&at);
}

struct uuid unit_id(const struct row *r)
{
	return cell_uuid(r, U_ID);
}

struct uuid unit_property(const struct row *r)
{
	return cell_uuid(r, U_PROPERTY);
}

const char *unit_reference(const struct row *r)
{
	return row_text(r, U_REFERENCE);
}

void unit_from_row(const struct row *r, struct supply *s)
{
	const char *facts = row_text(r, U_FACTS);

	s->unit = unit_id(r);
	letters(facts, s);
	numbers(facts + AT_NUMBERS, s);
	s->languages = row_bits(r, U_LANGUAGES, &language_codes);
	s->place_version += cell_int(r, U_VERSION, 0);
}

/* ---- a vacancy, and what delays it ---- */

enum { V_ID, V_VERSION, V_UNIT, V_FROM, V_UNTIL, V_CONFIRMED, V_BUSY, V_TAKEN };

const char *const vacancy_columns[] = {
	"id", "version", "unit_id", "free_from", "available_until", "confirmed_at", "busy_until", "taken", NULL,
};

struct uuid vacancy_id(const struct row *r)
{
	return cell_uuid(r, V_ID);
}

struct uuid vacancy_unit(const struct row *r)
{
	return cell_uuid(r, V_UNIT);
}

/* A place without a first free day stays taken for ever. */
static void set_busy(struct supply *s, int64_t until)
{
	s->busy_until = s->from == INT32_MAX ? INT64_MAX : until;
}

/* "first,last;…", in order; of more than a search looks at, the last stands for the rest. */
static void set_taken(struct supply *s, const char *text)
{
	char piece[PIECE_MAX], first[PIECE_MAX], last[PIECE_MAX];

	for (s->n_taken = 0; next_piece(&text, ';', piece);) {
		const char *at = piece;
		int64_t from, to;

		if (!next_piece(&at, ',', first) || !next_piece(&at, ',', last) || !text_to_i64(first, &from) ||
		    !text_to_i64(last, &to))
			continue;
		if (s->n_taken < SUPPLY_TAKEN)
			s->taken[s->n_taken++] = (struct stay){ (int32_t)from, (int32_t)to };
		else
			s->taken[SUPPLY_TAKEN - 1].last = (int32_t)to;
	}
}

void vacancy_from_row(const struct row *r, struct supply *s)
{
	s->id = vacancy_id(r);
	s->version = cell_int(r, V_VERSION, 0);
	s->from = cell_day(r, V_FROM);
	s->until = cell_day(r, V_UNTIL);
	if (s->until != DAY_NONE)
		s->until--;	/* the column holds the day after the last night */
	s->confirmed = cell_instant(r, V_CONFIRMED, 0);
	set_busy(s, cell_instant(r, V_BUSY, 0));
	set_taken(s, row_text(r, V_TAKEN));
}

enum { D_ID, D_FROM, D_BUSY, D_TAKEN };

const char *const delay_columns[] = { "id", "free_from", "busy_until", "taken", NULL };

struct uuid delay_id(const struct row *r)
{
	return cell_uuid(r, D_ID);
}

void delay_from_row(const struct row *r, struct supply *s)
{
	int32_t day = cell_day(r, D_FROM);

	if (day > s->from)
		s->from = day;
	set_busy(s, cell_instant(r, D_BUSY, 0));
	set_taken(s, row_text(r, D_TAKEN));
}
