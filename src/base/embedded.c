#include "base/embedded.h"

#include <string.h>

const struct embedded *embedded_find(const char *path)
{
	for (const struct embedded *f = embedded_files; f->path; f++)
		if (strcmp(f->path, path) == 0)
			return f;
	return NULL;
}
