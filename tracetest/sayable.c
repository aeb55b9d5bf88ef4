/* The parsers get what the suite will give them: its variables, and for what reads outputs these
 * and the names of their spans. What only the environment will tell, secrets too, is tried as a
 * text, a number and a duration. */
#include "tracetest/sayable.h"

#include "assertions/outputs.h"
#include "assertions/suite_settings.h"

struct asking {
    struct translation *translation;
    struct arena arena; /* of what the parser makes, which nobody needs */
    struct expression_store store;
    struct problems problems;
    struct config_pairs variables;
    struct parse_context context;
};

static const char *a_text(const char *name)
{
    (void)name;
    return "x";
}

static const char *a_number(const char *name)
{
    (void)name;
    return "1";
}

static const char *a_duration(const char *name)
{
    (void)name;
    return "1ms";
}

typedef const char *(*environment)(const char *name);
static const environment guesses[] = {a_text, a_number, a_duration};
#define GUESSES (sizeof guesses / sizeof guesses[0])

static void give_variables(struct asking *asking, environment guess)
{
    const struct translation *translation = asking->translation;
    struct config_pair *pairs =
        arena_calloc(&asking->arena, translation->variable_count + 1, sizeof *pairs);
    for (uint32_t i = 0; i < translation->variable_count && pairs != NULL; i++) {
        const struct known_variable *known = &translation->variables[i];
        struct buf text = BUF_NULL;
        append_literal(&text, known->value);
        pairs[i].name = known->own;
        pairs[i].value.text =
            known->is_secret ? guess("") : arena_string(&asking->arena, buf_bytes(&text));
        asking->translation->no_memory |= pairs[i].value.text == NULL || text.failed;
        buf_deinit(&text);
        asking->variables.count += pairs[i].value.text != NULL;
    }
    asking->variables.items = pairs;
    asking->translation->no_memory |= pairs == NULL;
}

static void begin(struct asking *asking, struct translation *translation, environment guess)
{
    *asking = (struct asking){
        .translation = translation, .arena = ARENA_INIT(4096, 0), .store = EXPRESSION_STORE_INIT};
    problems_init(&asking->problems);
    give_variables(asking, guess);
    asking->context = (struct parse_context){.arena = &asking->arena,
                                             .store = &asking->store,
                                             .problems = &asking->problems,
                                             .origin = CONFIG_ORIGIN_NONE,
                                             .path = "import",
                                             .semconv_aliases = true,
                                             .variables = &asking->variables,
                                             .getenv = guess};
}

static bool end(struct asking *asking, bool taken, bool last)
{
    struct translation *translation = asking->translation;
    if (!taken && last) {
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

/* The outputs so far, and the names that they read. */
static bool give_outputs(struct asking *asking)
{
    const struct translation *translation = asking->translation;
    uint32_t count = translation->output_count;
    struct span_name *names = arena_calloc(&asking->arena, count + 1, sizeof *names);
    struct config_pair *pairs = arena_calloc(&asking->arena, count + 1, sizeof *pairs);
    struct config_pairs outputs = {pairs, count};
    if (names == NULL || pairs == NULL) {
        asking->translation->no_memory = true;
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct said_output *output = &translation->outputs[i];
        pairs[i].name = output->name;
        pairs[i].value.text = output->value;
        if (output->span != NULL) {
            struct span_name *name = &names[asking->context.name_count];
            name->name = bytes_of(output->span);
            name->index = asking->context.name_count++;
            name->selector = parse_selector(&asking->context, output->selector);
        }
    }
    asking->context.names = names;
    return outputs_compile(&outputs, &asking->context, "outputs", &asking->context.outputs,
                           &asking->context.output_count) == 0;
}

bool sayable_selector(struct translation *translation, struct bytes text)
{
    bool taken = false;
    for (size_t i = 0; i < GUESSES && !taken; i++) {
        struct asking asking;
        begin(&asking, translation, guesses[i]);
        taken = parse_selector(&asking.context, text) != NULL;
        end(&asking, taken, i + 1 == GUESSES);
    }
    return taken;
}

bool sayable_condition(struct translation *translation, struct bytes text, bool has_select)
{
    bool taken = false;
    bool outputs = bytes_contain(text, BYTES_LITERAL("output:"));
    for (size_t i = 0; i < GUESSES && !taken; i++) {
        struct asking asking;
        begin(&asking, translation, guesses[i]);
        taken = (!outputs || give_outputs(&asking)) &&
                parse_condition(&asking.context, text, has_select, 0) != NULL;
        end(&asking, taken, i + 1 == GUESSES);
    }
    return taken;
}

bool sayable_outputs(struct translation *translation)
{
    bool taken = false;
    for (size_t i = 0; i < GUESSES && !taken; i++) {
        struct asking asking;
        begin(&asking, translation, guesses[i]);
        taken = give_outputs(&asking);
        end(&asking, taken, i + 1 == GUESSES);
    }
    return taken;
}
