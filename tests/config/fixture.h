/* A table with every type of option, and files in a folder of their own to load it from. */
#ifndef ASSERTD_TESTS_CONFIG_FIXTURE_H
#define ASSERTD_TESTS_CONFIG_FIXTURE_H

#include "config/config.h"

struct rule_settings {
    struct config_origin origin;
    struct config_text name;
    struct config_texts conditions; /* "assert" */
    double tolerance;
};

struct suite_settings {
    struct config_origin origin;
    struct config_text name;
    struct config_list rules;
};

struct sink_settings {
    bool set;
    struct config_text brokers; /* required */
    struct config_text password;
    struct config_texts properties;
};

struct settings {
    bool enabled;
    int64_t workers;
    double factor;
    struct config_text name;
    struct config_texts tags;
    uint64_t timeout_ns;
    uint64_t memory_bytes;
    int level;
    double share;
    struct config_text endpoint;
    struct {
        struct config_origin origin;
        struct config_text header;
        uint64_t idle_ns;
    } server;
    struct sink_settings sink;
    struct config_pairs labels;
    struct config_text suites_dir;
    struct config_list suites;
};

extern const struct option_table settings_table;

/* A folder that is removed at the end of the test. */
struct folder {
    char path[64];
};

/* setup and teardown: *state is a struct folder. */
int folder_setup(void **state);
int folder_teardown(void **state);

/* Writes a file of the folder ("sub/x.conf" makes the sub-folder). */
void folder_write(const struct folder *folder, const char *name, const char *text);
void folder_write_bytes(const struct folder *folder, const char *name, const void *data,
                        size_t len);

/* The path of a file of the folder; good until the next call. */
const char *folder_path(const struct folder *folder, const char *name);

/* A load and what came of it. */
struct outcome {
    struct config *config; /* NULL: problems */
    const struct settings *settings;
    int rc;
    char text[8192]; /* the problems, without the folder's path */
};

/* Loads "main.conf", written with `text` before, by the table above with its suites; overrides end
 * with a NULL path. */
struct outcome load_with(const struct folder *folder, const char *text,
                         const struct config_override *overrides, const char *const *suite_files);

/* The same without overrides and further files. */
struct outcome load_text(const struct folder *folder, const char *text);

/* Fails unless the text is refused with exactly these lines. */
void assert_problems(const struct folder *folder, const char *text, const char *lines);

/* The same for each row; of a test that IN_FOLDER has set up. */
struct refusal {
    const char *text, *lines;
};
void check_refusals(void **state, const struct refusal *refusals, size_t count);
#define CHECK_REFUSALS(state, table)                                                               \
    check_refusals((state), (table), sizeof(table) / sizeof(table)[0])
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

/* Fails with the problems unless the text is taken without a word; the caller frees `config`. */
struct outcome assert_loads(const struct folder *folder, const char *text);

/* The variables of the tests: WORKERS=3, HOST=example, EMPTY=, SECRET=s3cret, NASTY="; a = 1. */
const char *fixture_getenv(const char *name);

#endif
