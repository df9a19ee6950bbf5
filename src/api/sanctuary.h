/* What the resources of the sanctuary scheme have in common (domain: Sanctuary).
 *
 * What may be done with a job in which state is data of the database (sanctuary.act_rule, sanctuary.move), and one
 * function there is the door of every act. A handler hands over what was entered and tells the outcome. */
#pragma once
#include "serve/serve.h"

struct shape;

extern const struct shape sanctuary_job_shape;

/* The step that shows a job. */
struct reply sanctuary_job_get(struct ctx *c);
/* Asks for the job with the form of one act, and the step that shows it. */
struct reply sanctuary_job_with(struct ctx *c, const char *act);
/* The last step of an act, whose batch was: 0 the outcome, 1 the job as it is now. */
struct reply sanctuary_job_done(struct ctx *c);
/* The answer to the refusal in row 0 of statement 0; NULL-terminated problem members name its field and rule. */
struct reply sanctuary_refused(struct ctx *c);
/* Whether row 0 of statement 0 says that it is done. */
bool sanctuary_is_done(struct ctx *c);
