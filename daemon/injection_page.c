#include "daemon/injection_page.h"

#include "daemon/core/json.h"
#include "daemon/shard_orders.h"
#include "receivers/injection_json.h"

#define ERRORS_MAX      100
#define RECORDS_AT_ONCE 256

/* The answer to a batch of records, being written while they are read. */
struct intake {
    struct injection_page *page;
    struct campaign_entry *entry;
    struct json json;
    uint32_t accepted, rejected;
};

static void reject_line(struct intake *intake, uint32_t line, const char *error)
{
    if (intake->rejected++ < ERRORS_MAX) {
        json_object(&intake->json);
        json_member_u64(&intake->json, "line", line);
        json_member_string(&intake->json, "error", error);
        json_object_end(&intake->json);
    }
}

static void register_records(struct intake *intake, const struct injection *records, uint32_t count,
                             uint32_t line)
{
    uint32_t taken = campaigns_inject(intake->page->campaigns, intake->entry, records, count);
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
        if (end == INJECTION_BAD || end == INJECTION_NO_MEMORY) {
            reject_line(intake, lines.line, end == INJECTION_BAD ? error : "no memory");
        }
        if (count == RECORDS_AT_ONCE || end == INJECTION_NO_MEMORY || end == INJECTION_END) {
            register_records(intake, records, count, lines.line);
            arena_reset(&arena);
            count = 0;
        }
    } while (end != INJECTION_END && end != INJECTION_NO_MEMORY);
    arena_deinit(&arena);
}

/* All records of a request or none: one that is sent again must not count twice. */
static bool make_room(struct injection_page *page, struct http_request *request,
                      uint64_t *ret_reserved)
{
    switch (shard_orders_reserve(page->pool, bytes_from(request->body, request->body_len),
                                 ret_reserved)) {
    case 0:
        return true;
    case WORKERS_TOO_LARGE:
        router_error(request, 413,
                     "more records than limits.memory has room for: send fewer at once");
        return false;
    default:
        router_busy(request, worker_pool_retry_after_ms(page->pool, *ret_reserved),
                    "limits.memory is full");
        return false;
    }
}

static void register_injections(void *self, struct http_request *request,
                                const struct route_match *match)
{
    struct injection_page *page = self;
    struct campaign_entry *entry = campaigns_find(page->campaigns, match->captures[0]);
    struct buf body = BUF_NULL;
    struct buf head = BUF_NULL;
    if (entry == NULL) {
        router_error(request, 404, "no such campaign");
        return;
    }
    if (campaign_entry_phase(entry) != CAMPAIGN_RUNNING) {
        router_error(request, 409, "the campaign is not running");
        return;
    }
    uint64_t reserved;
    if (!make_room(page, request, &reserved)) {
        return;
    }
    struct intake intake = {.page = page, .entry = entry, .json = JSON_INIT(&body)};
    json_array(&intake.json);
    take_records(&intake, bytes_from(request->body, request->body_len));
    shard_orders_release(page->pool, reserved);
    json_array_end(&intake.json);
    struct json json = JSON_INIT(&head);
    json_object(&json);
    json_member_u64(&json, "accepted", intake.accepted);
    json_key(&json, "rejected");
    json_raw(&json, buf_bytes(&body));
    if (intake.rejected > ERRORS_MAX) {
        json_member_u64(&json, "rejected_omitted", intake.rejected - ERRORS_MAX);
    }
    json_object_end(&json);
    router_answer(request, 200, "application/json", buf_bytes(&head));
    buf_deinit(&body);
    buf_deinit(&head);
}

static const struct route routes[] = {
    {"POST", "/api/campaigns/{key}/injections", register_injections},
};

struct route_set injection_page_routes(struct injection_page *page)
{
    return (struct route_set){routes, sizeof routes / sizeof *routes, page};
}
