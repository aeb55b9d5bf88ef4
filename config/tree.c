/*
 * libconfig's own lines are those of the token after the value where it had to look ahead, and its
 * file names die with the tree: origins come from the source, in the order of its values, and hang
 * in each setting's hook.
 */
#include "config/tree.h"

#include <errno.h>

#include <libconfig.h>

struct tree {
    config_t config;
    struct config_origin root;
};

struct walk {
    const struct config_origin *origins;
    size_t count, next;
    struct arena *arena;
};

struct tree *tree_new(struct arena *arena)
{
    struct tree *tree = arena_calloc(arena, 1, sizeof *tree);
    if (tree != NULL) {
        config_init(&tree->config);
        tree_set_origin(config_root_setting(&tree->config), &tree->root);
    }
    return tree;
}

void tree_free(struct tree *tree)
{
    if (tree != NULL) {
        config_destroy(&tree->config);
    }
}

struct config_setting_t *tree_root(struct tree *tree)
{
    return config_root_setting(&tree->config);
}

struct config_origin tree_origin(const struct config_setting_t *setting)
{
    const struct config_origin *origin = setting->hook;
    return origin != NULL ? *origin : CONFIG_ORIGIN_NONE;
}

struct config_origin tree_member_origin(struct tree *tree, const char *name)
{
    const config_setting_t *setting =
        config_setting_get_member(config_root_setting(&tree->config), name);
    return setting != NULL ? tree_origin(setting) : CONFIG_ORIGIN_NONE;
}

void tree_set_origin(struct config_setting_t *setting, const struct config_origin *origin)
{
    union {
        const struct config_origin *kept;
        void *hook; /* never written through */
    } pointer = {origin};
    config_setting_set_hook(setting, pointer.hook);
}

static unsigned length_of(const struct config_setting_t *setting)
{
    return config_setting_is_aggregate(setting) ? (unsigned)config_setting_length(setting) : 0;
}

static void set_origins(struct config_setting_t *setting, struct walk *walk)
{
    for (unsigned i = 0; i < length_of(setting); i++) {
        struct config_setting_t *child = config_setting_get_elem(setting, i);
        if (walk->next < walk->count) {
            tree_set_origin(child, &walk->origins[walk->next++]);
        }
        set_origins(child, walk);
    }
}

int tree_fill(struct tree *tree, const struct source *source, const char *file,
              struct problems *problems)
{
    tree->root = (struct config_origin){file, 1};
    if (config_read_string(&tree->config, (const char *)source->text.data) != CONFIG_TRUE) {
        problems_add(problems, (struct config_origin){file, 0}, NULL, "%s",
                     config_error_text(&tree->config));
        return 1;
    }
    struct bytes origins = buf_bytes(&source->origins);
    struct arena *arena = source->arena;
    struct walk walk = {.count = origins.len / sizeof(struct config_origin)};
    walk.origins = (const void *)arena_copy(arena, origins).data;
    if (walk.origins == NULL && walk.count > 0) {
        return -ENOMEM;
    }
    struct config_setting_t *root = config_root_setting(&tree->config);
    tree_set_origin(root, &tree->root);
    set_origins(root, &walk);
    return 0;
}

static void copy_value(struct config_setting_t *to, const struct config_setting_t *from)
{
    switch (config_setting_type(from)) {
    case CONFIG_TYPE_INT:
        config_setting_set_int(to, config_setting_get_int(from));
        break;
    case CONFIG_TYPE_INT64:
        config_setting_set_int64(to, config_setting_get_int64(from));
        break;
    case CONFIG_TYPE_FLOAT:
        config_setting_set_float(to, config_setting_get_float(from));
        break;
    case CONFIG_TYPE_STRING:
        config_setting_set_string(to, config_setting_get_string(from));
        break;
    case CONFIG_TYPE_BOOL:
        config_setting_set_bool(to, config_setting_get_bool(from));
        break;
    default:
        break;
    }
}

struct config_setting_t *tree_copy(struct config_setting_t *parent, const char *name,
                                   const struct config_setting_t *from)
{
    struct config_setting_t *to = config_setting_add(parent, name, config_setting_type(from));
    if (to == NULL) {
        return NULL;
    }
    to->hook = from->hook;
    copy_value(to, from);
    for (unsigned i = 0; i < length_of(from); i++) {
        const struct config_setting_t *child = config_setting_get_elem(from, i);
        tree_copy(to, config_setting_name(child), child);
    }
    return to;
}
