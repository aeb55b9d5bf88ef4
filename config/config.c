/*
 * Files become one tree, overrides are written into it, and the table reads it once. The tree does
 * not outlive loading: texts and origins are copied into the arena.
 */
#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "config/loaded.h"
#include "config/override.h"
#include "config/reader.h"
#include "config/suite_files.h"
#include "config/text_file.h"

#define FIRST_CHUNK_BYTES 4096

struct loading {
    const struct config_request *request;
    const struct option_table *table;
    struct arena *arena;
    struct problems *problems;
    struct tree *tree;
    struct reader reader;
    size_t errors_before; /* the caller's collection need not be empty */
    bool is_usable;
};

static const char *environment(const char *name)
{
    return getenv(name);
}

static int read_main_file(struct loading *loading)
{
    struct source source;
    const char *file = loading->request->file;
    if (file == NULL) {
        return 0;
    }
    const char *kept = arena_string(loading->arena, bytes_of(file));
    if (kept == NULL) {
        return -ENOMEM;
    }
    source_init(&source, loading->arena, loading->problems);
    int rc = source_read_file(&source, kept);
    rc = rc == 0 ? tree_fill(loading->tree, &source, kept, loading->problems) : rc;
    source_deinit(&source);
    return rc;
}

/* The overrides of suites wait for the files that suites come from. */
static int apply_overrides(struct loading *loading, bool of_suites)
{
    const struct config_request *request = loading->request;
    for (size_t i = 0; i < request->override_count; i++) {
        const struct config_override *override = &request->overrides[i];
        bool is_of_suites =
            request->suites_path != NULL && override_is_below(override->path, request->suites_path);
        if (is_of_suites != of_suites) {
            continue;
        }
        int rc = override_apply(loading->tree, loading->table, override, loading->arena,
                                loading->problems);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

static const struct option *option_of(const struct option_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->options[i].name, name) == 0) {
            return &table->options[i];
        }
    }
    return NULL;
}

static int add_suites_folder(struct loading *loading)
{
    const struct config_request *request = loading->request;
    const char *path = request->suites_dir_path;
    const struct option *option = path != NULL ? option_of(loading->table, path) : NULL;
    if (option == NULL || request->suites_path == NULL) {
        return 0;
    }
    const char *named = reader_peek_text(&loading->reader, option, tree_root(loading->tree));
    if (named == NULL || named[0] == '\0') {
        return 0;
    }
    const char *folder = source_relative(loading->arena, request->file, bytes_of(named));
    if (folder == NULL) {
        return -ENOMEM;
    }
    struct config_origin origin = tree_member_origin(loading->tree, path);
    return suite_files_add_folder(loading->tree, request->suites_path, folder, origin,
                                  loading->arena, loading->problems);
}

static int add_suites(struct loading *loading)
{
    const struct config_request *request = loading->request;
    int rc = add_suites_folder(loading);
    for (size_t i = 0; rc >= 0 && request->suites_path != NULL && i < request->suite_file_count;
         i++) {
        rc = suite_files_add(loading->tree, request->suites_path, request->suite_files[i],
                             loading->arena, loading->problems);
    }
    return rc;
}

/* Everything that can be looked at is, even where something was wrong before. */
static int load(struct loading *loading, void *root)
{
    int main_rc = read_main_file(loading);
    int rc = main_rc;
    rc = rc >= 0 ? apply_overrides(loading, false) : rc;
    rc = rc >= 0 ? add_suites(loading) : rc;
    rc = rc >= 0 ? apply_overrides(loading, true) : rc;
    if (rc < 0) {
        return rc;
    }
    if (main_rc == 0) {
        reader_fill(&loading->reader, loading->table, tree_root(loading->tree), root);
    }
    if (loading->reader.out_of_memory) {
        return -ENOMEM;
    }
    loading->is_usable = main_rc == 0 && !loading->reader.has_holes;
    return loading->problems->errors > loading->errors_before ? 1 : 0;
}

/* The struct lives in its own arena, so that one free ends everything. */
static struct config *config_new(const struct option_table *table)
{
    struct arena arena = ARENA_INIT(FIRST_CHUNK_BYTES, 0);
    struct config *config = arena_calloc(&arena, 1, sizeof *config);
    void *root = config != NULL ? arena_calloc(&arena, 1, table->struct_bytes) : NULL;
    if (root == NULL) {
        arena_deinit(&arena);
        return NULL;
    }
    config->table = table;
    config->root = root;
    config->arena = arena;
    return config;
}

int config_load(struct config **ret, const struct option_table *table,
                const struct config_request *request, struct problems *problems)
{
    struct config *config = config_new(table);
    if (config == NULL) {
        return -ENOMEM;
    }
    struct loading loading = {.request = request,
                              .table = table,
                              .arena = &config->arena,
                              .problems = problems,
                              .errors_before = problems->errors};
    reader_init(&loading.reader, &config->arena, problems,
                request->getenv != NULL ? request->getenv : environment);
    loading.tree = tree_new(&config->arena);
    int rc = loading.tree != NULL ? load(&loading, config->root) : -ENOMEM;
    tree_free(loading.tree);
    reader_deinit(&loading.reader);
    if (rc == 0 || (rc == 1 && request->keep_usable && loading.is_usable)) {
        *ret = config;
    } else {
        config_free(config);
    }
    return rc;
}

void config_free(struct config *config)
{
    if (config != NULL) {
        struct arena arena = config->arena;
        arena_deinit(&arena);
    }
}

const void *config_root(const struct config *config)
{
    return config->root;
}

/* Advice only: in a container the mount may leave no choice. */
static void advise_mode(const char *path, struct config_origin origin, const char *option,
                        struct problems *problems)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & S_IROTH) != 0) {
        problems_advise(problems, origin, option, "every user may read the file %s: chmod o-r",
                        path);
    }
}

int config_read_secret(const char *path, struct config_origin origin, const char *option,
                       struct problems *problems, struct buf *ret)
{
    struct text_file_flaw flaw;
    struct buf text = BUF_NULL;
    int rc = text_file_read(path, &text, &flaw);
    struct bytes line = buf_bytes(&text);
    if (rc == 0 && line.len > 0) {
        const uint8_t *end = memchr(line.data, '\n', line.len);
        line =
            bytes_trim(bytes_from(line.data, end != NULL ? (size_t)(end - line.data) : line.len));
    }
    if (rc == 1) {
        problems_add(problems, origin, option, "the file %s cannot be read: %s", path, flaw.why);
    } else if (rc == 0 && line.len == 0) {
        problems_add(problems, origin, option, "the file %s holds no secret in its first line",
                     path);
        rc = 1;
    } else if (rc == 0) {
        advise_mode(path, origin, option, problems);
        buf_append_bytes(ret, line);
    }
    buf_deinit(&text);
    return rc;
}
