#include "receivers/json_tree.h"

void json_tree_begin(struct json_tree *tree, struct arena *arena)
{
    tree->arena = arena;
    tree->root = NULL;
    tree->key = BYTES_NULL;
    tree->depth = 0;
}

static bool copy(struct arena *arena, struct bytes text, struct bytes *ret)
{
    *ret = text.len > 0 ? arena_copy(arena, text) : BYTES_LITERAL("");
    return text.len == 0 || ret->data != NULL;
}

static struct json_node *append(struct json_tree *tree, enum json_token type, struct bytes text)
{
    struct json_node *node = arena_alloc(tree->arena, sizeof *node);
    if (node == NULL) {
        return NULL;
    }
    *node = (struct json_node){.type = type, .key = tree->key};
    if (!copy(tree->arena, text, &node->text)) {
        return NULL;
    }
    tree->key = BYTES_NULL;
    if (tree->depth == 0) {
        tree->root = node;
    } else {
        *tree->tails[tree->depth - 1] = node;
        tree->tails[tree->depth - 1] = &node->next;
    }
    return node;
}

enum json_tree_outcome json_tree_token(struct json_tree *tree, enum json_token token,
                                       struct bytes text)
{
    if (token == JSON_KEY) {
        return copy(tree->arena, text, &tree->key) ? JSON_TREE_OPEN : JSON_TREE_NO_MEMORY;
    }
    if (token == JSON_OBJECT_END || token == JSON_ARRAY_END) {
        tree->depth--;
    } else {
        struct json_node *node = append(tree, token, text);
        if (node == NULL) {
            return JSON_TREE_NO_MEMORY;
        }
        if (token == JSON_OBJECT || token == JSON_ARRAY) {
            tree->tails[tree->depth++] = &node->first;
        }
    }
    return tree->depth > 0 ? JSON_TREE_OPEN : JSON_TREE_DONE;
}

const struct json_node *json_node_member(const struct json_node *node, const char *key)
{
    const struct json_node *found = NULL;
    if (node == NULL || node->type != JSON_OBJECT) {
        return NULL;
    }
    for (const struct json_node *member = node->first; member != NULL; member = member->next) {
        if (bytes_is(member->key, key)) {
            found = member;
        }
    }
    return found != NULL && found->type != JSON_NULL ? found : NULL;
}

struct bytes json_node_text(const struct json_node *node)
{
    return node != NULL && node->type == JSON_TEXT ? node->text : BYTES_LITERAL("");
}
