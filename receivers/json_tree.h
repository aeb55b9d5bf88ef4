/* A JSON value kept whole, for formats whose parts refer to each other (Jaeger's processes come
 * behind their spans).
 *
 * Built from the tokens of json_reader in an arena, which bounds it and with which it dies. Only
 * one element of a file is a tree at a time. Pure; no recursion. Thread rule: confined to its
 * owner.
 *
 *     json_tree_begin(&tree, &arena);
 *     while (json_tree_token(&tree, token, text) == JSON_TREE_OPEN) ... next token
 *     json_tree_root(&tree) */
#ifndef ASSERTD_RECEIVERS_JSON_TREE_H
#define ASSERTD_RECEIVERS_JSON_TREE_H

#include "daemon/core/arena.h"
#include "daemon/core/json_reader.h"

struct json_node {
    enum json_token type;    /* JSON_NULL .. JSON_TEXT, JSON_OBJECT, JSON_ARRAY */
    struct bytes key;        /* of a member, empty elsewhere */
    struct bytes text;       /* of a number (as written) or text */
    struct json_node *first; /* members or items, in order */
    struct json_node *next;
};

struct json_tree {
    struct arena *arena;
    struct json_node *root;
    struct bytes key;
    unsigned depth;
    struct json_node **tails[JSON_READER_DEPTH_MAX]; /* where the next child of an open one goes */
};

enum json_tree_outcome {
    JSON_TREE_DONE = 0,
    JSON_TREE_OPEN = 1, /* the value goes on */
    JSON_TREE_NO_MEMORY = 2,
};

/* Begins a value. */
void json_tree_begin(struct json_tree *tree, struct arena *arena);

/* Takes the next token of the value (copied). */
enum json_tree_outcome json_tree_token(struct json_tree *tree, enum json_token token,
                                       struct bytes text);

/* The member of an object that came last under this key; NULL: none, null, or `node` is no object.
 */
const struct json_node *json_node_member(const struct json_node *node, const char *key);

/* A text; the empty one where node is NULL or no text. */
struct bytes json_node_text(const struct json_node *node);

#endif
