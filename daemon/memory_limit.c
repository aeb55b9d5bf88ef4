#include "daemon/memory_limit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/number.h"

#define FILE_BYTES 8192u
#define PATH_BYTES 4096u
/* Version 1 says "no limit" by the greatest number of whole pages. */
#define ENDLESS (UINT64_C(1) << 60)

static struct bytes take_line(struct bytes *text)
{
    const uint8_t *end = text->len != 0 ? memchr(text->data, '\n', text->len) : NULL;
    size_t len = end != NULL ? (size_t)(end - text->data) : text->len;
    size_t step = end != NULL ? len + 1 : len;
    struct bytes line = bytes_from(text->data, len);
    *text = bytes_from(text->data + step, text->len - step);
    return line;
}

/* The part before the next ':'; false: there is none. */
static bool take_part(struct bytes *line, struct bytes *ret)
{
    const uint8_t *colon = line->len != 0 ? memchr(line->data, ':', line->len) : NULL;
    if (colon == NULL) {
        return false;
    }
    size_t len = (size_t)(colon - line->data);
    *ret = bytes_from(line->data, len);
    *line = bytes_from(line->data + len + 1, line->len - len - 1);
    return true;
}

static bool names_memory(struct bytes controllers)
{
    while (controllers.len != 0) {
        const uint8_t *comma = memchr(controllers.data, ',', controllers.len);
        size_t len = comma != NULL ? (size_t)(comma - controllers.data) : controllers.len;
        if (bytes_is(bytes_from(controllers.data, len), "memory")) {
            return true;
        }
        size_t step = comma != NULL ? len + 1 : len;
        controllers = bytes_from(controllers.data + step, controllers.len - step);
    }
    return false;
}

/* Each line is "ID:CONTROLLERS:PATH"; version 2 has the ID 0 and names none. */
int memory_cgroup_path(struct bytes self_cgroup, struct bytes *ret_path, bool *ret_v1)
{
    int found = 1;
    while (self_cgroup.len != 0) {
        struct bytes line = take_line(&self_cgroup);
        struct bytes id;
        struct bytes controllers;
        if (!take_part(&line, &id) || !take_part(&line, &controllers) || line.len == 0 ||
            line.data[0] != '/') {
            continue;
        }
        if (names_memory(controllers)) {
            *ret_path = line;
            *ret_v1 = true;
            return 0;
        }
        if (bytes_is(id, "0") && controllers.len == 0) {
            *ret_path = line;
            *ret_v1 = false;
            found = 0;
        }
    }
    return found;
}

uint64_t memory_cgroup_parse(struct bytes text)
{
    uint64_t bytes;
    struct bytes number = bytes_trim(take_line(&text));
    return number_parse_u64(number, &bytes) == 0 && bytes < ENDLESS ? bytes : 0;
}

uint64_t memory_meminfo_parse(struct bytes text)
{
    static const struct bytes name = {(const uint8_t *)"MemTotal:", 9};
    static const struct bytes unit = {(const uint8_t *)"kB", 2};
    while (text.len != 0) {
        struct bytes line = take_line(&text);
        uint64_t kibibytes;
        if (!bytes_start_with(line, name) || line.len < name.len + unit.len) {
            continue;
        }
        line = bytes_trim(line);
        struct bytes number =
            bytes_trim(bytes_from(line.data + name.len, line.len - name.len - unit.len));
        return number_parse_u64(number, &kibibytes) == 0 && kibibytes < ENDLESS / 1024
                   ? kibibytes * 1024
                   : 0;
    }
    return 0;
}

struct memory_limit memory_limit_choose(uint64_t configured_bytes, uint64_t cgroup_bytes,
                                        uint64_t machine_bytes)
{
    struct memory_limit limit = {.cgroup_bytes = cgroup_bytes, .machine_bytes = machine_bytes};
    bool in_cgroup = cgroup_bytes != 0 && (machine_bytes == 0 || cgroup_bytes < machine_bytes);
    if (configured_bytes != 0) {
        limit.bytes = configured_bytes;
        limit.origin = MEMORY_CONFIGURED;
    } else if (in_cgroup) {
        limit.bytes = cgroup_bytes / 4 * 3;
        limit.origin = MEMORY_OF_CGROUP;
    } else if (machine_bytes != 0) {
        limit.bytes = machine_bytes / 4;
        limit.origin = MEMORY_OF_MACHINE;
    } else {
        limit.bytes = MEMORY_LIMIT_UNKNOWN;
        limit.origin = MEMORY_OF_DEFAULT;
    }
    limit.bytes = limit.bytes > MEMORY_LIMIT_LEAST ? limit.bytes : MEMORY_LIMIT_LEAST;
    limit.beyond_cgroup = cgroup_bytes != 0 && limit.bytes > cgroup_bytes;
    return limit;
}

/* The beginning of a file; empty where it can't be read. */
static struct bytes read_file(const char *root, const char *path, uint8_t text[FILE_BYTES])
{
    char name[PATH_BYTES];
    int len = snprintf(name, sizeof name, "%s%s", root, path);
    int fd = len > 0 && (size_t)len < sizeof name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t got = fd >= 0 ? read(fd, text, FILE_BYTES) : 0;
    if (fd >= 0) {
        close(fd);
    }
    return bytes_from(text, got > 0 ? (size_t)got : 0);
}

static uint64_t smaller_limit(uint64_t a, uint64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* The least limit of the group and those above it. In a namespace of its own the path may not be
 * there; the mount point is its group then. */
static uint64_t read_cgroup(const char *root)
{
    uint8_t text[FILE_BYTES];
    uint8_t content[FILE_BYTES];
    char file[PATH_BYTES];
    struct bytes path;
    bool v1 = false;
    uint64_t least = 0;
    if (memory_cgroup_path(read_file(root, "/proc/self/cgroup", text), &path, &v1) != 0) {
        return 0;
    }
    while (true) {
        int len = snprintf(file, sizeof file, "/sys/fs/cgroup%s%.*s/%s", v1 ? "/memory" : "",
                           (int)path.len, (const char *)path.data,
                           v1 ? "memory.limit_in_bytes" : "memory.max");
        if (len > 0 && (size_t)len < sizeof file) {
            least = smaller_limit(least, memory_cgroup_parse(read_file(root, file, content)));
        }
        if (path.len == 0) {
            return least;
        }
        while (path.len != 0 && path.data[--path.len] != '/') {
        }
    }
}

struct memory_limit memory_limit_find(const char *root, uint64_t configured_bytes)
{
    uint8_t text[FILE_BYTES];
    uint64_t machine = memory_meminfo_parse(read_file(root, "/proc/meminfo", text));
    return memory_limit_choose(configured_bytes, read_cgroup(root), machine);
}

const char *memory_origin_name(enum memory_origin origin)
{
    static const char *const names[] = {"configured", "cgroup", "machine", "default"};
    return names[origin];
}
