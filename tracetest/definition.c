/* Trees of YAML become definitions, key by key. */
#include "tracetest/definition.h"

#include <errno.h>

struct reader {
    const char *file;
    struct arena *arena;
    struct messages *messages;
    bool no_memory;
};

/* Kinds of definitions that set up Tracetest itself. */
static const char *const set_up[] = {
    "DataStore", "Config", "PollingProfile", "Demo", "TestRunner", "Organization", "Invite",
    "Monitor",   "Token",  "TestConnection", "Run",  "RunGroup",   "Agent"};

static struct definition_text text_of(const struct yaml_node *node)
{
    return yaml_node_is_given(node) ? (struct definition_text){node->text, node->line}
                                    : (struct definition_text){BYTES_NULL, 0};
}

static struct definition_text get_text(const struct yaml_node *map, const char *key)
{
    return text_of(yaml_node_get(map, key));
}

static void *allocate(struct reader *reader, uint32_t count, size_t bytes)
{
    void *items = arena_calloc(reader->arena, count > 0 ? count : 1, bytes);
    reader->no_memory |= items == NULL;
    return items;
}

/* The items of a list; NULL where there is none, told where something else stands there. */
static const struct yaml_node *get_list(struct reader *reader, const struct yaml_node *map,
                                        const char *key)
{
    const struct yaml_node *list = yaml_node_get(map, key);
    if (list != NULL && list->type != YAML_LIST &&
        (list->type == YAML_MAP || yaml_node_is_given(list))) {
        messages_add(reader->messages, reader->file, list->line,
                     "not carried over: '%s' must be a list", key);
    }
    return list != NULL && list->type == YAML_LIST ? list : NULL;
}

/* Texts of a list; what is none is told. */
static uint32_t read_texts(struct reader *reader, const struct yaml_node *list, const char *what,
                           const struct definition_text **ret)
{
    uint32_t count = 0;
    struct definition_text *texts = allocate(reader, list != NULL ? list->count : 0, sizeof *texts);
    const struct yaml_item *item = list != NULL && texts != NULL ? list->items : NULL;
    for (; item != NULL; item = item->next) {
        texts[count] = text_of(item->value);
        if (texts[count].text.data != NULL) {
            count++;
        } else {
            messages_add(reader->messages, reader->file, item->value->line,
                         "not carried over: %s must be a text%s", what,
                         item->value->type == YAML_MAP
                             ? ": a colon and a blank in it want quotes around all of it"
                             : "");
        }
    }
    *ret = texts;
    return count;
}

/* A selector is a text, or in old files `query:` in a map. */
static struct definition_text read_selector(const struct yaml_node *map)
{
    const struct yaml_node *node = yaml_node_get(map, "selector");
    const struct yaml_node *query = yaml_node_get(node, "query");
    return text_of(query != NULL ? query : node);
}

static void read_specs(struct reader *reader, const struct yaml_node *map,
                       struct definition_test *test)
{
    const struct yaml_node *list = get_list(reader, map, "specs");
    list = list != NULL ? list : get_list(reader, map, "testDefinition");
    struct definition_spec *specs = allocate(reader, list != NULL ? list->count : 0, sizeof *specs);
    const struct yaml_item *item = list != NULL && specs != NULL ? list->items : NULL;
    for (; item != NULL; item = item->next) {
        struct definition_spec *spec = &specs[test->spec_count];
        spec->line = item->value->line;
        if (item->value->type != YAML_MAP) {
            messages_add(reader->messages, reader->file, spec->line,
                         "not carried over: a spec must have 'selector' and 'assertions'");
            continue;
        }
        spec->name = get_text(item->value, "name");
        spec->selector = read_selector(item->value);
        spec->assertion_count = read_texts(reader, get_list(reader, item->value, "assertions"),
                                           "an assertion", &spec->assertions);
        test->spec_count++;
    }
    test->specs = specs;
}

static void read_outputs(struct reader *reader, const struct yaml_node *map,
                         struct definition_test *test)
{
    const struct yaml_node *list = get_list(reader, map, "outputs");
    struct definition_output *outputs =
        allocate(reader, list != NULL ? list->count : 0, sizeof *outputs);
    const struct yaml_item *item = list != NULL && outputs != NULL ? list->items : NULL;
    for (; item != NULL; item = item->next) {
        struct definition_output *output = &outputs[test->output_count];
        output->name = get_text(item->value, "name");
        output->selector = read_selector(item->value);
        output->value = get_text(item->value, "value");
        if (output->name.text.data == NULL || output->value.text.data == NULL) {
            messages_add(reader->messages, reader->file, item->value->line,
                         "not carried over: an output must have 'name' and 'value'");
        } else {
            test->output_count++;
        }
    }
    test->outputs = outputs;
}

static const struct yaml_node *first_of(const struct yaml_node *map, const char *const *keys)
{
    const struct yaml_node *found = NULL;
    for (; *keys != NULL && found == NULL; keys++) {
        found = yaml_node_get(map, *keys);
    }
    return found;
}

/* What the trigger asks for, in words. */
static struct bytes describe_request(struct reader *reader, const struct yaml_node *trigger)
{
    static const char *const bodies[] = {"httpRequest", "graphql", "grpc", "kafka",
                                         "traceid",     "traceID", "url",  NULL};
    static const char *const verbs[] = {"method", "topic", NULL};
    static const char *const places[] = {"url", "address", "target", "brokerUrls", "id", NULL};
    const struct yaml_node *body = first_of(trigger, bodies);
    const struct yaml_node *verb = first_of(body, verbs);
    const struct yaml_node *place =
        body != NULL && body->type == YAML_TEXT ? body : first_of(body, places);
    place =
        place != NULL && place->type == YAML_LIST && place->count > 0 ? place->items->value : place;
    struct buf text = BUF_NULL;
    if (yaml_node_is_given(verb)) {
        messages_append_clean(&text, verb->text);
    }
    if (yaml_node_is_given(place)) {
        buf_append_text(&text, text.len > 0 ? " " : "");
        messages_append_clean(&text, place->text);
    }
    struct bytes kept = arena_copy(reader->arena, buf_bytes(&text));
    reader->no_memory |= text.failed || (text.len > 0 && kept.data == NULL);
    buf_deinit(&text);
    return kept;
}

static void read_test(struct reader *reader, const struct yaml_node *map,
                      struct definition_test *test)
{
    const struct yaml_node *trigger = yaml_node_get(map, "trigger");
    trigger = trigger != NULL ? trigger : yaml_node_get(map, "serviceUnderTest");
    test->id = get_text(map, "id");
    test->name = get_text(map, "name");
    test->description = get_text(map, "description");
    test->trigger = get_text(trigger, "type");
    if (trigger != NULL && test->trigger.line == 0) {
        test->trigger.line = trigger->line;
    }
    test->request = describe_request(reader, trigger);
    read_specs(reader, map, test);
    read_outputs(reader, map, test);
}

static void read_suite(struct reader *reader, const struct yaml_node *map,
                       struct definition_suite *suite)
{
    suite->id = get_text(map, "id");
    suite->name = get_text(map, "name");
    suite->step_count = read_texts(reader, get_list(reader, map, "steps"), "a step", &suite->steps);
}

static void read_variables(struct reader *reader, const struct yaml_node *map,
                           struct definition_variables *variables)
{
    const struct yaml_node *list = get_list(reader, map, "values");
    struct definition_variable *items =
        allocate(reader, list != NULL ? list->count : 0, sizeof *items);
    const struct yaml_item *item = list != NULL && items != NULL ? list->items : NULL;
    variables->id = get_text(map, "id");
    variables->name = get_text(map, "name");
    for (; item != NULL; item = item->next) {
        struct definition_variable *variable = &items[variables->count];
        const struct yaml_node *value = yaml_node_get(item->value, "value");
        variable->key = get_text(item->value, "key");
        variable->is_secret = bytes_is(get_text(item->value, "type").text, "secret");
        if (variable->key.text.data == NULL || (value != NULL && value->type != YAML_TEXT)) {
            messages_add(reader->messages, reader->file, item->value->line,
                         "not carried over: a variable must have 'key' and 'value'");
            continue;
        }
        variable->value = (struct definition_text){value != NULL ? value->text : BYTES_LITERAL(""),
                                                   item->value->line};
        variables->count++;
    }
    variables->items = items;
}

static bool is_set_up(struct bytes type)
{
    for (size_t i = 0; i < sizeof set_up / sizeof set_up[0]; i++) {
        if (bytes_is(type, set_up[i])) {
            return true;
        }
    }
    return false;
}

/* Files from before there were types are tests. */
static struct bytes type_of(const struct yaml_node *root)
{
    struct bytes type = get_text(root, "type").text;
    bool old =
        type.data == NULL && yaml_node_get(root, "spec") == NULL &&
        (yaml_node_get(root, "trigger") != NULL || yaml_node_get(root, "testDefinition") != NULL);
    return old ? BYTES_LITERAL("Test") : type;
}

static int fail(struct reader *reader, unsigned line, const char *text)
{
    messages_add(reader->messages, reader->file, line, "%s", text);
    return 1;
}

static int check_spec(struct reader *reader, const struct definition *definition,
                      const struct yaml_node *spec)
{
    if (spec == NULL || spec->type != YAML_MAP) {
        return fail(reader, definition->line, "no definition of Tracetest: it has no 'spec'");
    }
    return 0;
}

static int read_typed(struct reader *reader, struct definition *ret, const struct yaml_node *root,
                      struct bytes type)
{
    const struct yaml_node *spec = yaml_node_get(root, "spec");
    spec = spec == NULL && get_text(root, "type").text.data == NULL ? root : spec;
    if (bytes_is(type, "Test")) {
        ret->type = DEFINITION_TEST;
        read_test(reader, spec, &ret->test);
        return check_spec(reader, ret, spec);
    }
    if (bytes_is(type, "TestSuite") || bytes_is(type, "Transaction")) {
        ret->type = DEFINITION_SUITE;
        read_suite(reader, spec, &ret->suite);
        return check_spec(reader, ret, spec);
    }
    if (bytes_is(type, "VariableSet") || bytes_is(type, "Environment")) {
        ret->type = DEFINITION_VARIABLES;
        read_variables(reader, spec, &ret->variables);
        return check_spec(reader, ret, spec);
    }
    if (bytes_is(type, "Analyzer")) {
        ret->type = DEFINITION_ANALYZER;
        analyzer_document_read(&ret->analyzer, spec, reader->file, reader->messages);
        return check_spec(reader, ret, spec);
    }
    ret->type = DEFINITION_OTHER;
    if (!is_set_up(type)) {
        return fail(
            reader, ret->line,
            "no definition of Tracetest: 'type' must be Test, TestSuite, VariableSet or Analyzer");
    }
    messages_add(reader->messages, reader->file, ret->line,
                 "not carried over: %.*s sets up Tracetest itself", (int)type.len,
                 (const char *)type.data);
    return 0;
}

static int read_one(struct reader *reader, struct definition *ret, const struct yaml_node *root)
{
    ret->file = reader->file;
    ret->line = root->line;
    if (root->type != YAML_MAP) {
        return fail(reader, root->line, "no definition of Tracetest: it must begin with 'type:'");
    }
    return read_typed(reader, ret, root, type_of(root));
}

static int read_documents(struct reader *reader, const struct yaml_document *document,
                          const struct definition **ret)
{
    struct definition *last = NULL;
    const struct definition *first = NULL;
    for (; document != NULL; document = document->next) {
        if (document->root == NULL ||
            (document->root->type == YAML_TEXT && !yaml_node_is_given(document->root))) {
            continue;
        }
        struct definition *definition = allocate(reader, 1, sizeof *definition);
        int bad = definition == NULL ? -ENOMEM : read_one(reader, definition, document->root);
        if (bad || reader->no_memory) {
            return reader->no_memory ? -ENOMEM : bad;
        }
        if (last == NULL) {
            first = definition;
        } else {
            last->next = definition;
        }
        last = definition;
    }
    *ret = first;
    return first != NULL ? 0 : fail(reader, 0, "no definition of Tracetest: the file is empty");
}

int definition_read(const struct definition **ret, const char *file, struct bytes text,
                    struct arena *arena, struct messages *messages)
{
    struct reader reader = {file, arena, messages, false};
    const struct yaml_document *documents = NULL;
    struct yaml_flaw flaw = {0, NULL};
    int bad = yaml_tree_read(&documents, text, arena, &flaw);
    if (bad > 0) {
        messages_add(messages, file, flaw.line, "%s", flaw.text);
    }
    return bad ? bad : read_documents(&reader, documents, ret);
}
