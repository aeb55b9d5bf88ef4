#include "exporters/graphite.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/core/buf.h"
#include "exporters/graphite_encode.h"
#include "exporters/graphite_socket.h"
#include "exporters/settings.h"

struct exporter {
    const struct graphite_settings *settings;
    struct exporter_env *env;
    struct graphite_socket *socket;
    struct submission *submission; /* under way; NULL: none */
    struct buf lines;              /* of all its records */
    size_t *ends;                  /* where each record's line ends */
    size_t sent;                   /* bytes of `lines` that the kernel took */
    uint64_t record;               /* first that is not settled */
    bool torn;                     /* the last connection broke within a line */
    struct delivery delivery;      /* so far */
};

static uint64_t records(const struct exporter *graphite, const struct export_batch *batch)
{
    uint64_t count = 0;
    (void)graphite;
    for (uint32_t i = 0; i < batch->meter_count; i++) {
        count += graphite_lines(&batch->meters[i]);
    }
    return count;
}

static void mark_ends(struct exporter *graphite)
{
    uint64_t record = 0;
    for (size_t i = 0; i < graphite->lines.len; i++) {
        if (graphite->lines.data[i] == '\n') {
            graphite->ends[record++] = i + 1;
        }
    }
}

static int encode(struct exporter *graphite, const struct submission *submission)
{
    const struct export_batch *batch = submission->batch;
    free(graphite->ends);
    graphite->ends = calloc(submission->records, sizeof graphite->ends[0]);
    if (graphite->ends == NULL) {
        return -ENOMEM;
    }
    buf_reset(&graphite->lines);
    for (uint32_t i = 0; i < batch->meter_count; i++) {
        graphite_encode_meter(&graphite->lines, &batch->meters[i],
                              bytes_of(graphite->settings->prefix.text), graphite->settings->tags);
    }
    if (graphite->lines.failed) {
        return -ENOMEM;
    }
    mark_ends(graphite);
    return 0;
}

static void finish(struct exporter *graphite, int outcome, const char *reason)
{
    struct submission *submission = graphite->submission;
    struct delivery delivery = graphite->delivery;
    delivery.outcome = outcome;
    delivery.reason = reason;
    graphite->submission = NULL;
    graphite->env->done(graphite->env, submission, &delivery);
}

static void settle_taken(struct exporter *graphite)
{
    struct submission *submission = graphite->submission;
    while (graphite->record < submission->records &&
           graphite->ends[graphite->record] <= graphite->sent) {
        submission_settle(submission, graphite->record++);
        graphite->delivery.acknowledged++;
    }
}

static size_t line_start(const struct exporter *graphite)
{
    return graphite->record == 0 ? 0 : graphite->ends[graphite->record - 1];
}

static void on_broken(void *self, const char *reason)
{
    struct exporter *graphite = self;
    if (graphite->submission != NULL) {
        graphite->torn |= graphite->sent > line_start(graphite);
        finish(graphite, DELIVERY_RETRY, reason);
    }
}

/* Whether the empty line, where one is due, is out. */
static bool open_line(struct exporter *graphite)
{
    if (graphite->torn && graphite_socket_send(graphite->socket, BYTES_LITERAL("\n")) != 1) {
        return false;
    }
    graphite->torn = false;
    return true;
}

static void on_writable(void *self)
{
    struct exporter *graphite = self;
    if (graphite->submission == NULL) {
        graphite_socket_rest(graphite->socket);
        return;
    }
    if (!open_line(graphite)) {
        return;
    }
    struct bytes rest =
        bytes_from(graphite->lines.data + graphite->sent, graphite->lines.len - graphite->sent);
    ssize_t took = graphite_socket_send(graphite->socket, rest);
    if (took < 0) {
        return;
    }
    graphite->sent += (size_t)took;
    settle_taken(graphite);
    if (graphite->record == graphite->submission->records) {
        graphite_socket_rest(graphite->socket);
        finish(graphite, DELIVERY_DONE, NULL);
    }
}

static uint64_t first_unsettled(const struct submission *submission)
{
    uint64_t record = 0;
    while (record < submission->records && submission_settled(submission, record)) {
        record++;
    }
    return record;
}

static int submit(struct exporter *graphite, struct submission *submission)
{
    if (graphite->submission != NULL) {
        return 1;
    }
    int bad = encode(graphite, submission);
    if (bad) {
        return bad;
    }
    graphite->submission = submission;
    graphite->delivery = (struct delivery){0};
    graphite->record = first_unsettled(submission);
    graphite->sent = line_start(graphite);
    bad = graphite_socket_want(graphite->socket);
    if (bad) {
        graphite->submission = NULL;
    }
    return bad;
}

static void abandon(struct exporter *graphite)
{
    graphite_socket_close(graphite->socket);
    if (graphite->submission != NULL) {
        finish(graphite, DELIVERY_RETRY, "abandoned");
    }
}

static void destroy(struct exporter *graphite)
{
    graphite_socket_free(graphite->socket);
    buf_deinit(&graphite->lines);
    free(graphite->ends);
    free(graphite);
}

static int create(struct exporter **ret, const void *settings, struct exporter_env *env)
{
    struct exporter *graphite = calloc(1, sizeof *graphite);
    if (graphite == NULL) {
        return -ENOMEM;
    }
    graphite->settings = settings;
    graphite->env = env;
    struct graphite_socket_options options = {
        .loop = env->loop,
        .endpoint = graphite->settings->endpoint.text,
        .timeout_ns = graphite->settings->common.timeout_ns,
        .self = graphite,
        .writable = on_writable,
        .broken = on_broken,
    };
    int bad = graphite_socket_new(&graphite->socket, &options);
    if (bad) {
        free(graphite);
        return bad;
    }
    *ret = graphite;
    return 0;
}

static void validate(const void *settings, struct problems *problems)
{
    const struct graphite_settings *graphite = settings;
    if (graphite->endpoint.text == NULL || graphite->endpoint.text[0] == '\0') {
        problems_add(problems, graphite->common.origin, "exporters.graphite.endpoint",
                     "write HOST:PORT");
    }
    if (!graphite_prefix_valid(bytes_of(graphite->prefix.text))) {
        problems_add(problems, graphite->prefix.origin, "exporters.graphite.prefix",
                     "letters, digits, '-', '_' and single dots only, at most %d bytes",
                     GRAPHITE_PREFIX_MAX);
    }
}

const struct exporter_type exporter_graphite = {
    .name = "graphite",
    .summary = "meters as plaintext",
    .options = &graphite_table,
    .validate = validate,
    .create = create,
    .records = records,
    .submit = submit,
    .abandon = abandon,
    .destroy = destroy,
};
