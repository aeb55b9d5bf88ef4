"""The data model: which spans are valid, and what becomes of a request with both kinds."""
import json

from tests.conformance.case import MUST, ROBUST, SHOULD, Family
from tests.conformance.client import grpc_frame
from tests.conformance.outcome import FULL, REFUSED, TAKEN, YES, partial, seen
from tests.conformance.protobuf import blob, double, fixed32, fixed64, uint
from tests.conformance.telemetry import (
    END, START, attribute, fresh_trace, json_request, json_span, request, span, with_value)

PROTO = "trace.proto"


def _add(made, name, sent, make, expect, **more):
    made.add(name, sent, lambda c: c.both(make(), expect), expect, **more)


def identifiers():
    made = Family("data/id", "A trace ID has 16 bytes, a span ID 8, and neither is all zero",
                  PROTO + ", Span.trace_id, Span.span_id", MUST, "D1 D2")
    beside = Family("data/id-beside", "One invalid span does not cost the others",
                    "OTLP Partial Success", SHOULD, "C7 C10 D1 D2")
    for key, number, right in (("trace_id", 1, 16), ("span_id", 2, 8), ("parent_span_id", 4, 8)):
        for size in (*range(33), 64, 1000):
            good = size == right or (size == 0 and number == 4)
            make = lambda n=number, s=size: span(more=blob(n, b"\x5a" * s))
            expect = TAKEN if good else partial(1) | REFUSED
            _add(made, f"{key}-{size:02}", f"{key} of {size} bytes",
                 lambda m=make: request(m()), expect,
                 level=None if good or number != 4 else SHOULD)
            if not good:
                _add(beside, f"{key}-{size:02}", f"{key} of {size} bytes, and a good span",
                     lambda m=make: request(m(), span()), partial(1))
        zeros = lambda n=number, s=right: span(more=blob(n, bytes(s)))
        _add(made, f"{key}-zeros", f"{key} of {right} zero bytes", lambda m=zeros: request(m()),
             TAKEN if number == 4 else partial(1) | REFUSED)
    _add(made, "no-ids", "a span without any field", lambda: request(b""), partial(1) | REFUSED)
    _add(made, "high-bytes", "IDs of 0xff", lambda: request(
        span(trace=b"\xff" * 16, span_id=b"\xff" * 8)), TAKEN)
    _add(made, "own-parent", "a span that is its own parent",
         lambda: request(span(more=blob(4, (1).to_bytes(8, "big")))), TAKEN, level=ROBUST)
    for size in (0, 1, 8, 15, 17, 32):
        _add(made, f"link-{size:02}", f"a link's trace_id of {size} bytes", lambda s=size: request(
            span(more=blob(13, blob(1, b"\1" * s) + blob(2, b"\2" * 8)))),
            TAKEN | partial(1) | REFUSED, level=ROBUST)
    return [made, beside]


def _spans(good, bad, first=0):
    """`bad` spans without a trace ID among `good` ones, from place `first` on."""
    spans = [span(number=n + 1) for n in range(good)]
    return request(*spans[:first], *[span(trace=b"") for _ in range(bad)], *spans[first:])


def partials():
    made = Family("data/partial", "The rejected are counted, and the answer says why",
                  "OTLP Partial Success", SHOULD, "C3 C4 C7 C8 C9 C10 H7")
    for good, bad, first in ((1, 1, 0), (1, 1, 1), (9, 1, 0), (9, 1, 5), (9, 1, 9), (99, 1, 50),
                             (1, 9, 1), (999, 1, 500), (500, 500, 250), (1, 3000, 0)):
        _add(made, f"{bad}-of-{good + bad}-at-{first}", f"{bad} invalid of {good + bad} spans",
             lambda g=good, b=bad, f=first: _spans(g, b, f), partial(bad))
    for count in (1, 2, 1000):
        _add(made, f"all-{count}", f"{count} spans, all invalid",
             lambda c=count: _spans(0, c), partial(count) | REFUSED)
    for count in (1, 1000):
        made.add(f"json-{count}", f"JSON: {count} invalid of {count + 1} spans",
                 lambda c, n=count: c.post_json(json_request(
                     json_span(), *[json_span(traceId="") for _ in range(n)])), partial(count))
    for name, sent, test in (
            ("message-in-words", "one invalid of two: the message is a sentence about an ID",
             lambda came: len(came.partial[1].split()) > 3 and "id" in came.partial[1].lower()),
            ("message-size", "3,000 invalid with long names: the answer stays below 4 MiB",
             lambda came: len(came.body) < 4 << 20)):
        for over in ("grpc", "http"):
            made.add(f"{name}-{over}", sent, lambda c, o=over, t=test, n=name: _said(c, o, t, n),
                     YES, section="OTLP Partial Success; OTLP/gRPC Response")
    made.add("rejected-as-text", "JSON: rejectedSpans is a text or number", _rejected_in_json, YES,
             section="ProtoJSON format, int64", level=MUST)
    return made


def _said(client, over, test, name):
    count = 1 if "words" in name else 3000
    message = request(span(), *[span(trace=b"", name="x" * (1 if count == 1 else 500))
                                for _ in range(count)])
    came = client.call(grpc_frame(message)) if over == "grpc" else client.post(message)
    return seen(came.partial and came.partial[0] == count and test(came), str(came))


def _rejected_in_json(client):
    came = client.post_json(json_request(json_span(), json_span(traceId="")))
    if came.code == 400:
        return seen(True, "the whole was refused")
    told = json.loads(came.body)["partialSuccess"]["rejectedSpans"]
    return seen(str(told) == "1", repr(told))


def full():
    made = Family("data/full-success", "Full success leaves partial_success unset",
                  "OTLP Full Success", MUST, "C5 C6 C9 H7")
    for name, sent, make in (
            ("span", "a good span", lambda: request(span())), ("empty", "no byte", lambda: b""),
            ("ten-spans", "ten good spans", lambda: _spans(10, 0)),
            ("hundred-traces", "100 spans of 100 traces", lambda: request(
                *[span() for _ in range(100)]))):
        for over in ("grpc", "http"):
            made.add(f"{name}-{over}", sent, lambda c, m=make, o=over: (
                c.export(m()) if o == "grpc" else c.post(m())), FULL)
            made.add(f"{name}-{over}-unset", f"{sent}: partial_success is not there",
                     lambda c, m=make, o=over: _is_unset(
                         c.export(m()) if o == "grpc" else c.post(m())), YES)
    made.add("json-span", "a good span in JSON", lambda c: c.post_json(
        json_request(json_span())), FULL)
    made.add("json-empty", "JSON: {}", lambda c: c.post_json({}), FULL)
    made.add("json-object", "a good span in JSON: the answer is an object", lambda c: seen(
        isinstance(json.loads(c.post_json(json_request(json_span())).body), dict)), YES)
    return made


def _is_unset(came):
    return seen(came.success and came.partial is None, str(came))


def envelopes():
    made = Family("data/envelope", "Envelopes without content are no error",
                  "OTLP Empty Telemetry Envelopes; trace.proto", MUST, "C6 C12 D6")
    for name, sent, make in (
            ("no-resource", "no resource", lambda: request(span())),
            ("empty-resource", "an empty resource", lambda: request(span(), more=blob(1, b""))),
            ("empty-scope", "an empty scope", lambda: request(span(), scope_more=blob(1, b""))),
            ("empty-status", "an empty status", lambda: request(span(more=blob(15, b"")))),
            ("empty-resource-spans", "an empty ResourceSpans", lambda: blob(1, b"")),
            ("empty-scope-spans", "an empty ScopeSpans", lambda: blob(1, blob(2, b""))),
            ("only-resource", "a resource without spans",
             lambda: blob(1, blob(1, blob(1, attribute(blob(1, "v")))))),
            ("only-scope", "a scope without spans",
             lambda: blob(1, blob(2, blob(1, blob(1, "s"))))),
            ("schema-urls", "schema URLs", lambda: request(
                span(), more=blob(3, "https://a/1"), scope_more=blob(3, "https://b/2"))),
            ("entity-refs", "a resource with entity_refs", lambda: request(
                span(), more=blob(1, blob(3, blob(2, "service") + blob(3, "service.name"))))),
            ("many-of-each", "ten resources with ten scopes with one span each",
             lambda: b"".join(blob(1, blob(2, blob(2, span())) * 1 + b"".join(
                 blob(2, blob(2, span())) for _ in range(9))) for _ in range(10))),
            ("between-empties", "a good span between empty envelopes",
             lambda: blob(1, b"") + request(span()) + blob(1, blob(2, b""))),
            ("least-span", "a span of its IDs alone",
             lambda: request(blob(1, fresh_trace()) + blob(2, b"\1" * 8)))):
        _add(made, name, sent, make, FULL)
    return made


def values():
    made = Family("data/value", "Attributes have values of every kind, also empty ones",
                  "common.proto, AnyValue", MUST, "D4")
    mixed = blob(1, blob(1, "a")) + blob(1, uint(3, 1)) + blob(1, b"") + blob(1, double(4, 1.5))
    for name, value in (
            ("empty", b""), ("text", blob(1, "x")), ("empty-text", blob(1, "")),
            ("true", uint(2, 1)), ("false", uint(2, 0)), ("integer", uint(3, 5)),
            ("negative", uint(3, -5)), ("largest", uint(3, (1 << 63) - 1)),
            ("smallest", uint(3, -(1 << 63))), ("double", double(4, 1.5)),
            ("nan", double(4, float("nan"))), ("infinity", double(4, float("inf"))),
            ("minus-infinity", double(4, float("-inf"))), ("minus-zero", double(4, -0.0)),
            ("denormal", double(4, 5e-324)), ("bytes", blob(7, b"\0\xff")),
            ("empty-bytes", blob(7, b"")), ("array", blob(5, blob(1, uint(3, 1)))),
            ("empty-array", blob(5, b"")), ("mixed-array", blob(5, mixed)),
            ("array-of-arrays", blob(5, blob(1, blob(5, blob(1, uint(3, 1)))))),
            ("kvlist", blob(6, blob(1, attribute(uint(3, 1))))), ("empty-kvlist", blob(6, b"")),
            ("kvlist-in-array", blob(5, blob(1, blob(6, blob(1, attribute(b"")))))),
            ("long-text", blob(1, "x" * 65536)), ("strindex", uint(8, 1))):
        _add(made, name, f"an attribute of {name}", lambda v=value: with_value(v), TAKEN)
    for name, sent, make in (
            ("empty-key", "an empty key", lambda: span(more=blob(9, attribute(blob(1, "v"), "")))),
            ("no-value", "a key without value", lambda: span(more=blob(9, blob(1, "k")))),
            ("two-equal-keys", "two equal keys", lambda: span(
                more=blob(9, attribute(uint(3, 1))) + blob(9, attribute(uint(3, 2))))),
            ("100-keys", "100 keys", lambda: span(more=b"".join(
                blob(9, attribute(uint(3, n), f"k{n}")) for n in range(100)))),
            ("on-event", "an event with attributes", lambda: span(more=blob(
                11, fixed64(1, START) + blob(2, "e") + blob(3, attribute(blob(1, "v")))))),
            ("on-link", "a link with attributes", lambda: span(more=blob(
                13, blob(1, b"\1" * 16) + blob(2, b"\2" * 8) + blob(4, attribute(mixed))))),
            ("10-events", "ten events", lambda: span(more=b"".join(
                blob(11, fixed64(1, START + n) + blob(2, f"e{n}")) for n in range(10)))),
            ("10-links", "ten links", lambda: span(more=blob(
                13, blob(1, b"\1" * 16) + blob(2, b"\2" * 8)) * 10))):
        _add(made, name, sent, lambda m=make: request(m()), TAKEN)
    return made


def ranges():
    made = Family("data/range", "Numbers of the whole range are data, not errors", PROTO, MUST,
                  "D3 D7 D8 D9")
    for name, pieces in (
            *((f"kind-{n}", uint(6, n)) for n in (0, 1, 2, 3, 4, 5, 6, 99, 2**31 - 1, -1)),
            *((f"status-{n}", blob(15, uint(3, n))) for n in (0, 1, 2, 3, 77, -1)),
            *((f"flags-{n:#x}", fixed32(16, n)) for n in (
                0, 1, 2, 0xFF, 0x100, 0x200, 0x300, 0x301, 0x400, 0x80000000, 0xFFFFFFFF)),
            *((f"dropped-{field}-{n}", uint(field, n)) for field in (10, 12, 14)
              for n in (1, 2**32 - 1)),
            ("times-zero", fixed64(7, 0) + fixed64(8, 0)),
            ("times-equal", fixed64(7, START) + fixed64(8, START)),
            ("end-before-start", fixed64(7, END) + fixed64(8, START)),
            ("end-zero", fixed64(8, 0)), ("start-zero", fixed64(7, 0)),
            ("times-largest", fixed64(7, 2**64 - 1) + fixed64(8, 2**64 - 1)),
            ("times-signed", fixed64(7, 2**63) + fixed64(8, 2**63 + 1)),
            ("far-past", fixed64(7, 1) + fixed64(8, 2)),
            ("widest", fixed64(7, 0) + fixed64(8, 2**64 - 1)),
            ("event-time-zero", blob(11, fixed64(1, 0))),
            ("event-outside", blob(11, fixed64(1, 2**64 - 1))),
            ("empty-name", blob(5, "")), ("no-name-event", blob(11, b"")),
            ("long-name", blob(5, "n" * 65536)), ("tracestate", blob(3, "a=b,c@d=e")),
            ("tracestate-broken", blob(3, ",,=,,")),
            ("tracestate-long", blob(3, "a=" + "b" * 9999)),
            ("status-message", blob(15, blob(2, "why") + uint(3, 2))),
            ("status-message-without-code", blob(15, blob(2, "why")))):
        _add(made, name, name.replace("-", " "), lambda p=pieces: request(span(more=p)), TAKEN)
    return made


def _chain(count, first_parent):
    """A trace in which each span is the child of the one before."""
    trace = fresh_trace()
    spans = [span(trace=trace, number=1, more=blob(4, first_parent) if first_parent else b"")]
    spans += [span(trace=trace, number=n + 1, more=blob(4, n.to_bytes(8, "big")))
              for n in range(1, count)]
    return spans


def shapes():
    made = Family("data/shape", "A trace may have any shape", PROTO + ", Span.parent_span_id",
                  ROBUST, "D2")
    number = lambda n: n.to_bytes(8, "big")
    for name, sent, make in (
            ("cycle-of-2", "two spans that are each other's parents", lambda: _chain(2, number(2))),
            ("cycle-of-1000", "1,000 spans in a ring", lambda: _chain(1000, number(1000))),
            ("chain-of-5000", "5,000 spans, each the child of the one before",
             lambda: _chain(5000, b"")),
            ("orphans", "ten spans whose parents never come",
             lambda: [span(more=blob(4, number(99))) for _ in range(10)]),
            ("two-roots", "two roots in one trace", lambda: (lambda t: [
                span(trace=t, number=1), span(trace=t, number=2)])(fresh_trace())),
            ("wide", "2,000 children of one parent", lambda: (lambda t: [span(trace=t)] + [
                span(trace=t, number=n, more=blob(4, number(1))) for n in range(2, 2001)])(
                    fresh_trace()))):
        _add(made, name, sent, lambda m=make: request(*m()), TAKEN)
    return made


def repeats():
    made = Family("data/repeat", "What comes again is accepted again", "OTLP Duplicate Data", MUST,
                  "C11")
    _add(made, "twice-in-one", "a span twice in one request",
         lambda: (lambda one: request(one, one))(span()), TAKEN)
    _add(made, "other-content", "one span ID with two names", lambda: (lambda trace: request(
        span(trace=trace), span(trace=trace, name="other")))(fresh_trace()), TAKEN)
    made.add("over-both", "one request three times, over each transport", _thrice, YES)
    return made


def _thrice(client):
    message = request(span())
    for _ in range(3):
        came = client.both(message, TAKEN)
        if not TAKEN.test(came):
            return came
    return seen(True)


def families():
    return [*identifiers(), partials(), full(), envelopes(), values(), ranges(), shapes(),
            repeats()]
