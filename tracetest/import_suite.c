#include "tracetest/import_suite.h"

#include <errno.h>

#include "config/config.h"
#include "config/expand.h"
#include "tracetest/special.h"

#define NAME_BYTES_MAX 200u

/* Names and texts. */

static bool is_taken(const char **taken, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(taken[i], name) == 0) {
            return true;
        }
    }
    return false;
}

const char *import_unique(struct arena *arena, const char **taken, uint32_t *count,
                          struct bytes name, const char *otherwise)
{
    struct buf clean = BUF_NULL;
    name = name.len > 0 ? name : bytes_of(otherwise);
    name.len = name.len < NAME_BYTES_MAX ? name.len : NAME_BYTES_MAX;
    messages_append_clean(&clean, name);
    const char *unique = clean.failed ? NULL : arena_string(arena, buf_bytes(&clean));
    for (uint32_t i = 2; unique != NULL && is_taken(taken, *count, unique); i++) {
        unique =
            arena_printf(arena, "%.*s (%u)", (int)clean.len, (const char *)clean.data, (unsigned)i);
    }
    buf_deinit(&clean);
    if (unique != NULL) {
        taken[(*count)++] = unique;
    }
    return unique;
}

static void put_text(struct import_shared *shared, struct buf *out, struct bytes text)
{
    struct buf escaped = BUF_NULL;
    expand_escape(&escaped, text);
    config_print_quoted(out, buf_bytes(&escaped));
    shared->no_memory |= escaped.failed;
    buf_deinit(&escaped);
}

void import_put_text(struct import_shared *shared, struct bytes text)
{
    put_text(shared, shared->out, text);
}

/* Settings of a suite. */

static void put_labels(struct import_shared *shared, const struct definition *test,
                       const struct definition *suite)
{
    if (shared->test_count < 2) {
        return;
    }
    buf_append_text(shared->out, "  # one of several: only traces whose injection record says so\n"
                                 "  labels = { ");
    if (suite != NULL) {
        buf_append_text(shared->out, "scenario = ");
        import_put_text(shared, suite->suite.name.text.data != NULL ? suite->suite.name.text
                                                                    : suite->suite.id.text);
        buf_append_text(shared->out, "; ");
    }
    buf_append_text(shared->out, "step = ");
    import_put_text(shared,
                    test->test.id.text.data != NULL ? test->test.id.text : test->test.name.text);
    buf_append_text(shared->out, "; };\n");
}

static void put_variable(struct import_shared *shared, const struct known_variable *variable)
{
    struct buf value = BUF_NULL;
    buf_printf(shared->out, "    %s = ", variable->own);
    if (variable->is_secret) {
        buf_printf(shared->out, "\"${env:%s}\"; # a secret is not written\n", variable->own);
        return;
    }
    append_literal(&value, variable->value);
    import_put_text(shared, buf_bytes(&value));
    buf_append_text(shared->out, ";\n");
    shared->no_memory |= value.failed;
    buf_deinit(&value);
}

static void put_variables(struct import_shared *shared)
{
    bool any = false;
    for (uint32_t i = 0; i < shared->variable_count; i++) {
        if (shared->variables[i].is_used) {
            buf_append_text(shared->out, any ? "" : "  variables = {\n");
            any = true;
            put_variable(shared, &shared->variables[i]);
        }
    }
    buf_append_text(shared->out, any ? "  };\n" : "");
}

static void put_head(struct import_shared *shared, const struct definition *test,
                     const struct definition *suite)
{
    struct buf *out = shared->out;
    const struct definition_text *trigger = &test->test.trigger;
    buf_printf(out, "%s{\n  # ", shared->suite_count > 0 ? ",\n" : "");
    messages_append_clean(out, bytes_of(test->file));
    buf_printf(out, ":%u\n", test->line);
    if (test->test.description.text.len > 0) {
        buf_append_text(out, "  # ");
        messages_append_clean(out, test->test.description.text);
        buf_append_char(out, '\n');
    }
    if (trigger->line != 0) {
        buf_append_text(out, "  # yours to inject: ");
        messages_append_clean(out, trigger->text);
        buf_append_text(out, test->test.request.len > 0 ? " " : "");
        buf_append_bytes(out, test->test.request);
        buf_append_char(out, '\n');
        messages_add(&shared->import->messages, test->file, trigger->line,
                     "yours to inject: the trigger %.*s%s%.*s", (int)trigger->text.len,
                     (const char *)trigger->text.data, test->test.request.len > 0 ? " " : "",
                     (int)test->test.request.len, (const char *)test->test.request.data);
    }
    buf_append_text(out, "  name = ");
    const char *name = import_unique(
        &shared->import->arena, shared->suite_names, &shared->suite_count,
        test->test.name.text.data != NULL ? test->test.name.text : test->test.id.text, "imported");
    shared->no_memory |= name == NULL;
    import_put_text(shared, bytes_of(name));
    buf_append_text(out, ";\n");
    put_labels(shared, test, suite);
    buf_append_text(out, "  semconv_aliases = true;\n");
}

/* A suite. */

static void cut_specs(struct import_shared *shared, const struct definition *test,
                      uint32_t *ret_count)
{
    *ret_count = test->test.spec_count;
    if (*ret_count > IMPORT_SPECS_MAX) {
        messages_add(&shared->import->messages, test->file, test->test.specs[IMPORT_SPECS_MAX].line,
                     "not carried over: what is beyond %u specs of one test", IMPORT_SPECS_MAX);
        *ret_count = IMPORT_SPECS_MAX;
    }
}

static uint32_t count_names(const struct definition *test, uint32_t specs)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < specs; i++) {
        count += test->test.specs[i].assertion_count;
    }
    return count;
}

static void put_specs(struct import_shared *shared, struct translation *translation,
                      const struct definition *test, struct buf *out)
{
    struct import_shared inner = *shared;
    struct import_specs specs = {.shared = &inner, .translation = translation, .out = out};
    uint32_t count;
    inner.out = out;
    cut_specs(shared, test, &count);
    specs.name_room = count_names(test, count);
    specs.names =
        arena_calloc(translation->arena, specs.name_room > 0 ? specs.name_room : 1, sizeof(char *));
    for (uint32_t i = 0; i < count && specs.names != NULL; i++) {
        import_put_spec(&specs, &test->test.specs[i]);
    }
    shared->no_memory |= inner.no_memory || specs.names == NULL;
    if (specs.assertion_count == 0) {
        messages_add(translation->messages, translation->file, test->line,
                     "the test has no assertion that could be carried over: every trace passes");
    }
}

void import_put_test(struct import_shared *shared, const struct definition *test,
                     const struct definition *suite)
{
    struct arena arena = ARENA_INIT(16384, 0);
    struct buf outputs = BUF_NULL;
    struct buf specs = BUF_NULL;
    struct messages later = MESSAGES_NULL;
    struct translation translation = {.arena = &arena,
                                      .messages = &shared->import->messages,
                                      .file = test->file,
                                      .test = &test->test,
                                      .variables = shared->variables,
                                      .variable_count = shared->variable_count,
                                      .text = BUF_NULL};
    translation.output_names =
        arena_calloc(&arena, test->test.output_count + 1, sizeof *translation.output_names);
    for (uint32_t i = 0; i < shared->variable_count; i++) {
        shared->variables[i].is_used = false;
    }
    put_head(shared, test, suite);
    if (translation.output_names != NULL) {
        translation.messages = &later;
        import_put_outputs(&translation, &outputs);
        translation.messages = &shared->import->messages;
        put_specs(shared, &translation, test, &specs);
        messages_append(&shared->import->messages, &later);
    }
    put_variables(shared);
    buf_append_bytes(shared->out, buf_bytes(&outputs));
    if (shared->analyzer != NULL) {
        analyzer_document_write(&shared->analyzer->analyzer, shared->out);
    }
    buf_append_text(shared->out, "  assertions = (\n");
    buf_append_bytes(shared->out, buf_bytes(&specs));
    buf_append_text(shared->out, "  );\n}");
    shared->no_memory |= translation.no_memory || outputs.failed || specs.failed ||
                         translation.text.failed || translation.output_names == NULL;
    buf_deinit(&translation.text);
    messages_deinit(&later);
    buf_deinit(&outputs);
    buf_deinit(&specs);
    arena_deinit(&arena);
}
