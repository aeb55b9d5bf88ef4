/* Lines of text for a terminal: composed raw, written escaped, indented, coloured where asked.
 *
 *     buf_printf(&page.line, "…");
 *     page_tag(&page, "fail", PAGE_RED, 13);      // at once, before the line's text
 *     page_end(&page, 2);
 *
 * Escaped: control characters (C0, DEL, C1), line separators and direction marks, as \n, \t or
 * \u001b; invalid UTF-8 is mended. So one page_end is one line (page_end_wrapped: several),
 * whatever the text holds. Confined to its owner. */
#ifndef ASSERTD_EXPORTERS_REPORT_PAGE_H
#define ASSERTD_EXPORTERS_REPORT_PAGE_H

#include <stdbool.h>

#include "daemon/core/buf.h"
#include "daemon/core/bytes.h"

/* Columns that a page aims at. */
#define PAGE_WIDTH 100

enum page_colour { PAGE_PLAIN, PAGE_RED, PAGE_YELLOW, PAGE_GREEN, PAGE_DIM };

struct page {
    struct buf *out; /* borrowed */
    struct buf line; /* raw text of the line in the making */
    struct buf tag;  /* what stands before it, escapes done */
    bool colour;
};

#define PAGE_INIT(to, with_colour)                                                                 \
    ((struct page){.out = (to), .line = BUF_NULL, .tag = BUF_NULL, .colour = (with_colour)})

/* Frees what it holds; the text in `out` stays. */
void page_deinit(struct page *page);

/* A word of our own before the line's text, padded to `width` columns. */
void page_tag(struct page *page, const char *word, enum page_colour colour, int width);

/* Writes the line with `indent` blanks before it and begins the next. */
void page_end(struct page *page, int indent);

/* The same, broken at blanks where it is wider than the page; further lines stand two columns to
 * the right. */
void page_end_wrapped(struct page *page, int indent);

/* An empty line. */
void page_gap(struct page *page);

/* Appends `text` escaped as above. */
void page_escape(struct buf *out, struct bytes text);

#endif
