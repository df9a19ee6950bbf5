/* Unique words: the tests send them to the service as names, dates of birth, numbers and addresses,
 * and look for them in everything that PostgreSQL and the service leave behind. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* The words of this run. */
struct canary {
	char word[32], birth[16], phone[16], postcode[16];
};

extern struct canary canary;

void canary_draw(void);
/* From now on the server logs every statement of this database with its parameters. */
void canary_hear_all(void);

/* Makes a household with a name, a perpetrator and a contact, and with "Control" and the word's end
 * as free text. Returns its id. */
const char *canary_household(void);
/* The same, and sends secrets in every other way that the service takes them. */
void canary_tell(void);

/* The output of pg_dump. */
const char *canary_dump(size_t *n);
/* True if the bytes hold the needle, or its hexadecimal digits. */
bool canary_found(const char *bytes, size_t n, const char *needle);
/* After service_start_heard(): no canary in the dump, in the logs of service and server, in the
 * WAL, in the database's files. */
void canary_expect_nowhere(const char *dumped, size_t n);
/* Expects that the same search of the files finds a text that is not secret. */
void canary_expect_in_files(const char *needle);
