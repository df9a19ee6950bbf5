#include "search_text.h"

#include "base/date.h"

static const char *free_on(struct arena *a, int64_t day)
{
	char text[32];

	return arena_printf(a, "Free on %s", day_long((int32_t)day, text, sizeof(text)));
}

static const char *hold_ends(struct arena *a, int64_t us)
{
	char text[64];

	if (us == INT64_MAX)
		return "Held for another household";
	return arena_printf(a, "Held for another household until %s", instant_london(us, text, sizeof(text)));
}

static const char *free_nights(struct arena *a, const struct mend_detail *d)
{
	struct text t = text_in(a);
	char day[32];

	for (int i = 0; i < d->n_open; i++) {
		int nights = d->open[i].last - d->open[i].first + 1;

		text_printf(&t, "%s %d night%s from %s", i == 0 ? "Free for" : i + 1 < d->n_open ? "," : " and",
			    nights, nights == 1 ? "" : "s", day_long(d->open[i].first, day, sizeof(day)));
	}
	return text_done(&t);
}

/* "Covered to 31 March 2027; next year's pot is not open. Fits if the fund pays 9 weeks at £362" */
static const char *fund_weeks(struct arena *a, const struct mend_detail *d)
{
	struct text t = text_in(a);
	char day[32];

	if (d->covered != DAY_NONE)
		text_printf(&t, "Covered to %s%s. ", day_long(d->covered, day, sizeof(day)),
			    d->cut_off ? "; next year's pot is not open" : "");
	text_printf(&t, "Fits if the fund pays %lld week%s", (long long)d->wanted, d->wanted == 1 ? "" : "s");
	if (d->there >= 0)
		text_printf(&t, " at £%lld", (long long)d->there / 100);
	if (d->there >= 0 && d->there % 100)
		text_printf(&t, ".%02lld", (long long)d->there % 100);
	return text_done(&t);
}

/* "3 bedrooms needed, 2 there" */
static const char *needed_there(struct arena *a, const struct mend_detail *d, const char *one, const char *many)
{
	return arena_printf(a, "%lld %s needed, %lld there", (long long)d->wanted, d->wanted == 1 ? one : many,
			    (long long)d->there);
}

const char *search_mend_text(struct arena *a, enum mend mend, const struct mend_detail *d)
{
	switch (mend) {
	case MEND_FREE_ON:
		return free_on(a, d->wanted);
	case MEND_FREE_NIGHTS:
		return free_nights(a, d);
	case MEND_HOLD_ENDS:
		return hold_ends(a, d->wanted);
	case MEND_LONGER_STAY:
		return arena_printf(a, "Fits if the provider allows %lld days, not %lld", (long long)d->wanted,
				    (long long)d->there);
	case MEND_BOYS_AGE:
		return arena_printf(a, "Fits if a boy of %lld is accepted", (long long)d->wanted);
	case MEND_MIN_AGE:
		return arena_printf(a, "Fits if an applicant of %lld is accepted", (long long)d->wanted);
	case MEND_MORE_PEOPLE:
		return needed_there(a, d, "place", "places");
	case MEND_FEWER_ROOMS:
		return needed_there(a, d, "bedroom", "bedrooms");
	case MEND_NRPF_FUNDING:
		return fund_weeks(a, d);
	default:
		return code_label(&mend_codes, mend);
	}
}
