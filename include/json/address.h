/* Postcodes, and free text that gives a place away.
 *
 * Real leaks were addresses typed into notes (domain: confidentiality). So a field that other
 * people read is marked .prose (json/input.h), and text with an address in it is refused there. */
#pragma once
#include <stdbool.h>

struct postcode {
	char full[9];		/* "TS1 3BA" */
	char outward[5];	/* "TS1" */
	char sector[7];		/* "TS1 3" */
};

/* Royal Mail's forms, any case, with or without the blank; false otherwise. */
bool postcode_parse(const char *s, struct postcode *out) __attribute__((warn_unused_result));

/* A postcode, also written apart or in letters that only look like ours; a house or flat with its
 * street or name ("12 Acacia Road", "Flat 3 The Laurels"); a position (coordinates, what3words, a
 * plus code, a link to a map). NULL holds none. A number alone is none: "In Court 3 on 4 December",
 * "3 children". The words that decide are in src/json/address_words.def. */
bool holds_address(const char *s);
/* The same, or a postcode district ("TS1"): for names and labels that others see. */
bool holds_place(const char *s);
