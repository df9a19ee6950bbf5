# G17: what a service with two workers and its PostgreSQL cost while nobody asks for anything, beside the
# same service with a poll at fixed intervals.

need_db bench_10k 10000
idle_seconds=${IDLE_SECONDS:-20}

# Nanoseconds of processor time so far: of the service's processes, and of every process of the server.
spent() {	# NAME
	local postmaster pid
	postmaster=$(head -n 1 "$(readlink -f "$var/pg")/postmaster.pid")
	for pid in $(awk '{ print $2 }' "$var/$1/pids") "$postmaster" $(pgrep -P "$postmaster"); do
		cat /proc/"$pid"/task/*/schedstat 2>/dev/null || true
	done | awk '{ ns += $1 } END { printf "%.0f\n", ns }'
}

percent_idle() {	# NAME PROGRAM: of one core
	local from before after
	HAVEN_WORKERS=2 start_service "$1" bench_10k "$2"
	sleep 5
	before=$(spent "$1") from=$(date +%s%N)
	sleep "$idle_seconds"
	after=$(spent "$1")
	awk -v d=$((after - before)) -v t=$(($(date +%s%N) - from)) 'BEGIN { printf "%.3f\n", 100 * d / t }'
	stop_service "$1"
}

as_root bench_10k -c 'VACUUM ANALYZE' -c CHECKPOINT
: >"$var/idle.rounds"
for ((i = 0; i < rounds; i++)); do
	a=$(percent_idle idle "$build/bench/static")
	b=$(BENCH_POLL_MS=20 percent_idle polling "$build/bench/static")
	echo "$a $b" >>"$var/idle.rounds"
done
f=$var/idle.rounds
row G17 'processor of an idle service, two workers, PostgreSQL included, %' '<=' 1 0.3 "$(median $f 1 2)" \
	"polling every 20 ms: $(median $f 2 2)"
