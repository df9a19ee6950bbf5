#include "fresh_keys.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

struct vault_keys *new_keys(void)
{
	char path[] = "/tmp/haven-vault-XXXXXX";
	const char *error = NULL;
	struct vault_keys *keys;

	close(mkstemp(path));
	unlink(path);
	cr_assert(vault_keys_create(path, &error), "created: %s", error);
	keys = vault_keys_load(path, &error);
	unlink(path);
	cr_assert(keys != NULL, "loaded: %s", error);
	return keys;
}
