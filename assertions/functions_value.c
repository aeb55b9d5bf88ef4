#include "assertions/functions_parts.h"
#include "assertions/json_path.h"
#include "assertions/json_value.h"

static enum trouble give_int(int64_t integer, struct operand *ret)
{
    *ret = (struct operand){.type = OPERAND_INT, .integer = integer};
    return TROUBLE_NONE;
}

static int64_t count_items(struct bytes array)
{
    struct wire_reader items = wire_reader_of(array);
    struct value item;
    int64_t count = 0;
    while (value_next_item(&items, &item)) {
        count++;
    }
    return count;
}

enum trouble function_get_index(const struct call *call, struct operand *ret)
{
    const struct operand *place = &call->args[1];
    struct wire_reader items = wire_reader_of(call->args[0].bytes);
    struct value item = VALUE_NONE;
    int64_t count = count_items(call->args[0].bytes);
    int64_t index = place->integer;
    if (place->type == OPERAND_TEXT) {
        if (!bytes_is(place->bytes, "last")) {
            return TROUBLE_TYPES;
        }
        index = -1;
    }
    *ret = OPERAND_NONE;
    if (index >= count || index < -count) {
        return TROUBLE_NONE;
    }
    index += index < 0 ? count : 0;
    for (int64_t i = 0; i <= index && value_next_item(&items, &item); i++) {
        continue;
    }
    *ret = operand_of_value(&item);
    return TROUBLE_NONE;
}

enum trouble function_json(const struct call *call, struct operand *ret)
{
    struct value value;
    enum trouble trouble = json_value_of(call->evaluation, &call->args[0], &value);
    *ret = trouble == TROUBLE_NONE ? operand_of_value(&value) : OPERAND_NONE;
    return trouble;
}

enum trouble function_json_path(const struct call *call, struct operand *ret)
{
    struct value value;
    enum trouble trouble = json_value_of(call->evaluation, &call->args[0], &value);
    return trouble != TROUBLE_NONE
               ? trouble
               : json_path_find(call->evaluation, call->expr->path, &value, ret);
}

/* Keys, each once. */
static enum trouble count_keys(const struct call *call, struct operand *ret)
{
    struct wire_reader pairs = wire_reader_of(call->args[0].bytes);
    struct attr pair;
    int64_t count = 0;
    while (value_next_pair(&pairs, &pair)) {
        struct wire_reader later = pairs;
        struct attr other;
        bool again = false;
        while (!again && value_next_pair(&later, &other)) {
            again = bytes_equal(other.key, pair.key);
        }
        if (!evaluation_work(call->evaluation, (size_t)(pairs.end - pairs.next))) {
            return TROUBLE_LIMIT;
        }
        count += !again;
    }
    return give_int(count, ret);
}

enum trouble function_length(const struct call *call, struct operand *ret)
{
    const struct operand *value = &call->args[0];
    int64_t count;
    switch (value->type) {
    case OPERAND_TEXT:
        return function_characters(value->bytes, &count) ? give_int(count, ret) : TROUBLE_TEXT;
    case OPERAND_ARRAY:
        return give_int(count_items(value->bytes), ret);
    case OPERAND_MAP:
        return count_keys(call, ret);
    default:
        return give_int((int64_t)value->bytes.len, ret);
    }
}

enum trouble function_type(const struct call *call, struct operand *ret)
{
    static const char *const names[] = {
        [OPERAND_TEXT] = "text",     [OPERAND_BOOL] = "bool",   [OPERAND_INT] = "int",
        [OPERAND_DOUBLE] = "double", [OPERAND_BYTES] = "bytes", [OPERAND_ARRAY] = "array",
        [OPERAND_MAP] = "map",       [OPERAND_TIME] = "time",   [OPERAND_DURATION] = "duration",
    };
    *ret = (struct operand){.type = OPERAND_TEXT, .bytes = bytes_of(names[call->args[0].type])};
    return TROUBLE_NONE;
}
