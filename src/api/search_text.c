#include "search_text.h"

#include "base/date.h"

static const char *const ask_texts[RULE_COUNT] = {
	[RULE_RESIDENTS_SEX] = "Whether every adult can be taken under the provider's stated policy",
	[RULE_BOYS_AGE] = "Whether a boy of that age can be taken",
	[RULE_ADULT_CHILDREN] = "Whether adult children can be taken",
	[RULE_MIN_AGE] = "Whether the main applicant's age is accepted",
	[RULE_CAPACITY] = "Whether the whole household fits",
	[RULE_BEDROOMS] = "How many bedrooms there are",
	[RULE_ACCESS] = "Whether the access needs can be met",
	[RULE_UNSAFE_AREA] = "Whether the area is safe for them",
	[RULE_SUPPORT] = "Whether the support needs can be met",
	[RULE_RISK_LEVEL] = "Whether this level of risk can be taken",
	[RULE_NRPF] = "Whether a household without recourse to public funds can be taken",
	[RULE_PETS] = "Whether pets can come",
	[RULE_AVAILABLE] = "When it is free",
	[RULE_STAY] = "How long they can stay",
	[RULE_CONFLICT] = "Whether it is suitable",
	[RULE_DECLINED] = "What has changed since it was declined",
	[RULE_RESIDENT_MIX] = "Whether the present residents and the household are safe together",
};

const char *search_ask_text(enum rule rule)
{
	return ask_texts[rule];
}

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
