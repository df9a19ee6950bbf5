#include "process/service.h"

int main(int argc, char **argv)
{
	return service_run(argc, argv);
}
