"""Export requests, in protobuf and in JSON, and the fields that their messages have."""
import itertools
import json
import os
from collections import namedtuple

from tests.conformance import protobuf
from tests.conformance.protobuf import BYTES, FIXED32, FIXED64, VARINT, blob, fixed64, uint

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
START = 1767225600 * 10**9
END = START + 10**6

_RUN = os.urandom(8)
_COUNT = itertools.count(1)


def fresh_trace():
    """A trace ID that nobody has sent before."""
    return _RUN + next(_COUNT).to_bytes(8, "big")


def span(trace=None, number=1, name="conformance", more=b"", span_id=None):
    """A span in protobuf; `more` follows the usual fields."""
    return b"".join((blob(1, fresh_trace() if trace is None else trace),
                     blob(2, number.to_bytes(8, "big") if span_id is None else span_id),
                     blob(5, name), uint(6, 2), fixed64(7, START), fixed64(8, END), more))


def scope_spans(*spans, more=b""):
    return b"".join(blob(2, one) for one in spans) + more


def resource_spans(*spans, more=b"", scope_more=b""):
    return blob(2, scope_spans(*spans, more=scope_more)) + more


def request(*spans, **more):
    """An ExportTraceServiceRequest in protobuf."""
    return blob(1, resource_spans(*spans, **more))


def attribute(value, key="k"):
    """A KeyValue; `value` is an AnyValue in protobuf."""
    return blob(1, key) + blob(2, value)


def with_value(value):
    """A request whose span has one attribute, of this AnyValue."""
    return request(span(more=blob(9, attribute(value))))


def json_span(**over):
    """A span in JSON, as a dict; None takes a member away."""
    made = {"traceId": fresh_trace().hex(), "spanId": "00000000000000a1", "name": "conformance",
            "kind": 2, "startTimeUnixNano": str(START), "endTimeUnixNano": str(END)}
    made.update(over)
    return {name: plain for name, plain in made.items() if plain is not None}


def json_request(*spans, **more):
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}], **more}]}


def json_text(*spans):
    return json.dumps(json_request(*spans)).encode()


def small(kind="protobuf"):
    """A request with nothing wrong."""
    return request(span()) if kind == "protobuf" else json_text(json_span())


def request_of(size):
    """A good request of exactly so many bytes: the rest is in an unknown field."""
    body = small()
    for length_bytes in range(1, 6):
        pad = size - len(body) - 2 - length_bytes
        if pad >= 0 and len(protobuf.varint(pad)) == length_bytes:
            return body + blob(2000, b"\0" * pad)
    raise ValueError(f"no request has {size} bytes")


#: A field of a message: its number, its name in JSON, its type on the wire and in JSON.
Field = namedtuple("Field", "number name wire plain repeated", defaults=(False,))

_ATTRIBUTES = (1, "attributes", BYTES, "message", True)

#: Every message of a request, with every field.
MESSAGES = {
    "TracesData": (Field(1, "resourceSpans", BYTES, "message", True),),
    "ResourceSpans": (Field(1, "resource", BYTES, "message"),
                      Field(2, "scopeSpans", BYTES, "message", True),
                      Field(3, "schemaUrl", BYTES, "text")),
    "Resource": (Field(*_ATTRIBUTES), Field(2, "droppedAttributesCount", VARINT, "uint32")),
    "ScopeSpans": (Field(1, "scope", BYTES, "message"), Field(2, "spans", BYTES, "message", True),
                   Field(3, "schemaUrl", BYTES, "text")),
    "InstrumentationScope": (Field(1, "name", BYTES, "text"), Field(2, "version", BYTES, "text"),
                             Field(3, "attributes", BYTES, "message", True),
                             Field(4, "droppedAttributesCount", VARINT, "uint32")),
    "Span": (Field(1, "traceId", BYTES, "id"), Field(2, "spanId", BYTES, "id"),
             Field(3, "traceState", BYTES, "text"), Field(4, "parentSpanId", BYTES, "id"),
             Field(5, "name", BYTES, "text"), Field(6, "kind", VARINT, "enum"),
             Field(7, "startTimeUnixNano", FIXED64, "uint64"),
             Field(8, "endTimeUnixNano", FIXED64, "uint64"),
             Field(9, "attributes", BYTES, "message", True),
             Field(10, "droppedAttributesCount", VARINT, "uint32"),
             Field(11, "events", BYTES, "message", True),
             Field(12, "droppedEventsCount", VARINT, "uint32"),
             Field(13, "links", BYTES, "message", True),
             Field(14, "droppedLinksCount", VARINT, "uint32"),
             Field(15, "status", BYTES, "message"), Field(16, "flags", FIXED32, "uint32")),
    "Event": (Field(1, "timeUnixNano", FIXED64, "uint64"), Field(2, "name", BYTES, "text"),
              Field(3, "attributes", BYTES, "message", True),
              Field(4, "droppedAttributesCount", VARINT, "uint32")),
    "Link": (Field(1, "traceId", BYTES, "id"), Field(2, "spanId", BYTES, "id"),
             Field(3, "traceState", BYTES, "text"),
             Field(4, "attributes", BYTES, "message", True),
             Field(5, "droppedAttributesCount", VARINT, "uint32"),
             Field(6, "flags", FIXED32, "uint32")),
    "Status": (Field(2, "message", BYTES, "text"), Field(3, "code", VARINT, "enum")),
    "KeyValue": (Field(1, "key", BYTES, "text"), Field(2, "value", BYTES, "message")),
    "AnyValue": (Field(1, "stringValue", BYTES, "text"), Field(2, "boolValue", VARINT, "bool"),
                 Field(3, "intValue", VARINT, "int64"),
                 Field(4, "doubleValue", FIXED64, "double"),
                 Field(5, "arrayValue", BYTES, "message"),
                 Field(6, "kvlistValue", BYTES, "message"),
                 Field(7, "bytesValue", BYTES, "base64")),
    "ArrayValue": (Field(1, "values", BYTES, "message", True),),
    "KeyValueList": (Field(1, "values", BYTES, "message", True),),
}

#: Which message holds another, and as which field: the way down from the top.
_WAYS = {
    "TracesData": (), "ResourceSpans": (("TracesData", 1),), "Resource": (("ResourceSpans", 1),),
    "ScopeSpans": (("ResourceSpans", 2),), "InstrumentationScope": (("ScopeSpans", 1),),
    "Span": (("ScopeSpans", 2),), "Event": (("Span", 11),), "Link": (("Span", 13),),
    "Status": (("Span", 15),), "KeyValue": (("Span", 9),), "AnyValue": (("KeyValue", 2),),
    "ArrayValue": (("AnyValue", 5),), "KeyValueList": (("AnyValue", 6),),
}

#: What must be in a message so that it is good: protobuf, JSON.
_GOOD = {
    "Span": lambda: span(), "Link": lambda: blob(1, b"\x11" * 16) + blob(2, b"\x22" * 8),
    "KeyValue": lambda: blob(1, "k"),
}
_GOOD_JSON = {
    "Span": lambda: json_span(), "Link": lambda: {"traceId": "11" * 16, "spanId": "22" * 8},
    "KeyValue": lambda: {"key": "k"},
}


def field_named(message, number):
    return next(one for one in MESSAGES[message] if one.number == number)


def _down(message):
    """[(parent, field number), ...] from the message up to the top."""
    way = []
    while _WAYS[message]:
        way.append(_WAYS[message][0])
        message = way[-1][0]
    return way


def request_with(message, piece):
    """A good request in protobuf with `piece` appended to one message of this type."""
    body = _GOOD.get(message, bytes)() + piece
    for parent, number in _down(message):
        body = _GOOD.get(parent, bytes)() + blob(number, body)
    needs_span = b"" if message in ("Span", "Event", "Link", "Status", "KeyValue", "AnyValue",
                                    "ArrayValue", "KeyValueList") else small()
    return body + needs_span


def json_request_with(message, members):
    """The same in JSON: `members` are laid over a message of this type."""
    body = {**_GOOD_JSON.get(message, dict)(), **members}
    for parent, number in _down(message):
        one = field_named(parent, number)
        body = {**_GOOD_JSON.get(parent, dict)(), one.name: [body] if one.repeated else body}
    return body


def read(data):
    """The fields of an answer's message."""
    return protobuf.fields(data)
