/* explain: why the suites say of one recorded trace what they say. */
#include <stdlib.h>
#include <string.h>

#include "daemon/exit_code.h"
#include "daemon/explanation.h"
#include "daemon/injection_input.h"
#include "daemon/load.h"
#include "daemon/output.h"
#include "daemon/pipeline/campaign.h"
#include "daemon/recorded.h"
#include "daemon/trace_input.h"

struct explain {
    struct loaded loaded;
    struct recorded recorded;
    struct trace *trace;
    struct arena arena; /* the injection and what is explained */
    const char *note;
    bool json;
};

/* The first record of the trace counts. */
static void take_injection(void *self, const struct injection *injection)
{
    struct explain *explain = self;
    if (explain->trace->injection == NULL &&
        trace_id_equal(&injection->trace_id, &explain->trace->id)) {
        explain->trace->injection = injection_copy(injection, &explain->arena);
    }
}

/* Whether a campaign judges the trace at all is told beside what the suites say. */
static const char *note_of(const struct explain *explain, bool has_injections)
{
    int correlation = explain->loaded.settings->campaign.correlation;
    bool needs_record = correlation == CORRELATION_SETTING_REQUIRED ||
                        (correlation == CORRELATION_SETTING_AUTO && has_injections);
    return needs_record && explain->trace->injection == NULL
               ? "no injection record names this trace: its campaign judges injected traces only, "
                 "and would leave it out"
               : NULL;
}

static int tell_judge(struct judge *judge, const struct trace *trace)
{
    struct arena scratch = ARENA_INIT(65536, 0);
    int bad = 0;
    for (uint32_t i = 0; i < trace->count && !bad; i++) {
        struct span span;
        bad = trace_span_decode(trace, i, &scratch, &span) != 0 ||
              judge_add(judge, &span, i, &scratch) != 0;
        arena_reset(&scratch);
    }
    arena_deinit(&scratch);
    return bad;
}

static int make(struct explain *explain, struct buf *text)
{
    struct span_tree tree;
    struct judge judge;
    judge_init(&judge, explain->loaded.set, explain->trace);
    if (tell_judge(&judge, explain->trace) != 0 ||
        span_tree_make(&tree, explain->trace, &explain->arena) != 0) {
        return 1;
    }
    const struct explanation explanation = {
        .trace = explain->trace,
        .tree = &tree,
        .suites = explain_trace(&judge, &explain->arena),
        .suite_count = explain->loaded.set->suite_count,
        .note = explain->note,
    };
    if (explanation.suites == NULL) {
        return 1;
    }
    if (explain->json) {
        return explanation_write_json(text, &explanation);
    }
    explanation_write_text(text, &explanation);
    return text->failed;
}

static int tell(struct explain *explain)
{
    struct buf text = BUF_NULL;
    int bad = make(explain, &text);
    if (bad) {
        fprintf(stderr, "assertd: no memory\n");
    } else if (!output_write(stdout, buf_bytes(&text)) || fflush(stdout) != 0) {
        fprintf(stderr, "assertd: standard output can't be written\n");
        bad = 1;
    }
    buf_deinit(&text);
    return bad ? EXIT_CODE_USAGE : EXIT_CODE_OK;
}

static int explain_all(struct explain *explain, const struct command_line *line)
{
    const char *injections = command_value(line, "injections");
    int code = recorded_read(&explain->recorded, line->operands, line->operand_count,
                             (uint32_t)explain->loaded.settings->limits.max_spans_per_trace);
    if (code == 0) {
        code = recorded_choose(&explain->recorded, "explain", command_value(line, "trace"),
                               &explain->trace);
    }
    if (code == 0) {
        code = injections == NULL ? 0 : injection_input_read(injections, take_injection, explain);
    }
    if (code == 0) {
        explain->note = note_of(explain, injections != NULL);
        code = tell(explain);
    }
    recorded_deinit(&explain->recorded);
    return code;
}

static int explain_run(const struct command_line *line)
{
    struct explain explain = {.loaded = LOADED_NULL, .arena = ARENA_INIT(65536, 0)};
    const char *format = command_value(line, "format");
    explain.json = format != NULL && strcmp(format, "json") == 0;
    if (line->operand_count == 0) {
        fprintf(stderr, "assertd explain: name at least one file, or - for standard input\n");
        return EXIT_CODE_USAGE;
    }
    if (format != NULL && !explain.json && strcmp(format, "text") != 0) {
        fprintf(stderr, "assertd explain: --format %s: write text or json\n", format);
        return EXIT_CODE_USAGE;
    }
    int code = load_or_complain(&explain.loaded, line);
    if (code == 0) {
        code = explain_all(&explain, line);
    }
    arena_deinit(&explain.arena);
    loaded_deinit(&explain.loaded);
    return code;
}

static const struct command_option explain_options[] = {
    LOAD_OPTIONS,
    {"trace", "ID", false, "the trace to explain, where the files hold several"},
    {"injections", "FILE", false, "injection records, one JSON object a line"},
    {"format", "FORMAT", false, "text (default) or json, on standard output"},
};

const struct command command_explain = {
    .name = "explain",
    .operands = "TRACES...",
    .summary = "Shows for one recorded trace which selector matched what, and why each result.",
    .details = "The trace is complete at the end of the input. Formats as for check.\n"
               "Exit codes: 0 explained, whatever the results; 1 usage (also where --trace is "
               "needed: the traces are\nlisted) or unreadable input; 2 configuration.",
    .options = explain_options,
    .option_count = sizeof explain_options / sizeof *explain_options,
    .run = explain_run,
};
