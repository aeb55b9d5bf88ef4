#include "tracetest/export_text.h"

#include "daemon/core/utf8.h"

void export_scalar(struct buf *out, struct bytes text)
{
    struct buf mended = BUF_NULL;
    utf8_append_mended(&mended, text);
    buf_append_char(out, '"');
    for (size_t i = 0; i < mended.len; i++) {
        int c = mended.data[i];
        if (c == '"' || c == '\\') {
            buf_printf(out, "\\%c", c);
        } else if (c < ' ' || c == 0x7F) {
            buf_printf(out, "\\x%02x", (unsigned)c);
        } else {
            buf_append_char(out, (char)c);
        }
    }
    buf_append_char(out, '"');
    out->failed |= mended.failed;
    buf_deinit(&mended);
}

/* Whether the text survives between such quotes: there a backslash only keeps a quote. */
static bool fits(struct bytes text, int quote)
{
    for (size_t i = 0; i < text.len; i++) {
        bool before_quote = i + 1 == text.len || text.data[i + 1] == quote;
        if (text.data[i] == '\\' && before_quote) {
            return false;
        }
    }
    return true;
}

const char *export_quoted(struct buf *out, struct bytes text)
{
    int quote = fits(text, '"') && memchr(text.data, '"', text.len) == NULL ? '"' : '\'';
    if (bytes_contain(text, BYTES_LITERAL("${"))) {
        return "a text with ${ would be read as an expression";
    }
    if (!fits(text, quote)) {
        return "a text with a backslash before a quote can't be written";
    }
    buf_append_char(out, (char)quote);
    for (size_t i = 0; i < text.len; i++) {
        buf_append_text(out, text.data[i] == quote ? "\\" : "");
        buf_append_char(out, (char)text.data[i]);
    }
    buf_append_char(out, (char)quote);
    return NULL;
}
