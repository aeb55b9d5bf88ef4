/* A third-party library that the program runs with: each layer tells its own, `assertd version`
 * prints them all. */
#ifndef ASSERTD_CORE_LIBRARY_H
#define ASSERTD_CORE_LIBRARY_H

#include <stddef.h>

#define LIBRARY_VERSION_MAX 64

struct library {
    const char *name;
    char version[LIBRARY_VERSION_MAX];
};

#define LIBRARIES_MAX 8

#endif
