#include "exporters/report_xml.h"

#include "daemon/core/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"

static const char *entity(uint8_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

/* Whether the valid UTF-8 at `at` is U+FFFE or U+FFFF. */
static bool is_forbidden_pair(const uint8_t *at)
{
    return at[0] == 0xef && at[1] == 0xbf && at[2] >= 0xbe;
}

/* Escapes what begins at `at`, if it needs to be: how many bytes were dealt with, 0 where it may
 * stay. */
static size_t escape_char(struct buf *out, const uint8_t *at, bool attribute)
{
    const char *named = entity(at[0]);
    if (named != NULL) {
        buf_append_text(out, named);
        return 1;
    }
    if (at[0] == '\r' || at[0] == 0x7f || (attribute && (at[0] == '\n' || at[0] == '\t'))) {
        buf_printf(out, "&#%u;", at[0]);
        return 1;
    }
    if (at[0] < 0x20 && at[0] != '\n' && at[0] != '\t') {
        buf_append_text(out, REPLACEMENT);
        return 1;
    }
    if (at[0] == 0xc2 && at[1] < 0xa0) {
        buf_printf(out, "&#%u;", at[1]);
        return 2;
    }
    if (is_forbidden_pair(at)) {
        buf_append_text(out, REPLACEMENT);
        return 3;
    }
    return 0;
}

static void escape_valid(struct buf *out, struct bytes text, bool attribute)
{
    size_t start = 0;
    for (size_t i = 0; i < text.len;) {
        size_t done = 0;
        uint8_t c = text.data[i];
        if (c < 0x20 || c == '&' || c == '<' || c == '>' || c == '"' || c == 0x7f || c == 0xc2 ||
            c == 0xef) {
            buf_append(out, text.data + start, i - start);
            done = escape_char(out, text.data + i, attribute);
            start = i + done;
        }
        i += done != 0 ? done : 1;
    }
    if (start < text.len) {
        buf_append(out, text.data + start, text.len - start);
    }
}

static void escape_text(struct buf *out, struct bytes text)
{
    escape_valid(out, text, false);
}

static void escape_attribute(struct buf *out, struct bytes text)
{
    escape_valid(out, text, true);
}

void xml_append_text(struct buf *out, struct bytes text)
{
    utf8_append_by(out, text, escape_text);
}

void xml_append_attribute(struct buf *out, const char *name, struct bytes text)
{
    buf_printf(out, " %s=\"", name);
    utf8_append_by(out, text, escape_attribute);
    buf_append_char(out, '"');
}
