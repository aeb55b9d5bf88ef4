/*
 * Keys: where they look, and what they are called.
 */
#include "assertions/defect.h"
#include "assertions/parse.h"
#include "assertions/read_set.h"
#include "config/suggest.h"

static const struct {
    const char *word;
    enum key_space space;
} prefixes[] = {
    {"attr", KEY_ATTR}, {"resource", KEY_RESOURCE}, {"scope", KEY_SCOPE},   {"event", KEY_EVENT},
    {"link", KEY_LINK}, {"span", KEY_FIELD},        {"defect", KEY_DEFECT},
};
#define PREFIX_COUNT (sizeof prefixes / sizeof prefixes[0])

static const char *const fields[] = {
    [FIELD_NAME] = "name",
    [FIELD_KIND] = "kind",
    [FIELD_STATUS] = "status",
    [FIELD_SERVICE] = "service",
    [FIELD_DURATION] = "duration",
    [FIELD_START] = "start",
    [FIELD_END] = "end",
    [FIELD_TYPE] = "type",
    [FIELD_ID] = "id",
    [FIELD_STATUS_MESSAGE] = "status_message",
    [FIELD_PARENT_ID] = "parent_id",
    [FIELD_TRACE_STATE] = "trace_state",
    [FIELD_EVENT_COUNT] = "event_count",
    [FIELD_LINK_COUNT] = "link_count",
};
#define FIELD_COUNT (sizeof fields / sizeof fields[0])
#define BARE_COUNT  (FIELD_END + 1)

static bool parse_quoted_key(struct parser *parser, struct bytes *ret)
{
    size_t open = parser->at++;
    while (parser_peek(parser, 0) != '`') {
        if (parser_peek(parser, 0) < 0) {
            return parser_fail(parser, open, "the back quote is not closed");
        }
        parser->at++;
    }
    *ret = bytes_from(parser->text.data + open + 1, parser->at - open - 1);
    parser->at++;
    if (ret->len == 0) {
        return parser_fail(parser, open, "the key between the back quotes is empty");
    }
    return true;
}

static bool fail_no_key(struct parser *parser)
{
    char found[PARSER_FOUND_MAX];
    const char *advice = "a key is letters, digits and _ . - / (any other in back quotes: `a b`)";
    switch (parser_peek(parser, 0)) {
    case '\'':
    case '"':
        advice = "a key stands without quotes, or in back quotes: `a b`";
        break;
    case '$':
        advice = "names ($x) stand in conditions, `when` and rules; a selector looks at one span";
        break;
    case '(':
        advice = "parentheses stand only in not (...) and count($x)";
        break;
    case '!':
        advice = "write not (KEY OP VALUE), or KEY missing";
        break;
    case '*':
        advice = "all spans are span[], and a value of any kind is KEY exists";
        break;
    default:
        break;
    }
    return parser_fail(parser, parser->at, "a key is missing before %s; %s",
                       parser_found(parser, found), advice);
}

static bool parse_bare_key(struct parser *parser, struct bytes *ret)
{
    size_t from = parser->at;
    *ret = parser_word(parser);
    if (ret->len == 0) {
        return fail_no_key(parser);
    }
    if (ret->data[0] == '-' || (ret->data[0] >= '0' && ret->data[0] <= '9')) {
        return parser_fail(parser, from,
                           "a key can't begin with '%c'; put it in back quotes, and a value on the "
                           "right of the operator",
                           ret->data[0]);
    }
    return true;
}

bool parse_plain_key(struct parser *parser, struct bytes *ret, bool *ret_quoted)
{
    *ret_quoted = parser_peek(parser, 0) == '`';
    return *ret_quoted ? parse_quoted_key(parser, ret) : parse_bare_key(parser, ret);
}

static bool fail_prefix(struct parser *parser, size_t at, struct bytes word)
{
    static const struct {
        const char *word, *instead;
    } quantifiers[] = {{"every", "all"}, {"each", "all"}, {"some", "any"}, {"no", "none"}};
    const char *known[PREFIX_COUNT];
    for (size_t i = 0; i < sizeof quantifiers / sizeof quantifiers[0]; i++) {
        if (bytes_is(word, quantifiers[i].word)) {
            return parser_fail(parser, at, "there is no '%s:'; write %s:", quantifiers[i].word,
                               quantifiers[i].instead);
        }
    }
    for (size_t i = 0; i < PREFIX_COUNT; i++) {
        known[i] = prefixes[i].word;
    }
    const char *near = suggest(word, known, PREFIX_COUNT);
    if (near != NULL) {
        return parser_fail(parser, at, "unknown key prefix '%.*s:'; did you mean %s:?",
                           (int)word.len, (const char *)word.data, near);
    }
    return parser_fail(parser, at,
                       "unknown key prefix '%.*s:'; there are attr: resource: scope: event: link: "
                       "span: defect:, and other keys with a colon stand in back quotes",
                       (int)word.len, (const char *)word.data);
}

/* Takes the field of that name among the first `count`. */
static bool take_field(struct key *key, size_t count)
{
    for (size_t i = 0; i < count && !key->quoted; i++) {
        if (bytes_is(key->name, fields[i])) {
            key->space = KEY_FIELD;
            key->field = (enum span_field)i;
            return true;
        }
    }
    return false;
}

/* After `span:`, at `at`. */
static bool check_field(struct parser *parser, size_t at, struct key *key)
{
    const char *near = suggest(key->name, fields, FIELD_COUNT);
    return take_field(key, FIELD_COUNT) ||
           parser_fail(parser, at, "span: has no '%.*s'; %s%s%s", (int)key->name.len,
                       (const char *)key->name.data, near != NULL ? "did you mean " : "there are ",
                       near != NULL ? near
                                    : "name kind status service duration start end type "
                                      "status_message id parent_id trace_state event_count "
                                      "link_count",
                       near != NULL ? "?" : "");
}

/* After `defect:`, at `at`. */
static bool take_rule(struct parser *parser, size_t at, struct key *ret)
{
    enum defect_rule rule;
    const char *known[DEFECT_RULES];
    if (!ret->quoted && defect_rule_find(ret->name, &rule) == 0) {
        ret->rule = (uint8_t)rule;
        return true;
    }
    for (int i = 0; i < DEFECT_RULES; i++) {
        known[i] = defect_rule_name((enum defect_rule)i);
    }
    const char *near = suggest(ret->name, known, DEFECT_RULES);
    return parser_fail(parser, at, "the analyzer has no rule '%.*s'; %s%s%s", (int)ret->name.len,
                       (const char *)ret->name.data, near != NULL ? "did you mean " : "they are ",
                       near != NULL ? near
                                    : "span-naming required-attributes attribute-naming "
                                      "no-empty-attributes prefer-dns secure-https-protocol "
                                      "no-api-key-leak",
                       near != NULL ? "?" : "");
}

/* After `word:`. */
static bool parse_prefixed_key(struct parser *parser, size_t at, struct bytes word, struct key *ret)
{
    for (size_t i = 0; i < PREFIX_COUNT; i++) {
        if (bytes_is(word, prefixes[i].word)) {
            ret->space = prefixes[i].space;
            parser_skip_blanks(parser);
            size_t name_at = parser->at;
            return parse_plain_key(parser, &ret->name, &ret->quoted) &&
                   (ret->space != KEY_FIELD || check_field(parser, name_at, ret)) &&
                   (ret->space != KEY_DEFECT || take_rule(parser, name_at, ret));
        }
    }
    return fail_prefix(parser, at, word);
}

static bool read_key(struct parser *parser, struct key *ret)
{
    size_t at = parser->at;
    *ret = (struct key){.space = KEY_ANY};
    if (!parse_plain_key(parser, &ret->name, &ret->quoted)) {
        return false;
    }
    if (ret->quoted) {
        return true;
    }
    if (parser_take(parser, ":")) {
        struct bytes prefix = ret->name;
        return parse_prefixed_key(parser, at, prefix, ret);
    }
    take_field(ret, BARE_COUNT);
    return true;
}

/* The names that semantic conventions have given the key beside this one. */
static bool find_aliases(struct parser *parser, struct key *key)
{
    bool renamed = key->space == KEY_ANY || key->space == KEY_ATTR || key->space == KEY_RESOURCE;
    key->aliased = renamed && parser->context->semconv_aliases;
    return !renamed ||
           semconv_aliases(key->name, parser->context->arena, &key->aliases, &key->alias_count) ==
               0 ||
           parser_fail_memory(parser);
}

bool parse_key(struct parser *parser, struct key *ret)
{
    if (!read_key(parser, ret) || !find_aliases(parser, ret)) {
        return false;
    }
    return read_set_note(&parser->context->store->reads, ret, parser->context->arena) ||
           parser_fail_memory(parser);
}
