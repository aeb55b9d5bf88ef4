/* Verdicts: names, identity, and the form in which they leave. */
#include "daemon/model/verdict.h"

#include <endian.h>

#include "daemon/core/hash.h"
#include "daemon/core/hex.h"
#include "daemon/core/number.h"
#include "daemon/core/units.h"
#include "daemon/model/id_json.h"

#define SCHEMA_VERSION 1

const char *result_name(enum result result)
{
    static const char *const names[RESULT_COUNT] = {
        [RESULT_OPEN] = "open",   [RESULT_SKIPPED] = "skipped",
        [RESULT_PASS] = "pass",   [RESULT_INCONCLUSIVE] = "inconclusive",
        [RESULT_ERROR] = "error", [RESULT_FAIL] = "fail",
    };
    return names[result];
}

const char *severity_name(enum severity severity)
{
    return severity == SEVERITY_WARNING ? "warning" : "error";
}

void seen_write_json(struct json *json, const struct seen *seen)
{
    if (seen->type == SEEN_VALUE) {
        value_write_json(json, &seen->value);
    } else if (seen->type == SEEN_NOTHING) {
        json_null(json);
    } else {
        json_i128(json, seen->ns);
    }
}

/* A value as its canonical text, where it has one; else as JSON. */
static void print_value(struct buf *out, const struct value *value)
{
    char number[NUMBER_TEXT_MAX];
    struct json json = JSON_INIT(out);
    switch (value->type) {
    case VALUE_TEXT:
        buf_append_bytes(out, value->bytes);
        break;
    case VALUE_INT:
        buf_append_i64(out, value->integer);
        break;
    case VALUE_DOUBLE:
        buf_append(out, number, number_print_double(number, value->number));
        break;
    default:
        value_write_json(&json, value);
        break;
    }
}

void seen_print(struct buf *out, const struct seen *seen)
{
    switch (seen->type) {
    case SEEN_NOTHING:
        buf_append_text(out, "nothing");
        break;
    case SEEN_VALUE:
        print_value(out, &seen->value);
        break;
    case SEEN_DURATION:
        units_print_duration(out, seen->ns);
        break;
    case SEEN_TIME:
        if (seen->ns >= 0 && seen->ns <= UINT64_MAX) {
            units_print_time(out, (uint64_t)seen->ns);
        } else {
            units_print_i128(out, seen->ns);
        }
        break;
    }
}

static const struct hash_key id_keys[2] = {
    {UINT64_C(0x61737365727464), UINT64_C(0x76657264696374)},
    {UINT64_C(0x76657264696374), UINT64_C(0x61737365727464)},
};

/* Lengths go in too, so that no two triples give the same bytes. */
struct verdict_family verdict_family_of(struct bytes campaign, struct bytes suite)
{
    struct verdict_family family;
    for (size_t i = 0; i < 2; i++) {
        family.campaign[i] = htole64(hash_sip13(&id_keys[i], campaign.data, campaign.len));
        family.suite[i] = htole64(hash_sip13(&id_keys[i], suite.data, suite.len));
    }
    return family;
}

void verdict_id_in(uint64_t ret[2], const struct verdict_family *family,
                   const struct trace_id *trace)
{
    for (size_t i = 0; i < 2; i++) {
        uint64_t parts[3] = {
            family->campaign[i],
            family->suite[i],
            htole64(hash_sip13_16(&id_keys[i], trace->bytes)),
        };
        ret[i] = hash_sip13(&id_keys[i], parts, sizeof parts);
    }
}

void verdict_id(uint64_t ret[2], struct bytes campaign, struct bytes suite,
                const struct trace_id *trace)
{
    struct verdict_family family = verdict_family_of(campaign, suite);
    verdict_id_in(ret, &family, trace);
}

static void member_label(struct json *json, const char *key, struct bytes label)
{
    if (label.len != 0) {
        json_member_text(json, key, label);
    }
}

static void write_labels(struct json *json, const struct verdict_labels *labels)
{
    json_object(json);
    member_label(json, "scenario", labels->scenario);
    member_label(json, "step", labels->step);
    member_label(json, "zone", labels->zone);
    member_label(json, "tenant", labels->tenant);
    member_label(json, "minion", labels->minion);
    if (labels->has_iteration) {
        json_key(json, "iteration");
        json_i64(json, labels->iteration);
    }
    json_object_end(json);
}

void failure_write_json(struct json *json, const struct failure *failure)
{
    json_member_text(json, "condition", failure->condition);
    json_key(json, "expected");
    seen_write_json(json, &failure->expected);
    json_key(json, "actual");
    seen_write_json(json, &failure->actual);
    json_member_text(json, "reason", failure->reason);
}

static void write_failure_members(struct json *json, const struct failure *failure)
{
    if (failure->span_id != 0) {
        json_member_span_id(json, "span_id", failure->span_id);
    }
    failure_write_json(json, failure);
}

/* The first failure that made the result what it is; NULL: none did. */
static const struct failure *deciding_failure(const struct assertion_result *result)
{
    for (uint32_t i = 0; i < result->failure_count; i++) {
        if (result->failures[i].result == result->result) {
            return &result->failures[i];
        }
    }
    return result->failure_count != 0 ? &result->failures[0] : NULL;
}

static void write_all_failures(struct json *json, const struct assertion_result *result)
{
    json_key(json, "failures");
    json_array(json);
    for (uint32_t i = 0; i < result->failure_count; i++) {
        json_object(json);
        json_member_string(json, "result", result_name(result->failures[i].result));
        write_failure_members(json, &result->failures[i]);
        json_object_end(json);
    }
    json_array_end(json);
    json_member_u64(json, "failures_omitted", result->failures_omitted);
}

/* One object for each assertion, with its deciding failure in place; the list follows where there
 * are several. */
static void write_result(struct json *json, const struct assertion_result *result)
{
    const struct failure *deciding = deciding_failure(result);
    json_object(json);
    json_member_text(json, "assertion", result->name);
    json_member_string(json, "result", result_name(result->result));
    json_member_string(json, "severity", severity_name(result->severity));
    if (deciding != NULL) {
        write_failure_members(json, deciding);
    }
    if (result->failure_count > 1 || result->failures_omitted != 0) {
        write_all_failures(json, result);
    }
    json_object_end(json);
}

static void write_head(struct json *json, const struct verdict *verdict)
{
    uint64_t id[2] = {htobe64(verdict->id[0]), htobe64(verdict->id[1])};
    char text[2 * sizeof id];
    hex_print(text, (const uint8_t *)id, sizeof id);
    json_member_u64(json, "schema_version", SCHEMA_VERSION);
    json_member_text(json, "id", bytes_from(text, sizeof text));
    json_member_u64(json, "revision", verdict->revision);
    json_member_bool(json, "final", verdict->final);
    json_member_text(json, "campaign", verdict->campaign);
    json_member_text(json, "suite", verdict->suite);
    json_member_trace_id(json, "trace_id", &verdict->trace_id);
    json_member_string(json, "result", result_name(verdict->result));
    json_member_time(json, "time", verdict->time_unix_ns);
}

static void write_outputs(struct json *json, const struct verdict *verdict)
{
    json_key(json, "outputs");
    json_object(json);
    for (uint32_t i = 0; i < verdict->output_count; i++) {
        json_key_bytes(json, verdict->outputs[i].name);
        seen_write_json(json, &verdict->outputs[i].value);
    }
    json_object_end(json);
}

void verdict_write_json(struct json *json, const struct verdict *verdict)
{
    json_object(json);
    write_head(json, verdict);
    json_key(json, "labels");
    write_labels(json, &verdict->labels);
    json_key(json, "evidence");
    json_object(json);
    json_member_u64(json, "spans", verdict->span_count);
    json_member_bool(json, "short", verdict->short_reasons != 0);
    json_object_end(json);
    if (verdict->output_count != 0) {
        write_outputs(json, verdict);
    }
    json_key(json, "results");
    json_array(json);
    for (uint32_t i = 0; i < verdict->result_count; i++) {
        write_result(json, &verdict->results[i]);
    }
    json_array_end(json);
    json_object_end(json);
}
