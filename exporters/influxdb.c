#include "exporters/influxdb.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/net/http_client.h"
#include "exporters/influxdb_answer.h"
#include "exporters/influxdb_encode.h"
#include "exporters/influxdb_ranges.h"
#include "exporters/influxdb_target.h"

#define LINES_PER_REQUEST 5000 /* what the server's makers advise */
#define ANSWER_BYTES      4096
#define REASON_BYTES      300
#define WAIT_MOST_NS      (600 * NS_PER_S)

struct exporter {
    const struct influxdb_settings *settings;
    struct exporter_env *env;
    struct http_client *client;
    struct influxdb_target target;
    struct influxdb_times times;

    struct submission *submission; /* under way; NULL: none */
    struct buf lines;              /* of all its records */
    size_t *ends;                  /* where each record's line ends */
    struct influxdb_ranges ranges;
    struct influxdb_range range; /* in the request */
    struct delivery delivery;    /* so far */
    struct buf reason;           /* NUL-terminated */
};

static uint64_t records(const struct exporter *influxdb, const struct export_batch *batch)
{
    uint64_t count = 0;
    (void)influxdb;
    for (uint32_t i = 0; i < batch->meter_count; i++) {
        count += influxdb_writes_meter(&batch->meters[i]);
    }
    return count;
}

/* Settled records are encoded too: so all lines are the same in each attempt. */
static int encode(struct exporter *influxdb, struct submission *submission)
{
    const struct export_batch *batch = submission->batch;
    if (submission->mark == 0) {
        submission->mark = influxdb->times.last_ns + 1;
    }
    struct influxdb_times times = {submission->mark - 1};
    free(influxdb->ends);
    influxdb->ends = calloc(submission->records, sizeof influxdb->ends[0]);
    if (influxdb->ends == NULL) {
        return -ENOMEM;
    }
    buf_reset(&influxdb->lines);
    uint64_t record = 0;
    for (uint32_t i = 0; i < batch->meter_count; i++) {
        if (influxdb_writes_meter(&batch->meters[i])) {
            influxdb_encode_meter(&influxdb->lines, &batch->meters[i], &times);
            influxdb->ends[record++] = influxdb->lines.len;
        }
    }
    if (times.last_ns > influxdb->times.last_ns) {
        influxdb->times = times;
    }
    return influxdb->lines.failed ? -ENOMEM : 0;
}

static struct bytes lines_of(const struct exporter *influxdb, struct influxdb_range range)
{
    size_t from = range.first == 0 ? 0 : influxdb->ends[range.first - 1];
    return bytes_from(influxdb->lines.data + from, influxdb->ends[range.end - 1] - from);
}

static void on_answer(void *self, const struct http_answer *answer);

/* Sends the next portion. 0; 1: none is left; a negative errno. */
static int send_next(struct exporter *influxdb)
{
    if (!influxdb_ranges_next(&influxdb->ranges, influxdb->submission->settled, LINES_PER_REQUEST,
                              &influxdb->range)) {
        return 1;
    }
    struct http_exchange exchange = {
        .method = "POST",
        .url = (const char *)influxdb->target.url.data,
        .headers = influxdb->target.headers,
        .body = lines_of(influxdb, influxdb->range),
        .timeout_ns = influxdb->settings->common.timeout_ns,
        .answer_limit = ANSWER_BYTES,
    };
    return http_client_send(influxdb->client, &exchange, on_answer, influxdb);
}

static void finish(struct exporter *influxdb, int outcome)
{
    struct submission *submission = influxdb->submission;
    struct delivery delivery = influxdb->delivery;
    delivery.outcome = outcome;
    influxdb->submission = NULL;
    influxdb->env->done(influxdb->env, submission, &delivery);
}

/* Settles the whole portion, `rejected` of it as refused. */
static void settle_range(struct exporter *influxdb, uint64_t rejected)
{
    uint64_t size = influxdb->range.end - influxdb->range.first;
    rejected = rejected < size ? rejected : size;
    for (uint64_t record = influxdb->range.first; record < influxdb->range.end; record++) {
        submission_settle(influxdb->submission, record);
    }
    influxdb->delivery.rejected += rejected;
    influxdb->delivery.acknowledged += size - rejected;
}

static void keep_reason(struct exporter *influxdb, const struct http_answer *answer)
{
    struct bytes body = answer->body;
    body.len = body.len < REASON_BYTES ? body.len : REASON_BYTES;
    buf_reset(&influxdb->reason);
    if (answer->status == 0) {
        buf_append_text(&influxdb->reason, answer->error != NULL ? answer->error : "no answer");
    } else {
        buf_printf(&influxdb->reason, "%u ", answer->status);
        buf_append_bytes(&influxdb->reason, bytes_trim(body));
    }
    buf_append_char(&influxdb->reason, '\0');
    influxdb->delivery.reason =
        influxdb->reason.failed ? NULL : (const char *)influxdb->reason.data;
}

static void halve(struct exporter *influxdb)
{
    if (influxdb->range.end - influxdb->range.first > 1) {
        influxdb_ranges_halve(&influxdb->ranges, influxdb->range);
    } else {
        settle_range(influxdb, 1);
    }
}

/* Whether to go on with the next portion. */
static bool take_answer(struct exporter *influxdb, const struct http_answer *answer)
{
    uint64_t dropped = 0;
    switch (influxdb_answer(answer->status, answer->body, &dropped)) {
    case INFLUXDB_WRITTEN:
        settle_range(influxdb, 0);
        return true;
    case INFLUXDB_PARTIAL:
        keep_reason(influxdb, answer);
        settle_range(influxdb, dropped);
        return true;
    case INFLUXDB_BAD_LINE:
    case INFLUXDB_TOO_LARGE:
        keep_reason(influxdb, answer);
        halve(influxdb);
        return true;
    case INFLUXDB_DENIED:
        keep_reason(influxdb, answer);
        influxdb->delivery.retry_after_ns = influxdb->settings->common.retry.max_interval_ns;
        return false;
    case INFLUXDB_BUSY:
        keep_reason(influxdb, answer);
        influxdb->delivery.retry_after_ns =
            answer->retry_after_ns < WAIT_MOST_NS ? answer->retry_after_ns : WAIT_MOST_NS;
        return false;
    }
    return false;
}

static void on_answer(void *self, const struct http_answer *answer)
{
    struct exporter *influxdb = self;
    int outcome = take_answer(influxdb, answer) ? send_next(influxdb) : -EAGAIN;
    if (outcome != 0) {
        finish(influxdb, outcome > 0 ? DELIVERY_DONE : DELIVERY_RETRY);
    }
}

static int submit(struct exporter *influxdb, struct submission *submission)
{
    if (influxdb->submission != NULL) {
        return 1;
    }
    int bad = encode(influxdb, submission);
    if (bad) {
        return bad;
    }
    influxdb->submission = submission;
    influxdb->delivery = (struct delivery){0};
    influxdb_ranges_init(&influxdb->ranges, submission->records);
    bad = send_next(influxdb);
    if (bad) {
        influxdb->submission = NULL;
        return bad < 0 ? bad : -EINVAL;
    }
    return 0;
}

static void abandon(struct exporter *influxdb)
{
    if (influxdb->client != NULL) {
        http_client_free(influxdb->client);
        influxdb->client = NULL;
    }
    if (influxdb->submission != NULL) {
        influxdb->delivery.reason = "abandoned";
        finish(influxdb, DELIVERY_RETRY);
    }
}

static void destroy(struct exporter *influxdb)
{
    if (influxdb->client != NULL) {
        http_client_free(influxdb->client);
    }
    influxdb_target_deinit(&influxdb->target);
    buf_deinit(&influxdb->lines);
    buf_deinit(&influxdb->reason);
    free(influxdb->ends);
    free(influxdb);
}

static int create(struct exporter **ret, const void *settings, struct exporter_env *env)
{
    struct exporter *influxdb = calloc(1, sizeof *influxdb);
    if (influxdb == NULL) {
        return -ENOMEM;
    }
    influxdb->settings = settings;
    influxdb->env = env;
    int bad = influxdb_target_init(&influxdb->target, settings);
    if (!bad) {
        bad = http_client_new(&influxdb->client, env->loop, 1);
    }
    if (bad) {
        destroy(influxdb);
        return bad;
    }
    *ret = influxdb;
    return 0;
}

static void validate(const void *settings, struct problems *problems)
{
    influxdb_target_validate(settings, problems);
}

const struct exporter_type exporter_influxdb = {
    .name = "influxdb",
    .summary = "meters and failures as line protocol",
    .options = &influxdb_table,
    .validate = validate,
    .create = create,
    .records = records,
    .submit = submit,
    .abandon = abandon,
    .destroy = destroy,
};
