#include "exporters/report_accounts.h"

#include <inttypes.h>

#include "exporters/report_cases.h"
#include "exporters/report_words.h"

#define TITLE_WIDTH 13

/* A class of an account and its number. */
struct share {
    const char *name;
    uint64_t number;
};

/* "1003 = 960 pass + 43 fail: balanced". */
static void append_account(struct page *page, uint64_t total, const struct share *shares,
                           size_t count)
{
    uint64_t sum = 0;
    bool first = true;
    buf_printf(&page->line, "%" PRIu64, total);
    for (size_t i = 0; i < count; i++) {
        sum += shares[i].number;
        if (shares[i].number != 0) {
            buf_printf(&page->line, " %s %" PRIu64 " %s", first ? "=" : "+", shares[i].number,
                       shares[i].name);
            first = false;
        }
    }
    if (sum == total) {
        buf_append_text(&page->line, ": balanced");
    } else {
        buf_printf(&page->line, ": NOT balanced, the classes add up to %" PRIu64, sum);
    }
}

static void append_beside(struct page *page, uint64_t number, const char *word)
{
    if (number != 0) {
        buf_printf(&page->line, "; %" PRIu64 " %s", number, word);
    }
}

static void write_injections(struct page *page, const struct ledger_injections *in)
{
    const struct share shares[] = {
        {"pass", in->pass},         {"fail", in->fail},
        {"error", in->error},       {"inconclusive", in->inconclusive},
        {"missing", in->missing},   {"unsampled", in->unsampled},
        {"not sent", in->not_sent}, {"unjudged", in->unjudged},
        {"open", in->open},
    };
    page_tag(page, "injections", PAGE_PLAIN, TITLE_WIDTH);
    append_account(page, in->total, shares, sizeof shares / sizeof *shares);
    append_beside(page, in->repeated, "repeated");
    page_end(page, 0);
}

static void write_spans(struct page *page, const struct ledger_spans *spans)
{
    const struct share shares[] = {
        {"judged", spans->judged},       {"unjudged", spans->unjudged}, {"outside", spans->outside},
        {"duplicate", spans->duplicate}, {"late", spans->late},         {"cut", spans->cut},
        {"rejected", spans->rejected},   {"open", spans->open},
    };
    page_tag(page, "spans", PAGE_PLAIN, TITLE_WIDTH);
    append_account(page, spans->received, shares, sizeof shares / sizeof *shares);
    append_beside(page, spans->conflicting, "conflicting");
    page_end(page, 0);
}

static void write_sink(struct page *page, const struct ledger_sink *sink)
{
    const struct share shares[] = {
        {"acknowledged", sink->acknowledged}, {"rejected", sink->rejected},
        {"dropped", sink->dropped},           {"spooled", sink->spooled},
        {"in flight", sink->in_flight},
    };
    page_tag(page, "sink", PAGE_PLAIN, TITLE_WIDTH);
    words_name(&page->line, sink->name);
    buf_append_text(&page->line, ": ");
    append_account(page, sink->produced, shares, sizeof shares / sizeof *shares);
    if (cases_undelivered(sink)) {
        buf_append_text(&page->line, "; required, and did not get everything");
    }
    page_end(page, 0);
}

static void write_correlation(struct page *page, const struct report *report)
{
    const struct correlation_counts *counts = &report->correlated;
    page_tag(page, "correlation", PAGE_PLAIN, TITLE_WIDTH);
    buf_printf(&page->line,
               "%s: %" PRIu64 " matched, %" PRIu64 " missing, %" PRIu64 " unexpected, %" PRIu64
               " late, %" PRIu64 " duplicate",
               correlation_mode_name(report->correlation), counts->matched, counts->missing,
               counts->unexpected, counts->late, counts->duplicate);
    page_end(page, 0);
}

void accounts_write(struct page *page, const struct report *report)
{
    write_correlation(page, report);
    write_injections(page, &report->injections);
    write_spans(page, &report->spans);
    for (uint32_t i = 0; i < report->sink_count; i++) {
        write_sink(page, &report->sinks[i]);
    }
}
