# To be sourced: the users of the service's processes on a development machine. Started as root,
# workers and vault become two users that every Debian has. Started as another user, they stay that
# user.
if [ "$(id -u)" = 0 ]; then
	export HAVEN_WORKER_USER="${HAVEN_WORKER_USER:-nobody}" HAVEN_VAULT_USER="${HAVEN_VAULT_USER:-daemon}"
fi
