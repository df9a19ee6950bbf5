/* What the household has not said, once for a whole answer (domain: two kinds of ask). Each question has,
 * for every answer it may get, how many of the places that fit are kept and ruled out, so that the first
 * one asked on the telephone is the one that narrows most. A rule that such an answer decides is open
 * (OUTCOME_OPEN): it costs no place any points.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/codes.h"
#include "match/need.h"

enum question_kind {
	QUESTION_UNCOUNTED,	/* asked without numbers. Of unsafe places they would tell where places are */
	QUESTION_CODE,		/* one answer of the list, the first of which is "unknown" */
	QUESTION_SET,		/* any of the list, or none of it */
};

struct question_row {
	const char *code, *text;
	int rule;			/* enum rule; what the answer decides */
	enum question_kind kind;
	const struct code_list *list;
	bool (*open)(const struct need *n);
	/* Sets the need as if that were the answer: from 1 on, of a set 1 is none and each other one of the
	 * list alone. 0 leaves the question open again. */
	void (*answer)(struct need *n, int answer);
};

enum {
#define ASK_OF(code, decides, text) QUESTION_##code,
#include "match/questions.def"
	QUESTIONS_MAX,
	ANSWERS_MAX = 12,
};
/* Ended by one without code. The first is that of unsafe places. */
extern const struct question_row question_rows[];

struct open_question {
	const struct question_row *row;
	int64_t ruled_out[ANSWERS_MAX];	/* by answer; of the places that fit */
	bool asks;			/* some answer makes a place that is shown ask its provider */
};

/* The questions that the need leaves open, with no numbers yet, in the order of the table; returns how
 * many. */
int questions_open(const struct need *n, struct open_question out[QUESTIONS_MAX]);
/* How many answers there are, "unknown" among them; 0 where none is counted. */
int question_answers(const struct question_row *row);
/* Whether it is worth asking: some answer rules out a place, or makes one ask. */
bool question_decides(const struct open_question *q);
/* Unsafe places first, then what rules out most; those that decide nothing are left out. Returns how many
 * are left. */
int questions_sort(struct open_question *q, int n);
