/* Jobs of the sanctuary scheme, for tests: made and brought to a state by the API. */
#pragma once
#include "funding.h"

/* The household of the seed whose home is made safe. */
#define HARDENED "00000000-0000-4000-8000-000000000401"

/* A job of that household, just referred, by the navigator. */
const char *hardening_job(void);
/* An act on it as it is now. */
struct answer hardening_act(int actor, const char *job, const char *path, const char *body);
/* The same, which must work. */
void hardening_done(int actor, const char *job, const char *path, const char *body);
/* Every condition answered yes. */
void hardening_conditions(const char *job);
/* An assessment of the risk as of that many days ago. */
void hardening_assessed(int days_ago);
/* Every section of the survey and two openings saved. */
void hardening_surveyed(const char *job);
/* From referral to a state on the straight way of a tenant of a private landlord: eligible, risk_assessed,
 * consent_requested, consent_granted, surveyed, specified, approved. */
const char *hardening_to(const char *state);

#define HARDENING_LINES \
	"{\"lines\":[{\"measure\":\"lock_euro\",\"opening\":\"front_door\",\"quantity_tenths\":20," \
	"\"confirmed\":[\"keyless_inside\"]},{\"measure\":\"letter_fire\",\"opening\":\"letter_plate\"," \
	"\"quantity_tenths\":10},{\"measure\":\"smoke\",\"opening\":\"whole_home\",\"quantity_tenths\":20}]}"
enum { HARDENING_TOTAL = 2 * 8900 + 7500 + 2 * 2800 };
