#include "daemon/admin.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/core/json.h"
#include "daemon/core/list.h"
#include "daemon/core/units.h"
#include "daemon/http_router.h"
#include "daemon/net/http1.h"
#include "daemon/report_output.h"
#include "daemon/shard_orders.h"
#include "receivers/campaign_json.h"
#include "receivers/injection_json.h"

#define ADMIN_BODY_BYTES (64u << 20)
#define ADMIN_ERRORS_MAX 100
#define RECORDS_AT_ONCE  256
#define ADMIN_PAGE_SETS  3

struct admin {
    struct admin_options options;
    struct http1_server *servers[ADMIN_PAGE_SETS];
    struct http_counters counters;
    struct list waiting; /* requests whose answer comes from the workers */
};

/* A request that waits for a report or a trace. The peer may go away meanwhile: then `request` is
 * NULL. */
struct waiter {
    struct list link;
    struct admin *admin;
    struct http_request *request;
    enum report_format format;
    struct campaign_entry *entry;
    bool whole_report;
};

static struct waiter *wait_for(struct admin *admin, struct http_request *request)
{
    struct waiter *waiter = calloc(1, sizeof *waiter);
    if (waiter == NULL) {
        router_error(request, 503, "no memory");
        return NULL;
    }
    waiter->admin = admin;
    waiter->request = request;
    request->state = waiter;
    list_append(&admin->waiting, &waiter->link);
    return waiter;
}

/* Ends the wait: the request to answer; NULL: its peer is gone. Comes before the answer, which may
 * free the request, or begin the next one in its place. */
static struct http_request *waiter_end(struct waiter *waiter)
{
    struct http_request *request = waiter->request;
    list_remove(&waiter->link);
    if (request != NULL) {
        request->state = NULL;
    }
    free(waiter);
    return request;
}

/* What a campaign looks like in the API. */
static void write_campaign(struct json *json, const struct campaign_entry *entry,
                           const struct report *report)
{
    const struct campaign *campaign = campaign_entry_campaign(entry);
    struct shard_open open = campaign_entry_open(entry);
    struct buf time = BUF_NULL;
    units_print_time(&time, campaign->start_unix_ns);
    json_object(json);
    json_member_string(json, "key", campaign->key);
    json_member_string(
        json, "status",
        campaign_status_name(report != NULL ? report->status : CAMPAIGN_IN_PROGRESS));
    json_member_text(json, "start", buf_bytes(&time));
    json_member_bool(json, "ended", campaign_entry_phase(entry) == CAMPAIGN_DONE);
    json_member_u64(json, "open_traces", open.traces);
    json_member_u64(json, "open_injections", open.injections);
    json_key(json, "labels");
    json_object(json);
    for (uint32_t i = 0; i < campaign->label_count; i++) {
        json_key_bytes(json, campaign->labels[i].key);
        json_text(json, campaign->labels[i].value.bytes);
    }
    json_object_end(json);
    json_object_end(json);
    buf_deinit(&time);
}

static void answer_campaign(struct http_request *request, unsigned status,
                            const struct campaign_entry *entry, const struct report *report)
{
    struct buf body = BUF_NULL;
    struct json json = JSON_INIT(&body);
    write_campaign(&json, entry, report);
    router_answer(request, status, "application/json", buf_bytes(&body));
    buf_deinit(&body);
}

static struct campaign_entry *find_or_404(struct admin *admin, struct http_request *request,
                                          const struct route_match *match)
{
    struct campaign_entry *entry = campaigns_find(admin->options.campaigns, match->captures[0]);
    if (entry == NULL) {
        router_error(request, 404, "no such campaign");
    }
    return entry;
}

static void list_campaigns(void *self, struct http_request *request,
                           const struct route_match *match)
{
    struct admin *admin = self;
    struct buf body = BUF_NULL;
    struct json json = JSON_INIT(&body);
    (void)match;
    json_array(&json);
    for (struct campaign_entry *entry = campaigns_next(admin->options.campaigns, NULL);
         entry != NULL; entry = campaigns_next(admin->options.campaigns, entry)) {
        json_object(&json);
        json_member_string(&json, "key", campaign_entry_campaign(entry)->key);
        json_member_bool(&json, "ended", campaign_entry_phase(entry) == CAMPAIGN_DONE);
        json_object_end(&json);
    }
    json_array_end(&json);
    router_answer(request, 200, "application/json", buf_bytes(&body));
    buf_deinit(&body);
}

static void told_started(void *self, struct campaign_entry *entry)
{
    struct http_request *request = waiter_end(self);
    if (request != NULL) {
        answer_campaign(request, 201, entry, NULL);
    }
}

/* The answer waits for the shards: a span sent after it must be the campaign's. */
static void answer_started(struct admin *admin, struct http_request *request,
                           struct campaign_entry *entry)
{
    struct waiter *waiter = wait_for(admin, request);
    if (waiter != NULL &&
        campaigns_settle(admin->options.campaigns, entry, told_started, waiter) != 0) {
        router_error(waiter_end(waiter), 503, "no memory");
    }
}

static void start_campaign(void *self, struct http_request *request,
                           const struct route_match *match)
{
    struct admin *admin = self;
    struct campaign_request body;
    struct arena arena = ARENA_INIT(1024, 1 << 20);
    struct campaign_entry *entry;
    char error[160];
    (void)match;
    if (campaign_request_parse(bytes_from(request->body, request->body_len), &arena, &body, error,
                               sizeof error) != 0) {
        router_error(request, 400, error);
    } else {
        switch (campaigns_start(admin->options.campaigns, body.key, body.labels, body.label_count,
                                &entry)) {
        case 0:
            answer_started(admin, request, entry);
            break;
        case CAMPAIGNS_RUNNING:
            router_error(request, 409, "a campaign of this key is running");
            break;
        case CAMPAIGNS_BAD_KEY:
            router_error(request, 400, "key: write 1 to 128 of A-Z a-z 0-9 . _ -");
            break;
        default:
            router_error(request, 503, "no memory");
            break;
        }
    }
    arena_deinit(&arena);
}

static void told_report(void *self, struct report *report)
{
    struct waiter waiter = *(struct waiter *)self;
    struct http_request *request = waiter_end(self);
    struct buf body = BUF_NULL;
    if (request == NULL) {
        /* the peer is gone */
    } else if (report == NULL) {
        router_error(request, 503, "no memory");
    } else if (!waiter.whole_report) {
        answer_campaign(request, 200, waiter.entry, report);
    } else {
        report_format_write(report, waiter.format, false, &body);
        router_answer(request, 200, report_format_type(waiter.format), buf_bytes(&body));
    }
    if (report != NULL) {
        arena_deinit(&report->arena);
    }
    buf_deinit(&body);
}

static void ask_report(struct admin *admin, struct http_request *request,
                       struct campaign_entry *entry, bool whole, enum report_format format)
{
    struct waiter *waiter = wait_for(admin, request);
    if (waiter != NULL) {
        waiter->entry = entry;
        waiter->whole_report = whole;
        waiter->format = format;
        campaigns_report(admin->options.campaigns, entry, told_report, waiter);
    }
}

static void show_campaign(void *self, struct http_request *request, const struct route_match *match)
{
    struct campaign_entry *entry = find_or_404(self, request, match);
    if (entry != NULL) {
        ask_report(self, request, entry, false, REPORT_JSON);
    }
}

static void show_report(void *self, struct http_request *request, const struct route_match *match)
{
    struct campaign_entry *entry = find_or_404(self, request, match);
    struct bytes word = router_query(request, "format");
    enum report_format format = REPORT_JSON;
    if (entry == NULL) {
        return;
    }
    if (word.data != NULL && report_format_parse(word, &format) != 0) {
        router_error(request, 400, "format: write json, junit or text");
        return;
    }
    ask_report(self, request, entry, true, format);
}

static void complete_campaign(void *self, struct http_request *request,
                              const struct route_match *match)
{
    struct admin *admin = self;
    struct campaign_entry *entry = find_or_404(admin, request, match);
    if (entry != NULL) {
        campaigns_complete(admin->options.campaigns, entry);
        answer_campaign(request, 202, entry, NULL);
    }
}

static void abort_campaign(void *self, struct http_request *request,
                           const struct route_match *match)
{
    struct admin *admin = self;
    struct campaign_entry *entry = find_or_404(admin, request, match);
    if (entry != NULL) {
        campaigns_abort(admin->options.campaigns, entry);
        answer_campaign(request, 202, entry, NULL);
    }
}

/* The answer to a batch of records, being written while they are read. */
struct intake {
    struct admin *admin;
    struct campaign_entry *entry;
    struct json json;
    uint32_t accepted, rejected;
};

static void reject_line(struct intake *intake, uint32_t line, const char *error)
{
    if (intake->rejected++ < ADMIN_ERRORS_MAX) {
        json_object(&intake->json);
        json_member_u64(&intake->json, "line", line);
        json_member_string(&intake->json, "error", error);
        json_object_end(&intake->json);
    }
}

static void register_records(struct intake *intake, const struct injection *records, uint32_t count,
                             uint32_t line)
{
    uint32_t taken =
        campaigns_inject(intake->admin->options.campaigns, intake->entry, records, count);
    intake->accepted += taken;
    for (; taken < count; taken++) {
        reject_line(intake, line, "no memory");
    }
}

static void take_records(struct intake *intake, struct bytes body)
{
    struct injection_lines lines = {body, 0};
    struct arena arena = ARENA_INIT(4096, 0);
    struct injection records[RECORDS_AT_ONCE];
    uint32_t count = 0;
    char error[160];
    int end;
    do {
        end = injection_next(&lines, &arena, &records[count], error, sizeof error);
        count += end == 0;
        if (end == 1 || end == 2) {
            reject_line(intake, lines.line, end == 1 ? error : "no memory");
        }
        if (count == RECORDS_AT_ONCE || end == 2 || end == 3) {
            register_records(intake, records, count, lines.line);
            arena_reset(&arena);
            count = 0;
        }
    } while (end != 3 && end != 2);
    arena_deinit(&arena);
}

/* All records of a request or none: one that is sent again must not count twice. */
static bool make_room(struct admin *admin, struct http_request *request, uint64_t *ret_reserved)
{
    const struct http_header later = {BYTES_LITERAL("Retry-After"), BYTES_LITERAL("1")};
    switch (shard_orders_reserve(admin->options.pool, bytes_from(request->body, request->body_len),
                                 ret_reserved)) {
    case 0:
        return true;
    case WORKERS_TOO_LARGE:
        router_error(request, 413,
                     "more records than limits.memory has room for: send fewer at once");
        return false;
    default:
        http_respond(request, &(struct http_response){
                                  .status = 503,
                                  .content_type = "application/json",
                                  .headers = &later,
                                  .header_count = 1,
                                  .body = BYTES_LITERAL("{\"error\":\"limits.memory is full\"}")});
        return false;
    }
}

static void register_injections(void *self, struct http_request *request,
                                const struct route_match *match)
{
    struct campaign_entry *entry = find_or_404(self, request, match);
    struct buf body = BUF_NULL;
    struct buf head = BUF_NULL;
    if (entry == NULL) {
        return;
    }
    if (campaign_entry_phase(entry) != CAMPAIGN_RUNNING) {
        router_error(request, 409, "the campaign is not running");
        return;
    }
    uint64_t reserved;
    if (!make_room(self, request, &reserved)) {
        return;
    }
    struct intake intake = {.admin = self, .entry = entry, .json = JSON_INIT(&body)};
    json_array(&intake.json);
    take_records(&intake, bytes_from(request->body, request->body_len));
    shard_orders_release(intake.admin->options.pool, reserved);
    json_array_end(&intake.json);
    struct json json = JSON_INIT(&head);
    json_object(&json);
    json_member_u64(&json, "accepted", intake.accepted);
    json_key(&json, "rejected");
    json_raw(&json, buf_bytes(&body));
    if (intake.rejected > ADMIN_ERRORS_MAX) {
        json_member_u64(&json, "rejected_omitted", intake.rejected - ADMIN_ERRORS_MAX);
    }
    json_object_end(&json);
    router_answer(request, 200, "application/json", buf_bytes(&head));
    buf_deinit(&body);
    buf_deinit(&head);
}

/* A trace is shown by the worker that owns it. */
struct trace_ask {
    struct task task;
    struct waiter *waiter;
    struct trace_id id;
    struct buf body;
    bool known;
};

static void told_trace(struct task *task, struct worker *worker)
{
    struct trace_ask *ask = (struct trace_ask *)(void *)task;
    struct http_request *request = waiter_end(ask->waiter);
    (void)worker;
    if (request != NULL && ask->known) {
        router_answer(request, 200, "application/json", buf_bytes(&ask->body));
    } else if (request != NULL) {
        router_error(request, 404, "no such trace, or forgotten");
    }
    buf_deinit(&ask->body);
    free(ask);
}

static void look_up_trace(struct task *task, struct worker *worker)
{
    struct trace_ask *ask = (struct trace_ask *)(void *)task;
    struct json json = JSON_INIT(&ask->body);
    ask->known = shard_write_trace(worker_shard(worker), &ask->id, &json) == 0;
    ask->task.run = told_trace;
    worker_reply(worker, &ask->task);
}

static void show_trace(void *self, struct http_request *request, const struct route_match *match)
{
    struct admin *admin = self;
    struct trace_id id;
    if (trace_id_parse(match->captures[0], &id) != 0) {
        router_error(request, 404, "a trace ID is 32 hex digits, not all zero");
        return;
    }
    struct trace_ask *ask = calloc(1, sizeof *ask);
    struct waiter *waiter = ask != NULL ? wait_for(admin, request) : NULL;
    if (waiter == NULL) {
        if (ask == NULL) {
            router_error(request, 503, "no memory");
        }
        free(ask);
        return;
    }
    *ask = (struct trace_ask){
        .task = {.run = look_up_trace}, .waiter = waiter, .id = id, .body = BUF_NULL};
    uint32_t shard = shard_map_find(worker_pool_shards(admin->options.pool), &id);
    worker_send(worker_pool_get(admin->options.pool, shard), &ask->task);
}

static void answer_probe(struct http_request *request, bool good)
{
    router_answer(request, good ? 200 : 503, "text/plain; charset=utf-8",
                  good ? BYTES_LITERAL("ok\n") : BYTES_LITERAL("not now\n"));
}

static void live(void *self, struct http_request *request, const struct route_match *match)
{
    (void)self;
    (void)match;
    answer_probe(request, true);
}

static void ready(void *self, struct http_request *request, const struct route_match *match)
{
    struct admin *admin = self;
    (void)match;
    answer_probe(request, admin->options.health->ready);
}

static void started(void *self, struct http_request *request, const struct route_match *match)
{
    struct admin *admin = self;
    (void)match;
    answer_probe(request, admin->options.health->started);
}

static void metrics(void *self, struct http_request *request, const struct route_match *match)
{
    struct admin *admin = self;
    struct buf body = BUF_NULL;
    (void)match;
    admin->options.write_metrics(admin->options.self, &body);
    router_answer(request, 200, "text/plain; version=0.0.4; charset=utf-8", buf_bytes(&body));
    buf_deinit(&body);
}

/* Ordered so that each listener serves a run of it: all, the probes, the metrics. */
static const struct route routes[] = {
    {"GET", "/api/campaigns", list_campaigns},
    {"POST", "/api/campaigns", start_campaign},
    {"GET", "/api/campaigns/{key}", show_campaign},
    {"POST", "/api/campaigns/{key}/injections", register_injections},
    {"POST", "/api/campaigns/{key}/complete", complete_campaign},
    {"POST", "/api/campaigns/{key}/abort", abort_campaign},
    {"GET", "/api/campaigns/{key}/report", show_report},
    {"GET", "/api/traces/{trace_id}", show_trace},
    {"GET", "/metrics", metrics},
    {"GET", "/livez", live},
    {"GET", "/readyz", ready},
    {"GET", "/startupz", started},
    {"GET", "/", ready},
};

#define ROUTE_COUNT   (sizeof routes / sizeof *routes)
#define FIRST_METRICS 8
#define FIRST_HEALTH  9

static void complete_all(void *self, struct http_request *request)
{
    router_dispatch(routes, ROUTE_COUNT, self, request);
}

static void complete_health(void *self, struct http_request *request)
{
    router_dispatch(routes + FIRST_HEALTH, ROUTE_COUNT - FIRST_HEALTH, self, request);
}

static void complete_metrics(void *self, struct http_request *request)
{
    router_dispatch(routes + FIRST_METRICS, FIRST_HEALTH - FIRST_METRICS, self, request);
}

static int begin(void *self, struct http_request *request, uint64_t announced,
                 struct http_response *ret_refusal)
{
    (void)self;
    (void)request;
    (void)announced;
    (void)ret_refusal;
    return 0;
}

static void closed(void *self, struct http_request *request)
{
    struct waiter *waiter = request->state;
    (void)self;
    if (waiter != NULL) {
        waiter->request = NULL;
    }
}

static const struct http_handler handlers[ADMIN_PAGE_SETS] = {
    [ADMIN_ALL] = {.begin = begin, .complete = complete_all, .closed = closed},
    [ADMIN_HEALTH] = {.begin = begin, .complete = complete_health, .closed = closed},
    [ADMIN_METRICS] = {.begin = begin, .complete = complete_metrics, .closed = closed},
};

int admin_new(struct admin **ret, const struct admin_options *options)
{
    struct admin *admin = calloc(1, sizeof *admin);
    int bad = admin == NULL ? -ENOMEM : 0;
    if (!bad) {
        admin->options = *options;
        list_init(&admin->waiting);
    }
    for (size_t i = 0; !bad && i < ADMIN_PAGE_SETS; i++) {
        struct http1_options server = {.loop = options->loop,
                                       .limits = HTTP_LIMITS_DEFAULT,
                                       .handler = &handlers[i],
                                       .self = admin,
                                       .counters = &admin->counters,
                                       .post_without_length = true};
        server.limits.body_bytes = ADMIN_BODY_BYTES;
        bad = http1_server_new(&admin->servers[i], &server);
    }
    if (bad) {
        admin_free(admin);
        return bad;
    }
    *ret = admin;
    return 0;
}

void admin_accept(struct admin *admin, enum admin_pages pages, int take_fd)
{
    struct transport *transport = transport_plain_new(take_fd);
    if (transport != NULL) {
        http1_server_accept(admin->servers[pages], transport);
    }
}

void admin_free(struct admin *admin)
{
    if (admin == NULL) {
        return;
    }
    for (size_t i = 0; i < ADMIN_PAGE_SETS; i++) {
        if (admin->servers[i] != NULL) {
            http1_server_free(admin->servers[i]);
        }
    }
    /* Their answers still come when the workers stop, and free them. */
    while (!list_empty(&admin->waiting)) {
        list_remove(admin->waiting.next);
    }
    free(admin);
}
