# G7f: requests approved over HTTP, their money promised, against pgbench running the same statements. G7g: the
# promise of money alone (fund.commit_money) against the same rows by plain statements. P11: BENCH_SPENDS promises of
# money out of 100 pots, of which nine in ten fit: as many are taken, no more, and the ledger added up again is right.
#
#	BENCH_SPENDS=20000	promises that P11 attempts; `make bench-fund BENCH_SPENDS=1000000` is the figure

spends=${BENCH_SPENDS:-20000}
long=$((each * 3))	# an approval takes milliseconds, and each connection's first ones most
slice=$((long * 300))	# more approvals than a sample makes
approvals=$((slice * rounds * 2))

fresh_set bench_fund --vacancies 100
say "making $approvals requests"
as_root bench_fund -v spends="$spends" -v requests="$approvals" -f $here/fund.sql -c "INSERT INTO session
	(account_id, token_hash, idle_minutes, expires_at) SELECT id, sha256(decode('$token_hash', 'hex')), 600,
	now() + interval '12 hours' FROM account WHERE username = 'approver'" -c 'VACUUM ANALYZE' -c CHECKPOINT >/dev/null

ledger() {
	as_root bench_fund -c "$1"
}

# The statements of an approval, as a worker sends them.
{
	cat <<-EOF
		\\set i :i + 1
		\\set n :from + :client_id * :share + :i
		SELECT r.id AS request FROM bench.request r WHERE r.n = :n \\gset
		\\startpipeline
		BEGIN;
		SELECT session_id, account_id FROM begin_request(decode('$token_hash', 'hex'), 'bench', 'sql-' || :n, decode(repeat('00', 32), 'hex'));
		SELECT t.outcome, t.left_pence, t.most_pence, t.so_far_pence FROM fund.approve(:request::uuid, 1, NULL, NULL) t;
	EOF
	sed -n '/^-- name: fund_request_show$/,/^$/p' src/api/fund_request.sql | sed '/^--/d; s/\$1/:request/' | tr '\n' ' '
	cat <<-EOF
		;
		UPDATE idempotency SET status = 200, location = '/fund/requests/x', body = repeat('x', 1400), cases = touched_cases() WHERE account_id = audit.me('account')::uuid AND key = 'sql-' || :n;
		COMMIT;
		\\endpipeline
	EOF
} >"$var/approve.pgbench"

approved() {
	ledger "SELECT count(*) FROM fund.commitment WHERE cause = 'request'"
}

approvals_over_http() {	# FIRST
	local before result made answered
	as_root bench_fund -c "\\copy (SELECT id FROM bench.request WHERE n >= $1 ORDER BY n LIMIT $slice) TO '$var/approvals'"
	before=$(approved)
	result=$(each=$long wrk_on 0-1 16 fund $here/fund.lua $token "$var/approvals" "http-$1-")
	sleep 0.5
	made=$(($(approved) - before))
	set -- $result
	# on a busy machine some wait too long (503): they promised nothing
	answered=$(($1 - $3))
	[ "$1" -lt "$slice" ] || fail "$1 approvals: $slice were prepared"
	! grep '"route":"/fund/requests/{id}/approve"' "$var/fund/log" | grep -Ev '"status":"(200|503)"' || fail 'an approval was refused'
	[ "$made" -ge "$answered" ] && [ "$made" -le $((answered + 16)) ] || fail "$answered approvals answered, $made promised"
	awk -v n="$answered" -v us="$2" 'BEGIN { printf "%.1f\n", n * 1e6 / us }'
}

approvals_in_sql() {	# FIRST
	local before
	before=$(approved)
	each=$long bench_with bench_fund -c 8 -D i=-1 -D from="$1" -D share=$((slice / 8)) -f "$var/approve.pgbench"
	[ "$(approved)" -gt "$before" ] || fail 'pgbench promised nothing'
}

in_ledger() {	# SCRIPT FIRST-POT pgbench's options: transactions a second, made by the owner
	local script=$1 first=$2 out
	shift 2
	out=$(pgbench "$cluster dbname=bench_fund user=haven_owner" -n -M prepared -j 2 -D i=0 -D first="$first" -f "$here/$script.pgbench" "$@" 2>&1) ||
		fail "pgbench: $out"
	! grep -q 'aborted in command' <<<"$out" || fail "pgbench: $out"
	sed -n 's/^tps = \([0-9.]*\).*/\1/p' <<<"$out"
}

start_service fund bench_fund "$build/havend"
deadlocks=$(ledger "SELECT deadlocks FROM pg_stat_database WHERE datname = 'bench_fund'")
: >"$var/fund.rounds"
for ((i = 0; i < rounds; i++)); do
	sample a approvals_over_http $((2 * i * slice))
	sample b approvals_in_sql $(((2 * i + 1) * slice))
	sample c in_ledger fund-spend 100 -c 8 -T "$long"
	sample d in_ledger fund-plain 100 -c 8 -T "$long"
	echo "$a $b $c $d" >>"$var/fund.rounds"
done
stop_service fund
f=$var/fund.rounds
row G7f 'approvals over HTTP, 16 connections / pgbench -c8, same statements' '>=' 0.80 1.2 "$(ratios $f 1 2)" \
	"$(median $f 1) / $(median $f 2) a second"
row G7g 'fund.commit_money / the same rows by plain statements, pgbench -c8' '>=' 0.80 1.2 "$(ratios $f 3 4)" \
	"$(median $f 3) / $(median $f 4) a second"

from=$SECONDS
rate=$(in_ledger fund-spend 0 -c 32 -t $(((spends + 31) / 32)))
took=$((SECONDS - from))
made=$(ledger "SELECT count(*) FROM fund.commitment c JOIN bench.pot p ON p.year = c.pot_year_id WHERE p.n < 100")
fits=$((spends / 100 * 9 / 10 * 100))
least=$(ledger 'SELECT min(balance) FROM fund.account a JOIN bench.pot p ON a.id IN (p.free, p.committed)')
whole=$(ledger 'SELECT sum(balance) FROM fund.account')
faults=$(ledger 'SELECT count(*) FROM fund.faults()')
deadlocks=$(($(ledger "SELECT deadlocks FROM pg_stat_database WHERE datname = 'bench_fund'") - deadlocks))
[ "$made" = "$fits" ] || fail "$made spends were taken where $fits fit"
[ "$least" -ge 0 ] && [ "$whole" = 0 ] && [ "$deadlocks" = 0 ] || fail "least balance $least, sum $whole, $deadlocks deadlocks"
[ "$faults" = 0 ] || fail "the ledger has $faults faults: $(ledger 'SELECT * FROM fund.faults() LIMIT 5')"
check P11 "$spends spends on 100 pots, 32 at once" \
	"$made fit and were taken, none below zero, sum 0, recomputed the same, 0 deadlocks; $took s, ${rate%.*} a second"
