#!/bin/bash
# A private PostgreSQL cluster on a Unix socket, for `make run` and the tests.
#
#	private-postgres.sh start DIR [fast]	makes it if there is none, starts it, prints its connection string
#	private-postgres.sh stop DIR		stops it; the data stay
#	private-postgres.sh conninfo DIR	prints the connection string
#
# PostgreSQL refuses to run as root. Called by root, this script runs it as the user postgres of
# Debian's package. If that user cannot enter DIR (a checkout below /root), the data live in
# /var/lib and DIR/pg points there. "fast" turns off durability, for clusters that tests throw away: their data live in memory,
# where there is room, and are gone with the machine's next start.
set -euo pipefail
. "$(dirname "$0")/users.sh"

verb=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
# Two may start it at once: one at a time. The server does not keep the lock (-o).
[ "$verb" != start ] || [ "${HAVEN_LOCKED:-}" = "$dir" ] || HAVEN_LOCKED=$dir exec flock -o "$dir/starting" "$0" "$@"
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
me=$(id -un)
tag=$(printf '%s' "$dir" | sha256sum | cut -c 1-10)
# Socket paths end at 107 bytes, so the socket lives in a short directory of its own.
socket=/tmp/haven-$(id -u)-$tag
memory=/dev/shm/haven-$(id -u)-$tag

as_server() {
	cd /
	if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

memory_has_room() {
	local megabytes
	megabytes=$(df --output=avail -B 1M /dev/shm 2>/dev/null | tail -n 1)
	[ -w /dev/shm ] && [ "${megabytes:-0}" -ge 4096 ]
}

# Where data that do not exist yet will live.
choose_place() {
	if [ "$1" = fast ] && memory_has_room; then
		echo "$memory"
	elif [ "$(id -u)" = 0 ] && ! runuser -u postgres -- test -x "$dir" 2>/dev/null; then
		echo "/var/lib/haven-$tag"
	else
		echo "$dir/pg"
	fi
}

# Somebody may have removed DIR and left its server running in memory.
forget_memory() {
	as_server test -O "$memory" || return 0
	as_server "$bin/pg_ctl" -D "$memory" -m immediate -w stop >/dev/null 2>&1 || true
	rm -rf "$memory"
}

# The link may be older than the machine's last start, and what it points to gone.
place_data() {
	data=$(readlink -f "$dir/pg")
	[ ! -d "$data" ] || return 0
	rm -f "$dir/pg"
	forget_memory
	data=$(choose_place "$1")
	[ -d "$data" ] || mkdir -m 0700 "$data"
	[ "$(id -u)" != 0 ] || chown -h postgres "$data"
	[ "$data" = "$dir/pg" ] || ln -s "$data" "$dir/pg"
}

make_socket_dir() {
	mkdir -p -m 0700 "$socket"
	[ -O "$socket" ] || [ "$(id -u)" = 0 ] || { echo "$socket belongs to another user" >&2; exit 1; }
	if [ "$(id -u)" = 0 ]; then chown postgres "$socket" && chmod 0711 "$socket"; fi
}

make_cluster() {
	echo "making a private PostgreSQL cluster in $data" >&2
	as_server "$bin/initdb" -D "$data" -U haven_root -E UTF8 $([ "$1" = fast ] || echo --data-checksums) \
		--auth-local=peer --auth-host=reject --locale-provider=icu --icu-locale=en-GB --locale=C.UTF-8 >/dev/null
	echo "local all all peer map=haven" | as_server tee "$data/pg_hba.conf" >/dev/null
	{
		echo "listen_addresses = ''"
		echo "unix_socket_directories = '$socket'"
		echo "shared_buffers = 256MB"
		echo "jit = off"
		echo "timezone = 'UTC'"
		echo "log_timezone = 'UTC'"
		# Values never reach the server's log.
		echo "log_parameter_max_length = 0"
		echo "log_parameter_max_length_on_error = 0"
		echo "log_min_error_statement = panic"
		echo "log_error_verbosity = terse"
		if [ "$1" = fast ]; then
			printf 'fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\n'
			printf 'max_connections = 200\nmax_wal_size = 256MB\n'
		else
			printf 'max_connections = 100\nmax_wal_size = 2GB\n'
		fi
	} | as_server tee -a "$data/postgresql.conf" >/dev/null
}

# Which system user may take which database role: the operator any, the workers' and the vault's
# users only their own.
write_ident() {
	{
		for os in root postgres "$me"; do
			for role in haven_root haven_owner haven_app haven_board haven_vault haven_ro; do
				echo "haven $os $role"
			done
		done
		[ -z "${HAVEN_WORKER_USER:-}" ] || printf 'haven %s %s\n' "$HAVEN_WORKER_USER" haven_app "$HAVEN_WORKER_USER" haven_board
		[ -z "${HAVEN_VAULT_USER:-}" ] || echo "haven $HAVEN_VAULT_USER haven_vault"
	} | sort -u | as_server tee "$data/pg_ident.conf" >/dev/null
}

# The roles are made once for a cluster; migrations grant them their rights.
make_roles() {
	as_server "$bin/psql" -qXAt -h "$socket" -U haven_root -d postgres -v ON_ERROR_STOP=1 <<'SQL'
SELECT format('CREATE ROLE %I LOGIN %s', r, CASE r WHEN 'haven_owner' THEN 'CREATEDB BYPASSRLS' ELSE '' END)
  FROM unnest(ARRAY['haven_owner', 'haven_app', 'haven_board', 'haven_vault', 'haven_ro']) r
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) \gexec
ALTER ROLE haven_owner BYPASSRLS;
SELECT 'GRANT pg_signal_backend TO haven_owner' WHERE NOT pg_has_role('haven_owner', 'pg_signal_backend', 'member') \gexec
SELECT 'CREATE DATABASE haven OWNER haven_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'haven') \gexec
SQL
}

# Tests open thousands of sessions. With small pages each took a fault for every 4 KiB of its memory: a
# quarter of the time of all tests.
large_pages=glibc.malloc.hugetlb=1:glibc.malloc.top_pad=16777216:glibc.malloc.mmap_threshold=33554432

# A session's process that ends by exit() tidies up for OpenSSL, ICU and some thirty more libraries, and so copies
# each page that it shared with its parent: a third of what a short session costs. Here it ends at once.
make_exit() {
	printf '#include <stdio.h>\n#include <unistd.h>\nvoid exit(int code)\n{\n\tfflush(NULL);\n\t_exit(code);\n}\n' |
		as_server gcc -xc -w -O1 -fPIC -shared -o "$socket/exit.so" -
}

start() {
	local quick=()
	place_data "${1:-durable}"
	make_socket_dir
	[ -s "$data/PG_VERSION" ] || make_cluster "${1:-durable}"
	write_ident
	if as_server "$bin/pg_ctl" -D "$data" status >/dev/null 2>&1; then
		as_server "$bin/pg_ctl" -D "$data" reload >/dev/null
	else
		if [ "${1:-durable}" = fast ]; then
			make_exit
			quick=(GLIBC_TUNABLES="$large_pages" LD_PRELOAD="$socket/exit.so")
		fi
		as_server env "${quick[@]}" "$bin/pg_ctl" -D "$data" -w -t 120 -l "$data/server.log" start >/dev/null ||
			{ as_server tail -n 5 "$data/server.log" >&2; exit 1; }
	fi
	make_roles
	echo "host=$socket"
}

stop() {
	data=$(readlink -f "$dir/pg")
	if as_server "$bin/pg_ctl" -D "$data" status >/dev/null 2>&1; then
		as_server "$bin/pg_ctl" -D "$data" -m fast -w stop >/dev/null
	fi
}

case $verb in
start) start "${3:-durable}" ;;
stop) stop ;;
conninfo) echo "host=$socket" ;;
*) echo "usage: private-postgres.sh start|stop|conninfo DIR" >&2; exit 2 ;;
esac
