/* The versions of the libraries that the program runs with. */
#ifndef ASSERTD_DAEMON_LIBRARY_VERSIONS_H
#define ASSERTD_DAEMON_LIBRARY_VERSIONS_H

#include <stdio.h>

/* Writes `name version`, a line each. */
void library_versions_print(FILE *out);

#endif
