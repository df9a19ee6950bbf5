/* The service: a master, the vault and the workers, each a process of this program. */
#pragma once

/* `havend [--config FILE]`: runs until SIGTERM. Returns the exit code. */
int service_run(int argc, char **argv);
