/* Reading a libconfig file into option structs.
 *
 * Everything wrong is collected into `problems`: unknown keys (with the nearest known one), wrong
 * types, values out of range, integers beyond 32 bits without L, and, where libconfig says only
 * "syntax error", what a look at the text finds (unclosed quote, trailing comma, missing semicolon,
 * double quotes inside double quotes).
 * `${env:NAME}` and `${env:NAME:-default}` expand inside string values after parsing; `$$` is a
 * dollar sign. Thread rule: load on one thread; the result is immutable and may be shared. */
#ifndef ASSERTD_CONFIG_CONFIG_H
#define ASSERTD_CONFIG_CONFIG_H

#include "config/options.h"
#include "daemon/core/buf.h"

struct config;

struct config_override {
    const char *path;  /* "service.workers" */
    const char *value; /* "2" */
};

struct config_request {
    const char *file;                        /* NULL: defaults only */
    const struct config_override *overrides; /* --set */
    size_t override_count;
    const char *const
        *suite_files; /* --suite: files with one suite or a list, appended to `suites_path` */
    size_t suite_file_count;
    const char
        *suites_path; /* "suites": the GROUPS option that suite files append to; NULL: none */
    const char *suites_dir_path; /* "suites_dir": TEXT option naming a folder whose *.conf are suite
                                    files */
    const char *(*getenv)(const char *name); /* NULL: getenv(3); tests hand in their own */
    bool keep_usable; /* with problems too *ret is set, if every text, list and group that was
                       * written could be read and what is required is there: for looking further,
                       * so that one run tells all */
};

/* Loads and validates into a new struct of `table`, which lives until config_free. 0 good (perhaps
 * with advice); 1 problems were found: *ret is NULL (but see keep_usable); < 0 no memory. */
int config_load(struct config **ret, const struct option_table *table,
                const struct config_request *request, struct problems *problems);
void config_free(struct config *config);

/* The filled struct. */
const void *config_root(const struct config *config);

/* The effective configuration as libconfig text that loads to the same, secrets masked
 * ("********"). */
void config_print(const struct config *config, struct buf *out);

/* Appends a text as a libconfig string in double quotes, whatever its bytes, but NUL, which no such
 * string can hold. `$` stays: see expand_escape. */
void config_print_quoted(struct buf *out, struct bytes text);

/* The reference page of a table in Markdown: what the types mean, then name, type, default, range,
 * description of each option, nested groups after. */
void config_print_reference(const struct option_table *table, struct buf *out);

/* Reads a secret from a file: first line, without its end; advice where everybody may read the
 * file. 0; 1 not readable (message in problems at origin). */
int config_read_secret(const char *path, struct config_origin origin, const char *option,
                       struct problems *problems, struct buf *ret);

#endif
