/* The rules in the order of enum rule: how each is judged, what would mend it, whether it costs,
 * and whether it may not be told. */
#include "rules.h"

#define ROW(rule, name_, ...) [RULE_##rule] = { .name = #name_, .test = rule_##name_, __VA_ARGS__ },
#define RULE(rule, name_, label, question, ...) ROW(rule, name_, __VA_ARGS__)
#define MENDED(rule, name_, label, question, ...) ROW(rule, name_, .mend = mend_##name_, __VA_ARGS__)

const struct rule_row rule_rows[RULE_COUNT] = {
#include "match/rules.def"
};
