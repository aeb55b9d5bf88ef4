/*
 * A file whose settings stand at its top becomes one group of the list, origin and all.
 */
#include "config/suite_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include <libconfig.h>

static bool is_list(const config_setting_t *setting)
{
    return config_setting_is_list(setting) || config_setting_is_array(setting);
}

/* The list that suites are appended to; NULL where the configuration has something else of that
 * name. */
static config_setting_t *list_of(struct tree *tree, const char *name, struct problems *problems)
{
    config_setting_t *list = config_setting_get_member(tree_root(tree), name);
    if (list == NULL) {
        return config_setting_add(tree_root(tree), name, CONFIG_TYPE_LIST);
    }
    if (config_setting_is_list(list)) {
        return list;
    }
    if (is_list(list) && config_setting_length(list) == 0) {
        config_setting_remove(tree_root(tree), name);
        return config_setting_add(tree_root(tree), name, CONFIG_TYPE_LIST);
    }
    problems_add(problems, tree_origin(list), name,
                 "must be a list of groups: write ( { ... }, { ... } )");
    return NULL;
}

static int refuse(struct problems *problems, struct config_origin origin, const char *path,
                  const char *what)
{
    problems_add(problems, origin, path, "%s", what);
    return 1;
}

static int append_list(config_setting_t *list, const config_setting_t *root,
                       const config_setting_t *suites, struct problems *problems)
{
    for (int i = 0; i < config_setting_length(suites); i++) {
        tree_copy(list, NULL, config_setting_get_elem(suites, (unsigned)i));
    }
    for (int i = 0; i < config_setting_length(root); i++) {
        const config_setting_t *other = config_setting_get_elem(root, (unsigned)i);
        if (other != suites) {
            return refuse(problems, tree_origin(other), config_setting_name(other),
                          "stands beside a list of suites: move it into one of them");
        }
    }
    return 0;
}

static int append(config_setting_t *list, const char *name, const config_setting_t *root,
                  struct problems *problems)
{
    const config_setting_t *suites = config_setting_get_member(root, name);
    if (suites != NULL && !is_list(suites)) {
        return refuse(problems, tree_origin(suites), name,
                      "must be a list of groups: write ( { ... }, { ... } )");
    }
    if (suites != NULL) {
        return append_list(list, root, suites, problems);
    }
    if (config_setting_length(root) == 0) {
        return refuse(problems, tree_origin(root), "",
                      "holds no suite: write name = \"...\"; assertions = ( ... );");
    }
    tree_copy(list, NULL, root);
    return 0;
}

int suite_files_add(struct tree *tree, const char *name, const char *file, struct arena *arena,
                    struct problems *problems)
{
    struct source source;
    source_init(&source, arena, problems);
    const char *kept = arena_string(arena, bytes_of(file));
    struct tree *suite = NULL;
    int rc = kept != NULL ? source_read_file(&source, kept) : -ENOMEM;
    if (rc == 0) {
        suite = tree_new(arena);
        rc = suite != NULL ? tree_fill(suite, &source, kept, problems) : -ENOMEM;
    }
    if (rc == 0) {
        config_setting_t *list = list_of(tree, name, problems);
        rc = list != NULL ? append(list, name, tree_root(suite), problems) : 1;
    }
    tree_free(suite);
    source_deinit(&source);
    return rc;
}

static int is_suite_file(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return len > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int suite_files_add_folder(struct tree *tree, const char *name, const char *folder,
                           struct config_origin origin, struct arena *arena,
                           struct problems *problems)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_suite_file, by_name);
    if (count < 0) {
        problems_add(problems, origin, "suites_dir", "%s cannot be read: %s", folder,
                     strerror(errno));
        return 1;
    }
    int worst = 0;
    for (int i = 0; i < count; i++) {
        char *path = arena_printf(arena, "%s/%s", folder, entries[i]->d_name);
        int rc = path != NULL ? suite_files_add(tree, name, path, arena, problems) : -ENOMEM;
        worst = rc < 0 || worst == 0 ? rc : worst;
        free(entries[i]);
    }
    free(entries);
    return worst;
}
