/* What is recorded, as the values of a form; and back. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "json/write.h"
#include "serve/form_values.h"

TestSuite(form_values);

struct need {
	const char *need;
};

struct record {
	enum tri pets, unasked;
	const char *due_on, *name;
	int64_t nights, amount;
	struct json_list languages, needs;
};

static const struct code colour_rows[] = { { "cy", "Welsh" }, { "pl", "Polish" } };
static const struct code_list language_list = { "language", colour_rows, 2 };
static const struct field need_fields[] = {
	FIELD(struct need, need, TEXT, "need"),
};
static const struct input need_input = INPUT(struct need, need_fields);
static const struct field fields[] = {
	FIELD(struct record, pets, BOOL, "pets"),
	FIELD(struct record, unasked, BOOL, "unasked"),
	FIELD(struct record, due_on, DATE, "due_on"),
	FIELD(struct record, name, TEXT, "name"),
	FIELD(struct record, nights, INT, "nights"),
	FIELD(struct record, amount, PENCE, "amount"),
	FIELD(struct record, languages, CODE, "languages", .codes = &language_list),
	FIELD(struct record, needs, OBJECT, "needs", .sub = &need_input),
};
static const struct input input = INPUT(struct record, fields);

Test(form_values, are_what_a_page_would_have_sent)
{
	static const char record[] = "{\"pets\":false,\"unasked\":null,\"due_on\":\"2027-03-07\",\"name\":\"Ann\",\"nights\":0,"
				     "\"amount\":120005,\"languages\":[\"cy\",\"pl\"],\"needs\":[null,{\"need\":\"drugs\"}],"
				     "\"not_of_the_form\":1}";
	struct arena *a = arena_new();
	struct text t = text_in(a);

	json_object_begin(&t);
	form_values_put(&t, "h-", json_read(a, record, strlen(record)), &input);
	json_object_end(&t);
	cr_assert_str_eq(text_done(&t),
			 "{\"h-pets\":\"no\",\"h-due_on-day\":\"7\",\"h-due_on-month\":\"3\",\"h-due_on-year\":\"2027\","
			 "\"h-name\":\"Ann\",\"h-nights\":\"0\",\"h-amount-pounds\":\"1200.05\",\"h-languages-0\":\"cy\","
			 "\"h-languages-1\":\"pl\",\"h-languages\":[\"cy\",\"pl\"],\"h-needs-1-need\":\"drugs\"}");
	arena_free(a);
}
