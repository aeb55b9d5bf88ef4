"""OTLP/gRPC: paths, frames, compression, deadlines, metadata, and the form of answers."""
import re
import struct
import time

from tests.conformance import gzips, http2, outcome, telemetry
from tests.conformance.case import MUST, ROBUST, SHOULD, Family
from tests.conformance.client import call_headers, grpc_frame
from tests.conformance.outcome import (
    ANSWERED, CLOSED, DEADLINE_EXCEEDED, FULL, INTERNAL, INVALID_ARGUMENT, NOT_FOUND, NO_RETRY, OK,
    RESOURCE_EXHAUSTED, TAKEN, UNIMPLEMENTED, VIOLATIONS, YES, Expect, goaway, grpc, http, reset,
    seen)
from tests.conformance.telemetry import EXPORT

GRPC = "gRPC over HTTP/2"
UNREADABLE = grpc(INTERNAL)
SERVICE = "/opentelemetry.proto.collector.trace.v1.TraceService"


def small_frame():
    return grpc_frame(telemetry.small())


def paths():
    made = Family("grpc/path", "One method is served; any other is UNIMPLEMENTED",
                  "OTLP/gRPC; gRPC status codes", MUST, "G2 G13")
    made.add("export", "a span to TraceService/Export", lambda c: c.call(small_frame()), FULL)
    for name, path in (("unknown-method", SERVICE + "/Import"), ("wrong-case", SERVICE + "/export"),
                       ("unknown-service", "/a.b.C/Export"), ("trailing-slash", EXPORT + "/"),
                       ("without-package", "/TraceService/Export"), ("root", "/"),
                       ("service-only", SERVICE), ("empty-method", SERVICE + "/"),
                       ("old-version", EXPORT.replace("v1", "v1beta1")),
                       ("doubled-slash", "/" + EXPORT), ("query", EXPORT + "?a=b"),
                       ("escaped", EXPORT.replace("Export", "%45xport")),
                       ("long", "/" + "a" * 2000 + "/b")):
        expect = grpc(UNIMPLEMENTED) | TAKEN if name == "query" else grpc(UNIMPLEMENTED)
        made.add(name, f"a span to {path[:60]}", lambda c, p=path: c.call(small_frame(), path=p),
                 expect)
    return made


def siblings():
    made = Family("grpc/siblings", "Other signals are taken, or are UNIMPLEMENTED",
                  "OTLP/gRPC; gRPC status codes", SHOULD, "G2 G13")
    for signal in ("logs.v1.Logs", "metrics.v1.Metrics", "profiles.v1development.Profiles"):
        path = f"/opentelemetry.proto.collector.{signal}Service/Export"
        made.add(signal.split(".")[0], "an empty request", lambda c, p=path: c.call(
            grpc_frame(b""), path=p), TAKEN | grpc(UNIMPLEMENTED))
    return made


def methods():
    made = Family("grpc/method", "A call is a POST", GRPC + ", Requests", ROBUST, "G11")
    for method in "GET HEAD PUT DELETE PATCH OPTIONS TRACE FOO post".split():
        made.add(method, f"{method} with a span", lambda c, m=method: c.call(
            small_frame(), method=m),
            http(400, 405, 415, 501) | grpc(UNIMPLEMENTED, INTERNAL) | reset(http2.PROTOCOL_ERROR))
    return made


def content_types():
    made = Family("grpc/content-type", "application/grpc is a call, other types are 415",
                  GRPC + ", Requests: Content-Type", SHOULD, "G11")
    for name, kind in (("plain", "application/grpc"), ("proto", "application/grpc+proto")):
        made.add(name, f"content-type: {kind}", lambda c, k=kind: c.call(
            small_frame(), content_type=k), FULL, level=MUST)
    made.add("json", "content-type: application/grpc+json", lambda c: c.call(
        small_frame(), content_type="application/grpc+json"),
        grpc(UNIMPLEMENTED, INTERNAL) | http(415), level=ROBUST)
    for name, kind in (("none", None), ("text", "text/plain"), ("json-alone", "application/json"),
                       ("protobuf", "application/x-protobuf"), ("empty", ""),
                       ("octets", "application/octet-stream"), ("prefix", "application/grp"),
                       ("html", "text/html; charset=utf-8")):
        made.add(name, f"content-type: {kind}", lambda c, k=kind: c.call(
            small_frame(), content_type=k), http(415))
    for name, kind in (("parameter", "application/grpc;v=1"), ("case", "Application/GRPC")):
        made.add(name, f"content-type: {kind}", lambda c, k=kind: c.call(
            small_frame(), content_type=k), FULL | http(415), level=ROBUST)
    return made


def frames():
    made = Family("grpc/frame", "A message is a flag of 0 or 1, a length, and so many bytes",
                  GRPC + ", Length-Prefixed-Message", MUST, "G12")
    made.add("flag-0", "a plain message", lambda c: c.call(small_frame()), FULL)
    made.add("empty-message", "a message of no bytes", lambda c: c.call(grpc_frame(b"")), FULL,
             section="OTLP/gRPC Response, Full Success")
    made.add("flag-1-without-encoding", "flag 1, no grpc-encoding", lambda c: c.call(
        grpc_frame(telemetry.small(), 1)), UNREADABLE, section="gRPC compression, test case 6")
    made.add("flag-1-identity", "flag 1, grpc-encoding: identity", lambda c: c.call(
        grpc_frame(telemetry.small(), 1), grpc_encoding="identity"), UNREADABLE,
        section="gRPC compression, test case 6")
    for flag in (2, 3, 64, 127, 128, 129, 254, 255):
        made.add(f"flag-{flag}", f"flag {flag}", lambda c, f=flag: c.call(
            grpc_frame(telemetry.small(), f)), UNREADABLE)
    for size in range(1, 5):
        made.add(f"prefix-of-{size}", f"the first {size} bytes of a prefix, then the end",
                 lambda c, s=size: c.call(small_frame()[:s]), grpc(*outcome.FINAL))
    for name, more in (("one-more", 1), ("many-more", 1000)):
        made.add(f"announces-{name}", f"a length {more} beyond what follows", lambda c, m=more: (
            c.call(grpc_frame(telemetry.small(), size=len(telemetry.small()) + m))),
            grpc(*outcome.FINAL))
    made.add("prefix-only", "a length of 10 and no bytes", lambda c: c.call(
        grpc_frame(b"", size=10)), grpc(*outcome.FINAL))
    return made


def cardinality():
    made = Family("grpc/cardinality", "A unary call carries one message: else UNIMPLEMENTED",
                  "gRPC status codes, request cardinality violation", SHOULD, "G12")
    two = grpc(UNIMPLEMENTED)
    made.add("none", "a header that ends the call", lambda c: c.call(), two)
    made.add("none-empty-data", "a header and an empty DATA frame", lambda c: c.call(b""), two)
    made.add("two", "two messages", lambda c: c.call(small_frame() + small_frame()), two)
    made.add("two-in-frames", "two messages in DATA frames of their own", lambda c: c.call(
        small_frame(), small_frame()), two)
    made.add("second-empty", "a message and an empty one", lambda c: c.call(
        small_frame(), grpc_frame(b"")), two)
    made.add("three", "three messages", lambda c: c.call(small_frame() * 3), two)
    made.add("astride", "a DATA frame with the end of one and the begin of another", lambda c: (
        c.call(small_frame()[:20], small_frame()[20:] + small_frame()[:20],
               small_frame()[20:])), two)
    made.add("extra-byte", "a message and one more byte", lambda c: c.call(small_frame() + b"\0"),
             two | grpc(INTERNAL))
    return made


def _in_data(pieces, padded=False, trailers=False):
    def run(client):
        stream = 1
        sent = [http2.headers(stream, call_headers())]
        for index, piece in enumerate(pieces()):
            end = index == len(pieces()) - 1 and not trailers
            flags = (http2.END_STREAM if end else 0) | (http2.PADDED if padded else 0)
            body = b"\x07" + piece + b"\0" * 7 if padded else piece
            sent.append(http2.frame(http2.DATA, flags, stream, body))
        if trailers:
            sent.append(http2.headers(stream, [("x-trailer", "1")], end=True))
        return client.frames(*sent)
    return run


def splits():
    made = Family("grpc/split", "DATA frames have no relation to messages",
                  GRPC + ", Length-Prefixed-Message", MUST, "G12")
    whole = small_frame()
    for name, sent, pieces, options in (
            ("byte-by-byte", "every byte in a DATA frame",
             lambda: [bytes([one]) for one in whole], {}),
            ("prefix", "the prefix in five DATA frames",
             lambda: [bytes([one]) for one in whole[:5]] + [whole[5:]], {}),
            ("behind-prefix", "the prefix, then the message", lambda: [whole[:5], whole[5:]], {}),
            ("empty-between", "empty DATA frames between", lambda: [
                b"", whole[:3], b"", b"", whole[3:], b""], {}),
            ("end-on-empty", "an empty DATA frame ends the call", lambda: [whole, b""], {}),
            ("padded", "padded DATA frames", lambda: [whole[:9], whole[9:]], {"padded": True}),
            ("padded-twice", "padded DATA frames, one with padding alone",
             lambda: [whole[:9], b"", whole[9:]], {"padded": True})):
        made.add(name, sent, _in_data(pieces, **options), FULL)
    made.add("trailers", "a header block ends the call, which the grammar does not have", _in_data(
        lambda: [whole], trailers=True), FULL | grpc(*outcome.FINAL) | reset(*range(14))
        | goaway(http2.PROTOCOL_ERROR), level=ROBUST, section=GRPC + ", Requests")
    return made


def _limit_call(over, packed=False):
    def run(client):
        body = telemetry.request_of(client.limit + over)
        if packed:
            return client.call(grpc_frame(gzips.plain(body), 1), grpc_encoding="gzip")
        return client.call(grpc_frame(body))
    return run


def limits():
    made = Family("grpc/limit", "One limit holds before and after inflating: RESOURCE_EXHAUSTED "
                  "without RetryInfo", "OTLP/gRPC Request", MUST, "C2 G4 G8 H17")
    over = grpc(RESOURCE_EXHAUSTED) & NO_RETRY
    made.add("over", "a message one byte beyond the limit", _limit_call(1), over)
    made.add("over-gzip", "one byte beyond the limit when inflated", _limit_call(1, True), over)
    made.add("over-three-times", "a message of three times the limit", lambda c: c.call(grpc_frame(
        telemetry.request_of(3 * c.limit))), over)
    made.add("exact", "a message of exactly the limit", _limit_call(0), FULL, level=SHOULD)
    made.add("exact-gzip", "exactly the limit when inflated", _limit_call(0, True), FULL,
             level=SHOULD)
    made.add("bomb", "zeros beyond the limit, a thousandth of it sent", lambda c: c.call(
        grpc_frame(gzips.bomb(c.limit + 1), 1), grpc_encoding="gzip"), over)
    for name, size in (("4GiB", 0xFFFFFFFF), ("2GiB", 0x80000000)):
        made.add(f"announced-{name}", f"a prefix that announces {size} bytes, and no end",
                 lambda c, s=size: _announced(c, s), over)
    return made


def _announced(client, size):
    with client.http2() as connection:
        connection.send(http2.headers(1, call_headers()),
                        http2.data(1, grpc_frame(b"", size=size)))
        connection.reply(1)
        return outcome.of_http2(connection, 1)


def timeouts():
    made = Family("grpc/timeout", "grpc-timeout is honoured, and refused where malformed",
                  GRPC + ", Requests: Timeout", MUST, "G14")
    for text in ("1H", "1M", "10S", "5000m", "5000000u", "99999999n", "99999999H", "00000010S"):
        made.add(f"good-{text}", f"grpc-timeout: {text}", lambda c, t=text: c.call(
            small_frame(), grpc_timeout=t), FULL)
    for text in ("0n", "1n", "0S"):
        made.add(f"over-{text}", f"grpc-timeout: {text}", lambda c, t=text: c.call(
            small_frame(), grpc_timeout=t), grpc(DEADLINE_EXCEEDED) | reset(
                http2.CANCEL, http2.NO_ERROR), level=SHOULD)
    for text in ("abc", "5", "S", "-1S", "1.5S", "1s", "1 S", "123456789S", "99999999999H", "0x1S",
                 "1SS", "+1S"):
        made.add(f"bad-{text.replace(' ', '_')}", f"grpc-timeout: {text}", lambda c, t=text: c.call(
            small_frame(), grpc_timeout=t), grpc(INTERNAL, INVALID_ARGUMENT) | http(400),
            level=ROBUST)
    return made


def metadata():
    made = Family("grpc/metadata", "Metadata that nobody knows is passed over",
                  GRPC + ", Custom-Metadata", MUST, "G11")
    for name, fields in (
            ("custom", {"x-any": "text"}), ("empty-value", {"x-any": ""}),
            ("binary", {"x-any-bin": "aGVsbG8"}), ("binary-padded", {"x-any-bin": "aGVsbG8="}),
            ("reserved", {"grpc-unheard-of": "1"}), ("many", {f"x-{n}": "v" for n in range(60)}),
            ("4-KiB", {"x-any": "v" * 4096}), ("user-agent", {"user-agent": "grpc-c/1.0 (x; y)"}),
            ("accept-encoding", {"grpc-accept-encoding": "gzip, br"}),
            ("traceparent", {"traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"}),
            ("message-type", {"grpc-message-type": "a.B"}), ("tenant", {"x-scope-orgid": "a|b"}),
            ("authorization", {"authorization": "Bearer x"})):
        made.add(name, ", ".join(fields)[:60], lambda c, f=fields: c.call(small_frame(), **f), FULL)
    made.add("no-te", "no te: trailers", lambda c: c.call(small_frame(), te=None), FULL,
             level=ROBUST)
    made.add("bad-base64", "x-any-bin: %%%", lambda c: c.call(small_frame(), x_any_bin="%%%"),
             FULL | grpc(INTERNAL, INVALID_ARGUMENT) | http(400), level=ROBUST)
    for name, size in (("16-KiB", 16 << 10), ("64-KiB", 64 << 10), ("1-MiB", 1 << 20)):
        made.add(name, f"metadata of {size} bytes", lambda c, s=size: _large_header(c, s),
                 ANSWERED | reset(*range(14)) | goaway(*range(14)) | CLOSED, level=ROBUST,
                 section="RFC 9113 10.5.1")
    return made


def _large_header(client, size):
    pairs = call_headers() + [(f"x-{n}", "v" * 8000) for n in range(size // 8000)]
    block = http2.hpack.encode(pairs)
    parts = [block[at:at + 16000] for at in range(0, len(block), 16000)]
    sent = [http2.frame(http2.HEADERS if index == 0 else http2.CONTINUATION,
                        http2.END_HEADERS if index == len(parts) - 1 else 0, 1, part)
            for index, part in enumerate(parts)]
    return client.frames(*sent, http2.data(1, small_frame(), True))


def _bad(client):
    return client.call(grpc_frame(b"\xff\xff\xff"))


def _fact(what, test):
    """A case that looks closer at an answer: `test(outcome)` returns whether it is so."""
    def run(client):
        came = what(client)
        return seen(test(came), str(came))
    return run


_DETAILS = re.compile(r"^[A-Za-z0-9+/]+$")


def answers():
    made = Family("grpc/answer", "Status, message and details stand where clients look for them",
                  GRPC + ", Responses", MUST, "G6 G10 G11")
    good = lambda c: c.call(small_frame())
    unknown = lambda c: c.call(small_frame(), path="/a/b")
    for name, sent, what, test in (
            ("http-status", "a good call: :status", good,
             lambda o: o.headers[":status"] == "200"),
            ("content-type", "a good call: content-type", good,
             lambda o: o.headers["content-type"].startswith("application/grpc")),
            ("status-in-trailers", "a good call: grpc-status follows the message", good,
             lambda o: o.reply.trailers.get("grpc-status") == "0"
             and "grpc-status" not in o.reply.headers),
            ("one-message", "a good call: one message in its frame", good,
             lambda o: len(o.body) >= 5 and not o.broken),
            ("error-http-status", "bad data: :status", _bad,
             lambda o: o.headers[":status"] == "200"),
            ("error-without-message", "bad data: no message", _bad, lambda o: o.body == b""),
            ("error-content-type", "bad data: content-type", _bad,
             lambda o: o.headers["content-type"].startswith("application/grpc")),
            ("unimplemented-http-status", "an unknown method: :status", unknown,
             lambda o: o.headers[":status"] == "200"),
            ("error-names-once", "bad data: grpc-status comes once", _bad,
             lambda o: [name for name, _ in o.reply.pairs].count("grpc-status") == 1),
            ("no-connection-headers", "bad data: no connection-specific fields", _bad,
             lambda o: not {"connection", "transfer-encoding"} & set(o.headers)),
            ("message-of-odd-path", "an unknown path with % and UTF-8: grpc-message is ASCII",
             lambda c: c.call(small_frame(), path="/a%00b/\xc3\xbc\u20ac"),
             lambda o: all(" " <= one <= "~" for one in o.headers.get("grpc-message", ""))
             and o.code == UNIMPLEMENTED),
            ("message-encoding", "bad data: grpc-message is percent-encoded ASCII", _bad,
             lambda o: all(" " <= one <= "~" for one in o.headers.get("grpc-message", "")))):
        made.add(name, sent, _fact(what, test), YES)
    for name, sent, test in (
            ("error-trailers-only", "bad data: one header block ends the call",
             lambda o: not o.reply.trailers),
            ("message", "bad data: a message for people",
             lambda o: len(o.headers.get("grpc-message", "")) > 10),
            ("message-size", "bad data: the message is below 8 KiB",
             lambda o: len(o.headers.get("grpc-message", "")) < 8192)):
        made.add(name, sent, _fact(_bad, test), YES, level=SHOULD)
    made.add("bad-data", "three bytes that are no protobuf", _bad, grpc(INVALID_ARGUMENT),
             level=SHOULD, section="OTLP/gRPC Failures")
    made.add("bad-data-details", "three bytes that are no protobuf", _bad, VIOLATIONS,
             level=ROBUST, section="OTLP/gRPC Failures, Bad Data")
    made.add("details-unpadded", "bad data: details, where there are any, are unpadded base64",
             _fact(_bad, lambda o: _DETAILS.match(
                 o.headers.get("grpc-status-details-bin", "none"))), YES, level=SHOULD)
    made.add("details-agree", "bad data: the code in the details is grpc-status", _fact(
        _bad, lambda o: o.status.code == o.code), YES, level=SHOULD)
    return made


def _interleaved(client):
    with client.http2() as connection:
        streams = [connection.next_stream() for _ in range(50)]
        connection.send(*[http2.headers(stream, call_headers()) for stream in streams])
        for stream in reversed(streams):
            connection.send_body(stream, small_frame())
            if not outcome.of_grpc(connection.reply(stream)).success:
                return outcome.of_http2(connection, stream)
        return seen(True)


def _settings(test):
    def run(client):
        with client.http2() as connection:
            connection.wait(lambda: connection.settings_came)
            connection.ping()
            return seen(test(connection), str(connection.settings))
    return run


def _cancelled(client, *octets):
    with client.http2() as connection:
        connection.send(http2.headers(1, call_headers()), *octets, http2.rst_stream(1))
        connection.send(http2.headers(3, call_headers()))
        connection.send_body(3, small_frame())
        connection.reply(3)
        return outcome.of_http2(connection, 3)


def _answered_at_once(client):
    """An answer must not wait for a call that was begun earlier and never ends."""
    with client.http2() as connection:
        connection.send(http2.headers(1, call_headers()), http2.data(1, small_frame()[:7]),
                        http2.headers(3, call_headers()), http2.data(3, small_frame(), True))
        connection.reply(3)
        return outcome.of_http2(connection, 3)


def connections():
    made = Family("grpc/connection", "Many calls share a connection, and none waits for another",
                  "OTLP/gRPC Concurrent Requests", SHOULD, "G3 G14 G15 G17 G18 G19")
    made.add("prior-knowledge", "HTTP/2 in plain text with prior knowledge", lambda c: c.call(
        small_frame()), FULL, section="RFC 9113 3.3")
    made.add("interleaved", "50 calls begun in order, sent in reverse order", _interleaved, YES)
    made.add("out-of-order", "a call begun after one that never ends", _answered_at_once, FULL)
    made.add("streams", "MAX_CONCURRENT_STREAMS", _settings(
        lambda h: h.settings.get(http2.MAX_CONCURRENT_STREAMS, 1 << 31) >= 100), YES,
        section="RFC 9113 6.5.2")
    made.add("stream-window", "INITIAL_WINDOW_SIZE is at least 65,535", _settings(
        lambda h: h.settings.get(http2.INITIAL_WINDOW_SIZE, 65535) >= 65535), YES,
        section="RFC 9113 6.5.2")
    made.add("windows-of-a-mebibyte", "both windows reach 1 MiB before an answer",
             _settings(lambda h: h.room_of(1) >= 1 << 20), YES, level=ROBUST,
             section="RFC 9113 6.9")
    made.add("large-body", "4 MB in one call", lambda c: c.call(grpc_frame(telemetry.request(
        telemetry.span(more=telemetry.blob(2000, b"\0" * min(4_000_000, c.limit // 2)))))), FULL)
    made.add("cancelled-before-data", "a call reset behind its header, then another", _cancelled,
             FULL, section=GRPC + ", RST_STREAM")
    made.add("cancelled-in-data", "a call reset within its message, then another", lambda c: (
        _cancelled(c, http2.data(1, small_frame()[:9]))), FULL, section=GRPC + ", RST_STREAM")
    made.add("cancelled-whole", "a call reset behind its message, then another", lambda c: (
        _cancelled(c, http2.data(1, small_frame()))), FULL, section=GRPC + ", RST_STREAM")
    made.add("half-closed", "a call, and the client's side of TCP closed", _half_closed, FULL,
             section="RFC 9293 3.6", level=ROBUST)
    made.add("thousand-calls", "1,000 calls one after the other", _thousand, YES)
    made.add("pings", "two PINGs, a call, a PING", _pings, YES, level=MUST,
             section="RFC 9113 6.7")
    return made


def _half_closed(client):
    with client.http2() as connection:
        connection.send(http2.headers(1, call_headers()), http2.data(1, small_frame(), True))
        connection.shut()
        connection.reply(1)
        return outcome.of_http2(connection, 1)


def _thousand(client):
    with client.http2() as connection:
        began = time.monotonic()
        for _ in range(1000):
            stream = connection.next_stream()
            connection.send(http2.headers(stream, call_headers()),
                            http2.data(stream, small_frame(), True))
            if not outcome.of_grpc(connection.reply(stream)).success:
                return outcome.of_http2(connection, stream)
        return seen(True, f"{time.monotonic() - began:.1f} s")


def _pings(client):
    with client.http2() as connection:
        for number in range(2):
            if not connection.ping(struct.pack(">Q", number)):
                return seen(False, f"PING {number} was not answered")
        connection.send(http2.headers(1, call_headers()), http2.data(1, small_frame(), True))
        return seen(outcome.of_grpc(connection.reply(1)).success and connection.ping())


def health():
    made = Family("grpc/health", "Health is told over gRPC, or is UNIMPLEMENTED",
                  "gRPC Health Checking Protocol", ROBUST, "G20")
    check = "/grpc.health.v1.Health/Check"
    serving = Expect("SERVING", lambda came: came.code == OK and came.body == b"\0\0\0\0\2\x08\1")
    made.add("check", "Check of the whole server", lambda c: c.call(grpc_frame(b""), path=check),
             serving | grpc(UNIMPLEMENTED))
    made.add("check-unknown", "Check of a service that nobody knows", lambda c: c.call(
        grpc_frame(telemetry.blob(1, "no.such.Service")), path=check),
        grpc(NOT_FOUND, UNIMPLEMENTED))
    made.add("check-malformed", "Check with a cut message", lambda c: c.call(
        grpc_frame(b"\x0a\x05ab"), path=check), grpc(INVALID_ARGUMENT, INTERNAL, UNIMPLEMENTED))
    made.add("watch", "Watch of the whole server: a first message at once", _watch,
             Expect("SERVING", lambda came: came.body == b"\0\0\0\0\2\x08\1")
             | grpc(UNIMPLEMENTED))
    made.add("reflection", "ServerReflectionInfo is off, or answers", lambda c: c.call(
        grpc_frame(b""), path="/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
        ANSWERED | reset(*range(14)))
    return made


def _watch(client):
    with client.http2() as connection:
        connection.send(http2.headers(1, call_headers("/grpc.health.v1.Health/Watch")),
                        http2.data(1, grpc_frame(b""), True))
        reply = connection.reply_of(1)
        connection.wait(lambda: reply.over or len(reply.body) >= 7)
        came = outcome.of_http2(connection, 1) if reply.over else outcome.seen(True, "a stream")
        came.body = reply.body
        connection.send(http2.rst_stream(1))
        return came


def families():
    return [paths(), siblings(), methods(), content_types(), frames(), cardinality(), splits(),
            limits(), timeouts(), metadata(), answers(),
            connections(), health()]
