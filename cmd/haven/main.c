#include "commands.h"

int main(int argc, char **argv)
{
	return tool_run(haven_commands, argc, argv);
}
