/* Slow clients: connections that send one byte of an endless head every two seconds, and come back
 * when they are shut out. */
#pragma once
#include <signal.h>

/* Keeps n of them busy for that long, or until *stop; prints how many bytes went out and how many
 * connections the server ended. */
int trickle(int port, int n, int seconds, const volatile sig_atomic_t *stop);
