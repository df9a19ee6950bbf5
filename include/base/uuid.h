/* Identifiers: random UUIDs (version 4). Not version 7: its time stamp would tell when a person
 * fled. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UUID_TEXT = 37 };

/* 128 bits as they compare: order is that of the text form. */
struct uuid {
	uint64_t hi, lo;
};

void uuid_random(char out[UUID_TEXT]);
/* Exactly the 36-character form, either case; false otherwise. */
bool uuid_parse(const char *s, struct uuid *u) __attribute__((warn_unused_result));
/* The UUID in s; the nil UUID, which nothing has, where s is NULL or is no UUID. */
struct uuid uuid_or_nil(const char *s);
void uuid_format(struct uuid u, char out[UUID_TEXT]);
bool uuid_valid(const char *s);
int uuid_cmp(struct uuid a, struct uuid b);

/* Fills n bytes from the kernel's random source; aborts where it has none. */
void random_bytes(void *out, size_t n);
