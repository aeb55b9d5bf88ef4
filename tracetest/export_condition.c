#include <inttypes.h>

#include "daemon/core/units.h"
#include "tracetest/export_text.h"

static const char *append_attribute(struct buf *out, struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        int c = name.data[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || ((c == '.' || c == '-') && i > 0);
        if (!good) {
            return "it reads attributes of letters, digits, _ . and - alone";
        }
    }
    if (name.len == 0 || bytes_is(name, "name")) {
        return "it can't read an attribute of that name";
    }
    buf_append_text(out, "attr:");
    buf_append_bytes(out, name);
    return NULL;
}

static const char *field_name(enum span_field field)
{
    switch (field) {
    case FIELD_NAME:
        return "attr:tracetest.span.name";
    case FIELD_KIND:
        return "attr:tracetest.span.kind";
    case FIELD_STATUS:
        return "attr:tracetest.span.status_code";
    case FIELD_SERVICE:
        return "attr:service.name";
    case FIELD_DURATION:
        return "attr:tracetest.span.duration";
    case FIELD_TYPE:
        return "attr:tracetest.span.type";
    case FIELD_STATUS_MESSAGE:
        return "attr:tracetest.span.status_description";
    case FIELD_PARENT_ID:
        return "attr:tracetest.span.parent_id";
    default:
        return NULL;
    }
}

const char *export_key(struct export_writing *writing, const struct key *key)
{
    writing->on_span = true;
    if (key->space == KEY_FIELD) {
        const char *name = field_name(key->field);
        buf_append_text(writing->out, name != NULL ? name : "");
        return name != NULL ? NULL : "it has no attribute for that field";
    }
    return key->space == KEY_ANY || key->space == KEY_ATTR
               ? append_attribute(writing->out, key->name)
               : "it knows no scopes, events and links, and resources by chance";
}

const char *export_variable(struct export_writing *writing, struct bytes name)
{
    static const struct bytes prefix = {(const uint8_t *)"output:", 7};
    if (bytes_start_with(name, prefix)) {
        name = bytes_from(name.data + prefix.len, name.len - prefix.len);
    }
    for (size_t i = 0; i < name.len; i++) {
        int c = name.data[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || ((c == '.' || c == '-') && i > 0);
        if (!good) {
            return "its variables are letters, digits, _ . and -";
        }
    }
    buf_append_text(writing->out, "var:");
    buf_append_bytes(writing->out, name);
    return NULL;
}

/* Its attributes are variables there, which whoever starts the test gives. */
const char *export_injection(struct export_writing *writing, const struct term *term)
{
    static const struct {
        const char *key, *attribute; /* NULL: nothing there has it */
    } known[] = {{"status", "attr:tracetest.response.status"},
                 {"response.body", "attr:tracetest.response.body"},
                 {"response.headers", "attr:tracetest.response.headers"},
                 {"duration", "attr:tracetest.span.duration"},
                 {"time", NULL},
                 {"outcome", NULL},
                 {"scenario", NULL},
                 {"step", NULL},
                 {"zone", NULL},
                 {"tenant", NULL},
                 {"minion", NULL},
                 {"iteration", NULL}};
    for (size_t i = 0; i < sizeof known / sizeof known[0] && !term->injection_quoted; i++) {
        if (bytes_is(term->injection_key, known[i].key)) {
            writing->on_injection = true;
            buf_append_text(writing->out, known[i].attribute != NULL ? known[i].attribute : "");
            return known[i].attribute != NULL ? NULL : "of the injection it knows no such field";
        }
    }
    return export_variable(writing, term->injection_key);
}

static const char *append_left(struct export_writing *writing)
{
    const struct term *left = &writing->condition->left;
    switch (left->type) {
    case TERM_KEY:
        return export_key(writing, &left->key);
    case TERM_COUNT:
        buf_append_text(writing->out, "attr:tracetest.selected_spans.count");
        return NULL;
    case TERM_INJECTION:
        return export_injection(writing, left);
    default:
        return "it can't compare spans that are named";
    }
}

static const char *status_name(struct bytes text)
{
    return bytes_is(text, "ok") ? "\"Ok\"" : bytes_is(text, "error") ? "\"Error\"" : "\"Unset\"";
}

static bool is_order(enum compare_op op)
{
    return op >= OP_LESS && op <= OP_GREATER_EQUAL;
}

static bool reads_field(const struct term *left, enum span_field field)
{
    return left->type == TERM_KEY && left->key.space == KEY_FIELD && left->key.field == field;
}

static const char *append_text_literal(struct export_writing *writing, struct bytes text)
{
    if (is_order(writing->op)) {
        return "it gives texts no order";
    }
    if (reads_field(&writing->condition->left, FIELD_STATUS)) {
        buf_append_text(writing->out, status_name(text));
        return NULL;
    }
    return export_quoted(writing->out, text);
}

static const char *append_number(struct export_writing *writing, const struct operand *literal)
{
    char scratch[OPERAND_TEXT_MAX];
    struct bytes text = operand_text(literal, scratch);
    bool plain = text.data[0] != '-' && memchr(text.data, 'e', text.len) == NULL;
    if (is_order(writing->op) && (literal->type == OPERAND_DOUBLE || !plain)) {
        return "it orders whole numbers without a sign alone";
    }
    if (writing->condition->left.type == TERM_COUNT && writing->all_spans &&
        literal->type == OPERAND_INT) {
        buf_printf(writing->out, "%" PRId64, literal->integer + 1);
        return NULL;
    }
    buf_append_text(writing->out, plain ? "" : "\"");
    buf_append_bytes(writing->out, text);
    buf_append_text(writing->out, plain ? "" : "\"");
    return NULL;
}

static const char *append_right(struct export_writing *writing)
{
    const struct operand *literal = &writing->condition->right.literal;
    switch (literal->type) {
    case OPERAND_TEXT:
        return append_text_literal(writing, literal->bytes);
    case OPERAND_INT:
    case OPERAND_DOUBLE:
        return append_number(writing, literal);
    case OPERAND_BOOL:
        buf_append_text(writing->out, literal->boolean ? "\"true\"" : "\"false\"");
        return NULL;
    case OPERAND_DURATION:
        units_print_duration(writing->out, literal->ns);
        return literal->ns < 0 ? "it has no negative durations" : NULL;
    default:
        return "it can't write that value";
    }
}

/* [a, b] contains LEFT. */
static const char *append_member(struct export_writing *writing)
{
    const struct operand_list *list = writing->condition->right.literal.list;
    const char *why = NULL;
    buf_append_char(writing->out, '[');
    for (uint32_t i = 0; i < list->count && why == NULL; i++) {
        char scratch[OPERAND_TEXT_MAX];
        const struct operand *item = &list->items[i];
        buf_append_text(writing->out, i > 0 ? ", " : "");
        why = item->type == OPERAND_INT && item->integer >= 0
                  ? (buf_append_bytes(writing->out, operand_text(item, scratch)), NULL)
              : item->type == OPERAND_TEXT ? export_quoted(writing->out, item->bytes)
                                           : "its lists hold texts and whole numbers";
    }
    buf_append_text(writing->out, writing->op == OP_IN ? "] contains " : "] not-contains ");
    return why != NULL ? why : append_left(writing);
}

const char *export_operator(enum compare_op op)
{
    static const char *const words[] = {[OP_EQUAL] = "=",
                                        [OP_NOT_EQUAL] = "!=",
                                        [OP_LESS] = "<",
                                        [OP_LESS_EQUAL] = "<=",
                                        [OP_GREATER] = ">",
                                        [OP_GREATER_EQUAL] = ">=",
                                        [OP_CONTAINS] = "contains",
                                        [OP_NOT_CONTAINS] = "not-contains"};
    return op <= OP_NOT_CONTAINS ? words[op] : NULL;
}

/* not (...) as an operator of its own; false: there is none. */
static bool resolve_not(enum compare_op *op)
{
    static const struct {
        enum compare_op op, negated;
    } pairs[] = {{OP_EQUAL, OP_NOT_EQUAL}, {OP_CONTAINS, OP_NOT_CONTAINS}, {OP_IN, OP_NOT_IN}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (*op == pairs[i].op || *op == pairs[i].negated) {
            *op = *op == pairs[i].op ? pairs[i].negated : pairs[i].op;
            return true;
        }
    }
    return false;
}

/* What never is missing: there `none: X` is the same as `not X` for all. */
static bool is_always_there(const struct term *left)
{
    return left->type == TERM_KEY && left->key.space == KEY_FIELD && left->key.field <= FIELD_END;
}

static const char *resolve(struct export_writing *writing)
{
    const struct condition *condition = writing->condition;
    bool negated = condition->negations % 2 != 0;
    writing->op = condition->op;
    if (condition->quantifier == QUANTIFIER_ANY ||
        (condition->quantifier == QUANTIFIER_NONE && !is_always_there(&condition->left))) {
        return "its assertions hold for every selected span";
    }
    negated = negated != (condition->quantifier == QUANTIFIER_NONE);
    return negated && !resolve_not(&writing->op) ? "it knows no not (...)" : NULL;
}

static const char *resolve_test(const struct condition *condition)
{
    return condition->quantifier != QUANTIFIER_ALL ? "its assertions hold for every selected span"
           : condition->negations % 2 != 0         ? "it knows no not (...)"
                                                   : NULL;
}

const char *export_condition(struct buf *out, const struct condition *condition, bool all_spans,
                             bool *ret_on_injection)
{
    struct export_writing writing = {.out = out, .condition = condition, .all_spans = all_spans};
    const char *why = condition->test != NULL ? resolve_test(condition) : resolve(&writing);
    if (why == NULL && condition->test != NULL) {
        why = export_test(&writing, condition->test);
    } else if (why == NULL && (writing.op == OP_IN || writing.op == OP_NOT_IN)) {
        why = append_member(&writing);
    } else if (why == NULL && writing.op == OP_EXISTS) {
        why = append_left(&writing);
        buf_append_text(out, " != \"\"");
    } else if (why == NULL) {
        const char *word = export_operator(writing.op);
        why = word != NULL ? append_left(&writing) : "it has no such comparison";
        buf_printf(out, " %s ", word != NULL ? word : "");
        why = why != NULL ? why : append_right(&writing);
    }
    *ret_on_injection = writing.on_injection;
    return why == NULL && writing.on_injection && writing.on_span
               ? "only the trigger's own span knows the response"
               : why;
}
