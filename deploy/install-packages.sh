#!/bin/bash
# Installs those of the named Debian packages that are missing.
set -euo pipefail

missing=()
for package in "$@"; do
	dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
# A Node.js or npm from elsewhere will do as well.
for i in "${!missing[@]}"; do
	case ${missing[$i]} in
	nodejs) command -v node >/dev/null && unset "missing[$i]" ;;
	npm) command -v npm >/dev/null && unset "missing[$i]" ;;
	esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

become=()
if [ "$(id -u)" != 0 ]; then
	if ! sudo -n true 2>/dev/null && ! { [ -t 0 ] && command -v sudo >/dev/null; }; then
		echo "These Debian packages are missing, and this user may not install them:" >&2
		echo "    ${missing[*]}" >&2
		echo "Ask an administrator to run: apt-get install --no-install-recommends ${missing[*]}" >&2
		exit 1
	fi
	become=(sudo)
fi
echo "installing: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# If the package list is fresh enough, no update is needed.
"${become[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >"$log" 2>&1 ||
	{ "${become[@]}" apt-get update -q >"$log" 2>&1 &&
		"${become[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >>"$log" 2>&1; } ||
	{ tail -n 20 "$log" >&2; exit 1; }
