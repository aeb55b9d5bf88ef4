/*
 * The program's own version. Immutable; any thread.
 */
#ifndef ASSERTD_CORE_VERSION_H
#define ASSERTD_CORE_VERSION_H

/* The version as text, such as "0.1.0"; static storage. */
const char *assertd_version(void);

#endif
