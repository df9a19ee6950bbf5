#include "api/rights.h"

const struct right api_rights[] = {
#define RIGHT(name, roles) { #name, CAN_##name },
#include "api/rights.def"
#undef RIGHT
	{ NULL, 0 },
};
