/*
 * The checks are what the reader relies on without asking.
 */
#include "config/table_check.h"

#include "config/scalar.h"

struct checker {
    const struct option_table *table;
    const struct option *option;
    struct buf *flaws;
    size_t count;
};

static void note(struct checker *checker, const char *flaw)
{
    buf_printf(checker->flaws, "%s: %s: %s\n",
               checker->table->title != NULL ? checker->table->title : "(no title)",
               checker->option != NULL ? checker->option->name : "", flaw);
    checker->count++;
}

static void expect(struct checker *checker, bool is_fine, const char *flaw)
{
    if (!is_fine) {
        note(checker, flaw);
    }
}

static bool is_name(const char *name)
{
    bool starts_well = (name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z');
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
    return starts_well && name[len] == '\0';
}

static size_t field_bytes(const struct option *option)
{
    if (option->type == OPTION_GROUP) {
        return option->group != NULL ? option->group->struct_bytes : 0;
    }
    return scalar_field_bytes(option->type);
}

static void check_default(struct checker *checker)
{
    const struct option *option = checker->option;
    union scalar value = {.integer = 0};
    struct buf flaw = BUF_NULL;
    struct bytes text = bytes_of(option->default_text);
    bool is_fine = true;
    if (scalar_is(option->type)) {
        is_fine = scalar_parse(option, text, &value, &flaw) == 0 &&
                  scalar_check_range(option, &value, &flaw) == 0;
    } else if (option->type == OPTION_ENDPOINT) {
        is_fine = scalar_check_endpoint(text, &flaw) == 0;
    } else {
        is_fine = option->type == OPTION_TEXT || option->type == OPTION_TEXTS;
    }
    expect(checker, is_fine, "the default cannot be taken");
    expect(checker, !(option->flags & OPTION_REQUIRED), "a required option has a default");
    buf_deinit(&flaw);
}

static void check_fields(struct checker *checker, size_t index)
{
    const struct option *option = checker->option;
    size_t end = option->offset + field_bytes(option);
    expect(checker, end <= checker->table->struct_bytes, "the field lies outside the struct");
    for (size_t i = 0; i < index; i++) {
        const struct option *other = &checker->table->options[i];
        expect(checker, strcmp(option->name, other->name) != 0, "the name stands twice");
        bool is_apart =
            end <= other->offset || other->offset + field_bytes(other) <= option->offset;
        expect(checker, is_apart, "the field overlaps another one");
    }
}

static void check_flags(struct checker *checker)
{
    const struct option *option = checker->option;
    bool is_text =
        option->type == OPTION_TEXT || option->type == OPTION_TEXTS || option->type == OPTION_PAIRS;
    expect(checker,
           is_text || !(option->flags & (OPTION_SECRET | OPTION_EXPRESSION | OPTION_ONE_LINE)),
           "only texts can be secret, an expression, one line");
    expect(checker, option->type == OPTION_GROUP || !(option->flags & OPTION_NULLABLE),
           "only a group is nullable");
}

static void check_option(struct checker *checker, size_t index)
{
    const struct option *option = checker->option;
    bool has_group = option->type == OPTION_GROUP || option->type == OPTION_GROUPS;
    expect(checker, is_name(option->name), "libconfig cannot hold the name");
    expect(checker, option->description != NULL && option->description[0] != '\0',
           "the description is missing");
    expect(checker, option->min <= option->max, "the range is the wrong way round");
    expect(checker, (option->group != NULL) == has_group, "a group has a table, nothing else has");
    bool has_choices = option->choices != NULL && option->choices[0] != NULL;
    expect(checker, has_choices == (option->type == OPTION_CHOICE),
           "a choice has words, nothing else has");
    check_flags(checker);
    check_fields(checker, index);
    if (option->default_text != NULL && (option->type != OPTION_CHOICE || has_choices)) {
        check_default(checker);
    }
}

size_t table_check(const struct option_table *table, struct buf *ret_flaws)
{
    struct checker checker = {.table = table, .flaws = ret_flaws};
    expect(&checker, table->title != NULL && table->title[0] != '\0', "the title is missing");
    expect(&checker, table->count > 0, "the table is empty");
    for (size_t i = 0; i < table->count; i++) {
        checker.option = &table->options[i];
        check_option(&checker, i);
        if (checker.option->group != NULL) {
            checker.count += table_check(checker.option->group, ret_flaws);
        }
    }
    return checker.count;
}
