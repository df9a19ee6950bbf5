/* Reading a placement and the acts on it, for its route rows. */
#pragma once
#include "serve/serve.h"

enum { HOLD_MIN = 30, HOLD_MAX = 240 };	/* minutes */

extern const struct input placement_list_input, offer_input, extend_input, decline_input,
	cancel_input, arrive_input, not_arrived_input, depart_input;

step placement_get, placement_list, placement_offer, placement_extend, placement_accept,
	placement_decline, placement_cancel, placement_arrive, placement_not_arrived,
	placement_depart;
checks placement_decline_check, placement_cancel_check, placement_arrive_check,
	placement_depart_check;

/* Asks for the placement of the path, as this caller may see it. */
void ask_placement(struct ctx *c);
