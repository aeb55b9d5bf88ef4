#include "tracetest/export_text.h"

static bool is_name(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        int c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool digit = c >= '0' && c <= '9';
        if (!letter && (i == 0 || (!digit && c != '.'))) {
            return false;
        }
    }
    return name.len > 0 && !bytes_is(name, "name") && !bytes_is(name, "kind");
}

static const char *append_key(struct buf *out, const struct key *key)
{
    if (key->space == KEY_FIELD) {
        switch (key->field) {
        case FIELD_NAME:
            buf_append_text(out, "name");
            return NULL;
        case FIELD_KIND:
            buf_append_text(out, "kind");
            return NULL;
        case FIELD_STATUS:
            buf_append_text(out, "tracetest.span.status_code");
            return NULL;
        case FIELD_SERVICE:
            buf_append_text(out, "service.name");
            return NULL;
        case FIELD_TYPE:
            buf_append_text(out, "tracetest.span.type");
            return NULL;
        case FIELD_STATUS_MESSAGE:
            buf_append_text(out, "tracetest.span.status_description");
            return NULL;
        default:
            return "its selectors can't read that field";
        }
    }
    if ((key->space != KEY_ANY && key->space != KEY_ATTR) || !is_name(key->name)) {
        return "its selectors read attributes of letters, digits, _ and . alone";
    }
    buf_append_bytes(out, key->name);
    return NULL;
}

/* Its texts have Go's escapes. */
static void append_text(struct buf *out, struct bytes text)
{
    buf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        int c = text.data[i];
        if (c == '\n' || c == '\t') {
            buf_append_text(out, c == '\n' ? "\\n" : "\\t");
        } else {
            buf_append_text(out, c == '"' || c == '\\' ? "\\" : "");
            buf_append_char(out, (char)c);
        }
    }
    buf_append_char(out, '"');
}

static bool is_status(const struct key *key)
{
    return key->space == KEY_FIELD && key->field == FIELD_STATUS;
}

static const char *append_literal(struct buf *out, const struct filter *filter)
{
    char scratch[OPERAND_TEXT_MAX];
    const struct operand *literal = &filter->literal;
    struct bytes text = operand_text(literal, scratch);
    switch (literal->type) {
    case OPERAND_TEXT:
        if (is_status(&filter->key)) {
            text = bytes_is(text, "ok")      ? BYTES_LITERAL("Ok")
                   : bytes_is(text, "error") ? BYTES_LITERAL("Error")
                                             : BYTES_LITERAL("Unset");
        }
        append_text(out, text);
        return NULL;
    case OPERAND_INT:
    case OPERAND_BOOL:
        buf_append_bytes(out, text);
        return text.data[0] == '-' ? "its selectors have no negative numbers" : NULL;
    default:
        return "its selectors compare texts, whole numbers, true and false";
    }
}

static const char *append_filter(struct buf *out, const struct filter *filter)
{
    if (filter->type != FILTER_COMPARE || (filter->op != OP_EQUAL && filter->op != OP_CONTAINS)) {
        return "its selectors know = and contains alone";
    }
    const char *why = append_key(out, &filter->key);
    buf_append_text(out, filter->op == OP_EQUAL ? "=" : " contains ");
    return why != NULL ? why : append_literal(out, filter);
}

static const char *append_part(struct buf *out, const struct selector_part *part)
{
    const char *why = part->test_count > 0 ? "its selectors know no :has, :root and :leaf" : NULL;
    if (part->relation != RELATION_NONE && part->relation != RELATION_DESCENDANT) {
        why = "of spans it knows descendants alone";
    }
    buf_append_text(out, part->relation != RELATION_NONE ? " span[" : "span[");
    for (uint32_t i = 0; i < part->filter_count && why == NULL; i++) {
        buf_append_text(out, i > 0 ? " " : "");
        why = append_filter(out, &part->filters[i]);
    }
    buf_append_char(out, ']');
    switch (part->pseudo) {
    case PSEUDO_NONE:
        break;
    case PSEUDO_FIRST:
        buf_append_text(out, ":first");
        break;
    case PSEUDO_LAST:
        buf_append_text(out, ":last");
        break;
    case PSEUDO_NTH:
        buf_printf(out, ":nth_child(%u)", (unsigned)part->nth);
        break;
    }
    return why;
}

const char *export_selector(struct buf *out, const struct selector *selector)
{
    const char *why = NULL;
    for (uint32_t c = 0; c < selector->chain_count && why == NULL; c++) {
        const struct selector_chain *chain = &selector->chains[c];
        buf_append_text(out, c > 0 ? ", " : "");
        for (uint32_t p = 0; p < chain->part_count && why == NULL; p++) {
            why = append_part(out, &chain->parts[p]);
        }
    }
    return why;
}
