# G9: the search with ten and a hundred times as many vacancies.

need_db bench_1k 1000
need_db bench_100k 100000

engine_times() {	# microseconds a search at 1,000, 10,000 and 100,000
	"$build/bench/match" 1 | sed -n 's/.*index \([0-9.]*\) us.*/\1/p' | paste -sd' '
}

cpu_per_search() {	# NAME: microseconds of the worker for each request
	local before after result
	before=$(cpu_us "$1")
	result=$(wrk_on 1 32 "$1" $here/search.lua $token /api/v1/vacancy-searches "$var/needs.jsonl")
	after=$(cpu_us "$1")
	set -- $result
	[ "$3" = 0 ] || fail "$3 answers were no 200"
	awk -v d=$((after - before)) -v n="$1" 'BEGIN { printf "%.2f\n", d / n }'
}

for size in 1k 100k; do
	BENCH_UNAUDITED=1 start_service "grow_$size" "bench_$size" "$build/bench/static"
	pin "grow_$size" 0
done
: >"$var/growth.rounds"
for ((i = 0; i < rounds; i++)); do
	sample engine engine_times
	sample a cpu_per_search grow_1k
	sample b cpu_per_search grow_100k
	echo "$engine $a $b" >>"$var/growth.rounds"
done
f=$var/growth.rounds
row G9 'engine, 100,000 / 1,000 vacancies' '<=' 35 20 "$(ratios $f 3 1)" "$(median $f 3 1) / $(median $f 1 2) us"
row G9 'processor time of a search over HTTP, 100,000 / 1,000' '<=' 6 4 "$(ratios $f 5 4)" "$(median $f 5 1) / $(median $f 4 1) us"
stop_service grow_1k
stop_service grow_100k
