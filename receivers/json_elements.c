/* While no element is under way only the depth is kept: what lies outside of elements is skipped.
 */
#include "receivers/json_elements.h"

#include <stdio.h>

struct form_finder {
    enum json_form form;
    unsigned depth;
};

static const struct {
    const char *key;
    enum json_form form;
} form_keys[] = {
    {"resourceSpans", JSON_FORM_OTLP},        {"data", JSON_FORM_JAEGER},
    {"spans", JSON_FORM_JAEGER_TRACE},        {"processes", JSON_FORM_JAEGER_TRACE},
    {"traceID", JSON_FORM_JAEGER_TRACE},      {"traceId", JSON_FORM_ZIPKIN_SPAN},
    {"localEndpoint", JSON_FORM_ZIPKIN_SPAN},
};

static bool form_of_key(struct bytes key, enum json_form *ret)
{
    for (size_t i = 0; i < sizeof form_keys / sizeof form_keys[0]; i++) {
        if (bytes_is(key, form_keys[i].key)) {
            *ret = form_keys[i].form;
            return true;
        }
    }
    return false;
}

static int find_form(void *self, enum json_token token, struct bytes text)
{
    struct form_finder *finder = self;
    if (token == JSON_OBJECT || token == JSON_ARRAY) {
        finder->depth++;
    } else if (token == JSON_OBJECT_END || token == JSON_ARRAY_END) {
        finder->depth--;
    }
    return token == JSON_KEY && finder->depth == 1 && form_of_key(text, &finder->form);
}

/* The usual case without reading the text twice: the first key says it. */
static bool first_key(struct bytes object, struct bytes *ret)
{
    struct bytes rest = bytes_trim(bytes_from(object.data + 1, object.len - 1));
    const uint8_t *end =
        rest.len > 1 && rest.data[0] == '"' ? memchr(rest.data + 1, '"', rest.len - 1) : NULL;
    if (end == NULL) {
        return false;
    }
    *ret = bytes_from(rest.data + 1, (size_t)(end - rest.data) - 1);
    return true;
}

enum json_form json_form_of(struct bytes json)
{
    struct form_finder finder = {JSON_FORM_OTLP, 0};
    struct bytes text = bytes_trim(json);
    struct bytes key;
    char error[1];
    if (text.len > 0 && text.data[0] == '[') {
        return JSON_FORM_ZIPKIN;
    }
    if (text.len > 0 && text.data[0] == '{' && first_key(text, &key) &&
        form_of_key(key, &finder.form)) {
        return finder.form;
    }
    json_read(text, find_form, &finder, error, sizeof error);
    return finder.form;
}

struct elements {
    enum json_form form;
    unsigned depth;
    bool in_data; /* Jaeger: inside of the outermost "data" */
    bool building;
    struct json_tree tree;
    struct arena arena; /* of the tree */
    size_t place;
    json_element_fn element;
    void *self;
    int outcome;
    char *error;
    size_t error_bytes;
};

static int stop(struct elements *elements, int outcome, const char *what)
{
    elements->outcome = outcome;
    if (what != NULL) {
        snprintf(elements->error, elements->error_bytes, "%s", what);
    }
    return 1;
}

static bool is_element(const struct elements *elements)
{
    switch (elements->form) {
    case JSON_FORM_JAEGER:
        return elements->in_data && elements->depth == 2;
    case JSON_FORM_ZIPKIN:
        return elements->depth == 1;
    default:
        return elements->depth == 0;
    }
}

static int no_room(struct elements *elements)
{
    bool at_limit = arena_held(&elements->arena) > JSON_ELEMENT_BYTES_MAX / 2;
    return at_limit ? stop(elements, JSON_ELEMENTS_MALFORMED, "a trace or span larger than 1GiB")
                    : stop(elements, JSON_ELEMENTS_NO_MEMORY, NULL);
}

static int build(struct elements *elements, enum json_token token, struct bytes text)
{
    switch (json_tree_token(&elements->tree, token, text)) {
    case JSON_TREE_OPEN:
        return 0;
    case JSON_TREE_NO_MEMORY:
        return no_room(elements);
    default:
        break;
    }
    elements->building = false;
    int outcome = elements->element(elements->self, elements->tree.root, elements->place++);
    arena_reset(&elements->arena);
    return outcome != 0 ? stop(elements, outcome, NULL) : 0;
}

static int on_token(void *self, enum json_token token, struct bytes text)
{
    struct elements *elements = self;
    if (elements->building) {
        return build(elements, token, text);
    }
    if (token == JSON_KEY) {
        elements->in_data = elements->depth == 1 ? bytes_is(text, "data") : elements->in_data;
        return 0;
    }
    if (token == JSON_OBJECT_END || token == JSON_ARRAY_END) {
        elements->depth--;
        return 0;
    }
    if (is_element(elements)) {
        json_tree_begin(&elements->tree, &elements->arena);
        elements->building = true;
        return build(elements, token, text);
    }
    if (elements->depth == 1 && elements->in_data && token != JSON_ARRAY && token != JSON_NULL) {
        return stop(elements, JSON_ELEMENTS_MALFORMED, "data: not a list");
    }
    elements->depth += token == JSON_OBJECT || token == JSON_ARRAY;
    return 0;
}

int json_elements_read(struct bytes json, enum json_form form, json_element_fn element, void *self,
                       char *error, size_t error_bytes)
{
    struct elements elements = {
        .form = form,
        .arena = ARENA_INIT(65536, JSON_ELEMENT_BYTES_MAX),
        .element = element,
        .self = self,
        .error = error,
        .error_bytes = error_bytes,
    };
    int outcome = json_read(json, on_token, &elements, error, error_bytes);
    arena_deinit(&elements.arena);
    switch (outcome) {
    case 0:
        return 0;
    case JSON_READ_STOPPED:
        return elements.outcome;
    case JSON_READ_NO_MEMORY:
        return JSON_ELEMENTS_NO_MEMORY;
    default:
        return JSON_ELEMENTS_MALFORMED;
    }
}
