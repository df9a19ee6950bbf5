# Writes a C table of files (-v list="a b c") to standard output: bytes with path, for
# include/base/embedded.h. Reads with od, so that any byte survives.
function emit(path, i,   od, line, n, b, j) {
	od = "od -An -v -tu1 '" path "'"
	printf "static const unsigned char file_%d[] = {\n", i
	while ((od | getline line) > 0) {
		n = split(line, b, " ")
		for (j = 1; j <= n; j++)
			printf "%s,", b[j]
		print ""
	}
	close(od)
	print "0 };"
}
BEGIN {
	count = split(list, paths, " ")
	print "#include \"base/embedded.h\""
	for (i = 1; i <= count; i++)
		emit(paths[i], i)
	print "const struct embedded embedded_files[] = {"
	for (i = 1; i <= count; i++)
		printf "\t{ \"%s\", file_%d, sizeof(file_%d) - 1 },\n", paths[i], i, i
	print "\t{ 0 },\n};"
}
