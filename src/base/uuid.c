#include "base/uuid.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base/die.h"

void random_bytes(void *out, size_t n)
{
	for (unsigned char *p = out; n > 0;) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0)
			die("getrandom");
		p += got;
		n -= (size_t)got;
	}
}

/* One more than the value of a hexadecimal digit: 0 is none. A board has 400,000 ids to read. */
static const unsigned char digit[256] = {
	['0'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
	['a'] = 11, 12, 13, 14, 15, 16, ['A'] = 11, 12, 13, 14, 15, 16,
};

/* Reads n digits into the low end of part, and what must follow them. */
static bool take(const char **s, int n, char then, uint64_t *part)
{
	for (; n > 0; n--, ++*s) {
		unsigned value = digit[(unsigned char)**s];

		if (value == 0)
			return false;
		*part = *part << 4 | (value - 1);
	}
	return *(*s)++ == then;
}

bool uuid_parse(const char *s, struct uuid *u)
{
	uint64_t hi = 0, lo = 0;

	if (!take(&s, 8, '-', &hi) || !take(&s, 4, '-', &hi) || !take(&s, 4, '-', &hi) ||
	    !take(&s, 4, '-', &lo) || !take(&s, 12, '\0', &lo))
		return false;
	*u = (struct uuid){ hi, lo };
	return true;
}

/* Eight digits at once. The four-bit pieces of n are spread over the bytes of a word, and those above
 * 9 are carried on from the digits to the letters. */
static void put_digits(char out[8], uint64_t n)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t x = n & UINT32_MAX;

	x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
	x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x | x << 4) & ones * 0x0f;
	x += ones * '0' + ((x + ones * 6) >> 4 & ones) * ('a' - '0' - 10);
	x = htobe64(x);
	memcpy(out, &x, sizeof(x));
}

void uuid_format(struct uuid u, char out[UUID_TEXT])
{
	char digits[16];

	put_digits(out, u.hi >> 32);
	put_digits(digits, u.hi);
	put_digits(digits + 8, u.lo >> 32);
	put_digits(out + 28, u.lo);
	for (int i = 0; i < 4; i++) {
		out[8 + 5 * i] = '-';
		memcpy(out + 9 + 5 * i, digits + 4 * i, 4);
	}
	out[36] = '\0';
}

/* Every request takes an id, so the kernel is asked for several at once: as many bytes as it gives
 * without a signal coming between. A page of their own, which a child of fork finds empty: no two
 * processes have an id in common. */
enum { PAGE = 4096, AT_ONCE = 256 / sizeof(struct uuid) };
static _Alignas(PAGE) union {
	struct {
		struct uuid id[AT_ONCE];
		size_t left;
	};
	char page[PAGE];
} ready;

static struct uuid next_random(void)
{
	if (ready.left == 0) {
		random_bytes(ready.id, sizeof(ready.id));
		ready.left = madvise(&ready, sizeof(ready), MADV_WIPEONFORK) == 0 ? AT_ONCE : 1;
	}
	return ready.id[--ready.left];
}

void uuid_random(char out[UUID_TEXT])
{
	struct uuid u = next_random();

	u.hi = (u.hi & ~UINT64_C(0xf000)) | 0x4000;
	u.lo = (u.lo & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;
	uuid_format(u, out);
}

struct uuid uuid_or_nil(const char *s)
{
	struct uuid u;

	return s && uuid_parse(s, &u) ? u : (struct uuid){ 0, 0 };
}

bool uuid_valid(const char *s)
{
	struct uuid u;

	return s && uuid_parse(s, &u);
}

int uuid_cmp(struct uuid a, struct uuid b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo == b.lo ? 0 : a.lo < b.lo ? -1 : 1;
}
