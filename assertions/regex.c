/*
 * Patterns by PCRE2's interpreter: its just-in-time compiler needs memory that is writable and
 * executable, which the hardened service forbids, and its verdict must not depend on that.
 *
 * A compiled pattern takes its memory from the arena (freeing is the arena's). A match takes its
 * memory from a block on the stack; only patterns that backtrack deeply go to the heap, up to
 * HEAP_LIMIT_KIB.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "assertions/regex.h"

#include <errno.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

#define MATCH_LIMIT       1000000
#define DEPTH_LIMIT       20000
#define HEAP_LIMIT_KIB    4096
#define MATCH_BLOCK_BYTES 1024

struct regex {
    pcre2_code *code;
    pcre2_match_context *limits;
};

static void *arena_malloc(size_t bytes, void *arena)
{
    return arena_alloc(arena, bytes);
}

static void arena_free(void *block, void *arena)
{
    (void)block;
    (void)arena;
}

static int fail_compile(int code, size_t offset, size_t *ret_byte, char *ret_error, size_t bytes)
{
    if (code == PCRE2_ERROR_HEAP_FAILED) {
        return -ENOMEM;
    }
    *ret_byte = offset;
    if (pcre2_get_error_message(code, (PCRE2_UCHAR *)ret_error, bytes) == PCRE2_ERROR_BADDATA) {
        snprintf(ret_error, bytes, "PCRE2 error %d", code);
    }
    return REGEX_BAD;
}

static pcre2_match_context *make_limits(pcre2_general_context *memory)
{
    pcre2_match_context *limits = pcre2_match_context_create(memory);
    if (limits != NULL) {
        pcre2_set_match_limit(limits, MATCH_LIMIT);
        pcre2_set_depth_limit(limits, DEPTH_LIMIT);
        pcre2_set_heap_limit(limits, HEAP_LIMIT_KIB);
    }
    return limits;
}

int regex_compile(struct arena *arena, struct bytes pattern, struct regex **ret, size_t *ret_byte,
                  char *ret_error, size_t error_bytes)
{
    struct regex *regex = arena_alloc(arena, sizeof *regex);
    pcre2_general_context *memory = pcre2_general_context_create(arena_malloc, arena_free, arena);
    pcre2_compile_context *context = memory != NULL ? pcre2_compile_context_create(memory) : NULL;
    if (regex == NULL || context == NULL) {
        return -ENOMEM;
    }
    int code;
    PCRE2_SIZE offset;
    PCRE2_SPTR text = pattern.len > 0 ? pattern.data : (PCRE2_SPTR) "";
    regex->code = pcre2_compile(text, pattern.len, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code,
                                &offset, context);
    if (regex->code == NULL) {
        return fail_compile(code, offset, ret_byte, ret_error, error_bytes);
    }
    regex->limits = make_limits(memory);
    if (regex->limits == NULL) {
        return -ENOMEM;
    }
    *ret = regex;
    return 0;
}

struct block {
    size_t used;
    _Alignas(16) char bytes[MATCH_BLOCK_BYTES];
};

static void *block_malloc(size_t bytes, void *data)
{
    struct block *block = data;
    size_t rounded = (bytes + 15) & ~(size_t)15;
    if (rounded > sizeof block->bytes - block->used) {
        return malloc(bytes);
    }
    block->used += rounded;
    return block->bytes + block->used - rounded;
}

static void block_free(void *memory, void *data)
{
    struct block *block = data;
    char *start = memory;
    if (start < block->bytes || start >= block->bytes + sizeof block->bytes) {
        free(memory);
    }
}

/* What stands where the groups are said to be. */
static void take_groups(pcre2_match_data *data, struct bytes text, struct bytes *groups,
                        uint32_t count)
{
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(data);
    const uint8_t *begin = text.len > 0 ? text.data : (const uint8_t *)"";
    for (uint32_t i = 0; i < count; i++) {
        PCRE2_SIZE from = places[2 * i];
        PCRE2_SIZE end = places[2 * i + 1];
        groups[i] =
            from != PCRE2_UNSET && from <= end ? bytes_from(begin + from, end - from) : BYTES_NULL;
    }
}

int regex_find(const struct regex *regex, struct bytes text, struct bytes *groups, uint32_t most,
               uint32_t *ret_count)
{
    struct block block;
    uint32_t named = 0;
    block.used = 0;
    pcre2_general_context *memory = pcre2_general_context_create(block_malloc, block_free, &block);
    pcre2_match_data *data = memory != NULL ? pcre2_match_data_create(most, memory) : NULL;
    if (data == NULL) {
        pcre2_general_context_free(memory);
        return REGEX_UNKNOWN;
    }
    PCRE2_SPTR subject = text.len > 0 ? text.data : (PCRE2_SPTR) "";
    int r = pcre2_match(regex->code, subject, text.len, 0, 0, data, regex->limits);
    if (r >= 0 && groups != NULL) {
        pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &named);
        *ret_count = named + 1 < most ? named + 1 : most;
        take_groups(data, text, groups, *ret_count);
    }
    pcre2_match_data_free(data);
    pcre2_general_context_free(memory);
    /* 0: more groups than are asked for. */
    return r >= 0 ? 0 : r == PCRE2_ERROR_NOMATCH ? REGEX_NO_MATCH : REGEX_UNKNOWN;
}

int regex_match(const struct regex *regex, struct bytes text)
{
    return regex_find(regex, text, NULL, 1, NULL);
}
