/* Words that nobody else has written: told to the service as names, dates of birth, numbers and
 * addresses, and looked for in whatever PostgreSQL and the service leave behind. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Of this run alone. */
struct canary {
	char word[32], birth[16], phone[16], postcode[16];
};

extern struct canary canary;

void canary_draw(void);
/* From now on the server logs every statement of this database with its parameters. */
void canary_hear_all(void);

/* A household with a name, a perpetrator and a contact, and "Control" with the word's end as free
 * text; its id. */
const char *canary_household(void);
/* The same, and every other way by which a secret comes in. */
void canary_tell(void);

/* What pg_dump writes. */
const char *canary_dump(size_t *n);
/* Whether the bytes hold the needle, or its hexadecimal digits. */
bool canary_found(const char *bytes, size_t n, const char *needle);
/* After service_start_heard(): no canary in the dump, in the logs of service and server, in the WAL, in the database's files. */
void canary_expect_nowhere(const char *dumped, size_t n);
/* The same look at the files finds what is no secret. */
void canary_expect_in_files(const char *needle);
