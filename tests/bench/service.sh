# The cluster, the databases, the services and their load. Sourced by run.

token=bench-token
token_hash=$(printf %s $token | b2sum -l 256 | cut -c 1-64)
declare -A pid_of port_of
next_port=18180

begin_cluster() {
	cluster=$(deploy/private-postgres.sh start "$var")
	export HAVEN_KEY_FILE=$var/key
	[ -e "$HAVEN_KEY_FILE" ] || HAVEN_DATABASE="$cluster" "$build/haven" keys init >&2
	"$build/bench/needs" 300 "$var"
}

stop_all() {
	local name
	for name in "${!pid_of[@]}"; do
		stop_service "$name"
	done
	deploy/private-postgres.sh stop "$var"
}

# psql in a database: as_root DB, as_app DB
as_root() {
	local db=$1
	shift
	PGOPTIONS='-c client_min_messages=warning' psql -qXAt -v ON_ERROR_STOP=1 "$cluster dbname=$db user=haven_root" "$@"
}

bench_with() {	# DB, then pgbench's options; prints transactions a second
	local db=$1 out
	shift
	out=$(pgbench "$cluster dbname=$db user=haven_app" -n -M prepared -T "$each" -j 2 "$@" 2>&1) || fail "pgbench: $out"
	! grep -q 'aborted in command' <<<"$out" || fail "pgbench: $out"
	sed -n 's/^tps = \([0-9.]*\).*/\1/p' <<<"$out"
}

# fresh_set DB option...: a fresh database with the demo set of these options.
fresh_set() {
	local db=$1
	shift
	as_root postgres -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" -c "CREATE DATABASE $db OWNER haven_owner"
	HAVEN_DATABASE="$cluster dbname=$db" "$build/haven" migrate >/dev/null
	HAVEN_DATABASE="$cluster dbname=$db" "$build/haven" demo load "$@" >/dev/null
}

# A fresh database with that many open vacancies and a session of the officer.
fresh_db() {
	local db=$1 vacancies=$2
	say "loading $vacancies vacancies"
	fresh_set "$db" --vacancies "$vacancies"
	as_root "$db" -c "INSERT INTO session (account_id, token_hash, idle_minutes, expires_at)
		SELECT id, sha256(decode('$token_hash', 'hex')), 600, now() + interval '12 hours' FROM account WHERE username = 'officer'" \
		-c CHECKPOINT
}

# Databases are made once in a run, when they are first needed.
need_db() {
	local have
	have=$(as_root postgres -c "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$1'")
	[ "$have" = "$$" ] || { fresh_db "$1" "$2" && as_root postgres -c "COMMENT ON DATABASE $1 IS '$$'"; }
}

# Runs a command in place of this shell with the settings of one instance.
with_settings() {	# NAME DB PORT command...
	mkdir -p "$var/$1"
	export HAVEN_SEARCH_BUDGET=${HAVEN_SEARCH_BUDGET:-0} HAVEN_DATABASE="$cluster dbname=$2" HAVEN_RUN_DIR=$var/$1 HAVEN_LISTEN_PORT=$3 HAVEN_OPS_PORT=$(($3 + 1)) HAVEN_WORKERS=${HAVEN_WORKERS:-1}
	shift 3
	exec "$@"
}

# start_service NAME DB PROGRAM: one worker, or HAVEN_WORKERS; other settings come from the environment.
start_service() {
	local name=$1 port=$next_port
	next_port=$((next_port + 2))
	port_of[$name]=$port
	mkdir -p "$var/$name"
	: >"$var/$name/log"
	(with_settings "$name" "$2" "$port" "$3" >>"$var/$name/log" 2>&1 </dev/null) &
	pid_of[$name]=$!
	for _ in $(seq 1200); do
		[ "$(ask "$name" /dev/null -o /dev/null -w '%{http_code}' || true)" != 000 ] && return
		sleep 0.05
	done
	tail -n 5 "$var/$name/log" >&2
	fail "$name does not start"
}

stop_service() {
	local pid=${pid_of[$1]:-}
	[ -n "$pid" ] || return 0
	unset "pid_of[$1]"
	kill "$pid" 2>/dev/null || return 0
	wait "$pid" 2>/dev/null || true
}

worker_of() {	# NAME [INDEX]
	awk -v name="worker-${2:-0}" '$1 == name { print $2 }' "$var/$1/pids"
}

# ask NAME BODY-FILE [curl options]: one search
ask() {
	local name=$1 body=$2
	shift 2
	curl -s -m 30 -H "Authorization: Bearer $token" -H 'Content-Type: application/json' --data-binary "@$body" "$@" \
		"http://127.0.0.1:${port_of[$name]}/api/v1/vacancy-searches"
}

# Sends every body once; prints the answers, one a line, without the parts that differ between
# boards.
ask_all() {
	local url=http://127.0.0.1:${port_of[$1]}/api/v1/vacancy-searches
	awk -v url="$url" -v token=$token '{
		gsub(/\\/, "\\\\"); gsub(/"/, "\\\"")
		if (NR > 1) print "next"
		printf "url = \"%s\"\nsilent\nheader = \"Authorization: Bearer %s\"\nheader = \"Content-Type: application/json\"\n", url, token
		printf "write-out = \"\\n\"\ndata = \"%s\"\n", $0 }' "$var/needs.jsonl" | curl -K - |
		sed 's/"board_version":[0-9]*/"board_version":0/'
}

pin() {	# NAME PROCESSORS
	taskset -cp "$2" "$(worker_of "$1")" >/dev/null
}

cpu_us() {	# of the worker so far, microseconds
	awk '{ sub(/.*\) /, ""); print ($12 + $13) * 10000 }' "/proc/$(worker_of "$1")/stat"
}

# wrk's own figures: requests, microseconds, answers other than 2xx, socket errors, p50, p99
wrk_on() {	# PROCESSORS CONNECTIONS NAME script arguments...
	local cpus=$1 connections=$2 name=$3
	shift 3
	taskset -c "$cpus" wrk -t 1 -c "$connections" -d "${each}s" --timeout 20s -s "$1" \
		"http://127.0.0.1:${port_of[$name]}" -- "${@:2}" | sed -n 's/^RESULT //p'
}

# search_rate NAME PATH PROCESSORS: requests a second; any answer other than 200 ends the run
search_rate() {
	local result
	result=$(wrk_on "$3" 32 "$1" $here/search.lua $token "/api/v1$2" "$var/needs.jsonl")
	set -- $result
	[ "$3" = 0 ] && [ "$4" = 0 ] || fail "$3 answers were no 200, $4 sockets failed"
	awk -v n="$1" -v us="$2" 'BEGIN { printf "%.1f\n", n * 1e6 / us }'
}

# Makes the households, the history and the list of holds ($var/holds.DB) of the placement
# benchmarks, once in a run.
prepare_holds() {	# DB
	local code=$(awk '/^CREATE DOMAIN (departure_reason|destination) / { match($0, /IN \(.[a-z_]+/); print substr($0, RSTART + 5, RLENGTH - 5) }' \
		migrations/0001_codes.sql)
	[ "$(as_root "$1" -c "SELECT to_regclass('bench.hold')")" = '' ] || return 0
	as_root "$1" -v token_hash="$token_hash" -v departure_reason="$(sed -n 1p <<<"$code")" \
		-v destination="$(sed -n 2p <<<"$code")" -f $here/holds.sql
	as_root "$1" -c 'VACUUM ANALYZE' -c CHECKPOINT
	as_root "$1" -c "\\copy (SELECT vacancy || ' ' || household FROM bench.hold ORDER BY n) TO '$var/holds.$1'"
}

# ---- the search in SQL ----

codes() {
	awk -v list="LIST($1)" '$0 == list { on = 1 }
		on && /^CODE/ { match($0, /"[^"]*"/); printf "%s%s", comma, substr($0, RSTART + 1, RLENGTH - 2); comma = "," }
		/^END/ { on = 0 }' include/match/codes.def
}

sql_search() {	# the statement of search.pgbench, asking for need $1
	sed "1d; s/n\.id = :n/n.id = $1/; s/;\$//" $here/search.pgbench
}

fill_sql() {
	as_root bench_10k -v specialisms="{$(codes specialism)}" -v languages="{$(codes language)}" \
		-v types="{$(codes accommodation_type)}" -f $here/search.sql -c "\\copy bench.need FROM '$var/needs.copy'" \
		-c 'VACUUM ANALYZE bench.side' -c 'VACUUM ANALYZE bench.need'
}
