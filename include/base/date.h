/* Calendar days and instants.
 *
 * A day is an int32_t: days since 1970-01-01 (negative before), so that arithmetic is plain.
 * An instant is an int64_t: microseconds since 1970-01-01T00:00:00Z. Instants are stored and
 * exchanged in UTC; only pages show Europe/London.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAY_NONE INT32_MIN
#define SECOND_US INT64_C(1000000)

/* "2026-11-22", proleptic Gregorian, years 1900 to 2199; false where it is no such day. */
bool day_parse(const char *s, int32_t *day) __attribute__((warn_unused_result));
void day_format(int32_t day, char out[11]);
int32_t day_from_civil(int year, int month, int mday);
void day_to_civil(int32_t day, int *year, int *month, int *mday);
/* Whole years from birth to day; a birthday on 29 February falls on 1 March in other years. */
int day_age(int32_t birth, int32_t day);
/* Monday = 1 … Sunday = 7. */
int day_weekday(int32_t day);

/* RFC 3339 with Z or ±hh:mm, up to 6 decimals ("2026-11-22T02:14:00Z"); false otherwise. */
bool instant_parse(const char *s, int64_t *us) __attribute__((warn_unused_result));
/* "2026-11-22T02:14:00Z" (whole seconds). */
void instant_format(int64_t us, char out[21]);
/* The day on which the instant falls in Europe/London. */
int32_t instant_london_day(int64_t us);
/* The seconds of that day which have passed. */
int instant_london_second(int64_t us);
/* "22 November 2026 at 2:14am", in Europe/London: the GOV.UK form. Returns out. */
const char *instant_london(int64_t us, char *out, size_t size);
/* "22 November 2026". Returns out. */
const char *day_long(int32_t day, char *out, size_t size);
