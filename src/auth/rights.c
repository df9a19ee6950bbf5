#include "auth/rights.h"

const struct right rights[] = {
#define RIGHT(name, roles) { #name, CAN_##name },
#include "auth/rights.def"
#undef RIGHT
	{ NULL, 0 },
};
