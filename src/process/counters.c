#include "counters.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

struct counters *counters_map(const char *run_dir, int n)
{
	char path[512];
	size_t size = (size_t)n * sizeof(struct counters);
	void *p;
	int fd;

	snprintf(path, sizeof(path), "%s/counters", run_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return NULL;
	p = ftruncate(fd, (off_t)size) == 0 ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
					    : MAP_FAILED;
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}
