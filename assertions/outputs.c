#include "assertions/outputs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "assertions/parse_expr.h"

#define PATH_BYTES_MAX 200

bool name_is_good(const char *name)
{
    for (size_t i = 0; name[i] != '\0'; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || (c != '-' && (c < '0' || c > '9')))) {
            return false;
        }
    }
    return name[0] != '\0';
}

/* Whether the pair's name may be said, and is the first of its kind. */
static bool check_name(const struct config_pairs *pairs, size_t index,
                       const struct parse_context *context, const char *path)
{
    const struct config_pair *pair = &pairs->items[index];
    const char *what = NULL;
    if (!name_is_good(pair->name)) {
        what = "a name is letters, digits, '_' and '-', and begins with a letter or '_'";
    }
    for (size_t i = 0; i < index && what == NULL; i++) {
        if (strcmp(pairs->items[i].name, pair->name) == 0) {
            what = "the name is taken already; names are unique";
        }
    }
    if (what != NULL) {
        problems_add(context->problems, pair->value.origin, path, "%s", what);
    }
    return what == NULL;
}

int variables_check(const struct config_pairs *pairs, const struct parse_context *context,
                    const char *group)
{
    bool good = true;
    for (size_t i = 0; i < pairs->count; i++) {
        char path[PATH_BYTES_MAX];
        snprintf(path, sizeof path, "%s.%.60s", group, pairs->items[i].name);
        good &= check_name(pairs, i, context, path);
    }
    return good ? 0 : 1;
}

/* 0; 1: a problem was added; -ENOMEM. */
static int compile_one(const struct config_pairs *pairs, size_t index,
                       const struct parse_context *suite, const char *group, struct output *outputs)
{
    const struct config_pair *pair = &pairs->items[index];
    char path[PATH_BYTES_MAX];
    struct parse_context context = *suite;
    struct output *output = &outputs[index];
    snprintf(path, sizeof path, "%s.%.60s", group, pair->name);
    context.path = path;
    context.origin = pair->value.origin;
    context.outputs = outputs;
    context.output_count = (uint32_t)index;
    bool named = check_name(pairs, index, &context, path);
    output->name = arena_copy(context.arena, bytes_of(pair->name));
    output->text = arena_copy(context.arena, bytes_of(pair->value.text));
    output->value = parse_alone(&context, bytes_of(pair->value.text), PARSE_OUTPUT);
    if (output->name.data == NULL || output->text.data == NULL || context.store->no_memory) {
        return -ENOMEM;
    }
    if (output->value == NULL || !named) {
        return 1;
    }
    return expr_reads(output->value, context.arena, &output->reads);
}

int outputs_compile(const struct config_pairs *pairs, const struct parse_context *context,
                    const char *group, const struct output **ret, uint32_t *ret_count)
{
    struct output *outputs = arena_calloc(context->arena, pairs->count + 1, sizeof *outputs);
    bool bad = false;
    if (outputs == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < pairs->count; i++) {
        int r = compile_one(pairs, i, context, group, outputs);
        if (r < 0) {
            return r;
        }
        bad |= r != 0;
    }
    *ret = outputs;
    *ret_count = (uint32_t)pairs->count;
    return bad ? 1 : 0;
}
