/*
 * A text stands for a scalar only where the type is written as text, or where a variable or an
 * override gave it.
 */
#include "config/plain.h"

#include <libconfig.h>

#include "config/scalar.h"
#include "config/tree.h"
#include "daemon/core/number.h"

/* An override gives its value as text whatever type the table wants. */
static bool is_override(struct config_origin origin)
{
    return origin.file != NULL && origin.line == 0 && strcmp(origin.file, "--set") == 0;
}

static void set_scalar(struct reader *reader, const struct place *place, union scalar value,
                       void *field)
{
    buf_reset(&reader->flaw);
    if (scalar_check_range(place->option, &value, &reader->flaw) != 0) {
        reading_complain(reader, place->origin, reading_text(reader, &reader->flaw));
        return;
    }
    scalar_set(place->option, field, value);
}

void plain_read_default(struct reader *reader, const struct place *place, struct bytes text,
                        void *field)
{
    union scalar value = {.integer = 0};
    buf_reset(&reader->flaw);
    if (scalar_parse(place->option, text, &value, &reader->flaw) != 0) {
        reading_complain(reader, place->origin, reading_text(reader, &reader->flaw));
        return;
    }
    set_scalar(reader, place, value, field);
}

/* Whether the type is written as a text in the file. */
static bool is_written_as_text(enum option_type type)
{
    return type == OPTION_DURATION || type == OPTION_SIZE || type == OPTION_CHOICE ||
           type == OPTION_SHARE;
}

static void read_scalar_string(struct reader *reader, const struct place *place,
                               const config_setting_t *setting, void *field)
{
    bool used;
    if (!reading_expand(reader, place, bytes_of(config_setting_get_string(setting)), &used)) {
        return;
    }
    if (!used && !is_written_as_text(place->option->type) && !is_override(place->origin)) {
        reading_complain_type(reader, place, setting);
        return;
    }
    plain_read_default(reader, place, buf_bytes(&reader->text), field);
}

static bool is_integer(const config_setting_t *setting)
{
    return config_setting_type(setting) == CONFIG_TYPE_INT ||
           config_setting_type(setting) == CONFIG_TYPE_INT64;
}

static int64_t integer_of(const config_setting_t *setting)
{
    return config_setting_type(setting) == CONFIG_TYPE_INT ? config_setting_get_int(setting)
                                                           : config_setting_get_int64(setting);
}

static double number_of(const config_setting_t *setting)
{
    return is_integer(setting) ? (double)integer_of(setting) : config_setting_get_float(setting);
}

/* A number where a duration or a size must be: the number is taken up in the advice. */
static void complain_unit(struct reader *reader, const struct place *place,
                          const config_setting_t *setting)
{
    int64_t number = integer_of(setting);
    buf_reset(&reader->flaw);
    if (place->option->type == OPTION_DURATION) {
        buf_printf(&reader->flaw, "%lld has no unit: write \"%llds\"", (long long)number,
                   (long long)number);
    } else {
        union scalar value = {.amount = (uint64_t)number};
        buf_printf(&reader->flaw, "%lld has no unit: write \"", (long long)number);
        size_t before = reader->flaw.len;
        scalar_print(place->option, &value, &reader->flaw);
        bool has_unit = reader->flaw.len > before && reader->flaw.data[reader->flaw.len - 1] == 'B';
        buf_append_text(&reader->flaw, has_unit ? "\"" : "B\"");
    }
    reading_complain(reader, place->origin, reading_text(reader, &reader->flaw));
}

void plain_read_scalar(struct reader *reader, const struct place *place,
                       const config_setting_t *setting, void *field)
{
    enum option_type type = place->option->type;
    union scalar value = {.integer = 0};
    if (place->option->default_text != NULL) {
        plain_read_default(reader, place, bytes_of(place->option->default_text), field);
    }
    if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
        read_scalar_string(reader, place, setting, field);
    } else if (type == OPTION_BOOL && config_setting_type(setting) == CONFIG_TYPE_BOOL) {
        value.boolean = config_setting_get_bool(setting) != 0;
        set_scalar(reader, place, value, field);
    } else if (type == OPTION_INT && is_integer(setting)) {
        value.integer = integer_of(setting);
        set_scalar(reader, place, value, field);
    } else if ((type == OPTION_NUMBER || type == OPTION_SHARE) &&
               config_setting_is_number(setting)) {
        value.number = number_of(setting);
        set_scalar(reader, place, value, field);
    } else if ((type == OPTION_DURATION || type == OPTION_SIZE) && is_integer(setting) &&
               integer_of(setting) >= 0) {
        complain_unit(reader, place, setting);
    } else {
        reading_complain_type(reader, place, setting);
    }
}

/* Texts. */

static void check_text(struct reader *reader, const struct place *place, struct bytes text)
{
    if (place->option->flags & OPTION_ONE_LINE) {
        for (size_t i = 0; i < text.len; i++) {
            if (text.data[i] < ' ' || text.data[i] == 0x7F) {
                reading_complain(
                    reader, place->origin,
                    "a line break or control character is not allowed here: remove it");
                return;
            }
        }
    }
    buf_reset(&reader->flaw);
    if (place->option->type == OPTION_ENDPOINT && scalar_check_endpoint(text, &reader->flaw) != 0) {
        reading_complain(reader, place->origin, reading_text(reader, &reader->flaw));
    }
}

void plain_keep_text(struct reader *reader, const struct place *place, struct bytes text,
                     struct config_text *ret)
{
    check_text(reader, place, text);
    ret->text = arena_string(reader->arena, text);
    ret->origin = place->origin;
    reader->out_of_memory |= ret->text == NULL || reader->text.failed;
}

static void read_string(struct reader *reader, const struct place *place,
                        const config_setting_t *setting, struct config_text *ret)
{
    bool used;
    if (reading_expand(reader, place, bytes_of(config_setting_get_string(setting)), &used)) {
        plain_keep_text(reader, place, buf_bytes(&reader->text), ret);
    }
}

void plain_read_text(struct reader *reader, const struct place *place,
                     const config_setting_t *setting, struct config_text *ret)
{
    if (config_setting_type(setting) != CONFIG_TYPE_STRING) {
        reading_complain_type(reader, place, setting);
        return;
    }
    read_string(reader, place, setting, ret);
}

bool plain_is_list(const config_setting_t *setting)
{
    return config_setting_is_list(setting) || config_setting_is_array(setting);
}

static void read_text_items(struct reader *reader, const struct place *place,
                            const config_setting_t *setting, struct config_text *items,
                            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);
        struct option as_text = *place->option;
        as_text.type = OPTION_TEXT;
        struct place item_place = {&as_text, tree_origin(item)};
        size_t len = reading_enter_index(reader, i);
        plain_read_text(reader, &item_place, item, &items[i]);
        reading_leave(reader, len);
    }
}

void plain_read_texts(struct reader *reader, const struct place *place,
                      const config_setting_t *setting, struct config_texts *ret)
{
    bool is_single = config_setting_type(setting) == CONFIG_TYPE_STRING;
    if (!is_single && !plain_is_list(setting)) {
        reading_complain_type(reader, place, setting);
        return;
    }
    size_t count = is_single ? 1 : (size_t)config_setting_length(setting);
    struct config_text *items = reading_allocate(reader, count, sizeof *items);
    if (items == NULL) {
        return;
    }
    if (is_single) {
        read_string(reader, place, setting, items);
    } else {
        read_text_items(reader, place, setting, items, count);
    }
    *ret = (struct config_texts){items, count};
}

/* Pairs. */

static void read_pair_number(struct reader *reader, const config_setting_t *setting,
                             struct config_pair *pair)
{
    char text[NUMBER_TEXT_MAX];
    buf_reset(&reader->text);
    if (config_setting_type(setting) == CONFIG_TYPE_BOOL) {
        pair->type = CONFIG_PAIR_BOOL;
        buf_append_text(&reader->text, config_setting_get_bool(setting) ? "true" : "false");
    } else if (is_integer(setting)) {
        pair->type = CONFIG_PAIR_INT;
        buf_append_i64(&reader->text, integer_of(setting));
    } else {
        pair->type = CONFIG_PAIR_NUMBER;
        buf_append(&reader->text, text,
                   number_print_double(text, config_setting_get_float(setting)));
    }
}

static void read_pair(struct reader *reader, const struct place *group,
                      const config_setting_t *setting, struct config_pair *pair)
{
    struct place place = {group->option, tree_origin(setting)};
    pair->name = arena_string(reader->arena, bytes_of(config_setting_name(setting)));
    reader->out_of_memory |= pair->name == NULL;
    if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
        pair->type = CONFIG_PAIR_TEXT;
        read_string(reader, &place, setting, &pair->value);
    } else if (config_setting_is_scalar(setting)) {
        read_pair_number(reader, setting, pair);
        plain_keep_text(reader, &place, buf_bytes(&reader->text), &pair->value);
    } else {
        reader->has_holes = true;
        problems_add(reader->problems, place.origin, reading_text(reader, &reader->path),
                     "%s was found where there must be a text or a number: write \"...\"",
                     reading_found(setting));
    }
}

void plain_read_pairs(struct reader *reader, const struct place *place,
                      const config_setting_t *setting, struct config_pairs *ret)
{
    if (!config_setting_is_group(setting)) {
        reading_complain_type(reader, place, setting);
        return;
    }
    size_t count = (size_t)config_setting_length(setting);
    struct config_pair *items = reading_allocate(reader, count, sizeof *items);
    for (size_t i = 0; items != NULL && i < count; i++) {
        const config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);
        size_t len = reading_enter(reader, config_setting_name(item));
        read_pair(reader, place, item, &items[i]);
        reading_leave(reader, len);
    }
    *ret = (struct config_pairs){items, items != NULL ? count : 0};
}
