#include "daemon/load.h"
#include "daemon/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/exit_code.h"
#include "daemon/memory_limit.h"

/* --set values, split at the first '='. The paths are copies. */
struct overrides {
    struct config_override items[COMMAND_VALUES_MAX];
    size_t count;
};

static int split_overrides(struct overrides *ret, const struct command_values *values,
                           struct problems *problems)
{
    ret->count = 0;
    for (size_t i = 0; i < values->count; i++) {
        const char *equals = strchr(values->values[i], '=');
        if (equals == NULL) {
            problems_add(problems, (struct config_origin){"--set", 0}, values->values[i],
                         "write PATH=VALUE");
            continue;
        }
        char *path = strndup(values->values[i], (size_t)(equals - values->values[i]));
        if (path == NULL) {
            return -ENOMEM;
        }
        ret->items[ret->count++] = (struct config_override){path, equals + 1};
    }
    return 0;
}

static void free_overrides(struct overrides *overrides)
{
    for (size_t i = 0; i < overrides->count; i++) {
        free((char *)overrides->items[i].path);
    }
}

static int read_config(struct loaded *ret, const struct command_line *line,
                       struct problems *problems)
{
    const struct command_values *suites = command_values(line, "suite");
    struct overrides overrides;
    int bad = split_overrides(&overrides, command_values(line, "set"), problems);
    struct config_request request = {
        .file = command_value(line, "config"),
        .overrides = overrides.items,
        .override_count = overrides.count,
        .suite_files = suites->values,
        .suite_file_count = suites->count,
        .suites_path = "suites",
        .suites_dir_path = "suites_dir",
        .keep_usable = true,
    };
    if (!bad) {
        bad = config_load(&ret->config, &settings_table, &request, problems);
    }
    free_overrides(&overrides);
    if (ret->config != NULL) {
        ret->settings = config_root(ret->config);
    }
    return bad;
}

static void validate_exporters(const struct exporters_settings *settings, struct problems *problems)
{
    if (settings->kafka.common.set && exporter_registry[0]->validate != NULL) {
        exporter_registry[0]->validate(&settings->kafka, problems);
    }
    if (settings->influxdb.common.set && exporter_registry[1]->validate != NULL) {
        exporter_registry[1]->validate(&settings->influxdb, problems);
    }
    if (settings->graphite.common.set && exporter_registry[2]->validate != NULL) {
        exporter_registry[2]->validate(&settings->graphite, problems);
    }
}

/* A path as it stands in a request line (RFC 9112 section 3.2.1), without a query. */
static bool is_path(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= ' ' || *c == 0x7f || strchr("?#%\"<>\\^`{|}", *c) != NULL) {
            return false;
        }
    }
    return text[0] == '/';
}

static void validate_receivers(const struct receivers_settings *settings, struct problems *problems)
{
    const struct http_settings *http = &settings->otlp.http;
    if (!is_path(http->traces_path.text)) {
        problems_add(problems, http->traces_path.origin, "receivers.otlp.http.traces_path",
                     "write a path, such as \"/v1/traces\"");
    }
    for (size_t i = 0; i < http->cors.origins.count; i++) {
        const char *star = strchr(http->cors.origins.items[i].text, '*');
        if (star != NULL && strchr(star + 1, '*') != NULL) {
            problems_add(problems, http->cors.origins.items[i].origin,
                         "receivers.otlp.http.cors.allowed_origins", "one * is enough");
        }
    }
}

static void validate_limits(const struct limits_settings *limits, struct problems *problems)
{
    if (limits->memory_bytes != 0 && limits->memory_bytes < MEMORY_LIMIT_LEAST) {
        problems_add(problems, limits->origin, "limits.memory",
                     "write at least \"4MiB\", or 0 to have it chosen");
    }
}

/* Also where the tables found problems already: one run tells all. */
int load(struct loaded *ret, const struct command_line *line, struct problems *problems)
{
    struct loaded loaded = LOADED_NULL;
    int bad = read_config(&loaded, line, problems);
    if (bad >= 0 && loaded.config != NULL) {
        validate_limits(&loaded.settings->limits, problems);
        validate_receivers(&loaded.settings->receivers, problems);
        validate_exporters(&loaded.settings->exporters, problems);
        bad = suite_set_compile(&loaded.set, &loaded.settings->suites, &loaded.settings->completion,
                                problems);
    }
    if (!bad && problems->errors != 0) {
        bad = 1;
    }
    if (bad) {
        loaded_deinit(&loaded);
    }
    *ret = loaded;
    return bad;
}

int load_or_complain(struct loaded *ret, const struct command_line *line)
{
    struct problems problems;
    struct buf text = BUF_NULL;
    problems_init(&problems);
    int bad = load(ret, line, &problems);
    problems_print(&problems, &text);
    output_write(stderr, buf_bytes(&text));
    if (bad < 0) {
        fprintf(stderr, "assertd: no memory\n");
    }
    buf_deinit(&text);
    problems_deinit(&problems);
    return bad == 0 ? EXIT_CODE_OK : bad > 0 ? EXIT_CODE_CONFIG : EXIT_CODE_USAGE;
}

void loaded_deinit(struct loaded *loaded)
{
    suite_set_unref(loaded->set);
    config_free(loaded->config);
    *loaded = LOADED_NULL;
}
