/*
 * Goes by the table and looks each option up, then by the group and looks for names that no option
 * has.
 */
#include "config/reader.h"

#include <libconfig.h>

#include "config/plain.h"
#include "config/scalar.h"
#include "config/suggest.h"
#include "config/tree.h"

#define SUGGESTIONS_MAX 64

static void fill_group(struct reader *reader, const struct option_table *table,
                       const config_setting_t *group, char *base, bool is_wanted);

void reader_init(struct reader *reader, struct arena *arena, struct problems *problems,
                 expand_lookup lookup)
{
    *reader = (struct reader){.arena = arena, .problems = problems, .lookup = lookup};
}

void reader_deinit(struct reader *reader)
{
    buf_deinit(&reader->path);
    buf_deinit(&reader->text);
    buf_deinit(&reader->flaw);
}

static void read_groups(struct reader *reader, const struct place *place,
                        const config_setting_t *setting, struct config_list *ret)
{
    if (!plain_is_list(setting)) {
        reading_complain_type(reader, place, setting);
        return;
    }
    size_t count = (size_t)config_setting_length(setting);
    const struct option_table *table = place->option->group;
    char *items = reading_allocate(reader, count, table->struct_bytes);
    for (size_t i = 0; items != NULL && i < count; i++) {
        const config_setting_t *item = config_setting_get_elem(setting, (unsigned)i);
        size_t len = reading_enter_index(reader, i);
        if (config_setting_is_group(item)) {
            fill_group(reader, table, item, items + i * table->struct_bytes, true);
        } else {
            reader->has_holes = true;
            problems_add(reader->problems, tree_origin(item), reading_text(reader, &reader->path),
                         "%s was found where there must be a group: write { ... }",
                         reading_found(item));
        }
        reading_leave(reader, len);
    }
    *ret = (struct config_list){items, items != NULL ? count : 0};
}

static void read_group(struct reader *reader, const struct place *place,
                       const config_setting_t *setting, char *field)
{
    if (!config_setting_is_group(setting)) {
        reading_complain_type(reader, place, setting);
        return;
    }
    fill_group(reader, place->option->group, setting, field, true);
}

static void read_option(struct reader *reader, const struct option *option,
                        const config_setting_t *setting, void *field)
{
    struct place place = {option, tree_origin(setting)};
    switch (option->type) {
    case OPTION_TEXT:
    case OPTION_ENDPOINT:
        plain_read_text(reader, &place, setting, field);
        break;
    case OPTION_TEXTS:
        plain_read_texts(reader, &place, setting, field);
        break;
    case OPTION_PAIRS:
        plain_read_pairs(reader, &place, setting, field);
        break;
    case OPTION_GROUPS:
        read_groups(reader, &place, setting, field);
        break;
    case OPTION_GROUP:
        read_group(reader, &place, setting, field);
        break;
    default:
        plain_read_scalar(reader, &place, setting, field);
        break;
    }
}

/* What an option holds that was not written. */
static void read_default(struct reader *reader, const struct option *option, char *field,
                         bool is_wanted)
{
    struct place place = {option, CONFIG_ORIGIN_NONE};
    if (option->type == OPTION_GROUP) {
        fill_group(reader, option->group, NULL, field,
                   is_wanted && !(option->flags & OPTION_NULLABLE));
        return;
    }
    if (option->default_text == NULL) {
        return;
    }
    struct bytes text = bytes_of(option->default_text);
    if (scalar_is(option->type)) {
        plain_read_default(reader, &place, text, field);
    } else if (option->type == OPTION_TEXT || option->type == OPTION_ENDPOINT) {
        plain_keep_text(reader, &place, text, (struct config_text *)(void *)field);
    } else if (option->type == OPTION_TEXTS) {
        struct config_text *item = reading_allocate(reader, 1, sizeof *item);
        if (item != NULL) {
            plain_keep_text(reader, &place, text, item);
            *(struct config_texts *)(void *)field = (struct config_texts){item, 1};
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

static void complain_unknown(struct reader *reader, const struct option_table *table,
                             const config_setting_t *setting)
{
    const char *known[SUGGESTIONS_MAX];
    size_t count = table->count < SUGGESTIONS_MAX ? table->count : SUGGESTIONS_MAX;
    for (size_t i = 0; i < count; i++) {
        known[i] = table->options[i].name;
    }
    const char *near = suggest(bytes_of(config_setting_name(setting)), known, count);
    size_t len = reading_enter(reader, config_setting_name(setting));
    buf_reset(&reader->flaw);
    if (near != NULL) {
        buf_printf(&reader->flaw, "is not known, did you mean %s?", near);
    } else {
        buf_append_text(&reader->flaw, "is not known, this group has:");
        for (size_t i = 0; i < count; i++) {
            buf_printf(&reader->flaw, "%s %s", i > 0 ? "," : "", known[i]);
        }
    }
    reading_complain(reader, tree_origin(setting), reading_text(reader, &reader->flaw));
    reading_leave(reader, len);
}

static void fill_option(struct reader *reader, const struct option *option,
                        const config_setting_t *group, char *base, bool is_wanted)
{
    const config_setting_t *setting =
        group != NULL ? config_setting_get_member(group, option->name) : NULL;
    size_t len = reading_enter(reader, option->name);
    if (setting != NULL) {
        read_option(reader, option, setting, base + option->offset);
    } else {
        read_default(reader, option, base + option->offset, is_wanted);
        if (is_wanted && (option->flags & OPTION_REQUIRED)) {
            reader->has_holes = true;
            reading_complain(reader, group != NULL ? tree_origin(group) : CONFIG_ORIGIN_NONE,
                             "is missing: it must be given");
        }
    }
    reading_leave(reader, len);
}

/* `is_wanted`: required options must be there. */
static void fill_group(struct reader *reader, const struct option_table *table,
                       const config_setting_t *group, char *base, bool is_wanted)
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

void reader_fill(struct reader *reader, const struct option_table *table,
                 const struct config_setting_t *group, void *ret)
{
    fill_group(reader, table, group, ret, true);
    reader->out_of_memory |= reader->path.failed || reader->text.failed || reader->flaw.failed;
}

const char *reader_peek_text(struct reader *reader, const struct option *option,
                             const struct config_setting_t *group)
{
    const config_setting_t *setting = config_setting_get_member(group, option->name);
    if (setting == NULL) {
        return option->default_text;
    }
    bool used;
    buf_reset(&reader->text);
    buf_reset(&reader->flaw);
    bool is_text = config_setting_type(setting) == CONFIG_TYPE_STRING &&
                   expand_text(bytes_of(config_setting_get_string(setting)), reader->lookup,
                               &reader->text, &used, &reader->flaw) == 0;
    return is_text ? arena_string(reader->arena, buf_bytes(&reader->text)) : NULL;
}
