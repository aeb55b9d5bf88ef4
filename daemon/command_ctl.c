/* ctl: campaigns of a running daemon, over its admin API. */
#include <stdlib.h>
#include <string.h>

#include "daemon/command.h"
#include "daemon/core/clock.h"
#include "daemon/core/json.h"
#include "daemon/exit_code.h"
#include "daemon/net/http_client.h"
#include "daemon/output.h"

#define CTL_TIMEOUT_NS   (30 * NS_PER_S)
#define CTL_ANSWER_BYTES (256u << 20)

struct verb {
    const char *name;
    const char *method;
    const char *path; /* after the key; NULL: /api/campaigns itself */
    bool needs_key;
};

static const struct verb verbs[] = {
    {"start", "POST", NULL, true},     {"complete", "POST", "/complete", true},
    {"abort", "POST", "/abort", true}, {"report", "GET", "/report", true},
    {"status", "GET", "", false},
};

struct ctl {
    const struct command_line *line;
    const struct verb *verb;
    const char *key;
    struct buf url, body, answer;
    struct loop *loop;
    unsigned status;
};

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

static void build_url(struct ctl *ctl)
{
    const char *api = command_value(ctl->line, "api");
    const char *format = command_value(ctl->line, "format");
    if (api == NULL) {
        api = getenv("ASSERTD_API");
    }
    buf_printf(&ctl->url, "%s/api/campaigns", api != NULL ? api : "http://127.0.0.1:4319");
    if (ctl->verb->path != NULL && ctl->key != NULL) {
        buf_printf(&ctl->url, "/%s%s", ctl->key, ctl->verb->path);
    }
    if (strcmp(ctl->verb->name, "report") == 0) {
        buf_printf(&ctl->url, "?format=%s", format != NULL ? format : "text");
    }
    buf_append_char(&ctl->url, '\0');
}

static void write_label(struct json *json, const char *label)
{
    const char *equals = strchr(label, '=');
    if (equals != NULL) {
        json_key_bytes(json, bytes_from(label, (size_t)(equals - label)));
        json_string(json, equals + 1);
    }
}

static void build_body(struct ctl *ctl)
{
    const struct command_values *labels = command_values(ctl->line, "label");
    struct json json = JSON_INIT(&ctl->body);
    if (strcmp(ctl->verb->name, "start") == 0) {
        json_object(&json);
        json_member_string(&json, "key", ctl->key);
        json_key(&json, "labels");
        json_object(&json);
        for (size_t i = 0; i < labels->count; i++) {
            write_label(&json, labels->values[i]);
        }
        json_object_end(&json);
        json_object_end(&json);
    }
}

static void told_answer(void *self, const struct http_answer *answer)
{
    struct ctl *ctl = self;
    ctl->status = answer->status;
    if (answer->status == 0) {
        fprintf(stderr, "assertd ctl: %s: %s\n", (const char *)ctl->url.data, answer->error);
    }
    buf_append_bytes(&ctl->answer, answer->body);
    loop_stop(ctl->loop);
}

static int send_request(struct ctl *ctl)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    struct http_client *client;
    int bad = loop_new(&ctl->loop);
    if (bad) {
        return bad;
    }
    bad = http_client_new(&client, ctl->loop, 1);
    if (!bad) {
        struct http_exchange exchange = {.method = ctl->verb->method,
                                         .url = (const char *)ctl->url.data,
                                         .headers = headers,
                                         .body = buf_bytes(&ctl->body),
                                         .timeout_ns = CTL_TIMEOUT_NS,
                                         .answer_limit = CTL_ANSWER_BYTES};
        bad = http_client_send(client, &exchange, told_answer, ctl);
        if (!bad) {
            loop_run(ctl->loop);
        }
        http_client_free(client);
    }
    loop_free(ctl->loop);
    return bad;
}

static int ctl_send(struct ctl *ctl)
{
    build_url(ctl);
    build_body(ctl);
    if (send_request(ctl) != 0) {
        fprintf(stderr, "assertd ctl: no memory\n");
        return EXIT_CODE_USAGE;
    }
    FILE *out = ctl->status >= 200 && ctl->status < 300 ? stdout : stderr;
    output_write(out, buf_bytes(&ctl->answer));
    if (ctl->answer.len != 0 && ctl->answer.data[ctl->answer.len - 1] != '\n') {
        fputc('\n', out);
    }
    return out == stdout ? EXIT_CODE_OK : EXIT_CODE_USAGE;
}

static int ctl_run(const struct command_line *line)
{
    struct ctl ctl = {.line = line, .url = BUF_NULL, .body = BUF_NULL, .answer = BUF_NULL};
    ctl.verb = line->operand_count >= 1 ? find_verb(line->operands[0]) : NULL;
    ctl.key = line->operand_count >= 2 ? line->operands[1] : NULL;
    if (ctl.verb == NULL || line->operand_count > 2 || (ctl.verb->needs_key && ctl.key == NULL)) {
        fprintf(
            stderr,
            "assertd ctl: write start KEY, complete KEY, abort KEY, report KEY or status [KEY]\n");
        return EXIT_CODE_USAGE;
    }
    int code = ctl_send(&ctl);
    buf_deinit(&ctl.url);
    buf_deinit(&ctl.body);
    buf_deinit(&ctl.answer);
    return code;
}

static const struct command_option ctl_options[] = {
    {"api", "URL", false, "the admin API (default: $ASSERTD_API, else http://127.0.0.1:4319)"},
    {"label", "NAME=VALUE", true, "start: a label of the campaign"},
    {"format", "FORMAT", false, "report: text (default), json or junit"},
};

const struct command command_ctl = {
    .name = "ctl",
    .operands = "VERB [KEY]",
    .summary = "Starts, completes, aborts, reports and lists the campaigns of a running daemon.",
    .details = "Verbs: start KEY, complete KEY, abort KEY, report KEY, status [KEY].",
    .options = ctl_options,
    .option_count = sizeof ctl_options / sizeof *ctl_options,
    .run = ctl_run,
};
