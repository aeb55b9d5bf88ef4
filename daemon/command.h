/* A subcommand: a row of the registry in main.c, its options as a table, its help made from both.
 *
 * Options are long ones, `--name VALUE` or `--name=VALUE`; the rest are operands. Thread rule: main
 * thread. */
#ifndef ASSERTD_DAEMON_COMMAND_H
#define ASSERTD_DAEMON_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define COMMAND_OPTIONS_MAX 16
#define COMMAND_VALUES_MAX  256

struct command_option {
    const char *name;     /* "config", without dashes */
    const char *argument; /* "FILE", NULL: a flag */
    bool repeatable;
    const char *help;
};

struct command_values { /* what was given for one option, in order */
    const char *values[COMMAND_VALUES_MAX];
    size_t count;
};

struct command;

struct command_line {
    const struct command *command;
    struct command_values options[COMMAND_OPTIONS_MAX];
    char **operands; /* NULL-terminated, of argv */
    size_t operand_count;
};

struct command {
    const char *name;
    const char *operands; /* "TRACES...", for help; NULL: none */
    const char *summary;
    const char *details; /* further help text, NULL: none */
    const struct command_option *options;
    size_t option_count;
    int (*run)(const struct command_line *line); /* the exit code */
};

/* Parses argv after the command's name. 0; 1: problems were written to standard error; 2: --help
 * was asked for. */
int command_parse(struct command_line *ret, const struct command *command, int argc, char **argv);

/* The last value of an option; NULL: not given. */
const char *command_value(const struct command_line *line, const char *name);

/* All values of an option. */
const struct command_values *command_values(const struct command_line *line, const char *name);

/* Writes the command's help. */
void command_help(FILE *out, const struct command *command);

extern const struct command command_serve;
extern const struct command command_run;
extern const struct command command_check;
extern const struct command command_explain;
extern const struct command command_suggest;
extern const struct command command_analyze;
extern const struct command command_import;
extern const struct command command_export;
extern const struct command command_validate;
extern const struct command command_print_config;
extern const struct command command_ctl;
extern const struct command command_version;

#endif
