# Samples, ratios and the table. Sourced by run.

table=$var/table foreign=$var/foreign
: >"$table"
: >"$foreign"

say() {
	printf '%s\n' "$*" >&2
}

fail() {
	say "WRONG: $*"
	exit 1
}

busy_idle() {
	awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 + $9, $5 + $6 }' /proc/stat
}

# The percentage of processor time in use over the last half second.
busy() {
	local a b
	a=$(busy_idle)
	sleep 0.5
	b=$(busy_idle)
	echo "$a $b" | awk '{ d = $3 - $1; printf "%d\n", 100 * d / (d + $4 - $2 + 0.001) }'
}

# Waits for idle processors, at most $quiet seconds, and notes the percentage in use at the end.
settle() {
	local until=$((SECONDS + quiet)) now
	now=$(busy)
	while [ "$now" -gt 10 ] && [ $SECONDS -lt $until ]; do
		now=$(busy)
	done
	echo "$now" >>"$foreign"
}

# sample VARIABLE COMMAND...: the number that the command prints, after settling.
sample() {
	local -n into=$1
	shift
	settle
	into=$("$@")
}

# median [min..max] of the numbers on standard input, with that many decimals.
spread() {
	sort -g | awk -v d="$1" '{ v[NR] = $1 } END {
		m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
		printf "%.*f [%.*f..%.*f]", d, m, d, v[1], d, v[NR] }'
}

# ratios FILE A B [DECIMALS]: of the columns A and B of the rounds in FILE, median and spread.
ratios() {
	awk -v a="$2" -v b="$3" '{ print $a / $b }' "$1" | spread "${4:-2}"
}

median() {
	awk -v c="$2" '{ print $c }' "$1" | spread "${3:-0}"
}

# row ID WHAT SENSE MUST AIM MEASURED [NOTE]: SENSE is >= or <=; MEASURED begins with its median.
row() {
	local verdict
	verdict=$(awk -v s="$3" -v must="$4" -v aim="$5" -v v="${6%% *}" 'BEGIN {
		m = s == ">=" ? v >= must : v <= must; a = s == ">=" ? v >= aim : v <= aim
		print a ? "aim" : m ? "ok" : "MISSED" }')
	printf '%s\t%s\t%s %s\t%s %s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$3" "$5" "$6" "$verdict" "${7:-}" >>"$table"
	printf '%-4s %-62s %s  %s  %s\n' "$1" "$2" "$6" "$verdict" "${7:-}" >&2
}

# check ID WHAT TEXT: a figure that is either right or ends the run; shown as such.
check() {
	printf '%s\t%s\t\t\t%s\tright\t\n' "$1" "$2" "$3" >>"$table"
	printf '%-4s %-62s %s  right\n' "$1" "$2" "$3" >&2
}

print_table() {
	local load
	load=$(spread 0 <"$foreign")
	printf '\n%-4s %-62s %-9s %-9s %-26s %-7s %s\n' '#' what must aim 'measured, median [spread]' '' 'sides, absolute'
	awk -F'\t' '{ printf "%-4s %-62s %-9s %-9s %-26s %-7s %s\n", $1, $2, $3, $4, $5, $6, $7 }' "$table"
	echo
	echo "rounds: $rounds of $each s; processors: $(nproc), in use by others before a sample: $load %"
	grep -c MISSED "$table" | sed 's/^/missed: /' || true
}
