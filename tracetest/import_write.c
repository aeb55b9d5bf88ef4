/* All suites of an import, with what they share. */
#include <errno.h>

#include "tracetest/import_suite.h"

char *import_own_name(struct arena *arena, struct bytes name)
{
    int first = name.len > 0 ? name.data[0] : 0;
    bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
    char *own = arena_printf(arena, "%s%.*s", letter ? "" : "v", /* libconfig's begin with one */
                             (int)(name.len < 200 ? name.len : 200), (const char *)name.data);
    for (char *c = own; c != NULL && *c != '\0'; c++) {
        bool good = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                    (*c >= '0' && *c <= '9') || *c == '_';
        *c = good ? *c : '_';
    }
    return own;
}

/* Of a variable: unlike those before it. */
static const char *own_name(struct import *import, const struct known_variable *variables,
                            uint32_t count, struct bytes name)
{
    char *own = import_own_name(&import->arena, name);
    for (uint32_t i = 0; i < count && own != NULL; i++) {
        if (strcmp(variables[i].own, own) == 0) {
            return arena_printf(&import->arena, "%s_%u", own, (unsigned)count);
        }
    }
    return own;
}

static const struct definition *next_of(const struct import *import, uint32_t *file,
                                        const struct definition *now)
{
    now = now != NULL ? now->next : NULL;
    while (now == NULL && *file < import->file_count) {
        now = import->files[(*file)++];
    }
    return now;
}

static void count_up(struct import_shared *shared, uint32_t *ret_variables)
{
    uint32_t file = 0;
    for (const struct definition *definition = next_of(shared->import, &file, NULL);
         definition != NULL; definition = next_of(shared->import, &file, definition)) {
        shared->test_count += definition->type == DEFINITION_TEST;
        *ret_variables +=
            definition->type == DEFINITION_VARIABLES ? definition->variables.count : 0;
    }
}

static void add_variable(struct import_shared *shared, const struct definition *definition,
                         const struct definition_variable *variable)
{
    struct known_variable *known = &shared->variables[shared->variable_count];
    known->name = variable->key.text;
    known->value = variable->value.text;
    known->is_secret = variable->is_secret;
    known->own = own_name(shared->import, shared->variables, shared->variable_count, known->name);
    shared->no_memory |= known->own == NULL;
    shared->variable_count += known->own != NULL;
    if (variable->is_secret) {
        messages_add(&shared->import->messages, definition->file, variable->key.line,
                     "yours to inject: the secret '%.*s' is not written; it is read from the "
                     "environment variable %s",
                     (int)(known->name.len < 100 ? known->name.len : 100),
                     (const char *)known->name.data, known->own != NULL ? known->own : "");
    }
}

static void gather_variables(struct import_shared *shared)
{
    uint32_t file = 0;
    for (const struct definition *definition = next_of(shared->import, &file, NULL);
         definition != NULL; definition = next_of(shared->import, &file, definition)) {
        for (uint32_t i = 0;
             definition->type == DEFINITION_VARIABLES && i < definition->variables.count; i++) {
            add_variable(shared, definition, &definition->variables.items[i]);
        }
    }
}

/* The only TestSuite that has the test as a step; NULL: none, or several. */
static const struct definition *suite_of(struct import_shared *shared,
                                         const struct definition *test)
{
    const struct definition *found = NULL;
    uint32_t file = 0;
    for (const struct definition *suite = next_of(shared->import, &file, NULL); suite != NULL;
         suite = next_of(shared->import, &file, suite)) {
        for (uint32_t i = 0; suite->type == DEFINITION_SUITE && i < suite->suite.step_count; i++) {
            struct bytes step = suite->suite.steps[i].text;
            const char *path = import_step_path(shared->import, suite, step);
            if (import_is_test(test, step) || (path != NULL && strcmp(path, test->file) == 0)) {
                if (found != NULL && found != suite) {
                    return NULL;
                }
                found = suite;
            }
        }
    }
    return found;
}

/* Steps that no file gives. */
static void report_steps(struct import_shared *shared, const struct definition *suite)
{
    for (uint32_t i = 0; i < suite->suite.step_count; i++) {
        const struct definition_text *step = &suite->suite.steps[i];
        bool known = import_step_path(shared->import, suite, step->text) != NULL;
        uint32_t file = 0;
        for (const struct definition *definition = next_of(shared->import, &file, NULL);
             definition != NULL; definition = next_of(shared->import, &file, definition)) {
            known = known || import_is_test(definition, step->text);
        }
        if (!known) {
            messages_add(&shared->import->messages, suite->file, step->line,
                         "not carried over: the step '%.*s' is no test of the files given",
                         (int)(step->text.len < 100 ? step->text.len : 100),
                         (const char *)step->text.data);
        }
    }
}

/* Tracetest has one: what it says holds for every test. */
static void gather_analyzer(struct import_shared *shared)
{
    uint32_t file = 0;
    for (const struct definition *definition = next_of(shared->import, &file, NULL);
         definition != NULL; definition = next_of(shared->import, &file, definition)) {
        if (definition->type != DEFINITION_ANALYZER) {
            continue;
        }
        if (shared->analyzer == NULL && definition->analyzer.enabled) {
            shared->analyzer = definition;
        } else {
            messages_add(&shared->import->messages, definition->file, definition->line,
                         "not carried over: this Analyzer: %s",
                         definition->analyzer.enabled ? "there is one already"
                                                      : "it is switched off");
        }
    }
}

/* Of an analyzer without tests. */
static void put_analyzer(struct import_shared *shared)
{
    buf_append_text(shared->out, "{\n  name = \"analyzer\";\n");
    analyzer_document_write(&shared->analyzer->analyzer, shared->out);
    buf_append_char(shared->out, '}');
}

static void put_all(struct import_shared *shared)
{
    buf_append_text(shared->out, "# Made from Tracetest's definitions by `assertd import "
                                 "tracetest`; see docs/import.md.\nsuites = (\n");
    uint32_t file = 0;
    for (const struct definition *definition = next_of(shared->import, &file, NULL);
         definition != NULL; definition = next_of(shared->import, &file, definition)) {
        if (definition->type == DEFINITION_TEST) {
            import_put_test(shared, definition, suite_of(shared, definition));
        } else if (definition->type == DEFINITION_SUITE) {
            report_steps(shared, definition);
        }
    }
    if (shared->test_count == 0 && shared->analyzer != NULL) {
        put_analyzer(shared);
    }
    buf_append_text(shared->out, "\n);\n");
}

int import_write(struct import *import, struct buf *out)
{
    struct import_shared shared = {.import = import, .out = out};
    uint32_t variables = 0;
    count_up(&shared, &variables);
    shared.variables = arena_calloc(&import->arena, variables + 1, sizeof *shared.variables);
    shared.suite_names = arena_calloc(&import->arena, shared.test_count + 1, sizeof(char *));
    if (shared.variables == NULL || shared.suite_names == NULL) {
        return -ENOMEM;
    }
    gather_variables(&shared);
    gather_analyzer(&shared);
    put_all(&shared);
    return shared.no_memory || out->failed || import->messages.text.failed ? -ENOMEM : 0;
}
