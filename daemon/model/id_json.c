#include "daemon/model/id_json.h"

#include "daemon/core/units.h"

void json_member_trace_id(struct json *json, const char *key, const struct trace_id *id)
{
    char text[TRACE_ID_TEXT_LEN];
    trace_id_print(text, id);
    json_member_text(json, key, bytes_from(text, sizeof text));
}

void json_member_span_id(struct json *json, const char *key, span_id id)
{
    char text[SPAN_ID_TEXT_LEN];
    span_id_print(text, id);
    json_member_text(json, key, bytes_from(text, sizeof text));
}

void json_member_time(struct json *json, const char *key, uint64_t unix_ns)
{
    struct buf text = BUF_NULL;
    units_print_time(&text, unix_ns);
    json_member_text(json, key, buf_bytes(&text));
    json->out->failed |= text.failed;
    buf_deinit(&text);
}
