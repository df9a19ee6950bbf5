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

const char *search_mend_text(struct arena *a, enum mend mend, int64_t detail)
{
	switch (mend) {
	case MEND_FREE_ON:
		return free_on(a, detail);
	case MEND_HOLD_ENDS:
		return hold_ends(a, detail);
	case MEND_LONGER_STAY:
		return arena_printf(a, "Fits if the provider allows %lld days", (long long)detail);
	case MEND_BOYS_AGE:
		return arena_printf(a, "Fits if a boy of %lld is accepted", (long long)detail);
	case MEND_MIN_AGE:
		return arena_printf(a, "Fits if an applicant of %lld is accepted", (long long)detail);
	case MEND_MORE_PEOPLE:
		return arena_printf(a, "Fits if %lld people are accepted", (long long)detail);
	default:
		return code_label(&mend_codes, mend);
	}
}
