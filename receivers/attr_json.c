#include "receivers/attr_json.h"

#include "daemon/core/wire.h"
#include "receivers/json_number.h"

enum any_value_field {
    ANY_TEXT = 1,
    ANY_BOOL = 2,
    ANY_INT = 3,
    ANY_DOUBLE = 4,
    ANY_ARRAY = 5,
    ANY_MAP = 6
};
enum pair_field { PAIR_KEY = 1, PAIR_VALUE = 2 };
/* ArrayValue.values, KeyValueList.values */
enum list_field { LIST_ITEM = 1 };

void attr_json_begin(struct attr_json *json)
{
    buf_reset(&json->out);
    json->frames[0] = (struct attr_json_frame){.is_object = true};
    json->depth = 1;
}

void attr_json_deinit(struct attr_json *json)
{
    buf_deinit(&json->out);
}

static void key(struct attr_json *json, struct attr_json_frame *frame, struct bytes text)
{
    frame->pair = wire_begin(&json->out, LIST_ITEM);
    wire_put_bytes(&json->out, PAIR_KEY, text);
}

static void value_begins(struct attr_json *json, struct attr_json_frame *frame)
{
    frame->value = wire_begin(&json->out, frame->is_object ? PAIR_VALUE : LIST_ITEM);
}

static void value_ends(struct attr_json *json, struct attr_json_frame *frame)
{
    wire_end(&json->out, frame->value);
    if (frame->is_object) {
        wire_end(&json->out, frame->pair);
    }
}

static void open_container(struct attr_json *json, struct attr_json_frame *frame, bool is_object)
{
    value_begins(json, frame);
    json->frames[json->depth++] = (struct attr_json_frame){
        .is_object = is_object,
        .content = wire_begin(&json->out, is_object ? ANY_MAP : ANY_ARRAY),
    };
}

static void close_container(struct attr_json *json, struct attr_json_frame *frame)
{
    json->depth--;
    if (json->depth > 0) {
        wire_end(&json->out, frame->content);
        value_ends(json, &json->frames[json->depth - 1]);
    }
}

static bool is_integer(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '.' || text.data[i] == 'e' || text.data[i] == 'E') {
            return false;
        }
    }
    return true;
}

static int put_number(struct attr_json *json, struct bytes text)
{
    int64_t integer;
    double number;
    if (is_integer(text) && json_number_i64(text, &integer) == 0) {
        wire_put_uint(&json->out, ANY_INT, (uint64_t)integer);
        return 0;
    }
    if (json_number_double(text, &number) != 0) {
        return 1;
    }
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    wire_put_fixed64(&json->out, ANY_DOUBLE, bits);
    return 0;
}

static int put_scalar(struct attr_json *json, enum json_token token, struct bytes text)
{
    switch (token) {
    case JSON_TRUE:
    case JSON_FALSE:
        wire_put_uint(&json->out, ANY_BOOL, token == JSON_TRUE);
        return 0;
    case JSON_TEXT:
        wire_put_bytes(&json->out, ANY_TEXT, text);
        return 0;
    case JSON_NUMBER:
        return put_number(json, text);
    default:
        return 0;
    }
}

int attr_json_token(struct attr_json *json, enum json_token token, struct bytes text)
{
    struct attr_json_frame *frame = &json->frames[json->depth - 1];
    int outcome = 0;
    switch (token) {
    case JSON_KEY:
        key(json, frame, text);
        break;
    case JSON_OBJECT:
    case JSON_ARRAY:
        open_container(json, frame, token == JSON_OBJECT);
        break;
    case JSON_OBJECT_END:
    case JSON_ARRAY_END:
        close_container(json, frame);
        break;
    default:
        value_begins(json, frame);
        outcome = put_scalar(json, token, text);
        value_ends(json, frame);
        break;
    }
    return outcome;
}
