/* How dear is OTLP/JSON? A recorded request read token by token, transcoded to protobuf, and
 * decoded into a span set, beside the decoding of its protobuf twin and beside yajl with callbacks
 * that do nothing. Variants in turn, medians of rounds; copies keep the bytes out of the nearest
 * cache. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yajl/yajl_parse.h>

#include "daemon/core/utf8.h"
#include "daemon/core/json_reader.h"
#include "receivers/otlp_decode.h"
#include "receivers/otlp_json.h"

#define COPIES     64
#define ROUNDS     21
#define SPANS      64
#define BODY_BYTES (1u << 20)

struct corpus {
    struct bytes json[COPIES];
    struct bytes twin[COPIES];
};

static struct corpus corpus;
static uint64_t sink;

static uint64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void load(const char *path, struct bytes *copies)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    for (size_t i = 0; i < COPIES; i++) {
        uint8_t *body = malloc(BODY_BYTES);
        rewind(file);
        copies[i] = bytes_from(body, body != NULL ? fread(body, 1, BODY_BYTES, file) : 0);
    }
    fclose(file);
}

static void check_utf8(size_t copy)
{
    sink += utf8_valid(corpus.json[copy]);
}

static int take_nothing(void *self)
{
    (void)self;
    return 1;
}

static int take_boolean(void *self, int value)
{
    (void)self;
    return value | 1;
}

static int take_number(void *self, const char *text, size_t len)
{
    (void)self;
    (void)text;
    return len != 0;
}

static int take_text(void *self, const unsigned char *text, size_t len)
{
    (void)self;
    (void)text;
    (void)len;
    return 1;
}

/* The library alone: the floor of whatever is built on it. */
static void run_yajl(size_t copy)
{
    static const yajl_callbacks callbacks = {
        .yajl_null = take_nothing,
        .yajl_boolean = take_boolean,
        .yajl_number = take_number,
        .yajl_string = take_text,
        .yajl_start_map = take_nothing,
        .yajl_map_key = take_text,
        .yajl_end_map = take_nothing,
        .yajl_start_array = take_nothing,
        .yajl_end_array = take_nothing,
    };
    yajl_handle handle = yajl_alloc(&callbacks, NULL, NULL);
    yajl_config(handle, yajl_dont_validate_strings, 1);
    sink += yajl_parse(handle, corpus.json[copy].data, corpus.json[copy].len) == yajl_status_ok;
    yajl_free(handle);
}

static int count_token(void *self, enum json_token token, struct bytes text)
{
    (void)text;
    *(uint64_t *)self += token;
    return 0;
}

static void read_tokens(size_t copy)
{
    char error[160];
    if (json_read(corpus.json[copy], count_token, &sink, error, sizeof error) != 0) {
        abort();
    }
}

static void transcode_to(size_t copy, struct buf *out)
{
    struct otlp_json_notes notes;
    if (otlp_json_transcode(corpus.json[copy], out, &notes) != 0) {
        abort();
    }
}

static void transcode(size_t copy)
{
    struct buf out = BUF_NULL;
    transcode_to(copy, &out);
    sink += out.len;
    buf_deinit(&out);
}

static void decode_body(uint8_t *take_body, size_t len)
{
    static const struct shard_map shards = {{1, 2}, 1};
    const struct otlp_limits limits = OTLP_LIMITS_DEFAULT;
    struct span_set *set;
    if (otlp_decode(take_body, len, bytes_from(take_body, len), &shards, &limits, &set) != 0) {
        abort();
    }
    sink += set->span_count;
    span_set_unref(set);
}

static void transcode_and_decode(size_t copy)
{
    struct buf out = BUF_NULL;
    size_t len;
    transcode_to(copy, &out);
    uint8_t *body = buf_take(&out, &len);
    decode_body(body, len);
}

static void decode_twin(size_t copy)
{
    uint8_t *body = malloc(corpus.twin[copy].len);
    memcpy(body, corpus.twin[copy].data, corpus.twin[copy].len);
    decode_body(body, corpus.twin[copy].len);
}

struct variant {
    const char *name;
    void (*run)(size_t copy);
    double ns[ROUNDS];
};

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double measure(const struct variant *variant)
{
    uint64_t start = cpu_ns();
    for (size_t copy = 0; copy < COPIES; copy++) {
        variant->run(copy);
    }
    return (double)(cpu_ns() - start) / (COPIES * SPANS);
}

int main(void)
{
    static struct variant variants[] = {
        {.name = "decode the protobuf twin", .run = decode_twin},
        {.name = "check UTF-8 of the text", .run = check_utf8},
        {.name = "yajl, nothing done with its tokens", .run = run_yajl},
        {.name = "json_read", .run = read_tokens},
        {.name = "otlp_json_transcode", .run = transcode},
        {.name = "transcode and decode", .run = transcode_and_decode},
    };
    const size_t count = sizeof variants / sizeof variants[0];
    load(ASSERTD_SOURCE_DIR "/tests/payloads/http-64.json", corpus.json);
    load(ASSERTD_SOURCE_DIR "/tests/payloads/http-64.pb", corpus.twin);
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < count; i++) {
            variants[i].ns[round] = measure(&variants[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        qsort(variants[i].ns, ROUNDS, sizeof variants[i].ns[0], compare_doubles);
        double ns = variants[i].ns[ROUNDS / 2];
        printf("%-38s %8.1f ns/span  %8.0f k spans/s\n", variants[i].name, ns, 1e6 / ns);
    }
    return sink == 0;
}
