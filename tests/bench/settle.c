#include "tests/bench/settle.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The field after the program's name, which may hold anything but ends with the last ')'. */
static const char *after_name(const char *line)
{
    const char *end = strrchr(line, ')');
    return end != NULL ? end + 1 : "";
}

static uint64_t fresh_pages(uint32_t pid)
{
    char path[32], line[1024] = "";
    uint64_t pages = 0;
    snprintf(path, sizeof path, "/proc/%" PRIu32 "/stat", pid);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        size_t len = fread(line, 1, sizeof line - 1, file);
        line[len] = '\0';
        fclose(file);
    }
    sscanf(after_name(line), " %*c %*d %*d %*d %*d %*d %*u %" SCNu64, &pages);
    return pages;
}

struct settling settling_of(uint32_t pid, uint64_t spans)
{
    return (struct settling){.pid = pid, .pages = fresh_pages(pid), .spans = spans};
}

bool settling_look(struct settling *settling, uint64_t spans)
{
    uint64_t pages = fresh_pages(settling->pid);
    uint64_t most = (spans - settling->spans) / 1000 * SETTLE_PAGES;
    bool quiet = pages - settling->pages <= most || pages == 0;
    settling->quiet_count = quiet ? settling->quiet_count + 1 : 0;
    settling->pages = pages;
    settling->spans = spans;
    return settling->quiet_count >= SETTLE_LOOKS;
}
