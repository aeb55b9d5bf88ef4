/*
 * A recursive reader with one token of look-ahead. After a mistake in the grammar it stops: what
 * follows would be guesses. What is merely not allowed (an integer that does not fit, a name
 * written twice) does not stop it.
 */
#include "config/source.h"

#include <errno.h>
#include <stdlib.h>

#include "config/syntax.h"
#include "config/text_file.h"

/* Outcomes inside this file, beside -ENOMEM. */
enum { STOPPED = 1 };

struct name {
    struct bytes text;
    struct config_origin origin;
    struct name *next;
};

static int read_value(struct syntax *syntax, enum syntax_place place);

void source_init(struct source *source, struct arena *arena, struct problems *problems)
{
    *source = (struct source){
        .arena = arena, .problems = problems, .text = BUF_NULL, .origins = BUF_NULL};
}

void source_deinit(struct source *source)
{
    buf_deinit(&source->text);
    buf_deinit(&source->origins);
}

const char *syntax_path(struct syntax *syntax)
{
    if (buf_reserve(&syntax->path, 1) == NULL) {
        return "";
    }
    syntax->path.data[syntax->path.len] = '\0';
    return (const char *)syntax->path.data;
}

static int stop(struct syntax *syntax, enum syntax_place place)
{
    mistake_explain(syntax, place);
    syntax->source->is_bad = true;
    return STOPPED;
}

/* Files. */

const char *source_relative(struct arena *arena, const char *file, struct bytes path)
{
    const char *slash = file != NULL ? strrchr(file, '/') : NULL;
    if (slash == NULL || (path.len > 0 && path.data[0] == '/')) {
        return arena_string(arena, path);
    }
    return arena_printf(arena, "%.*s/%.*s", (int)(slash - file), file, (int)path.len,
                        (const char *)path.data);
}

static void copy_up_to(struct syntax *syntax, size_t at)
{
    struct syntax_file *file = syntax->file;
    buf_append(&syntax->source->text, file->scanner.text.data + file->copied, at - file->copied);
    file->copied = at;
}

static void pop_file(struct syntax *syntax)
{
    struct syntax_file *file = syntax->file;
    copy_up_to(syntax, file->scanner.text.len);
    buf_append_char(&syntax->source->text, '\n');
    syntax->file = file->outer;
    file->outer = syntax->closed;
    syntax->closed = file;
}

static void cannot_read(struct syntax *syntax, const char *name, const struct text_file_flaw *flaw)
{
    struct problems *problems = syntax->source->problems;
    struct config_origin origin = {name, flaw->line};
    if (flaw->line > 0) {
        problems_add(problems, origin, NULL, "%s", flaw->why);
    } else if (syntax->file != NULL && syntax->file->name != name) {
        struct config_origin including = {syntax->file->name, syntax->file->scanner.line};
        problems_add(problems, including, NULL, "%s cannot be read: %s", name, flaw->why);
    } else {
        problems_add(problems, origin, NULL, "cannot be read: %s", flaw->why);
    }
    syntax->source->is_bad = true;
}

static int push_file(struct syntax *syntax, const char *name)
{
    struct syntax_file *file = arena_calloc(syntax->source->arena, 1, sizeof *file);
    if (file == NULL) {
        return -ENOMEM;
    }
    struct text_file_flaw flaw;
    int rc = text_file_read(name, &file->text, &flaw);
    if (rc != 0) {
        buf_deinit(&file->text);
        if (rc == 1) {
            cannot_read(syntax, name, &flaw);
        }
        return rc;
    }
    file->name = name;
    file->scanner = scanner_of(buf_bytes(&file->text));
    file->outer = syntax->file;
    syntax->file = file;
    return 0;
}

static bool is_open(const struct syntax *syntax, const char *name)
{
    for (const struct syntax_file *file = syntax->file; file != NULL; file = file->outer) {
        if (strcmp(file->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static unsigned include_depth(const struct syntax *syntax)
{
    unsigned depth = 0;
    for (const struct syntax_file *file = syntax->file->outer; file != NULL; file = file->outer) {
        depth++;
    }
    return depth;
}

static int include(struct syntax *syntax, const struct token *token)
{
    struct source *source = syntax->source;
    struct config_origin origin = {syntax->file->name, token->line};
    const char *name = source_relative(source->arena, syntax->file->name, token->inner);
    if (name == NULL) {
        return -ENOMEM;
    }
    const char *why = NULL;
    if (is_open(syntax, name)) {
        why = "includes itself";
    } else if (include_depth(syntax) >= SOURCE_INCLUDE_DEPTH_MAX) {
        why = "is included too deep: 10 levels are allowed";
    }
    if (why != NULL) {
        problems_add(source->problems, origin, NULL, "%s %s", name, why);
        source->is_bad = true;
        return STOPPED;
    }
    copy_up_to(syntax, token->start);
    syntax->file->copied = token->end;
    return push_file(syntax, name);
}

/* Tokens. */

static void note_long_string(struct syntax *syntax, const struct token *token)
{
    if (token->type == TOKEN_STRING && token->last_line > token->line &&
        syntax->long_string.file == NULL) {
        syntax->long_string = (struct config_origin){syntax->file->name, token->line};
        syntax->long_string_path =
            arena_string(syntax->source->arena, bytes_of(syntax_path(syntax)));
    }
}

static int advance(struct syntax *syntax)
{
    syntax->last = syntax->token;
    syntax->last_origin = syntax->origin;
    for (;;) {
        struct token token = scanner_next(&syntax->file->scanner);
        int rc = 0;
        if (token.type == TOKEN_INCLUDE) {
            rc = include(syntax, &token);
        } else if (token.type == TOKEN_END && syntax->file->outer != NULL) {
            pop_file(syntax);
        } else {
            note_long_string(syntax, &token);
            syntax->token = token;
            syntax->origin = (struct config_origin){syntax->file->name, token.line};
            return 0;
        }
        if (rc != 0) {
            return rc;
        }
    }
}

/* Where the value stands that is about to be read. */
static void note_origin(struct syntax *syntax, struct config_origin origin)
{
    buf_append(&syntax->source->origins, &origin, sizeof origin);
}

/* What is written properly and still cannot be taken. */
static void refuse(struct syntax *syntax, const char *what)
{
    problems_add(syntax->source->problems, syntax->origin, syntax_path(syntax), "%.*s %s",
                 (int)(syntax->token.text.len < 80 ? syntax->token.text.len : 80),
                 (const char *)syntax->token.text.data, what);
    syntax->source->is_bad = true;
}

static void check_integer(struct syntax *syntax)
{
    const struct token *token = &syntax->token;
    if (!token->does_not_fit) {
        return;
    }
    if (token->is_wide) {
        refuse(syntax, "does not fit 64 bits");
        return;
    }
    problems_add(syntax->source->problems, syntax->origin, syntax_path(syntax),
                 "%.*s does not fit 32 bits and would silently become another number: write %.*sL",
                 (int)token->text.len, (const char *)token->text.data, (int)token->text.len,
                 (const char *)token->text.data);
    syntax->source->is_bad = true;
}

/* libconfig's \xHH of zero would cut the text short. */
static void check_string(struct syntax *syntax)
{
    struct bytes inner = syntax->token.inner;
    for (size_t i = 0; i + 3 < inner.len; i++) {
        if (inner.data[i] == '\\' && memcmp(inner.data + i, "\\x00", 4) == 0) {
            problems_add(syntax->source->problems, syntax->origin, syntax_path(syntax),
                         "a text cannot hold a NUL byte: remove \\x00");
            syntax->source->is_bad = true;
            return;
        }
        i += inner.data[i] == '\\';
    }
}

/* Grammar. */

/* Neighbouring strings become one, which in a list is hardly ever meant. */
static int read_strings(struct syntax *syntax)
{
    for (;;) {
        check_string(syntax);
        int rc = advance(syntax);
        if (rc != 0 || syntax->token.type != TOKEN_STRING) {
            return rc;
        }
        if (syntax->token.start == syntax->last.end &&
            syntax->file->name == syntax->last_origin.file) {
            problems_advise(
                syntax->source->problems, syntax->origin, syntax_path(syntax),
                "two texts that touch become one: for a quote inside a text write ' or \\\"");
        } else if (syntax->frame->open == '(' || syntax->frame->open == '[') {
            problems_advise(
                syntax->source->problems, syntax->last_origin, syntax_path(syntax),
                "two texts without a comma between them become one: write a comma for two");
        }
    }
}

static int read_scalar(struct syntax *syntax, enum syntax_place place)
{
    switch (syntax->token.type) {
    case TOKEN_STRING:
        return read_strings(syntax);
    case TOKEN_INT:
        check_integer(syntax);
        return advance(syntax);
    case TOKEN_FLOAT:
    case TOKEN_BOOL:
        return advance(syntax);
    default:
        return stop(syntax, place);
    }
}

static void remember_name(struct syntax *syntax, struct name **names)
{
    for (struct name *name = *names; name != NULL; name = name->next) {
        if (bytes_equal(name->text, syntax->token.text)) {
            problems_add(syntax->source->problems, syntax->origin, syntax_path(syntax),
                         "is written twice, first in line %u: keep one", name->origin.line);
            syntax->source->is_bad = true;
            return;
        }
    }
    struct name *name = arena_alloc(syntax->source->arena, sizeof *name);
    if (name != NULL) {
        *name = (struct name){arena_copy(syntax->source->arena, syntax->token.text), syntax->origin,
                              *names};
        *names = name;
    }
}

static int read_setting(struct syntax *syntax, struct name **names)
{
    if (syntax->token.type != TOKEN_NAME || mistake_is_quote_inside(syntax)) {
        return stop(syntax, SYNTAX_NAME);
    }
    size_t path_len = syntax->path.len;
    if (path_len > 0) {
        buf_append_char(&syntax->path, '.');
    }
    buf_append_bytes(&syntax->path, syntax->token.text);
    remember_name(syntax, names);
    note_origin(syntax, syntax->origin);
    int rc = advance(syntax);
    if (rc == 0 && !token_is_mark(&syntax->token, '=') && !token_is_mark(&syntax->token, ':')) {
        rc = stop(syntax, SYNTAX_EQUALS);
    }
    rc = rc == 0 ? advance(syntax) : rc;
    rc = rc == 0 ? read_value(syntax, SYNTAX_VALUE) : rc;
    if (rc == 0 && (token_is_mark(&syntax->token, ';') || token_is_mark(&syntax->token, ','))) {
        rc = advance(syntax);
    }
    syntax->path.len = path_len;
    return rc;
}

/* Settings up to the closing brace, or the end of the file where `closer` is 0. */
static int read_settings(struct syntax *syntax, char closer)
{
    struct name *names = NULL;
    while (closer != 0 ? !token_is_mark(&syntax->token, closer) : syntax->token.type != TOKEN_END) {
        int rc = read_setting(syntax, &names);
        if (rc != 0) {
            return rc;
        }
    }
    return 0;
}

/* The kinds that an array keeps apart. */
static int array_kind(const struct token *token)
{
    return (int)token->type * 2 + token->is_wide;
}

static int read_item(struct syntax *syntax, char closer, enum syntax_place place, int *kind)
{
    if (!token_is_mark(&syntax->token, '{') && !token_is_mark(&syntax->token, '(') &&
        !token_is_mark(&syntax->token, '[')) {
        note_origin(syntax, syntax->origin);
        if (closer == ']' && *kind >= 0 && *kind != array_kind(&syntax->token) &&
            syntax->token.type >= TOKEN_STRING && syntax->token.type <= TOKEN_BOOL) {
            refuse(syntax, "is of another type than the item before: [ ] holds one type, ( ) any");
        }
        *kind = array_kind(&syntax->token);
        return read_scalar(syntax, place);
    }
    if (closer == ']') {
        return stop(syntax, place);
    }
    note_origin(syntax, syntax->origin);
    return read_value(syntax, place);
}

static int read_items(struct syntax *syntax, char closer)
{
    size_t path_len = syntax->path.len;
    enum syntax_place place = SYNTAX_FIRST;
    int kind = -1;
    for (unsigned index = 0; place == SYNTAX_ITEM || !token_is_mark(&syntax->token, closer);
         index++) {
        buf_printf(&syntax->path, "[%u]", index);
        int rc = read_item(syntax, closer, place, &kind);
        if (rc == 0 && !token_is_mark(&syntax->token, ',') &&
            !token_is_mark(&syntax->token, closer)) {
            rc = stop(syntax, SYNTAX_COMMA);
        }
        if (rc != 0) {
            return rc;
        }
        syntax->path.len = path_len;
        if (token_is_mark(&syntax->token, closer)) {
            return 0;
        }
        rc = advance(syntax);
        if (rc != 0) {
            return rc;
        }
        place = SYNTAX_ITEM;
    }
    return 0;
}

/* A group, list or array. */
static int read_nested(struct syntax *syntax, char closer)
{
    struct syntax_frame frame = {(char)syntax->token.text.data[0], syntax->origin, syntax->frame};
    if (++syntax->depth > SOURCE_NESTING_MAX) {
        refuse(syntax, "is nested too deep: 64 levels are allowed");
        return STOPPED;
    }
    syntax->frame = &frame;
    int rc = advance(syntax);
    if (rc == 0) {
        rc = closer == '}' ? read_settings(syntax, closer) : read_items(syntax, closer);
    }
    syntax->frame = frame.outer;
    syntax->depth--;
    return rc == 0 ? advance(syntax) : rc;
}

static int read_value(struct syntax *syntax, enum syntax_place place)
{
    static const char openers[] = "{([";
    static const char closers[] = "})]";
    for (size_t i = 0; i < 3; i++) {
        if (token_is_mark(&syntax->token, openers[i])) {
            return read_nested(syntax, closers[i]);
        }
    }
    return read_scalar(syntax, place);
}

static int read_file(struct syntax *syntax)
{
    struct syntax_frame root = {0, {syntax->file->name, 1}, NULL};
    syntax->frame = &root;
    int rc = advance(syntax);
    rc = rc == 0 ? read_settings(syntax, 0) : rc;
    while (syntax->file != NULL) {
        pop_file(syntax);
    }
    for (struct syntax_file *file = syntax->closed; file != NULL; file = file->outer) {
        buf_deinit(&file->text);
    }
    buf_deinit(&syntax->path);
    struct source *source = syntax->source;
    buf_append_char(&source->text, '\0');
    if (rc < 0 || source->text.failed || source->origins.failed) {
        return -ENOMEM;
    }
    return source->is_bad ? 1 : 0;
}

int source_read_file(struct source *source, const char *path)
{
    struct syntax syntax = {.source = source, .path = BUF_NULL};
    const char *name = arena_string(source->arena, bytes_of(path));
    if (name == NULL) {
        return -ENOMEM;
    }
    int rc = push_file(&syntax, name);
    return rc != 0 ? rc : read_file(&syntax);
}

int source_read_text(struct source *source, const char *name, struct bytes text)
{
    struct syntax_file file = {.name = arena_string(source->arena, bytes_of(name))};
    struct syntax syntax = {.source = source, .path = BUF_NULL, .file = &file};
    struct text_file_flaw flaw;
    if (file.name == NULL) {
        return -ENOMEM;
    }
    if (text_file_check(text, &flaw) != 0) {
        cannot_read(&syntax, file.name, &flaw);
        return 1;
    }
    file.scanner = scanner_of(text);
    return read_file(&syntax);
}
