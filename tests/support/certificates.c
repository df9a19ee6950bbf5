/* Criterion is linked with libgit2, which reads every authority of /etc/ssl/certs when a process starts, and
 * every test is a process: a fifth of what a small one costs. No test needs an authority, so here is the
 * function that would read them. */
#include <stddef.h>

int mbedtls_x509_crt_parse_file(void *chain, const char *path);

int mbedtls_x509_crt_parse_file(void *chain, const char *path)
{
	(void)chain;
	(void)path;
	return 0;
}
