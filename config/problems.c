/*
 * Problems are kept in the order of their discovery and sorted when they are printed.
 */
#include "config/problems.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/json.h"

#define FIRST_CHUNK_BYTES 1024
#define FIRST_ROOM        8

void problems_init(struct problems *problems)
{
    *problems = (struct problems){.arena = ARENA_INIT(FIRST_CHUNK_BYTES, 0)};
}

void problems_deinit(struct problems *problems)
{
    arena_deinit(&problems->arena);
    problems_init(problems);
}

/* The old array stays behind in the arena: a collection is small and short-lived. */
static bool make_room(struct problems *problems)
{
    if (problems->count < problems->room) {
        return true;
    }
    size_t room = problems->room == 0 ? FIRST_ROOM : problems->room * 2;
    struct problem *items = arena_calloc(&problems->arena, room, sizeof *items);
    if (items == NULL) {
        return false;
    }
    if (problems->count > 0) {
        memcpy(items, problems->items, problems->count * sizeof *items);
    }
    problems->items = items;
    problems->room = room;
    return true;
}

/* A file name is usually the same as the problem's before. */
static const char *keep_file(struct problems *problems, const char *file)
{
    if (file == NULL) {
        return NULL;
    }
    const char *last =
        problems->count > 0 ? problems->items[problems->count - 1].origin.file : NULL;
    if (last != NULL && strcmp(last, file) == 0) {
        return last;
    }
    return arena_string(&problems->arena, bytes_of(file));
}

__attribute__((format(printf, 3, 0))) static void
keep(struct problems *problems, const struct problem *problem, const char *format, va_list args)
{
    struct buf text = BUF_NULL;
    buf_vprintf(&text, format, args);
    struct problem copy = *problem;
    copy.path = arena_string(&problems->arena, bytes_of(problem->path));
    copy.text = text.failed ? NULL : arena_string(&problems->arena, buf_bytes(&text));
    buf_deinit(&text);
    copy.origin.file = keep_file(problems, problem->origin.file);
    bool lost_file = problem->origin.file != NULL && copy.origin.file == NULL;
    if (copy.path != NULL && copy.text != NULL && !lost_file && make_room(problems)) {
        problems->items[problems->count++] = copy;
    }
    problems->errors += !problem->warning;
}

void problems_add(struct problems *problems, struct config_origin origin, const char *path,
                  const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(problems, &(struct problem){.origin = origin, .path = path}, format, args);
    va_end(args);
}

void problems_add_at(struct problems *problems, struct config_origin origin, const char *path,
                     int byte, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(problems, &(struct problem){.origin = origin, .path = path, .byte = byte}, format, args);
    va_end(args);
}

void problems_advise(struct problems *problems, struct config_origin origin, const char *path,
                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(problems, &(struct problem){.origin = origin, .path = path, .warning = true}, format,
         args);
    va_end(args);
}

static int compare_places(const struct problem *a, const struct problem *b)
{
    int files = strcmp(a->origin.file != NULL ? a->origin.file : "",
                       b->origin.file != NULL ? b->origin.file : "");
    if (files != 0) {
        return files;
    }
    return (a->origin.line > b->origin.line) - (a->origin.line < b->origin.line);
}

/* The order of discovery decides where the place is the same, so that the output is stable. */
static int compare(const void *left, const void *right)
{
    const struct problem *a = *(const struct problem *const *)left;
    const struct problem *b = *(const struct problem *const *)right;
    int places = compare_places(a, b);
    return places != 0 ? places : (a > b) - (a < b);
}

/* The problems in the order in which they are told; NULL without memory. */
static const struct problem **sorted(const struct problems *problems, struct buf *memory)
{
    const struct problem **order =
        (const struct problem **)(void *)buf_reserve(memory, problems->count * sizeof *order + 1);
    if (order == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < problems->count; i++) {
        order[i] = &problems->items[i];
    }
    qsort(order, problems->count, sizeof *order, compare);
    return order;
}

/* Text from a file may hold anything; on a terminal it stays one harmless line. */
static void print_plain(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7F) {
            buf_printf(out, "\\x%02x", c);
        } else {
            buf_append_char(out, *text);
        }
    }
}

static void print_one(const struct problem *problem, struct buf *out)
{
    if (problem->origin.file != NULL) {
        print_plain(out, problem->origin.file);
        if (problem->origin.line > 0) {
            buf_printf(out, ":%u", problem->origin.line);
        }
        buf_append_text(out, ": ");
    }
    if (problem->warning) {
        buf_append_text(out, "warning: ");
    }
    if (problem->path[0] != '\0') {
        print_plain(out, problem->path);
        buf_append_text(out, ": ");
    }
    if (problem->byte > 0) {
        buf_printf(out, "byte %d: ", problem->byte);
    }
    print_plain(out, problem->text);
    buf_append_char(out, '\n');
}

void problems_print(const struct problems *problems, struct buf *out)
{
    struct buf memory = BUF_NULL;
    const struct problem **order = sorted(problems, &memory);
    for (size_t i = 0; order != NULL && i < problems->count; i++) {
        print_one(order[i], out);
    }
    out->failed |= order == NULL;
    buf_deinit(&memory);
}

static void print_one_json(const struct problem *problem, struct json *json)
{
    json_object(json);
    json_key(json, "file");
    if (problem->origin.file != NULL) {
        json_string(json, problem->origin.file);
    } else {
        json_null(json);
    }
    json_member_u64(json, "line", problem->origin.line);
    json_member_string(json, "path", problem->path);
    json_member_u64(json, "byte", (uint64_t)(problem->byte > 0 ? problem->byte : 0));
    json_member_string(json, "severity", problem->warning ? "warning" : "error");
    json_member_string(json, "text", problem->text);
    json_object_end(json);
}

void problems_print_json(const struct problems *problems, struct buf *out)
{
    struct buf memory = BUF_NULL;
    const struct problem **order = sorted(problems, &memory);
    struct json json = JSON_INIT(out);
    json_array(&json);
    for (size_t i = 0; order != NULL && i < problems->count; i++) {
        print_one_json(order[i], &json);
    }
    json_array_end(&json);
    out->failed |= order == NULL;
    buf_deinit(&memory);
}
