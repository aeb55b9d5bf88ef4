/* The parts of the metrics page, and what they share. Nobody else includes this. */
#ifndef ASSERTD_DAEMON_METRICS_PARTS_H
#define ASSERTD_DAEMON_METRICS_PARTS_H

#include "daemon/metrics_page.h"
#include "exporters/prometheus.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* The labels of a sample, from an array. */
#define LABELS(array) ((struct prometheus_labels){array, LENGTH(array)})

/* The counter at an offset of a struct. */
uint64_t metrics_counter_at(const void *base, size_t offset);

/* A family of one sample without labels. */
void metrics_one(struct buf *out, struct prometheus_family family, uint64_t value);

/* The parts. */
void metrics_write_process(struct buf *out, const struct metrics_source *source);
void metrics_write_shards(struct buf *out, const struct metrics_source *source);
void metrics_write_rings(struct buf *out, const struct metrics_source *source);
void metrics_write_receivers(struct buf *out, const struct metrics_source *source);
void metrics_write_sinks(struct buf *out, const struct metrics_source *source);

#endif
