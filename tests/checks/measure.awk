# Reads C and prints one line for each function: FILE NAME LINES NESTING. It relies on kernel style:
# a function's body begins with { in the first column and ends with } in the first column.
#
# LINES counts from the line of the function's name to the closing brace. NESTING is the number of
# if, else, for, while, do and switch that are open around one another, with or without braces;
# `else if` stays at the level of its if. Needs code.awk.

FNR == 1 {
	inside = 0
	name = ""
}

function push(kind) {
	stack[++top] = kind
	if (kind != "{") {
		open++
		if (open > deepest)
			deepest = open
	}
}

function pop() {
	if (stack[top] != "{")
		open--
	return stack[top--]
}

# A statement has ended, and with it the controls that had it as their whole body. They are
# remembered, outermost last, in case an else follows.
function statement_ends() {
	while (top > 0 && stack[top] ~ /^[a-z]+$/)
		ended[++n_ended] = pop()
}

# An else belongs to the nearest if that has just ended. The controls around that if are open again.
function go_on(  i, at) {
	for (at = 1; at <= n_ended && ended[at] !~ /^if/; at++)
		;
	for (i = n_ended; i > at; i--)
		push(ended[i])
	n_ended = 0
}

# parens: the depth of parentheses; waiting: a control whose condition or body is still to come.
function token(t) {
	if (t == "else") {
		go_on()
		waiting = "else"
		return
	}
	if (t ~ /^(if|for|while|switch|do)$/) {
		if (t == "while" && shut_do) {
			shut_do = 0
			return
		}
		if (waiting != "" && waiting != "else")
			push(waiting)
		waiting = t
		condition = t != "do"
		n_ended = shut_do = 0
		return
	}
	if (t == "(") {
		parens++
		return
	}
	if (t == ")") {
		if (--parens == 0 && condition)
			condition = 0
		return
	}
	if (parens > 0)
		return
	if (t == "{") {
		if (waiting != "")
			push(waiting "{")
		else
			push("{")
		waiting = ""
		return
	}
	if (waiting != "") {
		push(waiting)
		waiting = ""
	}
	shut_do = 0
	if (t == ";") {
		n_ended = 0
		statement_ends()
	} else if (t == "}") {
		n_ended = 0
		last = pop()
		if (last != "{")
			ended[++n_ended] = last
		shut_do = last == "do{"
		if (last != "{" && !shut_do)
			statement_ends()
	}
}

function tokens(line,  t) {
	while (match(line, /[A-Za-z_][A-Za-z_0-9]*|[^ \t]/)) {
		t = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		token(t)
	}
}

{
	was_in_comment = in_comment
	line = code_of($0)
	if (!inside && !was_in_comment && line ~ /^[A-Za-z_].*\(/ && line !~ /[;=]/ && line !~ /^typedef/) {
		name = line
		sub(/\(.*/, "", name)
		sub(/.*[ *]/, "", name)
		start = FNR
	}
	if (!inside && line ~ /^\{/ && name != "") {
		inside = 1
		top = open = deepest = parens = n_ended = shut_do = condition = 0
		waiting = ""
		next
	}
	if (inside && line ~ /^\}/) {
		printf "%s %s %d %d\n", FILENAME, name, FNR - start + 1, deepest
		inside = 0
		name = ""
		next
	}
	if (inside && line !~ /^#/)
		tokens(line)
}
