/*
 * The words in which a wrong type is told stand here, side by side, so that they stay alike.
 */
#include "config/reading.h"

#include <libconfig.h>

#include "config/scalar.h"

/* NUL-terminates a buffer behind its text. */
const char *reading_text(struct reader *reader, struct buf *buf)
{
    uint8_t *end = buf_reserve(buf, 1);
    reader->out_of_memory |= end == NULL || buf->failed;
    if (end == NULL) {
        return "";
    }
    *end = '\0';
    return (const char *)buf->data;
}

size_t reading_enter(struct reader *reader, const char *name)
{
    size_t len = reader->path.len;
    if (len > 0) {
        buf_append_char(&reader->path, '.');
    }
    buf_append_text(&reader->path, name);
    return len;
}

size_t reading_enter_index(struct reader *reader, size_t index)
{
    size_t len = reader->path.len;
    buf_printf(&reader->path, "[%zu]", index);
    return len;
}

void reading_leave(struct reader *reader, size_t len)
{
    reader->path.len = len;
}

void reading_complain(struct reader *reader, struct config_origin origin, const char *what)
{
    problems_add(reader->problems, origin, reading_text(reader, &reader->path), "%s", what);
}

void *reading_allocate(struct reader *reader, size_t count, size_t bytes)
{
    void *memory = arena_calloc(reader->arena, count > 0 ? count : 1, bytes);
    reader->out_of_memory |= memory == NULL;
    return memory;
}

/* What a person calls the type of what was found. */
const char *reading_found(const config_setting_t *setting)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_GROUP:
        return "a group";
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        return "a whole number";
    case CONFIG_TYPE_FLOAT:
        return "a number with decimals";
    case CONFIG_TYPE_STRING:
        return "a text";
    case CONFIG_TYPE_BOOL:
        return "true or false";
    case CONFIG_TYPE_ARRAY:
    case CONFIG_TYPE_LIST:
        return "a list";
    default:
        return "nothing";
    }
}

static const char *expected_words(enum option_type type)
{
    switch (type) {
    case OPTION_BOOL:
        return "true or false: write true";
    case OPTION_INT:
        return "a whole number: write 4, without quotes";
    case OPTION_NUMBER:
        return "a number: write 1.5, without quotes";
    case OPTION_TEXT:
        return "a text: write it in double quotes";
    case OPTION_TEXTS:
        return "a text or a list of texts: write \"...\" or [ \"...\", \"...\" ]";
    case OPTION_DURATION:
        return "a duration: write \"10s\", with quotes and unit";
    case OPTION_SIZE:
        return "a size: write \"64MiB\", with quotes and unit";
    case OPTION_CHOICE:
        return "a word: write one of";
    case OPTION_SHARE:
        return "a share: write \"0.1%\" or 0.001";
    case OPTION_ENDPOINT:
        return "an endpoint: write \"HOST:PORT\"";
    case OPTION_GROUP:
        return "a group: write { ... }";
    case OPTION_GROUPS:
        return "a list of groups: write ( { ... }, { ... } )";
    case OPTION_PAIRS:
        return "a group of names and values: write { name = \"value\"; }";
    }
    return "";
}

void reading_complain_type(struct reader *reader, const struct place *place,
                           const config_setting_t *setting)
{
    reader->has_holes |= !scalar_is(place->option->type);
    buf_reset(&reader->flaw);
    buf_printf(&reader->flaw, "%s was found where there must be %s", reading_found(setting),
               expected_words(place->option->type));
    if (place->option->type == OPTION_CHOICE) {
        buf_append_char(&reader->flaw, ' ');
        scalar_print_range(place->option, &reader->flaw);
    }
    reading_complain(reader, place->origin, reading_text(reader, &reader->flaw));
}

/* Expands into reader->text. False: a problem was added. */
bool reading_expand(struct reader *reader, const struct place *place, struct bytes text,
                    bool *ret_used)
{
    buf_reset(&reader->text);
    *ret_used = false;
    if (place->option->flags & OPTION_NO_ENV) {
        buf_append_bytes(&reader->text, text);
        return true;
    }
    buf_reset(&reader->flaw);
    if (expand_text(text, reader->lookup, &reader->text, ret_used, &reader->flaw) != 0) {
        reading_complain(reader, place->origin, reading_text(reader, &reader->flaw));
        reader->has_holes |= !scalar_is(place->option->type);
        return false;
    }
    return true;
}
