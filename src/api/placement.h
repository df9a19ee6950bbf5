/* Reading a placement and the acts on it, for its route rows. */
#pragma once
#include "match/policy.h"
#include "serve/serve.h"

#define MINUTES_HELP \
	"The policy in force says how long it may be, and how long it is where none is given."

extern const struct input placement_list_input, offer_input, arrival_time_input, extend_input, decline_input,
	cancel_input, arrive_input, not_arrived_input, depart_input, check_up_input;

step placement_get, placement_list, placement_offer, placement_arrival_time, placement_extend, placement_accept,
	placement_decline, placement_cancel, placement_arrive, placement_not_arrived,
	placement_depart, placement_check_up;
checks placement_offer_check, placement_arrival_time_check, placement_decline_check, placement_cancel_check, placement_not_arrived_check;

/* Refuses a length, in minutes, that the policy in force does not allow; INT_ABSENT is its own. */
void check_minutes(struct ctx *c, int64_t minutes);
/* Asks for the placement of the path, as this caller may see it. */
void ask_placement(struct ctx *c);
/* The same, which statement i found, as JSON: with the questions that the household has still to answer. */
const char *placement_json(struct ctx *c, int i);
