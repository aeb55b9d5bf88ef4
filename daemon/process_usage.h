/* What the kernel says about this process. Thread rule: any thread. */
#ifndef ASSERTD_DAEMON_PROCESS_USAGE_H
#define ASSERTD_DAEMON_PROCESS_USAGE_H

#include <stdint.h>

struct process_usage {
    uint64_t cpu_ns;         /* user and system, all threads */
    uint64_t resident_bytes; /* 0: not known */
};

/* Asks: two system calls and a small file. */
struct process_usage process_usage_now(void);

#endif
