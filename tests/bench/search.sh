# G1, G2, G4: the search of 10,000 vacancies.

need_db bench_10k 10000

# Compares ids, scores and their order for every need: the answers of HTTP and of SQL.
differences() {
	as_root bench_10k <<SQL
CREATE TEMP TABLE http (line text, need integer GENERATED ALWAYS AS IDENTITY);
\\copy http (line) FROM '$var/answers' WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')
SELECT count(*) FILTER (WHERE h.found IS DISTINCT FROM s.found)
  FROM (SELECT need, (SELECT string_agg((o ->> 'vacancy_id') || ' ' || (o ->> 'score'), ',' ORDER BY n)
                        FROM jsonb_array_elements(line::jsonb -> 'options') WITH ORDINALITY x (o, n)) AS found FROM http) h
  JOIN (SELECT need.id AS need, (SELECT string_agg(id || ' ' || score, ',' ORDER BY points DESC, free_from, id)
                                   FROM ($(sql_search need.id)) t) AS found FROM bench.need) s USING (need);
SELECT round(avg((line::jsonb ->> 'matching')::integer)) FROM http;
SQL
}

BENCH_UNAUDITED=1 start_service search bench_10k "$build/bench/static"
start_service audited bench_10k "$build/havend"
BENCH_UNAUDITED=1 BENCH_PLAIN=1 start_service plain bench_10k "$build/bench/static"
fill_sql

ask_all search >"$var/answers"
ask_all plain >"$var/answers.plain"
cmp -s "$var/answers" "$var/answers.plain" || fail "answers differ from those of the plain evaluator (answers.plain)"
found=($(differences))
[ "${found[0]}" = 0 ] || fail "${found[0]} answers differ from SQL in ids or scores"
check G2 '300 random households: answers = plain evaluator; ids, scores = SQL' "${found[1]} of 10000 fit, mean"
stop_service plain

# The static answer has the middle length.
awk '{ print length, NR }' "$var/answers" | sort -n | awk '{ n[NR] = $2 } END { print n[int((NR + 1) / 2)] }' >"$var/middle"
sed -n "$(cat "$var/middle")p" "$var/answers" | tr -d '\n' >"$var/reply"
BENCH_UNAUDITED=1 BENCH_REPLY=$var/reply start_service static bench_10k "$build/bench/static"
bytes=$(awk '{ s += length } END { printf "%d", s / NR }' "$var/answers")

pin search 0
pin static 0
: >"$var/search.rounds"
for ((i = 0; i < rounds; i++)); do
	sample a search_rate search /vacancy-searches 1
	sample b search_rate static /bench-static 1
	sample c bench_with bench_10k -c 8 -D needs=300 -f $here/search.pgbench
	pin search 0-1
	sample d search_rate search /vacancy-searches 0-1
	sample e search_rate audited /vacancy-searches 0-1
	pin search 0
	echo "$a $b $c $d $e" >>"$var/search.rounds"
done
audits=$(as_root bench_10k -c "SELECT count(*) FROM audit.event WHERE action = 'search'")
served=$(grep -c '"route":"/vacancy-searches","status":"200"' "$var/audited/log")
[ "$audits" = "$served" ] || fail "$served searches answered, $audits recorded"

f=$var/search.rounds
row G1 'search over HTTP / static answer of the same size' '>=' 0.45 0.60 "$(ratios $f 1 2)" \
	"$(median $f 1) / $(median $f 2) a second; $bytes bytes"
row G2 'search over HTTP / pgbench -c8, the best SQL' '>=' 12 16 "$(ratios $f 1 3)" "$(median $f 1) / $(median $f 3) a second"
row G4 'search, audit committed before the answer / unaudited' '>=' 0.70 0.85 "$(ratios $f 5 4)" \
	"$(median $f 5) / $(median $f 4) a second"
row G4 'search, audit committed before the answer / pgbench -c8' '>=' 8 12 "$(ratios $f 5 3)" \
	"$(median $f 5) / $(median $f 3) a second"
check G4 'audit rows = searches answered' "$audits"
for name in search audited static; do stop_service $name; done
