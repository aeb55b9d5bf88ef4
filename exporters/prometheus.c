#include "exporters/prometheus.h"

#include <inttypes.h>

#include "daemon/core/clock.h"
#include "daemon/core/utf8.h"

static void append_escaped(struct buf *out, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = (char)text.data[i];
        if (c == '\n') {
            buf_append_text(out, "\\n");
        } else {
            if (c == '\\' || c == '"') {
                buf_append_char(out, '\\');
            }
            buf_append_char(out, c);
        }
    }
}

static void append_value(struct buf *out, struct bytes value)
{
    utf8_append_by(out, value, append_escaped);
}

static void append_labels(struct buf *out, struct prometheus_labels labels)
{
    for (size_t i = 0; i < labels.count; i++) {
        buf_append_text(out, i == 0 ? "" : ",");
        buf_append_text(out, labels.items[i].name);
        buf_append_text(out, "=\"");
        append_value(out, labels.items[i].value);
        buf_append_char(out, '"');
    }
}

/* Name and labels, up to the value. */
static void append_head(struct buf *out, const char *name, struct prometheus_labels labels)
{
    buf_append_text(out, name);
    buf_append_text(out, labels.count != 0 ? "{" : "");
    append_labels(out, labels);
    buf_append_text(out, labels.count != 0 ? "} " : " ");
}

void prometheus_begin(struct buf *out, const struct prometheus_family *family)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name,
               types[family->type]);
}

void prometheus_number(struct buf *out, const struct prometheus_family *family,
                       struct prometheus_labels labels, uint64_t value)
{
    append_head(out, family->name, labels);
    buf_append_u64(out, value);
    buf_append_char(out, '\n');
}

static void append_seconds(struct buf *out, uint64_t ns)
{
    buf_printf(out, "%" PRIu64 ".%09" PRIu64, ns / NS_PER_S, ns % NS_PER_S);
}

void prometheus_seconds(struct buf *out, const struct prometheus_family *family,
                        struct prometheus_labels labels, uint64_t value_ns)
{
    append_head(out, family->name, labels);
    append_seconds(out, value_ns);
    buf_append_char(out, '\n');
}

/* The sample "NAME_bucket" of one class. */
static void append_class(struct buf *out, const char *name, struct prometheus_labels labels,
                         uint64_t most_ns, uint64_t count)
{
    buf_printf(out, "%s_bucket{", name);
    append_labels(out, labels);
    buf_append_text(out, labels.count != 0 ? ",le=\"" : "le=\"");
    if (most_ns == UINT64_MAX) {
        buf_append_text(out, "+Inf");
    } else {
        append_seconds(out, most_ns);
    }
    buf_printf(out, "\"} %" PRIu64 "\n", count);
}

void prometheus_histogram(struct buf *out, const struct prometheus_family *family,
                          struct prometheus_labels labels, const struct prometheus_delays *delays)
{
    uint64_t count = 0;
    for (size_t i = 0; i < delays->class_count; i++) {
        count += delays->classes[i].count;
        append_class(out, family->name, labels, delays->classes[i].most_ns, count);
    }
    buf_append_text(out, family->name);
    append_head(out, "_sum", labels);
    append_seconds(out, delays->sum_ns);
    buf_append_char(out, '\n');
    buf_append_text(out, family->name);
    append_head(out, "_count", labels);
    buf_printf(out, "%" PRIu64 "\n", count);
}
