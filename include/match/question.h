/* What the household has not said, once for a whole answer (domain: two kinds of ask). Each question has,
 * for every answer it may get, how many of the places that fit are kept and ruled out, so that the first
 * one asked on the telephone is the one that narrows most. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/codes.h"
#include "match/need.h"

enum household_question {
	QUESTION_UNSAFE_PLACES,		/* first always; without numbers, which would tell where places are */
	QUESTION_FACTS,			/* the rows of questions.def from here on */
};

struct question_row {
	const char *code, *text;
	size_t offset;			/* of the member in struct need: an int or an enum, 0 while unknown */
	int rule;			/* enum rule; what the answer decides */
	const struct code_list *answers;	/* the first is "unknown" */
};

enum { QUESTIONS_MAX = 16, ANSWERS_MAX = 6 };
/* Ended by one without code. The first is that of QUESTION_UNSAFE_PLACES. */
extern const struct question_row question_rows[];

struct open_question {
	const struct question_row *row;
	int64_t ruled_out[ANSWERS_MAX];	/* by answer; of the places that fit */
};

/* The questions that the need leaves open, with no numbers yet, in the order of the table; returns how
 * many. */
int questions_open(const struct need *n, struct open_question out[QUESTIONS_MAX]);
int question_answers(const struct open_question *q);
/* Sets the need as if that were the answer; 0 leaves the question open again. */
void question_answer(struct need *n, const struct open_question *q, int answer);
/* Unsafe places first, then what rules out most; those that decide nothing are left out. Returns how many
 * are left. */
int questions_sort(struct open_question *q, int n);
