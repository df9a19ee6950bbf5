/* The list of households, for its route row. */
#pragma once
#include "serve/serve.h"

extern const struct input household_list_input;
extern const struct shape household_line_shape;

step household_list;
