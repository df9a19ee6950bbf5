#!/bin/bash
# `make run`: starts a private PostgreSQL, makes the key, migrates, loads the demo data and starts
# the service. Ctrl-C ends all of it; the data stay in VAR for the next time.
#
#	run-local.sh BUILD VAR
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/users.sh
build=$1
var=$2

conninfo=$(deploy/private-postgres.sh start "$var")
trap 'trap - EXIT INT TERM; [ -z "${service:-}" ] || { kill "$service" 2>/dev/null; wait "$service" || true; }; deploy/private-postgres.sh stop "$var"' EXIT
trap 'exit 0' INT TERM

export HAVEN_DATABASE="${HAVEN_DATABASE:-$conninfo dbname=haven}"
export HAVEN_KEY_FILE="${HAVEN_KEY_FILE:-$var/key}" HAVEN_RUN_DIR="${HAVEN_RUN_DIR:-$var/run}"
[ -e "$HAVEN_KEY_FILE" ] || "$build/haven" keys init
"$build/haven" migrate
"$build/haven" demo load
port=${HAVEN_LISTEN_PORT:-8080}
echo
echo "Haven serves at http://127.0.0.1:$port  (Ctrl-C stops it; the data stay in $var/)"
"$build/havend" 2>>"$var/haven.log" &
service=$!
wait "$service"
