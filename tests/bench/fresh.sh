# G13: from the answer to a hold until searches no longer count the vacancy, of two workers; beside it
# what a poll at fixed intervals gives.

need_db bench_10k 10000
HAVEN_WORKERS=2 BENCH_UNAUDITED=1 start_service bells bench_10k "$build/bench/static"
HAVEN_WORKERS=2 BENCH_UNAUDITED=1 BENCH_POLL_MS=20 start_service polls bench_10k "$build/bench/static"
home=$(as_root bench_10k -c "SELECT h.id FROM household h JOIN account a ON a.organisation_id = h.organisation_id
	WHERE a.username = 'officer' AND h.closed_at IS NULL AND h.want_until IS NULL AND coalesce(h.want_from, current_date) <= current_date
	  AND (SELECT count(*) FROM member m WHERE m.household_id = h.id) <= 2
	  AND NOT EXISTS (SELECT FROM unsafe_place u WHERE u.household_id = h.id) ORDER BY h.reference LIMIT 1")

p99() {	# of the microseconds in FILE, as milliseconds
	sort -n "$1" | awk '{ v[NR] = $1 } END { printf "%.2f [%.2f..%.2f]", v[int(NR * 0.99 + 0.5)] / 1000, v[1] / 1000, v[NR] / 1000 }'
}

p50() {
	sort -n "$1" | awk '{ v[NR] = $1 } END { printf "p50 %.2f ms", v[int(NR / 2 + 0.5)] / 1000 }'
}

holds_seen() {	# SERVICE SEARCHES COUNT PAUSE: SEARCHES is the index of the worker that searches
	settle
	"$build/bench/client" fresh "${port_of[$1]}" "$(worker_of "$1")" "$(worker_of "$1" 1)" "$(worker_of "$1" "$2")" $token "$home" "$3" "$4"
}

for name in bells polls; do
	holds_seen $name 0 300 0 >"$var/fresh.$name.same"
	holds_seen $name 1 300 0 >"$var/fresh.$name.other"
	holds_seen $name 1 10 3000 >"$var/fresh.$name.quiet"
done
polls_of() {
	echo "300 holds, $(p50 "$var/fresh.bells.$1"); at a fixed 20 ms: p99 $(p99 "$var/fresh.polls.$1"), $(p50 "$var/fresh.polls.$1")"
}
row G13 'ms from a hold until a search of its worker knows, p99' '<=' 5 2 "$(p99 "$var/fresh.bells.same")" "$(polls_of same)"
row G13 'ms from a hold until a search of another worker knows, p99' '<=' 60 30 "$(p99 "$var/fresh.bells.other")" "$(polls_of other)"
row G13 'the same after three quiet seconds, slowest of ten' '<=' 60 30 "$(p99 "$var/fresh.bells.quiet")" "at a fixed 20 ms: $(p99 "$var/fresh.polls.quiet")"
stop_service bells
stop_service polls
