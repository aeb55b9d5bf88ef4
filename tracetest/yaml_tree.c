/* libyaml tells events; the nodes that are still open stand on a stack of bounded depth. */
#include "tracetest/yaml_tree.h"

#include <errno.h>

#include <yaml.h>

struct open_node {
    struct yaml_node *node;
    struct yaml_item *last; /* of its items */
    struct bytes key;       /* of a map: read, its value is not */
    bool has_key;
};

struct anchor {
    struct bytes name;
    const struct yaml_node *node;
};

struct reading {
    struct arena *arena;
    struct yaml_flaw *flaw;
    struct yaml_document *first, *last;
    uint32_t document_count;
    struct open_node open[YAML_TREE_DEPTH_MAX];
    uint32_t depth;
    struct anchor anchors[YAML_TREE_ANCHORS_MAX];
    uint32_t anchor_count;
};

static int fail(struct reading *reading, unsigned line, const char *text)
{
    *reading->flaw = (struct yaml_flaw){line, text};
    return 1;
}

static unsigned line_of(const yaml_event_t *event)
{
    return (unsigned)event->start_mark.line + 1;
}

/* A text that libyaml holds. `.data` is NULL only without memory. */
static struct bytes keep(struct reading *reading, const yaml_char_t *text, size_t len)
{
    return len == 0 ? BYTES_LITERAL("") : arena_copy(reading->arena, bytes_from(text, len));
}

static struct yaml_node *new_node(struct reading *reading, const yaml_event_t *event,
                                  enum yaml_type type)
{
    struct yaml_node *node = arena_calloc(reading->arena, 1, sizeof *node);
    if (node != NULL) {
        node->type = type;
        node->line = line_of(event);
        node->weight = 1;
        node->height = 1;
    }
    return node;
}

/* Anchors. */

static int add_anchor(struct reading *reading, const yaml_char_t *name,
                      const struct yaml_node *node)
{
    if (name == NULL) {
        return 0;
    }
    if (reading->anchor_count == YAML_TREE_ANCHORS_MAX) {
        return fail(reading, node->line, "too many anchors");
    }
    struct anchor *anchor = &reading->anchors[reading->anchor_count++];
    anchor->node = node;
    anchor->name = keep(reading, name, strlen((const char *)name));
    return anchor->name.data == NULL ? -ENOMEM : 0;
}

static bool is_open(const struct reading *reading, const struct yaml_node *node)
{
    for (uint32_t i = 0; i < reading->depth; i++) {
        if (reading->open[i].node == node) {
            return true;
        }
    }
    return false;
}

static int find_anchor(struct reading *reading, const yaml_event_t *event,
                       const struct yaml_node **ret)
{
    struct bytes name = bytes_of((const char *)event->data.alias.anchor);
    for (uint32_t i = reading->anchor_count; i-- > 0;) {
        if (bytes_equal(reading->anchors[i].name, name)) {
            *ret = reading->anchors[i].node;
            return is_open(reading, *ret)
                       ? fail(reading, line_of(event), "an alias inside its own anchor")
                       : 0;
        }
    }
    return fail(reading, line_of(event), "an alias without its anchor");
}

/* Items. */

static bool has_key(const struct yaml_node *map, struct bytes key)
{
    for (const struct yaml_item *item = map->items; item != NULL; item = item->next) {
        if (bytes_equal(item->key, key)) {
            return true;
        }
    }
    return false;
}

static int take_key(struct reading *reading, struct open_node *open, const struct yaml_node *key)
{
    if (key->type != YAML_TEXT) {
        return fail(reading, key->line, "a key must be a text");
    }
    if (has_key(open->node, key->text)) {
        return fail(reading, key->line,
                    arena_printf(reading->arena, "the key '%.*s' is given twice",
                                 (int)(key->text.len < 100 ? key->text.len : 100),
                                 (const char *)key->text.data));
    }
    if (open->node->count == YAML_TREE_KEYS_MAX) {
        return fail(reading, key->line, "too many keys in one map");
    }
    open->key = key->text;
    open->has_key = true;
    return 0;
}

static int append(struct reading *reading, struct open_node *open, const struct yaml_node *value)
{
    struct yaml_item *item = arena_calloc(reading->arena, 1, sizeof *item);
    if (item == NULL) {
        return -ENOMEM;
    }
    item->key = open->key;
    item->value = value;
    if (open->last == NULL) {
        open->node->items = item;
    } else {
        open->last->next = item;
    }
    open->last = item;
    open->node->count++;
    open->has_key = false;
    return 0;
}

/* A whole node: counts it into the one above. */
static int add_up(struct reading *reading, const struct yaml_node *node)
{
    if (reading->depth == 0) {
        reading->last->root = node;
        return 0;
    }
    struct yaml_node *above = reading->open[reading->depth - 1].node;
    above->weight += node->weight;
    above->height = above->height > node->height ? above->height : node->height + 1;
    if (above->weight > YAML_TREE_NODES_MAX) {
        return fail(reading, node->line, "too many values, with every alias written out");
    }
    return reading->depth + node->height > YAML_TREE_DEPTH_MAX
               ? fail(reading, node->line, "nested too deeply")
               : 0;
}

static int add_whole(struct reading *reading, const struct yaml_node *node)
{
    struct open_node *open = reading->depth > 0 ? &reading->open[reading->depth - 1] : NULL;
    int bad = 0;
    if (open != NULL && open->node->type == YAML_MAP && !open->has_key) {
        bad = take_key(reading, open, node);
    } else if (open != NULL) {
        bad = append(reading, open, node);
    }
    return bad ? bad : add_up(reading, node);
}

/* Events. */

static int on_scalar(struct reading *reading, const yaml_event_t *event)
{
    struct yaml_node *node = new_node(reading, event, YAML_TEXT);
    if (node == NULL) {
        return -ENOMEM;
    }
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = keep(reading, event->data.scalar.value, event->data.scalar.length);
    if (node->text.data == NULL) {
        return -ENOMEM;
    }
    if (memchr(node->text.data, 0, node->text.len) != NULL) {
        return fail(reading, node->line, "a text with a NUL character");
    }
    int bad = add_anchor(reading, event->data.scalar.anchor, node);
    return bad ? bad : add_whole(reading, node);
}

static int on_start(struct reading *reading, const yaml_event_t *event, enum yaml_type type,
                    const yaml_char_t *anchor)
{
    struct yaml_node *node = new_node(reading, event, type);
    if (node == NULL) {
        return -ENOMEM;
    }
    if (reading->depth == YAML_TREE_DEPTH_MAX) {
        return fail(reading, node->line, "nested too deeply");
    }
    reading->open[reading->depth++] = (struct open_node){.node = node};
    return add_anchor(reading, anchor, node);
}

static int on_alias(struct reading *reading, const yaml_event_t *event)
{
    const struct yaml_node *node = NULL;
    int bad = find_anchor(reading, event, &node);
    return bad ? bad : add_whole(reading, node);
}

static int on_document(struct reading *reading, const yaml_event_t *event)
{
    struct yaml_document *document = arena_calloc(reading->arena, 1, sizeof *document);
    if (document == NULL) {
        return -ENOMEM;
    }
    if (++reading->document_count > YAML_TREE_DOCUMENTS_MAX) {
        return fail(reading, line_of(event), "too many documents");
    }
    document->line = line_of(event);
    if (reading->last == NULL) {
        reading->first = document;
    } else {
        reading->last->next = document;
    }
    reading->last = document;
    reading->anchor_count = 0;
    return 0;
}

static int on_event(struct reading *reading, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document(reading, event);
    case YAML_SCALAR_EVENT:
        return on_scalar(reading, event);
    case YAML_ALIAS_EVENT:
        return on_alias(reading, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(reading, event, YAML_LIST, event->data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT:
        return on_start(reading, event, YAML_MAP, event->data.mapping_start.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return add_whole(reading, reading->open[--reading->depth].node);
    default:
        return 0;
    }
}

/* What people mostly did wrong where libyaml says this. */
static const char *hint_of(const char *problem)
{
    static const struct {
        const char *problem, *hint;
    } hints[] = {
        {"did not find expected key", ": a text with quotes inside wants quotes around all of it"},
        {"did not find expected '-' indicator",
         ": a text with quotes inside wants quotes around all of it"},
        {"mapping values are not allowed in this context",
         ": a text with a colon and a blank wants quotes around all of it"},
        {"found character that cannot start any token", ": indent with blanks, not with tabs"},
    };
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        if (strcmp(hints[i].problem, problem) == 0) {
            return hints[i].hint;
        }
    }
    return "";
}

/* What libyaml says where it stops. */
static int fail_syntax(struct reading *reading, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR) {
        return -ENOMEM;
    }
    const char *what = parser->problem != NULL ? parser->problem : "can't be read";
    bool marked = parser->error == YAML_SCANNER_ERROR || parser->error == YAML_PARSER_ERROR;
    const char *text = arena_printf(reading->arena, "no YAML: %s%s", what, hint_of(what));
    return text == NULL ? -ENOMEM
                        : fail(reading, marked ? (unsigned)parser->problem_mark.line + 1 : 0, text);
}

static int read_events(struct reading *reading, yaml_parser_t *parser)
{
    for (;;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            return fail_syntax(reading, parser);
        }
        bool end = event.type == YAML_STREAM_END_EVENT;
        int bad = on_event(reading, &event);
        yaml_event_delete(&event);
        if (bad || end) {
            return bad > 0 && reading->flaw->text == NULL ? -ENOMEM : bad;
        }
    }
}

int yaml_tree_read(const struct yaml_document **ret, struct bytes text, struct arena *arena,
                   struct yaml_flaw *ret_flaw)
{
    yaml_parser_t parser;
    struct reading *reading = arena_calloc(arena, 1, sizeof *reading);
    if (reading == NULL) {
        return -ENOMEM;
    }
    reading->arena = arena;
    reading->flaw = ret_flaw;
    if (text.len > YAML_TREE_BYTES_MAX) {
        return fail(reading, 0, "longer than 1 MiB");
    }
    if (!yaml_parser_initialize(&parser)) {
        return -ENOMEM;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, text.len > 0 ? text.data : (const uint8_t *)"", text.len);
    int bad = read_events(reading, &parser);
    yaml_parser_delete(&parser);
    if (bad == 0) {
        *ret = reading->first;
    }
    return bad;
}

/* Reading the tree. */

static const struct yaml_node *own_value(const struct yaml_node *map, const char *key)
{
    for (const struct yaml_item *item = map->items; item != NULL; item = item->next) {
        if (bytes_is(item->key, key)) {
            return item->value;
        }
    }
    return NULL;
}

/* Of `<<`: a map, or a list of maps, the first of which counts. */
static const struct yaml_node *merged_value(const struct yaml_node *merge, const char *key)
{
    if (merge == NULL) {
        return NULL;
    }
    if (merge->type == YAML_MAP) {
        return own_value(merge, key);
    }
    for (const struct yaml_item *item = merge->items; item != NULL; item = item->next) {
        const struct yaml_node *found =
            item->value->type == YAML_MAP ? own_value(item->value, key) : NULL;
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

const struct yaml_node *yaml_node_get(const struct yaml_node *node, const char *key)
{
    if (node == NULL || node->type != YAML_MAP) {
        return NULL;
    }
    const struct yaml_node *found = own_value(node, key);
    return found != NULL ? found : merged_value(own_value(node, "<<"), key);
}

bool yaml_node_is_given(const struct yaml_node *node)
{
    return node != NULL && node->type == YAML_TEXT && node->text.len > 0 &&
           !(node->plain && (bytes_is(node->text, "~") || bytes_is(node->text, "null")));
}
