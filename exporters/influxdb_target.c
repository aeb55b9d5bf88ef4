#include "exporters/influxdb_target.h"

#include <errno.h>
#include <string.h>

#include "config/config.h"
#include "daemon/core/hex.h"

static bool given(const struct config_text *text)
{
    return text->text != NULL && text->text[0] != '\0';
}

static bool has_control(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < 0x20 || text.data[i] == 0x7F) {
            return true;
        }
    }
    return false;
}

static void append_percent(struct buf *out, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text != '\0'; text++) {
        if (strchr(plain, *text) != NULL) {
            buf_append_char(out, *text);
        } else {
            buf_printf(out, "%%%02X", (unsigned)(uint8_t)*text);
        }
    }
}

static void append_parameter(struct buf *out, const char *name, const struct config_text *value)
{
    if (given(value)) {
        buf_append_text(out, name);
        append_percent(out, value->text);
    }
}

static void make_url(struct buf *url, const struct influxdb_settings *settings)
{
    struct bytes endpoint = bytes_of(settings->endpoint.text);
    while (endpoint.len > 0 && endpoint.data[endpoint.len - 1] == '/') {
        endpoint.len--;
    }
    buf_append_bytes(url, endpoint);
    buf_append_text(url, settings->api == INFLUXDB_V2 ? "/api/v2/write?precision=ns"
                                                      : "/write?precision=ns");
    if (settings->api == INFLUXDB_V2) {
        append_parameter(url, "&org=", &settings->org);
        append_parameter(url, "&bucket=", &settings->bucket);
    } else {
        append_parameter(url, "&db=", &settings->database);
        append_parameter(url, "&rp=", &settings->retention_policy);
    }
    buf_append_char(url, '\0');
}

/* The secret's text; a problem where it can't be had or can't stand in a header. */
static int read_secret(const struct config_text *file, const char *option,
                       struct problems *problems, struct buf *ret)
{
    if (!given(file)) {
        return 0;
    }
    if (config_read_secret(file->text, file->origin, option, problems, ret) != 0) {
        return 1;
    }
    if (has_control(buf_bytes(ret))) {
        problems_add(problems, file->origin, option, "the secret holds control characters");
        return 1;
    }
    return 0;
}

static int make_authorization(struct buf *out, const struct influxdb_settings *settings,
                              struct problems *problems)
{
    struct buf secret = BUF_NULL;
    bool v2 = settings->api == INFLUXDB_V2;
    int bad =
        v2 ? read_secret(&settings->token_file, "exporters.influxdb.token_file", problems, &secret)
           : read_secret(&settings->password_file, "exporters.influxdb.password_file", problems,
                         &secret);
    if (!bad && v2 && secret.len != 0) {
        buf_append_text(out, "Authorization: Token ");
        buf_append_bytes(out, buf_bytes(&secret));
        buf_append_char(out, '\0');
    } else if (!bad && !v2 && given(&settings->username)) {
        struct buf both = BUF_NULL;
        buf_printf(&both, "%s:%.*s", settings->username.text, (int)secret.len,
                   secret.len != 0 ? (const char *)secret.data : "");
        buf_append_text(out, "Authorization: Basic ");
        base64_append(out, buf_bytes(&both));
        buf_append_char(out, '\0');
        out->failed |= both.failed;
        buf_deinit(&both);
    }
    buf_deinit(&secret);
    return bad;
}

static void need(const struct influxdb_settings *settings, const struct config_text *text,
                 const char *path, const char *api, struct problems *problems)
{
    if (!given(text)) {
        problems_add(problems, settings->common.origin, path, "needed with api = \"%s\"", api);
    } else if (has_control(bytes_of(text->text))) {
        problems_add(problems, text->origin, path, "holds control characters");
    }
}

static void check_endpoint(const struct influxdb_settings *settings, struct problems *problems)
{
    static const char path[] = "exporters.influxdb.endpoint";
    struct bytes endpoint = bytes_of(settings->endpoint.text);
    if (!bytes_start_with(endpoint, BYTES_LITERAL("http://")) &&
        !bytes_start_with(endpoint, BYTES_LITERAL("https://"))) {
        problems_add(problems, settings->endpoint.origin, path, "write http://HOST:PORT");
    } else if (has_control(endpoint) || bytes_contain(endpoint, BYTES_LITERAL(" ")) ||
               bytes_contain(endpoint, BYTES_LITERAL("?"))) {
        problems_add(problems, settings->endpoint.origin, path,
                     "only http://HOST:PORT and perhaps a path");
    }
}

void influxdb_target_validate(const struct influxdb_settings *settings, struct problems *problems)
{
    check_endpoint(settings, problems);
    if (settings->api == INFLUXDB_V2) {
        need(settings, &settings->org, "exporters.influxdb.org", "v2", problems);
        need(settings, &settings->bucket, "exporters.influxdb.bucket", "v2", problems);
    } else {
        need(settings, &settings->database, "exporters.influxdb.database", "v1", problems);
    }
    struct buf authorization = BUF_NULL;
    (void)make_authorization(&authorization, settings, problems);
    buf_deinit(&authorization);
}

int influxdb_target_init(struct influxdb_target *target, const struct influxdb_settings *settings)
{
    struct problems problems;
    problems_init(&problems);
    *target = INFLUXDB_TARGET_NULL;
    int bad = make_authorization(&target->authorization, settings, &problems) != 0 ? -EINVAL : 0;
    problems_deinit(&problems);
    make_url(&target->url, settings);
    target->headers[0] = "Content-Type: text/plain; charset=utf-8";
    target->headers[1] =
        target->authorization.len != 0 ? (const char *)target->authorization.data : NULL;
    if (!bad && (target->url.failed || target->authorization.failed)) {
        bad = -ENOMEM;
    }
    if (bad) {
        influxdb_target_deinit(target);
    }
    return bad;
}

void influxdb_target_deinit(struct influxdb_target *target)
{
    if (target->authorization.data != NULL) {
        explicit_bzero(target->authorization.data, target->authorization.len);
    }
    buf_deinit(&target->url);
    buf_deinit(&target->authorization);
    *target = INFLUXDB_TARGET_NULL;
}
