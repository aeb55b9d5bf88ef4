#include "tracetest/import.h"

#include <errno.h>

#include "tracetest/import_suite.h"

void import_init(struct import *import)
{
    *import = (struct import){.arena = ARENA_INIT(65536, 0), .messages = MESSAGES_NULL};
}

void import_deinit(struct import *import)
{
    messages_deinit(&import->messages);
    arena_deinit(&import->arena);
}

/* Room for one more file. */
static int reserve(struct import *import)
{
    if (import->files == NULL) {
        import->files = arena_calloc(&import->arena, IMPORT_FILES_MAX, sizeof(void *));
        import->names = arena_calloc(&import->arena, IMPORT_FILES_MAX, sizeof(char *));
    }
    return import->files == NULL || import->names == NULL ? -ENOMEM : 0;
}

static int add(struct import *import, const char *name, const struct definition *first)
{
    import->files[import->file_count] = first;
    import->names[import->file_count++] = name;
    return import->messages.text.failed ? -ENOMEM : 0;
}

int import_add(struct import *import, const char *name, struct bytes text)
{
    const struct definition *first = NULL;
    const char *copy = arena_string(&import->arena, bytes_of(name));
    if (copy == NULL || reserve(import) != 0) {
        return -ENOMEM;
    }
    if (import->file_count == IMPORT_FILES_MAX) {
        messages_add(&import->messages, name, 0, "too many files");
        return 1;
    }
    int bad = definition_read(&first, copy, text, &import->arena, &import->messages);
    return bad ? bad : add(import, copy, first);
}

int import_skip(struct import *import, const char *name, const char *why)
{
    messages_add(&import->messages, name, 0, "not carried over: a TestSuite names it: %s", why);
    if (import->file_count == IMPORT_FILES_MAX || reserve(import) != 0) {
        return -ENOMEM;
    }
    return add(import, name, NULL);
}

/* Steps. */

bool import_is_test(const struct definition *definition, struct bytes step)
{
    return definition->type == DEFINITION_TEST && (bytes_equal(definition->test.id.text, step) ||
                                                   bytes_equal(definition->test.name.text, step));
}

/* A step's file, from the folder of the suite's; NULL: the step is no path, or no memory. */
const char *import_step_path(struct import *import, const struct definition *suite,
                             struct bytes step)
{
    const char *slash = strrchr(suite->file, '/');
    size_t folder = slash != NULL ? (size_t)(slash - suite->file) + 1 : 0;
    bool yaml = step.len > 5 && (memcmp(step.data + step.len - 5, ".yaml", 5) == 0 ||
                                 memcmp(step.data + step.len - 4, ".yml", 4) == 0);
    if (!yaml) {
        return NULL;
    }
    while (bytes_start_with(step, BYTES_LITERAL("./"))) {
        step = bytes_from(step.data + 2, step.len - 2);
    }
    folder = step.len > 0 && step.data[0] == '/' ? 0 : folder;
    return arena_printf(&import->arena, "%.*s%.*s", (int)folder, suite->file, (int)step.len,
                        (const char *)step.data);
}

static bool is_known(const struct import *import, const char *path)
{
    for (uint32_t i = 0; i < import->file_count; i++) {
        if (strcmp(import->names[i], path) == 0) {
            return true;
        }
    }
    return false;
}

static bool names_a_test(const struct import *import, struct bytes step)
{
    for (uint32_t i = 0; i < import->file_count; i++) {
        for (const struct definition *d = import->files[i]; d != NULL; d = d->next) {
            if (import_is_test(d, step)) {
                return true;
            }
        }
    }
    return false;
}

static const char *wanted_by(struct import *import, const struct definition *suite)
{
    for (uint32_t i = 0; i < suite->suite.step_count; i++) {
        struct bytes step = suite->suite.steps[i].text;
        const char *path =
            names_a_test(import, step) ? NULL : import_step_path(import, suite, step);
        if (path != NULL && !is_known(import, path)) {
            return path;
        }
    }
    return NULL;
}

const char *import_wanted(struct import *import)
{
    if (import->file_count == IMPORT_FILES_MAX) {
        return NULL;
    }
    for (uint32_t i = 0; i < import->file_count; i++) {
        for (const struct definition *d = import->files[i]; d != NULL; d = d->next) {
            const char *path = d->type == DEFINITION_SUITE ? wanted_by(import, d) : NULL;
            if (path != NULL) {
                return path;
            }
        }
    }
    return NULL;
}
