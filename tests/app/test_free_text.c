/* Every text field either refuses an address in it, or is named here. */
#include <criterion/criterion.h>
#include <string.h>

#include "walk.h"

TestSuite(free_text);

/* Names, labels, references and addresses may hold an address; every other text field must refuse
 * one. A field on neither side fails here. */
static bool is_no_free_text(const struct route *r, const char *name)
{
	static const char *const names[] = {
		"name", "username", "password", "current_password", "new_password", "cursor", "household_reference",
		"public_name", "area_label", "features",	/* refuse even a district */
		"sector",					/* a location, kept from providers */
		"lines", "postcode", "access_note",		/* the address itself, sealed */
		"cost_centre", "gl_code", "clearing_code", "vat_code",
		"then", "resume",				/* addresses of this service */
		"day_begins", "day_ends", "arrival_time", "from", "until",	/* times */
		"measure", "measures",				/* codes of a catalogue that is data */
		"text", "day_column", "amount_column", "words_column",	/* a card; a bank's statement, of which no words are kept */
	};

	if (strncmp(r->path, "/units", 6) == 0 && strcmp(name, "reference") == 0)
		return true;	/* what a provider calls a unit: "Flat 3" */
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void fields_are_judged(const struct route *r, const struct input *input)
{
	for (size_t i = 0; input && i < input->n; i++) {
		const struct field *f = &input->fields[i];
		bool text = f->type == FIELD_TEXT || f->type == FIELD_MULTILINE;

		if (f->type == FIELD_OBJECT)
			fields_are_judged(r, f->sub);
		cr_expect(!f->prose || text, "%s %s: %s is no text", r->method, r->path, f->name);
		cr_expect(!text || f->prose != is_no_free_text(r, f->name), "%s %s: is %s free text? Mark it .prose, or list it here",
			  r->method, r->path, f->name);
	}
}

Test(free_text, is_marked_in_every_input)
{
	for (const struct route *const *t = app_tables; *t; t++)
		for (const struct route *r = *t; r->method; r++)
			fields_are_judged(r, r->input);
}
