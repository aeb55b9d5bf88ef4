#include "daemon/metrics_parts.h"

/* A counter of each transport, summed over the workers. */
struct transport_metric {
    struct prometheus_family family;
    const char *label, *word; /* a further label; label NULL: none */
    bool goes_on;             /* another sample of the family above */
    bool is_collectors;       /* labelled as the Collector does */
    size_t grpc, http;
};

#define CALLS(field)                                                                               \
    offsetof(struct otlp_counters, by[OTLP_GRPC].field),                                           \
        offsetof(struct otlp_counters, by[OTLP_HTTP].field)
#define WIRE(field)                                                                                \
    offsetof(struct otlp_counters, grpc.field), offsetof(struct otlp_counters, http.field)

#define REFUSED                                                                                    \
    {                                                                                              \
        "assertd_requests_refused_total",                                                          \
            "Requests that were refused: to be sent again (busy), or for good (malformed).",       \
            PROMETHEUS_COUNTER                                                                     \
    }
#define OUTCOMES                                                                                   \
    {                                                                                              \
        "otelcol_receiver_requests", "Export requests answered, by outcome.", PROMETHEUS_COUNTER   \
    }

static const struct transport_metric transport_metrics[] = {
    {{"assertd_requests_total", "Requests whose header was read.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     CALLS(requests)},
    {REFUSED, "reason", "busy", false, false, CALLS(refused_requests)},
    {REFUSED, "reason", "malformed", true, false, CALLS(failed_requests)},
    {{"assertd_spans_rejected_total", "Spans rejected for good by partial success.",
      PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     CALLS(rejected_spans)},
    {{"assertd_attributes_duplicate_total",
      "Attributes, or members of JSON, whose key was given before.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     CALLS(duplicate_keys)},
    {{"assertd_texts_invalid_total", "Spans, resources and scopes with text that is not UTF-8.",
      PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     CALLS(bad_texts)},
    {{"assertd_string_references_total",
      "Spans, resources and scopes with strings of a table that traces do not have.",
      PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     CALLS(table_references)},
    {{"assertd_connections_total", "Connections accepted.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(connections_opened)},
    {{"assertd_connections_closed_total", "Connections that have ended.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(connections_closed)},
    {{"assertd_connections_refused_total", "Connections closed at once: too many.",
      PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(refused_connections)},
    {{"assertd_received_bytes_total", "Bytes received.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(bytes_received)},
    {{"assertd_sent_bytes_total", "Bytes sent.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(bytes_sent)},
    {{"assertd_protocol_errors_total", "Violations of HTTP by peers.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(protocol_errors)},
    {{"assertd_timeouts_total", "Peers that were too slow.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(timeouts)},
    {{"otelcol_receiver_accepted_spans", "Spans handed to the pipeline.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     true,
     CALLS(accepted_spans)},
    {{"otelcol_receiver_refused_spans", "Spans of requests that are to be sent again.",
      PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     true,
     CALLS(refused_spans)},
    {OUTCOMES, "outcome", "success", false, true, CALLS(accepted_requests)},
    {OUTCOMES, "outcome", "refused", true, true, CALLS(refused_requests)},
    {OUTCOMES, "outcome", "failure", true, true, CALLS(failed_requests)},
};

static uint64_t sum_receivers(const struct metrics_source *source, size_t offset)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < source->receiver_count; i++) {
        sum += metrics_counter_at(source->receivers[i], offset);
    }
    return sum;
}

static void write_transport(struct buf *out, const struct metrics_source *source,
                            const struct transport_metric *metric, enum otlp_transport transport)
{
    struct prometheus_label labels[3];
    size_t count = 0;
    if (metric->is_collectors) {
        labels[count++] = (struct prometheus_label){"receiver", BYTES_LITERAL("otlp")};
    }
    labels[count++] = (struct prometheus_label){
        "transport", transport == OTLP_GRPC ? BYTES_LITERAL("grpc") : BYTES_LITERAL("http")};
    if (metric->label != NULL) {
        labels[count++] = (struct prometheus_label){metric->label, bytes_of(metric->word)};
    }
    prometheus_number(out, &metric->family, (struct prometheus_labels){labels, count},
                      sum_receivers(source, transport == OTLP_GRPC ? metric->grpc : metric->http));
}

/* HTTP/2 is spoken for gRPC alone. */
static void write_http2(struct buf *out, const struct metrics_source *source)
{
    static const char *const kinds[HTTP_ODDITIES] = {
        [HTTP_ODDITY_RESET] = "reset",           [HTTP_ODDITY_MADE_RESET] = "made_reset",
        [HTTP_ODDITY_REFUSED] = "refused",       [HTTP_ODDITY_CONTINUATION] = "continuation",
        [HTTP_ODDITY_EMPTY_DATA] = "empty_data", [HTTP_ODDITY_CHATTER] = "chatter",
    };
    static const struct prometheus_family family = {"assertd_http2_oddities_total",
                                                    "Frames that cost of a connection's budget.",
                                                    PROMETHEUS_COUNTER};
    prometheus_begin(out, &family);
    for (size_t i = 0; i < HTTP_ODDITIES; i++) {
        const struct prometheus_label labels[] = {{"kind", bytes_of(kinds[i])}};
        prometheus_number(out, &family, LABELS(labels),
                          sum_receivers(source, offsetof(struct otlp_counters, grpc.oddities) +
                                                    i * sizeof(struct counter)));
    }
    metrics_one(out,
                (struct prometheus_family){"assertd_http2_calmed_total",
                                           "Connections ended because their budget was spent.",
                                           PROMETHEUS_COUNTER},
                sum_receivers(source, offsetof(struct otlp_counters, grpc.calmed)));
}

static const struct prometheus_family user_agent_family = {
    "assertd_user_agent_requests_total", "Requests by the sender's program.", PROMETHEUS_COUNTER};

static void write_user_agent(struct buf *out, enum otlp_transport transport, struct bytes name,
                             uint64_t requests)
{
    const struct prometheus_label labels[] = {
        {"transport", transport == OTLP_GRPC ? BYTES_LITERAL("grpc") : BYTES_LITERAL("http")},
        {"user_agent", name}};
    prometheus_number(out, &user_agent_family, LABELS(labels), requests);
}

static const struct user_agents *agents_of(const struct metrics_source *source, uint32_t worker,
                                           enum otlp_transport transport)
{
    return &source->receivers[worker]->by[transport].user_agents;
}

/* A name that an earlier worker knows too was written with that one. */
static bool is_first(const struct metrics_source *source, uint32_t worker,
                     enum otlp_transport transport, struct bytes name)
{
    for (uint32_t i = 0; i < worker; i++) {
        if (user_agents_requests(agents_of(source, i, transport), name) != 0) {
            return false;
        }
    }
    return true;
}

static void write_named_agents(struct buf *out, const struct metrics_source *source,
                               uint32_t worker, enum otlp_transport transport)
{
    const struct user_agents *agents = agents_of(source, worker, transport);
    uint32_t count = user_agents_known(agents);
    for (uint32_t i = 0; i < count; i++) {
        struct bytes name = user_agent_name(agents, i);
        uint64_t sum = 0;
        if (!is_first(source, worker, transport, name)) {
            continue;
        }
        for (uint32_t j = worker; j < source->receiver_count; j++) {
            sum += user_agents_requests(agents_of(source, j, transport), name);
        }
        write_user_agent(out, transport, name, sum);
    }
}

static void write_user_agents(struct buf *out, const struct metrics_source *source,
                              enum otlp_transport transport)
{
    uint64_t others = 0;
    uint64_t unnamed = 0;
    for (uint32_t i = 0; i < source->receiver_count; i++) {
        others += counter_get(&agents_of(source, i, transport)->others);
        unnamed += counter_get(&agents_of(source, i, transport)->unnamed);
        write_named_agents(out, source, i, transport);
    }
    write_user_agent(out, transport, BYTES_LITERAL("(other)"), others);
    write_user_agent(out, transport, BYTES_LITERAL("(none)"), unnamed);
}

void metrics_write_receivers(struct buf *out, const struct metrics_source *source)
{
    for (size_t i = 0; i < LENGTH(transport_metrics); i++) {
        const struct transport_metric *metric = &transport_metrics[i];
        if (!metric->goes_on) {
            prometheus_begin(out, &metric->family);
        }
        write_transport(out, source, metric, OTLP_GRPC);
        write_transport(out, source, metric, OTLP_HTTP);
    }
    metrics_one(out,
                (struct prometheus_family){"assertd_other_signals_total",
                                           "Requests with logs, metrics or profiles, discarded.",
                                           PROMETHEUS_COUNTER},
                sum_receivers(source, offsetof(struct otlp_counters, other_signals)));
    write_http2(out, source);
    prometheus_begin(out, &user_agent_family);
    write_user_agents(out, source, OTLP_GRPC);
    write_user_agents(out, source, OTLP_HTTP);
}
