/* Files compiled into the binaries: views, assets, migrations, geography, policy. One binary to
 * deploy, no file reads in the loop, no path traversal. Paths are those of the repository; rows are
 * sorted by path and end with a row without path. Bytes are followed by a NUL that size leaves out.
 */
#pragma once
#include <stddef.h>

struct embedded {
	const char *path;
	const unsigned char *bytes;
	size_t size;
};

extern const struct embedded embedded_files[];

/* The file of that path, or NULL. */
const struct embedded *embedded_find(const char *path);
