/* suggest: writes a suite from what one recorded trace shows. */
#include <stdio.h>

#include "daemon/command.h"
#include "daemon/exit_code.h"
#include "daemon/output.h"
#include "daemon/recorded.h"
#include "daemon/suggestion.h"

/* As limits.max_spans_per_trace without a configuration. */
#define MAX_SPANS 100000u

static int suggest_from(const struct trace *trace)
{
    struct buf text = BUF_NULL;
    int bad = suggestion_write(&text, trace);
    if (bad) {
        fprintf(stderr, "assertd: no memory\n");
    } else if (!output_write(stdout, buf_bytes(&text)) || fflush(stdout) != 0) {
        fprintf(stderr, "assertd: standard output can't be written\n");
        bad = 1;
    }
    buf_deinit(&text);
    return bad ? EXIT_CODE_USAGE : EXIT_CODE_OK;
}

static int suggest_run(const struct command_line *line)
{
    struct recorded recorded;
    struct trace *trace;
    if (line->operand_count == 0) {
        fprintf(stderr, "assertd suggest: name at least one file, or - for standard input\n");
        return EXIT_CODE_USAGE;
    }
    int code = recorded_read(&recorded, line->operands, line->operand_count, MAX_SPANS);
    if (code == 0) {
        code = recorded_choose(&recorded, "suggest", command_value(line, "trace"), &trace);
    }
    if (code == 0) {
        code = suggest_from(trace);
    }
    recorded_deinit(&recorded);
    return code;
}

static const struct command_option suggest_options[] = {
    {"trace", "ID", false, "the trace to write it from, where the files hold several"},
};

const struct command command_suggest = {
    .name = "suggest",
    .operands = "TRACES...",
    .summary = "Writes a suite from a recorded trace: counts, statuses, durations, order of "
               "asynchronous steps, each with its reason.",
    .details = "The suite goes to standard output as a configuration that `assertd check --config` "
               "takes; it passes on the\ntrace that it was made from. Formats as for check.\n"
               "Exit codes: 0 written, 1 usage (also where --trace is needed: the traces are "
               "listed) or unreadable input.",
    .options = suggest_options,
    .option_count = sizeof suggest_options / sizeof *suggest_options,
    .run = suggest_run,
};
