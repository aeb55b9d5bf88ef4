/*
 * Walks the path through the table and the tree at once and makes what the tree lacks.
 */
#include "config/override.h"

#include <errno.h>
#include <stdint.h>

#include <libconfig.h>

#include "config/suggest.h"
#include "daemon/core/number.h"

#define INDEX_MAX       10000
#define SUGGESTIONS_MAX 64

static const struct config_origin here = {"--set", 0};

struct step {
    const struct config_override *override;
    struct arena *arena;
    struct problems *problems;
    const char *rest; /* of the path */
};

static int refuse(struct step *step, const char *what)
{
    problems_add(step->problems, here, step->override->path, "%s", what);
    return 1;
}

bool override_is_below(const char *path, const char *name)
{
    size_t len = strlen(name);
    return strncmp(path, name, len) == 0 &&
           (path[len] == '\0' || path[len] == '.' || path[len] == '[');
}

static struct bytes take_name(struct step *step)
{
    size_t len = strcspn(step->rest, ".[");
    struct bytes name = bytes_from(step->rest, len);
    step->rest += len;
    return name;
}

/* Takes the dot before a further name; false: the path does not go on like that. */
static bool take_dot(struct step *step)
{
    if (*step->rest != '.') {
        return false;
    }
    step->rest++;
    return true;
}

static bool take_index(struct step *step, uint64_t *ret)
{
    const char *end = strchr(step->rest, ']');
    if (*step->rest != '[' || end == NULL) {
        return false;
    }
    struct bytes digits = bytes_from(step->rest + 1, (size_t)(end - step->rest - 1));
    step->rest = end + 1;
    return number_parse_u64(digits, ret) == 0 && *ret < INDEX_MAX;
}

static const struct option *find_option(struct step *step, const struct option_table *table,
                                        struct bytes name)
{
    const char *known[SUGGESTIONS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < table->count; i++) {
        if (bytes_is(name, table->options[i].name)) {
            return &table->options[i];
        }
        if (count < SUGGESTIONS_MAX) {
            known[count++] = table->options[i].name;
        }
    }
    const char *near = suggest(name, known, count);
    problems_add(step->problems, here, step->override->path, "%.*s is not known%s%s%s",
                 (int)name.len, (const char *)name.data, near != NULL ? ", did you mean " : "",
                 near != NULL ? near : "", near != NULL ? "?" : "");
    return NULL;
}

/* A member of the wanted type; one of another type is replaced, unless it is a group that the
 * reader will refuse. */
static config_setting_t *member(config_setting_t *group, const char *name, int type)
{
    config_setting_t *setting = config_setting_get_member(group, name);
    if (setting != NULL && config_setting_type(setting) == type && type != CONFIG_TYPE_STRING) {
        return setting;
    }
    if (setting != NULL) {
        config_setting_remove(group, name);
    }
    setting = config_setting_add(group, name, type);
    if (setting != NULL) {
        tree_set_origin(setting, &here);
    }
    return setting;
}

static int set_string(struct step *step, config_setting_t *group, const char *name)
{
    config_setting_t *setting = member(group, name, CONFIG_TYPE_STRING);
    if (setting == NULL) {
        return refuse(step,
                      "is no path: a name begins with a letter and holds letters, digits, - and _");
    }
    config_setting_set_string(setting, step->override->value);
    return 0;
}

/* The value as libconfig text: lists and groups. */
static int set_structure(struct step *step, config_setting_t *group, const char *name)
{
    struct source source;
    source_init(&source, step->arena, step->problems);
    struct buf text = BUF_NULL;
    buf_printf(&text, "%s = %s", name, step->override->value);
    int rc = text.failed ? -ENOMEM : source_read_text(&source, "--set", buf_bytes(&text));
    struct tree *tree = rc == 0 ? tree_new(step->arena) : NULL;
    if (rc == 0) {
        rc = tree != NULL ? tree_fill(tree, &source, "--set", step->problems) : -ENOMEM;
    }
    const config_setting_t *value =
        rc == 0 ? config_setting_get_member(tree_root(tree), name) : NULL;
    if (value != NULL) {
        config_setting_remove(group, name);
        rc = tree_copy(group, name, value) != NULL ? 0 : refuse(step, "is no path");
    }
    tree_free(tree);
    source_deinit(&source);
    buf_deinit(&text);
    return rc;
}

static int set_value(struct step *step, config_setting_t *group, const struct option *option)
{
    if (*step->rest != '\0') {
        return refuse(step, "goes too deep: this option has nothing below it");
    }
    char first = step->override->value[strspn(step->override->value, " \t")];
    bool is_structure = option->type == OPTION_GROUPS || option->type == OPTION_PAIRS ||
                        (option->type == OPTION_TEXTS && (first == '[' || first == '('));
    return is_structure ? set_structure(step, group, option->name)
                        : set_string(step, group, option->name);
}

static int set_pair(struct step *step, config_setting_t *group, const struct option *option)
{
    config_setting_t *pairs = member(group, option->name, CONFIG_TYPE_GROUP);
    struct bytes name = bytes_of(step->rest);
    char *text = arena_string(step->arena, name);
    return text != NULL ? set_string(step, pairs, text) : -ENOMEM;
}

/* The item of a list of groups, or one behind the last. */
static config_setting_t *item_of(struct step *step, config_setting_t *group,
                                 const struct option *option)
{
    uint64_t index;
    if (!take_index(step, &index)) {
        refuse(step, "names a list: write NAME[0].SETTING");
        return NULL;
    }
    config_setting_t *list = member(group, option->name, CONFIG_TYPE_LIST);
    uint64_t count = (uint64_t)config_setting_length(list);
    if (index > count) {
        problems_add(step->problems, here, step->override->path,
                     "the list has %llu items: the next one is [%llu]", (unsigned long long)count,
                     (unsigned long long)count);
        return NULL;
    }
    config_setting_t *item = index < count ? config_setting_get_elem(list, (unsigned)index)
                                           : config_setting_add(list, NULL, CONFIG_TYPE_GROUP);
    if (index == count) {
        tree_set_origin(item, &here);
    }
    if (!config_setting_is_group(item)) {
        refuse(step, "the item is no group");
        return NULL;
    }
    return item;
}

static int walk(struct step *step, const struct option_table *table, config_setting_t *group)
{
    for (;;) {
        const struct option *option = find_option(step, table, take_name(step));
        if (option == NULL) {
            return 1;
        }
        if (option->type == OPTION_GROUP) {
            group = member(group, option->name, CONFIG_TYPE_GROUP);
        } else if (option->type == OPTION_GROUPS && *step->rest == '[') {
            group = item_of(step, group, option);
        } else if (option->type == OPTION_PAIRS && take_dot(step)) {
            return set_pair(step, group, option);
        } else {
            return set_value(step, group, option);
        }
        if (group == NULL) {
            return 1;
        }
        if (!take_dot(step)) {
            return refuse(step, "is a group: name one of its settings behind a dot");
        }
        table = option->group;
    }
}

int override_apply(struct tree *tree, const struct option_table *table,
                   const struct config_override *override, struct arena *arena,
                   struct problems *problems)
{
    struct step step = {override, arena, problems, override->path};
    return walk(&step, table, tree_root(tree));
}
