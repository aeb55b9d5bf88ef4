/* import: another tool's definitions as suites. */
#include <stdio.h>
#include <string.h>

#include "config/text_file.h"
#include "daemon/command.h"
#include "daemon/exit_code.h"
#include "daemon/output.h"
#include "tracetest/import.h"

static int add_file(struct import *import, const char *name, bool wanted)
{
    struct buf text = BUF_NULL;
    struct text_file_flaw flaw = {NULL, 0};
    int bad = text_file_read(name, &text, &flaw);
    if (bad > 0 && wanted) {
        bad = import_skip(import, name, flaw.why);
    } else if (bad > 0) {
        messages_add(&import->messages, name, flaw.line, "%s", flaw.why);
    } else if (bad == 0) {
        bad = import_add(import, name, buf_bytes(&text));
    }
    buf_deinit(&text);
    return bad;
}

/* All files that were named, then those that a TestSuite names. */
static int add_files(struct import *import, char *const *names, size_t count)
{
    int worst = 0;
    for (size_t i = 0; i < count && worst >= 0; i++) {
        int bad = add_file(import, names[i], false);
        worst = bad != 0 ? bad : worst;
    }
    const char *wanted = worst == 0 ? import_wanted(import) : NULL;
    while (wanted != NULL && worst == 0) {
        worst = add_file(import, wanted, true);
        wanted = import_wanted(import);
    }
    return worst;
}

static int write_to(const char *path, struct bytes text)
{
    FILE *out = path != NULL ? fopen(path, "w") : stdout;
    bool good = out != NULL && output_write(out, text) && fflush(out) == 0;
    if (out != NULL && path != NULL) {
        good = fclose(out) == 0 && good;
    }
    if (!good) {
        fprintf(stderr, "assertd: %s can't be written\n", path != NULL ? path : "standard output");
    }
    return good ? EXIT_CODE_OK : EXIT_CODE_USAGE;
}

static int import_files(const struct command_line *line)
{
    struct import import;
    struct buf text = BUF_NULL;
    import_init(&import);
    int bad = add_files(&import, line->operands + 1, line->operand_count - 1);
    if (bad == 0) {
        bad = import_write(&import, &text);
    }
    output_write(stderr, messages_end(&import.messages));
    if (bad < 0) {
        fprintf(stderr, "assertd: no memory\n");
    }
    int code = bad ? EXIT_CODE_USAGE : write_to(command_value(line, "output"), buf_bytes(&text));
    buf_deinit(&text);
    import_deinit(&import);
    return code;
}

static int import_run(const struct command_line *line)
{
    if (line->operand_count < 2 || strcmp(line->operands[0], "tracetest") != 0) {
        fprintf(stderr, "assertd import: write `assertd import tracetest FILE...`\n");
        return EXIT_CODE_USAGE;
    }
    return import_files(line);
}

static const struct command_option import_options[] = {
    {"output", "FILE", false, "where the suites go; standard output by default"},
};

const struct command command_import = {
    .name = "import",
    .operands = "tracetest FILE...",
    .summary = "Reads Tracetest's definitions (Test, TestSuite, VariableSet) and writes them as "
               "suites.",
    .details = "What can't be carried over, and what is yours to inject, goes to standard error as "
               "file:line: text.\nExit codes: 0 written, 1 usage, or a file that can't be read as "
               "a definition.",
    .options = import_options,
    .option_count = sizeof import_options / sizeof *import_options,
    .run = import_run,
};
