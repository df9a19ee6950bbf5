/* What the processes of the service give up before they look at anything from outside.
 *
 * Started as root, the three kinds of process are three users: workers are worker_user, the vault is
 * vault_user, and the master stays root with nothing but the rights to change user (for children that
 * it starts again) and to signal. It parses nothing and opens nothing; were it the workers' user, a
 * worker in other hands could kill it. Started as somebody else, all stay that user: then only the
 * database roles keep them apart.
 *
 * System-call and file-system filters (seccomp, landlock) belong at the end of confine_become().
 */
#pragma once

/* No core dumps, nothing for a debugger of the same user, no rights by exec, all descriptors. Repeated
 * after exec, which makes dumpable again. */
void confine_process(void);

/* Why the service may not run so as it was started with these users ("": none named); NULL where it
 * may. A constant text. */
const char *confine_refusal(const char *worker_user, const char *vault_user);
/* The master's rights from here on, where it is root. NULL, or why not. */
const char *confine_master(void);
/* Becomes that user for good, with its first group alone, still killed with its parent; "" stays as it
 * is. NULL, or why not: the process must end then. */
const char *confine_become(const char *user);
