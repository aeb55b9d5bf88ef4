/* ctl: campaigns of a running daemon, over its admin API. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/command.h"
#include "daemon/core/json.h"
#include "daemon/exit_code.h"

#define CTL_TIMEOUT_MS 30000L

struct verb {
    const char *name;
    const char *method;
    const char *path; /* after the key; NULL: /api/campaigns itself */
    bool needs_key;
};

static const struct verb verbs[] = {
    { "start", "POST", NULL, true },           { "complete", "POST", "/complete", true },
    { "abort", "POST", "/abort", true },       { "report", "GET", "/report", true },
    { "status", "GET", "", false },
};

struct ctl {
    const struct command_line *line;
    const struct verb *verb;
    const char *key;
    struct buf url, body, answer;
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

static size_t keep_answer(char *data, size_t size, size_t count, void *self)
{
    struct ctl *ctl = self;
    buf_append(&ctl->answer, data, size * count);
    return ctl->answer.failed ? 0 : size * count;
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

/* Sends; the HTTP status, or 0 after telling why there is none. */
static long send_request(struct ctl *ctl)
{
    long status = 0;
    char error[CURL_ERROR_SIZE] = "";
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    curl_easy_setopt(curl, CURLOPT_URL, (const char *)ctl->url.data);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, ctl->verb->method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, CTL_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, ctl);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    if (strcmp(ctl->verb->method, "POST") == 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)ctl->body.len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ctl->body.len != 0 ? (const char *)ctl->body.data : "");
    }
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK) {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    } else {
        fprintf(stderr, "assertd ctl: %s: %s\n", (const char *)ctl->url.data,
                error[0] != '\0' ? error : curl_easy_strerror(code));
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status;
}

static int ctl_send(struct ctl *ctl)
{
    build_url(ctl);
    build_body(ctl);
    long status = send_request(ctl);
    FILE *out = status >= 200 && status < 300 ? stdout : stderr;
    fwrite(ctl->answer.data, 1, ctl->answer.len, out);
    if (ctl->answer.len != 0 && ctl->answer.data[ctl->answer.len - 1] != '\n') {
        fputc('\n', out);
    }
    return out == stdout ? EXIT_CODE_OK : EXIT_CODE_USAGE;
}

static int ctl_run(const struct command_line *line)
{
    struct ctl ctl = { .line = line, .url = BUF_NULL, .body = BUF_NULL, .answer = BUF_NULL };
    ctl.verb = line->operand_count >= 1 ? find_verb(line->operands[0]) : NULL;
    ctl.key = line->operand_count >= 2 ? line->operands[1] : NULL;
    if (ctl.verb == NULL || line->operand_count > 2 || (ctl.verb->needs_key && ctl.key == NULL)) {
        fprintf(stderr, "assertd ctl: write start KEY, complete KEY, abort KEY, report KEY or status [KEY]\n");
        return EXIT_CODE_USAGE;
    }
    int code = ctl_send(&ctl);
    buf_deinit(&ctl.url);
    buf_deinit(&ctl.body);
    buf_deinit(&ctl.answer);
    return code;
}

static const struct command_option ctl_options[] = {
    { "api", "URL", false, "the admin API (default: $ASSERTD_API, else http://127.0.0.1:4319)" },
    { "label", "NAME=VALUE", true, "start: a label of the campaign" },
    { "format", "FORMAT", false, "report: text (default), json or junit" },
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
