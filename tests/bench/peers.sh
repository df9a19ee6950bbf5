# G3, G5, G10, G12: Fastify with pg, and FastAPI with asyncpg, on the same PostgreSQL with the same
# statements, each with a pool of eight. They check no session, decode no household and explain
# nothing.

need_db bench_10k 10000
fill_sql
peers=$var/peers
mkdir -p "$peers/node"
cp $here/peers/package.json $here/peers/package-lock.json $here/peers/.npmrc $here/peers/fastify.mjs "$peers/node/"
[ "$peers/node/node_modules" -nt "$peers/node/package-lock.json" ] || (cd "$peers/node" && npm ci --silent >&2)
touch "$peers/node/node_modules"

partnership=$(as_root bench_10k -c "SELECT o.partnership_id FROM account a JOIN organisation o ON o.id = a.organisation_id WHERE a.username = 'officer'")
sql_read() {	# the statement of GET /units/{id}, for the id $1
	awk '/^-- name:/ { on = $3 == "unit_show"; next } on && !/^--/' src/api/unit.sql |
		sed "s/\$1::uuid/$1/g; s/\$2::uuid/'$partnership'::uuid/g; s/\$3::uuid/NULL::uuid/g"
}
sql_search '$1::integer' >"$peers/search.sql"
sql_read '$1::uuid' >"$peers/read.sql"
as_root bench_10k -c 'DROP TABLE IF EXISTS bench.unit' -c "CREATE TABLE bench.unit AS SELECT row_number() OVER ()::integer AS n, id FROM unit" \
	-c 'ALTER TABLE bench.unit ADD PRIMARY KEY (n)' -c 'GRANT SELECT ON bench.unit TO haven_app' -c 'ANALYZE bench.unit'
{ echo '\set n random(1, 10000)'; sql_read '(SELECT id FROM bench.unit WHERE n = :n)'; echo ';'; } >"$peers/read.pgbench"
as_root bench_10k -c "SELECT '/units/' || id FROM bench.unit LIMIT 1000" >"$peers/paths"
sed 's|^|/api/v1|' "$peers/paths" >"$peers/paths.haven"
seq 1 300 | sed 's/.*/{"n":&}/' >"$peers/numbers.jsonl"

start_peer() {	# NAME command...
	local name=$1 port=$next_port
	shift
	next_port=$((next_port + 2))
	port_of[$name]=$port
	(cd "$peers" && PORT=$port PGHOST=${cluster#host=} PGDATABASE=bench_10k PGUSER=haven_app SEARCH=$peers/search.sql \
		READ=$peers/read.sql exec "${@//@PORT@/$port}" >"$peers/$name.log" 2>&1 </dev/null) &
	pid_of[$name]=$!
	for _ in $(seq 200); do
		curl -s -o "$peers/$name.answer" -H 'Content-Type: application/json' -d '{"n":1}' "http://127.0.0.1:$port/search" && return
		sleep 0.1
	done
	tail -n 5 "$peers/$name.log" >&2
	fail "$name does not start"
}

peer_search() {
	set -- $(wrk_on 0-1 32 "$1" $here/search.lua none /search "$peers/numbers.jsonl")
	[ "$3" = 0 ] && [ "$4" = 0 ] || fail "$3 answers were no 200"
	awk -v n="$1" -v us="$2" 'BEGIN { printf "%.1f\n", n * 1e6 / us }'
}

read_rate() {	# NAME FILE-OF-PATHS
	set -- $(wrk_on 0-1 32 "$1" $here/get.lua $token "$2")
	[ "$3" = 0 ] && [ "$4" = 0 ] || fail "$3 answers were no 200"
	awk -v n="$1" -v us="$2" 'BEGIN { printf "%.1f\n", n * 1e6 / us }'
}

requests_for() {	# PATH FILE-OF-BODIES: whole requests with a byte 1 between them, for open
	awk -v path="$1" -v token=$token '{ printf "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s\001", path, token, length, $0 }' "$2"
}

p99_at() {	# RATE NAME REQUESTS
	set -- $("$build/bench/open" "${port_of[$2]}" "$1" 5 "$3")
	[ "$2" = 0 ] || fail "$2 requests failed"
	echo "$4"
}

pss() {
	awk '/^Pss:/ { print $2 / 1024 }' "/proc/$1/smaps_rollup"
}

BENCH_UNAUDITED=1 start_service peer_haven bench_10k "$build/bench/static"
start_peer fastify node node/fastify.mjs
python=false
if /usr/bin/python3 -c 'import fastapi, asyncpg, uvicorn, uvloop, httptools' 2>/dev/null; then
	python=true
	cp $here/peers/fastapi_app.py "$peers/"
	start_peer fastapi /usr/bin/python3 -m uvicorn fastapi_app:app --host 127.0.0.1 --port @PORT@ --loop uvloop --http httptools \
		--no-access-log --log-level warning
else
	say "FastAPI is left out: its Debian packages are not installed"
fi
requests_for /api/v1/vacancy-searches "$var/needs.jsonl" >"$peers/open.haven"
requests_for /search "$peers/numbers.jsonl" >"$peers/open.fastify"

: >"$var/peers.rounds"
for ((i = 0; i < rounds; i++)); do
	sample a search_rate peer_haven /vacancy-searches 0-1
	sample b peer_search fastify
	c=1
	! $python || sample c peer_search fastapi
	sample d read_rate peer_haven "$peers/paths.haven"
	sample e bench_with bench_10k -c 8 -f "$peers/read.pgbench"
	sample f read_rate fastify "$peers/paths"
	rate=${OPEN_RATE:-$(awk -v b="$b" 'BEGIN { printf "%d", b * 0.4 }')}	# more would only measure its queue
	sample g p99_at "$rate" peer_haven "$peers/open.haven"
	sample h p99_at "$rate" fastify "$peers/open.fastify"
	echo "$a $b $c $d $e $f $g $h $(pss "$(worker_of peer_haven)") $(pss "${pid_of[fastify]}")" >>"$var/peers.rounds"
done
f=$var/peers.rounds
row G3 'search over HTTP / Fastify + pg' '>=' 15 20 "$(ratios $f 1 2)" "$(median $f 1) / $(median $f 2) a second"
! $python || row G3 'search over HTTP / FastAPI + asyncpg' '>=' 25 35 "$(ratios $f 1 3)" "$(median $f 1) / $(median $f 3) a second"
row G5 'one record over HTTP / pgbench -c8' '>=' 0.60 0.72 "$(ratios $f 4 5)" "$(median $f 4) / $(median $f 5) a second"
row G5 'one record over HTTP / Fastify + pg' '>=' 3 4 "$(ratios $f 4 6)" "$(median $f 4) / $(median $f 6) a second"
row G10 "open loop at $rate searches a second: p99 / Fastify's" '<=' 0.1 0.071 "$(ratios $f 7 8 3)" "$(median $f 7) / $(median $f 8) us"
row G12 'memory with 10,000 vacancies / Fastify (PSS)' '<=' 0.125 0.083 "$(ratios $f 9 10)" "$(median $f 9 1) / $(median $f 10 1) MB"
for name in peer_haven fastify fastapi; do stop_service $name; done
