/* The third-party libraries of this layer, for `assertd version`. */
#ifndef ASSERTD_TRACETEST_LIBRARIES_H
#define ASSERTD_TRACETEST_LIBRARIES_H

#include "daemon/core/library.h"

/* Fills in the libraries and their versions; returns how many, at most LIBRARIES_MAX. */
size_t tracetest_libraries(struct library ret[LIBRARIES_MAX]);

#endif
