#include "exporters/report_page.h"

#include "daemon/core/utf8.h"

void page_deinit(struct page *page)
{
    buf_deinit(&page->line);
    buf_deinit(&page->tag);
}

/* Length and code point of the character at `at`, which is valid UTF-8. */
static size_t decode(const uint8_t *at, uint32_t *ret)
{
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    uint32_t point = len == 1 ? at[0] : at[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        point = point << 6 | (at[i] & 0x3fu);
    }
    *ret = point;
    return len;
}

static bool is_direction_mark(uint32_t point)
{
    return point == 0x61c || point == 0x200e || point == 0x200f ||
           (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

/* What a terminal obeys, or what makes a line look like another one. */
static bool is_escaped(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
           point == 0xfeff || is_direction_mark(point);
}

static void append_escape(struct buf *out, uint32_t point)
{
    if (point == '\n' || point == '\t' || point == '\r') {
        buf_append_text(out, point == '\n' ? "\\n" : point == '\t' ? "\\t" : "\\r");
    } else {
        buf_printf(out, "\\u%04x", (unsigned)point);
    }
}

static void escape_valid(struct buf *out, struct bytes text)
{
    size_t start = 0;
    for (size_t i = 0; i < text.len;) {
        uint32_t point;
        size_t len = decode(text.data + i, &point);
        if (is_escaped(point)) {
            buf_append(out, text.data + start, i - start);
            append_escape(out, point);
            start = i + len;
        }
        i += len;
    }
    if (start < text.len) {
        buf_append(out, text.data + start, text.len - start);
    }
}

void page_escape(struct buf *out, struct bytes text)
{
    utf8_append_by(out, text, escape_valid);
}

void page_tag(struct page *page, const char *word, enum page_colour colour, int width)
{
    static const char *const codes[] = {
        [PAGE_PLAIN] = "",         [PAGE_RED] = "\033[31m", [PAGE_YELLOW] = "\033[33m",
        [PAGE_GREEN] = "\033[32m", [PAGE_DIM] = "\033[2m",
    };
    bool coloured = page->colour && colour != PAGE_PLAIN;
    int padding = width - (int)strlen(word);
    buf_append_text(&page->tag, coloured ? codes[colour] : "");
    buf_append_text(&page->tag, word);
    buf_append_text(&page->tag, coloured ? "\033[0m" : "");
    buf_printf(&page->tag, "%*s", padding > 0 ? padding : 0, "");
}

static void begin_line(struct page *page, int indent)
{
    buf_printf(page->out, "%*s", indent, "");
    buf_append_bytes(page->out, buf_bytes(&page->tag));
    buf_reset(&page->tag);
}

void page_end(struct page *page, int indent)
{
    page->out->failed |= page->line.failed || page->tag.failed;
    begin_line(page, indent);
    page_escape(page->out, buf_bytes(&page->line));
    buf_append_char(page->out, '\n');
    buf_reset(&page->line);
}

/* Bytes that fit into `width`, up to the last blank before; a longer word stays whole. */
static size_t piece_length(struct bytes rest, size_t width)
{
    if (rest.len <= width) {
        return rest.len;
    }
    size_t end = width;
    while (end != 0 && rest.data[end] != ' ') {
        end--;
    }
    if (end != 0) {
        return end;
    }
    while (end < rest.len && rest.data[end] != ' ') {
        end++;
    }
    return end;
}

void page_end_wrapped(struct page *page, int indent)
{
    struct buf whole = page->line;
    struct bytes rest = buf_bytes(&whole);
    int hanging = indent + 2;
    page->line = BUF_NULL;
    do {
        size_t len = piece_length(rest, (size_t)(PAGE_WIDTH - indent));
        buf_append(&page->line, rest.data, len);
        page_end(page, indent);
        len += len < rest.len;
        rest = bytes_from(rest.data + len, rest.len - len);
        indent = hanging;
    } while (rest.len != 0);
    page->out->failed |= whole.failed;
    buf_deinit(&whole);
}

void page_gap(struct page *page)
{
    buf_append_char(page->out, '\n');
}
