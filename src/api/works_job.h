/* What the works of a job look like, and how an operative comes to a home. */
#pragma once
#include "serve/serve.h"
#include "serve/shape.h"

struct works_window {
	const char *day, *from, *until;
};

struct works_access {
	struct json_list ways, windows;
	enum tri pets, asbestos;
};

extern const struct shape works_job_shape, works_late_shape;

/* The page of a job's works, which a refused act shows again. */
step works_job_get;
/* Does an act on a job with what was entered, and goes back to its page. */
struct reply works_job_act(struct ctx *c, const char *which);
/* Adds the statement that shows the job; the last step of a batch whose statement 0 was an act. */
struct reply works_job_then_shown(struct ctx *c);
