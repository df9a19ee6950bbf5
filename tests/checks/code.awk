# code_of(line): a line of C without its comments, and with strings and characters emptied (or kept,
# if keep_strings is set). Lines must come in order. in_comment says if the line ended inside a
# comment.

FNR == 1 { in_comment = 0 }

# The position at which the literal that opens at i ends.
function literal_end(line, i, quote) {
	quote = substr(line, i, 1)
	for (i++; i <= length(line) && substr(line, i, 1) != quote; i++)
		if (substr(line, i, 1) == "\\")
			i++
	return i
}

function code_of(line,  out, c, two, i, from) {
	out = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		two = substr(line, i, 2)
		if (in_comment) {
			if (two == "*/") {
				in_comment = 0
				i++
			}
		} else if (two == "/*") {
			in_comment = 1
			i++
		} else if (two == "//") {
			return out
		} else if (c == "\"" || c == "'") {
			from = i
			i = literal_end(line, i)
			out = out (keep_strings ? substr(line, from, i - from + 1) : c c)
		} else {
			out = out c
		}
	}
	return out
}
