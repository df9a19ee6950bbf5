#include "app/migrations.h"

#include <string.h>

#include "base/embedded.h"

static const char folder[] = "migrations/";

static const char *migration_name(const struct embedded *f)
{
	return strncmp(f->path, folder, sizeof(folder) - 1) == 0 ? f->path + sizeof(folder) - 1 : NULL;
}

const struct migration *migrations_list(struct arena *a)
{
	struct migration *list;
	size_t n = 0;

	for (const struct embedded *f = embedded_files; f->path; f++)
		n += migration_name(f) != NULL;
	list = arena_array_of(a, n + 1, struct migration);
	n = 0;
	for (const struct embedded *f = embedded_files; f->path; f++)
		if (migration_name(f))
			list[n++] = (struct migration){ migration_name(f), (const char *)f->bytes };
	return list;
}

const char *migrations_latest(void)
{
	const char *latest = "";

	for (const struct embedded *f = embedded_files; f->path; f++)
		if (migration_name(f))
			latest = migration_name(f);
	return latest;
}
