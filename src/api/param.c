/* Values as parameters of statements. */
#include "base/clock.h"
#include "base/date.h"
#include "case.h"

int32_t today(void)
{
	return instant_london_day(clock_now());
}

const char *day_param(struct ctx *c, int32_t day)
{
	char *text = arena_alloc(ctx_arena(c), 11);

	day_format(day, text);
	return text;
}

const char *today_param(struct ctx *c)
{
	return day_param(c, today());
}

const char *int_param(struct ctx *c, int64_t n)
{
	return n < 0 ? NULL : arena_printf(ctx_arena(c), "%lld", (long long)n);
}
