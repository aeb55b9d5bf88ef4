/* Prometheus' text exposition format 0.0.4. Pure: appends to a buf.
 *
 * A family is written once, its samples right behind it. Label values are whatever came (a peer's
 * user agent): they are escaped, and mended where they are not UTF-8. Names and help texts are the
 * program's own. */
#ifndef ASSERTD_EXPORTERS_PROMETHEUS_H
#define ASSERTD_EXPORTERS_PROMETHEUS_H

#include "daemon/core/buf.h"
#include "daemon/core/bytes.h"

enum prometheus_type { PROMETHEUS_COUNTER, PROMETHEUS_GAUGE, PROMETHEUS_HISTOGRAM };

/* A family: its samples have its name. */
struct prometheus_family {
    const char *name, *help;
    enum prometheus_type type;
};

struct prometheus_label {
    const char *name;
    struct bytes value;
};

/* The labels of a sample. */
struct prometheus_labels {
    const struct prometheus_label *items;
    size_t count;
};

#define PROMETHEUS_NO_LABELS ((struct prometheus_labels){NULL, 0})

/* HELP and TYPE. */
void prometheus_begin(struct buf *out, const struct prometheus_family *family);

/* One sample: a whole number. */
void prometheus_number(struct buf *out, const struct prometheus_family *family,
                       struct prometheus_labels labels, uint64_t value);

/* One sample: nanoseconds, written as seconds. */
void prometheus_seconds(struct buf *out, const struct prometheus_family *family,
                        struct prometheus_labels labels, uint64_t value_ns);

/* A histogram: each class with its greatest value in ns (UINT64_MAX: no bound; the last one) and
 * how many fell into it. */
struct prometheus_class {
    uint64_t most_ns, count;
};
struct prometheus_delays {
    const struct prometheus_class *classes;
    size_t class_count;
    uint64_t sum_ns;
};

/* Its samples, in seconds. */
void prometheus_histogram(struct buf *out, const struct prometheus_family *family,
                          struct prometheus_labels labels, const struct prometheus_delays *delays);

#endif
