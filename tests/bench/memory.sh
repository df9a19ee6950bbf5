# G12: the memory of an idle connection and of a worker.

need_db bench_10k 10000
head -n 1 "$var/needs.jsonl" >"$var/body"
: >"$var/memory.rounds"
for ((i = 0; i < rounds; i++)); do
	BENCH_UNAUDITED=1 start_service memory bench_10k "$build/bench/static"
	sleep 0.5
	mb=$(awk '/^Pss:/ { printf "%.2f", $2 / 1024 }' "/proc/$(worker_of memory)/smaps_rollup")
	kb=$("$build/bench/client" idle "${port_of[memory]}" $token 4000 "$var/body" "$(worker_of memory)")
	echo "$kb $mb" >>"$var/memory.rounds"
	stop_service memory
done
f=$var/memory.rounds
row G12 'private bytes of an idle keep-alive connection' '<=' 2560 1229 "$(median $f 1)" "4000 connections"
check G12 'worker with 10,000 vacancies, MB (PSS)' "$(median $f 2 1)"
