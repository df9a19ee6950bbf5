#include "patience.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"

enum { PAUSE_US = 2000 };

bool wait_on(int64_t since)
{
	usleep(PAUSE_US);
	return clock_mono() - since < PATIENCE_S * SECOND_US;
}
