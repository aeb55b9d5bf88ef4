/* Tracetest's Analyzer document: which rules of trace quality count, how much, and the least score.
 *
 * Its rules are ours (docs/analyzer.md), known by their present and their old names. Lives in the
 * caller's arena; immutable. Thread rule: pure. */
#ifndef ASSERTD_TRACETEST_ANALYZER_DOCUMENT_H
#define ASSERTD_TRACETEST_ANALYZER_DOCUMENT_H

#include "assertions/analyzer.h"
#include "tracetest/messages.h"
#include "tracetest/yaml_tree.h"

struct analyzer_document_rule {
    enum analyzer_level level;
    uint32_t weight;
};

struct analyzer_document {
    bool enabled;
    double score; /* 0 to 100 */
    struct analyzer_document_rule rules[DEFECT_RULES];
};

/* Reads the `spec` of such a document; what means nothing here is told. */
void analyzer_document_read(struct analyzer_document *ret, const struct yaml_node *spec,
                            const char *file, struct messages *messages);

/* What a suite says of the seven rules. */
void analyzer_document_of(struct analyzer_document *ret, const struct analyzer_settings *settings);

/* Appends the group `analyzer` of a suite: what is otherwise than without it. */
void analyzer_document_write(const struct analyzer_document *document, struct buf *out);

/* Appends the document as YAML, all rules named. */
void analyzer_document_write_yaml(const struct analyzer_document *document, struct buf *out);

#endif
