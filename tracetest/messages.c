#include "tracetest/messages.h"

#include "daemon/core/utf8.h"

void messages_append_clean(struct buf *out, struct bytes text)
{
    size_t at = out->len;
    bool clipped = text.len > MESSAGES_TEXT_MAX;
    text.len = clipped ? MESSAGES_TEXT_MAX : text.len;
    utf8_append_mended(out, text);
    for (; at < out->len; at++) {
        if (out->data[at] < ' ' || out->data[at] == 0x7F) {
            out->data[at] = '?';
        }
    }
    buf_append_text(out, clipped ? "..." : "");
}

void messages_add(struct messages *messages, const char *file, unsigned line, const char *format,
                  ...)
{
    struct buf text = BUF_NULL;
    va_list args;
    if (messages->count == MESSAGES_MAX) {
        messages->omitted++;
        return;
    }
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    messages->count++;
    messages_append_clean(&messages->text, bytes_of(file));
    if (line != 0) {
        buf_printf(&messages->text, ":%u", line);
    }
    buf_append_text(&messages->text, ": ");
    messages_append_clean(&messages->text, buf_bytes(&text));
    buf_append_char(&messages->text, '\n');
    messages->text.failed |= text.failed;
    buf_deinit(&text);
}

void messages_append(struct messages *messages, const struct messages *more)
{
    buf_append_bytes(&messages->text, buf_bytes(&more->text));
    messages->text.failed |= more->text.failed;
    messages->count += more->count;
    messages->omitted += more->omitted;
}

struct bytes messages_end(struct messages *messages)
{
    if (messages->omitted != 0) {
        buf_printf(&messages->text, "%u more messages are left out\n", messages->omitted);
        messages->omitted = 0;
    }
    return buf_bytes(&messages->text);
}

void messages_deinit(struct messages *messages)
{
    buf_deinit(&messages->text);
}
