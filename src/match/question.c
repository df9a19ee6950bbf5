#include "match/question.h"

#include <stddef.h>

#include "match/codes.h"

const struct question_row question_rows[] = {
	{ "unsafe_places", "Where is it not safe for them?", 0, RULE_UNSAFE_AREA, NULL },
#define ASK_OF(name, member, decides, list, said) \
	{ #name, said, offsetof(struct need, member), RULE_##decides, &list##_codes },
#include "match/questions.def"
	{ 0 },
};

/* Enums without negative values are unsigned here, and as wide as an int. */
static unsigned *member_of(struct need *n, const struct question_row *row)
{
	return (unsigned *)((char *)n + row->offset);
}

/* A fund commitment or an end of leave makes the answer differ from night to night: it is not counted. */
static bool counted(const struct need *n, const struct question_row *row)
{
	return row->rule != RULE_NRPF || (n->funded_until == DAY_NONE && n->leave_until == DAY_NONE);
}

static bool is_open(const struct need *n, const struct question_row *row)
{
	if (!row->answers)
		return n->n_unsafe == 0 && n->unsafe_none_said_by == INFORMANT_UNKNOWN;
	return *(const unsigned *)((const char *)n + row->offset) == 0 && counted(n, row);
}

int questions_open(const struct need *n, struct open_question out[QUESTIONS_MAX])
{
	int open = 0;

	for (const struct question_row *row = question_rows; row->code; row++)
		if (is_open(n, row))
			out[open++] = (struct open_question){ .row = row };
	return open;
}

int question_answers(const struct open_question *q)
{
	return q->row->answers ? (int)q->row->answers->n : 0;
}

void question_answer(struct need *n, const struct open_question *q, int answer)
{
	*member_of(n, q->row) = (unsigned)answer;
}

static int64_t most(const struct open_question *q)
{
	int64_t n = q->row->answers ? 0 : INT64_MAX;

	for (int i = 0; i < ANSWERS_MAX; i++)
		n = q->ruled_out[i] > n ? q->ruled_out[i] : n;
	return n;
}

int questions_sort(struct open_question *q, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++) {
		struct open_question one = q[i];
		int at = kept;

		if (most(&one) == 0)
			continue;
		for (; at > 0 && most(&q[at - 1]) < most(&one); at--)
			q[at] = q[at - 1];
		q[at] = one;
		kept++;
	}
	return kept;
}
