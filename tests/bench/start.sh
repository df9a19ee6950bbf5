# G15: from exec to the first answered search, with 100,000 vacancies.

need_db bench_100k 100000
head -n 1 "$var/needs.jsonl" >"$var/body"

cold_start() {
	local port=$next_port
	next_port=$((next_port + 2))
	(BENCH_UNAUDITED=1 with_settings cold bench_100k "$port" \
		"$build/bench/client" first "$port" $token "$var/body" "$build/bench/static" 2>>"$var/cold.log")
}

: >"$var/start.rounds"
for ((i = 0; i < rounds; i++)); do
	sample ms cold_start
	echo "$ms" | awk '{ print $1 / 1000 }' >>"$var/start.rounds"
done
row G15 'seconds from exec to the first search, 100,000 vacancies' '<=' 0.25 0.12 "$(median "$var/start.rounds" 1 3)"
