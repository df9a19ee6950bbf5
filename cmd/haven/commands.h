/* Every command of `haven`; the last entry has no name. Tests run the commands from here too. */
#pragma once
#include "tool/tool.h"

extern const struct tool_command haven_commands[];
