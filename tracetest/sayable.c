#include "tracetest/sayable.h"

#include "assertions/expression.h"
#include "assertions/suite_settings.h"

struct asking {
    struct translation *translation;
    struct arena arena; /* of what the parser makes, which nobody needs */
    struct expression_store store;
    struct problems problems;
    struct parse_context context;
};

static void begin(struct asking *asking, struct translation *translation)
{
    *asking = (struct asking){
        .translation = translation, .arena = ARENA_INIT(4096, 0), .store = EXPRESSION_STORE_INIT};
    problems_init(&asking->problems);
    asking->context = (struct parse_context){.arena = &asking->arena,
                                             .store = &asking->store,
                                             .problems = &asking->problems,
                                             .origin = CONFIG_ORIGIN_NONE,
                                             .path = "import"};
}

static bool end(struct asking *asking, bool taken)
{
    struct translation *translation = asking->translation;
    if (!taken) {
        const char *why =
            asking->problems.count > 0 ? asking->problems.items[0].text : "memory is exhausted";
        translation->no_memory |= asking->store.no_memory || asking->problems.count == 0;
        translation_lose(translation,
                         arena_printf(translation->arena, "it can't be said here: %s", why));
    }
    problems_deinit(&asking->problems);
    arena_deinit(&asking->arena);
    return taken;
}

bool sayable_selector(struct translation *translation, struct bytes text)
{
    struct asking asking;
    begin(&asking, translation);
    return end(&asking, parse_selector(&asking.context, text) != NULL);
}

bool sayable_condition(struct translation *translation, struct bytes text, bool has_select)
{
    struct asking asking;
    begin(&asking, translation);
    return end(&asking, parse_condition(&asking.context, text, has_select, 0) != NULL);
}

/* What an output may be may also be asked whether it exists. */
bool sayable_output(struct translation *translation, struct bytes value, const char *name,
                    struct bytes selector)
{
    struct asking asking;
    struct buf text = BUF_NULL;
    struct span_name names[1] = {{.name = bytes_of(name)}};
    begin(&asking, translation);
    bool taken = true;
    if (selector.len > 0) {
        names[0].selector = parse_selector(&asking.context, selector);
        asking.context.names = names;
        asking.context.name_count = 1;
        taken = names[0].selector != NULL;
    }
    buf_append_bytes(&text, value);
    buf_append_text(&text, " exists");
    taken = taken && !text.failed &&
            parse_condition(&asking.context, buf_bytes(&text), false, 0) != NULL;
    translation->no_memory |= text.failed;
    buf_deinit(&text);
    return end(&asking, taken);
}

bool sayable_setting(const char *name)
{
    for (size_t i = 0; i < suite_table.count; i++) {
        if (strcmp(suite_table.options[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}
