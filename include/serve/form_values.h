/* The inverse of a posted form: a record, as the values of a page's inputs, so that a page that changes it begins
 * with what is recorded. Names are those that the page sends (json/form.h, with - for . and brackets):
 *
 *	"pets": true                       pets=yes (no where it is false)
 *	"due_on": "2027-03-27"             due_on-day=27, due_on-month=3, due_on-year=2027
 *	"amount": 120050                   amount-pounds=1200.50
 *	"languages": ["cy", "pl"]          languages=[cy, pl] for boxes; languages-0=cy, languages-1=pl for inputs
 *	"support": [{"need": "drugs"}]     support-0-need=drugs
 *
 * What is null or absent has no value. */
#pragma once
#include "base/text.h"
#include "json/input.h"

/* Adds the values of the record's members that are fields of the input to the JSON object that stands open; names
 * begin with `prefix` ("household-" or ""). */
void form_values_put(struct text *t, const char *prefix, const json_t *record, const struct input *input);
