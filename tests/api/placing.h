/* Placements for tests: a navigator asks for them, and Provider A answers. */
#pragma once
#include "service.h"

struct answer hold(const char *household, const char *vacancy);
/* POST /placements/<id>/<verb>, GET /placements/<id> */
struct answer act(int actor, const char *id, const char *verb, const char *body);
struct answer get(int actor, const char *id);

/* The id of a placement in that state; every step on the way must succeed. */
const char *held(const char *household, const char *vacancy);
const char *offered(const char *household, const char *vacancy);
const char *accepted(const char *household, const char *vacancy);
const char *arrived(const char *household, const char *vacancy);
/* The state as it is stored. */
const char *stored(const char *id);
