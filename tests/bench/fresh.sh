# G13: from the answer to a hold until searches no longer count the vacancy.

need_db bench_10k 10000
start_service here bench_10k "$build/havend"
HAVEN_AUDIT_READS=false start_service there bench_10k "$build/havend"
home=$(as_root bench_10k -c "SELECT h.id FROM household h JOIN account a ON a.organisation_id = h.organisation_id
	WHERE a.username = 'officer' AND h.closed_at IS NULL AND h.want_until IS NULL AND coalesce(h.want_from, current_date) <= current_date
	  AND (SELECT count(*) FROM member m WHERE m.household_id = h.id) <= 2
	  AND NOT EXISTS (SELECT FROM unsafe_place u WHERE u.household_id = h.id) ORDER BY h.reference LIMIT 1")

p99() {	# of the microseconds on standard input, as milliseconds
	sort -n | awk '{ v[NR] = $1 } END { printf "%.2f [%.2f..%.2f]", v[int(NR * 0.99 + 0.5)] / 1000, v[1] / 1000, v[NR] / 1000 }'
}

settle
"$build/bench/client" fresh "${port_of[here]}" "${port_of[here]}" $token "$home" 300 >"$var/fresh.same"
settle
"$build/bench/client" fresh "${port_of[here]}" "${port_of[there]}" $token "$home" 300 >"$var/fresh.other"
row G13 'ms from a hold until a search of its worker knows, p99' '<=' 5 2 "$(p99 <"$var/fresh.same")" '300 holds'
row G13 'ms from a hold until a search of another worker knows, p99' '<=' 60 30 "$(p99 <"$var/fresh.other")" '300 holds'
stop_service here
stop_service there
