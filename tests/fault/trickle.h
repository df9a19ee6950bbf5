/* Slow clients: connections that send one byte of an endless head every two seconds, and connect
 * again when the server closes them. */
#pragma once
#include <signal.h>

/* Keeps n of them busy for so many seconds, or until *stop. Prints the number of bytes sent and of
 * connections that the server ended. */
int trickle(int port, int n, int seconds, const volatile sig_atomic_t *stop);
