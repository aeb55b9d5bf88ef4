/* export: a suite as another tool's definition. */
#include <stdio.h>
#include <string.h>

#include "daemon/command.h"
#include "daemon/exit_code.h"
#include "daemon/load.h"
#include "daemon/output.h"
#include "tracetest/export.h"

/* The configuration alone: here --suite names a suite of it, elsewhere a further file. */
static int load_config(struct loaded *ret, const struct command_line *line)
{
    struct command_line without = *line;
    for (size_t i = 0; i < line->command->option_count; i++) {
        if (strcmp(line->command->options[i].name, "suite") == 0) {
            without.options[i].count = 0;
        }
    }
    return load_or_complain(ret, &without);
}

static int put_suites(const struct loaded *loaded, const char *name, struct buf *text,
                      struct messages *messages)
{
    uint32_t found = 0;
    int bad = 0;
    for (uint32_t i = 0; i < loaded->set->suite_count && bad == 0; i++) {
        const struct suite *suite = &loaded->set->suites[i];
        if (name == NULL || bytes_is(suite->name, name)) {
            buf_append_text(text, found++ > 0 ? "---\n" : "");
            bad =
                export_suite(text, messages, suite,
                             CONFIG_ITEM(loaded->settings->suites, const struct suite_settings, i));
        }
    }
    if (bad == 0 && found == 0) {
        fprintf(stderr,
                name != NULL ? "assertd export: there is no suite '%s'\n"
                             : "assertd export: there are no suites\n",
                name);
        return 1;
    }
    return bad;
}

static int export_run(const struct command_line *line)
{
    struct loaded loaded;
    struct messages messages = MESSAGES_NULL;
    struct buf text = BUF_NULL;
    if (line->operand_count != 1 || strcmp(line->operands[0], "tracetest") != 0) {
        fprintf(stderr, "assertd export: write `assertd export tracetest --config FILE`\n");
        return EXIT_CODE_USAGE;
    }
    int code = load_config(&loaded, line);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    int bad = put_suites(&loaded, command_value(line, "suite"), &text, &messages);
    if (bad < 0) {
        fprintf(stderr, "assertd: no memory\n");
    }
    output_write(stderr, messages_end(&messages));
    if (bad == 0 && (!output_write(stdout, buf_bytes(&text)) || fflush(stdout) != 0)) {
        fprintf(stderr, "assertd: standard output can't be written\n");
        bad = 1;
    }
    buf_deinit(&text);
    messages_deinit(&messages);
    loaded_deinit(&loaded);
    return bad ? EXIT_CODE_USAGE : EXIT_CODE_OK;
}

static const struct command_option export_options[] = {
    {"config", "FILE", false, "the configuration (libconfig)"},
    {"set", "PATH=VALUE", true, "sets one option"},
    {"suite", "NAME", false, "that suite alone; without it all, a YAML document each"},
};

const struct command command_export = {
    .name = "export",
    .operands = "tracetest",
    .summary = "Writes suites as Tracetest's definitions, as far as it can express them.",
    .details = "What it can't express is a comment, and goes to standard error as file:line: "
               "text.\nExit codes: 0 written, 1 usage or no such suite, 2 problems of the "
               "configuration.",
    .options = export_options,
    .option_count = sizeof export_options / sizeof *export_options,
    .run = export_run,
};
