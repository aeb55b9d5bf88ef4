/* check: judges recorded traces offline. One shard, no threads; every trace is complete at the end
 * of the input. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/campaign_make.h"
#include "daemon/exit_code.h"
#include "daemon/injection_input.h"
#include "daemon/output.h"
#include "daemon/pipeline/shard.h"
#include "daemon/report_output.h"
#include "daemon/trace_input.h"

struct check {
    struct loaded loaded;
    struct campaign *campaign;
    struct shard *shard;
    struct shard_map shards;
    uint64_t requests, spans, injections;
    uint64_t wall_ns;
    uint64_t first_injection_ns, first_span_ns; /* UINT64_MAX: none has a time */
    enum report_format format;
    struct fail_on fail_on;
};

static int check_start(struct check *check, const struct command_line *line)
{
    const struct settings *settings = check->loaded.settings;
    const char *key = command_value(line, "campaign");
    if (key == NULL) {
        key = settings->campaign.key.text != NULL ? settings->campaign.key.text : "check";
    }
    if (!campaign_key_valid(bytes_of(key))) {
        fprintf(stderr, "assertd: campaign key '%s': write 1 to %d of A-Z a-z 0-9 . _ -\n", key,
                CAMPAIGN_KEY_MAX);
        return EXIT_CODE_USAGE;
    }
    check->wall_ns = clock_system.wall_ns(&clock_system);
    check->campaign =
        campaign_make(&check->loaded, bytes_of(key), NULL, 0, true, check->wall_ns, 1);
    const struct span_attributes_settings *claims = &settings->receivers.injections.span_attributes;
    struct shard_options options = {.memory_bytes = UINT64_MAX / 2,
                                    .attributes = {bytes_of(claims->campaign.text),
                                                   bytes_of(claims->scenario.text),
                                                   bytes_of(claims->step.text)}};
    if (check->campaign == NULL || hash_key_random(&options.key) != 0 ||
        shard_new(&check->shard, &options) != 0 ||
        shard_campaign_start(check->shard, check->campaign) != 0) {
        fprintf(stderr, "assertd: no memory\n");
        return EXIT_CODE_USAGE;
    }
    check->shards = (struct shard_map){options.key, 1};
    return 0;
}

static uint64_t earlier(uint64_t time_ns, uint64_t than_ns)
{
    return time_ns != 0 && time_ns < than_ns ? time_ns : than_ns;
}

static void take_injection(void *self, const struct injection *injection)
{
    struct check *check = self;
    if (injection->has_time) {
        check->first_injection_ns = earlier(injection->time_ns, check->first_injection_ns);
    }
    if (shard_inject(check->shard, check->campaign, injection, 0, check->wall_ns) >= 0) {
        check->injections++;
    }
}

static int check_injections(struct check *check, const char *path)
{
    if (path == NULL) {
        return 0;
    }
    campaign_saw_injection(check->campaign);
    return injection_input_read(path, take_injection, check);
}

/* Recorded traces have their own time: the campaign began with the first record, else span. */
static uint64_t origin_of(const struct check *check)
{
    uint64_t origin =
        check->first_injection_ns != UINT64_MAX ? check->first_injection_ns : check->first_span_ns;
    return origin != UINT64_MAX ? origin : check->wall_ns;
}

static void add_set(void *self, struct span_set *take_set)
{
    struct check *check = self;
    for (const struct span *at = take_set->batches[0].first; at != NULL; at = at->next) {
        check->first_span_ns = earlier(at->start_ns, check->first_span_ns);
    }
    check->requests++;
    check->spans += take_set->span_count + take_set->rejected;
    shard_add(check->shard, &take_set->batches[0], 0, 0, check->wall_ns);
    if (take_set->rejected != 0) {
        shard_count_refused(check->shard, 0, take_set->rejected);
    }
    span_set_unref(take_set);
}

static int check_report(struct check *check, struct report *ret)
{
    char hint[512];
    struct tally *tally = shard_tally(check->shard, check->campaign);
    snprintf(
        hint, sizeof hint,
        "no trace was judged: %" PRIu64 " spans and %" PRIu64 " injections were read; %s",
        check->spans, check->injections,
        check->spans == 0
            ? "the files hold no span"
            : "no suite's `traces` selector and labels took one of the traces, or none of them was "
              "injected");
    struct report_facts facts = {
        .forced = CAMPAIGN_SUCCESSFUL,
        .end_unix_ns = check->wall_ns,
        .trace_url = check->loaded.settings->report.trace_url.text,
        .no_data_hint = hint,
    };
    int bad = tally == NULL || tally_report(tally, &facts, ret) != 0;
    tally_free(tally);
    return bad ? EXIT_CODE_USAGE : 0;
}

static int check_tell(struct check *check, const struct command_line *line)
{
    struct report report;
    struct buf text = BUF_NULL;
    if (check_report(check, &report) != 0) {
        fprintf(stderr, "assertd: no memory\n");
        return EXIT_CODE_USAGE;
    }
    if (check->format == REPORT_JSON) {
        report_format_write(&report, REPORT_JSON, false, &text);
        output_write(stdout, buf_bytes(&text));
        fflush(stdout);
        buf_deinit(&text);
    } else {
        report_print(&report);
    }
    int bad = report_outputs_write(command_values(line, "report"), &report);
    int code = exit_code_of(&report, &check->fail_on);
    arena_deinit(&report.arena);
    return bad ? EXIT_CODE_USAGE : code;
}

static int check_all(struct check *check, const struct command_line *line)
{
    int code = check_start(check, line);
    if (code == 0) {
        code = check_injections(check, command_value(line, "injections"));
    }
    if (code == 0) {
        code = trace_input_read(line->operands, line->operand_count, &check->shards,
                                shard_listed(check->shard), add_set, check);
    }
    if (code == 0) {
        check->campaign->origin_unix_ns = origin_of(check);
        shard_finish(check->shard, true, 0, check->wall_ns);
        code = check_tell(check, line);
    }
    return code;
}

static int check_arguments(struct check *check, const struct command_line *line)
{
    const char *format = command_value(line, "format");
    const char *fail_on = command_value(line, "fail-on");
    if (line->operand_count == 0) {
        fprintf(stderr, "assertd check: name at least one file, or - for standard input\n");
        return 1;
    }
    if (format != NULL && (report_format_parse(bytes_of(format), &check->format) != 0 ||
                           check->format == REPORT_JUNIT)) {
        fprintf(stderr, "assertd check: --format %s: write text or json\n", format);
        return 1;
    }
    if (fail_on != NULL && fail_on_parse(bytes_of(fail_on), &check->fail_on) != 0) {
        fprintf(stderr,
                "assertd check: --fail-on %s: write a list of failed, aborted, no-data, "
                "inconclusive, undelivered, "
                "warning, or none\n",
                fail_on);
        return 1;
    }
    return report_outputs_check(command_values(line, "report"));
}

static int check_run(const struct command_line *line)
{
    struct check check = {.loaded = LOADED_NULL,
                          .format = REPORT_TEXT,
                          .fail_on = FAIL_ON_DEFAULT,
                          .first_injection_ns = UINT64_MAX,
                          .first_span_ns = UINT64_MAX};
    if (check_arguments(&check, line) != 0) {
        return EXIT_CODE_USAGE;
    }
    int code = load_or_complain(&check.loaded, line);
    if (code == 0) {
        code = check_all(&check, line);
    }
    shard_free(check.shard);
    campaign_unref(check.campaign);
    loaded_deinit(&check.loaded);
    return code;
}

static const struct command_option check_options[] = {
    LOAD_OPTIONS,
    {"injections", "FILE", false, "injection records, one JSON object a line"},
    {"campaign", "KEY", false, "key of the campaign (default: campaign.key, else check)"},
    {"report", "FORMAT=PATH", true, "writes a report: text, json or junit"},
    {"format", "FORMAT", false, "text on standard error (default), or json on standard output"},
    {"fail-on", "LIST", false, "which statuses end non-zero"},
};

const struct command command_check = {
    .name = "check",
    .operands = "TRACES...",
    .summary = "Judges recorded traces: OTLP (JSON or protobuf), Jaeger JSON, Zipkin v2 JSON; - is "
               "standard input.",
    .details =
        "The format is told by content: JSON as one document or one a line, OTLP protobuf, gzip "
        "of\n"
        "each.\n"
        "Every trace is complete at the end of the input, and may be spread over all files.\n"
        "Exit codes: 0 success, 1 usage or unreadable input, 2 configuration, 99 failed, 120 "
        "inconclusive, 121 no data.",
    .options = check_options,
    .option_count = sizeof check_options / sizeof *check_options,
    .run = check_run,
};
