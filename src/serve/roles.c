/* Closed lists that other layers read: roles, and the limits of the buckets that count times. */
#include "serve/route.h"
#include "serve/server.h"

const int64_t serve_bucket_us[SERVE_BUCKETS] = {
	100, 250, 500, 1000, 2500, 5000, 10000, 25000, 100000, 500000, 2000000, 10000000,
};

const struct code_list role_codes = {
	.name = "role",
	.rows = (const struct code[]){
#define ROLE(code, label) { #code, label },
#include "serve/roles.def"
#undef ROLE
	},
	.n = ROLES,
};
