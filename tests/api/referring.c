#include "referring.h"

#include "base/text.h"
#include "memory.h"

struct answer refer(const char *body)
{
	return call(ROLE_navigator, "POST", "/api/v1/referrals", "%s", body);
}

const char *path(const char *what, const char *id, const char *more)
{
	return arena_printf(test_memory(), "/api/v1/%s/%s%s", what, id, more);
}

static const char *const topics[] = {
	"injury", "frightened", "afraid_of", "isolated", "depressed_suicidal", "separation", "child_contact", "stalking",
	"pregnancy", "more_often", "worse", "control", "weapons", "threats_to_kill", "strangulation", "sexual",
	"others_threaten", "others_hurt", "animals", "money", "drugs_alcohol_health", "perpetrator_suicide",
	"orders_broken", "criminal_history",
};

const char *dash_member(int yes, int no, const char *others)
{
	struct text t = text_in(test_memory());

	text_puts(&t, "\"dash\":[");
	for (int i = 0; i < (int)(sizeof(topics) / sizeof(*topics)); i++) {
		const char *answer = i < yes ? "yes" : i < yes + no ? "no" : others;

		if (answer)
			text_printf(&t, "%s{\"topic\":\"%s\",\"answer\":\"%s\"}", i ? "," : "", topics[i], answer);
	}
	text_puts(&t, "]");
	return text_done(&t);
}
