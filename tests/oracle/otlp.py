"""Spans out of files: JSON (OTLP, Jaeger, Zipkin; one document or one for each line) and OTLP protobuf, gzip of them.

Nothing here is fast; the wire format is read by the tables at the end of the file into the same shape that JSON has.
"""

import base64
import gzip
import json
import struct
from dataclasses import dataclass, field

from . import foreign
from .values import KeyValues

KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
STATUSES = {0: "unset", 1: "ok", 2: "error"}


class InputError(Exception):
    """The file can't be read as any format."""


@dataclass
class Span:
    """One span as received. IDs are lower-case hex; parent is '' for none."""
    trace_id: str
    span_id: str
    parent: str = ""
    start: int = 0
    end: int = 0
    name: str = ""
    kind: int = 0
    status: int = 0
    status_message: str = ""
    attributes: dict = field(default_factory=dict)
    events: list = field(default_factory=list)
    links: list = field(default_factory=list)
    resource: dict = field(default_factory=dict)
    scope: tuple = ("", "", {})
    flags: int = 0
    tracestate: str = ""
    dropped_attributes: int = 0
    dropped_events: int = 0
    dropped_links: int = 0

    @property
    def backwards(self):
        """Whether it ends before it starts."""
        return self.end < self.start


@dataclass
class Rejected:
    """A span that could not be taken; trace_id is '' where that was the invalid one."""
    trace_id: str


def read_files(paths):
    """The spans and rejected spans of all files together; raises InputError."""
    contents = []
    for path in paths:
        with open(path, "rb") as source:
            contents.append(source.read())
    return read_bytes(*contents)


def read_bytes(*contents):
    """As read_files, of bytes. Zipkin's spans of all files belong together."""
    spans, zipkin = [], []
    for data in contents:
        for document in _documents(data):
            form = foreign.form(document)
            if form == "zipkin":
                zipkin += document if isinstance(document, list) else [document]
            elif form == "jaeger":
                spans.extend(foreign.jaeger_spans(document, Span, Rejected))
            else:
                spans.extend(_spans(document))
    return spans + list(foreign.zipkin_spans(zipkin, Span, Rejected))


def _documents(data):
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    documents = _json_documents(data)
    if documents is not None:
        return documents
    try:
        return [_message(data, "ExportTraceServiceRequest")]
    except (IndexError, ValueError, struct.error) as problem:
        raise InputError(f"neither JSON nor protobuf: {problem}") from problem


def _json_documents(data):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    try:
        return [json.loads(text)]
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        return None


def _spans(document):
    for resource_spans in document.get("resourceSpans") or []:
        resource = _attributes((resource_spans.get("resource") or {}).get("attributes"))
        for scope_spans in resource_spans.get("scopeSpans") or []:
            scope = scope_spans.get("scope") or {}
            named = (scope.get("name") or "", scope.get("version") or "", _attributes(scope.get("attributes")))
            for raw in scope_spans.get("spans") or []:
                yield _span(raw, resource, named)


def _is_id(text, digits):
    return len(text) == digits and all(char in "0123456789abcdef" for char in text) and text.strip("0") != ""


def _span(raw, resource, scope):
    trace_id, span_id = (raw.get("traceId") or "").lower(), (raw.get("spanId") or "").lower()
    parent = (raw.get("parentSpanId") or "").lower()
    if parent == "0" * 16:
        parent = ""
    if not _is_id(trace_id, 32):
        return Rejected("")
    if not _is_id(span_id, 16) or (parent and not _is_id(parent, 16)):
        return Rejected(trace_id)
    status = raw.get("status") or {}
    return Span(
        trace_id=trace_id, span_id=span_id, parent=parent,
        start=int(raw.get("startTimeUnixNano") or 0), end=int(raw.get("endTimeUnixNano") or 0),
        name=raw.get("name") or "", kind=int(raw.get("kind") or 0),
        status=int(status.get("code") or 0), status_message=status.get("message") or "",
        attributes=_attributes(raw.get("attributes")),
        events=[(int(event.get("timeUnixNano") or 0), event.get("name") or "", _attributes(event.get("attributes")))
                for event in raw.get("events") or []],
        links=[((link.get("traceId") or "").lower(), (link.get("spanId") or "").lower(),
                _attributes(link.get("attributes"))) for link in raw.get("links") or []],
        resource=resource, scope=scope, flags=int(raw.get("flags") or 0), tracestate=raw.get("traceState") or "",
        dropped_attributes=int(raw.get("droppedAttributesCount") or 0),
        dropped_events=int(raw.get("droppedEventsCount") or 0),
        dropped_links=int(raw.get("droppedLinksCount") or 0))


def _attributes(pairs):
    return {pair.get("key") or "": _value(pair.get("value") or {}) for pair in pairs or []}


def _value(raw):
    for member, read in _READ_VALUE.items():
        if raw.get(member) is not None:
            return read(raw[member])
    return None


def _bytes_value(text):
    text = text.replace("-", "+").replace("_", "/")
    return base64.b64decode(text + "=" * (-len(text) % 4))


_READ_VALUE = {
    "stringValue": str,
    "boolValue": bool,
    "intValue": int,
    "doubleValue": float,
    "bytesValue": _bytes_value,
    "arrayValue": lambda raw: [_value(item) for item in raw.get("values") or []],
    "kvlistValue": lambda raw: KeyValues(_attributes(raw.get("values"))),
}


# The wire format. A message's table: field number -> (JSON name, type, repeated).

_MESSAGES = {
    "ExportTraceServiceRequest": {1: ("resourceSpans", "ResourceSpans", True)},
    "ResourceSpans": {1: ("resource", "Resource", False), 2: ("scopeSpans", "ScopeSpans", True)},
    "Resource": {1: ("attributes", "KeyValue", True)},
    "ScopeSpans": {1: ("scope", "Scope", False), 2: ("spans", "Span", True)},
    "Scope": {1: ("name", "text", False), 2: ("version", "text", False), 3: ("attributes", "KeyValue", True)},
    "Span": {1: ("traceId", "hex", False), 2: ("spanId", "hex", False), 3: ("traceState", "text", False),
             4: ("parentSpanId", "hex", False), 5: ("name", "text", False), 6: ("kind", "int", False),
             7: ("startTimeUnixNano", "fixed64", False), 8: ("endTimeUnixNano", "fixed64", False),
             9: ("attributes", "KeyValue", True), 10: ("droppedAttributesCount", "uint", False),
             11: ("events", "Event", True), 12: ("droppedEventsCount", "uint", False),
             13: ("links", "Link", True), 14: ("droppedLinksCount", "uint", False),
             15: ("status", "Status", False), 16: ("flags", "fixed32", False)},
    "Event": {1: ("timeUnixNano", "fixed64", False), 2: ("name", "text", False), 3: ("attributes", "KeyValue", True)},
    "Link": {1: ("traceId", "hex", False), 2: ("spanId", "hex", False), 4: ("attributes", "KeyValue", True)},
    "Status": {2: ("message", "text", False), 3: ("code", "int", False)},
    "KeyValue": {1: ("key", "text", False), 2: ("value", "AnyValue", False)},
    "AnyValue": {1: ("stringValue", "text", False), 2: ("boolValue", "bool", False), 3: ("intValue", "int", False),
                 4: ("doubleValue", "double", False), 5: ("arrayValue", "ArrayValue", False),
                 6: ("kvlistValue", "KvList", False), 7: ("bytesValue", "base64", False)},
    "ArrayValue": {1: ("values", "AnyValue", True)},
    "KvList": {1: ("values", "KeyValue", True)},
}

_WIRE = {"int": 0, "uint": 0, "bool": 0, "fixed64": 1, "double": 1, "fixed32": 5}


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value & (2**64 - 1), at
        shift += 7
        if shift > 63:
            raise ValueError("varint too long")


def _raw_fields(data):
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise ValueError("field number 0")
        if wire == 0:
            value, at = _varint(data, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            value, at = data[at:at + size], at + size
        elif wire == 2:
            size, at = _varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f"wire type {wire}")
        if at > len(data):
            raise ValueError("field beyond the end")
        yield number, wire, value


def _message(data, name):
    table, message = _MESSAGES[name], {}
    for number, wire, value in _raw_fields(data):
        if number not in table:
            continue
        member, kind, repeated = table[number]
        if wire != _WIRE.get(kind, 2):
            continue
        if name == "AnyValue":
            _drop_other_members(message, member)
        if kind in _MESSAGES:
            value = _message(value, kind)
            if repeated:
                message.setdefault(member, []).append(value)
            else:
                message[member] = _merge(message.get(member), value)
        else:
            message[member] = _scalar(kind, value)
    return message


def _drop_other_members(message, member):
    for other in [key for key in message if key != member]:
        del message[other]


def _merge(old, new):
    if old is None:
        return new
    merged = dict(old)
    for key, value in new.items():
        if isinstance(value, list) and key in merged:
            merged[key] = merged[key] + value
        elif isinstance(value, dict):
            merged[key] = _merge(merged.get(key), value)
        else:
            merged[key] = value
    return merged


def _scalar(kind, value):
    if kind == "text":
        return value.decode("utf-8", "surrogateescape")
    if kind == "hex":
        return value.hex()
    if kind == "base64":
        return base64.b64encode(value).decode()
    if kind == "bool":
        return value != 0
    if kind == "int":
        return value - 2**64 if value >= 2**63 else value
    if kind == "double":
        return struct.unpack("<d", value)[0]
    if kind in ("fixed64", "fixed32"):
        return int.from_bytes(value, "little")
    return value


# Writing protobuf, for runs that are generated in the JSON shape.

def encode(document):
    """A document in OTLP's JSON shape as protobuf."""
    return _encoded(document, "ExportTraceServiceRequest")


def _encoded(message, name):
    out = bytearray()
    for number, (member, kind, repeated) in _MESSAGES[name].items():
        if message.get(member) is None:
            continue
        for item in message[member] if repeated else [message[member]]:
            out += _encoded_field(number, kind, item, name)
    return bytes(out)


def _encoded_field(number, kind, item, owner):
    wire = _WIRE.get(kind, 2)
    tag = _encoded_varint(number << 3 | wire)
    if kind in _MESSAGES:
        payload = _encoded(item, kind)
    elif kind in ("text", "hex", "base64"):
        payload = {"text": str.encode, "hex": bytes.fromhex, "base64": base64.b64decode}[kind](item)
    elif kind == "double":
        return tag + struct.pack("<d", float(item))
    elif kind in ("fixed64", "fixed32"):
        return tag + int(item).to_bytes(8 if kind == "fixed64" else 4, "little")
    else:
        return tag + _encoded_varint(int(item) & (2**64 - 1))
    if not payload and owner != "AnyValue" and kind not in _MESSAGES:
        return b""
    return tag + _encoded_varint(len(payload)) + payload


def _encoded_varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))
