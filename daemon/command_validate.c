#include <stdlib.h>
#include <string.h>

#include "daemon/exit_code.h"
#include "daemon/load.h"
#include "daemon/output.h"

static int validate_run(const struct command_line *line)
{
    struct loaded loaded;
    struct problems problems;
    struct buf text = BUF_NULL;
    const char *format = command_value(line, "format");
    bool json = format != NULL && strcmp(format, "json") == 0;
    if (format != NULL && !json && strcmp(format, "text") != 0) {
        fprintf(stderr, "assertd validate: --format %s: write text or json\n", format);
        return EXIT_CODE_USAGE;
    }
    problems_init(&problems);
    int bad = load(&loaded, line, &problems);
    if (json) {
        problems_print_json(&problems, &text);
        output_write(stdout, buf_bytes(&text));
        fputc('\n', stdout);
    } else {
        problems_print(&problems, &text);
        output_write(stderr, buf_bytes(&text));
        if (bad == 0) {
            fprintf(stderr, "valid: %u suite%s\n", (unsigned)loaded.set->suite_count,
                    loaded.set->suite_count == 1 ? "" : "s");
        }
    }
    loaded_deinit(&loaded);
    problems_deinit(&problems);
    buf_deinit(&text);
    return bad == 0 ? EXIT_CODE_OK : bad > 0 ? EXIT_CODE_CONFIG : EXIT_CODE_USAGE;
}

static const struct command_option validate_options[] = {
    LOAD_OPTIONS,
    {"format", "FORMAT", false, "text on standard error (default), or json on standard output"},
};

const struct command command_validate = {
    .name = "validate",
    .summary = "Checks a configuration and tells every problem in one run, as file:line: path: "
               "what, and what to write instead.",
    .details = "Exit codes: 0 valid, 2 problems.",
    .options = validate_options,
    .option_count = sizeof validate_options / sizeof *validate_options,
    .run = validate_run,
};

static int print_config_run(const struct command_line *line)
{
    struct loaded loaded;
    struct buf text = BUF_NULL;
    if (command_value(line, "reference") != NULL) {
        config_print_reference(&settings_table, &text);
    } else {
        int code = load_or_complain(&loaded, line);
        if (code != 0) {
            return code;
        }
        config_print(loaded.config, &text);
        loaded_deinit(&loaded);
    }
    output_write(stdout, buf_bytes(&text));
    buf_deinit(&text);
    return EXIT_CODE_OK;
}

static const struct command_option print_config_options[] = {
    LOAD_OPTIONS,
    {"reference", NULL, false, "prints the reference page of all options (Markdown) instead"},
};

const struct command command_print_config = {
    .name = "print-config",
    .summary = "Prints the effective configuration, secrets masked.",
    .options = print_config_options,
    .option_count = sizeof print_config_options / sizeof *print_config_options,
    .run = print_config_run,
};
