/* What households and referrals share: the inputs, their rules, and how they are written to the
 * database. Names and dates of birth are stored in the vault schema and, as keyed hashes, in
 * person_index, and nowhere else. No answer repeats them, but those of case_secret.c. */
#pragma once
#include "api/resource.h"
#include "fact_type.h"
#include "json/write.h"
#include "match/household.h"
#include "secrets.h"

enum { MEMBERS_MAX = 20, REASON_MAX = 300, MAIN_MIN_AGE = 16, FIRST_NAME_MAX = 60 };

/* Years of age on a day; exact where that day is a birthday. */
struct known_age {
	int years;		/* -1 unknown */
	int32_t on;
	bool exact;
};

struct circle_in {
	int64_t easting, northing, radius_m;
};

struct unsafe_in {
	const char *kind, *outward_code, *sector;
	struct circle_in *circle;
};

/* `id` is a name of the sender's, by which others in the same request may name this member. */
struct member_in {
	const char *id, *kind, *name, *birth_date;
	int64_t age;
	const char *sex, *gender_identity, *relationship;
	enum tri couple;
	const char *child_of, *partner_of;
};

struct party_in {
	const char *name, *birth_date, *relation, *description, *vehicle;
};

struct contact_in {
	const char *phone, *phone_extension, *hours;
	enum tri phone_text_relay, voicemail;
	const char *code_word;
};

struct home_in {
	struct json_list lines;
	const char *postcode;
	enum tri corrects;
};

struct support_in {
	const char *need, *severity;
};

struct dash_in {
	const char *topic, *answer;
};

struct needs_in {
#define FACT(name, type, ...) FACT_C_##type name;
#include "match/needs.def"
};

struct household_in {
	struct needs_in needs;
	struct json_list members, unsafe_places, parties;
	struct contact_in *safe_contact;
};

extern const struct input member_input, unsafe_input, support_input, contact_input, party_input, dash_input,
	needs_input, household_input, draft_input;
/* For a search with needs given inline, which belongs to no case. It takes no parties: searching
 * with arbitrary names would reveal who is linked to a property. */
extern const struct input inline_input;

extern const struct shape household_shape;

/* ---- rules: each adds field errors at pointers that begin with `at` ("/household") ---- */

/* The inputs of the risk level: DASH and professional judgement. Judgement may raise the level,
 * with a reason, and never lower it. */
struct judged {
	struct dash_answers dash;
	enum risk_level judgement;	/* unknown: none was given */
	bool reason;
};
struct judged judged_of(const struct needs_in *n);
struct dash_result risk_of(const struct judged *j);
void check_risk(struct ctx *c, const char *at, const struct judged *j);
/* As columns: the level that it ranks as, the lower end where that is another, the judgement. NULL is unknown. */
struct risk_columns {
	const char *level, *least, *judged;
};
struct risk_columns risk_columns(const struct judged *j);
/* Days must be in order, reasons must not contain addresses, no topic may be answered twice. */
void check_needs(struct ctx *c, const char *at, const struct needs_in *n);
/* A due date goes only with pregnancy. */
void check_due(struct ctx *c, const char *at, bool due, enum tri pregnant);
/* Refuses ages that contradict the kind or the date of birth, facts that do not go with the kind of member,
 * and a name of nothing. */
void check_member(struct ctx *c, const char *at, const struct member_in *m);
/* The place in the list of the member with that id; its length where there is none. */
size_t member_named(const struct json_list *members, const char *id);
/* A member among the others, as far as it matters who belongs to whom. */
struct kin {
	const char *id, *child_of, *partner_of;	/* NULL: not said */
	int age;				/* years; -1 unknown */
};
/* The members that member i of n names must be others of them and can be what they are said to be: no parent is
 * younger, nobody is its own ancestor, a partner is 16 or over, no parent or child, and names no third. */
void check_kin(struct ctx *c, const char *at, const struct kin *all, size_t n, size_t i);
/* The name at `at`/name must hold a letter or a digit, or "?". */
void check_name(struct ctx *c, const char *at, const char *name);
/* A party that was sent has a name, or is described. */
void check_party(struct ctx *c, const char *at, const struct party_in *p);
/* The name of somebody to be compared with people in cases, at "/name", must be no placeholder. */
void check_identity(struct ctx *c, const char *name);
/* Exactly one of outward code, sector and circle must be given. */
void check_unsafe(struct ctx *c, const char *at, const struct unsafe_in *u);
/* The same of each in a list. */
void check_unsafe_places(struct ctx *c, const char *at, const struct json_list *places);
/* Checks everything in a household that was sent, that `at`/members has one main applicant, and nobody
 * (name and date of birth) twice. */
void check_household(struct ctx *c, const char *at, const struct household_in *h);

/* The high-risk basis needs a reason, which other people read. */
void check_basis(struct ctx *c, const char *basis, const char *at_reason, const char *reason);

/* The first statement of the batch in which a request begins to write to a case. It waits until no
 * other request writes to the case, so that the statements after it use the access that holds
 * then. A caller with whom the case is shared to be read is refused (403). */
void lock_case(struct ctx *c, const char *household);

/* ---- people ---- */

/* What the vault is asked about one member: the person's hash where both name and date of birth are
 * given, the hashes for declared links and those of somebody who may live near a party of another case where there is a
 * name, and a value to seal where there is either. A placeholder has no hash. Of the main applicant, and of a member whose kind is not sent, the
 * first name is sealed too, to be shown by itself. A member is not a party of the conflict rule (domain: matching): staff whom a victim
 * knows are no conflict. But where a member lives, no case comes whose party that member is. */
enum { MEMBER_SECRETS = 3 + 2 * BLIND_BIRTHS, PARTY_SECRETS = 1 + 2 * BLIND_BIRTHS };
void secrets_add_member(struct ctx *c, struct secrets *s, const char *id, const struct member_in *m);
/* Only a hash of the name is kept. The party's description and vehicle are sealed. */
void secrets_add_party(struct ctx *c, struct secrets *s, const struct party_in *p);
/* Each adds one value. */
void secrets_add_contact(struct ctx *c, struct secrets *s, const struct contact_in *contact);
void secrets_add_home(struct ctx *c, struct secrets *s, const struct home_in *home, const char *postcode);
void secrets_add_first_name(struct ctx *c, struct secrets *s, const char *member, const char *first_name);
/* Adds the statements that store the key, the values and the hashes. */
void secrets_store_people(struct ctx *c, const struct secrets *s, const char *household);

/* ---- parameters for SQL ---- */

/* The members of `sent` that are fields of the input and not sealed, as columns of its table. The
 * list of answers `dash` becomes an object by topic. */
const char *columns_json(struct ctx *c, const struct input *input, const json_t *sent);
/* One of n members that are stored together, with the ids they get. */
struct new_member {
	char id[UUID_TEXT];
	const struct member_in *in;
	struct known_age age;
};
void put_member(struct text *t, const struct new_member *all, size_t n, size_t i);
/* Of unsafe places that were sent. */
const char *places_json(struct ctx *c, const struct json_list *places);
/* "TS1 2", or NULL if s is not a postcode sector. */
const char *sector_of(struct arena *a, const char *s);
/* A decimal as a parameter; NULL for -1. */
const char *int_param(struct ctx *c, int64_t n);
const char *day_param(struct ctx *c, int32_t day);
/* Today in London, as a parameter. */
const char *today_param(struct ctx *c);
int32_t today(void);

/* Years of age today, -1 where it is not known. */
int member_age(const struct member_in *m);
struct known_age member_known_age(const struct member_in *m);
/* A member's facts for matching, from their codes; without who belongs to whom. */
struct member member_facts(const char *kind, const char *sex, const char *gender_identity,
			   struct known_age age);
/* The same for all members that were sent, with couples and whose child each is. */
void members_facts(const struct json_list *members, struct member *out);
/* Bedrooms by the size criteria as of today, one more for an overnight carer. */
struct span bedrooms_of(struct ctx *c, const struct member *members, size_t n, bool carer);
