#include "api/outcomes.h"


#include "api/resource.h"
#include "base/die.h"
#include "base/log.h"

#define LIST(name) static const struct code name##_rows[] = {
#define CODE(list, code, label) { #code, label },
#define END(name) }; const struct code_list name##_codes = { #name, name##_rows, name##_count };
#include "api/outcomes.def"
#undef LIST
#undef CODE
#undef END

#define LIST(name) &name##_codes,
#define CODE(list, code, label)
#define END(name)
const struct code_list *const outcome_lists[] = {
#include "api/outcomes.def"
	NULL,
};

int outcome_of(const struct ctx *c, const struct code_list *list)
{
	const char *word = value(c, 0, 0, "_outcome");
	int which = word ? code_index(list, word) : -1;

	if (which < 0) {
		log_event(LOG_ERROR, "the database answers what this program does not know", "list",
			  list->name, "outcome", word, NULL);
		die("reading the outcome of a database function");
	}
	return which;
}
