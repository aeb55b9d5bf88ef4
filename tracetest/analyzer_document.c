#include "tracetest/analyzer_document.h"

#include "daemon/core/number.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define TOLD_MAX        100u
#define WEIGHT_MAX      1000000u

static const char *const levels[] = {
    [ANALYZER_ERROR] = "error", [ANALYZER_WARNING] = "warning", [ANALYZER_DISABLED] = "disabled"};

/* As of a suite that says nothing. */
static struct analyzer_document by_default(void)
{
    struct analyzer_document document = {.enabled = true};
    for (size_t i = 0; i < DEFECT_RULES; i++) {
        document.rules[i].weight = analyzer_weight_of((enum defect_rule)i);
    }
    return document;
}

/* --- reading --- */

struct reading {
    struct analyzer_document *document;
    const char *file;
    struct messages *messages;
};

/* How rules were called before 2023-07. */
static const struct {
    const char *name;
    enum defect_rule rule;
} old_names[] = {
    {"span_naming", DEFECT_SPAN_NAMING},
    {"required_attributes", DEFECT_REQUIRED_ATTRIBUTES},
    {"attribute_naming", DEFECT_ATTRIBUTE_NAMING},
    {"not_empty_attributes", DEFECT_EMPTY_ATTRIBUTES},
    {"enforce_dns", DEFECT_PREFER_DNS},
    {"enforce_https_protocol", DEFECT_SECURE_HTTPS},
    {"ensures_no_api_key_leak", DEFECT_API_KEY_LEAK},
};

static void lose(const struct reading *reading, const struct yaml_node *node, const char *what,
                 struct bytes text, const char *why)
{
    messages_add(reading->messages, reading->file, node->line,
                 "not carried over: the analyzer's %s '%.*s': %s", what,
                 (int)(text.len < TOLD_MAX ? text.len : TOLD_MAX), (const char *)text.data, why);
}

static struct bytes text_of(const struct yaml_node *node)
{
    return yaml_node_is_given(node) ? node->text : BYTES_LITERAL("");
}

static const struct yaml_item *items_of(const struct reading *reading, const struct yaml_node *list,
                                        const char *what)
{
    if (list == NULL || list->type == YAML_LIST) {
        return list != NULL ? list->items : NULL;
    }
    lose(reading, list, what, text_of(list), "they are a list");
    return NULL;
}

/* `id`, which older documents call slug. */
static const struct yaml_node *id_of(const struct yaml_node *map)
{
    const struct yaml_node *id = yaml_node_get(map, "id");
    return id != NULL ? id : yaml_node_get(map, "slug");
}

/* What is not said is on. */
static bool is_on(const struct yaml_node *map)
{
    const struct yaml_node *enabled = yaml_node_get(map, "enabled");
    return !bytes_is(text_of(enabled), "false");
}

static int find_rule(struct bytes name, enum defect_rule *ret)
{
    for (size_t i = 0; i < COUNT_OF(old_names); i++) {
        if (bytes_is(name, old_names[i].name)) {
            *ret = old_names[i].rule;
            return 0;
        }
    }
    return defect_rule_find(name, ret);
}

static enum analyzer_level read_level(const struct reading *reading, const struct yaml_node *map)
{
    const struct yaml_node *node = yaml_node_get(map, "errorLevel");
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        if (bytes_is(text_of(node), levels[i])) {
            return (enum analyzer_level)i;
        }
    }
    if (yaml_node_is_given(node)) {
        lose(reading, node, "level", node->text, "there are error, warning and disabled");
    }
    return ANALYZER_ERROR;
}

/* A rule without weight has no say in the score, as a warning has none. */
static void read_weight(const struct reading *reading, const struct yaml_node *map,
                        struct analyzer_document_rule *rule)
{
    const struct yaml_node *node = yaml_node_get(map, "weight");
    uint64_t weight = 0;
    if (!yaml_node_is_given(node)) {
        return;
    }
    if (number_parse_u64(node->text, &weight) != 0 || weight > WEIGHT_MAX) {
        lose(reading, node, "weight", node->text, "it is a whole number from 0 to 1000000");
        return;
    }
    if (weight != 0) {
        rule->weight = (uint32_t)weight;
    } else if (rule->level == ANALYZER_ERROR) {
        rule->level = ANALYZER_WARNING;
    }
}

static void read_rule(const struct reading *reading, const struct yaml_node *map, bool on)
{
    const struct yaml_node *id = id_of(map);
    enum defect_rule found;
    if (!yaml_node_is_given(id) || find_rule(id->text, &found) != 0) {
        lose(reading, id != NULL ? id : map, "rule", text_of(id),
             "there is none of that name; write it with `select` and `assert`");
        return;
    }
    struct analyzer_document_rule *rule = &reading->document->rules[found];
    rule->level = on ? read_level(reading, map) : ANALYZER_DISABLED;
    read_weight(reading, map, rule);
}

/* All rules of a plugin that is switched off, named or not. False: there is no such plugin. */
static bool find_plugin(const struct reading *reading, struct bytes plugin, bool on)
{
    bool found = false;
    for (size_t i = 0; i < DEFECT_RULES; i++) {
        struct analyzer_document_rule *rule = &reading->document->rules[i];
        bool of_it = bytes_is(plugin, analyzer_plugin_of((enum defect_rule)i));
        rule->level = of_it && !on ? ANALYZER_DISABLED : rule->level;
        found |= of_it;
    }
    return found;
}

static void read_plugin(const struct reading *reading, const struct yaml_node *plugin)
{
    const struct yaml_node *id = id_of(plugin);
    const struct yaml_node *rules = yaml_node_get(plugin, "rules");
    bool on = is_on(plugin);
    if (!find_plugin(reading, text_of(id), on)) {
        lose(reading, id != NULL ? id : plugin, "plugin", text_of(id),
             "there are standards, common and security");
        return;
    }
    const struct yaml_item *item = items_of(reading, rules, "rules");
    for (; item != NULL; item = item->next) {
        read_rule(reading, item->value, on);
    }
}

static void read_score(const struct reading *reading, const struct yaml_node *spec)
{
    const struct yaml_node *node = yaml_node_get(spec, "minimumScore");
    uint64_t score;
    if (!yaml_node_is_given(node)) {
        return;
    }
    if (number_parse_u64(node->text, &score) != 0 || score > 100) {
        lose(reading, node, "minimumScore", node->text, "it is a whole number from 0 to 100");
        return;
    }
    reading->document->score = (double)score;
}

void analyzer_document_read(struct analyzer_document *ret, const struct yaml_node *spec,
                            const char *file, struct messages *messages)
{
    const struct reading reading = {ret, file, messages};
    const struct yaml_node *plugins = yaml_node_get(spec, "plugins");
    *ret = by_default();
    ret->enabled = is_on(spec);
    read_score(&reading, spec);
    const struct yaml_item *item = items_of(&reading, plugins, "plugins");
    for (; item != NULL; item = item->next) {
        read_plugin(&reading, item->value);
    }
}

void analyzer_document_of(struct analyzer_document *ret, const struct analyzer_settings *settings)
{
    *ret = by_default();
    ret->score = settings->minimum_score;
    for (size_t i = 0; i < settings->rules.count; i++) {
        const struct analyzer_rule_settings *rule =
            CONFIG_ITEM(settings->rules, const struct analyzer_rule_settings, i);
        enum defect_rule found;
        if (rule->conditions.count == 0 &&
            defect_rule_find(bytes_of(rule->name.text), &found) == 0) {
            ret->rules[found].level = (enum analyzer_level)rule->level;
            ret->rules[found].weight =
                rule->weight != 0 ? (uint32_t)rule->weight : ret->rules[found].weight;
        }
    }
}

/* --- writing --- */

static void write_rules(const struct analyzer_document *document, struct buf *out)
{
    bool any = false;
    for (size_t i = 0; i < DEFECT_RULES; i++) {
        const struct analyzer_document_rule *rule = &document->rules[i];
        bool weighs = rule->weight != analyzer_weight_of((enum defect_rule)i);
        if (rule->level == ANALYZER_ERROR && !weighs) {
            continue;
        }
        buf_printf(out, "%s      { name = \"%s\";", any ? ",\n" : "    rules = (\n",
                   defect_rule_name((enum defect_rule)i));
        if (rule->level != ANALYZER_ERROR) {
            buf_printf(out, " level = \"%s\";", levels[rule->level]);
        }
        if (weighs) {
            buf_printf(out, " weight = %u;", (unsigned)rule->weight);
        }
        buf_append_text(out, " }");
        any = true;
    }
    buf_append_text(out, any ? "\n    );\n" : "");
}

void analyzer_document_write(const struct analyzer_document *document, struct buf *out)
{
    buf_append_text(out, "  # a broken rule of level error fails the trace here; there the score "
                         "alone may decide: `assertd analyze --gate score`\n"
                         "  analyzer = {\n");
    if (document->score > 0) {
        buf_printf(out, "    minimum_score = %g;\n", document->score);
    }
    write_rules(document, out);
    buf_append_text(out, "  };\n");
}

void analyzer_document_write_yaml(const struct analyzer_document *document, struct buf *out)
{
    const char *plugin = "";
    buf_printf(out,
               "type: Analyzer\nspec:\n  id: current\n  name: analyzer\n  enabled: true\n"
               "  minimumScore: %u\n  plugins:\n",
               (unsigned)document->score);
    for (size_t i = 0; i < DEFECT_RULES; i++) {
        const struct analyzer_document_rule *rule = &document->rules[i];
        if (strcmp(plugin, analyzer_plugin_of((enum defect_rule)i)) != 0) {
            plugin = analyzer_plugin_of((enum defect_rule)i);
            buf_printf(out, "  - id: %s\n    enabled: true\n    rules:\n", plugin);
        }
        buf_printf(out, "    - id: %s\n      weight: %u\n      errorLevel: %s\n",
                   defect_rule_name((enum defect_rule)i), (unsigned)rule->weight,
                   levels[rule->level]);
    }
}
