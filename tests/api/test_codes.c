#include <criterion/criterion.h>

#include "api/codes.h"
#include "base/text.h"

Test(codes, no_list_is_named_twice)
{
	for (const struct code_list *const *l = code_lists; *l; l++)
		cr_assert_eq(code_list_find(code_lists, (*l)->name), *l, "%s comes twice",
			     (*l)->name);
}

Test(codes, no_code_comes_twice_and_each_has_a_label)
{
	for (const struct code_list *const *l = code_lists; *l; l++) {
		cr_assert_gt((*l)->n, 0, "%s is empty", (*l)->name);
		for (size_t i = 0; i < (*l)->n; i++) {
			cr_assert_eq(code_index(*l, (*l)->rows[i].code), (int)i,
				     "%s: %s comes twice", (*l)->name, (*l)->rows[i].code);
			cr_assert(*(*l)->rows[i].label, "%s: %s has no label", (*l)->name,
				  (*l)->rows[i].code);
		}
	}
}

/* The program drops the first row of these because it is the unknown one. */
Test(codes, known_lists_are_matching_lists_without_unknown)
{
	static const struct {
		const struct code_list *known, *all;
	} pairs[] = {
		{ &known_accommodation_type, &accommodation_type_codes },
		{ &known_residents, &residents_codes },
		{ &known_sex, &sex_codes },
		{ &known_wheelchair, &wheelchair_codes },
		{ &known_answer, &answer_codes },
		{ &known_risk_level, &risk_level_codes },
		{ &known_urgency, &urgency_codes },
		{ &known_band, &band_codes },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		cr_assert_str_eq(pairs[i].all->rows[0].code, "unknown", "%s", pairs[i].all->name);
		cr_assert_eq(pairs[i].known->n + 1, pairs[i].all->n, "%s", pairs[i].all->name);
		cr_assert_eq(code_index(pairs[i].known, "unknown"), -1, "%s", pairs[i].known->name);
	}
}

/* A list of matching that is not listed here would be missing from forms and from GET /codes. */
Test(codes, every_list_of_matching_is_offered)
{
	for (const struct code_list *const *l = match_code_lists; *l; l++) {
		const char *name = *l == &band_codes ? "priority_band" : (*l)->name;

		cr_assert(code_list_find(code_lists, name), "%s is not offered", (*l)->name);
	}
}

Test(codes, decline_reasons_have_the_side_they_belong_to)
{
	for (int i = 0; i < (int)decline_reason_codes.n; i++) {
		const char *code = code_at(&decline_reason_codes, i);
		bool household = code_index(&household_decline_reason_codes, code) >= 0;

		cr_assert_neq(household, code_index(&provider_decline_reason_codes, code) >= 0,
			      "%s must be of one side", code);
		cr_assert_eq(decline_reason_side(i),
			     household ? decline_side_household : decline_side_provider, "%s",
			     code);
	}
	cr_assert_eq(decline_reason_side(decline_reason_recording_error), decline_side_provider,
		     "the last of the provider's");
	cr_assert_eq(decline_reason_side(decline_reason_too_near), decline_side_household,
		     "the first of the household's");
}

/* An answer's asks are codes of rules; a page looks up the question by the same code. */
Test(codes, every_rule_has_its_question)
{
	cr_assert_eq(question_codes.n, rule_codes.n, "%zu questions for %zu rules", question_codes.n,
		     rule_codes.n);
	for (size_t i = 0; i < rule_codes.n; i++)
		cr_assert_str_eq(question_codes.rows[i].code, rule_codes.rows[i].code);
}
