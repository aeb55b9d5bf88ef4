#include "daemon/debug_ledger.h"

/* One class of an account. */
struct ledger_class {
    const char *name;
    size_t offset;
};

#define INJECTIONS(field)                                                                          \
    {                                                                                              \
#field, offsetof(struct ledger_injections, field)                                          \
    }
#define SPANS(field)                                                                               \
    {                                                                                              \
#field, offsetof(struct ledger_spans, field)                                               \
    }
#define SINK(field)                                                                                \
    {                                                                                              \
#field, offsetof(struct ledger_sink, field)                                                \
    }
#define CORRELATION(field)                                                                         \
    {                                                                                              \
#field, offsetof(struct correlation_counts, field)                                         \
    }

static const struct ledger_class injection_classes[] = {
    INJECTIONS(total),        INJECTIONS(pass),    INJECTIONS(fail),      INJECTIONS(error),
    INJECTIONS(inconclusive), INJECTIONS(missing), INJECTIONS(unsampled), INJECTIONS(not_sent),
    INJECTIONS(unjudged),     INJECTIONS(open),    INJECTIONS(repeated),
};
static const struct ledger_class span_classes[] = {
    SPANS(received), SPANS(judged), SPANS(unjudged), SPANS(outside),  SPANS(duplicate),
    SPANS(late),     SPANS(cut),    SPANS(open),     SPANS(rejected), SPANS(conflicting),
};
static const struct ledger_class sink_classes[] = {
    SINK(produced), SINK(acknowledged), SINK(rejected),
    SINK(dropped),  SINK(spooled),      SINK(in_flight),
};
static const struct ledger_class correlation_classes[] = {
    CORRELATION(matched), CORRELATION(missing),   CORRELATION(unexpected),
    CORRELATION(late),    CORRELATION(duplicate),
};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static void write_classes(struct outline *outline, const struct ledger_class *classes, size_t count,
                          const void *account)
{
    for (size_t i = 0; i < count; i++) {
        const char *at = (const char *)account + classes[i].offset;
        outline_number(outline, classes[i].name, *(const uint64_t *)(const void *)at);
    }
}

static void write_account(struct outline *outline, const char *name,
                          const struct ledger_class *classes, size_t count, const void *account)
{
    outline_group(outline, name);
    write_classes(outline, classes, count, account);
    outline_group_end(outline);
}

void debug_ledger_write(struct outline *outline, const struct report *report)
{
    outline_group(outline, NULL);
    outline_text(outline, "campaign", report->key);
    outline_string(outline, "status", campaign_status_name(report->status));
    write_account(outline, "injections", injection_classes, LENGTH(injection_classes),
                  &report->injections);
    write_account(outline, "spans", span_classes, LENGTH(span_classes), &report->spans);
    write_account(outline, "correlation", correlation_classes, LENGTH(correlation_classes),
                  &report->correlated);
    outline_group_end(outline);
}

void debug_ledger_write_sinks(struct outline *outline, const struct ledger_sink *sinks,
                              uint32_t count)
{
    outline_list(outline, "sinks");
    for (uint32_t i = 0; i < count; i++) {
        outline_group(outline, NULL);
        outline_text(outline, "name", sinks[i].name);
        outline_bool(outline, "required", sinks[i].required);
        write_classes(outline, sink_classes, LENGTH(sink_classes), &sinks[i]);
        outline_group_end(outline);
    }
    outline_list_end(outline);
}
