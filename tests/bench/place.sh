# G7, G7a, G7c: taking holds, durable.

need_db bench_100k 100000
prepare_holds bench_100k
head -n 8 "$var/holds.bench_100k" >"$var/eight"

# Both sides begin with the same tables.
forget_holds() {
	as_root bench_100k -c 'SET session_replication_role = replica' -c "DELETE FROM placement WHERE state = 'held'" \
		-c "DELETE FROM idempotency WHERE key NOT LIKE 'old-%'" -c 'TRUNCATE change_log, audit.event' \
		-c 'VACUUM placement' -c 'VACUUM idempotency' -c CHECKPOINT
}

counted() {
	as_root bench_100k -F ' ' -c "SELECT count(*), count(DISTINCT vacancy_id),
		(SELECT count(*) FROM audit.event WHERE subject_kind = 'placement' AND action = 'insert')
		FROM placement WHERE state = 'held'"
}

created() {
	grep -c '"route":"/placements","status":"201"' "$var/place/log" || true
}

# Placements made = 201 sent = audit rows, none double. An answer that wrk's end cut off is 201 in
# the log.
held_over_http() {	# CONNECTIONS FILE
	local before result after
	forget_holds
	before=$(created)
	result=$(wrk_on 0-1 "$1" place $here/hold.lua $token "$2" "run-$RANDOM$RANDOM-")
	sleep 0.5
	after=($(counted))
	[ "${after[0]}" = "$(($(created) - before))" ] || fail "${after[0]} placements, $(($(created) - before)) accepted"
	[ "${after[0]}" = "${after[1]}" ] || fail "${after[0]} placements on ${after[1]} vacancies"
	[ "${after[0]}" = "${after[2]}" ] || fail "${after[0]} placements, ${after[2]} audit rows"
	! grep -q '"route":"/placements","status":"5' "$var/place/log" || fail "an answer of 5xx"
	echo "$result ${after[0]}"
}

rate_over_http() {
	set -- $(held_over_http 32 "$var/holds.bench_100k")
	[ "$3" = 0 ] || fail "$3 holds were refused"
	awk -v n="$1" -v us="$2" 'BEGIN { printf "%.1f\n", n * 1e6 / us }'
}

rate_in_sql() {
	local after
	forget_holds
	bench_with bench_100k -c 16 -D i=0 -D each=5000 -f $here/hold.pgbench
	after=($(counted))
	[ "${after[0]}" = "${after[2]}" ] || fail "pgbench: ${after[0]} placements, ${after[2]} audit rows"
}

rate_of_eight() {
	set -- $(held_over_http 64 "$var/eight")
	[ "$7" = 8 ] || fail "$7 placements on 8 vacancies"
	awk -v n="$1" -v us="$2" 'BEGIN { printf "%.1f\n", n * 1e6 / us }'
}

rate_of_least() {
	as_root bench_100k -c 'TRUNCATE bench.least_placement, bench.least_event, bench.least_change' -c CHECKPOINT
	bench_with bench_100k -c 16 -D i=0 -D each=5000 -D vacancy=0 -D household=0 -D placement=0 -f $here/least.pgbench
	[ "$(as_root bench_100k -c 'SELECT count(*) FROM bench.least_placement')" = "$(as_root bench_100k -c 'SELECT count(*) FROM bench.least_event')" ] ||
		fail 'least: placements without their event'
}

as_root bench_100k -c 'DROP TABLE IF EXISTS bench.least_unit, bench.least_vacancy, bench.least_placement, bench.least_event, bench.least_change' \
	-f $here/least.sql -c 'VACUUM ANALYZE bench.least_vacancy'
start_service place bench_100k "$build/havend"
: >"$var/place.rounds"
for ((i = 0; i < rounds; i++)); do
	sample a rate_over_http
	sample b rate_in_sql
	sample c rate_of_eight
	sample d rate_of_least
	echo "$a $b $c $d" >>"$var/place.rounds"
done
stop_service place
f=$var/place.rounds
row G7 'holds over HTTP, 32 connections / pgbench -c16, one a transaction' '>=' 0.80 1.35 "$(ratios $f 1 2)" \
	"$(median $f 1) / $(median $f 2) a second"
row G7a 'the same / the least correct transaction, pgbench -c16' '>=' 0.10 0.25 "$(ratios $f 1 4)" \
	"$(median $f 1) / $(median $f 4) a second"
row G7c '64 clients on 8 vacancies / uncontended' '>=' 0.5 0.8 "$(ratios $f 3 1)" "$(median $f 3) / $(median $f 1) a second"
check G7c 'each round 8 placements, no 5xx; placements = 201 = audit rows' "$((3 * rounds)) samples"
