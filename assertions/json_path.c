/*
 * Steps are counted: a value that is looked through costs its bytes, so that no path on no value
 * takes longer than the limit of its expression.
 */
#include "assertions/json_path.h"

#include "assertions/encode.h"
#include "assertions/json_path_parts.h"

#define ARRAY_BYTES_MAX EXPRESSION_TEXT_MAX /* but for the last of its items */

bool json_search_work(struct json_search *search, size_t steps)
{
    if (search->trouble == TROUBLE_NONE && !evaluation_work(search->evaluation, steps)) {
        search->trouble = TROUBLE_LIMIT;
    }
    return search->trouble == TROUBLE_NONE;
}

static void add_hit(struct json_search *search, struct json_hits *hits, const struct value *value)
{
    if (search->trouble != TROUBLE_NONE) {
        return;
    }
    if (hits->count == JSON_PATH_HITS_MAX) {
        search->trouble = TROUBLE_LIMIT;
        return;
    }
    if (hits->count == hits->room) {
        uint32_t room = hits->room != 0 ? 4 * hits->room : 4;
        struct value *items = arena_alloc(search->evaluation->scratch, room * sizeof *items);
        if (items == NULL) {
            search->trouble = TROUBLE_MEMORY;
            return;
        }
        for (uint32_t i = 0; i < hits->count; i++) {
            items[i] = hits->items[i];
        }
        hits->items = items;
        hits->room = room;
    }
    hits->items[hits->count++] = *value;
}

/* --- members and items --- */

bool json_search_member(const struct value *map, struct bytes name, struct value *ret)
{
    struct wire_reader pairs = wire_reader_of(map->bytes);
    struct attr pair;
    bool found = false;
    while (map->type == VALUE_MAP && value_next_pair(&pairs, &pair)) {
        if (bytes_equal(pair.key, name)) {
            *ret = pair.value;
            found = true;
        }
    }
    return found;
}

static void add_member(struct json_search *search, struct json_hits *hits,
                       const struct value *value, struct bytes name)
{
    struct value found;
    if (json_search_member(value, name, &found)) {
        add_hit(search, hits, &found);
    }
}

bool json_search_overridden(struct wire_reader later, struct bytes key)
{
    struct attr pair;
    while (value_next_pair(&later, &pair)) {
        if (bytes_equal(pair.key, key)) {
            return true;
        }
    }
    return false;
}

/* All members or items, or those that pass the test. */
static void add_all(struct json_search *search, struct json_hits *hits, const struct value *value,
                    const struct json_test *test)
{
    struct wire_reader reader = wire_reader_of(value->bytes);
    struct attr pair;
    struct value item;
    while (value->type == VALUE_ARRAY && search->trouble == TROUBLE_NONE &&
           value_next_item(&reader, &item)) {
        if (test == NULL || json_search_passes(search, test, &item)) {
            add_hit(search, hits, &item);
        }
    }
    while (value->type == VALUE_MAP && search->trouble == TROUBLE_NONE &&
           value_next_pair(&reader, &pair)) {
        if (json_search_work(search, (size_t)(reader.end - reader.next)) &&
            !json_search_overridden(reader, pair.key) &&
            (test == NULL || json_search_passes(search, test, &pair.value))) {
            add_hit(search, hits, &pair.value);
        }
    }
}

int64_t json_search_count_items(const struct value *array)
{
    struct wire_reader reader = wire_reader_of(array->bytes);
    struct value item;
    int64_t count = 0;
    while (value_next_item(&reader, &item)) {
        count++;
    }
    return count;
}

/* Items from `first` to before `end`, each `step`th of them. */
static void add_items(struct json_search *search, struct json_hits *hits, const struct value *value,
                      int64_t first, int64_t end, int64_t step)
{
    struct wire_reader reader = wire_reader_of(value->bytes);
    struct value item;
    for (int64_t i = 0; i < end && value_next_item(&reader, &item); i++) {
        if (i >= first && (i - first) % step == 0) {
            add_hit(search, hits, &item);
        }
    }
}

/* From the end where it is negative; no less than `least`, no more than `most`. */
static int64_t clamp(int64_t index, int64_t count, int64_t least, int64_t most)
{
    int64_t at = index >= 0 ? index : index < -count ? -1 : index + count;
    return at < least ? least : at > most ? most : at;
}

static void add_index(struct json_search *search, struct json_hits *hits, const struct value *value,
                      int64_t index)
{
    if (value->type == VALUE_ARRAY) {
        int64_t count = json_search_count_items(value);
        int64_t at = clamp(index, count, -1, count);
        if (at >= 0 && at < count) {
            add_items(search, hits, value, at, at + 1, 1);
        }
    }
}

/* From the last to the first. */
static void add_backwards(struct json_search *search, struct json_hits *hits,
                          const struct value *value, const struct json_selector *selector)
{
    int64_t count = json_search_count_items(value);
    int64_t first = selector->has_first ? clamp(selector->index, count, -1, count - 1) : count - 1;
    int64_t end = selector->has_end ? clamp(selector->end, count, -1, count - 1) : -1;
    int64_t step = selector->step < -count ? -count - 1 : selector->step;
    for (int64_t i = first; i > end && json_search_work(search, value->bytes.len); i += step) {
        add_items(search, hits, value, i, i + 1, 1);
    }
}

static void add_slice(struct json_search *search, struct json_hits *hits, const struct value *value,
                      const struct json_selector *selector)
{
    if (value->type != VALUE_ARRAY || selector->step == 0) {
        return;
    }
    if (selector->step < 0) {
        add_backwards(search, hits, value, selector);
        return;
    }
    int64_t count = json_search_count_items(value);
    int64_t first = selector->has_first ? clamp(selector->index, count, 0, count) : 0;
    int64_t end = selector->has_end ? clamp(selector->end, count, 0, count) : count;
    add_items(search, hits, value, first, end, selector->step);
}

/* --- segments --- */

static bool is_inner(const struct value *value)
{
    return value->type == VALUE_MAP || value->type == VALUE_ARRAY;
}

static void select_from(struct json_search *search, struct json_hits *hits,
                        const struct json_selector *selector, const struct value *value)
{
    if (!json_search_work(search, 1 + value->bytes.len)) {
        return;
    }
    switch (selector->type) {
    case JSON_SELECT_MEMBER:
        add_member(search, hits, value, selector->name);
        break;
    case JSON_SELECT_INDEX:
        add_index(search, hits, value, selector->index);
        break;
    case JSON_SELECT_ALL:
        add_all(search, hits, value, NULL);
        break;
    case JSON_SELECT_SLICE:
        add_slice(search, hits, value, selector);
        break;
    case JSON_SELECT_FILTER:
        add_all(search, hits, value, selector->test);
        break;
    }
}

/* Of one value; with `..` of all below it too, from the outside in, as deep as values are nested.
 */
static void apply_segment(struct json_search *search, struct json_hits *hits,
                          const struct json_segment *segment, const struct value *value)
{
    struct json_hits inside = {.count = 0};
    if (!is_inner(value)) {
        return;
    }
    for (const struct json_selector *one = segment->selectors; one != NULL; one = one->next) {
        select_from(search, hits, one, value);
    }
    if (segment->below && json_search_work(search, 1 + value->bytes.len)) {
        add_all(search, &inside, value, NULL);
    }
    for (uint32_t i = 0; i < inside.count && search->trouble == TROUBLE_NONE; i++) {
        apply_segment(search, hits, segment, &inside.items[i]);
    }
}

bool json_search_find(struct json_search *search, const struct json_path *path,
                      const struct value *here, struct json_hits *ret)
{
    *ret = (struct json_hits){.count = 0};
    add_hit(search, ret, here);
    for (const struct json_segment *segment = path->segments;
         segment != NULL && search->trouble == TROUBLE_NONE; segment = segment->next) {
        struct json_hits next = {.count = 0};
        for (uint32_t i = 0; i < ret->count && search->trouble == TROUBLE_NONE; i++) {
            apply_segment(search, &next, segment, &ret->items[i]);
        }
        *ret = next;
    }
    return search->trouble == TROUBLE_NONE;
}

/* --- the result --- */

/* Leaves nulls out, which are no values outside of filters. */
static void drop_nulls(struct json_hits *hits)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < hits->count; i++) {
        if (hits->items[i].type != VALUE_MISSING) {
            hits->items[kept++] = hits->items[i];
        }
    }
    hits->count = kept;
}

static enum trouble give_array(const struct json_search *search, const struct json_hits *hits,
                               struct operand *ret)
{
    struct buf items = BUF_NULL;
    for (uint32_t i = 0; i < hits->count && items.len <= ARRAY_BYTES_MAX; i++) {
        encode_item(&items, &hits->items[i]);
    }
    enum trouble trouble = items.failed                  ? TROUBLE_MEMORY
                           : items.len > ARRAY_BYTES_MAX ? TROUBLE_LIMIT
                                                         : TROUBLE_NONE;
    struct bytes kept = arena_copy(search->evaluation->scratch, buf_bytes(&items));
    trouble = trouble == TROUBLE_NONE && kept.data == NULL ? TROUBLE_MEMORY : trouble;
    buf_deinit(&items);
    *ret = (struct operand){.type = OPERAND_ARRAY, .bytes = kept};
    return trouble;
}

enum trouble json_path_find(struct evaluation *evaluation, const struct json_path *path,
                            const struct value *root, struct operand *ret)
{
    struct json_search search = {.evaluation = evaluation, .root = root};
    struct json_hits hits;
    if (!json_search_find(&search, path, root, &hits)) {
        return search.trouble;
    }
    drop_nulls(&hits);
    if (hits.count > 1) {
        return give_array(&search, &hits, ret);
    }
    *ret = hits.count == 1 ? operand_of_value(&hits.items[0]) : OPERAND_NONE;
    return TROUBLE_NONE;
}
