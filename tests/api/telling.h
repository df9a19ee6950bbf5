/* A case of which each fact that can be shown is sealed, for the tests of who is shown what. It is HOUSEHOLD, and
 * agrees to be shown to providers. */
#pragma once
#include "inventory.h"

#define SECOND "00000000-0000-4000-8000-000000000015"	/* another council of the partnership */
#define CASE "/api/v1/households/" HOUSEHOLD
#define ACCOUNT(name) "(SELECT id FROM account WHERE username = '" name "')"

/* Statements by which the second council takes the case over and shares it with COUNCIL. */
#define SHARE(access) \
	"UPDATE household SET organisation_id = '" SECOND "' WHERE id = '" HOUSEHOLD "'; INSERT INTO case_share (household_id, organisation_id, access," \
	" purpose, ends_at) VALUES ('" HOUSEHOLD "', '" COUNCIL "', '" access "', 'cover', now() + interval '1 hour')"

enum fact { CONTACT, FIRST_NAME, PERPETRATOR, FACTS };
extern const char *const fact_names[];	/* codes of secret_kind */
extern const char *const words[];	/* each is in that fact and nowhere else */
extern const char *ids[];		/* of their entries, once they are recorded */

/* The service with the second council. */
void start_telling(void);
/* The fact's entry that stands now. */
const char *id_of(enum fact f);
/* The household's newest answer to being shown to providers. */
void consent(const char *basis);
/* Records all facts, and what an offer tells. */
void record_all(void);
/* Asks to be shown what the entry has. */
struct answer read_fact(int actor, const char *id);
/* How many readings were recorded. */
int readings(void);
/* Runs several statements. */
void all_of(const char *statements);
