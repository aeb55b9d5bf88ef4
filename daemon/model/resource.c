/* What the spans of one sender share: resource and scope. */
#include "daemon/model/attr_list.h"

/* opentelemetry-proto resource.proto, common.proto */
enum { RESOURCE_ATTRS = 1, RESOURCE_DROPPED = 2 };
enum { SCOPE_NAME = 1, SCOPE_VERSION = 2, SCOPE_ATTRS = 3, SCOPE_DROPPED = 4 };

#define SERVICE_NAME "service.name"

const struct resource resource_empty = {.hints = {.made = true}};
const struct scope scope_empty = {.hints = {.made = true}};

/* Takes the attributes that come next, as long as they are written as exporters write them. 0;
 * SPAN_NO_MEMORY. */
static int take_usual(struct attr_list *attrs, uint8_t tag, struct wire_reader *reader)
{
    const uint8_t *at;
    do {
        at = reader->next;
        if (reader->end - at < ATTR_HEAD_BYTES || *at != tag) {
            return 0;
        }
        if (attrs->count == attrs->room && attr_list_grow(attrs) != 0) {
            return SPAN_NO_MEMORY;
        }
        reader->next = attrs->listed == NULL
                           ? attr_list_take(attrs, tag, at, reader->end, UINT32_MAX)
                           : attr_list_take_some(attrs, tag, at, reader->end, true);
    } while (reader->next != at);
    return 0;
}

static void find_service(struct resource *resource)
{
    struct value service =
        attrs_find(resource->attrs, resource->attr_count, BYTES_LITERAL(SERVICE_NAME));
    resource->service = service.type == VALUE_TEXT ? service.bytes : BYTES_NULL;
}

static int decode_resource(struct attr_list *attrs, struct resource *ret)
{
    struct wire_reader reader = wire_reader_of(ret->raw);
    struct wire_field field;
    int bad;
    int end;
    do {
        bad = take_usual(attrs, RESOURCE_ATTRS << 3 | WIRE_BYTES, &reader);
        end = wire_next_fast(&reader, &field);
        if (bad == 0 && end == 0 && field.number == RESOURCE_ATTRS && field.type == WIRE_BYTES) {
            bad = attr_list_add(attrs, field.bytes);
        } else if (end == 0 && field.number == RESOURCE_DROPPED && field.type == WIRE_VARINT) {
            ret->dropped_attrs = (uint32_t)field.integer;
        }
    } while (bad == 0 && end == 0);
    return bad != 0 ? bad : end == WIRE_MALFORMED ? SPAN_MALFORMED : 0;
}

int resource_decode(struct bytes raw, const struct attr_hints *listed, struct arena *arena,
                    struct resource *ret)
{
    struct attr_hints wanted = {.made = false};
    struct attr_list attrs;
    attr_list_begin(&attrs, arena);
    *ret = (struct resource){.raw = raw};
    if (listed != NULL && listed->made) {
        wanted = *listed;
        (void)attr_hints_add(&wanted, BYTES_LITERAL(SERVICE_NAME));
        attr_list_choose(&attrs, &wanted, raw, RESOURCE_ATTRS);
        attrs.keeps_keys = true;
    }
    int bad = decode_resource(&attrs, ret);
    if (bad == 0 && attrs.unlisted != 0 && attrs.hints.odd != 0) {
        return resource_decode(raw, NULL, arena, ret);
    }
    attr_list_end(&attrs, &ret->attrs, &ret->attr_count);
    ret->unlisted = attrs.unlisted;
    ret->hints = attrs.hints;
    find_service(ret);
    return bad;
}

static int take_scope_field(const struct wire_field *field, struct attr_list *attrs,
                            struct scope *ret)
{
    if (field->type == WIRE_VARINT && field->number == SCOPE_DROPPED) {
        ret->dropped_attrs = (uint32_t)field->integer;
    } else if (field->type == WIRE_BYTES && field->number == SCOPE_NAME) {
        ret->name = field->bytes;
    } else if (field->type == WIRE_BYTES && field->number == SCOPE_VERSION) {
        ret->version = field->bytes;
    } else if (field->type == WIRE_BYTES && field->number == SCOPE_ATTRS) {
        return attr_list_add(attrs, field->bytes);
    }
    return 0;
}

int scope_decode(struct bytes raw, const struct attr_hints *listed, struct arena *arena,
                 struct scope *ret)
{
    struct wire_reader reader = wire_reader_of(raw);
    struct attr_list attrs;
    struct wire_field field;
    int bad = 0;
    int end;
    attr_list_begin(&attrs, arena);
    attr_list_choose(&attrs, listed, raw, SCOPE_ATTRS);
    *ret = (struct scope){.raw = raw};
    while (bad == 0 && (end = wire_next_fast(&reader, &field)) == 0) {
        bad = take_scope_field(&field, &attrs, ret);
    }
    bad = bad == 0 && end == WIRE_MALFORMED ? SPAN_MALFORMED : bad;
    if (bad == 0 && attrs.unlisted != 0 && attrs.hints.odd != 0) {
        return scope_decode(raw, NULL, arena, ret);
    }
    attr_list_end(&attrs, &ret->attrs, &ret->attr_count);
    ret->unlisted = attrs.unlisted;
    ret->hints = attrs.hints;
    return bad;
}
