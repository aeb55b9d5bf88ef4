/* A compiled JSON path (RFC 9535; what of it is known stands in docs/language.md). Internal to
 * json_path*.c; immutable, in the arena of its suite set. */
#ifndef ASSERTD_ASSERTIONS_JSON_PATH_PARTS_H
#define ASSERTD_ASSERTIONS_JSON_PATH_PARTS_H

#include "assertions/json_path.h"
#include "assertions/regex.h"

struct json_test;
struct json_call;

/* One of those between brackets: which members or items of a value. */
struct json_selector {
    enum {
        JSON_SELECT_MEMBER,
        JSON_SELECT_INDEX,
        JSON_SELECT_ALL,
        JSON_SELECT_SLICE,
        JSON_SELECT_FILTER
    } type;
    struct bytes name; /* MEMBER */
    int64_t index;     /* INDEX; SLICE: its first */
    int64_t end, step; /* SLICE */
    bool has_first, has_end;
    const struct json_test *test; /* FILTER */
    const struct json_selector *next;
};

struct json_segment {
    bool below; /* `..`: of the value and of all below it */
    const struct json_selector *selectors;
    const struct json_segment *next;
};

struct json_path {
    bool here;   /* begins with @: at the value that is tested; else with $: at the whole */
    bool single; /* members and indices only: never more than one value */
    const struct json_segment *segments;
};

/* A side of a comparison, or an argument: what a path leads to, what a function gives, or a
 * literal. */
struct json_side {
    const struct json_path *path; /* NULL: the call, or the literal */
    const struct json_call *call;
    struct value literal; /* VALUE_MISSING: null */
};

enum json_function {
    JSON_CALL_LENGTH,
    JSON_CALL_COUNT,
    JSON_CALL_VALUE,
    JSON_CALL_MATCH,
    JSON_CALL_SEARCH
};

struct json_call {
    enum json_function function;
    struct json_side of;       /* COUNT, VALUE: a path, perhaps of many values */
    const struct regex *regex; /* MATCH, SEARCH */
};

/* Whether it is true or false, and no value. */
static inline bool json_call_is_test(const struct json_call *call)
{
    return call->function >= JSON_CALL_MATCH;
}

struct json_test {
    enum {
        JSON_TEST_AND,
        JSON_TEST_OR,
        JSON_TEST_NOT,
        JSON_TEST_THERE,
        JSON_TEST_CALL,
        JSON_TEST_COMPARE
    } type;
    const struct json_test *left, *right; /* AND, OR; NOT: left */
    const struct json_path *path;         /* THERE */
    const struct json_call *call;         /* CALL */
    enum compare_op op;                   /* COMPARE: from OP_EQUAL to OP_GREATER_EQUAL */
    struct json_side sides[2];
};

/* --- reading --- */

struct path_reader {
    struct bytes text;
    size_t at;
    struct arena *arena;
    uint32_t parts; /* so far */
    uint32_t depth; /* of filters, parentheses and negations */
    const char *error;
    bool no_memory;
};

/* The next byte; -1 beyond the end. */
static inline int path_peek(const struct path_reader *reader)
{
    return reader->at < reader->text.len ? reader->text.data[reader->at] : -1;
}

/* Passes the next byte if it is `c`; whether it was. */
bool path_take(struct path_reader *reader, int c);

/* Passes space, tab, CR and LF. */
void path_skip_blanks(struct path_reader *reader);

/* Notes what is wrong at the reader's place. Always false. */
bool path_fail(struct path_reader *reader, const char *error);

/* Counts a part and takes memory for it, zeroed; NULL: too many, or no memory. */
void *path_part(struct path_reader *reader, size_t size);

/* The segments behind `$` or `@`, none left out. */
bool path_read_segments(struct path_reader *reader, struct json_path *path);

/* A text in quotes, its escapes undone. */
bool path_read_quoted(struct path_reader *reader, struct bytes *ret);

/* What stands behind `?`. */
bool path_read_filter(struct path_reader *reader, const struct json_test **ret);

/* One level deeper; who called it takes it back from reader->depth. False: too deep. */
bool path_deepen(struct path_reader *reader);

/* A path, a call or a literal; refuses, at byte `at`, what is not one value at most. */
bool path_read_side(struct path_reader *reader, struct json_side *ret);
bool path_check_value(struct path_reader *reader, const struct json_side *side, size_t at);

/* Whether a word and `(` come next; reads the call. */
bool path_sees_call(const struct path_reader *reader);
bool path_read_call(struct path_reader *reader, const struct json_call **ret);

/* --- finding --- */

/* One search: what all of its paths share. */
struct json_search {
    struct evaluation *evaluation;
    const struct value *root;
    enum trouble trouble;
};

/* Values found so far, in order, in the scratch arena; nulls too. */
struct json_hits {
    struct value *items;
    uint32_t count, room;
};

/* Where the path leads from `here`. False: search->trouble says why not. */
bool json_search_find(struct json_search *search, const struct json_path *path,
                      const struct value *here, struct json_hits *ret);

/* Whether a value passes a test; false with search->trouble set where that can't be told. */
bool json_search_passes(struct json_search *search, const struct json_test *test,
                        const struct value *here);

/* What a side or a call of length, count or value comes to, perhaps in `room`; NULL: nothing, or
 * search->trouble says why not. */
const struct value *json_side_value(struct json_search *search, const struct json_side *side,
                                    const struct value *here, struct value *room);
const struct value *json_call_value(struct json_search *search, const struct json_call *call,
                                    const struct value *here, struct value *room);

/* Whether a call of match or search holds; false with search->trouble set where that can't be
 * told. */
bool json_call_matches(struct json_search *search, const struct json_call *call,
                       const struct value *here);

/* Items of an array; members of a map, of equal keys one. */
int64_t json_search_count_items(const struct value *array);
uint32_t json_search_count_keys(struct json_search *search, const struct value *map);

/* Counts steps; false: there are none left, which is noted. */
bool json_search_work(struct json_search *search, size_t steps);

/* The value of the last pair of the key. False: there is none. */
bool json_search_member(const struct value *map, struct bytes name, struct value *ret);

/* Whether a later pair of the same key counts instead. */
bool json_search_overridden(struct wire_reader later, struct bytes key);

#endif
