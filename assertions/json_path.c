#include "assertions/json_path.h"

#include <errno.h>

#include "assertions/encode.h"
#include "daemon/core/number.h"

#define ARRAY_BYTES_MAX EXPRESSION_TEXT_MAX /* but for the last of its items */

enum step_type { STEP_MEMBER, STEP_INDEX, STEP_ALL, STEP_SLICE, STEP_BELOW };

struct step {
    enum step_type type;
    struct bytes name; /* MEMBER, BELOW */
    int64_t index;     /* INDEX; SLICE: its first */
    int64_t end;       /* SLICE */
    bool has_first, has_end;
};

struct json_path {
    struct step *steps;
    uint32_t count;
};

/* --- compiling --- */

struct path_reader {
    struct bytes text;
    size_t at;
    const char *error;
};

static int peek(const struct path_reader *reader)
{
    return reader->at < reader->text.len ? reader->text.data[reader->at] : -1;
}

static bool take(struct path_reader *reader, int c)
{
    bool there = peek(reader) == c;
    reader->at += there;
    return there;
}

static bool fail(struct path_reader *reader, const char *error)
{
    reader->error = error;
    return false;
}

static bool is_name_byte(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c >= 0x80;
}

static bool read_name(struct path_reader *reader, struct bytes *ret)
{
    size_t from = reader->at;
    while (is_name_byte(peek(reader))) {
        reader->at++;
    }
    *ret = bytes_from(reader->text.data + from, reader->at - from);
    return ret->len != 0 || fail(reader, "a member's name is missing; write .name, ['a name'], [0] "
                                         "or [*]");
}

static bool read_quoted(struct path_reader *reader, int quote, struct bytes *ret)
{
    size_t from = ++reader->at;
    while (peek(reader) != quote) {
        if (peek(reader) < 0) {
            return fail(reader, "the quote is not closed");
        }
        reader->at++;
    }
    *ret = bytes_from(reader->text.data + from, reader->at++ - from);
    return true;
}

/* An integer; *ret_there tells whether there was one. */
static bool read_integer(struct path_reader *reader, int64_t *ret, bool *ret_there)
{
    size_t from = reader->at;
    take(reader, '-');
    while (peek(reader) >= '0' && peek(reader) <= '9') {
        reader->at++;
    }
    *ret_there = reader->at > from;
    return !*ret_there ||
           number_parse_i64(bytes_from(reader->text.data + from, reader->at - from), ret) == 0 ||
           fail(reader, "not an index");
}

static bool read_index(struct path_reader *reader, struct step *step)
{
    bool there;
    if (!read_integer(reader, &step->index, &there)) {
        return false;
    }
    if (!take(reader, ':')) {
        step->type = STEP_INDEX;
        return there || fail(reader, "an index is missing; write [0], [-1], [1:3], [*] or ['a']");
    }
    step->type = STEP_SLICE;
    step->has_first = there;
    return read_integer(reader, &step->end, &step->has_end);
}

/* After `[`. */
static bool read_bracket(struct path_reader *reader, struct step *step)
{
    int c = peek(reader);
    bool good = true;
    if (c == '\'' || c == '"') {
        step->type = STEP_MEMBER;
        good = read_quoted(reader, c, &step->name);
    } else if (take(reader, '*')) {
        step->type = STEP_ALL;
    } else {
        good = read_index(reader, step);
    }
    return good && (take(reader, ']') || fail(reader, "']' is missing"));
}

static bool read_step(struct path_reader *reader, struct step *step)
{
    *step = (struct step){.type = STEP_MEMBER};
    if (take(reader, '[')) {
        return read_bracket(reader, step);
    }
    if (!take(reader, '.')) {
        return fail(reader, "write .name, ['a name'], [0], [*], [1:3] or ..name");
    }
    if (take(reader, '.')) {
        step->type = STEP_BELOW;
        return read_name(reader, &step->name);
    }
    if (take(reader, '*')) {
        step->type = STEP_ALL;
        return true;
    }
    return read_name(reader, &step->name);
}

static bool read_steps(struct path_reader *reader, struct json_path *path)
{
    if (!take(reader, '$')) {
        return fail(reader, "a JSON path begins with $, such as $.items[0].id");
    }
    while (peek(reader) >= 0) {
        if (path->count == JSON_PATH_STEPS_MAX) {
            return fail(reader, "more than 64 steps");
        }
        if (!read_step(reader, &path->steps[path->count++])) {
            return false;
        }
    }
    return true;
}

int json_path_compile(struct arena *arena, struct bytes text, const struct json_path **ret,
                      size_t *ret_byte, const char **ret_error)
{
    struct path_reader reader = {.text = arena_copy(arena, text)};
    struct json_path *path = arena_calloc(arena, 1, sizeof *path);
    struct step *steps = arena_calloc(arena, text.len / 2 + 1, sizeof *steps);
    if (path == NULL || steps == NULL || (reader.text.data == NULL && text.len != 0)) {
        return -ENOMEM;
    }
    path->steps = steps;
    if (!read_steps(&reader, path)) {
        *ret_byte = reader.at;
        *ret_error = reader.error;
        return JSON_PATH_BAD;
    }
    *ret = path;
    return 0;
}

/* --- finding --- */

struct hits {
    struct value *items;
    uint32_t count, room;
    struct evaluation *evaluation;
    enum trouble trouble;
};

static void add_hit(struct hits *hits, const struct value *value)
{
    if (value->type == VALUE_MISSING || hits->trouble != TROUBLE_NONE) {
        return;
    }
    if (hits->count == JSON_PATH_HITS_MAX) {
        hits->trouble = TROUBLE_LIMIT;
        return;
    }
    if (hits->count == hits->room) {
        uint32_t room = hits->room != 0 ? 4 * hits->room : 4;
        struct value *items = arena_alloc(hits->evaluation->scratch, room * sizeof *items);
        if (items == NULL) {
            hits->trouble = TROUBLE_MEMORY;
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

static void add_member(struct hits *hits, const struct value *value, struct bytes name)
{
    struct wire_reader pairs = wire_reader_of(value->bytes);
    struct value found = VALUE_NONE;
    struct attr pair;
    while (value->type == VALUE_MAP && value_next_pair(&pairs, &pair)) {
        if (bytes_equal(pair.key, name)) {
            found = pair.value;
        }
    }
    add_hit(hits, &found);
}

/* Whether a later pair of the same key counts instead. */
static bool is_overridden(struct wire_reader later, struct bytes key)
{
    struct attr pair;
    while (value_next_pair(&later, &pair)) {
        if (bytes_equal(pair.key, key)) {
            return true;
        }
    }
    return false;
}

static void add_all(struct hits *hits, const struct value *value)
{
    struct wire_reader reader = wire_reader_of(value->bytes);
    struct attr pair;
    struct value item;
    while (value->type == VALUE_ARRAY && value_next_item(&reader, &item)) {
        add_hit(hits, &item);
    }
    while (value->type == VALUE_MAP && hits->trouble == TROUBLE_NONE &&
           value_next_pair(&reader, &pair)) {
        if (!evaluation_work(hits->evaluation, (size_t)(reader.end - reader.next))) {
            hits->trouble = TROUBLE_LIMIT;
        } else if (!is_overridden(reader, pair.key)) {
            add_hit(hits, &pair.value);
        }
    }
}

static int64_t count_items(const struct value *value)
{
    struct wire_reader reader = wire_reader_of(value->bytes);
    struct value item;
    int64_t count = 0;
    while (value_next_item(&reader, &item)) {
        count++;
    }
    return count;
}

/* Items from `first` to before `end`. */
static void add_items(struct hits *hits, const struct value *value, int64_t first, int64_t end)
{
    struct wire_reader reader = wire_reader_of(value->bytes);
    struct value item;
    for (int64_t i = 0; i < end && value_next_item(&reader, &item); i++) {
        if (i >= first) {
            add_hit(hits, &item);
        }
    }
}

static int64_t from_end(int64_t index, int64_t count)
{
    return index >= 0 ? index : index < -count ? -1 : index + count;
}

static void add_index(struct hits *hits, const struct value *value, int64_t index)
{
    if (value->type != VALUE_ARRAY) {
        return;
    }
    int64_t at = from_end(index, count_items(value));
    if (at >= 0 && at < INT64_MAX) {
        add_items(hits, value, at, at + 1);
    }
}

static void add_slice(struct hits *hits, const struct value *value, const struct step *step)
{
    if (value->type != VALUE_ARRAY) {
        return;
    }
    int64_t count = count_items(value);
    int64_t first = step->has_first ? from_end(step->index, count) : 0;
    int64_t end = step->has_end ? from_end(step->end, count) : count;
    add_items(hits, value, first < 0 ? 0 : first, end < 0 ? 0 : end);
}

/* Everything of the name at any depth, from the outside in; as deep as values are nested. */
static void add_below(struct hits *hits, const struct value *value, struct bytes name)
{
    struct hits inside = {.evaluation = hits->evaluation};
    if (!evaluation_work(hits->evaluation, 1 + value->bytes.len)) {
        hits->trouble = TROUBLE_LIMIT;
        return;
    }
    add_member(hits, value, name);
    add_all(&inside, value);
    hits->trouble = hits->trouble != TROUBLE_NONE ? hits->trouble : inside.trouble;
    for (uint32_t i = 0; i < inside.count && hits->trouble == TROUBLE_NONE; i++) {
        if (inside.items[i].type == VALUE_MAP || inside.items[i].type == VALUE_ARRAY) {
            add_below(hits, &inside.items[i], name);
        }
    }
}

static void apply_step(struct hits *hits, const struct step *step, const struct value *value)
{
    if (value->type != VALUE_MAP && value->type != VALUE_ARRAY) {
        return;
    }
    if (!evaluation_work(hits->evaluation, 1 + value->bytes.len)) {
        hits->trouble = TROUBLE_LIMIT;
        return;
    }
    switch (step->type) {
    case STEP_MEMBER:
        add_member(hits, value, step->name);
        break;
    case STEP_INDEX:
        add_index(hits, value, step->index);
        break;
    case STEP_ALL:
        add_all(hits, value);
        break;
    case STEP_SLICE:
        add_slice(hits, value, step);
        break;
    case STEP_BELOW:
        add_below(hits, value, step->name);
        break;
    }
}

static enum trouble give_array(const struct hits *hits, struct operand *ret)
{
    struct buf items = BUF_NULL;
    for (uint32_t i = 0; i < hits->count && items.len <= ARRAY_BYTES_MAX; i++) {
        encode_item(&items, &hits->items[i]);
    }
    enum trouble trouble = items.failed                  ? TROUBLE_MEMORY
                           : items.len > ARRAY_BYTES_MAX ? TROUBLE_LIMIT
                                                         : TROUBLE_NONE;
    struct bytes kept = arena_copy(hits->evaluation->scratch, buf_bytes(&items));
    trouble = trouble == TROUBLE_NONE && kept.data == NULL ? TROUBLE_MEMORY : trouble;
    buf_deinit(&items);
    *ret = (struct operand){.type = OPERAND_ARRAY, .bytes = kept};
    return trouble;
}

enum trouble json_path_find(struct evaluation *evaluation, const struct json_path *path,
                            const struct value *root, struct operand *ret)
{
    struct hits hits = {.evaluation = evaluation};
    add_hit(&hits, root);
    for (uint32_t s = 0; s < path->count && hits.trouble == TROUBLE_NONE; s++) {
        struct hits next = {.evaluation = evaluation};
        for (uint32_t i = 0; i < hits.count && next.trouble == TROUBLE_NONE; i++) {
            apply_step(&next, &path->steps[s], &hits.items[i]);
        }
        hits = next;
    }
    if (hits.trouble != TROUBLE_NONE) {
        return hits.trouble;
    }
    if (hits.count > 1) {
        return give_array(&hits, ret);
    }
    *ret = hits.count == 1 ? operand_of_value(&hits.items[0]) : OPERAND_NONE;
    return TROUBLE_NONE;
}
