/* What limits.memory is where it is not configured, and whether what is configured is wise: from
 * the limit of the process's control group, or else from the machine's memory.
 *
 * Three quarters of a control group's limit leave the rest to the program itself, its libraries and
 * the kernel's buffers; a quarter of a machine leaves the rest to others. Pure but for
 * memory_limit_find, which reads the files. */
#ifndef ASSERTD_DAEMON_MEMORY_LIMIT_H
#define ASSERTD_DAEMON_MEMORY_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/bytes.h"

/* No less is ever chosen or allowed. */
#define MEMORY_LIMIT_LEAST (UINT64_C(4) << 20)
/* Where nothing can be read. */
#define MEMORY_LIMIT_UNKNOWN (UINT64_C(512) << 20)

enum memory_origin { MEMORY_CONFIGURED, MEMORY_OF_CGROUP, MEMORY_OF_MACHINE, MEMORY_OF_DEFAULT };

struct memory_limit {
    uint64_t bytes;
    enum memory_origin origin;
    uint64_t cgroup_bytes;  /* 0: no limit there */
    uint64_t machine_bytes; /* 0: not known */
    bool beyond_cgroup;     /* more than the control group has room for */
};

/* Where a process is, by the text of /proc/self/cgroup: the path below the mount point, and whether
 * the memory controller is one of version 1. 0; 1: in none. */
int memory_cgroup_path(struct bytes self_cgroup, struct bytes *ret_path, bool *ret_v1);

/* The text of memory.max or memory.limit_in_bytes; 0: no limit ("max", or all of the address
 * space), or not a number. */
uint64_t memory_cgroup_parse(struct bytes text);

/* MemTotal of /proc/meminfo; 0: not there. */
uint64_t memory_meminfo_parse(struct bytes text);

/* Chooses. `configured_bytes` 0: not configured. */
struct memory_limit memory_limit_choose(uint64_t configured_bytes, uint64_t cgroup_bytes,
                                        uint64_t machine_bytes);

/* Reads the files below `root` ("" for the system's) and chooses. */
struct memory_limit memory_limit_find(const char *root, uint64_t configured_bytes);

/* "configured", "cgroup", "machine", "default". */
const char *memory_origin_name(enum memory_origin origin);

#endif
