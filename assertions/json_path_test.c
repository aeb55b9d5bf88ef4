/*
 * Filters on one value. As in RFC 9535 types are kept apart: a text never equals a number, what is
 * not there equals nothing but what is not there, and null is a value.
 */
#include "assertions/json_path_parts.h"

static bool same(struct json_search *search, const struct value *a, const struct value *b);

static bool is_number(const struct value *value)
{
    return value->type == VALUE_INT || value->type == VALUE_DOUBLE;
}

static bool compare_numbers(enum compare_op op, const struct value *a, const struct value *b)
{
    struct operand left = operand_of_value(a);
    struct operand right = operand_of_value(b);
    return compare(op, &left, &right, NULL) == TRUTH_TRUE;
}

static bool same_items(struct json_search *search, const struct value *a, const struct value *b)
{
    struct wire_reader left = wire_reader_of(a->bytes);
    struct wire_reader right = wire_reader_of(b->bytes);
    struct value one;
    struct value other;
    while (value_next_item(&left, &one)) {
        if (!value_next_item(&right, &other) || !same(search, &one, &other)) {
            return false;
        }
    }
    return !value_next_item(&right, &other);
}

uint32_t json_search_count_keys(struct json_search *search, const struct value *map)
{
    struct wire_reader pairs = wire_reader_of(map->bytes);
    struct attr pair;
    uint32_t count = 0;
    while (json_search_work(search, map->bytes.len) && value_next_pair(&pairs, &pair)) {
        count += !json_search_overridden(pairs, pair.key);
    }
    return count;
}

/* Every member of one is in the other, and the other has no more. */
static bool same_members(struct json_search *search, const struct value *a, const struct value *b)
{
    struct wire_reader pairs = wire_reader_of(a->bytes);
    struct attr pair;
    struct value there;
    if (json_search_count_keys(search, a) != json_search_count_keys(search, b)) {
        return false;
    }
    while (value_next_pair(&pairs, &pair)) {
        if (!json_search_work(search, a->bytes.len + b->bytes.len)) {
            return false;
        }
        bool counts = !json_search_overridden(pairs, pair.key);
        if (counts &&
            (!json_search_member(b, pair.key, &there) || !same(search, &pair.value, &there))) {
            return false;
        }
    }
    return true;
}

/* As deep as values are nested. */
static bool same(struct json_search *search, const struct value *a, const struct value *b)
{
    if (!json_search_work(search, 1)) {
        return false;
    }
    if (is_number(a) && is_number(b)) {
        return compare_numbers(OP_EQUAL, a, b);
    }
    if (a->type != b->type) {
        return false;
    }
    switch (a->type) {
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_TEXT:
    case VALUE_BYTES:
        return json_search_work(search, a->bytes.len) && bytes_equal(a->bytes, b->bytes);
    case VALUE_ARRAY:
        return same_items(search, a, b);
    case VALUE_MAP:
        return same_members(search, a, b);
    default: /* null */
        return true;
    }
}

static bool is_less(struct json_search *search, const struct value *a, const struct value *b)
{
    if (is_number(a) && is_number(b)) {
        return compare_numbers(OP_LESS, a, b);
    }
    return a->type == VALUE_TEXT && b->type == VALUE_TEXT &&
           json_search_work(search, a->bytes.len) && bytes_compare(a->bytes, b->bytes) < 0;
}

const struct value *json_side_value(struct json_search *search, const struct json_side *side,
                                    const struct value *here, struct value *room)
{
    struct json_hits hits;
    if (side->call != NULL) {
        return json_call_value(search, side->call, here, room);
    }
    if (side->path == NULL) {
        return &side->literal;
    }
    if (!json_search_find(search, side->path, side->path->here ? here : search->root, &hits) ||
        hits.count == 0) {
        return NULL;
    }
    *room = hits.items[0];
    return room;
}

static bool compares(struct json_search *search, const struct json_test *test,
                     const struct value *here)
{
    struct value rooms[2];
    const struct value *a = json_side_value(search, &test->sides[0], here, &rooms[0]);
    const struct value *b = json_side_value(search, &test->sides[1], here, &rooms[1]);
    bool both = a != NULL && b != NULL;
    bool equal = both ? same(search, a, b) : a == b;
    switch (test->op) {
    case OP_EQUAL:
        return equal;
    case OP_NOT_EQUAL:
        return !equal;
    case OP_LESS:
        return both && is_less(search, a, b);
    case OP_LESS_EQUAL:
        return equal || (both && is_less(search, a, b));
    case OP_GREATER:
        return both && is_less(search, b, a);
    default:
        return equal || (both && is_less(search, b, a));
    }
}

static bool passes(struct json_search *search, const struct json_test *test,
                   const struct value *here)
{
    struct json_hits hits;
    switch (test->type) {
    case JSON_TEST_AND:
        return passes(search, test->left, here) && passes(search, test->right, here);
    case JSON_TEST_OR:
        return passes(search, test->left, here) || passes(search, test->right, here);
    case JSON_TEST_NOT:
        return !passes(search, test->left, here);
    case JSON_TEST_THERE:
        return json_search_find(search, test->path, test->path->here ? here : search->root,
                                &hits) &&
               hits.count != 0;
    case JSON_TEST_CALL:
        return json_call_matches(search, test->call, here);
    default:
        return compares(search, test, here);
    }
}

bool json_search_passes(struct json_search *search, const struct json_test *test,
                        const struct value *here)
{
    struct arena *scratch = search->evaluation->scratch;
    struct arena_mark before = arena_mark(scratch);
    bool good = json_search_work(search, 1) && passes(search, test, here);
    arena_rewind(scratch, before);
    return good && search->trouble == TROUBLE_NONE;
}
