/* A YAML text as trees, one for each of its documents, every node with the line it stands in.
 *
 * Scalars are texts, whatever they look like. An alias shares the node of its anchor, so a text of
 * nested aliases costs no more memory than it is long; what it stands for is counted all the same,
 * and bounded. Refused: an alias inside its own anchor, a key that is no text, a key given twice.
 * Trees live in the caller's arena and are immutable. Thread rule: pure. */
#ifndef ASSERTD_TRACETEST_YAML_TREE_H
#define ASSERTD_TRACETEST_YAML_TREE_H

#include <stdbool.h>

#include "daemon/core/arena.h"
#include "daemon/core/bytes.h"

/* Bounds of one text: its length, the nesting, its nodes with every alias written out, anchors of
 * one document, documents. */
#define YAML_TREE_BYTES_MAX     (1024u * 1024u)
#define YAML_TREE_DEPTH_MAX     32u
#define YAML_TREE_NODES_MAX     100000u
#define YAML_TREE_ANCHORS_MAX   256u
#define YAML_TREE_DOCUMENTS_MAX 1000u
#define YAML_TREE_KEYS_MAX      1000u /* of one map */

enum yaml_type { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml_item { /* of a list, or of a map */
    struct bytes key;
    const struct yaml_node *value;
    struct yaml_item *next;
};

struct yaml_node {
    enum yaml_type type;
    unsigned line;     /* from 1; of a text in several lines the first */
    bool plain;        /* YAML_TEXT: without quotes */
    struct bytes text; /* YAML_TEXT */
    const struct yaml_item *items;
    uint32_t count;  /* of its items */
    uint32_t weight; /* nodes below and with it, aliases written out */
    uint32_t height; /* 1: no items */
};

struct yaml_document {
    const struct yaml_node *root; /* NULL: it is empty */
    unsigned line;
    struct yaml_document *next;
};

struct yaml_flaw {
    unsigned line; /* 0: the text as a whole */
    const char *text;
};

/* Reads all documents. 0; 1: it is no such text, see `ret_flaw`, whose text lives as long as the
 * arena; -ENOMEM. */
int yaml_tree_read(const struct yaml_document **ret, struct bytes text, struct arena *arena,
                   struct yaml_flaw *ret_flaw);

/* The value of a key of a map, else of the maps that it merges in (`<<`); NULL: there is none, or
 * the node is NULL or no map. */
const struct yaml_node *yaml_node_get(const struct yaml_node *node, const char *key);

/* Whether the node is a text with something in it; the plain words ~ and null are nothing. */
bool yaml_node_is_given(const struct yaml_node *node);

#endif
