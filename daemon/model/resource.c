/* What the spans of one sender share: resource and scope. */
#include "daemon/model/attr_list.h"

/* opentelemetry-proto resource.proto, common.proto */
enum { RESOURCE_ATTRS = 1, RESOURCE_DROPPED = 2 };
enum { SCOPE_NAME = 1, SCOPE_VERSION = 2, SCOPE_ATTRS = 3, SCOPE_DROPPED = 4 };

const struct resource resource_empty = {.hints = {.made = true}};
const struct scope scope_empty = {.attr_count = 0};

int resource_decode(struct bytes raw, struct arena *arena, struct resource *ret)
{
    struct wire_reader reader = wire_reader_of(raw);
    struct attr_list attrs;
    struct wire_field field;
    int end;
    attr_list_begin(&attrs, arena);
    *ret = (struct resource){.raw = raw};
    while ((end = wire_next_fast(&reader, &field)) == 0) {
        if (field.number == RESOURCE_ATTRS && field.type == WIRE_BYTES) {
            int bad = attr_list_add(&attrs, field.bytes);
            if (bad) {
                return bad;
            }
        } else if (field.number == RESOURCE_DROPPED && field.type == WIRE_VARINT) {
            ret->dropped_attrs = (uint32_t)field.integer;
        }
    }
    attr_list_end(&attrs, &ret->attrs, &ret->attr_count);
    struct value service = attrs_find(ret->attrs, ret->attr_count, BYTES_LITERAL("service.name"));
    ret->service = service.type == VALUE_TEXT ? service.bytes : BYTES_NULL;
    ret->hints = attrs.hints;
    return end == WIRE_MALFORMED ? SPAN_MALFORMED : 0;
}

int scope_decode(struct bytes raw, struct arena *arena, struct scope *ret)
{
    struct wire_reader reader = wire_reader_of(raw);
    struct attr_list attrs;
    struct wire_field field;
    int end;
    attr_list_begin(&attrs, arena);
    *ret = (struct scope){.raw = raw};
    while ((end = wire_next_fast(&reader, &field)) == 0) {
        if (field.type == WIRE_VARINT) {
            ret->dropped_attrs =
                field.number == SCOPE_DROPPED ? (uint32_t)field.integer : ret->dropped_attrs;
        } else if (field.type == WIRE_BYTES && field.number == SCOPE_NAME) {
            ret->name = field.bytes;
        } else if (field.type == WIRE_BYTES && field.number == SCOPE_VERSION) {
            ret->version = field.bytes;
        } else if (field.type == WIRE_BYTES && field.number == SCOPE_ATTRS) {
            int bad = attr_list_add(&attrs, field.bytes);
            if (bad) {
                return bad;
            }
        }
    }
    attr_list_end(&attrs, &ret->attrs, &ret->attr_count);
    return end == WIRE_MALFORMED ? SPAN_MALFORMED : 0;
}
