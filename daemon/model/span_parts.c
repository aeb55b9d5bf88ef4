/* The events and links of a span, read again from its wire. */
#include "daemon/model/attr_list.h"
#include "daemon/model/span_fields.h"

/* The next occurrence of a message field; false at the end. The span's wire was checked when it was
 * decoded. */
static bool next_part(struct wire_reader *reader, uint32_t number, struct bytes *ret)
{
    struct wire_field field;
    while (wire_next_fast(reader, &field) == 0) {
        if (field.number == number && field.type == WIRE_BYTES) {
            *ret = field.bytes;
            return true;
        }
    }
    return false;
}

int span_next_event(struct wire_reader *spans, struct arena *arena, struct event *ret)
{
    struct attr_list attrs;
    struct wire_field field;
    struct bytes part;
    attr_list_begin(&attrs, arena);
    *ret = (struct event){.time_ns = 0};
    if (!next_part(spans, SPAN_EVENTS, &part)) {
        return WIRE_END;
    }
    for (struct wire_reader reader = wire_reader_of(part); wire_next_fast(&reader, &field) == 0;) {
        if (field.type == WIRE_FIXED64 && field.number == EVENT_TIME) {
            ret->time_ns = field.integer;
        } else if (field.type == WIRE_BYTES && field.number == EVENT_NAME) {
            ret->name = field.bytes;
        } else if (field.type == WIRE_VARINT && field.number == EVENT_DROPPED) {
            ret->dropped_attrs = (uint32_t)field.integer;
        } else if (field.type == WIRE_BYTES && field.number == EVENT_ATTRS &&
                   attr_list_add(&attrs, field.bytes) != 0) {
            return SPAN_NO_MEMORY;
        }
    }
    attr_list_end(&attrs, &ret->attrs, &ret->attr_count);
    return 0;
}

static void take_link_field(const struct wire_field *field, struct link *ret)
{
    if (field->type == WIRE_VARINT && field->number == LINK_DROPPED) {
        ret->dropped_attrs = (uint32_t)field->integer;
    } else if (field->type == WIRE_FIXED32 && field->number == LINK_FLAGS) {
        ret->flags = (uint32_t)field->integer;
    } else if (field->type == WIRE_BYTES && field->number == LINK_TRACE_ID) {
        ret->trace_id = field->bytes;
    } else if (field->type == WIRE_BYTES && field->number == LINK_SPAN_ID) {
        ret->span_id = field->bytes;
    } else if (field->type == WIRE_BYTES && field->number == LINK_TRACE_STATE) {
        ret->trace_state = field->bytes;
    }
}

int span_next_link(struct wire_reader *spans, struct arena *arena, struct link *ret)
{
    struct attr_list attrs;
    struct wire_field field;
    struct bytes part;
    attr_list_begin(&attrs, arena);
    *ret = (struct link){.flags = 0};
    if (!next_part(spans, SPAN_LINKS, &part)) {
        return WIRE_END;
    }
    for (struct wire_reader reader = wire_reader_of(part); wire_next_fast(&reader, &field) == 0;) {
        if (field.number != LINK_ATTRS) {
            take_link_field(&field, ret);
        } else if (field.type == WIRE_BYTES && attr_list_add(&attrs, field.bytes) != 0) {
            return SPAN_NO_MEMORY;
        }
    }
    attr_list_end(&attrs, &ret->attrs, &ret->attr_count);
    return 0;
}
