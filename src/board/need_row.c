/* A household that waits, read from a row of the view board_household. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "match/household.h"
#include "rows.h"

/* The columns of the view that are no fact of needs.def, or are one that is not taken as it is. */
#define OTHER_COLUMNS(COLUMN) \
	COLUMN(id) COLUMN(version) COLUMN(reference) COLUMN(partnership_id) COLUMN(nrpf_funded_from) \
	COLUMN(nrpf_funded_until) COLUMN(nrpf_funding_cut_off) \
	COLUMN(due_on) COLUMN(immigration_expires_on) \
	COLUMN(want_from) COLUMN(want_until) COLUMN(shortest_stay_days) COLUMN(wished_areas) \
	COLUMN(places_to_reach) COLUMN(overnight_carer) COLUMN(tie_break) COLUMN(waiting_since_us) \
	COLUMN(risk_least) COLUMN(members) COLUMN(unsafe_places) COLUMN(needs) COLUMN(declined) COLUMN(conflicts)

#define PLACE(name) C_##name,
enum {
	OTHER_COLUMNS(PLACE)
#define MATCHED(name, ...) PLACE(name)
#include "match/needs.def"
};

#define NAME(name) #name,
const char *const need_columns[] = {
	OTHER_COLUMNS(NAME)
#define MATCHED(name, ...) NAME(name)
#include "match/needs.def"
	NULL,
};

/* In the order of the column's pieces. */
enum { M_KIND, M_SEX, M_IDENTITY, M_AGE, M_AGE_ON, M_EXACT, M_CHILD_OF_MAIN, M_COUPLE, MEMBER_PIECES };

static int member_number(const char *piece, int unknown)
{
	int64_t n;

	return text_to_i64(piece, &n) ? (int)n : unknown;
}

static struct member member_from(const char *text)
{
	char piece[MEMBER_PIECES][PIECE_MAX];
	struct member m = { .role = MEMBER_ADULT, .age = -1 };
	int sex;

	for (int i = 0; i < MEMBER_PIECES; i++)
		if (!next_piece(&text, ',', piece[i]))
			return m;
	sex = code_index(&sex_codes, piece[M_SEX]);
	m.role = member_role(piece[M_KIND]);
	m.sex = sex < 0 ? SEX_UNKNOWN : (enum sex)sex;
	m.trans = member_trans(piece[M_IDENTITY]);
	m.age = member_number(piece[M_AGE], -1);
	m.age_on = member_number(piece[M_AGE_ON], 0);
	m.age_exact = *piece[M_EXACT] == 't';
	m.grown_up_child = *piece[M_CHILD_OF_MAIN] == 't';
	m.not_applicants = *piece[M_CHILD_OF_MAIN] == 'f';
	m.couple = member_number(piece[M_COUPLE], 0);
	return m;
}

static void members(const struct row *r, struct need *n)
{
	const char *at = row_text(r, C_members);
	char piece[PIECE_MAX];

	while (n->n_members < NEED_MEMBERS - 1 && next_piece(&at, ';', piece))
		n->members[n->n_members++] = member_from(piece);
	if (row_tri(r, C_overnight_carer) == TRI_YES)
		n->members[n->n_members++] = (struct member){ .role = MEMBER_CARER, .age = -1 };
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
	const char *at = row_text(r, C_unsafe_places);
	char piece[PIECE_MAX];

	while (n->n_unsafe < NEED_UNSAFE && next_piece(&at, ';', piece))
		if (area_from(g, piece, &n->unsafe[n->n_unsafe]))
			n->n_unsafe++;
}

/* Where support was asked about the list is complete: what it does not name is no need. */
static void support(const struct row *r, struct need *n)
{
	const char *at = row_text(r, C_needs);
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
	const char *at = row_text(r, C_declined);
	char piece[PIECE_MAX];

	while (n->n_declined < NEED_DECLINED && next_piece(&at, ';', piece)) {
		struct declined *d = &n->declined[n->n_declined];

		if (strlen(piece) < 38 || piece[36] != ',')
			continue;
		piece[36] = '\0';
		if (uuid_parse(piece, &d->vacancy) && text_to_i64(piece + 37, &d->version))
			n->n_declined++;
	}
	at = row_text(r, C_conflicts);
	while (n->n_conflicts < NEED_CONFLICTS && next_piece(&at, ';', piece))
		if (uuid_parse(piece, &n->conflicts[n->n_conflicts]))
			n->n_conflicts++;
}

static void as_asked(const struct row *r, struct need *n)
{
#define TRI(name, ...) n->name = row_tri(r, C_##name);
#define CODED(name, list, ...) n->name = (enum list)row_code(r, C_##name, &list##_codes);
#define BITS(name, type, list, ...) n->name = (uint32_t)row_bits(r, C_##name, &list##_codes);
#define WIDE_BITS(name, list, ...) n->name = row_bits(r, C_##name, &list##_codes);
#define ASKED_BITS(name, list, ...) \
	n->name##_known = row_text(r, C_##name) != NULL; BITS(name, CODES, list)
#include "match/needs.def"
}

static void stay(const struct row *r, struct need *n)
{
	n->funded_from = row_day(r, C_nrpf_funded_from);
	n->funded_until = row_day(r, C_nrpf_funded_until);
	n->funding_cut_off = row_tri(r, C_nrpf_funding_cut_off) == TRI_YES;
	n->fund_pays = n->funded_until != DAY_NONE ? TRI_YES : TRI_NO;
	n->leave_until = row_day(r, C_immigration_expires_on);
	n->due = row_day(r, C_due_on);
	need_nights(n, row_day(r, C_want_from), row_day(r, C_want_until), (int)row_int(r, C_shortest_stay_days, -1));
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

static void places(const struct row *r, const struct names *names, struct need *n)
{
	text_list(r, C_wished_areas, n->wish_areas, &n->n_wish_areas, NEED_AREAS, area_number, names->areas);
	text_list(r, C_places_to_reach, n->reach, &n->n_reach, NEED_PLACES, district_number, names->geography);
}

void waiting_from_row(const struct row *r, const struct names *names, struct waiting *w)
{
	struct need *n = &w->need;

	need_init(n);
	members(r, n);
	n->id = w->household = row_uuid(r, C_id);
	as_asked(r, n);
	n->risk_least = (enum risk_level)row_code(r, C_risk_least, &risk_level_codes);
	stay(r, n);
	support(r, n);
	unsafe_places(r, names->geography, n);
	exclusions(r, n);
	places(r, names, n);
	n->waiting_since = row_int(r, C_waiting_since_us, 0);
	n->tie = (uint64_t)row_int(r, C_tie_break, 0);
	w->version = row_int(r, C_version, 0);
	w->group = (uint16_t)intern_add(names->groups, row_text(r, C_partnership_id));
	snprintf(w->reference, sizeof(w->reference), "%s", row_text(r, C_reference));
}
