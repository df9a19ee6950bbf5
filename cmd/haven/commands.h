/* Every command of `haven`, ended by one without a name. Tests run them from here too. */
#pragma once
#include "tool/tool.h"

extern const struct tool_command haven_commands[];
