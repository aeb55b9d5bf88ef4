"""SEMANTICS 1: formats of files, told by content."""

import gzip
import json
import sys

from tests.semantics import harness
from tests.semantics.harness import lines, span
from tests.semantics.table import Case, main

ALL = "span[]"
ONE, TWO = span(1, name="a"), span(2, parent=1, name="b")


def varint(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def field(number, body):
    return varint(number << 3 | 2) + varint(len(body)) + body


def wire(trace, number, name, parent=b""):
    """A request with one span as OTLP protobuf, by hand."""
    held = field(1, bytes.fromhex(harness.trace_id(trace))) + field(2, bytes.fromhex(harness.span_id(number)))
    held += field(4, parent) + field(5, name.encode()) + varint(7 << 3 | 1) + (10**18).to_bytes(8, "little")
    held += varint(8 << 3 | 1) + (10**18 + 5).to_bytes(8, "little")
    return field(1, field(2, field(2, held)))


def one(*spans):
    return json.dumps({"resourceSpans": list(spans)}, indent=1).encode()


def jaeger(*spans):
    return json.dumps({
        "data": [{
            "traceID": "1", "spans": list(spans),
            "processes": {"p": {"serviceName": "svc", "tags": [{"key": "host", "type": "string", "value": "h"}]}}
        }]
    }).encode()


def jaeger_span(number, name, **more):
    return dict(traceID="1", spanID=f"{number:x}", operationName=name, processID="p", startTime=1_700_000_000_000_000,
                duration=10_000, **more)


def zipkin(number, **more):
    return {
        k: v
        for k, v in dict(traceId="1", id=f"{number:016x}", timestamp=1_700_000_000_000_000, duration=10_000, **
                         more).items() if v is not None
    }


BOTH = [("pass", "count = 2", ALL), ("pass", "count = 1", "span[name=a] > span[name=b]")]
CLIENT = zipkin(1, name="call", kind="CLIENT", localEndpoint={"serviceName": "web"},
                remoteEndpoint={"serviceName": "shop"})
SERVER = zipkin(1, name="serve", kind="SERVER", shared=True, localEndpoint={"serviceName": "shop"})
CHILD = zipkin(2, parentId=f"{1:016x}", name="query", kind="CLIENT", localEndpoint={"serviceName": "shop"},
               tags={"n": "5", "error": "no"})

CASES = [
    Case(what, [], BOTH, files=files) for what, files in {
        "one document": {"x.bin": one(ONE, TWO)}, "a document for each line": {"x.pb": lines(
            [ONE, TWO]).encode()}, "gzip of a document": {"x.json": gzip.compress(one(ONE, TWO))},
        "gzip of lines": {"x": gzip.compress(lines([ONE, TWO]).encode())}, "protobuf under a name of JSON": {
            "x.json": wire(1, 1, "a") + wire(1, 2, "b", bytes.fromhex(harness.span_id(1)))
        }, "gzip of protobuf": {
            "x.json": gzip.compress(wire(1, 1, "a") + wire(1, 2, "b", bytes.fromhex(harness.span_id(1))))
        }, "a trace over two files": {"1": one(TWO), "2": one(ONE)}, "a trace over files of three formats": {
            "1": one(TWO), "2": wire(1, 1, "a"), "3": lines([TWO]).encode()
        }, "Jaeger": {
            "x": jaeger(jaeger_span(1, "a"),
                        jaeger_span(2, "b", references=[{"refType": "CHILD_OF", "traceID": "1", "spanID": "1"}]))
        }, "a trace over Jaeger and OTLP": {
            "x": jaeger(jaeger_span(2, "b", references=[{"refType": "CHILD_OF", "traceID": "1", "spanID": "1"}])),
            "y": one(ONE)
        }, "Zipkin": {"x": json.dumps([zipkin(1, name="a"), zipkin(2, name="b", parentId="1")]).encode()},
        "Zipkin, gzip": {
            "x": gzip.compress(json.dumps([zipkin(1, name="a"),
                                           zipkin(2, name="b", parentId="1")]).encode())
        }, "blank lines between documents": {"x": b"\n" + lines([ONE]).encode() + b"\n\n" + lines([TWO]).encode()},
        "the end of lines of Windows": {"x": lines([ONE, TWO]).replace("\n", "\r\n").encode()},
    }.items()
] + [
    Case(
        "Jaeger's tags by type, process tags as resource", [], [("pass", "n = 5", ALL), ("pass", "attr:n < 6", ALL),
                                                                ("pass", "b = true", ALL), ("pass", "t = '5'", ALL),
                                                                ("pass", "resource:host = h", ALL),
                                                                ("pass", "service = svc", ALL),
                                                                ("pass", "duration = 10ms", ALL)],
        files={
            "x": jaeger(
                jaeger_span(
                    1, "a", tags=[
                        dict(key="n", type="int64", value=5),
                        dict(key="b", type="bool", value=True),
                        dict(key="t", type="string", value="5")
                    ]))
        }),
    Case("Zipkin: services, tags, error, shared IDs", [], [
        ("pass", "count = 3", ALL), ("pass", "peer.service = shop", "span[name=call]"),
        ("pass", "service = web", "span[name=call]"), ("pass", "service = shop", "span[name=serve]"),
        ("pass", "count = 1", "span[name=call] > span[name=serve]"),
        ("pass", "count = 1", "span[name=serve] > span[name=query]"),
        ("pass", "count = 0", "span[name=call] > span[name=query]"), ("pass", "status = error", "span[name=query]"),
        ("pass", "n = '5'", "span[name=query]"), ("pass", "n = 5", "span[name=query]"),
        ("pass", "status = unset", "span[name=call]"), ("pass", "kind = server", "span[name=serve]"),
        ("pass", "resource:service.name = shop", "span[name=serve]"),
        ("pass", "type(attr:n) = 'text'", "span[name=query]"), ("pass", "count = 1", "span[]:root")
    ], files={"x": json.dumps([CHILD, SERVER, CLIENT]).encode()}, report={"ledger.spans.conflicting": 0}),
    Case(
        "Zipkin: children of the client's service stay", [],
        [("pass", "count = 1", "span[name=call] > span[name=mine]")], files={
            "x": json.dumps(
                [CLIENT, SERVER,
                 zipkin(3, parentId="1", name="mine", localEndpoint={"serviceName": "web"})]).encode()
        }),
    Case(
        "Zipkin: the halves in two files, without `shared`", [],
        [("pass", "count = 1", "span[name=call] > span[name=serve] > span[name=query]")], files={
            "x": json.dumps([CHILD, {**SERVER, "shared": None}]).replace('"shared": null, ', "").encode(),
            "y": json.dumps([CLIENT]).encode()
        }),
    Case(
        "Zipkin: a span without timestamp is rejected", [], [("inconclusive", "count = 1", ALL),
                                                             ("pass", "count >= 1", ALL)],
        files={
            "x": json.dumps([zipkin(1, name="a"), {"traceId": "1", "id": "2", "parentId": "1", "name": "b"}
                             ]).encode()
        }, report={"ledger.spans.rejected": 1}),
    Case("Zipkin: a tag error with an empty text too", [], [("pass", "status = error", ALL)],
         files={"x": json.dumps([zipkin(1, name="a", tags={"error": ""})]).encode()}),
]


def unreadable():
    """Files that end `check` with exit 1."""
    suite = harness.document([harness.suite([{"name": "r", "select": ALL, "assert": "count = 1"}])])
    good = lines([ONE]).encode()
    for what, files in {
            "no format": {"x": b"hello"}, "half a document": {"x": one(ONE)[:-20]},
            "broken gzip": {"x": gzip.compress(good)[:-9]}, "a good file and a bad one": {"a": good, "b": b"{"},
            "a bad line": {"x": good + b"{\n"}, "half of protobuf": {"x": wire(1, 1, "a")[:-3]}
    }.items():
        outcome = harness.check(suite, [], files=files)
        if outcome.code != 1 or outcome.out:
            yield f"{what}: exit {outcome.code}, {outcome.out[:200]}, {outcome.err}"


if __name__ == "__main__":
    FOUND = list(unreadable())
    print("\n".join(FOUND))
    sys.exit(main(CASES) or bool(FOUND))
