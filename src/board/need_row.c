/* A household that waits, read from a row of the view board_household. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rows.h"

/* In the order of need_columns. */
enum {
	C_ID, C_VERSION, C_REFERENCE, C_PARTNERSHIP, C_SITUATION, C_URGENCY, C_BAND, C_RISK, C_PREGNANT, C_NRPF, C_FUNDED,
	C_PETS, C_FROM, C_UNTIL, C_STAY, C_WISHES, C_AREAS, C_SPECIALISMS, C_REACH, C_LANGUAGES, C_WHEELCHAIR,
	C_STEP_FREE, C_GROUND, C_BATHROOM, C_TO_STAY, C_AT_HOME, C_SOLE, C_CONSENT, C_CARER, C_TIE, C_SINCE,
	C_MEMBERS, C_UNSAFE, C_NEEDS, C_DECLINED, C_CONFLICTS, C_POSES, C_AVOIDS,
};

const char *const need_columns[] = {
	"id", "version", "reference", "partnership_id", "situation", "urgency", "band", "risk_level", "pregnant", "nrpf",
	"nrpf_funded", "pets", "want_from", "want_until", "shortest_stay_days", "wishes", "wished_areas",
	"wished_specialisms", "places_to_reach", "languages", "wheelchair", "step_free", "ground_floor",
	"adapted_bathroom", "wants_to_stay", "perpetrator_at_home", "sole_occupation", "consent_obtainable",
	"overnight_carer", "tie_break", "waiting_since_us", "members", "unsafe_places", "needs", "declined",
	"conflicts", "poses", "avoids", NULL,
};

enum { MEMBERS_MAX = 40 };

static enum member_role member_role(const char *kind, int age, bool couple)
{
	if (strcmp(kind, "main") == 0)
		return MEMBER_APPLICANT;
	if (couple)
		return MEMBER_PARTNER;
	if (strcmp(kind, "child") == 0)
		return age >= 18 ? MEMBER_ADULT_CHILD : MEMBER_CHILD;
	return MEMBER_OTHER;
}

static enum tri is_trans(const char *identity)
{
	if (strcmp(identity, "same_as_sex") == 0)
		return TRI_NO;
	return strncmp(identity, "trans_", 6) == 0 || strcmp(identity, "non_binary") == 0 ? TRI_YES : TRI_UNKNOWN;
}

/* "kind,sex,identity,age,couple" */
static struct member member_from(const char *text)
{
	char kind[PIECE_MAX], sex[PIECE_MAX], identity[PIECE_MAX], age[PIECE_MAX], couple[PIECE_MAX];
	struct member m = { .age = -1 };
	int64_t years = -1;
	int code;

	if (!next_piece(&text, ',', kind) || !next_piece(&text, ',', sex) || !next_piece(&text, ',', identity) ||
	    !next_piece(&text, ',', age) || !next_piece(&text, ',', couple) || !text_to_i64(age, &years))
		return m;
	code = code_index(&sex_codes, sex);
	m.age = (int)years;
	m.sex = code < 0 ? SEX_UNKNOWN : (enum sex)code;
	m.trans = is_trans(identity);
	m.role = member_role(kind, m.age, *couple == 't');
	return m;
}

static void members(const struct row *r, struct need *n)
{
	struct member list[MEMBERS_MAX];
	const char *at = row_text(r, C_MEMBERS);
	char piece[PIECE_MAX];
	size_t count = 0;

	while (count < MEMBERS_MAX - 1 && next_piece(&at, ';', piece))
		list[count++] = member_from(piece);
	if (row_tri(r, C_CARER) == TRI_YES)
		list[count++] = (struct member){ .role = MEMBER_CARER, .age = -1 };
	household_facts(list, count, n);
	n->children = TRI_NO;
	for (size_t i = 0; i < count; i++)
		if (list[i].role == MEMBER_CHILD)
			n->children = TRI_YES;
}

/* "outward,sector,east,north,radius"; only one of the three kinds is there. */
static bool area_from(const struct geography *g, const char *text, struct area *out)
{
	char outward[PIECE_MAX], sector[PIECE_MAX], piece[PIECE_MAX];
	int64_t circle[3];

	if (!next_piece(&text, ',', outward) || !next_piece(&text, ',', sector))
		return false;
	*out = (struct area){ .kind = AREA_OUTWARD };
	out->district = *outward != '-' ? geography_district(g, outward) : geography_sector_district(g, sector);
	if (*outward != '-' || *sector != '-')
		return true;
	for (int i = 0; i < 3; i++)
		if (!next_piece(&text, ',', piece) || !text_to_i64(piece, &circle[i]))
			return false;
	*out = area_circle((int)circle[0] * GRID_M, (int)circle[1] * GRID_M, (int)circle[2] * GRID_M);
	return true;
}

static void unsafe_places(const struct row *r, const struct geography *g, struct need *n)
{
	const char *at = row_text(r, C_UNSAFE);
	char piece[PIECE_MAX];

	while (n->n_unsafe < NEED_UNSAFE && next_piece(&at, ';', piece))
		if (area_from(g, piece, &n->unsafe[n->n_unsafe]))
			n->n_unsafe++;
}

/* The list is complete where it was asked for. */
static void support(const struct row *r, struct need *n)
{
	const char *at = row_text(r, C_NEEDS);
	char piece[PIECE_MAX];

	for (int i = 0; at && i < SUPPORT_COUNT; i++)
		n->support[i] = TRI_NO;
	while (next_piece(&at, ';', piece)) {
		int need = code_index(&support_need_codes, piece);

		if (need >= 0)
			n->support[need] = TRI_YES;
	}
}

static void exclusions(const struct row *r, struct need *n)
{
	const char *at = row_text(r, C_DECLINED);
	char piece[PIECE_MAX];

	while (n->n_declined < NEED_DECLINED && next_piece(&at, ';', piece)) {
		struct declined *d = &n->declined[n->n_declined];

		if (strlen(piece) < 38 || piece[36] != ',')
			continue;
		piece[36] = '\0';
		if (uuid_parse(piece, &d->vacancy) && text_to_i64(piece + 37, &d->version))
			n->n_declined++;
	}
	at = row_text(r, C_CONFLICTS);
	while (n->n_conflicts < NEED_CONFLICTS && next_piece(&at, ';', piece))
		if (uuid_parse(piece, &n->conflicts[n->n_conflicts]))
			n->n_conflicts++;
}

static void needs(const struct row *r, struct need *n)
{
	n->wheelchair = (enum wheelchair)row_code(r, C_WHEELCHAIR, &wheelchair_codes);
	n->step_free = row_tri(r, C_STEP_FREE);
	n->ground_floor = row_tri(r, C_GROUND);
	n->adapted_bathroom = row_tri(r, C_BATHROOM);
	n->risk = (enum risk_level)row_code(r, C_RISK, &risk_level_codes);
	n->nrpf = row_tri(r, C_NRPF);
	n->nrpf_funded = row_tri(r, C_FUNDED) == TRI_YES ? TRI_YES : TRI_NO;	/* no commitment is none */
	n->fund_pays = n->nrpf_funded;
	n->pets = row_tri(r, C_PETS);
	n->poses_known = row_text(r, C_POSES) != NULL;
	n->avoids_known = row_text(r, C_AVOIDS) != NULL;
	n->poses = (uint16_t)row_bits(r, C_POSES, &mix_risk_codes);
	n->avoids = (uint16_t)row_bits(r, C_AVOIDS, &mix_risk_codes);
	n->from = row_day(r, C_FROM);
	n->min_stay = need_min_stay((int)row_int(r, C_STAY, -1), n->from, row_day(r, C_UNTIL));
}

static void text_list(const struct row *r, int col, int *out, int *n, int max,
		      int (*number)(const void *of, const char *name), const void *of)
{
	const char *at = row_text(r, col);
	char piece[PIECE_MAX];

	for (at += at && *at == '{'; *n < max && next_piece(&at, ',', piece);) {
		int i;

		piece[strcspn(piece, "}")] = '\0';
		i = number(of, piece);
		if (i >= 0)
			out[(*n)++] = i;
	}
}

static int district_number(const void *of, const char *name)
{
	return geography_district(of, name);
}

static int area_number(const void *of, const char *name)
{
	return intern_find(of, name);
}

static void wishes(const struct row *r, const struct names *names, struct need *n)
{
	n->wish_types = row_bits(r, C_WISHES, &accommodation_type_codes);
	n->specialisms = row_bits(r, C_SPECIALISMS, &specialism_codes);
	n->languages = row_bits(r, C_LANGUAGES, &language_codes);
	text_list(r, C_AREAS, n->wish_areas, &n->n_wish_areas, NEED_AREAS, area_number, names->areas);
	text_list(r, C_REACH, n->reach, &n->n_reach, NEED_PLACES, district_number, names->geography);
}

static void priority(const struct row *r, struct need *n)
{
	n->wants_to_stay = row_tri(r, C_TO_STAY);
	n->perpetrator_at_home = row_tri(r, C_AT_HOME);
	n->sole_occupation = row_tri(r, C_SOLE);
	n->consent_obtainable = row_tri(r, C_CONSENT);
	n->urgency = (enum urgency)row_code(r, C_URGENCY, &urgency_codes);
	n->situation = (enum situation)row_code(r, C_SITUATION, &situation_codes);
	n->band = (enum band)row_code(r, C_BAND, &band_codes);
	n->pregnant = row_tri(r, C_PREGNANT);
	n->waiting_since = row_int(r, C_SINCE, 0);
	n->tie = (uint64_t)row_int(r, C_TIE, 0);
}

void waiting_from_row(const struct row *r, const struct names *names, struct waiting *w)
{
	struct need *n = &w->need;

	need_init(n);
	members(r, n);
	n->id = w->household = row_uuid(r, C_ID);
	needs(r, n);
	support(r, n);
	unsafe_places(r, names->geography, n);
	exclusions(r, n);
	wishes(r, names, n);
	priority(r, n);
	w->version = row_int(r, C_VERSION, 0);
	w->group = (uint16_t)intern_add(names->groups, row_text(r, C_PARTNERSHIP));
	snprintf(w->reference, sizeof(w->reference), "%s", row_text(r, C_REFERENCE));
}
