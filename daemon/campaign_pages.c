#include "daemon/campaign_pages.h"

#include <stdlib.h>

#include "daemon/core/json.h"
#include "daemon/model/id_json.h"
#include "daemon/report_output.h"
#include "daemon/waiter.h"
#include "receivers/campaign_json.h"

/* Somebody who waits for a report, or for the shards to know a campaign. */
struct wish {
    struct waiter waiter;
    enum report_format format;
    struct campaign_entry *entry;
    bool whole_report;
};

static struct wish *wish_new(struct campaign_pages *pages, struct http_request *request)
{
    struct wish *wish = calloc(1, sizeof *wish);
    if (wish == NULL) {
        router_error(request, 503, "no memory");
        return NULL;
    }
    waiter_begin(&wish->waiter, pages->waiting, request);
    return wish;
}

/* The request to answer, and the end of the wish. */
static struct http_request *wish_end(struct wish *wish)
{
    struct http_request *request = waiter_end(&wish->waiter);
    free(wish);
    return request;
}

/* What a campaign looks like in the API. */
static void write_campaign(struct json *json, const struct campaign_entry *entry,
                           const struct report *report)
{
    const struct campaign *campaign = campaign_entry_campaign(entry);
    struct shard_open open = campaign_entry_open(entry);
    json_object(json);
    json_member_string(json, "key", campaign->key);
    json_member_string(
        json, "status",
        campaign_status_name(report != NULL ? report->status : CAMPAIGN_IN_PROGRESS));
    json_member_time(json, "start", campaign->start_unix_ns);
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

static struct campaign_entry *find_or_404(struct campaign_pages *pages,
                                          struct http_request *request,
                                          const struct route_match *match)
{
    struct campaign_entry *entry = campaigns_find(pages->campaigns, match->captures[0]);
    if (entry == NULL) {
        router_error(request, 404, "no such campaign");
    }
    return entry;
}

static void list_campaigns(void *self, struct http_request *request,
                           const struct route_match *match)
{
    struct campaign_pages *pages = self;
    struct buf body = BUF_NULL;
    struct json json = JSON_INIT(&body);
    (void)match;
    json_array(&json);
    for (struct campaign_entry *entry = campaigns_next(pages->campaigns, NULL); entry != NULL;
         entry = campaigns_next(pages->campaigns, entry)) {
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
    struct http_request *request = wish_end(self);
    if (request != NULL) {
        answer_campaign(request, 201, entry, NULL);
    }
}

/* The answer waits for the shards: a span sent after it must be the campaign's. */
static void answer_started(struct campaign_pages *pages, struct http_request *request,
                           struct campaign_entry *entry)
{
    struct wish *wish = wish_new(pages, request);
    if (wish != NULL && campaigns_settle(pages->campaigns, entry, told_started, wish) != 0) {
        router_error(wish_end(wish), 503, "no memory");
    }
}

static void start_campaign(void *self, struct http_request *request,
                           const struct route_match *match)
{
    struct campaign_pages *pages = self;
    struct campaign_request body;
    struct arena arena = ARENA_INIT(1024, 1 << 20);
    struct campaign_entry *entry;
    char error[160];
    (void)match;
    if (campaign_request_parse(bytes_from(request->body, request->body_len), &arena, &body, error,
                               sizeof error) != 0) {
        router_error(request, 400, error);
    } else {
        switch (
            campaigns_start(pages->campaigns, body.key, body.labels, body.label_count, &entry)) {
        case 0:
            answer_started(pages, request, entry);
            break;
        case CAMPAIGNS_RUNNING:
            router_error(request, 409, "a campaign of this key is running");
            break;
        case CAMPAIGNS_FULL:
            budget_refuse(pages->budget, BUDGET_CAMPAIGN);
            router_error(request, 429,
                         "as many campaigns run as limits.max_campaigns allows: complete one");
            break;
        case CAMPAIGNS_CLOSED:
            router_error(request, 503, "shutting down");
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
    struct wish wish = *(struct wish *)self;
    struct http_request *request = wish_end(self);
    struct buf body = BUF_NULL;
    if (request == NULL) {
        /* the peer is gone */
    } else if (report == NULL) {
        router_error(request, 503, "no memory");
    } else if (!wish.whole_report) {
        answer_campaign(request, 200, wish.entry, report);
    } else {
        report_format_write(report, wish.format, false, &body);
        router_answer(request, 200, report_format_type(wish.format), buf_bytes(&body));
    }
    if (report != NULL) {
        arena_deinit(&report->arena);
    }
    buf_deinit(&body);
}

static void ask_report(struct campaign_pages *pages, struct http_request *request,
                       struct campaign_entry *entry, bool whole, enum report_format format)
{
    struct wish *wish = wish_new(pages, request);
    if (wish != NULL) {
        wish->entry = entry;
        wish->whole_report = whole;
        wish->format = format;
        campaigns_report(pages->campaigns, entry, told_report, wish);
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
    struct campaign_pages *pages = self;
    struct campaign_entry *entry = find_or_404(pages, request, match);
    if (entry != NULL) {
        campaigns_complete(pages->campaigns, entry);
        answer_campaign(request, 202, entry, NULL);
    }
}

static void abort_campaign(void *self, struct http_request *request,
                           const struct route_match *match)
{
    struct campaign_pages *pages = self;
    struct campaign_entry *entry = find_or_404(pages, request, match);
    if (entry != NULL) {
        campaigns_abort(pages->campaigns, entry);
        answer_campaign(request, 202, entry, NULL);
    }
}

static const struct route routes[] = {
    {"GET", "/api/campaigns", list_campaigns},
    {"POST", "/api/campaigns", start_campaign},
    {"GET", "/api/campaigns/{key}", show_campaign},
    {"POST", "/api/campaigns/{key}/complete", complete_campaign},
    {"POST", "/api/campaigns/{key}/abort", abort_campaign},
    {"GET", "/api/campaigns/{key}/report", show_report},
};

struct route_set campaign_pages_routes(struct campaign_pages *pages)
{
    return (struct route_set){routes, sizeof routes / sizeof *routes, pages};
}
