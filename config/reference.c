/*
 * A table of its plain options for each group, nested groups behind it under their full path.
 */
#include "config/config.h"

#include "config/scalar.h"

static const char *type_words(enum option_type type)
{
    switch (type) {
    case OPTION_BOOL:
        return "true or false";
    case OPTION_INT:
        return "whole number";
    case OPTION_NUMBER:
        return "number";
    case OPTION_TEXT:
        return "text";
    case OPTION_TEXTS:
        return "text or list of texts";
    case OPTION_DURATION:
        return "duration";
    case OPTION_SIZE:
        return "size";
    case OPTION_CHOICE:
        return "choice";
    case OPTION_SHARE:
        return "share";
    case OPTION_ENDPOINT:
        return "endpoint";
    case OPTION_GROUP:
        return "group";
    case OPTION_GROUPS:
        return "list of groups";
    case OPTION_PAIRS:
        return "names and values";
    }
    return "";
}

/* A cell of a Markdown table: a bar would end it. */
static void print_cell(struct buf *out, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '|') {
            buf_append_char(out, '\\');
        }
        buf_append_char(out, text.data[i] == '\n' ? ' ' : (char)text.data[i]);
    }
}

static void print_default(const struct option *option, struct buf *out)
{
    if (option->flags & OPTION_REQUIRED) {
        buf_append_text(out, "required");
    } else if (option->type == OPTION_CHOICE && option->default_text == NULL) {
        buf_printf(out, "`%s`", option->choices[0]);
    } else if (option->default_text != NULL) {
        buf_printf(out, "`%s`", option->default_text[0] != '\0' ? option->default_text : "\"\"");
    }
}

static void print_row(const struct option *option, struct buf *out)
{
    struct buf range = BUF_NULL;
    buf_printf(out, "| `%s` | %s%s | ", option->name, type_words(option->type),
               option->flags & OPTION_EXPRESSION ? ", expression" : "");
    print_default(option, out);
    buf_append_text(out, " | ");
    scalar_print_range(option, &range);
    print_cell(out, buf_bytes(&range));
    buf_append_text(out, " | ");
    print_cell(out, bytes_of(option->description));
    buf_append_text(out, option->flags & OPTION_SECRET ? " Secret: masked wherever it is printed. |\n" : " |\n");
    out->failed |= range.failed;
    buf_deinit(&range);
}

/* `path` stays as it was. */
static void print_table(const struct option_table *table, struct buf *path, struct buf *out)
{
    buf_append_text(out, "## ");
    buf_append_text(out, path->len > 0 ? "`" : "");
    buf_append_bytes(out, path->len > 0 ? buf_bytes(path) : bytes_of(table->title));
    buf_append_text(out, path->len > 0 ? "`: " : "");
    buf_append_text(out, path->len > 0 ? table->title : "");
    buf_append_text(out, "\n\n| option | type | default | range | |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < table->count; i++) {
        print_row(&table->options[i], out);
    }
    buf_append_char(out, '\n');
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        size_t len = path->len;
        if (option->group == NULL) {
            continue;
        }
        buf_printf(path, "%s%s%s", len > 0 ? "." : "", option->name, option->type == OPTION_GROUPS ? "[]" : "");
        print_table(option->group, path, out);
        path->len = len;
    }
}

void config_print_reference(const struct option_table *table, struct buf *out)
{
    struct buf path = BUF_NULL;
    print_table(table, &path, out);
    out->failed |= path.failed;
    buf_deinit(&path);
}
