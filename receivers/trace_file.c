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
#include "receivers/jaeger_json.h"
#include "receivers/json_elements.h"
#include "receivers/otlp_json.h"

#define READ_BYTES 65536u

/* Longest sentence about one document. */
#define ERROR_BYTES 200

struct file_decoder {
    struct trace_files *files;
    char *error;
    size_t error_bytes;
};

static const char too_many[] = "more spans or resources than the limits allow";

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

/* Consumes the bytes. 0; 1 and said but where malformed, which the caller words; -ENOMEM. */
static int add_protobuf(const struct file_decoder *decoder, uint8_t *take_data, size_t len,
                        uint32_t duplicate_keys, bool *ret_malformed)
{
    const struct trace_files *files = decoder->files;
    struct span_set *set;
    int outcome =
        otlp_decode(take_data, len, bytes_from(take_data, len), files->shards, files->limits, &set);
    *ret_malformed = outcome == OTLP_MALFORMED;
    if (outcome == 0) {
        set->duplicate_keys += duplicate_keys;
        files->add(files->self, set);
        return 0;
    }
    if (outcome == OTLP_NO_MEMORY) {
        return -ENOMEM;
    }
    return outcome == OTLP_TOO_MANY ? fail(decoder, too_many) : 1;
}

/* A message made of a document; takes its memory. */
static int add_message(struct trace_files *files, struct buf *message, uint32_t duplicate_keys,
                       char *error)
{
    const struct file_decoder decoder = {files, error, ERROR_BYTES};
    size_t len;
    bool malformed;
    uint8_t *data = buf_take(message, &len);
    int outcome = add_protobuf(&decoder, data, len, duplicate_keys, &malformed);
    return malformed ? fail(&decoder, "a value nested too deep") : outcome;
}

static int add_otlp(struct trace_files *files, struct bytes json, char *error)
{
    __attribute__((cleanup(buf_cleanup))) struct buf message = BUF_NULL;
    struct otlp_json_notes notes;
    int outcome = otlp_json_transcode(json, &message, &notes);
    if (outcome == OTLP_JSON_NO_MEMORY) {
        return -ENOMEM;
    }
    if (outcome != 0) {
        snprintf(error, ERROR_BYTES, "%s", notes.error);
        return 1;
    }
    return add_message(files, &message, notes.duplicate_keys, error);
}

/* An element of a document, and where it stands in it. */
struct element_sink {
    struct trace_files *files;
    struct buf message; /* Jaeger's traces become one */
    struct arena arena; /* of the element under way */
    const char *list;   /* what the elements are part of; NULL: the document is the element */
    char error[ERROR_BYTES];
};

static int say_place(struct element_sink *sink, int outcome, size_t place)
{
    char inner[ERROR_BYTES];
    if (outcome == JSON_ELEMENTS_MALFORMED && sink->list != NULL) {
        memcpy(inner, sink->error, sizeof inner);
        const char *dot = strncmp(inner, "not ", 4) == 0 ? ": " : ".";
        snprintf(sink->error, sizeof sink->error, "%s[%zu]%s%.160s", sink->list, place, dot, inner);
    }
    return outcome;
}

static int add_jaeger_trace(void *self, const struct json_node *trace, size_t place)
{
    struct element_sink *sink = self;
    int outcome =
        jaeger_trace_put(&sink->message, trace, &sink->arena, sink->error, sizeof sink->error);
    arena_reset(&sink->arena);
    return say_place(sink, outcome, place);
}

static int add_zipkin_span(void *self, const struct json_node *span, size_t place)
{
    struct element_sink *sink = self;
    return say_place(
        sink, zipkin_spans_add(&sink->files->zipkin, span, sink->error, sizeof sink->error), place);
}

/* Of a Zipkin document that turns out to be bad, nothing stays. */
static int add_elements(struct trace_files *files, struct bytes json, enum json_form form,
                        char *error)
{
    bool is_jaeger = form == JSON_FORM_JAEGER || form == JSON_FORM_JAEGER_TRACE;
    size_t before = files->zipkin.count;
    struct element_sink sink = {
        .files = files,
        .message = BUF_NULL,
        .arena = ARENA_INIT(65536, 0),
        .list = form == JSON_FORM_JAEGER   ? "data"
                : form == JSON_FORM_ZIPKIN ? ""
                                           : NULL,
    };
    int outcome = json_elements_read(json, form, is_jaeger ? add_jaeger_trace : add_zipkin_span,
                                     &sink, sink.error, sizeof sink.error);
    if (outcome == 0 && is_jaeger) {
        outcome = add_message(files, &sink.message, 0, sink.error);
    } else if (outcome != 0) {
        zipkin_spans_cut(&files->zipkin, before);
        outcome = outcome == JSON_ELEMENTS_NO_MEMORY ? -ENOMEM : 1;
    }
    memcpy(error, sink.error, ERROR_BYTES);
    arena_deinit(&sink.arena);
    buf_deinit(&sink.message);
    return outcome;
}

/* One JSON document. 0; 1 with the sentence in `error`; -ENOMEM. */
static int add_json(struct trace_files *files, struct bytes json, char *error)
{
    enum json_form form = json_form_of(json);
    error[0] = '\0';
    return form == JSON_FORM_OTLP ? add_otlp(files, json, error)
                                  : add_elements(files, json, form, error);
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
    char said[ERROR_BYTES];
    int outcome = 0;
    for (unsigned line = 1; text.len > 0 && outcome == 0; line++) {
        struct bytes json = bytes_trim(take_line(&text));
        outcome = json.len > 0 ? add_json(decoder->files, json, said) : 0;
        if (outcome == 1) {
            snprintf(decoder->error, decoder->error_bytes, "line %u: %s", line, said);
        }
    }
    return outcome;
}

/* Whether the first line is a document of its own: an object or list that ends where the line does.
 */
static bool is_json_lines(struct bytes text)
{
    struct bytes line = BYTES_NULL;
    while (text.len > 0 && line.len == 0) {
        line = bytes_trim(take_line(&text));
    }
    if (line.len < 2 || bytes_trim(text).len == 0) {
        return false;
    }
    uint8_t last = line.data[line.len - 1];
    return (line.data[0] == '{' && last == '}') || (line.data[0] == '[' && last == ']');
}

/* All or nothing for one document; of lines, those before a bad one have been handed over. */
static int add_text(const struct file_decoder *decoder, struct bytes text)
{
    char said[ERROR_BYTES];
    int outcome = add_json(decoder->files, text, said);
    if (outcome == 1 && is_json_lines(text)) {
        return add_lines(decoder, text);
    }
    return outcome == 1 ? fail(decoder, said) : outcome;
}

static int undo_gzip(const struct file_decoder *decoder, uint8_t **data, size_t *len)
{
    if (*len < 2 || (*data)[0] != 0x1f || (*data)[1] != 0x8b) {
        return 0;
    }
    uint8_t *plain;
    size_t plain_len;
    size_t limit = decoder->files->limits->decoded_bytes != 0
                       ? decoder->files->limits->decoded_bytes
                       : SIZE_MAX;
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
        fail(decoder, "neither JSON (OTLP, Jaeger, Zipkin) nor an OTLP protobuf message");
    }
    return outcome;
}

void trace_files_init(struct trace_files *ret, const struct shard_map *shards,
                      const struct otlp_limits *limits,
                      void (*add)(void *self, struct span_set *take_set), void *self)
{
    *ret = (struct trace_files){.shards = shards, .limits = limits, .add = add, .self = self};
    zipkin_spans_init(&ret->zipkin);
}

void trace_files_deinit(struct trace_files *files)
{
    zipkin_spans_deinit(&files->zipkin);
}

int trace_files_add(struct trace_files *files, uint8_t *take_data, size_t len, char *error,
                    size_t error_bytes)
{
    const struct file_decoder decoder = {files, error, error_bytes};
    int outcome = undo_gzip(&decoder, &take_data, &len);
    if (outcome != 0) {
        free(take_data);
        return outcome;
    }
    return add_file(&decoder, take_data, len);
}

int trace_files_end(struct trace_files *files, char *error, size_t error_bytes)
{
    __attribute__((cleanup(buf_cleanup))) struct buf message = BUF_NULL;
    char said[ERROR_BYTES] = "";
    int outcome = zipkin_spans_part(&files->zipkin) != 0 ? -ENOMEM : 0;
    while (outcome == 0 && zipkin_spans_take(&files->zipkin, &message)) {
        outcome = message.failed ? -ENOMEM : add_message(files, &message, 0, said);
    }
    if (outcome == 1) {
        snprintf(error, error_bytes, "%s", said);
    }
    return outcome;
}
