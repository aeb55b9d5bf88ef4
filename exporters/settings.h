/* The settings of all exporters: one group each, off unless written. Immutable after loading. */
#ifndef ASSERTD_EXPORTERS_SETTINGS_H
#define ASSERTD_EXPORTERS_SETTINGS_H

#include "exporters/exporter.h"

struct kafka_settings {
    struct exporter_settings common;
    struct config_text brokers;
    struct config_texts properties; /* "name=value", handed to librdkafka */
    struct config_text verdicts_topic, meters_topic, campaigns_topic;
};

enum influxdb_api { INFLUXDB_V1, INFLUXDB_V2 };

struct influxdb_settings {
    struct exporter_settings common;
    struct config_text endpoint;                                            /* http://HOST:PORT */
    int api;                                                                /* enum influxdb_api */
    struct config_text database, retention_policy, username, password_file; /* v1 */
    struct config_text org, bucket, token_file;                             /* v2 */
};

struct graphite_settings {
    struct exporter_settings common;
    struct config_text endpoint; /* HOST:PORT */
    struct config_text prefix;
    bool tags;
};

struct exporters_settings {
    struct kafka_settings kafka;
    struct influxdb_settings influxdb;
    struct graphite_settings graphite;
};

extern const struct option_table kafka_table;
extern const struct option_table influxdb_table;
extern const struct option_table graphite_table;
extern const struct option_table exporters_table;

#endif
