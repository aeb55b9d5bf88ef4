/* The whole configuration as one struct, composed from the tables of the modules (DESIGN 5.3 names
 * the options). Immutable after loading; lives as long as the configuration it came from. */
#ifndef ASSERTD_DAEMON_SETTINGS_H
#define ASSERTD_DAEMON_SETTINGS_H

#include "assertions/suite_settings.h"
#include "config/config.h"
#include "exporters/settings.h"
#include "receivers/http_cors.h"

struct log_settings {
    int level;  /* enum log_level */
    int format; /* enum log_format */
};

struct service_settings {
    int64_t workers; /* 0: as many as cores */
    uint64_t drain_timeout_ns;
    struct log_settings log;
};

struct endpoint_settings { /* an address to listen on; empty: off */
    struct config_text endpoint;
};

struct keepalive_settings { /* of HTTP/2 connections; 0: off */
    uint64_t time_ns, timeout_ns, min_time_ns;
    uint64_t max_connection_idle_ns, max_connection_age_ns, max_connection_age_grace_ns;
};

struct grpc_settings {
    struct config_text endpoint; /* empty: off */
    int64_t max_concurrent_streams;
    struct keepalive_settings keepalive;
};

struct http_settings {
    struct config_text endpoint; /* empty: off */
    struct config_text traces_path;
    struct http_cors cors;
};

struct otlp_settings {
    struct grpc_settings grpc;
    struct http_settings http;
    int other_signals; /* enum other_signals */
};

struct span_attributes_settings { /* attributes of the load generator's own root span */
    struct config_text campaign, scenario, step;
};

struct injections_settings {
    struct span_attributes_settings span_attributes;
};

struct receivers_settings {
    struct otlp_settings otlp;
    struct injections_settings injections;
};

struct limits_settings {
    struct config_origin origin;
    uint64_t request_bytes;
    uint64_t memory_bytes; /* 0: as memory_limit.h chooses */
    int64_t max_spans_per_trace;
    int64_t max_spans_per_request;
    int64_t max_attributes;
    int64_t max_connections;
    int64_t max_campaigns;
};

struct campaign_options {
    struct config_text key;
    int correlation; /* enum correlation_setting */
    int missing;     /* enum missing_setting */
    int unjudged;    /* enum unjudged_setting */
    struct config_pairs labels;
};

struct report_settings {
    int64_t max_failures;
    struct config_text trace_url;
};

struct thresholds_settings {
    int64_t interval_ns;
};

enum evidence_keep { EVIDENCE_KEEP_RAW, EVIDENCE_KEEP_READ };
struct evidence_settings {
    int keep; /* enum evidence_keep */
    int64_t passed_ns;
    uint64_t passed_bytes;
};

struct settings {
    int64_t semantics;
    struct service_settings service;
    struct endpoint_settings admin;
    struct endpoint_settings health;
    struct endpoint_settings metrics;
    struct receivers_settings receivers;
    struct limits_settings limits;
    struct campaign_options campaign;
    struct completion_settings completion;
    struct report_settings report;
    struct evidence_settings evidence;
    struct thresholds_settings thresholds;
    struct config_text suites_dir;
    struct config_list suites; /* of struct suite_settings */
    struct exporters_settings exporters;
};

extern const struct option_table settings_table;

#endif
