# Embeds statements: awk -v out=build/gen/sql -f src/db/embed.awk src/*/*.sql
# writes $out.h and $out.c.
# The form of a .sql file is in include/db/sql.h. Anything odd fails the build with its place.
BEGIN {
	if (ARGC == 1)
		ARGV[ARGC++] = "/dev/null"
	for (i = 1; i < ARGC; i++)
		if (ARGV[i] ~ /\*/)	# a pattern that matched no file
			ARGV[i] = "/dev/null"
	roles = " worker board vault tool "
	quote = sprintf("%c", 39)
}
function fail(message) {
	printf "%s:%d: %s\n", FILENAME, FNR, message > "/dev/stderr"
	failed = 1
	exit 1
}
function finish() {
	if (count && !lines[count])
		fail(name[count] " has no statement")
	if (open_quote != "")
		fail(name[count] " ends inside " open_quote)
	ended = 0
}
function begin(word) {
	finish()
	if (word !~ /^[a-z][a-z0-9_]*$/ || length(word) > 60)
		fail("bad name " word)
	if (word in taken)
		fail("second statement named " word)
	taken[word] = 1
	name[++count] = word
	role[count] = "worker"
}
function set_role(word) {
	if (!count || !index(roles, " " word " "))
		fail("bad role " word)
	role[count] = word
}
function set_result(word) {
	if (!count || word != "binary")
		fail("bad result " word)
	binary[count] = 1
}
function set_plan(word) {
	if (!count || word != "custom")
		fail("bad plan " word)
	custom[count] = 1
}
function number(digits) {
	if (digits + 0 > nparams[count])
		nparams[count] = digits + 0
}
# One character outside quotes; returns 0 where the rest of the line is a comment.
function plain(s, i,   c, rest) {
	c = substr(s, i, 1)
	rest = substr(s, i)
	if (substr(rest, 1, 2) == "--")
		return 0
	if (ended && c !~ /[ \t]/)
		fail(name[count] " holds a second statement")
	if (substr(rest, 1, 2) == "$$")
		open_quote = "$$"
	else if (c == quote || c == "\"")
		open_quote = c
	else if (c == ";")
		ended = 1
	else if (c == "$" && match(rest, /^\$[0-9]+/))
		number(substr(rest, 2, RLENGTH - 1))
	return 1
}
# The line without comment, closing semicolon and trailing blanks.
function scan(s,   i, c, kept) {
	kept = ""
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, substr(s, i, 2) == "$$" ? 2 : 1)
		if (open_quote != "") {
			if (c == open_quote)
				open_quote = ""
		} else if (!plain(s, i))
			break
		i += length(c) - 1
		if (!ended)
			kept = kept c
	}
	if (open_quote == "")
		sub(/[ \t]+$/, "", kept)
	return kept
}
function literal(s) {
	gsub(/\\/, "&&", s)
	gsub(/"/, "\\\"", s)
	gsub(/\?/, "\\?", s)	# no trigraphs
	gsub(/\t/, "\\t", s)
	return "\"" s "\\n\""
}
FNR == 1 { finish(); inside = 0 }
{ sub(/\r$/, "") }
open_quote == "" && /^-- *name:/ { begin($NF); inside = 1; next }
open_quote == "" && /^-- *role:/ { set_role($NF); next }
open_quote == "" && /^-- *result:/ { set_result($NF); next }
open_quote == "" && /^-- *plan:/ { set_plan($NF); next }
{
	kept = scan($0)
	if (kept == "" && open_quote == "")
		next
	if (!inside)
		fail("statement without a name")
	text[count, ++lines[count]] = kept
}
function header(   file, i) {
	file = out ".h"
	print "#pragma once\n#include \"db/sql.h\"" > file
	for (i = 1; i <= count; i++)
		printf "extern const struct sql SQL_%s;\n", toupper(name[i]) > file
	close(file)
}
function source(   file, i, j, base) {
	file = out ".c"
	base = out
	sub(/.*\//, "", base)
	printf "#include \"%s.h\"\n#include <stddef.h>\n", base > file
	for (i = 1; i <= count; i++) {
		printf "const struct sql SQL_%s = { \"%s\",\n", toupper(name[i]), name[i] > file
		for (j = 1; j <= lines[i]; j++)
			printf "\t%s\n", literal(text[i, j]) > file
		printf "\t, %d, SQL_ROLE_%s, %s, %s };\n", nparams[i], toupper(role[i]), binary[i] ? "true" : "false",
			custom[i] ? "true" : "false" > file
	}
	print "const struct sql *const sql_all[] = {" > file
	for (i = 1; i <= count; i++)
		printf "\t&SQL_%s,\n", toupper(name[i]) > file
	print "\tNULL,\n};" > file
	close(file)
}
END {
	if (failed)
		exit 1
	finish()
	header()
	source()
}
