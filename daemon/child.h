/* The COMMAND that `run` starts. Thread rule: control thread. */
#ifndef ASSERTD_DAEMON_CHILD_H
#define ASSERTD_DAEMON_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
    pid_t pid;
    bool running;
    int exit_code; /* 128 + signal where a signal ended it */
};

/* Starts argv[0], found in PATH, with our environment and signals at their defaults. 0; a negative
 * errno. */
int child_start(struct child *child, char *const argv[]);

/* After SIGCHLD: whether it has ended just now. */
bool child_reap(struct child *child);

/* Sends a signal while it runs. */
void child_signal(const struct child *child, int number);

/* Sets an environment variable to http://ADDRESS, with the loopback address for a wildcard one;
 * NULL removes it. */
void child_setenv_url(const char *name, const char *address);

#endif
