/* The text of the suites, internal to the import: what the definitions share, then one suite for
 * each test. Thread rule: confined to its owner. */
#ifndef ASSERTD_TRACETEST_IMPORT_SUITE_H
#define ASSERTD_TRACETEST_IMPORT_SUITE_H

#include "tracetest/import.h"
#include "tracetest/translation.h"

/* Whether a step names that test by its ID or name. */
bool import_is_test(const struct definition *definition, struct bytes step);

/* The file that a step names, from the folder of its suite; NULL: it is no path, or no memory. */
const char *import_step_path(struct import *import, const struct definition *suite,
                             struct bytes step);

/* What the suites of one import share. */
struct import_shared {
    struct import *import;
    struct buf *out;
    struct known_variable *variables; /* of all VariableSets */
    uint32_t variable_count;
    uint32_t test_count;
    const struct definition *analyzer; /* whose rules all suites have; NULL: none */
    const char **suite_names;          /* taken already */
    uint32_t suite_count;
    bool no_memory;
};

/* Names in a configuration are unique: appends one that is not among `taken`, and notes it there.
 * NULL: no memory. */
const char *import_unique(struct arena *arena, const char **taken, uint32_t *count,
                          struct bytes name, const char *otherwise);

/* Appends a text as a string of the configuration, in which nothing is expanded. */
void import_put_text(struct import_shared *shared, struct bytes text);

/* Appends the suite of one test. `suite`: the only TestSuite that has it as a step, NULL. */
void import_put_test(struct import_shared *shared, const struct definition *test,
                     const struct definition *suite);

/* A name that libconfig, our `variables` and `outputs`, and the environment take; NULL: no memory.
 */
char *import_own_name(struct arena *arena, struct bytes name);

/* Appends the outputs of the test, and the names of the spans that they read. */
void import_put_outputs(struct translation *translation, struct buf *out);

/* Appends the assertions of a spec; `first`: whether none was written yet. */
struct import_specs {
    struct import_shared *shared;
    struct translation *translation;
    struct buf *out;
    const char **names;
    uint32_t name_count, name_room;
    uint32_t assertion_count;
};
void import_put_spec(struct import_specs *specs, const struct definition_spec *spec);

#endif
