"""Protobuf on the wire: what a decoder must skip, merge, bound or refuse. Over both transports."""
import random

from tests.conformance import gzips, telemetry
from tests.conformance.case import MUST, ROBUST, SHOULD, Family
from tests.conformance.client import grpc_frame
from tests.conformance.outcome import FULL, REFUSED, TAKEN, TOO_LARGE, Expect, partial
from tests.conformance.protobuf import (
    BYTES, END_GROUP, FIXED32, FIXED64, START_GROUP, VARINT, blob, double, fixed32, fixed64, group,
    tag, uint, varint)
from tests.conformance.telemetry import MESSAGES, attribute, request, request_with, span, with_value

ENCODING = "Protocol Buffers encoding"
PIECES = {VARINT: ("varint", lambda n: uint(n, 5)), FIXED64: ("fixed64", lambda n: fixed64(n, 5)),
          BYTES: ("bytes", lambda n: blob(n, b"")), FIXED32: ("fixed32", lambda n: fixed32(n, 5)),
          START_GROUP: ("group", lambda n: group(n, uint(1, 1)))}


def _add(made, name, sent, make, expect, **more):
    """`make()` gives the message, anew for each run."""
    made.add(name, sent, lambda c: c.both(make(), expect), expect, **more)


def wire_types():
    made = Family("protobuf/wire-type",
                  "A known field of another wire type is an unknown field, and is skipped",
                  ENCODING + ", Field types", SHOULD, "C13")
    for message, fields in MESSAGES.items():
        for field in fields:
            wrong = [PIECES[kind] for kind in PIECES if kind not in (field.wire, START_GROUP)]
            for word, piece in wrong if message == "Span" else wrong[:1]:
                _add(made, f"{message}.{field.name}-as-{word}",
                     f"{message}.{field.name} (number {field.number}) as {word}",
                     lambda m=message, p=piece(field.number): request_with(m, p), TAKEN)
    return made


def unknown():
    made = Family("protobuf/unknown", "Unknown fields are skipped, in every message",
                  "OTLP Future Versions and Interoperability", MUST, "C13 D13")
    for message in MESSAGES:
        for kind, (word, piece) in PIECES.items():
            _add(made, f"{message}-{word}", f"field 777 as {word} in {message}",
                 lambda m=message, p=piece(777): request_with(m, p), TAKEN)
    for message in ("ResourceSpans", "ScopeSpans"):
        _add(made, f"{message}-1000", f"the reserved field 1000 in {message}",
             lambda m=message: request_with(m, blob(1000, blob(2, span()))), TAKEN)
    for number in (18, 100, 19000, 536870911):
        _add(made, f"number-{number}", f"field {number} in Span",
             lambda n=number: request_with("Span", blob(n, b"later")), TAKEN)
    _add(made, "large", "an unknown field of 200 KB", lambda: request_with(
        "Span", blob(777, b"x" * 200_000)), TAKEN)
    _add(made, "many", "10,000 unknown fields", lambda: request_with(
        "Span", uint(777, 1) * 10_000), TAKEN)
    return made


def truncations():
    """A small request, cut at every byte. The cut at 0 is the empty request."""
    made = Family("protobuf/truncated", "A message that ends too early is refused whole",
                  "OTLP/gRPC Failures, Bad Data; OTLP/HTTP Bad Data", MUST, "G6 H10")
    whole = request(span(name="n", more=blob(9, attribute(uint(3, 300)))))
    for size in range(1, len(whole)):
        made.add(f"at-{size:03}", f"the first {size} of {len(whole)} bytes",
                 lambda c, s=size: c.both(whole[:s], REFUSED), REFUSED)
    return made


def varints():
    made = Family("protobuf/varint", "Varints of more bytes than needed count, of more than ten "
                  "do not", ENCODING + ", Base 128 Varints", SHOULD)
    body = telemetry.resource_spans(span())
    for name, sent, make, expect in (
            ("length-padded", "a length in one byte more than needed",
             lambda: tag(1, BYTES) + _padded(len(body), 3) + body, TAKEN),
            ("length-in-ten-bytes", "a length in ten bytes",
             lambda: tag(1, BYTES) + _padded(len(body), 10) + body, TAKEN | REFUSED),
            ("tag-padded", "a tag in three bytes",
             lambda: _padded(1 << 3 | BYTES, 3) + varint(len(body)) + body, TAKEN),
            ("tag-in-five-bytes", "a tag in five bytes",
             lambda: _padded(1 << 3 | BYTES, 5) + varint(len(body)) + body, TAKEN),
            ("tag-in-six-bytes", "a tag in six bytes",
             lambda: _padded(1 << 3 | BYTES, 6) + varint(len(body)) + body, TAKEN | REFUSED),
            ("value-padded", "a value in ten bytes",
             lambda: request_with("Span", tag(10, VARINT) + _padded(5, 10)), TAKEN),
            ("value-of-64-bits", "a uint32 field with 64 bits",
             lambda: request_with("Span", uint(10, (1 << 64) - 1)), TAKEN),
            ("value-beyond-64-bits", "a value in ten bytes that overflows",
             lambda: request_with("Span", tag(10, VARINT) + b"\xff" * 9 + b"\x7f"),
             TAKEN | REFUSED),
            ("eleven-bytes", "a value in eleven bytes",
             lambda: request_with("Span", tag(10, VARINT) + b"\x80" * 10 + b"\0"), REFUSED),
            ("eleven-bytes-length", "a length in eleven bytes",
             lambda: tag(1, BYTES) + b"\x80" * 10 + b"\0", REFUSED),
            ("eleven-bytes-tag", "a tag in eleven bytes", lambda: b"\x8a" + b"\x80" * 9 + b"\0\0",
             REFUSED),
            ("eleven-bytes-unknown", "an unknown value in eleven bytes",
             lambda: request_with("Span", tag(777, VARINT) + b"\x80" * 10 + b"\0"), REFUSED),
            ("bool-2", "a boolean of 2", lambda: with_value(uint(2, 2)), TAKEN),
            ("enum-negative", "an enum of -1 in ten bytes",
             lambda: request_with("Span", uint(6, -1)), TAKEN),
            ("enum-of-33-bits", "an enum of 2^32", lambda: request_with("Span", uint(6, 1 << 32)),
             TAKEN),
            ("cut", "a value that goes on behind the end",
             lambda: request_with("Span", tag(10, VARINT) + b"\x80"), REFUSED),
            ("cut-unknown", "an unknown value that goes on behind the end",
             lambda: request_with("Span", tag(777, VARINT) + b"\xff\xff"), REFUSED)):
        _add(made, name, sent, make, expect)
    return made


def _padded(number, size):
    """A varint of so many bytes."""
    low = varint(number)
    return (bytes([one | 0x80 for one in low]) + b"\x80" * (size - len(low) - 1) + b"\0"
            if size > len(low) else low)


LEVELS = ("TracesData", "ResourceSpans", "ScopeSpans", "Span", "KeyValue", "AnyValue", "Event",
          "Link", "Status", "Resource", "InstrumentationScope")


def tags():
    made = Family("protobuf/tag", "Field number 0, numbers beyond 2^29-1 and wire types 6 and 7 "
                  "are refused", ENCODING + ", Message Structure", MUST, "G6 H10")
    for message in LEVELS:
        for name, sent, piece in (("number-0", "field number 0", b"\x00\x01"),
                                  ("type-6", "wire type 6", b"\x0e\x01"),
                                  ("type-7", "wire type 7", b"\x0f\x01"),
                                  ("number-too-large", "field number 2^29",
                                   varint(1 << 32) + b"\x01")):
            _add(made, f"{message}-{name}", f"{sent} in {message}",
                 lambda m=message, p=piece: request_with(m, p), REFUSED,
                 level=SHOULD if name == "number-too-large" else None)
    return made


def lengths():
    made = Family("protobuf/length", "A length beyond its message is refused",
                  ENCODING + ", Length-Delimited Records", MUST, "G6 H10")
    for message in LEVELS:
        number = next((f.number for f in MESSAGES[message] if f.wire == BYTES), 1)
        for name, size in (("one-too-long", 1), ("2-31", 1 << 31), ("2-32", 1 << 32),
                           ("2-63", 1 << 63), ("2-64-1", (1 << 64) - 1)):
            _add(made, f"{message}-{name}", f"a field of {size} bytes at the end of {message}",
                 lambda m=message, n=number, s=size: request_with(m, tag(n, BYTES) + varint(s)),
                 REFUSED)
    for name, kind, there in (("fixed32", FIXED32, 3), ("fixed64", FIXED64, 7)):
        _add(made, f"{name}-cut", f"a {name} of {there} bytes", lambda k=kind, t=there: (
            request_with("Span", tag(777, k) + b"\1" * t)), REFUSED)
    return made


def groups():
    made = Family("protobuf/group", "Groups are skipped where they are whole, and refused "
                  "where not", ENCODING + ", Groups", SHOULD, "C13")
    deep = lambda count: tag(777, START_GROUP) * count + tag(777, END_GROUP) * count
    for name, sent, piece, expect in (
            ("empty", "an empty group", group(777), TAKEN),
            ("filled", "a group with fields of every type", group(
                777, uint(1, 1) + fixed64(2, 2) + blob(3, b"x") + fixed32(4, 4)), TAKEN),
            ("nested", "ten groups in each other", deep(10), TAKEN),
            ("without-end", "a group that does not end", tag(777, START_GROUP), REFUSED),
            ("without-begin", "an end without a group", tag(777, END_GROUP), REFUSED),
            ("other-end", "a group that another number ends",
             tag(777, START_GROUP) + tag(778, END_GROUP), REFUSED),
            ("crossed", "two groups that end in the wrong order",
             tag(777, START_GROUP) + tag(778, START_GROUP) + tag(777, END_GROUP)
             + tag(778, END_GROUP), REFUSED),
            ("with-a-bad-field", "a group with a field of type 7",
             tag(777, START_GROUP) + b"\x0f" + tag(777, END_GROUP), REFUSED),
            ("100-000-deep", "100,000 groups in each other", deep(100_000), REFUSED | TAKEN)):
        for message in ("TracesData", "Span"):
            _add(made, f"{name}-in-{message}", f"{sent}, in {message}",
                 lambda m=message, p=piece: request_with(m, p), expect,
                 level=ROBUST if "deep" in name else None)
    return made


def _nested(depth, kind):
    """An AnyValue of so many values in each other."""
    value = blob(1, "x")
    for _ in range(depth):
        inner = value if kind == "array" else attribute(value)
        value = blob(5 if kind == "array" else 6, blob(1, inner))
    return value


def depths():
    made = Family("protobuf/depth", "Values nest as deep as anybody needs, and not without end",
                  "protobuf implementations: 100 levels in C++, Java and Python", ROBUST, "J9")
    for kind in ("array", "kvlist"):
        for depth in (2, 8, 16, 24):
            _add(made, f"{kind}-{depth}", f"{depth} values in each other ({kind})",
                 lambda d=depth, k=kind: with_value(_nested(d, k)), TAKEN)
        for depth in (1000, 10_000, 30_000):
            _add(made, f"{kind}-{depth}", f"{depth} values in each other ({kind})",
                 lambda d=depth, k=kind: with_value(_nested(d, k)), REFUSED)
    return made


def orders():
    made = Family("protobuf/order", "Fields come in any order", ENCODING + ", Field Order", MUST,
                  "D12")
    one = blob(1, b"".join((blob(3, "https://schema"), blob(2, telemetry.scope_spans(span())),
                            blob(1, blob(1, attribute(blob(1, "v")))))))
    _add(made, "resource-last", "the resource behind its spans", lambda: one, TAKEN)
    _add(made, "scope-last", "the scope behind its spans", lambda: blob(1, blob(
        2, blob(2, span()) + blob(1, blob(1, "scope")))), TAKEN)
    _add(made, "span-reversed", "a span's fields from the last to the first", lambda: blob(
        1, telemetry.resource_spans(b"".join((
            fixed32(16, 1), blob(15, uint(3, 1)), blob(9, attribute(uint(3, 1))),
            fixed64(8, telemetry.END), fixed64(7, telemetry.START), uint(6, 2), blob(5, "n"),
            blob(2, b"\1" * 8), blob(1, telemetry.fresh_trace()))))), TAKEN)
    _add(made, "value-first", "an attribute's value before its key", lambda: request(span(
        more=blob(9, blob(2, blob(1, "v")) + blob(1, "k")))), TAKEN)
    _add(made, "spans-among-scopes", "spans, scope, spans", lambda: blob(1, blob(
        2, blob(2, span()) + blob(1, blob(1, "s")) + blob(2, span()))), TAKEN)
    return made


def merges():
    made = Family("protobuf/merge", "Of a single field that comes twice the last counts; messages "
                  "merge", ENCODING + ", Last One Wins", MUST, "D11")
    for name, sent, make in (
            ("name", "a span's name twice", lambda: request(span(more=blob(5, "later")))),
            ("trace-id", "a trace ID twice, the last one good",
             lambda: request(blob(1, b"short") + span())),
            ("span-id", "a span ID twice, the last one good",
             lambda: request(blob(2, b"short") + span())),
            ("status", "a status in two parts",
             lambda: request(span(more=blob(15, uint(3, 2)) + blob(15, blob(2, "why"))))),
            ("resource", "a resource in two parts", lambda: request(span(), more=(
                blob(1, blob(1, attribute(blob(1, "a"), "one")))
                + blob(1, blob(1, attribute(blob(1, "b"), "two")))))),
            ("scope", "a scope in two parts", lambda: request(
                span(), scope_more=blob(1, blob(1, "n")) + blob(1, blob(2, "v")))),
            ("value", "an attribute's value in two parts of one type",
             lambda: request(span(more=blob(9, blob(1, "k") + blob(2, blob(1, "a"))
                                            + blob(2, blob(1, "b")))))),
            ("oneof", "an AnyValue set twice",
             lambda: with_value(blob(1, "text") + uint(3, 5) + double(4, 1.5))),
            ("oneof-array", "an AnyValue with two array values",
             lambda: with_value(blob(5, blob(1, uint(3, 1))) + blob(5, blob(1, uint(3, 2))))),
            ("key", "an attribute's key twice",
             lambda: request(span(more=blob(9, blob(1, "a") + attribute(uint(3, 1), "b"))))),
            ("times", "start and end twice",
             lambda: request(span(more=fixed64(7, 1) + fixed64(8, 2) + fixed64(7, 3))))):
        _add(made, name, sent, make, TAKEN, level=ROBUST if name.endswith("-id") else None)
    return made


INVALID_TEXTS = (("lone-continuation", b"a\x80b"), ("cut", b"a\xe2\x82"), ("ff", b"\xff\xfe"),
                 ("overlong", b"\xc0\xaf"), ("overlong-nul", b"\xc0\x80"),
                 ("surrogate", b"\xed\xa0\x80"), ("beyond", b"\xf4\x90\x80\x80"))
TEXT_FIELDS = (("Span", 5), ("Span", 3), ("Status", 2), ("KeyValue", 1), ("AnyValue", 1),
               ("Event", 2), ("Link", 3), ("ResourceSpans", 3), ("ScopeSpans", 3),
               ("InstrumentationScope", 1), ("InstrumentationScope", 2))


def texts():
    made = Family("protobuf/utf8", "Text that is not UTF-8 is refused, or kept out of harm",
                  ENCODING + ", string; proto3 language guide", ROBUST)
    for message, number in TEXT_FIELDS:
        name = telemetry.field_named(message, number).name
        _add(made, f"{message}.{name}", f"{message}.{name} of bytes that are not UTF-8",
             lambda m=message, n=number: request_with(m, blob(n, b"a\xff\xfeb")), TAKEN | REFUSED)
    for name, octets in INVALID_TEXTS:
        _add(made, name, f"a span's name {octets!r}",
             lambda o=octets: request_with("Span", blob(5, o)), TAKEN | REFUSED)
    for name, octets in (("nul", b"a\0b"), ("controls", bytes(range(32))), ("quotes", b"'\"`<>&\\"),
                         ("bidi", "\u202eabc".encode()), ("emoji", "\U0001f600".encode()),
                         ("noncharacter", "\uffff".encode()), ("percent", b"%s%n%00")):
        _add(made, f"good-{name}", f"a span's name {octets!r}",
             lambda o=octets: request_with("Span", blob(5, o)), TAKEN, level=MUST)
    return made


def counts():
    made = Family("protobuf/count", "Counts that grow in memory are bounded",
                  "OTLP Empty Telemetry Envelopes; robustness", ROBUST, "C12")
    many = 20_000
    for name, sent, make, expect in (
            ("resources", "20,000 empty ResourceSpans", lambda: blob(1, b"") * many, TAKEN),
            ("scopes", "20,000 empty ScopeSpans", lambda: blob(1, blob(2, b"") * many), TAKEN),
            ("spans", "20,000 empty spans",
             lambda: blob(1, blob(2, blob(2, b"") * many)), partial(many) | REFUSED),
            ("attributes", "a span with 20,000 empty attributes",
             lambda: request(span(more=blob(9, b"") * many)), TAKEN | partial(1) | REFUSED),
            ("events", "a span with 20,000 empty events",
             lambda: request(span(more=blob(11, b"") * many)), TAKEN | partial(1) | REFUSED),
            ("links", "a span with 20,000 empty links",
             lambda: request(span(more=blob(13, b"") * many)), TAKEN | partial(1) | REFUSED),
            ("values", "an array of 20,000 empty values",
             lambda: with_value(blob(5, blob(1, b"") * many)), TAKEN | partial(1) | REFUSED),
            ("resource-attributes", "a resource with 20,000 attributes",
             lambda: request(span(), more=blob(1, blob(1, attribute(uint(3, 1))) * many)),
             TAKEN | partial(1) | REFUSED),
            ("good-spans", "5,000 good spans", lambda: request(
                *[span(number=n + 1) for n in range(5000)]), FULL)):
        _add(made, name, sent, make, expect | TOO_LARGE if name != "good-spans" else expect)
    some = Expect("partial success", lambda came: came.success and came.partial
                  and came.partial[0] > 0)
    made.add("bomb-of-empty-spans", "empty spans up to the request's limit, gzip", _bomb,
             some | REFUSED | TOO_LARGE)
    return made


def _named(name):
    return blob(1, name)


def signals():
    made = Family("protobuf/other-signal", "Logs and metrics sent to the traces' address are not "
                  "taken for spans", "trace.proto, Span.trace_id", MUST, "D1")
    metric = blob(1, blob(2, blob(2, _named("requests") + blob(5, blob(1, fixed64(3, 1))))))
    record = blob(1, blob(2, blob(2, fixed64(1, 5) + uint(2, 9) + blob(5, blob(1, "a line")))))
    for name, message in (("metrics", metric), ("logs", record), ("both", metric + record)):
        count = 2 if name == "both" else 1
        _add(made, name, f"an export request of {name}", lambda m=message: m,
             partial(count) | REFUSED)
    return made


def _bomb(client):
    """Empty spans up to the limit, gzip: a small request that wants much memory."""
    body = b"\x12\x00" * ((client.limit - 64) // 2)
    packed = gzips.plain(blob(1, blob(2, body)))
    return client.call(grpc_frame(packed, 1), grpc_encoding="gzip")


def _noise(seed, size):
    return bytes(random.Random(seed).randrange(256) for _ in range(size))


def garbage():
    made = Family("protobuf/garbage", "What is no request is refused whole",
                  "OTLP/gRPC Failures, Bad Data; OTLP/HTTP Bad Data", MUST, "G6 H10 C10")
    for name, sent, make in (
            ("json", "JSON", lambda: telemetry.small("json")), ("text", "a text", lambda: b"hello"),
            ("zeros", "100 zero bytes", lambda: bytes(100)),
            ("ones", "100 bytes of 0xff", lambda: b"\xff" * 100),
            ("half-good", "a good request and half of another",
             lambda: telemetry.small() + telemetry.small()[:30]),
            ("good-and-noise", "a good request and bytes of type 7",
             lambda: telemetry.small() + b"\x0f\x0f\x0f"),
            ("grpc-frame", "a gRPC frame in a frame", lambda: b"\0\0\0\0\5hello")):
        _add(made, name, sent, make, REFUSED)
    anything = Expect("any answer", lambda came: came.kind in ("grpc", "http"))
    for seed in range(40):
        _add(made, f"noise-{seed:02}", f"{seed * 7 + 1} random bytes, seed {seed}",
             lambda s=seed: _noise(s, s * 7 + 1), anything, level=ROBUST)
    whole = request(span(more=blob(9, attribute(blob(1, "value"))) + blob(11, blob(2, "event"))))
    for seed in range(40):
        _add(made, f"flipped-{seed:02}", f"a good request with three bytes changed, seed {seed}",
             lambda s=seed: _flipped(whole, s), anything, level=ROBUST)
    return made


def _flipped(whole, seed):
    noise, made = random.Random(seed), bytearray(whole)
    for _ in range(3):
        made[noise.randrange(len(made))] = noise.randrange(256)
    return bytes(made)


def families():
    return [wire_types(), unknown(), truncations(), varints(), tags(), lengths(), groups(),
            depths(), orders(), merges(), texts(), counts(), signals(), garbage()]
