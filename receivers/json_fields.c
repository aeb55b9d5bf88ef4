#include "receivers/json_fields.h"

#include "receivers/json_number.h"

#define NS_PER_US 1000u

const char *json_field_text(const struct json_node *object, const char *key, struct bytes *ret)
{
    const struct json_node *node = json_node_member(object, key);
    if (node == NULL) {
        return NULL;
    }
    if (node->type != JSON_TEXT) {
        return "not a text";
    }
    *ret = node->text;
    return NULL;
}

const char *json_field_bool(const struct json_node *object, const char *key, bool *ret)
{
    const struct json_node *node = json_node_member(object, key);
    if (node == NULL) {
        return NULL;
    }
    if (node->type != JSON_TRUE && node->type != JSON_FALSE) {
        return "neither true nor false";
    }
    *ret = node->type == JSON_TRUE;
    return NULL;
}

const char *json_field_us(const struct json_node *object, const char *key, uint64_t *ret_ns,
                          bool *ret_there)
{
    const struct json_node *node = json_node_member(object, key);
    uint64_t us;
    *ret_there = false;
    if (node == NULL) {
        return NULL;
    }
    if (node->type != JSON_NUMBER && node->type != JSON_TEXT) {
        return "not a number";
    }
    switch (json_number_u64(node->text, &us)) {
    case 0:
        break;
    case JSON_NUMBER_FRACTION:
        return "not a whole number of microseconds";
    case JSON_NUMBER_RANGE:
        return "a number out of range";
    default:
        return "not a number";
    }
    if (us > UINT64_MAX / NS_PER_US) {
        return "a number out of range";
    }
    *ret_ns = us * NS_PER_US;
    *ret_there = true;
    return NULL;
}

static const char *container(const struct json_node *object, const char *key, enum json_token type,
                             const char *wrong, const struct json_node **ret)
{
    const struct json_node *node = json_node_member(object, key);
    if (node == NULL) {
        return NULL;
    }
    if (node->type != type) {
        return wrong;
    }
    *ret = node;
    return NULL;
}

const char *json_field_list(const struct json_node *object, const char *key,
                            const struct json_node **ret)
{
    return container(object, key, JSON_ARRAY, "not a list", ret);
}

const char *json_field_object(const struct json_node *object, const char *key,
                              const struct json_node **ret)
{
    return container(object, key, JSON_OBJECT, "not an object", ret);
}
