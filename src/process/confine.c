#include "confine.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A limit of 0 does not stop dumps that go to a pipe (core_pattern); an empty filter makes those
 * dumps empty. */
static void no_core(void)
{
	struct rlimit none = { 0, 0 };
	FILE *filter = fopen("/proc/self/coredump_filter", "we");

	if (filter) {
		fputs("0", filter);
		fclose(filter);
	}
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

void confine_process(void)
{
	struct rlimit files;

	no_core();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

/* ---- users ---- */

static const char *user_find(const char *name, uid_t *uid, gid_t *gid)
{
	const struct passwd *p = getpwnam(name);

	if (!p)
		return "worker_user or vault_user is not a user of this system";
	if (p->pw_uid == 0 || p->pw_gid == 0)
		return "worker_user or vault_user is root, or has root's group";
	*uid = p->pw_uid;
	*gid = p->pw_gid;
	return NULL;
}

static const char *users_refusal(const char *worker_user, const char *vault_user)
{
	uid_t worker, vault;
	gid_t group;
	const char *error = user_find(worker_user, &worker, &group);

	if (!error)
		error = user_find(vault_user, &vault, &group);
	if (!error && worker == vault)
		error = "worker_user and vault_user are the same user";
	return error;
}

const char *confine_refusal(const char *worker_user, const char *vault_user)
{
	if (geteuid() != 0)
		return *worker_user || *vault_user ? "only root can become worker_user and vault_user: "
						     "name none, or start the service as root"
						   : NULL;
	if (!*worker_user || !*vault_user)
		return "started as root: name worker_user and vault_user, or start the service as "
		       "another user";
	return users_refusal(worker_user, vault_user);
}

static bool become(uid_t uid, gid_t gid)
{
	return setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0;
}

static bool is_for_good(uid_t uid, gid_t gid)
{
	uid_t real, effective, saved;
	gid_t group, egroup, sgroup;

	return getresuid(&real, &effective, &saved) == 0 && real == uid && effective == uid && saved == uid &&
	       getresgid(&group, &egroup, &sgroup) == 0 && group == gid && egroup == gid && sgroup == gid &&
	       getgroups(0, NULL) == 0 && setuid(0) != 0 && setgid(0) != 0;
}

const char *confine_become(const char *user)
{
	pid_t parent = getppid();
	const char *error;
	uid_t uid;
	gid_t gid;

	if (!*user)
		return NULL;
	error = user_find(user, &uid, &gid);
	if (error)
		return error;
	if (!become(uid, gid) || !is_for_good(uid, gid))
		return "cannot become worker_user or vault_user for good";
	/* The kernel reset both at the change of user. */
	prctl(PR_SET_DUMPABLE, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		return "the master has ended";
	return NULL;
}

/* ---- the master's rights ---- */

#define RIGHT(cap) (UINT32_C(1) << (cap))

/* CAP_NET_ADMIN is for the filter that refuses new connections at a stop: Linux requires it of the
 * process that sets one. */
static const uint32_t kept = RIGHT(CAP_SETUID) | RIGHT(CAP_SETGID) | RIGHT(CAP_KILL) | RIGHT(CAP_NET_ADMIN);

/* Bounds the rights that root gets again by exec. */
static bool bound(void)
{
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++) {
		if (cap < 32 && (kept & RIGHT(cap)))
			continue;
		if (prctl(PR_CAPBSET_READ, cap) == 1 && prctl(PR_CAPBSET_DROP, cap) != 0)
			return false;
	}
	return true;
}

const char *confine_master(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct rights[_LINUX_CAPABILITY_U32S_3] = { { .effective = kept, .permitted = kept } };

	if (geteuid() != 0)
		return NULL;
	if (!bound() || syscall(SYS_capset, &header, rights) != 0)
		return "the master cannot give up its rights";
	return NULL;
}
