/* The transcoder keeps a stack of open objects and lists. A nested message's length is not known
 * before it ends: one byte is left for it and, for the few that need more, the content is moved.
 * Each open object remembers where its members lie in the output, so that a key that comes again
 * can take the earlier bytes away. */
#include "receivers/otlp_json.h"

#include <stdio.h>

#include "daemon/core/wire.h"
#include "daemon/core/json_reader.h"
#include "receivers/otlp_scalar.h"

#define NO_FIELD UINT32_MAX

struct member {
    size_t start, end; /* in the output; equal: nothing there */
};

struct frame {
    const struct otlp_message *message; /* NULL: a list */
    const struct otlp_field *field;     /* of a list: whose items these are */
    size_t body;                        /* where the content begins, one byte behind its length */
    uint32_t current; /* index of the field whose key came last; of a list: items so far */
    uint32_t seen;    /* bit per field */
    uint32_t next;    /* the field behind the last one */
    struct member members[OTLP_FIELDS_MAX];
};

struct transcoder {
    struct buf *out;
    struct otlp_json_notes *notes;
    int outcome;
    unsigned depth;      /* frames in use */
    unsigned skip_depth; /* open containers of an unknown member */
    bool skip_value;     /* an unknown key was just read */
    struct frame frames[JSON_READER_DEPTH_MAX];
};

static struct frame *top_of(struct transcoder *transcoder)
{
    return transcoder->depth > 0 ? &transcoder->frames[transcoder->depth - 1] : NULL;
}

/* Where we are, as "resourceSpans[0].scopeSpans[1].name". */
static void print_path(const struct transcoder *transcoder, char *path, size_t room)
{
    size_t len = 0;
    path[0] = '\0';
    for (unsigned i = 0; i < transcoder->depth && len < room; i++) {
        const struct frame *frame = &transcoder->frames[i];
        int more = 0;
        if (frame->message == NULL) {
            more = snprintf(path + len, room - len, "[%u]", frame->current);
        } else if (frame->current != NO_FIELD) {
            struct bytes key = frame->message->fields[frame->current].key;
            more = snprintf(path + len, room - len, "%s%.*s", len > 0 ? "." : "", (int)key.len,
                            (const char *)key.data);
        }
        len += (size_t)more;
    }
}

static int malformed(struct transcoder *transcoder, const char *what)
{
    struct otlp_json_notes *notes = transcoder->notes;
    print_path(transcoder, notes->field, sizeof notes->field);
    snprintf(notes->error, sizeof notes->error, "%s%s%s", notes->field,
             notes->field[0] != '\0' ? ": " : "", what);
    transcoder->outcome = OTLP_JSON_MALFORMED;
    return 1;
}

/* The output's limit is the request's, memory is ours: the first is refused for good. */
static int check_room(struct transcoder *transcoder, size_t token_len)
{
    const struct buf *out = transcoder->out;
    if (!out->failed) {
        return 0;
    }
    bool at_limit = out->limit != 0 && out->len + token_len + 32 > out->limit;
    transcoder->outcome = at_limit ? OTLP_JSON_TOO_LARGE : OTLP_JSON_NO_MEMORY;
    return 1;
}

static size_t open_bytes(struct buf *out, uint32_t number)
{
    wire_put_tag(out, number, WIRE_BYTES);
    buf_append_char(out, 0);
    return out->len;
}

static void close_bytes(struct buf *out, size_t body)
{
    if (out->failed) {
        return;
    }
    size_t len = out->len - body;
    size_t extra = 0;
    for (size_t rest = len >> 7; rest > 0; rest >>= 7) {
        extra++;
    }
    if (extra > 0 && buf_reserve(out, extra) == NULL) {
        return;
    }
    memmove(out->data + body + extra, out->data + body, len);
    uint8_t *at = out->data + body - 1;
    for (size_t rest = len; at < out->data + body + extra; rest >>= 7) {
        *at++ = (uint8_t)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    }
    out->len += extra;
}

/* A value has ended: of a member, or of a list's item. */
static void value_ends(struct transcoder *transcoder)
{
    struct frame *top = top_of(transcoder);
    if (top == NULL) {
        return;
    }
    if (top->message == NULL) {
        top->current++;
    } else {
        top->members[top->current].end = transcoder->out->len;
        top->current = NO_FIELD;
    }
}

/* The last of equal keys wins: what the earlier one wrote goes. */
static void forget_member(struct transcoder *transcoder, struct frame *frame, uint32_t index)
{
    struct buf *out = transcoder->out;
    struct member gone = frame->members[index];
    size_t bytes = gone.end - gone.start;
    transcoder->notes->duplicate_keys++;
    if (bytes == 0 || out->failed) {
        return;
    }
    memmove(out->data + gone.start, out->data + gone.end, out->len - gone.end);
    out->len -= bytes;
    for (size_t i = 0; i < OTLP_FIELDS_MAX; i++) {
        if ((frame->seen >> i & 1) != 0 && frame->members[i].start >= gone.end) {
            frame->members[i].start -= bytes;
            frame->members[i].end -= bytes;
        }
    }
}

static void note_unknown(struct transcoder *transcoder, const struct otlp_message *message,
                         struct bytes key)
{
    struct otlp_json_notes *notes = transcoder->notes;
    transcoder->skip_value = true;
    notes->table_reference |= bytes_is(key, "keyStrindex") || bytes_is(key, "stringValueStrindex");
    if (!notes->snake_case && otlp_field_meant(message, key) != NULL) {
        notes->snake_case = true;
        snprintf(notes->snake_key, sizeof notes->snake_key, "%.*s", (int)key.len,
                 (const char *)key.data);
    }
}

static int on_key(struct transcoder *transcoder, struct bytes key)
{
    struct frame *top = top_of(transcoder);
    const struct otlp_field *field = otlp_field_find(top->message, key, top->next);
    if (field == NULL) {
        note_unknown(transcoder, top->message, key);
        return 0;
    }
    uint32_t index = (uint32_t)(field - top->message->fields);
    if ((top->seen >> index & 1) != 0) {
        forget_member(transcoder, top, index);
    }
    top->seen |= 1u << index;
    top->members[index] = (struct member){transcoder->out->len, transcoder->out->len};
    top->current = index;
    top->next = index + 1;
    return 0;
}

/* Whether an AnyValue has another member already. */
static bool is_second_choice(const struct frame *frame)
{
    if (frame->message == NULL || !frame->message->one_of) {
        return false;
    }
    for (uint32_t i = 0; i < frame->message->field_count; i++) {
        if (i != frame->current && (frame->seen >> i & 1) != 0 &&
            frame->members[i].end > frame->members[i].start) {
            return true;
        }
    }
    return false;
}

/* The field that the next value is for; NULL for the outermost one. */
static const struct otlp_field *expected_field(const struct frame *top)
{
    if (top == NULL) {
        return NULL;
    }
    return top->message == NULL ? top->field : &top->message->fields[top->current];
}

static void push(struct transcoder *transcoder, const struct otlp_message *message,
                 const struct otlp_field *field)
{
    struct frame *frame = &transcoder->frames[transcoder->depth++];
    frame->message = message;
    frame->field = field;
    frame->current = message != NULL ? NO_FIELD : 0;
    frame->seen = 0;
    frame->next = 0;
    frame->body = transcoder->out->len;
}

static int on_object(struct transcoder *transcoder)
{
    struct frame *top = top_of(transcoder);
    const struct otlp_field *field = expected_field(top);
    if (field == NULL) {
        push(transcoder, &otlp_traces, NULL);
        return 0;
    }
    if (field->type != OTLP_MESSAGE) {
        return malformed(transcoder, "an object where a plain value belongs");
    }
    if (field->repeated && top->message != NULL) {
        return malformed(transcoder, "an object where a list belongs");
    }
    if (is_second_choice(top)) {
        return malformed(transcoder, "a value of two types at once");
    }
    open_bytes(transcoder->out, field->number);
    push(transcoder, field->message, NULL);
    return 0;
}

static int on_object_end(struct transcoder *transcoder)
{
    size_t body = top_of(transcoder)->body;
    transcoder->depth--;
    if (transcoder->depth > 0) {
        close_bytes(transcoder->out, body);
    }
    value_ends(transcoder);
    return 0;
}

static int on_array(struct transcoder *transcoder)
{
    struct frame *top = top_of(transcoder);
    const struct otlp_field *field = expected_field(top);
    if (field == NULL) {
        return malformed(transcoder, "a list where the object with resourceSpans belongs");
    }
    if (!field->repeated || top->message == NULL) {
        return malformed(transcoder, "a list where a single value belongs");
    }
    push(transcoder, NULL, field);
    return 0;
}

static int on_array_end(struct transcoder *transcoder)
{
    transcoder->depth--;
    value_ends(transcoder);
    return 0;
}

static int on_null(struct transcoder *transcoder)
{
    struct frame *top = top_of(transcoder);
    if (top != NULL && top->message == NULL) {
        return malformed(transcoder, "null in a list");
    }
    value_ends(transcoder);
    return 0;
}

static int on_scalar(struct transcoder *transcoder, enum json_token token, struct bytes text)
{
    struct frame *top = top_of(transcoder);
    const struct otlp_field *field = expected_field(top);
    if (field == NULL) {
        return malformed(transcoder, "a plain value where the object with resourceSpans belongs");
    }
    if (field->type == OTLP_MESSAGE) {
        return malformed(transcoder, field->repeated && top->message != NULL
                                         ? "a plain value where a list belongs"
                                         : "a plain value where an object belongs");
    }
    if (is_second_choice(top)) {
        return malformed(transcoder, "a value of two types at once");
    }
    const char *wrong = otlp_scalar_put(transcoder->out, field, token, text);
    if (wrong != NULL) {
        return malformed(transcoder, wrong);
    }
    value_ends(transcoder);
    return 0;
}

/* What follows an unknown key, however deep. True while the token belongs to it. */
static bool skip(struct transcoder *transcoder, enum json_token token)
{
    if (!transcoder->skip_value && transcoder->skip_depth == 0) {
        return false;
    }
    transcoder->skip_value = false;
    if (token == JSON_OBJECT || token == JSON_ARRAY) {
        transcoder->skip_depth++;
    } else if (token == JSON_OBJECT_END || token == JSON_ARRAY_END) {
        transcoder->skip_depth--;
    }
    return true;
}

static int on_token(void *self, enum json_token token, struct bytes text)
{
    struct transcoder *transcoder = self;
    int outcome = 0;
    if (skip(transcoder, token)) {
        return 0;
    }
    switch (token) {
    case JSON_KEY:
        return on_key(transcoder, text);
    case JSON_OBJECT:
        outcome = on_object(transcoder);
        break;
    case JSON_OBJECT_END:
        outcome = on_object_end(transcoder);
        break;
    case JSON_ARRAY:
        outcome = on_array(transcoder);
        break;
    case JSON_ARRAY_END:
        outcome = on_array_end(transcoder);
        break;
    case JSON_NULL:
        outcome = on_null(transcoder);
        break;
    default:
        outcome = on_scalar(transcoder, token, text);
        break;
    }
    return outcome != 0 ? outcome : check_room(transcoder, text.len);
}

/* Protobuf takes less than half of what the keys and quotes take. */
static void make_room(struct buf *out, size_t json_len)
{
    size_t guess = json_len / 2;
    if (out->limit == 0 || (out->len <= out->limit && guess <= out->limit - out->len)) {
        buf_reserve(out, guess);
    }
}

int otlp_json_transcode(struct bytes json, struct buf *out, struct otlp_json_notes *notes)
{
    *notes = (struct otlp_json_notes){.duplicate_keys = 0};
    if (json.len == 0) {
        return 0;
    }
    struct transcoder transcoder;
    memset(&transcoder, 0, offsetof(struct transcoder, frames));
    transcoder.out = out;
    transcoder.notes = notes;
    make_room(out, json.len);
    switch (json_read(json, on_token, &transcoder, notes->error, sizeof notes->error)) {
    case 0:
        return 0;
    case JSON_READ_STOPPED:
        return transcoder.outcome;
    case JSON_READ_NO_MEMORY:
        return OTLP_JSON_NO_MEMORY;
    default:
        return OTLP_JSON_MALFORMED;
    }
}
