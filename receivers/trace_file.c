/* What a file holds is told by trying: gzip by its magic, then JSON, then protobuf. */
#include "receivers/trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/buf.h"
#include "daemon/net/inflate.h"
#include "receivers/otlp_json.h"

#define READ_BYTES 65536u

/* What is common to all sets of a file. */
struct file_decoder {
    const struct shard_map *shards;
    const struct otlp_limits *limits;
    void (*add)(void *self, struct span_set *take_set);
    void *self;
    char *error;
    size_t error_bytes;
};

static void buf_cleanup(struct buf *buf)
{
    buf_deinit(buf);
}

static int read_all(int fd, size_t limit, struct buf *ret)
{
    for (;;) {
        uint8_t *room = buf_reserve(ret, READ_BYTES);
        if (room == NULL) {
            return -ENOMEM;
        }
        ssize_t got = read(fd, room, READ_BYTES);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? -errno : 0;
        }
        ret->len += (size_t)got;
        if (limit != 0 && ret->len > limit) {
            return 1;
        }
    }
}

int trace_file_read(const char *path, size_t limit, uint8_t **ret, size_t *ret_len)
{
    __attribute__((cleanup(buf_cleanup))) struct buf content = BUF_NULL;
    bool standard_input = strcmp(path, "-") == 0;
    int fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int outcome = read_all(fd, limit, &content);
    if (!standard_input) {
        close(fd);
    }
    if (outcome == 0) {
        *ret = buf_take(&content, ret_len);
    }
    return outcome;
}

static int fail(const struct file_decoder *decoder, const char *what)
{
    snprintf(decoder->error, decoder->error_bytes, "%s", what);
    return 1;
}

/* Consumes the bytes. 0; OTLP_MALFORMED, which the caller words; 1 + said; -ENOMEM. */
static int add_protobuf(const struct file_decoder *decoder, uint8_t *take_data, size_t len,
                        uint32_t duplicate_keys, bool *ret_malformed)
{
    struct span_set *set;
    int outcome = otlp_decode(take_data, len, bytes_from(take_data, len), decoder->shards,
                              decoder->limits, &set);
    *ret_malformed = outcome == OTLP_MALFORMED;
    if (outcome == 0) {
        set->duplicate_keys += duplicate_keys;
        decoder->add(decoder->self, set);
        return 0;
    }
    if (outcome == OTLP_NO_MEMORY) {
        return -ENOMEM;
    }
    return outcome == OTLP_TOO_MANY ? fail(decoder, "more spans or resources than the limits allow")
                                    : 1;
}

/* One JSON document. 0; 1 with the sentence in notes->error; -ENOMEM. */
static int add_json(const struct file_decoder *decoder, struct bytes json,
                    struct otlp_json_notes *notes)
{
    __attribute__((cleanup(buf_cleanup))) struct buf message = BUF_NULL;
    int outcome = otlp_json_transcode(json, &message, notes);
    if (outcome == OTLP_JSON_NO_MEMORY) {
        return -ENOMEM;
    }
    if (outcome != 0) {
        return 1;
    }
    size_t len;
    bool malformed;
    uint8_t *data = buf_take(&message, &len);
    outcome = add_protobuf(decoder, data, len, notes->duplicate_keys, &malformed);
    if (outcome == 1) {
        snprintf(notes->error, sizeof notes->error, "%s",
                 malformed ? "a value nested too deep"
                           : "more spans or resources than the limits allow");
    }
    return outcome;
}

static struct bytes take_line(struct bytes *rest)
{
    const uint8_t *end = memchr(rest->data, '\n', rest->len);
    size_t len = end != NULL ? (size_t)(end - rest->data) : rest->len;
    struct bytes line = {rest->data, len};
    size_t step = end != NULL ? len + 1 : len;
    rest->data += step;
    rest->len -= step;
    return line;
}

static int add_lines(const struct file_decoder *decoder, struct bytes text)
{
    struct otlp_json_notes notes;
    int outcome = 0;
    for (unsigned line = 1; text.len > 0 && outcome == 0; line++) {
        struct bytes json = bytes_trim(take_line(&text));
        outcome = json.len > 0 ? add_json(decoder, json, &notes) : 0;
        if (outcome == 1) {
            snprintf(decoder->error, decoder->error_bytes, "line %u: %s", line, notes.error);
        }
    }
    return outcome;
}

/* Whether the first line is a document of its own: an object that ends where the line does. */
static bool is_json_lines(struct bytes text)
{
    struct bytes line = BYTES_NULL;
    while (text.len > 0 && line.len == 0) {
        line = bytes_trim(take_line(&text));
    }
    return line.len > 1 && line.data[0] == '{' && line.data[line.len - 1] == '}' &&
           bytes_trim(text).len > 0;
}

/* All or nothing for one document; of lines, those before a bad one have been handed over. */
static int add_text(const struct file_decoder *decoder, struct bytes text)
{
    struct otlp_json_notes notes;
    int outcome = add_json(decoder, text, &notes);
    if (outcome != 1 || !is_json_lines(text)) {
        if (outcome == 1) {
            fail(decoder, notes.error);
        }
        return outcome;
    }
    return add_lines(decoder, text);
}

static int undo_gzip(const struct file_decoder *decoder, uint8_t **data, size_t *len)
{
    if (*len < 2 || (*data)[0] != 0x1f || (*data)[1] != 0x8b) {
        return 0;
    }
    uint8_t *plain;
    size_t plain_len;
    size_t limit = decoder->limits->decoded_bytes != 0 ? decoder->limits->decoded_bytes : SIZE_MAX;
    struct inflater inflater = INFLATER_NULL;
    const struct inflate_bounds bounds = {.limit = limit};
    int outcome =
        inflater_run(&inflater, INFLATE_GZIP, bytes_from(*data, *len), &bounds, &plain, &plain_len);
    inflater_deinit(&inflater);
    if (outcome != 0) {
        return outcome == INFLATE_NO_MEMORY   ? -ENOMEM
               : outcome == INFLATE_TOO_LARGE ? fail(decoder, "too large when decompressed")
                                              : fail(decoder, "damaged gzip data");
    }
    free(*data);
    *data = plain;
    *len = plain_len;
    return 0;
}

/* Protobuf may look like JSON too: its first byte is a line feed, its second a length. */
static bool looks_like_json(struct bytes text)
{
    struct bytes trimmed = bytes_trim(text);
    return bytes_start_with(trimmed, BYTES_LITERAL("{")) ||
           bytes_start_with(trimmed, BYTES_LITERAL("[")) ||
           bytes_start_with(trimmed, BYTES_LITERAL("\xEF\xBB\xBF"));
}

/* Consumes the bytes. */
static int add_file(const struct file_decoder *decoder, uint8_t *take_data, size_t len)
{
    struct bytes text = bytes_from(take_data, len);
    bool is_json = looks_like_json(text);
    bool malformed = false;
    int outcome = is_json ? add_text(decoder, text) : 0;
    if (is_json ? outcome != 1 : len > 0 && bytes_trim(text).len == 0) {
        free(take_data);
        return outcome;
    }
    outcome = add_protobuf(decoder, take_data, len, 0, &malformed);
    if (malformed && !is_json) {
        fail(decoder, "neither OTLP/JSON nor an OTLP protobuf message");
    }
    return outcome;
}

int trace_file_decode(uint8_t *take_data, size_t len, const struct shard_map *shards,
                      const struct otlp_limits *limits,
                      void (*add)(void *self, struct span_set *take_set), void *self, char *error,
                      size_t error_bytes)
{
    struct file_decoder decoder = {shards, limits, add, self, error, error_bytes};
    int outcome = undo_gzip(&decoder, &take_data, &len);
    if (outcome != 0) {
        free(take_data);
        return outcome;
    }
    return add_file(&decoder, take_data, len);
}
