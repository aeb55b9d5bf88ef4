#include "daemon/command.h"

#include <string.h>

#include "config/suggest.h"
#include "daemon/core/bytes.h"

static size_t find_option(const struct command *command, struct bytes name)
{
    size_t i = 0;
    while (i < command->option_count && !bytes_is(name, command->options[i].name)) {
        i++;
    }
    return i;
}

static int complain(const struct command *command, const char *what, const char *word)
{
    fprintf(stderr, "assertd %s: %s%s\nTry `assertd %s --help`.\n", command->name, what, word,
            command->name);
    return 1;
}

/* An option that there is not; the nearest one. */
static int complain_option(const struct command *command, const char *word, struct bytes name)
{
    const char *known[COMMAND_OPTIONS_MAX];
    char text[160];
    for (size_t i = 0; i < command->option_count; i++) {
        known[i] = command->options[i].name;
    }
    const char *near = suggest(name, known, command->option_count);
    if (near == NULL) {
        return complain(command, "unknown option --", word);
    }
    snprintf(text, sizeof text, "%.*s; did you mean --%s?", (int)(name.len < 80 ? name.len : 80),
             (const char *)name.data, near);
    return complain(command, "unknown option --", text);
}

/* What is given to a command that takes options alone is mostly its configuration. */
static int complain_operand(const struct command *command, const char *operand)
{
    char text[160];
    if (find_option(command, bytes_of("config")) == command->option_count) {
        return complain(command, "takes no operand: ", operand);
    }
    snprintf(text, sizeof text, "%.100s; write --config FILE", operand);
    return complain(command, "takes no operand: ", text);
}

static int keep_value(struct command_line *line, size_t option, const char *value)
{
    struct command_values *values = &line->options[option];
    const struct command_option *of = &line->command->options[option];
    if (values->count == COMMAND_VALUES_MAX) {
        return complain(line->command, "too many of --", of->name);
    }
    if (values->count != 0 && !of->repeatable && of->argument != NULL) {
        return complain(line->command, "given twice: --", of->name);
    }
    values->values[values->count++] = value;
    return 0;
}

/* Takes one `--name[=VALUE]` at argv[*at]; moves *at over what it used. */
static int take_option(struct command_line *line, int argc, char **argv, int *at)
{
    const char *word = argv[(*at)++] + 2;
    const char *equals = strchr(word, '=');
    struct bytes name = equals != NULL ? bytes_from(word, (size_t)(equals - word)) : bytes_of(word);
    if (bytes_is(name, "help")) {
        return 2;
    }
    size_t option = find_option(line->command, name);
    if (option == line->command->option_count) {
        return complain_option(line->command, word, name);
    }
    if (line->command->options[option].argument == NULL) {
        return equals != NULL ? complain(line->command, "takes no value: --", word)
                              : keep_value(line, option, "");
    }
    if (equals != NULL) {
        return keep_value(line, option, equals + 1);
    }
    if (*at == argc) {
        return complain(line->command, "needs a value: --", word);
    }
    return keep_value(line, option, argv[(*at)++]);
}

int command_parse(struct command_line *ret, const struct command *command, int argc, char **argv)
{
    int at = 0;
    size_t kept = 0;
    *ret = (struct command_line){.command = command, .operands = argv};
    while (at < argc) {
        if (strcmp(argv[at], "--") == 0) {
            at++;
            break;
        }
        if (strcmp(argv[at], "-h") == 0) {
            return 2;
        }
        if (strncmp(argv[at], "--", 2) == 0) {
            int bad = take_option(ret, argc, argv, &at);
            if (bad) {
                return bad;
            }
        } else if (argv[at][0] == '-' && argv[at][1] != '\0') {
            return complain(command, "unknown option ", argv[at]);
        } else {
            argv[kept++] = argv[at++];
        }
    }
    while (at < argc) {
        argv[kept++] = argv[at++];
    }
    argv[kept] = NULL;
    ret->operand_count = kept;
    return kept != 0 && command->operands == NULL ? complain_operand(command, argv[0]) : 0;
}

const struct command_values *command_values(const struct command_line *line, const char *name)
{
    return &line->options[find_option(line->command, bytes_of(name))];
}

const char *command_value(const struct command_line *line, const char *name)
{
    const struct command_values *values = command_values(line, name);
    return values->count != 0 ? values->values[values->count - 1] : NULL;
}

void command_help(FILE *out, const struct command *command)
{
    fprintf(out, "assertd %s%s%s%s\n\n%s\n", command->name,
            command->option_count != 0 ? " [OPTION]..." : "", command->operands != NULL ? " " : "",
            command->operands != NULL ? command->operands : "", command->summary);
    if (command->details != NULL) {
        fprintf(out, "\n%s\n", command->details);
    }
    fprintf(out, "\nOptions:\n");
    for (size_t i = 0; i < command->option_count; i++) {
        const struct command_option *option = &command->options[i];
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s%s", option->name, option->argument != NULL ? " " : "",
                 option->argument != NULL ? option->argument : "",
                 option->repeatable ? " ..." : "");
        fprintf(out, "  %-28s %s\n", left, option->help);
    }
    fprintf(out, "  %-28s %s\n", "--help", "this text");
}
