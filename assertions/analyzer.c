#include "assertions/analyzer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "assertions/defect.h"
#include "assertions/suite_settings.h"
#include "config/suggest.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define OWN_WEIGHT      10
#define OWN_PLUGIN      "own"

static const char *const level_words[] = {"error", "warning", "disabled", NULL};

static const struct option rule_options[] = {
    {.name = "name",
     .type = OPTION_TEXT,
     .offset = offsetof(struct analyzer_rule_settings, name),
     .flags = OPTION_REQUIRED,
     .description = "One of span-naming, required-attributes, attribute-naming, "
                    "no-empty-attributes, prefer-dns, secure-https-protocol, no-api-key-leak; or, "
                    "with `assert`, the name of an own rule."},
    {.name = "level",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct analyzer_rule_settings, level),
     .default_text = "error",
     .choices = level_words,
     .description = "A broken rule of level error fails the trace; a warning is told and does not "
                    "count for the score; disabled: not asked."},
    {.name = "weight",
     .type = OPTION_INT,
     .offset = offsetof(struct analyzer_rule_settings, weight),
     .min = 1,
     .max = 1000000,
     .description = "Its part of the plugin's score; by default as in the table of the seven, 10 "
                    "for an own rule."},
    {.name = "plugin",
     .type = OPTION_TEXT,
     .offset = offsetof(struct analyzer_rule_settings, plugin),
     .flags = OPTION_ONE_LINE,
     .description = "Of an own rule: the group with which it is scored; by default own."},
    {.name = "select",
     .type = OPTION_TEXT,
     .offset = offsetof(struct analyzer_rule_settings, select),
     .flags = OPTION_EXPRESSION | OPTION_NO_ENV,
     .description = "Of an own rule: selector of the spans that it is about. Where it selects "
                    "nothing the rule is kept."},
    {.name = "assert",
     .type = OPTION_TEXTS,
     .offset = offsetof(struct analyzer_rule_settings, conditions),
     .flags = OPTION_EXPRESSION | OPTION_NO_ENV,
     .description = "Of an own rule: one condition or a list of them."},
};

static const struct option_table rule_table = {
    .title = "rule of the analyzer",
    .options = rule_options,
    .count = COUNT_OF(rule_options),
    .struct_bytes = sizeof(struct analyzer_rule_settings),
    .origin_offset = offsetof(struct analyzer_rule_settings, origin),
    .set_offset = SIZE_MAX,
};

static const struct option analyzer_options[] = {
    {.name = "minimum_score",
     .type = OPTION_NUMBER,
     .offset = offsetof(struct analyzer_settings, minimum_score),
     .default_text = "0",
     .min = 0,
     .max = 100,
     .description = "Least score of a trace, 0 to 100, with which `assertd analyze` is content."},
    {.name = "rules",
     .type = OPTION_GROUPS,
     .offset = offsetof(struct analyzer_settings, rules),
     .group = &rule_table,
     .description = "Own rules, and what is to be otherwise about the seven."},
};

const struct option_table analyzer_table = {
    .title = "analyzer",
    .options = analyzer_options,
    .count = COUNT_OF(analyzer_options),
    .struct_bytes = sizeof(struct analyzer_settings),
    .origin_offset = SIZE_MAX,
    .set_offset = offsetof(struct analyzer_settings, set),
};

/* --- the rules in force --- */

static const struct {
    const char *plugin;
    uint32_t weight;
} built_in[DEFECT_RULES] = {
    [DEFECT_SPAN_NAMING] = {"standards", 25},      [DEFECT_REQUIRED_ATTRIBUTES] = {"standards", 25},
    [DEFECT_ATTRIBUTE_NAMING] = {"standards", 25}, [DEFECT_EMPTY_ATTRIBUTES] = {"standards", 25},
    [DEFECT_PREFER_DNS] = {"common", 100},         [DEFECT_SECURE_HTTPS] = {"security", 30},
    [DEFECT_API_KEY_LEAK] = {"security", 70},
};

const char *analyzer_plugin_of(enum defect_rule rule)
{
    return built_in[rule].plugin;
}

uint32_t analyzer_weight_of(enum defect_rule rule)
{
    return built_in[rule].weight;
}

struct maker {
    const struct analyzer_settings *settings;
    struct problems *problems;
    const char *path;
    bool refused;
};

static const struct analyzer_rule_settings *written(const struct maker *maker, size_t place)
{
    return CONFIG_ITEM(maker->settings->rules, const struct analyzer_rule_settings, place);
}

static bool is_own(const struct analyzer_rule_settings *rule)
{
    return rule->conditions.count != 0;
}

static void complain(struct maker *maker, size_t place, const char *what, const char *word,
                     const char *more)
{
    char path[160];
    snprintf(path, sizeof path, "%.120s.rules[%zu]", maker->path, place);
    problems_add(maker->problems, written(maker, place)->origin, path, "%s%s%s", what, word, more);
    maker->refused = true;
}

static void complain_unknown(struct maker *maker, size_t place)
{
    const char *known[DEFECT_RULES];
    for (int i = 0; i < DEFECT_RULES; i++) {
        known[i] = defect_rule_name((enum defect_rule)i);
    }
    const char *near = suggest(bytes_of(written(maker, place)->name.text), known, DEFECT_RULES);
    complain(maker, place, "the analyzer has no rule of this name; ",
             near != NULL ? near : "write `assert` for an own one",
             near != NULL ? "? (an own one has `assert`)" : "");
}

/* The seven are found by name, own ones have other names. */
static void check_written(struct maker *maker, size_t place)
{
    const struct analyzer_rule_settings *rule = written(maker, place);
    enum defect_rule found;
    if (rule->name.text == NULL) {
        maker->refused = true; /* told by the table */
        return;
    }
    bool known = defect_rule_find(bytes_of(rule->name.text), &found) == 0;
    if (!known && !is_own(rule)) {
        complain_unknown(maker, place);
    } else if (known && (is_own(rule) || rule->select.text != NULL || rule->plugin.text != NULL)) {
        complain(maker, place, "select, assert and plugin are of own rules: give this one ",
                 "another name", "");
    }
    for (size_t i = 0; i < place; i++) {
        const struct config_text *other = &written(maker, i)->name;
        if (other->text != NULL && strcmp(other->text, rule->name.text) == 0) {
            complain(maker, place, "the rule stands here twice: ", rule->name.text, "");
        }
    }
}

/* What is written about one of the seven; NULL: nothing. */
static const struct analyzer_rule_settings *find_written(const struct maker *maker,
                                                         const char *name)
{
    for (size_t i = 0; i < maker->settings->rules.count; i++) {
        const struct analyzer_rule_settings *rule = written(maker, i);
        if (rule->name.text != NULL && strcmp(rule->name.text, name) == 0) {
            return rule;
        }
    }
    return NULL;
}

static uint32_t add_built_in(const struct maker *maker, struct analyzer_rule *items)
{
    uint32_t count = 0;
    for (int i = 0; i < DEFECT_RULES; i++) {
        const char *name = defect_rule_name((enum defect_rule)i);
        const struct analyzer_rule_settings *rule = find_written(maker, name);
        if (rule != NULL && rule->level == ANALYZER_DISABLED) {
            continue;
        }
        items[count++] = (struct analyzer_rule){
            .name = name,
            .plugin = built_in[i].plugin,
            .level = rule != NULL ? (enum analyzer_level)rule->level : ANALYZER_ERROR,
            .weight =
                rule != NULL && rule->weight != 0 ? (uint32_t)rule->weight : built_in[i].weight,
        };
    }
    return count;
}

static uint32_t add_own(const struct maker *maker, struct analyzer_rule *items, uint32_t count)
{
    for (size_t i = 0; i < maker->settings->rules.count; i++) {
        const struct analyzer_rule_settings *rule = written(maker, i);
        if (is_own(rule) && rule->level != ANALYZER_DISABLED) {
            items[count++] = (struct analyzer_rule){
                .name = rule->name.text,
                .plugin = rule->plugin.text != NULL ? rule->plugin.text : OWN_PLUGIN,
                .level = (enum analyzer_level)rule->level,
                .weight = rule->weight != 0 ? (uint32_t)rule->weight : OWN_WEIGHT,
                .place = i,
                .own = rule,
            };
        }
    }
    return count;
}

int analyzer_rules_make(struct analyzer_rules *ret, const struct analyzer_settings *settings,
                        struct arena *arena, struct problems *problems, const char *path)
{
    struct maker maker = {.settings = settings, .problems = problems, .path = path};
    for (size_t i = 0; i < settings->rules.count; i++) {
        check_written(&maker, i);
    }
    if (maker.refused) {
        return ANALYZER_REFUSED;
    }
    struct analyzer_rule *items =
        arena_calloc(arena, DEFECT_RULES + settings->rules.count, sizeof *items);
    if (items == NULL) {
        return -ENOMEM;
    }
    uint32_t count = add_built_in(&maker, items);
    *ret = (struct analyzer_rules){items, add_own(&maker, items, count)};
    return 0;
}

int analyzer_assertion(const struct analyzer_rule *rule, struct arena *arena,
                       struct assertion_settings *ret)
{
    char *name = arena_printf(arena, "analyzer: %s", rule->name);
    struct config_text *condition = arena_calloc(arena, 1, sizeof *condition);
    if (name == NULL || condition == NULL) {
        return -ENOMEM;
    }
    *ret = (struct assertion_settings){
        .name = {.text = name},
        .severity = rule->level == ANALYZER_ERROR ? SEVERITY_ERROR : SEVERITY_WARNING,
    };
    if (rule->own != NULL) {
        ret->origin = rule->own->origin;
        ret->name.origin = rule->own->name.origin;
        ret->select = rule->own->select;
        ret->conditions = rule->own->conditions;
        ret->optional = rule->own->select.text != NULL;
        return 0;
    }
    condition->text = arena_printf(arena, "defect:%s missing", rule->name);
    ret->select = (struct config_text){.text = "span[]"};
    ret->conditions = (struct config_texts){condition, 1};
    return condition->text != NULL ? 0 : -ENOMEM;
}

/* --- the score --- */

bool analyzer_plugin_score(const struct analyzer_rules *rules,
                           const struct assertion_result *results, const char *plugin, double *ret)
{
    uint64_t total = 0;
    uint64_t passed = 0;
    for (uint32_t i = 0; i < rules->count; i++) {
        const struct analyzer_rule *rule = &rules->items[i];
        enum result result = results[i].result;
        bool kept = result == RESULT_PASS || result == RESULT_SKIPPED;
        if (rule->level != ANALYZER_ERROR || strcmp(rule->plugin, plugin) != 0 ||
            (!kept && result != RESULT_FAIL)) {
            continue;
        }
        total += rule->weight;
        passed += kept ? rule->weight : 0;
    }
    if (total == 0) {
        return false;
    }
    *ret = 100.0 * (double)passed / (double)total;
    return true;
}

bool analyzer_begins_plugin(const struct analyzer_rules *rules, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        if (strcmp(rules->items[i].plugin, rules->items[index].plugin) == 0) {
            return false;
        }
    }
    return true;
}

double analyzer_score(const struct analyzer_rules *rules, const struct assertion_result *results)
{
    double sum = 0;
    uint32_t plugins = 0;
    for (uint32_t i = 0; i < rules->count; i++) {
        double score;
        if (analyzer_begins_plugin(rules, i) &&
            analyzer_plugin_score(rules, results, rules->items[i].plugin, &score)) {
            sum += score;
            plugins++;
        }
    }
    return plugins != 0 ? sum / plugins : 100;
}
