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
/* How it is printed, and the end of its row. */
static const char *secrecy(const struct option *option)
{
    if (!(option->flags & OPTION_SECRET)) {
        return " |\n";
    }
    return option->type == OPTION_TEXTS ? " Values whose names tell of a secret (password, key, "
                                          "token, …) are masked wherever "
                                          "they are printed. |\n"
                                        : " Secret: masked wherever it is printed. |\n";
}

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
    buf_append_text(out, secrecy(option));
    out->failed |= range.failed;
    buf_deinit(&range);
}

static void print_heading(const struct option_table *table, struct bytes path, struct buf *out)
{
    struct bytes title = bytes_of(table->title);
    if (path.len == 0) {
        buf_append_text(out, "## ");
        buf_append_bytes(out, title);
    } else {
        bool says_more = !bytes_contain(path, title);
        buf_append_text(out, "## `");
        buf_append_bytes(out, path);
        buf_append_text(out, says_more ? "`: " : "`");
        buf_append_bytes(out, says_more ? title : BYTES_NULL);
    }
    buf_append_text(out, "\n\n");
}

/* `path` stays as it was. */
static void print_table(const struct option_table *table, struct buf *path, struct buf *out)
{
    print_heading(table, buf_bytes(path), out);
    buf_append_text(out,
                    "| option | type | default | range | description |\n|---|---|---|---|---|\n");
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
        buf_printf(path, "%s%s%s", len > 0 ? "." : "", option->name,
                   option->type == OPTION_GROUPS ? "[]" : "");
        print_table(option->group, path, out);
        path->len = len;
    }
}

/* What the types of the tables mean. */
static const char introduction[] =
    "# Configuration reference\n\n"
    "Made from the program's own tables by `assertd print-config --reference`; `assertd "
    "print-config --config FILE` prints\n"
    "what is in force, `assertd validate --config FILE` tells everything that is wrong.\n\n"
    "The format is [libconfig](https://hyperrealm.github.io/libconfig/): `name = value;`, groups "
    "in `{ }`, lists in `( )`,\n"
    "arrays of plain values in `[ ]`, comments behind `#` or `//`, `@include \"FILE\"` alone in "
    "its line.\n\n"
    "| type | written as |\n|---|---|\n"
    "| true or false | `true`, `false` |\n"
    "| whole number, number | `4`, `1.5`; beyond 32 bits with an `L`: `5000000000L` |\n"
    "| text, choice | in double quotes: `\"info\"`; a quote inside is `'` or `\\\"` |\n"
    "| text or list of texts | `\"a\"` or `[ \"a\", \"b\" ]`; texts without a comma between them "
    "become one |\n"
    "| duration | a text with a unit: `\"10s\"`, `\"1.5ms\"`; units `ns us ms s m h` |\n"
    "| size | a text with a unit: `\"64MiB\"`; units `B kB MB GB KiB MiB GiB` |\n"
    "| share | `\"0.1%\"` or `0.001` |\n"
    "| endpoint | `\"HOST:PORT\"`; port 0 takes a free one, an empty text turns it off |\n"
    "| group, list of groups | `{ ... }`, `( { ... }, { ... } )` |\n"
    "| names and values | a group with names of your choice: `{ release = \"1.4.2\"; }` |\n"
    "| expression | a text in the [language of assertions](language.md) |\n\n"
    "Inside texts `${env:NAME}` and `${env:NAME:-default}` stand for environment variables and "
    "`$$` for a dollar sign; not in\n"
    "expressions, where `$` names a span. `--set path=value` overrides one option: `--set "
    "service.workers=2`,\n"
    "`--set suites[0].name=checkout`.\n\n";

void config_print_reference(const struct option_table *table, struct buf *out)
{
    struct buf path = BUF_NULL;
    buf_append_text(out, introduction);
    print_table(table, &path, out);
    out->failed |= path.failed;
    buf_deinit(&path);
}
