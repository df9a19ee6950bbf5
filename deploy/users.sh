# Sourced: whom the service's processes run as on a development machine. Started as root, workers and
# vault become two users that every Debian has; started as somebody else, they stay that.
if [ "$(id -u)" = 0 ]; then
	export HAVEN_WORKER_USER="${HAVEN_WORKER_USER:-nobody}" HAVEN_VAULT_USER="${HAVEN_VAULT_USER:-daemon}"
fi
