/*
 * Goes by the table and looks each option up, then by the group and looks for names that no option has.
 */
#include "config/reader.h"

#include <libconfig.h>

#include "config/scalar.h"
#include "config/suggest.h"
#include "config/tree.h"
#include "daemon/core/number.h"

#define SUGGESTIONS_MAX 64

/* One option and where it was written. */
struct place {
    const struct option *option;
    struct config_origin origin;
};

static void fill_group(struct reader *reader, const struct option_table *table, const config_setting_t *group,
                       char *base, bool is_wanted);

void reader_init(struct reader *reader, struct arena *arena, struct problems *problems, expand_lookup lookup)
{
    *reader = (struct reader){ .arena = arena, .problems = problems, .lookup = lookup };
}

void reader_deinit(struct reader *reader)
{
    buf_deinit(&reader->path);
    buf_deinit(&reader->text);
    buf_deinit(&reader->flaw);
}

bool reader_is_override(struct config_origin origin)
{
    return origin.file != NULL && origin.line == 0 && strcmp(origin.file, "--set") == 0;
}

/* NUL-terminates a buffer behind its text. */
static const char *text_of(struct reader *reader, struct buf *buf)
{
    uint8_t *end = buf_reserve(buf, 1);
    reader->out_of_memory |= end == NULL || buf->failed;
    if (end == NULL) {
        return "";
    }
    *end = '\0';
    return (const char *)buf->data;
}

static size_t enter(struct reader *reader, const char *name)
{
    size_t len = reader->path.len;
    if (len > 0) {
        buf_append_char(&reader->path, '.');
    }
    buf_append_text(&reader->path, name);
    return len;
}

static size_t enter_index(struct reader *reader, size_t index)
{
    size_t len = reader->path.len;
    buf_printf(&reader->path, "[%zu]", index);
    return len;
}

static void leave(struct reader *reader, size_t len)
{
    reader->path.len = len;
}

static void complain(struct reader *reader, struct config_origin origin, const char *what)
{
    problems_add(reader->problems, origin, text_of(reader, &reader->path), "%s", what);
}

static void *allocate(struct reader *reader, size_t count, size_t bytes)
{
    void *memory = arena_calloc(reader->arena, count > 0 ? count : 1, bytes);
    reader->out_of_memory |= memory == NULL;
    return memory;
}

/* What a person calls the type of what was found. */
static const char *found_words(const config_setting_t *setting)
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

static void complain_type(struct reader *reader, const struct place *place, const config_setting_t *setting)
{
    buf_reset(&reader->flaw);
    buf_printf(&reader->flaw, "%s was found where there must be %s", found_words(setting),
               expected_words(place->option->type));
    if (place->option->type == OPTION_CHOICE) {
        buf_append_char(&reader->flaw, ' ');
        scalar_print_range(place->option, &reader->flaw);
    }
    complain(reader, place->origin, text_of(reader, &reader->flaw));
}

/* Expands into reader->text. False: a problem was added. */
static bool expand(struct reader *reader, const struct place *place, struct bytes text, bool *ret_used)
{
    buf_reset(&reader->text);
    *ret_used = false;
    if (place->option->flags & OPTION_NO_ENV) {
        buf_append_bytes(&reader->text, text);
        return true;
    }
    buf_reset(&reader->flaw);
    if (expand_text(text, reader->lookup, &reader->text, ret_used, &reader->flaw) != 0) {
        complain(reader, place->origin, text_of(reader, &reader->flaw));
        return false;
    }
    return true;
}

/* Plain values. */

static void set_scalar(struct reader *reader, const struct place *place, union scalar value, void *field)
{
    buf_reset(&reader->flaw);
    if (scalar_check_range(place->option, &value, &reader->flaw) != 0) {
        complain(reader, place->origin, text_of(reader, &reader->flaw));
        return;
    }
    scalar_set(place->option, field, value);
}

static void read_scalar_text(struct reader *reader, const struct place *place, struct bytes text, void *field)
{
    union scalar value = { .integer = 0 };
    buf_reset(&reader->flaw);
    if (scalar_parse(place->option, text, &value, &reader->flaw) != 0) {
        complain(reader, place->origin, text_of(reader, &reader->flaw));
        return;
    }
    set_scalar(reader, place, value, field);
}

/* Whether the type is written as a text in the file. */
static bool is_written_as_text(enum option_type type)
{
    return type == OPTION_DURATION || type == OPTION_SIZE || type == OPTION_CHOICE || type == OPTION_SHARE;
}

static void read_scalar_string(struct reader *reader, const struct place *place, const config_setting_t *setting,
                               void *field)
{
    bool used;
    if (!expand(reader, place, bytes_of(config_setting_get_string(setting)), &used)) {
        return;
    }
    if (!used && !is_written_as_text(place->option->type) && !reader_is_override(place->origin)) {
        complain_type(reader, place, setting);
        return;
    }
    read_scalar_text(reader, place, buf_bytes(&reader->text), field);
}

static bool is_integer(const config_setting_t *setting)
{
    return config_setting_type(setting) == CONFIG_TYPE_INT || config_setting_type(setting) == CONFIG_TYPE_INT64;
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
static void complain_unit(struct reader *reader, const struct place *place, const config_setting_t *setting)
{
    int64_t number = integer_of(setting);
    buf_reset(&reader->flaw);
    if (place->option->type == OPTION_DURATION) {
        buf_printf(&reader->flaw, "%lld has no unit: write \"%llds\"", (long long)number, (long long)number);
    } else {
        union scalar value = { .amount = (uint64_t)number };
        buf_printf(&reader->flaw, "%lld has no unit: write \"", (long long)number);
        size_t before = reader->flaw.len;
        scalar_print(place->option, &value, &reader->flaw);
        bool has_unit = reader->flaw.len > before && reader->flaw.data[reader->flaw.len - 1] == 'B';
        buf_append_text(&reader->flaw, has_unit ? "\"" : "B\"");
    }
    complain(reader, place->origin, text_of(reader, &reader->flaw));
}

static void read_scalar(struct reader *reader, const struct place *place, const config_setting_t *setting, void *field)
{
    enum option_type type = place->option->type;
    union scalar value = { .integer = 0 };
    if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
        read_scalar_string(reader, place, setting, field);
    } else if (type == OPTION_BOOL && config_setting_type(setting) == CONFIG_TYPE_BOOL) {
        value.boolean = config_setting_get_bool(setting) != 0;
        set_scalar(reader, place, value, field);
    } else if (type == OPTION_INT && is_integer(setting)) {
        value.integer = integer_of(setting);
        set_scalar(reader, place, value, field);
    } else if ((type == OPTION_NUMBER || type == OPTION_SHARE) && config_setting_is_number(setting)) {
        value.number = number_of(setting);
        set_scalar(reader, place, value, field);
    } else if ((type == OPTION_DURATION || type == OPTION_SIZE) && is_integer(setting) && integer_of(setting) >= 0) {
        complain_unit(reader, place, setting);
    } else {
        complain_type(reader, place, setting);
    }
}

/* Texts. */

static void check_text(struct reader *reader, const struct place *place, struct bytes text)
{
    if (place->option->flags & OPTION_ONE_LINE) {
        for (size_t i = 0; i < text.len; i++) {
            if (text.data[i] < ' ' || text.data[i] == 0x7F) {
                complain(reader, place->origin, "a line break or control character is not allowed here: remove it");
                return;
            }
        }
    }
    buf_reset(&reader->flaw);
    if (place->option->type == OPTION_ENDPOINT && scalar_check_endpoint(text, &reader->flaw) != 0) {
        complain(reader, place->origin, text_of(reader, &reader->flaw));
    }
}

static void keep_text(struct reader *reader, const struct place *place, struct bytes text, struct config_text *ret)
{
    check_text(reader, place, text);
    ret->text = arena_string(reader->arena, text);
    ret->origin = place->origin;
    reader->out_of_memory |= ret->text == NULL || reader->text.failed;
}

static void read_string(struct reader *reader, const struct place *place, const config_setting_t *setting,
                        struct config_text *ret)
{
    bool used;
    if (expand(reader, place, bytes_of(config_setting_get_string(setting)), &used)) {
        keep_text(reader, place, buf_bytes(&reader->text), ret);
    }
}

static void read_text(struct reader *reader, const struct place *place, const config_setting_t *setting,
                      struct config_text *ret)
{
    if (config_setting_type(setting) != CONFIG_TYPE_STRING) {
        complain_type(reader, place, setting);
        return;
    }
    read_string(reader, place, setting, ret);
}

static bool is_list(const config_setting_t *setting)
{
    return config_setting_is_list(setting) || config_setting_is_array(setting);
}

static void read_text_items(struct reader *reader, const struct place *place, const config_setting_t *setting,
                            struct config_text *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);
        struct option as_text = *place->option;
        as_text.type = OPTION_TEXT;
        struct place item_place = { &as_text, tree_origin(item) };
        size_t len = enter_index(reader, i);
        read_text(reader, &item_place, item, &items[i]);
        leave(reader, len);
    }
}

static void read_texts(struct reader *reader, const struct place *place, const config_setting_t *setting,
                       struct config_texts *ret)
{
    bool is_single = config_setting_type(setting) == CONFIG_TYPE_STRING;
    if (!is_single && !is_list(setting)) {
        complain_type(reader, place, setting);
        return;
    }
    size_t count = is_single ? 1 : (size_t)config_setting_length(setting);
    struct config_text *items = allocate(reader, count, sizeof *items);
    if (items == NULL) {
        return;
    }
    if (is_single) {
        read_string(reader, place, setting, items);
    } else {
        read_text_items(reader, place, setting, items, count);
    }
    *ret = (struct config_texts){ items, count };
}

/* Pairs. */

static void read_pair_number(struct reader *reader, const config_setting_t *setting, struct config_pair *pair)
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
        buf_append(&reader->text, text, number_print_double(text, config_setting_get_float(setting)));
    }
}

static void read_pair(struct reader *reader, const struct place *group, const config_setting_t *setting,
                      struct config_pair *pair)
{
    struct place place = { group->option, tree_origin(setting) };
    pair->name = arena_string(reader->arena, bytes_of(config_setting_name(setting)));
    reader->out_of_memory |= pair->name == NULL;
    if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
        pair->type = CONFIG_PAIR_TEXT;
        read_string(reader, &place, setting, &pair->value);
    } else if (config_setting_is_scalar(setting)) {
        read_pair_number(reader, setting, pair);
        keep_text(reader, &place, buf_bytes(&reader->text), &pair->value);
    } else {
        problems_add(reader->problems, place.origin, text_of(reader, &reader->path),
                     "%s was found where there must be a text or a number: write \"...\"", found_words(setting));
    }
}

static void read_pairs(struct reader *reader, const struct place *place, const config_setting_t *setting,
                       struct config_pairs *ret)
{
    if (!config_setting_is_group(setting)) {
        complain_type(reader, place, setting);
        return;
    }
    size_t count = (size_t)config_setting_length(setting);
    struct config_pair *items = allocate(reader, count, sizeof *items);
    for (size_t i = 0; items != NULL && i < count; i++) {
        const config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);
        size_t len = enter(reader, config_setting_name(item));
        read_pair(reader, place, item, &items[i]);
        leave(reader, len);
    }
    *ret = (struct config_pairs){ items, items != NULL ? count : 0 };
}

/* Groups. */

static void read_groups(struct reader *reader, const struct place *place, const config_setting_t *setting,
                        struct config_list *ret)
{
    if (!is_list(setting)) {
        complain_type(reader, place, setting);
        return;
    }
    size_t count = (size_t)config_setting_length(setting);
    const struct option_table *table = place->option->group;
    char *items = allocate(reader, count, table->struct_bytes);
    for (size_t i = 0; items != NULL && i < count; i++) {
        const config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);
        size_t len = enter_index(reader, i);
        if (config_setting_is_group(item)) {
            fill_group(reader, table, item, items + i * table->struct_bytes, true);
        } else {
            problems_add(reader->problems, tree_origin(item), text_of(reader, &reader->path),
                         "%s was found where there must be a group: write { ... }", found_words(item));
        }
        leave(reader, len);
    }
    *ret = (struct config_list){ items, items != NULL ? count : 0 };
}

static void read_group(struct reader *reader, const struct place *place, const config_setting_t *setting, char *field)
{
    if (!config_setting_is_group(setting)) {
        complain_type(reader, place, setting);
        return;
    }
    fill_group(reader, place->option->group, setting, field, true);
}

static void read_option(struct reader *reader, const struct option *option, const config_setting_t *setting,
                        void *field)
{
    struct place place = { option, tree_origin(setting) };
    switch (option->type) {
    case OPTION_TEXT:
    case OPTION_ENDPOINT:
        read_text(reader, &place, setting, field);
        break;
    case OPTION_TEXTS:
        read_texts(reader, &place, setting, field);
        break;
    case OPTION_PAIRS:
        read_pairs(reader, &place, setting, field);
        break;
    case OPTION_GROUPS:
        read_groups(reader, &place, setting, field);
        break;
    case OPTION_GROUP:
        read_group(reader, &place, setting, field);
        break;
    default:
        read_scalar(reader, &place, setting, field);
        break;
    }
}

/* What an option holds that was not written. */
static void read_default(struct reader *reader, const struct option *option, char *field, bool is_wanted)
{
    struct place place = { option, CONFIG_ORIGIN_NONE };
    if (option->type == OPTION_GROUP) {
        fill_group(reader, option->group, NULL, field, is_wanted && !(option->flags & OPTION_NULLABLE));
        return;
    }
    if (option->default_text == NULL) {
        return;
    }
    struct bytes text = bytes_of(option->default_text);
    if (scalar_is(option->type)) {
        read_scalar_text(reader, &place, text, field);
    } else if (option->type == OPTION_TEXT || option->type == OPTION_ENDPOINT) {
        keep_text(reader, &place, text, (struct config_text *)(void *)field);
    } else if (option->type == OPTION_TEXTS) {
        struct config_text *item = allocate(reader, 1, sizeof *item);
        if (item != NULL) {
            keep_text(reader, &place, text, item);
            *(struct config_texts *)(void *)field = (struct config_texts){ item, 1 };
        }
    }
}

static bool is_known(const struct option_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->options[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void complain_unknown(struct reader *reader, const struct option_table *table, const config_setting_t *setting)
{
    const char *known[SUGGESTIONS_MAX];
    size_t count = table->count < SUGGESTIONS_MAX ? table->count : SUGGESTIONS_MAX;
    for (size_t i = 0; i < count; i++) {
        known[i] = table->options[i].name;
    }
    const char *near = suggest(bytes_of(config_setting_name(setting)), known, count);
    size_t len = enter(reader, config_setting_name(setting));
    buf_reset(&reader->flaw);
    if (near != NULL) {
        buf_printf(&reader->flaw, "is not known, did you mean %s?", near);
    } else {
        buf_append_text(&reader->flaw, "is not known, this group has:");
        for (size_t i = 0; i < count; i++) {
            buf_printf(&reader->flaw, "%s %s", i > 0 ? "," : "", known[i]);
        }
    }
    complain(reader, tree_origin(setting), text_of(reader, &reader->flaw));
    leave(reader, len);
}

static void fill_option(struct reader *reader, const struct option *option, const config_setting_t *group, char *base,
                        bool is_wanted)
{
    const config_setting_t *setting = group != NULL ? config_setting_get_member(group, option->name) : NULL;
    size_t len = enter(reader, option->name);
    if (setting != NULL) {
        read_option(reader, option, setting, base + option->offset);
    } else {
        read_default(reader, option, base + option->offset, is_wanted);
        if (is_wanted && (option->flags & OPTION_REQUIRED)) {
            complain(reader, group != NULL ? tree_origin(group) : CONFIG_ORIGIN_NONE, "is missing: it must be given");
        }
    }
    leave(reader, len);
}

/* `is_wanted`: required options must be there. */
static void fill_group(struct reader *reader, const struct option_table *table, const config_setting_t *group,
                       char *base, bool is_wanted)
{
    if (table->origin_offset != SIZE_MAX && group != NULL) {
        struct config_origin origin = tree_origin(group);
        memcpy(base + table->origin_offset, &origin, sizeof origin);
    }
    if (table->set_offset != SIZE_MAX) {
        *(bool *)(void *)(base + table->set_offset) = group != NULL;
    }
    for (size_t i = 0; i < table->count; i++) {
        fill_option(reader, &table->options[i], group, base, is_wanted);
    }
    for (int i = 0; group != NULL && i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        if (!is_known(table, config_setting_name(setting))) {
            complain_unknown(reader, table, setting);
        }
    }
}

void reader_fill(struct reader *reader, const struct option_table *table, const struct config_setting_t *group,
                 void *ret)
{
    fill_group(reader, table, group, ret, true);
    reader->out_of_memory |= reader->path.failed || reader->text.failed || reader->flaw.failed;
}

const char *reader_peek_text(struct reader *reader, const struct option *option, const struct config_setting_t *group)
{
    const config_setting_t *setting = config_setting_get_member(group, option->name);
    if (setting == NULL) {
        return option->default_text;
    }
    bool used;
    buf_reset(&reader->text);
    buf_reset(&reader->flaw);
    bool is_text = config_setting_type(setting) == CONFIG_TYPE_STRING &&
                   expand_text(bytes_of(config_setting_get_string(setting)), reader->lookup, &reader->text, &used,
                               &reader->flaw) == 0;
    return is_text ? arena_string(reader->arena, buf_bytes(&reader->text)) : NULL;
}
