/* What the files on households share with each other and with their route rows. */
#pragma once
#include "case.h"

extern const struct input household_list_input;
extern const struct shape household_line_shape;

step household_list;
/* The page of a member, and of one more. */
step member_page, member_new_page;
/* The risk page, for every form on it. */
step risk_get;

#define TOO_MANY_UNSAFE "A household has at most 16 unsafe places: end one that is safe again"

/* Every change goes the same way: the household is locked and its version compared, the change is
 * made, the bedrooms are counted again and the version grows, and the household is shown. */

struct change {
	const char *household;
	const struct needs_in *needs;	/* the needs that were sent: the input, unless they stand inside of it */
	const json_t *sent;		/* the object that holds them */
	const char *at;			/* and its pointer */
	char member[UUID_TEXT];
	struct known_age age;
	bool carer, created;
	step *apply;			/* runs once the household is locked and may change */
	step *shown;			/* answers with the household, which is statement 1: household_shown */
};

/* The state of a request that changes a household, and its secrets. `asked` runs once the vault has
 * answered, `apply` once the household is locked. */
struct change *new_household_change(struct ctx *c, step *asked, step *apply);
/* Asks the vault about the change's secrets, with the key of the household. */
struct reply ask_for_household(struct ctx *c, const struct change *change);
/* Locks change->household, reads its members as statement 1, then applies the change. */
step lock_household;
/* The same for the household that statement 0 found. Statement 0 takes no lock: the household's
 * lock has to be the first. */
step household_owner_found;
/* Counts the bedrooms again and answers with change->shown: the last step of a change. */
step recount_household;
/* The step of a change that stores the needs that were sent, as struct needs_in: those left out stay. */
step needs_apply;
/* The household of the change as the answer: 201 where it added something. */
step household_shown;
/* Lists of the object `sent`, at the pointer `at`, that a form answered with "none of these" (codes answered_none):
 * refused where something of the list is selected too; then emptied, so that they count as asked. */
void check_answered_none(struct ctx *c, const char *at, const struct json_list *none, const json_t *sent);
void take_answered_none(const struct json_list *none, json_t *sent);
/* Bedrooms for the members of statement i. */
struct span count_bedrooms(struct ctx *c, int i, bool carer);
/* A number that the lock read. */
int locked_count(struct ctx *c, const char *column);
