/*
 * Printed from the filled struct by its table: what a default gave stands there as well. What is
 * not given and has no default is left out, so that the text loads to the same.
 */
#include "config/config.h"

#include "config/expand.h"
#include "config/loaded.h"
#include "config/scalar.h"
#include "config/secret_name.h"
#include "daemon/core/utf8.h"

#define MASK "********"

struct printer {
    struct buf *out;
    unsigned depth;
};

static void print_group(struct printer *printer, const struct option_table *table,
                        const char *base);

static void indent(struct printer *printer)
{
    for (unsigned i = 0; i < printer->depth; i++) {
        buf_append_text(printer->out, "    ");
    }
}

/* A file must be UTF-8; a text need not be, since \xHH or a variable may have made it. */
void config_print_quoted(struct buf *out, struct bytes text)
{
    uint8_t last_plain = utf8_valid(text) ? 0xFF : 0x7E;
    buf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c == '"' || c == '\\') {
            buf_append_char(out, '\\');
            buf_append_char(out, (char)c);
        } else if (c == '\n') {
            buf_append_text(out, "\\n");
        } else if (c < ' ' || c == 0x7F || c > last_plain) {
            buf_printf(out, "\\x%02x", c);
        } else {
            buf_append_char(out, (char)c);
        }
    }
    buf_append_char(out, '"');
}

/* Where the password of a URL begins and ends ("http://user:PASSWORD@host"); false: it has none. */
static bool find_password(struct bytes text, size_t *ret_start, size_t *ret_end)
{
    size_t at = 0;
    while (at + 3 <= text.len && memcmp(text.data + at, "://", 3) != 0) {
        at++;
    }
    if (at + 3 > text.len) {
        return false;
    }
    *ret_start = 0;
    *ret_end = 0;
    for (at += 3; at < text.len && text.data[at] != '/'; at++) {
        if (text.data[at] == ':' && *ret_start == 0) {
            *ret_start = at + 1;
        } else if (text.data[at] == '@') {
            *ret_end = at;
        }
    }
    return *ret_start > 0 && *ret_end > *ret_start;
}

/* The password of a URL, wherever it stands. */
static void mask_password(struct bytes text, struct buf *out)
{
    size_t start, end;
    if (!find_password(text, &start, &end)) {
        buf_append_bytes(out, text);
        return;
    }
    buf_append(out, text.data, start);
    buf_append_text(out, MASK);
    buf_append(out, text.data + end, text.len - end);
}

/* An element of a list of secrets: "name=value", whose name tells; without a name, who knows. */
static void mask_property(struct bytes text, struct buf *out)
{
    const uint8_t *equals = memchr(text.data, '=', text.len);
    size_t name_len = equals != NULL ? (size_t)(equals - text.data) : 0;
    if (equals != NULL && !secret_name(bytes_from(text.data, name_len))) {
        mask_password(text, out);
        return;
    }
    buf_append(out, text.data, equals != NULL ? name_len + 1 : 0);
    buf_append_text(out, text.len > 0 ? MASK : "");
}

/* Appends the text as it may be seen. */
static void mask(const struct option *option, struct bytes text, struct buf *out)
{
    if (!(option->flags & OPTION_SECRET)) {
        mask_password(text, out);
    } else if (option->type == OPTION_TEXTS) {
        mask_property(text, out);
    } else {
        buf_append_text(out, text.len > 0 ? MASK : "");
    }
}

static void print_text(struct printer *printer, const struct option *option, const char *text)
{
    struct buf shown = BUF_NULL;
    struct buf escaped = BUF_NULL;
    mask(option, bytes_of(text), &shown);
    if (option->flags & OPTION_NO_ENV) {
        buf_append_bytes(&escaped, buf_bytes(&shown));
    } else {
        expand_escape(&escaped, buf_bytes(&shown));
    }
    config_print_quoted(printer->out, buf_bytes(&escaped));
    printer->out->failed |= shown.failed || escaped.failed;
    buf_deinit(&shown);
    buf_deinit(&escaped);
}

static bool is_beyond_32_bits(int64_t number)
{
    return number < INT32_MIN || number > INT32_MAX;
}

/* libconfig tells a float from an integer by its point or exponent. */
static void print_float(struct buf *out, struct bytes canonical)
{
    bool is_float = memchr(canonical.data, '.', canonical.len) != NULL ||
                    memchr(canonical.data, 'e', canonical.len) != NULL;
    buf_append_bytes(out, canonical);
    buf_append_text(out, is_float ? "" : ".0");
}

static void print_scalar(struct printer *printer, const struct option *option, const void *field)
{
    union scalar value = scalar_get(option, field);
    struct buf text = BUF_NULL;
    scalar_print(option, &value, &text);
    switch (option->type) {
    case OPTION_DURATION:
    case OPTION_SIZE:
    case OPTION_CHOICE:
        config_print_quoted(printer->out, buf_bytes(&text));
        break;
    case OPTION_NUMBER:
    case OPTION_SHARE:
        print_float(printer->out, buf_bytes(&text));
        break;
    default:
        buf_append_bytes(printer->out, buf_bytes(&text));
        if (option->type == OPTION_INT && is_beyond_32_bits(value.integer)) {
            buf_append_char(printer->out, 'L');
        }
        break;
    }
    printer->out->failed |= text.failed;
    buf_deinit(&text);
}

static void print_texts(struct printer *printer, const struct option *option,
                        const struct config_texts *texts)
{
    buf_append_text(printer->out, "[");
    for (size_t i = 0; i < texts->count; i++) {
        buf_append_text(printer->out, i > 0 ? ", " : " ");
        print_text(printer, option, texts->items[i].text);
    }
    buf_append_text(printer->out, " ]");
}

static void print_pair(struct printer *printer, const struct option *option,
                       const struct config_pair *pair)
{
    struct bytes text = bytes_of(pair->value.text);
    buf_printf(printer->out, " %s = ", pair->name);
    if (pair->type == CONFIG_PAIR_TEXT || (option->flags & OPTION_SECRET)) {
        print_text(printer, option, pair->value.text);
    } else if (pair->type == CONFIG_PAIR_NUMBER) {
        print_float(printer->out, text);
    } else {
        buf_append_bytes(printer->out, text);
        bool is_long = pair->type == CONFIG_PAIR_INT && text.len > 9;
        buf_append_text(printer->out, is_long ? "L" : "");
    }
    buf_append_char(printer->out, ';');
}

static void print_pairs(struct printer *printer, const struct option *option,
                        const struct config_pairs *pairs)
{
    buf_append_char(printer->out, '{');
    for (size_t i = 0; i < pairs->count; i++) {
        print_pair(printer, option, &pairs->items[i]);
    }
    buf_append_text(printer->out, " }");
}

static void print_braces(struct printer *printer, const struct option_table *table,
                         const char *base)
{
    buf_append_text(printer->out, "{\n");
    printer->depth++;
    print_group(printer, table, base);
    printer->depth--;
    indent(printer);
    buf_append_char(printer->out, '}');
}

static void print_groups(struct printer *printer, const struct option_table *table,
                         const struct config_list *list)
{
    const char *items = list->items;
    buf_append_char(printer->out, '(');
    for (size_t i = 0; i < list->count; i++) {
        buf_append_text(printer->out, i > 0 ? ", " : " ");
        print_braces(printer, table, items + i * table->struct_bytes);
    }
    buf_append_text(printer->out, " )");
}

static void print_value(struct printer *printer, const struct option *option, const void *field)
{
    switch (option->type) {
    case OPTION_TEXT:
    case OPTION_ENDPOINT:
        print_text(printer, option, ((const struct config_text *)field)->text);
        break;
    case OPTION_TEXTS:
        print_texts(printer, option, field);
        break;
    case OPTION_PAIRS:
        print_pairs(printer, option, field);
        break;
    case OPTION_GROUPS:
        print_groups(printer, option->group, field);
        break;
    case OPTION_GROUP:
        print_braces(printer, option->group, field);
        break;
    default:
        print_scalar(printer, option, field);
        break;
    }
}

static bool is_zero(const struct option *option, const void *field)
{
    union scalar value = scalar_get(option, field);
    return value.amount == 0;
}

/* Whether the option has anything to print. */
static bool is_given(const struct option *option, const char *field)
{
    const struct option_table *group = option->group;
    switch (option->type) {
    case OPTION_TEXT:
    case OPTION_ENDPOINT:
        return ((const struct config_text *)(const void *)field)->text != NULL;
    case OPTION_TEXTS:
        return ((const struct config_texts *)(const void *)field)->count > 0 ||
               option->default_text != NULL;
    case OPTION_PAIRS:
        return ((const struct config_pairs *)(const void *)field)->count > 0;
    case OPTION_GROUPS:
        return ((const struct config_list *)(const void *)field)->count > 0;
    case OPTION_GROUP:
        return !(option->flags & OPTION_NULLABLE) || group->set_offset == SIZE_MAX ||
               *(const bool *)(const void *)(field + group->set_offset);
    case OPTION_BOOL:
    case OPTION_CHOICE:
        return true;
    default:
        return option->default_text != NULL || (option->flags & OPTION_REQUIRED) ||
               !is_zero(option, field);
    }
}

static void print_group(struct printer *printer, const struct option_table *table, const char *base)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct option *option = &table->options[i];
        const char *field = base + option->offset;
        if (is_given(option, field)) {
            indent(printer);
            buf_printf(printer->out, "%s = ", option->name);
            print_value(printer, option, field);
            buf_append_text(printer->out, ";\n");
        }
    }
}

void config_print(const struct config *config, struct buf *out)
{
    struct printer printer = {out, 0};
    print_group(&printer, config->table, config->root);
}
