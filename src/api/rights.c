#include "api/rights.h"

const struct right rights[] = {
#define RIGHT(name, roles) { #name, CAN_##name },
#include "api/rights.def"
#undef RIGHT
	{ NULL, 0 },
};
