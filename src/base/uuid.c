#include "base/uuid.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void random_bytes(void *out, size_t n)
{
	for (unsigned char *p = out; n > 0;) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0)
			abort();
		p += got;
		n -= (size_t)got;
	}
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool dash_at(int i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

bool uuid_parse(const char *s, struct uuid *u)
{
	uint64_t part[2] = { 0, 0 };
	int n = 0;

	for (int i = 0; i < 36; i++) {
		int value = nibble(s[i]);

		if (dash_at(i)) {
			if (s[i] != '-')
				return false;
			continue;
		}
		if (value < 0)
			return false;
		part[n / 16] = part[n / 16] << 4 | (unsigned)value;
		n++;
	}
	*u = (struct uuid){ part[0], part[1] };
	return s[36] == '\0';
}

/* The lowest n digits of part, by fours from the left. */
static char *put_digits(char *out, uint64_t part, int n)
{
	static const char hex[] = "0123456789abcdef";

	for (int shift = 4 * n - 4; shift >= 0; shift -= 4)
		*out++ = hex[part >> shift & 15];
	return out;
}

void uuid_format(struct uuid u, char out[UUID_TEXT])
{
	out = put_digits(out, u.hi >> 32, 8);
	*out++ = '-';
	out = put_digits(out, u.hi >> 16, 4);
	*out++ = '-';
	out = put_digits(out, u.hi, 4);
	*out++ = '-';
	out = put_digits(out, u.lo >> 48, 4);
	*out++ = '-';
	*put_digits(out, u.lo, 12) = '\0';
}

void uuid_random(char out[UUID_TEXT])
{
	struct uuid u;

	random_bytes(&u, sizeof(u));
	u.hi = (u.hi & ~UINT64_C(0xf000)) | 0x4000;
	u.lo = (u.lo & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;
	uuid_format(u, out);
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
