#include "daemon/debug_pages.h"

#include "daemon/debug_assertions.h"
#include "daemon/debug_parts.h"

/* Answers with what `write` writes of the pages. */
static void answer_now(struct debug_pages *pages, struct http_request *request,
                       void (*write)(const struct debug_pages *pages, struct outline *outline))
{
    struct buf body = BUF_NULL;
    struct outline outline;
    enum outline_form form;
    if (debug_choose_form(request, &form) != 0) {
        return;
    }
    outline_begin(&outline, form, &body);
    write(pages, &outline);
    outline_end(&outline);
    debug_answer(request, form, &body);
}

static void write_index(const struct debug_pages *pages, struct outline *outline)
{
    static const char *const list[][2] = {
        {"/debug/traces", "how many are open, and the oldest (?count=20)"},
        {"/debug/assertions", "the suites as they were compiled"},
        {"/debug/ledger", "where every injection, span and record is, by campaign"},
        {"/debug/rings", "the queues between threads: how full, how long things lay there"},
        {"/debug/memory", "who holds memory"},
        {"/debug/stages", "where each thread's time went, in seconds"},
        {"/debug/config", "the effective configuration, secrets masked"},
    };
    (void)pages;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        outline_string(outline, list[i][0], list[i][1]);
    }
}

static void show_index(void *self, struct http_request *request, const struct route_match *match)
{
    (void)match;
    answer_now(self, request, write_index);
}

static void write_assertions(const struct debug_pages *pages, struct outline *outline)
{
    debug_assertions_write(outline, pages->loaded->set, &pages->loaded->settings->suites);
}

static void show_assertions(void *self, struct http_request *request,
                            const struct route_match *match)
{
    (void)match;
    answer_now(self, request, write_assertions);
}

static void write_rings(const struct debug_pages *pages, struct outline *outline)
{
    debug_rings_write(outline, pages->pool, pages->exports);
}

static void show_rings(void *self, struct http_request *request, const struct route_match *match)
{
    (void)match;
    answer_now(self, request, write_rings);
}

static void write_memory(const struct debug_pages *pages, struct outline *outline)
{
    debug_memory_write(outline, pages->pool);
}

static void show_memory(void *self, struct http_request *request, const struct route_match *match)
{
    (void)match;
    answer_now(self, request, write_memory);
}

static void write_stages(const struct debug_pages *pages, struct outline *outline)
{
    debug_stages_write(outline, pages->pool, pages->exports);
}

static void show_stages(void *self, struct http_request *request, const struct route_match *match)
{
    (void)match;
    answer_now(self, request, write_stages);
}

/* libconfig text; as JSON it is one text. */
static void show_config(void *self, struct http_request *request, const struct route_match *match)
{
    const struct debug_pages *pages = self;
    struct buf text = BUF_NULL;
    struct buf body = BUF_NULL;
    struct outline outline;
    enum outline_form form;
    (void)match;
    if (debug_choose_form(request, &form) != 0) {
        return;
    }
    config_print(pages->loaded->config, &text);
    if (form == OUTLINE_TEXT) {
        debug_answer(request, form, &text);
        return;
    }
    outline_begin(&outline, form, &body);
    outline_text(&outline, "config", buf_bytes(&text));
    outline_end(&outline);
    body.failed |= text.failed;
    buf_deinit(&text);
    debug_answer(request, form, &body);
}

static const struct route routes[] = {
    {"GET", "/debug", show_index},
    {"GET", "/debug/", show_index},
    {"GET", "/debug/traces", debug_show_traces},
    {"GET", "/debug/assertions", show_assertions},
    {"GET", "/debug/ledger", debug_show_ledger},
    {"GET", "/debug/rings", show_rings},
    {"GET", "/debug/memory", show_memory},
    {"GET", "/debug/stages", show_stages},
    {"GET", "/debug/config", show_config},
};

struct route_set debug_pages_routes(struct debug_pages *pages)
{
    return (struct route_set){routes, sizeof routes / sizeof *routes, pages};
}
