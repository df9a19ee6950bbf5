#include "api/place.h"

#include "board/board.h"
#include "match/geography.h"

void refuse_place(struct ctx *c, const char *pointer, const char *s)
{
	if (holds_place(s))
		ctx_error(c, pointer, "holds_address",
			  "Do not name a postcode or an address here: others read it");
}

void check_district(struct ctx *c, const char *pointer, const char *outward)
{
	const struct geography *g = board_geography(ctx_board(c));
	const char *likely;

	if (!outward || !g || geography_district(g, outward) != DISTRICT_NONE)
		return;
	likely = geography_likely(g, ctx_arena(c), outward);
	ctx_error(c, pointer, "no_district",
		  likely ? arena_printf(ctx_arena(c), "There is no such postcode district. Did you mean %s?", likely)
			 : "There is no such postcode district");
}
