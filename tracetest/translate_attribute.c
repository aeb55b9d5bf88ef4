/* What an expression reads: attributes of spans, of the trigger, of its response; variables. */
#include "tracetest/special.h"
#include "tracetest/translation.h"

/* Attributes. */

static bool say_injection(struct translation *translation, const char *key, struct said *ret)
{
    buf_printf(&translation->text, "$injection.%s", key);
    translation->needs = translation->needs == NULL ? key : translation->needs;
    translation_tell_once(
        translation,
        translation_say(translation, "yours to inject: '", bytes_of(key),
                        "' in the injection record; where it is missing the assertion is skipped"));
    *ret = (struct said){.class = SAID_ANY};
    return true;
}

static enum said_class class_of(enum special special)
{
    switch (special) {
    case SPECIAL_NONE:
    case SPECIAL_COUNT:
        return SAID_ANY;
    case SPECIAL_KIND:
        return SAID_KIND;
    case SPECIAL_STATUS:
        return SAID_STATUS;
    case SPECIAL_DURATION:
        return SAID_DURATION;
    case SPECIAL_START:
    case SPECIAL_END:
        return SAID_TIME;
    case SPECIAL_EVENTS:
        return SAID_EVENTS;
    default:
        return SAID_TEXT;
    }
}

/* What the trigger's span tells is what the injection's record tells. */
static bool say_trigger(struct translation *translation, enum special special, struct bytes name,
                        struct said *ret)
{
    bool good = special == SPECIAL_DURATION || special == SPECIAL_START;
    if (!good) {
        return translation_lose(
            translation,
            translation_say(translation,
                            "the trigger's span is not in the trace here, so nothing has its ",
                            name, ""));
    }
    say_injection(translation, special == SPECIAL_DURATION ? "duration" : "time", ret);
    ret->class = class_of(special);
    return true;
}

static bool say_response(struct translation *translation, enum special special, struct said *ret)
{
    switch (special) {
    case SPECIAL_RESPONSE_STATUS:
        say_injection(translation, "status", ret);
        ret->class = SAID_NUMBER;
        return true;
    case SPECIAL_RESPONSE_BODY:
        return say_injection(translation, "response.body", ret);
    default:
        return say_injection(translation, "response.headers", ret);
    }
}

/* Attributes that resources have. On the left a bare key finds them. */
static bool is_of_resource(struct bytes name)
{
    static const char *const spaces[] = {"service.",    "k8s.",     "host.",
                                         "container.",  "cloud.",   "telemetry.",
                                         "deployment.", "process.", "os."};
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        if (bytes_start_with(name, bytes_of(spaces[i]))) {
            return true;
        }
    }
    return false;
}

static bool say_key(struct translation *translation, enum special special, struct bytes name,
                    enum said_side side)
{
    struct buf *out = &translation->text;
    const char *key = special_key(special);
    translation->reads_span = true;
    bool prefixed = key != NULL && strchr(key, ':') != NULL;
    if (translation->of_span != NULL) {
        buf_printf(out, "$%s.", translation->of_span);
    } else if (side == SAID_RIGHT && !prefixed) {
        buf_append_text(out, key != NULL ? "span:" : is_of_resource(name) ? "resource:" : "attr:");
    }
    if (key != NULL) {
        buf_append_text(out, key);
        return true;
    }
    return append_key(out, name) ||
           translation_lose(translation, "an attribute's name can't be written");
}

bool translate_attribute(struct translation *translation, struct bytes name, enum said_side side,
                         struct said *ret)
{
    enum special special = special_find(name);
    if (special_is_response(special)) {
        return say_response(translation, special, ret);
    }
    if (special == SPECIAL_COUNT) {
        return translation_lose(translation, "the number of selected spans stands in no expression "
                                             "here, but alone on the left");
    }
    if (translation->on_injection) {
        return say_trigger(translation, special, name, ret);
    }
    if (special == SPECIAL_EVENTS) {
        return translation_lose(translation, "the events of a span are no JSON text here; write "
                                             "conditions on event:name and event:KEY");
    }
    if (special == SPECIAL_NONE && bytes_start_with(name, BYTES_LITERAL("tracetest."))) {
        return translation_lose(translation,
                                translation_say(translation, "nothing here has ", name, ""));
    }
    *ret = (struct said){.class = class_of(special)};
    return say_key(translation, special, name, side);
}

/* Variables. */

/* What our outputs call one of Tracetest's; NULL: there is none. */
static const char *output_name(const struct translation *translation, struct bytes name)
{
    for (uint32_t i = 0; i < translation->test->output_count; i++) {
        if (bytes_equal(translation->test->outputs[i].name.text, name)) {
            return translation->output_names[i];
        }
    }
    return NULL;
}

static bool is_injection_field(struct bytes name)
{
    static const char *const fields[] = {"time", "duration", "outcome", "status", "scenario",
                                         "step", "zone",     "tenant",  "minion", "iteration"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (bytes_is(name, fields[i])) {
            return true;
        }
    }
    return false;
}

/* No file says its value: an earlier step's output, or what was given to a run. Whoever injects
 * knows it. */
static bool say_given(struct translation *translation, struct bytes name)
{
    buf_append_text(&translation->text, "$injection.");
    if (is_injection_field(name)) {
        buf_append_char(&translation->text, '`');
        buf_append_bytes(&translation->text, name);
        buf_append_char(&translation->text, '`');
    } else if (!append_key(&translation->text, name)) {
        return translation_lose(translation, "a variable's name can't be written");
    }
    translation_tell_once(
        translation, translation_say(translation, "yours to inject: no file defines the variable '",
                                     name, "'; it is read from the injection record's attributes"));
    return true;
}

/* With what the output needs. */
static void say_output(struct translation *translation, const char *name)
{
    buf_printf(&translation->text, "output:%s", name);
    for (uint32_t i = 0; i < translation->output_count && translation->needs == NULL; i++) {
        if (strcmp(translation->outputs[i].name, name) == 0) {
            translation->needs = translation->outputs[i].needs;
        }
    }
}

bool translate_variable(struct translation *translation, const struct foreign_term *term,
                        struct said *ret)
{
    struct known_variable *known = variable_find(translation, term->text);
    *ret = (struct said){.class = SAID_ANY};
    const char *output =
        term->type == FOREIGN_VARIABLE ? output_name(translation, term->text) : NULL;
    if (translation->in_selector && (output != NULL || known == NULL) &&
        term->type == FOREIGN_VARIABLE) {
        return translation_lose(translation, "a selector reads no outputs, and no variables that "
                                             "no file given defines");
    }
    if (output != NULL) {
        say_output(translation, output);
        return true;
    }
    if (known != NULL) {
        known->is_used = true;
        buf_printf(&translation->text, "var:%s", known->own);
        return true;
    }
    if (term->type == FOREIGN_ENV) {
        translation_tell_once(translation,
                              translation_say(translation,
                                              "yours to inject: the environment "
                                              "variable '",
                                              term->text, "', wherever the suite is loaded"));
        buf_printf(&translation->text, "env:%.*s", (int)term->text.len,
                   (const char *)term->text.data);
        return true;
    }
    return say_given(translation, term->text);
}
