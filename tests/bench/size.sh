# A national set of 648,000 households, with eight years of the fund and 44,000 homes made safe: every route of it,
# every role. One that is there already is taken again where it was loaded today by the same schema.

db=bench_size
loaded="$(date +%F) $(cat migrations/*.sql src/demo/*.[ch] src/demo/*.sql | sha256sum)"
have=$(as_root postgres -c "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$db'")
if [ "$have" != "$loaded" ]; then
	say 'loading 648,000 households'
	fresh_set $db --size L
	as_root postgres -c "COMMENT ON DATABASE $db IS '$loaded'"
fi
"$build/bench/routes" >"$var/routes"
HAVEN_PERSON_SEARCH_BUDGET=10000 start_service size $db "$build/havend"
node $here/size/walk.mjs "127.0.0.1:${port_of[size]}" "$var/routes" demo-haven-2026 "${WALK_ROUNDS:-3}" || faults=1
stop_service size
[ -z "${faults:-}" ] || fail 'an answer is wrong, or takes too long'
