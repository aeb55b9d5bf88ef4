#include "exporters/kafka_encode.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/json.h"
#include "daemon/model/id_json.h"
#include "exporters/meter_tags.h"

void kafka_encode_verdict(struct buf *out, const struct verdict *verdict)
{
    struct json json = JSON_INIT(out);
    verdict_write_json(&json, verdict);
}

int kafka_encode_short_verdict(struct buf *out, const struct verdict *verdict)
{
    struct assertion_result *results = calloc(verdict->result_count + 1, sizeof *results);
    if (results == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < verdict->result_count; i++) {
        results[i] = verdict->results[i];
        results[i].failures_omitted += results[i].failure_count;
        results[i].failure_count = 0;
    }
    struct verdict brief = *verdict;
    brief.results = results;
    kafka_encode_verdict(out, &brief);
    free(results);
    return 0;
}

static void write_tags(struct json *json, const struct meter *meter)
{
    json_key(json, "tags");
    json_object(json);
    for (enum meter_tag tag = 0; tag < METER_TAG_COUNT; tag++) {
        if (tag != METER_TAG_SCOPE && meter_has_tag(meter, tag)) {
            json_member_text(json, meter_tag_name(tag), meter_tag_value(meter, tag));
        }
    }
    json_object_end(json);
}

static void write_field(struct json *json, const struct meter_field *field)
{
    if (field->type == METER_DOUBLE && !isfinite(field->number)) {
        return;
    }
    json_key(json, field->name);
    switch (field->type) {
    case METER_INT:
        json_i64(json, field->integer);
        break;
    case METER_DOUBLE:
        json_double(json, field->number);
        break;
    case METER_TEXT:
        json_text(json, field->text);
        break;
    }
}

void kafka_encode_meter(struct buf *out, const struct meter *meter)
{
    struct json json = JSON_INIT(out);
    json_object(&json);
    json_member_u64(&json, "schema_version", 1);
    json_member_string(&json, "name", meter_kind_name(meter->kind));
    json_member_time(&json, "time", meter->time_unix_ns);
    json_member_text(&json, "scope", meter_tag_value(meter, METER_TAG_SCOPE));
    write_tags(&json, meter);
    for (uint32_t i = 0; i < meter->field_count; i++) {
        write_field(&json, &meter->fields[i]);
    }
    json_object_end(&json);
}

bool kafka_writes_meter(const struct meter *meter)
{
    return meter->kind != METER_ASSERTION_EVENT;
}

static span_id parent_of(const struct verdict *verdict)
{
    for (uint32_t i = 0; i < verdict->result_count; i++) {
        const struct assertion_result *result = &verdict->results[i];
        for (uint32_t j = 0; j < result->failure_count; j++) {
            if (result->failures[j].span_id != 0) {
                return result->failures[j].span_id;
            }
        }
    }
    return verdict->id[0] != 0 ? verdict->id[0] : 1;
}

void kafka_traceparent(char out[KAFKA_TRACEPARENT_LEN], const struct verdict *verdict)
{
    memcpy(out, "00-", 3);
    trace_id_print(out + 3, &verdict->trace_id);
    out[35] = '-';
    span_id_print(out + 36, parent_of(verdict));
    memcpy(out + 52, "-01", 3);
}
