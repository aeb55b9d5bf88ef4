#include "daemon/outline.h"

#include <assert.h>
#include <inttypes.h>

#include "daemon/core/clock.h"

static bool is_json(const struct outline *outline)
{
    return outline->form == OUTLINE_JSON;
}

/* The beginning of a line of text: blanks, the dash of an item, the name. */
static void begin_line(struct outline *outline, const char *name)
{
    for (unsigned i = 1; i < outline->depth; i++) {
        bool dash = outline->is_item && i + 1 == outline->depth;
        buf_append_text(outline->out, dash ? "- " : "  ");
    }
    outline->is_item = false;
    if (name != NULL) {
        buf_append_text(outline->out, name);
        buf_append_char(outline->out, ':');
    }
}

/* The name and what parts it from the value, in either form. */
static void begin_value(struct outline *outline, const char *name)
{
    if (is_json(outline)) {
        if (name != NULL) {
            json_key(&outline->json, name);
        }
        return;
    }
    if (name == NULL) {
        outline->depth++; /* a text of a list stands like a member of an item */
        outline->is_item = true;
    }
    begin_line(outline, name);
    if (name == NULL) {
        outline->depth--;
    } else {
        buf_append_char(outline->out, ' ');
    }
}

static void end_value(struct outline *outline)
{
    if (!is_json(outline)) {
        buf_append_char(outline->out, '\n');
    }
}

/* Escapes what JSON leaves alone and terminals obey: U+0080 to U+009F. */
static void append_shown(struct buf *out, struct bytes text)
{
    struct buf escaped = BUF_NULL;
    json_escape(&escaped, text);
    for (size_t i = 0; i < escaped.len; i++) {
        uint8_t c = escaped.data[i];
        if (c == 0xc2 && i + 1 < escaped.len && escaped.data[i + 1] < 0xa0) {
            buf_printf(out, "\\u00%02x", escaped.data[++i]);
        } else {
            buf_append_char(out, (char)c);
        }
    }
    out->failed |= escaped.failed;
    buf_deinit(&escaped);
}

static void push(struct outline *outline, bool is_list)
{
    assert(outline->depth < OUTLINE_DEPTH_MAX);
    outline->is_list[outline->depth++] = is_list;
}

static void pop(struct outline *outline, bool is_list)
{
    assert(outline->depth > 0 && outline->is_list[outline->depth - 1] == is_list);
    (void)is_list; /* without asserts nobody looks */
    outline->depth--;
    outline->is_item = false;
}

void outline_begin(struct outline *outline, enum outline_form form, struct buf *out)
{
    *outline = (struct outline){.json = JSON_INIT(out), .out = out, .form = form};
    if (is_json(outline)) {
        json_object(&outline->json);
    }
    push(outline, false);
}

void outline_end(struct outline *outline)
{
    pop(outline, false);
    if (is_json(outline)) {
        json_object_end(&outline->json);
        buf_append_char(outline->out, '\n');
    }
}

void outline_group(struct outline *outline, const char *name)
{
    if (is_json(outline)) {
        begin_value(outline, name);
        json_object(&outline->json);
    } else if (name != NULL) {
        begin_line(outline, name);
        end_value(outline);
    } else {
        outline->is_item = true;
    }
    push(outline, false);
}

void outline_group_end(struct outline *outline)
{
    pop(outline, false);
    if (is_json(outline)) {
        json_object_end(&outline->json);
    }
}

void outline_list(struct outline *outline, const char *name)
{
    if (is_json(outline)) {
        begin_value(outline, name);
        json_array(&outline->json);
    } else {
        begin_line(outline, name);
        end_value(outline);
    }
    push(outline, true);
}

void outline_list_end(struct outline *outline)
{
    pop(outline, true);
    if (is_json(outline)) {
        json_array_end(&outline->json);
    }
}

void outline_text(struct outline *outline, const char *name, struct bytes text)
{
    begin_value(outline, name);
    if (is_json(outline)) {
        json_text(&outline->json, text);
    } else {
        append_shown(outline->out, text);
    }
    end_value(outline);
}

void outline_string(struct outline *outline, const char *name, const char *text)
{
    outline_text(outline, name, bytes_of(text));
}

void outline_number(struct outline *outline, const char *name, uint64_t number)
{
    begin_value(outline, name);
    if (is_json(outline)) {
        json_u64(&outline->json, number);
    } else {
        buf_append_u64(outline->out, number);
    }
    end_value(outline);
}

void outline_bool(struct outline *outline, const char *name, bool value)
{
    begin_value(outline, name);
    if (is_json(outline)) {
        json_bool(&outline->json, value);
    } else {
        buf_append_text(outline->out, value ? "yes" : "no");
    }
    end_value(outline);
}

void outline_seconds(struct outline *outline, const char *name, uint64_t ns)
{
    struct buf text = BUF_NULL;
    buf_printf(&text, "%" PRIu64 ".%03" PRIu64, ns / NS_PER_S, ns % NS_PER_S / NS_PER_MS);
    begin_value(outline, name);
    if (is_json(outline)) {
        json_raw(&outline->json, buf_bytes(&text));
    } else {
        buf_append_bytes(outline->out, buf_bytes(&text));
        buf_append_text(outline->out, " s");
    }
    end_value(outline);
    buf_deinit(&text);
}
