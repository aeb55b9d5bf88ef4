/* A compiled JSON path (RFC 9535; what of it is known stands in docs/language.md). Internal to
 * json_path*.c; immutable, in the arena of its suite set. */
#ifndef ASSERTD_ASSERTIONS_JSON_PATH_PARTS_H
#define ASSERTD_ASSERTIONS_JSON_PATH_PARTS_H

#include "assertions/json_path.h"

struct json_test;

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

/* A side of a comparison: what a single path leads to, or a literal. */
struct json_side {
    const struct json_path *path; /* NULL: the literal */
    struct value literal;         /* VALUE_MISSING: null */
};

struct json_test {
    enum { JSON_TEST_AND, JSON_TEST_OR, JSON_TEST_NOT, JSON_TEST_THERE, JSON_TEST_COMPARE } type;
    const struct json_test *left, *right; /* AND, OR; NOT: left */
    const struct json_path *path;         /* THERE */
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

/* Counts steps; false: there are none left, which is noted. */
bool json_search_work(struct json_search *search, size_t steps);

/* The value of the last pair of the key. False: there is none. */
bool json_search_member(const struct value *map, struct bytes name, struct value *ret);

/* Whether a later pair of the same key counts instead. */
bool json_search_overridden(struct wire_reader later, struct bytes key);

#endif
