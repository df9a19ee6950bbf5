# The coordinator's board of 10,000 jobs, in milliseconds of the database, beside the same rows read without rights; and an
# act on a job against a hold of a place, each a request of its own.

db=bench_sanctuary
seat=$(printf %s bench-sanctuary | b2sum -l 256 | cut -c 1-64)
fresh_db $db 10000
prepare_holds $db
say 'making 10,000 jobs'
as_root $db -f $here/sanctuary.sql -c "INSERT INTO session (account_id, token_hash, idle_minutes, expires_at)
	SELECT id, sha256(decode('$seat', 'hex')), 600, now() + interval '12 hours' FROM account WHERE username = 'sanctuary'" \
	-c 'VACUUM ANALYZE' -c CHECKPOINT >/dev/null

as_app() {
	psql -qXAt -v ON_ERROR_STOP=1 "$cluster dbname=$db user=haven_app" "$@"
}

begin="SELECT FROM begin_request(decode('$seat', 'hex'), 'bench', 'board', decode(repeat('00', 32), 'hex'))"
board=$(sed -n '/^-- name: sanctuary_board$/,/^$/p' src/api/sanctuary_job.sql | sed '/^--/d; s/\$[1-4]::/NULL::/g; s/\$[12]/NULL::text/g; s/\$[34]/NULL::boolean/g')
plain="SELECT s.stage, (SELECT json_agg(l) FROM (SELECT j.id, j.reference, j.household_id, j.state, j.state_since, j.risk_level,
	j.due_at FROM sanctuary.job j WHERE j.state = ANY (s.states) ORDER BY j.state_since, j.id LIMIT 50) l)
	FROM sanctuary.stage s ORDER BY s.n"

# As a worker: the session is begun, and the statement planned and run once before, as on any connection that is in use.
board_ms() {
	as_app -c BEGIN -c "$begin" -c "EXPLAIN (ANALYZE, TIMING OFF) $board" -c "EXPLAIN (ANALYZE, TIMING OFF) $board" -c ROLLBACK |
		sed -n 's/^Execution Time: \([0-9.]*\) ms/\1/p' | tail -n 1
}

plain_ms() {
	as_root $db -c "EXPLAIN (ANALYZE, TIMING OFF) $plain" -c "EXPLAIN (ANALYZE, TIMING OFF) $plain" |
		sed -n 's/^Execution Time: \([0-9.]*\) ms/\1/p' | tail -n 1
}

shown=$(as_app -c BEGIN -c "$begin" -c "SELECT sum(json_array_length(b.jobs)) FROM ($board) b" -c ROLLBACK | tail -n 1)
[ "$shown" = 300 ] || fail "the board shows $shown jobs of 300"

cat >"$var/act.pgbench" <<END
\\set i :i + 1
\\set n 1 + (:client_id * :each + :i) % :jobs
SELECT id AS job FROM bench.job WHERE n = :n \\gset
\\startpipeline
BEGIN;
SELECT session_id, account_id FROM begin_request(decode('$seat', 'hex'), 'bench', 'act-' || :run || '-' || :n, decode(repeat('00', 32), 'hex'));
SELECT t.outcome FROM sanctuary.act(:job::uuid, -1, 'visit_plan', '{"kind":"police"}') t;
UPDATE idempotency SET status = 200, location = '/sanctuary/jobs/x', body = repeat('x', 1400), cases = touched_cases()
 WHERE account_id = audit.me('account')::uuid AND key = 'act-' || :run || '-' || :n;
COMMIT;
\\endpipeline
END
jobs=$(as_root $db -c 'SELECT count(*) FROM bench.job')

acts() {	# ROUND
	local before rate
	before=$(as_root $db -c "SELECT count(*) FROM sanctuary.step WHERE act = 'visit_plan'")
	rate=$(bench_with $db -c 4 -D i=0 -D each=1000 -D jobs="$jobs" -D run="$1" -f "$var/act.pgbench")
	[ "$(as_root $db -c "SELECT count(*) FROM sanctuary.step WHERE act = 'visit_plan'")" -gt "$before" ] || fail 'no act was done'
	echo "$rate"
}

holds() {
	as_root $db -c 'SET session_replication_role = replica' -c "DELETE FROM placement WHERE state = 'held'" \
		-c "DELETE FROM idempotency WHERE key LIKE 'sql-%'" -c 'VACUUM placement' -c 'VACUUM idempotency'
	bench_with $db -c 4 -D i=0 -D each=1000 -f $here/hold.pgbench
}

: >"$var/sanctuary.rounds"
for ((round = 1; round <= rounds; round++)); do
	sample a board_ms
	sample b plain_ms
	sample c acts "$round"
	sample d holds
	echo "$a $b $c $d" >>"$var/sanctuary.rounds"
done
f=$var/sanctuary.rounds
row S1 'board of 10,000 jobs, milliseconds of the database' '<=' 50 25 "$(median $f 1 1)" "$(median $f 2 1) ms without rights"
row S2 'acts on a job / holds of a place, pgbench -c4, each a request' '>=' 1.0 1.5 "$(ratios $f 3 4)" \
	"$(median $f 3) / $(median $f 4) a second"
