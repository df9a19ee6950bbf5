#include "api/place.h"

void refuse_place(struct ctx *c, const char *pointer, const char *s)
{
	if (holds_place(s))
		ctx_error(c, pointer, "holds_address",
			  "Do not name a postcode or an address here: others read it");
}
