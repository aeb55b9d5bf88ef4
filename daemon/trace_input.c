#include "daemon/trace_input.h"

#include <stdio.h>
#include <string.h>

#include "daemon/exit_code.h"
#include "receivers/trace_file.h"

/* One file, and all of them together, may be larger than a request. */
#define FILE_BYTES_MAX (UINT64_C(8) << 30)
#define ERROR_BYTES    256

int trace_input_file(const char *path, uint8_t **ret, size_t *ret_len)
{
    int bad = trace_file_read(path, FILE_BYTES_MAX, ret, ret_len);
    if (bad) {
        fprintf(stderr, "assertd: %s: %s\n", path, bad < 0 ? strerror(-bad) : "larger than 8GiB");
        return EXIT_CODE_USAGE;
    }
    return 0;
}

/* Whatever a file holds was let through once: only what a trace may hold is bounded. */
static struct otlp_limits file_limits(const struct listed_keys *listed)
{
    struct otlp_limits limits = OTLP_LIMITS_DEFAULT;
    limits.spans = limits.resources = UINT32_MAX;
    limits.decoded_bytes = 0;
    limits.span.attrs = limits.span.events = limits.span.links = UINT32_MAX;
    limits.listed = listed;
    return limits;
}

static int complain(const char *path, int bad, const char *error)
{
    fprintf(stderr, "assertd: %s: %s\n", path, bad < 0 ? "no memory" : error);
    return EXIT_CODE_USAGE;
}

static int add_file(struct trace_files *files, const char *path)
{
    char error[ERROR_BYTES] = "";
    uint8_t *data;
    size_t len;
    if (trace_input_file(path, &data, &len) != 0) {
        return EXIT_CODE_USAGE;
    }
    int bad = trace_files_add(files, data, len, error, sizeof error);
    return bad ? complain(path, bad, error) : 0;
}

int trace_input_read(char *const *paths, size_t count, const struct shard_map *shards,
                     const struct listed_keys *listed,
                     void (*add)(void *self, struct span_set *take_set), void *self)
{
    struct otlp_limits limits = file_limits(listed);
    struct trace_files files;
    char error[ERROR_BYTES] = "";
    int code = 0;
    trace_files_init(&files, shards, &limits, add, self);
    for (size_t i = 0; code == 0 && i < count; i++) {
        code = add_file(&files, paths[i]);
    }
    int bad = code == 0 ? trace_files_end(&files, error, sizeof error) : 0;
    trace_files_deinit(&files);
    return bad ? complain("the Zipkin spans", bad, error) : code;
}
