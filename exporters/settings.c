#include "exporters/settings.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define MS              INT64_C(1000000)
#define HOUR            (3600 * 1000 * MS)
#define GIB             (INT64_C(1) << 30)

static const struct option queue_options[] = {
    {.name = "size_bytes",
     .type = OPTION_SIZE,
     .offset = 0,
     .default_text = "64MiB",
     .min = 64 * 1024,
     .max = 64 * GIB,
     .description =
         "What may wait for this sink; a batch that does not fit is dropped and counted."},
};
const struct option_table exporter_queue_table = {
    .title = "sending_queue",
    .options = queue_options,
    .count = COUNT_OF(queue_options),
    .struct_bytes = sizeof(((struct exporter_settings *)0)->queue),
    .origin_offset = SIZE_MAX,
    .set_offset = SIZE_MAX,
};

#define RETRY_OFFSET(field)                                                                        \
    (offsetof(struct exporter_settings, retry.field) - offsetof(struct exporter_settings, retry))

static const struct option retry_options[] = {
    {.name = "initial_interval",
     .type = OPTION_DURATION,
     .offset = RETRY_OFFSET(initial_interval_ns),
     .default_text = "1s",
     .min = MS,
     .max = HOUR,
     .description = "Pause before the first retry; doubled each time."},
    {.name = "max_interval",
     .type = OPTION_DURATION,
     .offset = RETRY_OFFSET(max_interval_ns),
     .default_text = "30s",
     .min = MS,
     .max = HOUR,
     .description = "Longest pause between retries."},
    {.name = "max_elapsed_time",
     .type = OPTION_DURATION,
     .offset = RETRY_OFFSET(max_elapsed_time_ns),
     .default_text = "300s",
     .min = 0,
     .max = 24 * HOUR,
     .description = "Age at which records are given up while the sink fails; 0: never."},
};
const struct option_table exporter_retry_table = {
    .title = "retry_on_failure",
    .options = retry_options,
    .count = COUNT_OF(retry_options),
    .struct_bytes = sizeof(((struct exporter_settings *)0)->retry),
    .origin_offset = SIZE_MAX,
    .set_offset = SIZE_MAX,
};

/* The rows that every exporter has. */
#define COMMON_ROWS(type_)                                                                         \
    {.name = "timeout",                                                                            \
     .type = OPTION_DURATION,                                                                      \
     .offset = offsetof(struct type_, common.timeout_ns),                                          \
     .default_text = "10s",                                                                        \
     .min = 10 * MS,                                                                               \
     .max = HOUR / 12,                                                                             \
     .description = "How long one attempt to write may take."},                                    \
        {.name = "sending_queue",                                                                  \
         .type = OPTION_GROUP,                                                                     \
         .offset = offsetof(struct type_, common.queue),                                           \
         .group = &exporter_queue_table,                                                           \
         .description = "What waits while the sink is slow or away."},                             \
        {.name = "retry_on_failure",                                                               \
         .type = OPTION_GROUP,                                                                     \
         .offset = offsetof(struct type_, common.retry),                                           \
         .group = &exporter_retry_table,                                                           \
         .description = "When and how long failed writes are repeated."},                          \
    {                                                                                              \
        .name = "required", .type = OPTION_BOOL,                                                   \
        .offset = offsetof(struct type_, common.required), .default_text = "false",                \
        .description = "Whether records that did not arrive make `run` end with code 122."         \
    }

#define EXPORTER_TABLE(name, rows, type)                                                           \
    {                                                                                              \
        .title = name, .options = rows, .count = COUNT_OF(rows), .struct_bytes = sizeof(type),     \
        .origin_offset = offsetof(type, common.origin), .set_offset = offsetof(type, common.set)   \
    }

static const struct option kafka_options[] = {
    {.name = "brokers",
     .type = OPTION_TEXT,
     .offset = offsetof(struct kafka_settings, brokers),
     .flags = OPTION_REQUIRED,
     .description = "Comma-separated HOST:PORT of brokers to begin with."},
    {.name = "properties",
     .type = OPTION_TEXTS,
     .offset = offsetof(struct kafka_settings, properties),
     .flags = OPTION_SECRET,
     .description = "\"name=value\" properties handed to librdkafka."},
    {.name = "verdicts_topic",
     .type = OPTION_TEXT,
     .offset = offsetof(struct kafka_settings, verdicts_topic),
     .default_text = "assertd-verdicts",
     .description = "Topic of the verdicts (key: trace ID); empty: not written."},
    {.name = "meters_topic",
     .type = OPTION_TEXT,
     .offset = offsetof(struct kafka_settings, meters_topic),
     .default_text = "assertd-meters",
     .description = "Topic of the meters (key: campaign); empty: not written."},
    {.name = "campaigns_topic",
     .type = OPTION_TEXT,
     .offset = offsetof(struct kafka_settings, campaigns_topic),
     .default_text = "assertd-campaigns",
     .description =
         "Topic of the campaigns' states (key: campaign; to be compacted); empty: not written."},
    COMMON_ROWS(kafka_settings),
};
const struct option_table kafka_table =
    EXPORTER_TABLE("kafka", kafka_options, struct kafka_settings);

static const char *const influxdb_apis[] = {"v1", "v2", NULL};

static const struct option influxdb_options[] = {
    {.name = "endpoint",
     .type = OPTION_TEXT,
     .offset = offsetof(struct influxdb_settings, endpoint),
     .flags = OPTION_REQUIRED,
     .description = "http://HOST:PORT of the server."},
    {.name = "api",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct influxdb_settings, api),
     .default_text = "v1",
     .choices = influxdb_apis,
     .description = "v1 writes to /write, v2 to /api/v2/write."},
    {.name = "database",
     .type = OPTION_TEXT,
     .offset = offsetof(struct influxdb_settings, database),
     .description = "v1: the database."},
    {.name = "retention_policy",
     .type = OPTION_TEXT,
     .offset = offsetof(struct influxdb_settings, retention_policy),
     .description = "v1: the retention policy; absent: the database's default."},
    {.name = "username",
     .type = OPTION_TEXT,
     .offset = offsetof(struct influxdb_settings, username),
     .description = "v1: user of basic authentication."},
    {.name = "password_file",
     .type = OPTION_TEXT,
     .offset = offsetof(struct influxdb_settings, password_file),
     .description = "v1: file whose first line is the password."},
    {.name = "org",
     .type = OPTION_TEXT,
     .offset = offsetof(struct influxdb_settings, org),
     .description = "v2: the organisation."},
    {.name = "bucket",
     .type = OPTION_TEXT,
     .offset = offsetof(struct influxdb_settings, bucket),
     .description = "v2: the bucket."},
    {.name = "token_file",
     .type = OPTION_TEXT,
     .offset = offsetof(struct influxdb_settings, token_file),
     .description = "v2: file whose first line is the token."},
    COMMON_ROWS(influxdb_settings),
};
const struct option_table influxdb_table =
    EXPORTER_TABLE("influxdb", influxdb_options, struct influxdb_settings);

static const struct option graphite_options[] = {
    {.name = "endpoint",
     .type = OPTION_ENDPOINT,
     .offset = offsetof(struct graphite_settings, endpoint),
     .flags = OPTION_REQUIRED,
     .description = "HOST:PORT of carbon's plaintext protocol (commonly 2003)."},
    {.name = "prefix",
     .type = OPTION_TEXT,
     .offset = offsetof(struct graphite_settings, prefix),
     .default_text = "assertd",
     .description = "What every path begins with."},
    {.name = "tags",
     .type = OPTION_BOOL,
     .offset = offsetof(struct graphite_settings, tags),
     .default_text = "true",
     .description = "Tagged series; false: a hierarchy of dots."},
    COMMON_ROWS(graphite_settings),
};
const struct option_table graphite_table =
    EXPORTER_TABLE("graphite", graphite_options, struct graphite_settings);

#define SINK_ROW(name_, text_)                                                                     \
    {                                                                                              \
        .name = #name_, .type = OPTION_GROUP,                                                      \
        .offset = offsetof(struct exporters_settings, name_), .flags = OPTION_NULLABLE,            \
        .group = &name_##_table, .description = text_                                              \
    }

static const struct option exporters_options[] = {
    SINK_ROW(kafka, "Verdicts, meters and campaigns as JSON to Kafka; off unless written."),
    SINK_ROW(influxdb, "Meters and failures as line protocol to InfluxDB; off unless written."),
    SINK_ROW(graphite, "Meters as plaintext to Graphite; off unless written."),
};
const struct option_table exporters_table = {
    .title = "exporters",
    .options = exporters_options,
    .count = COUNT_OF(exporters_options),
    .struct_bytes = sizeof(struct exporters_settings),
    .origin_offset = SIZE_MAX,
    .set_offset = SIZE_MAX,
};
