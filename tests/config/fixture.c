/*
 * The table is as odd as the reader must bear, the folder is new for each test.
 */
#include "tests/config/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <ftw.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct option rule_options[] = {
    {"name", OPTION_TEXT, offsetof(struct rule_settings, name), .flags = OPTION_REQUIRED,
     .description = "How reports call it."},
    {"assert", OPTION_TEXTS, offsetof(struct rule_settings, conditions),
     .flags = OPTION_EXPRESSION | OPTION_NO_ENV, .description = "What must hold."},
    {"tolerance", OPTION_SHARE, offsetof(struct rule_settings, tolerance), .default_text = "0",
     .description = "Greatest share of failures."},
};
static const struct option_table rule_table = {"a rule",
                                               rule_options,
                                               COUNT(rule_options),
                                               sizeof(struct rule_settings),
                                               offsetof(struct rule_settings, origin),
                                               SIZE_MAX};

static const struct option suite_options[] = {
    {"name", OPTION_TEXT, offsetof(struct suite_settings, name), .flags = OPTION_REQUIRED,
     .description = "How reports call it."},
    {"rules", OPTION_GROUPS, offsetof(struct suite_settings, rules), .group = &rule_table,
     .description = "Its rules."},
};
static const struct option_table suite_table = {"a suite",
                                                suite_options,
                                                COUNT(suite_options),
                                                sizeof(struct suite_settings),
                                                offsetof(struct suite_settings, origin),
                                                SIZE_MAX};

static const struct option server_options[] = {
    {"header", OPTION_TEXT,
     offsetof(struct settings, server.header) - offsetof(struct settings, server),
     .default_text = "x", .flags = OPTION_ONE_LINE, .description = "A header."},
    {"idle", OPTION_DURATION,
     offsetof(struct settings, server.idle_ns) - offsetof(struct settings, server),
     .default_text = "10s", .min = 1000000, .max = INT64_MAX, .description = "How long it waits."},
};
static const struct option_table server_table = {
    "the server", server_options, COUNT(server_options), sizeof(((struct settings *)0)->server), 0,
    SIZE_MAX};

static const struct option sink_options[] = {
    {"brokers", OPTION_TEXT, offsetof(struct sink_settings, brokers), .flags = OPTION_REQUIRED,
     .description = "Where to."},
    {"password", OPTION_TEXT, offsetof(struct sink_settings, password), .flags = OPTION_SECRET,
     .description = "The password."},
    {"properties", OPTION_TEXTS, offsetof(struct sink_settings, properties), .flags = OPTION_SECRET,
     .description = "name=value."},
};
static const struct option_table sink_table = {"the sink",
                                               sink_options,
                                               COUNT(sink_options),
                                               sizeof(struct sink_settings),
                                               SIZE_MAX,
                                               offsetof(struct sink_settings, set)};

static const char *const levels[] = {"debug", "info", "warn", NULL};

static const struct option options[] = {
    {"enabled", OPTION_BOOL, offsetof(struct settings, enabled), .default_text = "true",
     .description = "Whether it is on."},
    {"workers", OPTION_INT, offsetof(struct settings, workers), .default_text = "1", .min = 0,
     .max = 64, .description = "How many."},
    {"factor", OPTION_NUMBER, offsetof(struct settings, factor), .default_text = "1.5", .min = 1,
     .max = INT64_MAX, .description = "How much."},
    {"name", OPTION_TEXT, offsetof(struct settings, name), .description = "A | name."},
    {"tags", OPTION_TEXTS, offsetof(struct settings, tags), .default_text = "none",
     .description = "Tags."},
    {"timeout", OPTION_DURATION, offsetof(struct settings, timeout_ns), .default_text = "5s",
     .min = 1000000, .max = INT64_C(3600000000000), .description = "How long."},
    {"memory", OPTION_SIZE, offsetof(struct settings, memory_bytes), .default_text = "64MiB",
     .min = 1024, .max = INT64_C(1) << 40, .description = "How large."},
    {"level", OPTION_CHOICE, offsetof(struct settings, level), .default_text = "info",
     .choices = levels, .description = "How loud."},
    {"share", OPTION_SHARE, offsetof(struct settings, share), .default_text = "0.1%",
     .description = "A share."},
    {"endpoint", OPTION_ENDPOINT, offsetof(struct settings, endpoint),
     .default_text = "127.0.0.1:0", .description = "Where."},
    {"server", OPTION_GROUP, offsetof(struct settings, server), .group = &server_table,
     .description = "The server."},
    {"sink", OPTION_GROUP, offsetof(struct settings, sink), .group = &sink_table,
     .flags = OPTION_NULLABLE, .description = "The sink."},
    {"labels", OPTION_PAIRS, offsetof(struct settings, labels), .description = "Labels."},
    {"suites_dir", OPTION_TEXT, offsetof(struct settings, suites_dir),
     .description = "A folder of suites."},
    {"suites", OPTION_GROUPS, offsetof(struct settings, suites), .group = &suite_table,
     .description = "Suites."},
};
const struct option_table settings_table = {
    "assertd", options, COUNT(options), sizeof(struct settings), SIZE_MAX, SIZE_MAX};

int folder_setup(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    snprintf(folder->path, sizeof folder->path, "/tmp/assertd-config-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    *state = folder;
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

int folder_teardown(void **state)
{
    struct folder *folder = *state;
    nftw(folder->path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(folder);
    return 0;
}

const char *folder_path(const struct folder *folder, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    return path;
}

void folder_write_bytes(const struct folder *folder, const char *name, const void *data, size_t len)
{
    char path[512];
    const char *slash = strchr(name, '/');
    if (slash != NULL) {
        snprintf(path, sizeof path, "%s/%.*s", folder->path, (int)(slash - name), name);
        mkdir(path, 0700);
    }
    FILE *file = fopen(folder_path(folder, name), "w");
    assert_non_null(file);
    assert_int_equal(len, fwrite(data, 1, len, file));
    fclose(file);
}

void folder_write(const struct folder *folder, const char *name, const char *text)
{
    folder_write_bytes(folder, name, text, strlen(text));
}

const char *fixture_getenv(const char *name)
{
    static const char *const variables[][2] = {
        {"WORKERS", "3"},     {"HOST", "example"},    {"EMPTY", ""},
        {"SECRET", "s3cret"}, {"NASTY", "\"; a = 1"},
    };
    for (size_t i = 0; i < COUNT(variables); i++) {
        if (strcmp(name, variables[i][0]) == 0) {
            return variables[i][1];
        }
    }
    return NULL;
}

/* The problems' text without "<folder>/". */
static void shorten(const struct folder *folder, struct bytes text, char *out, size_t size)
{
    size_t prefix = strlen(folder->path);
    size_t len = 0;
    for (size_t i = 0; i < text.len && len + 1 < size;) {
        if (i + prefix < text.len && memcmp(text.data + i, folder->path, prefix) == 0) {
            i += prefix + (text.data[i + prefix] == '/');
        } else {
            out[len++] = (char)text.data[i++];
        }
    }
    out[len] = '\0';
}

struct outcome load_with(const struct folder *folder, const char *text,
                         const struct config_override *overrides, const char *const *suite_files)
{
    struct outcome outcome = {.config = NULL};
    char path[128];
    struct problems problems;
    struct buf lines = BUF_NULL;
    folder_write(folder, "main.conf", text);
    snprintf(path, sizeof path, "%s/main.conf", folder->path);
    struct config_request request = {.file = path,
                                     .overrides = overrides,
                                     .suite_files = suite_files,
                                     .suites_path = "suites",
                                     .suites_dir_path = "suites_dir",
                                     .getenv = fixture_getenv};
    while (overrides != NULL && overrides[request.override_count].path != NULL) {
        request.override_count++;
    }
    while (suite_files != NULL && suite_files[request.suite_file_count] != NULL) {
        request.suite_file_count++;
    }
    problems_init(&problems);
    outcome.rc = config_load(&outcome.config, &settings_table, &request, &problems);
    problems_print(&problems, &lines);
    shorten(folder, buf_bytes(&lines), outcome.text, sizeof outcome.text);
    outcome.settings = outcome.rc == 0 ? config_root(outcome.config) : NULL;
    buf_deinit(&lines);
    problems_deinit(&problems);
    return outcome;
}

struct outcome load_text(const struct folder *folder, const char *text)
{
    return load_with(folder, text, NULL, NULL);
}

void assert_problems(const struct folder *folder, const char *text, const char *lines)
{
    struct outcome outcome = load_text(folder, text);
    config_free(outcome.config);
    if (strcmp(outcome.text, lines) != 0) {
        print_message("for: %s\n", text);
    }
    assert_string_equal(lines, outcome.text);
    assert_int_equal(1, outcome.rc);
    assert_null(outcome.config);
}

struct outcome assert_loads(const struct folder *folder, const char *text)
{
    struct outcome outcome = load_text(folder, text);
    assert_string_equal("", outcome.text);
    assert_int_equal(0, outcome.rc);
    return outcome;
}

void check_refusals(void **state, const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_problems(*state, refusals[i].text, refusals[i].lines);
    }
}
