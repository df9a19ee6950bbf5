#include "match/codes.h"

#define LIST(name) static const struct code name##_rows[] = {
#define CODE(enumerator, code, label) { code, label },
#define END(name, count) }; const struct code_list name##_codes = { #name, name##_rows, count };
#include "match/codes.def"

#define LIST(name) &name##_codes,
#define CODE(enumerator, code, label)
#define END(name, count)
const struct code_list *const match_code_lists[] = {
	&tri_codes,
#include "match/codes.def"
	NULL,
};
