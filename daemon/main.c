/* The program's entry: the table of subcommands. */
#include <string.h>

#include "config/suggest.h"
#include "daemon/command.h"
#include "daemon/exit_code.h"

static const struct command *const commands[] = {
    &command_serve,    &command_run,          &command_check,  &command_explain,
    &command_suggest,  &command_analyze,      &command_import, &command_export,
    &command_validate, &command_print_config, &command_ctl,    &command_version,
};

#define COMMAND_COUNT (sizeof commands / sizeof *commands)

static void help(FILE *out)
{
    fprintf(out, "assertd COMMAND [OPTION]...\n\n"
                 "Judges the OpenTelemetry traces of a system under load.\n\nCommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  %-14s %s\n", commands[i]->name, commands[i]->summary);
    }
    fprintf(out, "  %-14s %s\n\n`assertd COMMAND --help` tells more.\n", "help",
            "this text, or that of a command");
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static int complain_unknown(const char *name)
{
    const char *known[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        known[i] = commands[i]->name;
    }
    const char *near = suggest(bytes_of(name), known, COMMAND_COUNT);
    fprintf(stderr, "assertd: no such command: %s%s%s%s\nTry `assertd help`.\n", name,
            near != NULL ? "; did you mean " : "", near != NULL ? near : "",
            near != NULL ? "?" : "");
    return EXIT_CODE_USAGE;
}

static int run_help(int argc, char **argv)
{
    const struct command *command = argc > 2 ? find_command(argv[2]) : NULL;
    if (command != NULL) {
        command_help(stdout, command);
    } else {
        help(stdout);
    }
    return argc > 2 && command == NULL ? EXIT_CODE_USAGE : EXIT_CODE_OK;
}

int main(int argc, char **argv)
{
    struct command_line line;
    if (argc < 2) {
        help(stderr);
        return EXIT_CODE_USAGE;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        return run_help(argc, argv);
    }
    const struct command *command =
        find_command(strcmp(argv[1], "--version") == 0 ? "version" : argv[1]);
    if (command == NULL) {
        return complain_unknown(argv[1]);
    }
    int bad = command_parse(&line, command, argc - 2, argv + 2);
    if (bad == 2) {
        command_help(stdout, command);
        return EXIT_CODE_OK;
    }
    return bad ? EXIT_CODE_USAGE : command->run(&line);
}
