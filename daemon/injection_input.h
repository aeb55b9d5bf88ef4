/* A file of injection records (NDJSON) for the commands that read recorded traces, with what is
 * wrong written to standard error. Thread rule: main thread. */
#ifndef ASSERTD_DAEMON_INJECTION_INPUT_H
#define ASSERTD_DAEMON_INJECTION_INPUT_H

#include "daemon/model/injection.h"

/* Reads the file ("-": standard input) and hands on each record, whose views hold during the call.
 * Good lines count even where others are bad. 0, or the exit code. */
int injection_input_read(const char *path,
                         void (*take)(void *self, const struct injection *injection), void *self);

#endif
