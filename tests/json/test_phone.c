/* Telephone numbers as people type and paste them. */
#include <criterion/criterion.h>

#include "base/text.h"
#include "example.h"
#include "json/write.h"

static struct arena *arena;

static void set_up(void)
{
	arena = arena_new();
}

static void tear_down(void)
{
	arena_free(arena);
}

TestSuite(phone, .init = set_up, .fini = tear_down);

static enum json_verdict decode(struct decoded *d, const char *members)
{
	const char *body = arena_printf(arena, "{\"household_id\":\"" HOUSEHOLD "\",\"contact\":{%s}}", members);

	return json_decode(arena, body, strlen(body), &referral_input, d);
}

static enum json_verdict decode_phone(struct decoded *d, const char *typed)
{
	struct text t = text_in(arena);

	json_put_text(&t, "phone", typed);
	return decode(d, text_done(&t));
}

static const struct contact *contact_of(const struct decoded *d)
{
	return ((const struct referral *)d->value)->contact;
}

static const struct {
	const char *typed, *number, *extension;
	enum tri relay;
} taken[] = {
	{ "07700 900123", "07700900123", NULL, TRI_UNKNOWN },
	{ "07700\u00a0900\u00a0123", "07700900123", NULL, TRI_UNKNOWN },
	{ "07700\u202f900123", "07700900123", NULL, TRI_UNKNOWN },
	{ "07700\u2011900\u2011123", "07700900123", NULL, TRI_UNKNOWN },
	{ "07700\u2010900\u2013123", "07700900123", NULL, TRI_UNKNOWN },
	{ "\u202a07700 900123\u202c", "07700900123", NULL, TRI_UNKNOWN },
	{ "\u200e07700\u200b900\u2060123\u200f", "07700900123", NULL, TRI_UNKNOWN },
	{ "\u206607700900123\u2069\ufeff", "07700900123", NULL, TRI_UNKNOWN },
	{ "07700\u00ad900123", "07700900123", NULL, TRI_UNKNOWN },
	{ "\uff10\uff17\uff17\uff10\uff10 900123", "07700900123", NULL, TRI_UNKNOWN },
	{ "\u0660\u0667\u0667\u0660\u0660 900123", "07700900123", NULL, TRI_UNKNOWN },
	{ "tel:+44-7700-900123", "+447700900123", NULL, TRI_UNKNOWN },
	{ "(01642) 900 123", "01642900123", NULL, TRI_UNKNOWN },
	{ "01642/900123", "01642900123", NULL, TRI_UNKNOWN },
	{ "016977 2345", "0169772345", NULL, TRI_UNKNOWN },
	{ "020 7946 0018", "02079460018", NULL, TRI_UNKNOWN },
	{ "0303 123 7300", "03031237300", NULL, TRI_UNKNOWN },
	{ "0808 2000 247", "08082000247", NULL, TRI_UNKNOWN },
	{ "0800 111111", "0800111111", NULL, TRI_UNKNOWN },
	{ "0800 1111", "08001111", NULL, TRI_UNKNOWN },
	{ "+44 7700 900123", "+447700900123", NULL, TRI_UNKNOWN },
	{ "+44 (0)1642 900123", "+441642900123", NULL, TRI_UNKNOWN },
	{ "+44\u00a0(0)\u00a01642\u00a0900123", "+441642900123", NULL, TRI_UNKNOWN },
	{ "0044 1642 900123", "+441642900123", NULL, TRI_UNKNOWN },
	{ "+353 1 234 5678", "+35312345678", NULL, TRI_UNKNOWN },
	{ "00353 1 234 5678", "+35312345678", NULL, TRI_UNKNOWN },
	{ "+49 (0)30 123456", "+4930123456", NULL, TRI_UNKNOWN },
	{ "\uff0b48 22 123 45 67", "+48221234567", NULL, TRI_UNKNOWN },
	{ "01642 900123 ext 12", "01642900123", "12", TRI_UNKNOWN },
	{ "01642 900123 ext. 12", "01642900123", "12", TRI_UNKNOWN },
	{ "01642 900123, Extension: 4021", "01642900123", "4021", TRI_UNKNOWN },
	{ "01642 900123 extn 7", "01642900123", "7", TRI_UNKNOWN },
	{ "01642900123x12", "01642900123", "12", TRI_UNKNOWN },
	{ "01642 900123 X\u00a012", "01642900123", "12", TRI_UNKNOWN },
	{ "01642 900123 #12", "01642900123", "12", TRI_UNKNOWN },
	{ "tel:+441642900123;ext=12", "+441642900123", "12", TRI_UNKNOWN },
	{ "18001 01642 900123", "01642900123", NULL, TRI_YES },
	{ "18001-07700-900123", "07700900123", NULL, TRI_YES },
	{ "18001 +44 1642 900123 ext 3", "+441642900123", "3", TRI_YES },
	{ "18002 01642 900123", "01642900123", NULL, TRI_YES },
};

Test(phone, is_taken)
{
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
		struct decoded d;

		cr_expect_eq(decode_phone(&d, taken[i].typed), JSON_OK, "%s: %s", taken[i].typed,
			     d.nerrors ? d.errors[0].detail : "");
		if (d.nerrors)
			continue;
		cr_expect(text_eq(contact_of(&d)->phone, taken[i].number), "%s is %s", taken[i].typed, contact_of(&d)->phone);
		cr_expect(text_eq(contact_of(&d)->phone_extension, taken[i].extension), "%s: extension %s",
			  taken[i].typed, contact_of(&d)->phone_extension);
		cr_expect_eq(contact_of(&d)->phone_text_relay, taken[i].relay, "%s: text relay", taken[i].typed);
	}
}

static const struct {
	const char *typed, *code;
} refused[] = {
	{ "07700 900 12", "digit_missing" }, { "07700 900", "digits_missing" },
	{ "07700 900 1234", "digit_over" }, { "07700 900123 07700 900124", "digits_over" },
	{ "+44 7700 90012", "digit_missing" }, { "+44 7700 9001234", "digit_over" },
	{ "+44 (0)7700 90012", "digit_missing" }, { "0044 7700 90012", "digit_missing" },
	{ "01642 9001", "digit_missing" }, { "01642 9001234", "digit_over" },
	{ "020 7946 001", NULL }, { "020 7946 00", "digit_missing" }, { "0303 123 73", "digit_missing" },
	{ "0808 2000", "digits_missing" }, { "04700 900123", "bad_start" }, { "06700 900123", "bad_start" },
	{ "900123", "bad_phone" }, { "1642 900123", "bad_phone" }, { "+35312", "digits_missing" },
	{ "+0353 1 234 5678", "bad_start" }, { "+123 456 789 012 3456", "digit_over" },
	{ "01642 900123 ext", "bad_extension" }, { "01642 900123 ext twelve", "bad_extension" },
	{ "01642 900123 ext 123456789", "bad_extension" }, { "ring the shop", "bad_phone" },
	{ "01642 90O123", "bad_phone" }, { "18001", "bad_phone" }, { "+", "digits_missing" },
	{ "07700+900123", "bad_phone" },
};

Test(phone, is_refused_with_what_is_wrong)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		struct decoded d;

		(void)!decode_phone(&d, refused[i].typed);
		cr_expect(text_eq(d.nerrors ? d.errors[0].code : NULL, refused[i].code), "%s: %s", refused[i].typed,
			  d.nerrors ? d.errors[0].code : "taken");
	}
}

Test(phone, the_sentence_says_what_is_missing)
{
	struct decoded d;

	cr_assert_eq(decode_phone(&d, "07700 900 12"), JSON_INVALID);
	cr_assert_str_eq(d.errors[0].pointer, "/contact/phone");
	cr_assert_str_eq(d.errors[0].detail, "Phone is too short: a digit is missing");
}

Test(phone, an_extension_may_be_sent_apart)
{
	struct decoded d;

	cr_assert_eq(decode(&d, "\"phone\":\"01642 900123\",\"phone_extension\":\"1 2\""), JSON_OK);
	cr_assert_str_eq(contact_of(&d)->phone_extension, "12");
	cr_assert_eq(decode(&d, "\"phone\":\"01642 900123 x12\",\"phone_extension\":\"12\""), JSON_OK);
	cr_assert_eq(decode(&d, "\"phone\":\"01642 900123 x12\",\"phone_extension\":\"13\""), JSON_INVALID);
	cr_assert_str_eq(d.errors[0].code, "part_twice");
	cr_assert_eq(decode(&d, "\"phone\":\"01642 900123\",\"phone_extension\":\"twelve\""), JSON_INVALID);
	cr_assert_str_eq(d.errors[0].code, "bad_digits");
}

Test(phone, a_patch_of_the_number_drops_the_old_extension)
{
	static const char body[] = "{\"contact\":{\"phone\":\"01642 900124\"}}";
	struct decoded d;
	char *sent;

	cr_assert_eq(json_decode_patch(arena, body, strlen(body), &referral_input, &d), JSON_OK);
	sent = json_input_text(arena, &d);
	cr_assert_not_null(strstr(sent, "\"phone_extension\":null"), "%s", sent);
	cr_assert_not_null(strstr(sent, "\"phone_text_relay\":null"), "%s", sent);
}
