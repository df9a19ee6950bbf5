#include "match/question.h"

#include <stddef.h>

#include "rules.h"

static bool open_unsafe_places(const struct need *n)
{
	return n->n_unsafe == 0 && n->unsafe_none_said_by == INFORMANT_UNKNOWN;
}

static bool open_applicant_age(const struct need *n)
{
	return recorded_age(n) < 0;
}

/* Only the assessment can say where in the range it is. */
static bool open_risk_assessment(const struct need *n)
{
	struct risk_range risk = risk_of_need(n);

	return n->risk_level != RISK_UNKNOWN && risk.least != risk.most;
}

/* A fund commitment or an end of leave makes the answer differ from night to night: it is not counted. */
static bool differs_by_night(const struct need *n, enum rule rule)
{
	return rule == RULE_NRPF && (n->funded_until != DAY_NONE || n->leave_until != DAY_NONE);
}

static bool open_nrpf_within_stay(const struct need *n)
{
	return n->nrpf == TRI_UNKNOWN && differs_by_night(n, RULE_NRPF);
}

#define ASK_OF(code, decides, said)
#define ASK_CODE(code, decides, of, said) \
	static bool open_##code(const struct need *n) { return n->code == 0 && !differs_by_night(n, RULE_##decides); } \
	static void answer_##code(struct need *n, int answer) { n->code = (enum of)answer; }
#define ASK_BITS(code, decides, of, said) \
	static bool open_##code(const struct need *n) { return !n->code##_known; } \
	static void answer_##code(struct need *n, int answer) \
	{ \
		n->code##_known = answer > 0; \
		n->code = answer > 1 ? 1u << (answer - 2) : 0; \
	}
#define ASK_SUPPORT(code, decides, of, said)
#include "match/questions.def"

/* They are asked together: an answer that was given is complete. */
static bool open_support_needs(const struct need *n)
{
	for (int i = 0; i < SUPPORT_COUNT; i++)
		if (n->support[i] != TRI_UNKNOWN)
			return false;
	return true;
}

static void answer_support_needs(struct need *n, int answer)
{
	for (int i = 0; i < SUPPORT_COUNT; i++)
		n->support[i] = answer == 0 ? TRI_UNKNOWN : answer == i + 2 ? TRI_YES : TRI_NO;
}

_Static_assert(MIX_COUNT + 2 <= ANSWERS_MAX && SUPPORT_COUNT + 2 <= ANSWERS_MAX, "none, and one of each, are counted");

const struct question_row question_rows[] = {
#define ASK_OF(code, decides, said) { #code, said, RULE_##decides, QUESTION_UNCOUNTED, NULL, open_##code, NULL },
#define ASK_CODE(code, decides, of, said) \
	{ #code, said, RULE_##decides, QUESTION_CODE, &of##_codes, open_##code, answer_##code },
#define ASK_BITS(code, decides, of, said) \
	{ #code, said, RULE_##decides, QUESTION_SET, &of##_codes, open_##code, answer_##code },
#include "match/questions.def"
	{ 0 },
};

int questions_open(const struct need *n, struct open_question out[QUESTIONS_MAX])
{
	int open = 0;

	for (const struct question_row *row = question_rows; row->code; row++)
		if (row->open(n))
			out[open++] = (struct open_question){ .row = row };
	return open;
}

int question_answers(const struct question_row *row)
{
	switch (row->kind) {
	case QUESTION_CODE: return (int)row->list->n;
	case QUESTION_SET: return (int)row->list->n + 2;
	default: return 0;
	}
}

/* What is not counted goes before all that is, in the order of the table. */
static int64_t weight(const struct open_question *q)
{
	int64_t most = q->row->kind == QUESTION_UNCOUNTED ? INT64_MAX : 0;

	for (int i = 0; i < ANSWERS_MAX; i++)
		most = q->ruled_out[i] > most ? q->ruled_out[i] : most;
	return most;
}

bool question_decides(const struct open_question *q)
{
	if (q->row->rule == RULE_UNSAFE_AREA || q->asks)
		return true;
	return q->row->kind != QUESTION_UNCOUNTED && weight(q) > 0;
}

int questions_sort(struct open_question *q, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++) {
		struct open_question one = q[i];
		int at = kept;

		if (!question_decides(&one))
			continue;
		for (; at > 0 && weight(&q[at - 1]) < weight(&one); at--)
			q[at] = q[at - 1];
		q[at] = one;
		kept++;
	}
	return kept;
}
