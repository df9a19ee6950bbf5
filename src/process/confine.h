/* The rights that the service's processes give up before they read anything from outside.
 *
 * Started as root, the three kinds of process run as three users: workers as worker_user, the vault
 * as vault_user, and the master as root, with only the rights to change user (for children that it
 * starts again), to signal, and to set the filter by which a stop takes no new connection. The
 * master parses nothing and opens nothing. If it ran as the workers' user, a compromised worker
 * could kill it. Started as another user, all processes stay that user: then only the database
 * roles keep them apart.
 *
 * System-call and file-system filters (seccomp, landlock) belong at the end of confine_become().
 */
#pragma once

/* Turns off core dumps, debugging by the same user and rights by exec, and raises the limit of
 * descriptors. Call it again after exec, which makes the process dumpable again. */
void confine_process(void);

/* Checks the users with which the service was started ("": none is named). NULL if it may run so,
 * else the reason why not, a constant text. */
const char *confine_refusal(const char *worker_user, const char *vault_user);
/* Reduces the rights of a master that is root to those it needs. NULL, or why that failed. */
const char *confine_master(void);
/* Becomes that user for good, with the user's first group only; the process is still killed with
 * its parent. "" changes nothing. NULL, or why it failed: the process must end then. */
const char *confine_become(const char *user);
