/* analyze: how good the telemetry of recorded traces is. */
#include <stdio.h>
#include <string.h>

#include "daemon/analysis.h"
#include "daemon/core/clock.h"
#include "daemon/exit_code.h"
#include "daemon/load.h"
#include "daemon/output.h"
#include "daemon/recorded.h"

/* What a broken gate does. */
struct gates {
    bool rules, score;
};

struct analyze {
    struct loaded loaded;
    const struct suite_set *set;        /* the loaded one, or `own_set` */
    const struct config_list *settings; /* the loaded ones, or `own_list` */
    struct suite_set *own_set;
    struct suite_settings own;
    struct config_list own_list;
    struct recorded recorded;
    struct gates gates;
    bool json;
};

/* 0; 1: an unknown word, told. */
static int parse_gates(const char *text, struct gates *ret)
{
    struct bytes rest = bytes_of(text != NULL ? text : "rules,score");
    *ret = (struct gates){false, false};
    if (bytes_is(rest, "none")) {
        return 0;
    }
    for (;;) {
        const uint8_t *comma = memchr(rest.data, ',', rest.len);
        size_t len = comma != NULL ? (size_t)(comma - rest.data) : rest.len;
        struct bytes word = bytes_from(rest.data, len);
        ret->rules |= bytes_is(word, "rules");
        ret->score |= bytes_is(word, "score");
        if (!bytes_is(word, "rules") && !bytes_is(word, "score")) {
            fprintf(stderr, "assertd analyze: --gate %s: write a list of rules, score, or none\n",
                    text);
            return 1;
        }
        if (comma == NULL) {
            return 0;
        }
        rest = bytes_from(comma + 1, rest.len - len - 1);
    }
}

static bool has_analyzer(const struct config_list *suites)
{
    for (size_t i = 0; i < suites->count; i++) {
        if (CONFIG_ITEM(*suites, const struct suite_settings, i)->analyzer.set) {
            return true;
        }
    }
    return false;
}

/* Without a configuration the seven rules are on. */
static int choose_suites(struct analyze *analyze, const struct command_line *line)
{
    const struct completion_settings completion = {true, NS_PER_S, NS_PER_S, 0};
    struct problems none;
    analyze->set = analyze->loaded.set;
    analyze->settings = &analyze->loaded.settings->suites;
    if (has_analyzer(analyze->settings)) {
        return 0;
    }
    if (command_value(line, "config") != NULL || command_values(line, "suite")->count != 0) {
        fprintf(stderr, "assertd analyze: no suite has an analyzer: add `analyzer = {};` to one\n");
        return EXIT_CODE_CONFIG;
    }
    analyze->own = (struct suite_settings){
        .name = {.text = "analyzer"}, .evidence = EVIDENCE_LENIENT, .analyzer = {.set = true}};
    analyze->own_list = (struct config_list){&analyze->own, 1};
    problems_init(&none);
    int bad = suite_set_compile(&analyze->own_set, &analyze->own_list, &completion, &none);
    problems_deinit(&none);
    analyze->set = analyze->own_set;
    analyze->settings = &analyze->own_list;
    return bad != 0 ? EXIT_CODE_USAGE : 0;
}

static int analyze_traces(struct analyze *analyze, struct trace *only, struct buf *text,
                          bool *ret_hold)
{
    struct analysis analysis;
    bool rules;
    bool scores;
    int bad = analysis_begin(&analysis, analyze->set, analyze->settings, analyze->json, text);
    for (size_t i = 0; bad == 0 && i < analyze->recorded.sorted_count; i++) {
        struct trace *trace = &analyze->recorded.sorted[i]->trace;
        if (only == NULL || only == trace) {
            bad = analysis_add(&analysis, trace);
        }
    }
    if (bad == 0) {
        analysis_end(&analysis, &rules, &scores);
        *ret_hold = (rules || !analyze->gates.rules) && (scores || !analyze->gates.score);
        bad = text->failed;
    }
    analysis_deinit(&analysis);
    return bad;
}

static int tell(struct analyze *analyze, struct trace *only)
{
    struct buf text = BUF_NULL;
    bool hold = false;
    int code = EXIT_CODE_USAGE;
    if (analyze_traces(analyze, only, &text, &hold) != 0) {
        fprintf(stderr, "assertd: no memory\n");
    } else if (!output_write(stdout, buf_bytes(&text)) || fflush(stdout) != 0) {
        fprintf(stderr, "assertd: standard output can't be written\n");
    } else {
        code = hold ? EXIT_CODE_OK : EXIT_CODE_FAILED;
    }
    buf_deinit(&text);
    return code;
}

static int analyze_all(struct analyze *analyze, const struct command_line *line)
{
    const char *id = command_value(line, "trace");
    struct trace *only = NULL;
    int code = choose_suites(analyze, line);
    if (code != 0) {
        return code;
    }
    code = recorded_read(&analyze->recorded, line->operands, line->operand_count,
                         (uint32_t)analyze->loaded.settings->limits.max_spans_per_trace);
    if (code == 0 && id != NULL) {
        code = recorded_choose(&analyze->recorded, "analyze", id, &only);
    }
    if (code == 0 && analyze->recorded.sorted_count == 0) {
        fprintf(stderr, "assertd analyze: the files hold no span\n");
        code = EXIT_CODE_NO_DATA;
    }
    code = code == 0 ? tell(analyze, only) : code;
    recorded_deinit(&analyze->recorded);
    return code;
}

static int analyze_run(const struct command_line *line)
{
    struct analyze analyze = {.loaded = LOADED_NULL};
    const char *format = command_value(line, "format");
    analyze.json = format != NULL && strcmp(format, "json") == 0;
    if (line->operand_count == 0) {
        fprintf(stderr, "assertd analyze: name at least one file, or - for standard input\n");
        return EXIT_CODE_USAGE;
    }
    if (format != NULL && !analyze.json && strcmp(format, "text") != 0) {
        fprintf(stderr, "assertd analyze: --format %s: write text or json\n", format);
        return EXIT_CODE_USAGE;
    }
    if (parse_gates(command_value(line, "gate"), &analyze.gates) != 0) {
        return EXIT_CODE_USAGE;
    }
    int code = load_or_complain(&analyze.loaded, line);
    if (code == 0) {
        code = analyze_all(&analyze, line);
    }
    suite_set_unref(analyze.own_set);
    loaded_deinit(&analyze.loaded);
    return code;
}

static const struct command_option analyze_options[] = {
    LOAD_OPTIONS,
    {"trace", "ID", false, "this trace alone"},
    {"format", "FORMAT", false, "text (default) or json, on standard output"},
    {"gate", "LIST", false, "what ends with 99: rules,score (default), one of them, or none"},
};

const struct command command_analyze = {
    .name = "analyze",
    .operands = "TRACES...",
    .summary = "Holds the spans of recorded traces against rules of quality: names, required "
               "attributes, secrets; and gives a score.",
    .details = "By the suites that have an analyzer; without a configuration by the seven rules. "
               "Formats as for check.\n"
               "Exit codes: 0 the gates hold, 99 a rule of level error is broken or a score is "
               "below minimum_score, 1 usage or\nunreadable input, 2 configuration, 121 no span.",
    .options = analyze_options,
    .option_count = sizeof analyze_options / sizeof *analyze_options,
    .run = analyze_run,
};
