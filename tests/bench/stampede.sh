# P1: very many attempts on 1,000 units.

attempts=${ATTEMPTS:-20000}
need_db bench_stampede 1200
prepare_holds bench_stampede
head -n 1000 "$var/holds.bench_stampede" >"$var/thousand"
as_root bench_stampede -c 'SET session_replication_role = replica' -c "DELETE FROM placement WHERE state = 'held'" \
	-c "DELETE FROM idempotency WHERE key NOT LIKE 'old-%'" -c 'VACUUM placement' -c 'VACUUM idempotency'
start_service stampede bench_stampede "$build/havend"
deadlocks=$(as_root bench_stampede -c "SELECT deadlocks FROM pg_stat_database WHERE datname = 'bench_stampede'")
made=0
from=$SECONDS
while [ $made -lt "$attempts" ]; do
	set -- $(each=20 wrk_on 0-1 64 stampede $here/hold.lua $token "$var/thousand" "stampede-$made-")
	made=$((made + $1))
done
sleep 1
after=($(as_root bench_stampede -F ' ' -c "SELECT count(*), count(DISTINCT unit_id) FROM placement WHERE state = 'held'"))
broken=$(grep -c '"route":"/placements","status":"5' "$var/stampede/log" || true)
deadlocks=$(($(as_root bench_stampede -c "SELECT deadlocks FROM pg_stat_database WHERE datname = 'bench_stampede'") - deadlocks))
[ "${after[0]}" = 1000 ] && [ "${after[1]}" = 1000 ] || fail "${after[0]} placements on ${after[1]} units, not 1000 on 1000"
[ "$broken" = 0 ] && [ "$deadlocks" = 0 ] || fail "$broken answers of 5xx, $deadlocks deadlocks"
check P1 "$made attempts on 1,000 units over HTTP" "1000 placements, 0 doubles, 0 5xx, 0 deadlocks; $((SECONDS - from)) s"
stop_service stampede
