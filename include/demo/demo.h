/* Invented data for an empty database: a Tees partnership described in config/demo/tees.json, or
 * a generated set of a size, for showing, measuring and testing. */
#pragma once

struct tool;

/* The command `demo load` (tool/tool.h). */
int demo_load(struct tool *t);
