#include "receivers/campaign_json.h"

#include <stdio.h>
#include <yajl/yajl_tree.h>

#define LABELS_MAX 64

static int refuse(char *error, size_t error_bytes, const char *text)
{
    snprintf(error, error_bytes, "%s", text);
    return 1;
}

/* A label's value as text: numbers and bools by their JSON form. */
static struct bytes label_text(yajl_val value, struct arena *arena)
{
    if (YAJL_IS_STRING(value)) {
        return arena_copy(arena, bytes_of(YAJL_GET_STRING(value)));
    }
    if (YAJL_IS_NUMBER(value)) {
        return arena_copy(arena, bytes_of(YAJL_GET_NUMBER(value)));
    }
    if (YAJL_IS_TRUE(value) || YAJL_IS_FALSE(value)) {
        return YAJL_IS_TRUE(value) ? BYTES_LITERAL("true") : BYTES_LITERAL("false");
    }
    return BYTES_NULL;
}

static int take_labels(yajl_val labels, struct arena *arena, struct campaign_request *ret,
                       char *error, size_t error_bytes)
{
    if (!YAJL_IS_OBJECT(labels) || YAJL_GET_OBJECT(labels)->len > LABELS_MAX) {
        return refuse(error, error_bytes, "labels: write an object of at most 64 texts");
    }
    size_t count = YAJL_GET_OBJECT(labels)->len;
    struct attr *attrs = arena_calloc(arena, count + 1, sizeof *attrs);
    for (size_t i = 0; attrs != NULL && i < count; i++) {
        struct bytes text = label_text(YAJL_GET_OBJECT(labels)->values[i], arena);
        if (text.data == NULL) {
            return refuse(error, error_bytes, "labels: values are texts");
        }
        attrs[i].key = arena_copy(arena, bytes_of(YAJL_GET_OBJECT(labels)->keys[i]));
        attrs[i].value = (struct value){.type = VALUE_TEXT, .bytes = text};
    }
    if (attrs == NULL) {
        return refuse(error, error_bytes, "no memory");
    }
    ret->labels = attrs;
    ret->label_count = (uint32_t)count;
    return 0;
}

static int take_campaign(yajl_val root, struct arena *arena, struct campaign_request *ret,
                         char *error, size_t error_bytes)
{
    const char *key_path[] = {"key", NULL};
    const char *labels_path[] = {"labels", NULL};
    yajl_val key = yajl_tree_get(root, key_path, yajl_t_any);
    yajl_val labels = yajl_tree_get(root, labels_path, yajl_t_any);
    *ret = (struct campaign_request){.label_count = 0};
    if (!YAJL_IS_STRING(key)) {
        return refuse(error, error_bytes, "key: write a text");
    }
    ret->key = arena_copy(arena, bytes_of(YAJL_GET_STRING(key)));
    return labels != NULL && !YAJL_IS_NULL(labels)
               ? take_labels(labels, arena, ret, error, error_bytes)
               : 0;
}

int campaign_request_parse(struct bytes body, struct arena *arena, struct campaign_request *ret,
                           char *error, size_t error_bytes)
{
    char why[128] = "";
    /* The tree's texts end at a NUL: what is cut must not be taken for what was sent. */
    if (bytes_contain(body, BYTES_LITERAL("\\u0000"))) {
        return refuse(error, error_bytes, "no text may hold a NUL");
    }
    char *text = arena_string(arena, body);
    yajl_val root = text != NULL ? yajl_tree_parse(text, why, sizeof why) : NULL;
    if (root == NULL) {
        return refuse(error, error_bytes, "the body is no JSON object");
    }
    int bad = YAJL_IS_OBJECT(root) ? take_campaign(root, arena, ret, error, error_bytes)
                                   : refuse(error, error_bytes, "the body is no JSON object");
    yajl_tree_free(root);
    return bad;
}
