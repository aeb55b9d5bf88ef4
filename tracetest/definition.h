/* What Tracetest's files define: tests, suites of tests, sets of variables, the analyzer's rules.
 *
 * Only what an import can use is kept, each text with its line. Old names are known: Transaction
 * (TestSuite), Environment (VariableSet), testDefinition (specs). What is written but means nothing
 * here is told as a message. Lives in the caller's arena; immutable. Thread rule: pure. */
#ifndef ASSERTD_TRACETEST_DEFINITION_H
#define ASSERTD_TRACETEST_DEFINITION_H

#include "tracetest/analyzer_document.h"
#include "tracetest/messages.h"
#include "tracetest/yaml_tree.h"

struct definition_text { /* .text.data NULL: not given */
    struct bytes text;
    unsigned line;
};

struct definition_spec {
    unsigned line;
    struct definition_text name;
    struct definition_text selector; /* absent: all spans */
    const struct definition_text *assertions;
    uint32_t assertion_count;
};

struct definition_output {
    struct definition_text name, selector, value;
};

struct definition_test {
    struct definition_text id, name, description;
    struct definition_text trigger; /* its type */
    struct bytes request;           /* of the trigger, for people: "POST http://shop/orders" */
    const struct definition_spec *specs;
    uint32_t spec_count;
    const struct definition_output *outputs;
    uint32_t output_count;
};

struct definition_suite {
    struct definition_text id, name;
    const struct definition_text *steps; /* IDs, names, or files */
    uint32_t step_count;
};

struct definition_variable {
    struct definition_text key, value;
    bool is_secret;
};

struct definition_variables {
    struct definition_text id, name;
    const struct definition_variable *items;
    uint32_t count;
};

enum definition_type {
    DEFINITION_TEST,
    DEFINITION_SUITE,
    DEFINITION_VARIABLES,
    DEFINITION_ANALYZER,
    DEFINITION_OTHER
};

struct definition {
    enum definition_type type;
    const char *file; /* borrowed */
    unsigned line;
    struct definition_test test;           /* DEFINITION_TEST */
    struct definition_suite suite;         /* DEFINITION_SUITE */
    struct definition_variables variables; /* DEFINITION_VARIABLES */
    struct analyzer_document analyzer;     /* DEFINITION_ANALYZER */
    struct definition *next;
};

/* Reads the definitions of one file's text. 0; 1: it is none, why stands in the messages; -ENOMEM.
 */
int definition_read(const struct definition **ret, const char *file, struct bytes text,
                    struct arena *arena, struct messages *messages);

#endif
