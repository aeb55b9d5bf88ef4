"""HTTP/2 below gRPC: frames, states, windows, header blocks."""
import struct

from tests.conformance import http2, outcome, telemetry
from tests.conformance.case import MUST, ROBUST, SHOULD, Family
from tests.conformance.client import call_headers, grpc_frame
from tests.conformance.http2 import (
    ACK, COMPRESSION_ERROR, CONTINUATION, DATA, END_HEADERS, END_STREAM, FLOW_CONTROL_ERROR,
    FRAME_SIZE_ERROR, GOAWAY, HEADERS, INITIAL_WINDOW_SIZE, PADDED, PING, PREFACE, PRIORITY,
    PROTOCOL_ERROR, PUSH_PROMISE, RST_STREAM, SETTINGS, STREAM_CLOSED,
    WINDOW_UPDATE, WITH_PRIORITY, data, frame, headers, hpack, rst_stream, settings, window_update)
from tests.conformance.outcome import (
    ANSWERED, CLOSED, FULL, YES, Expect, http, of_http2, reset, seen)

def goaway(*codes):
    """A connection error: GOAWAY should come before the close (RFC 9113 section 5.4.1)."""
    return outcome.goaway(*codes) | CLOSED


#: Anything but an answer: what ends a connection that is not to be trusted.
ENDED = Expect("GOAWAY or close", lambda came: came.kind in ("goaway", "closed"))
ANY_RESET = reset(*range(14))
STOPPED = ENDED | ANY_RESET
OPEN = headers(1, call_headers())


def small_frame():
    return grpc_frame(telemetry.small())


def call(stream=1):
    return headers(stream, call_headers()) + data(stream, small_frame(), True)


def _raw(greeting, *octets):
    """What comes of other bytes than a greeting."""
    def run(client):
        with client.http2(greeting=greeting, answering=False) as connection:
            connection.send(*octets)
            connection.wait(lambda: connection.goaway not in (None, 0))
            return of_http2(connection)
    return run


def prefaces():
    made = Family("http2/preface", "A connection begins with the preface and SETTINGS",
                  "RFC 9113 3.4", MUST, "G19")
    for name, greeting in (("broken", b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + settings()),
                           ("http1", b"POST / HTTP/1.1\r\nHost: x\r\n\r\n" + b" " * 30),
                           ("random", bytes(range(200, 255)) * 3),
                           ("tls", bytes.fromhex("16030100c8010000c40303") + b"\1" * 200),
                           ("lower-case", PREFACE.lower() + settings()),
                           ("other-version", PREFACE.replace(b"2.0", b"3.0") + settings())):
        made.add(name, f"{greeting[:24]!r}...", _raw(greeting), ENDED)
    for name, first in (("ping-first", frame(PING, 0, 0, b"12345678")), ("headers-first", OPEN),
                        ("window-first", window_update(0, 1)),
                        ("settings-ack-first", frame(SETTINGS, ACK, 0))):
        made.add(name, "the preface, then another frame than SETTINGS", _raw(PREFACE, first),
                 goaway(PROTOCOL_ERROR))
    return made


def sizes():
    made = Family("http2/frame-size", "Frames have the size that their type asks for",
                  "RFC 9113 4.2", MUST)
    size = goaway(FRAME_SIZE_ERROR)
    stream = size | reset(FRAME_SIZE_ERROR)
    for name, octets, expect, section in (
            ("data-too-large", OPEN + data(1, b"\0" * 20000), stream, "4.2"),
            ("headers-too-large", headers(1, call_headers() + [("x", "v" * 17000)]), size,
             "4.2"),
            ("ping-of-7", frame(PING, 0, 0, b"1234567"), size, "6.7"),
            ("ping-of-9", frame(PING, 0, 0, b"123456789"), size, "6.7"),
            ("ping-of-0", frame(PING, 0, 0), size, "6.7"),
            ("settings-of-5", frame(SETTINGS, 0, 0, b"12345"), size, "6.5"),
            ("settings-of-7", frame(SETTINGS, 0, 0, b"1234567"), size, "6.5"),
            ("settings-ack-with-payload", frame(SETTINGS, ACK, 0, b"\0" * 6), size, "6.5"),
            ("window-update-of-3", frame(WINDOW_UPDATE, 0, 0, b"\0\0\1"), size, "6.9"),
            ("window-update-of-5", frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\0\1"), size, "6.9"),
            ("reset-of-3", OPEN + frame(RST_STREAM, 0, 1, b"\0\0\0"), size, "6.4"),
            ("reset-of-5", OPEN + frame(RST_STREAM, 0, 1, b"\0\0\0\0\0"), size, "6.4"),
            ("goaway-of-7", frame(GOAWAY, 0, 0, b"\0" * 7), size, "6.8"),
            ("priority-of-4", OPEN + frame(PRIORITY, 0, 1, b"\0" * 4), stream, "6.3"),
            ("priority-of-6", OPEN + frame(PRIORITY, 0, 1, b"\0" * 6), stream, "6.3"),
            ("padded-data-of-0", OPEN + frame(DATA, PADDED, 1),
             goaway(FRAME_SIZE_ERROR, PROTOCOL_ERROR), "6.1"),
            ("padded-headers-of-0", frame(HEADERS, PADDED | END_HEADERS, 1),
             goaway(FRAME_SIZE_ERROR, PROTOCOL_ERROR), "6.2"),
            ("priority-flag-and-2-bytes", frame(HEADERS, WITH_PRIORITY | END_HEADERS, 1, b"\0\0"),
             goaway(FRAME_SIZE_ERROR, PROTOCOL_ERROR), "6.2")):
        made.add(name, name.replace("-", " "), lambda c, o=octets: c.frames(o), expect,
                 section=f"RFC 9113 {section}")
    return made


def identifiers():
    made = Family("http2/stream-id", "Stream IDs are odd, new ones higher than all before",
                  "RFC 9113 5.1.1", MUST)
    bad = goaway(PROTOCOL_ERROR)
    for name, octets, expect, section in (
            ("even", headers(2, call_headers()), bad, "5.1.1"),
            ("zero-headers", headers(0, call_headers()), bad, "6.2"),
            ("lower", call(5) + headers(3, call_headers()), bad | goaway(STREAM_CLOSED), "5.1.1"),
            ("much-lower", call(1) + call(101) + headers(51, call_headers()),
             bad | goaway(STREAM_CLOSED), "5.1.1"),
            ("zero-data", data(0, b"x"), bad, "6.1"),
            ("zero-reset", rst_stream(0), bad, "6.4"),
            ("zero-priority", frame(PRIORITY, 0, 0, b"\0" * 5), bad, "6.3"),
            ("zero-continuation", frame(CONTINUATION, END_HEADERS, 0, b""), bad, "6.10"),
            ("settings-on-a-stream", frame(SETTINGS, 0, 1), bad, "6.5"),
            ("ping-on-a-stream", frame(PING, 0, 1, b"12345678"), bad, "6.7"),
            ("goaway-on-a-stream", frame(GOAWAY, 0, 1, b"\0" * 8), bad, "6.8"),
            ("push-promise", OPEN + frame(PUSH_PROMISE, END_HEADERS, 1, b"\0\0\0\2"), bad, "8.4")):
        made.add(name, name.replace("-", " "), lambda c, o=octets: c.frames(o, stream=99), expect,
                 section=f"RFC 9113 {section}")
    made.add("gaps", "calls on streams 1, 7 and 1001", lambda c: c.frames(
        call(1), call(7), call(1001), stream=1001), FULL)
    made.add("highest", "a call on stream 2147483647", lambda c: c.frames(
        call(0x7FFFFFFF), stream=0x7FFFFFFF), FULL)
    made.add("reserved-bit", "a call with the reserved bit of its stream ID set", lambda c: (
        c.frames(headers(0x80000001, call_headers()), data(0x80000001, small_frame(), True))),
        FULL, section="RFC 9113 4.1")
    return made


def states():
    made = Family("http2/state", "Frames come only where the stream's state allows them",
                  "RFC 9113 5.1", MUST)
    bad, closed = goaway(PROTOCOL_ERROR), goaway(STREAM_CLOSED) | reset(STREAM_CLOSED)
    for name, octets, expect in (
            ("data-on-idle", data(1, b"x"), bad | closed), ("reset-on-idle", rst_stream(1), bad),
            ("window-on-idle", window_update(1, 1), bad),
            ("continuation-on-idle", frame(CONTINUATION, END_HEADERS, 1, b""), bad),
            ("data-after-end", call() + data(1, b"x"), closed | FULL),
            ("headers-after-end", call() + headers(1, call_headers()), closed | bad | FULL),
            ("data-after-reset", OPEN + rst_stream(1) + data(1, b"x"), closed | outcome.SILENCE),
            ("headers-after-reset", OPEN + rst_stream(1) + headers(1, call_headers()),
             closed | bad | outcome.SILENCE),
            ("headers-between-without-end", OPEN + data(1, b"\0") + headers(1, [("x", "y")]),
             bad | reset(PROTOCOL_ERROR)),
            ("window-after-end", call() + window_update(1, 1), FULL),
            ("priority-after-end", call() + frame(PRIORITY, 0, 1, b"\0\0\0\0\1"), FULL),
            ("reset-after-end", call() + rst_stream(1), FULL | outcome.SILENCE)):
        made.add(name, name.replace("-", " "), lambda c, o=octets: _settled(c, o), expect,
                 level=ROBUST if outcome.SILENCE.words in expect.words else None)
    return made


def _settled(client, octets):
    """Sends, and asks with a PING whether all was read: silence ends then."""
    with client.http2() as connection:
        connection.send(octets)
        connection.ping()
        return of_http2(connection, 1)


def paddings():
    made = Family("http2/padding", "Padding stays within its frame", "RFC 9113 6.1, 6.2", MUST)
    bad = goaway(PROTOCOL_ERROR)
    made.add("data-longer", "padding longer than the frame", lambda c: c.frames(
        OPEN, frame(DATA, PADDED, 1, b"\x09123")), bad)
    made.add("data-equal", "padding as long as the frame", lambda c: c.frames(
        OPEN, frame(DATA, PADDED, 1, b"\x04123")), bad)
    made.add("headers-longer", "padding longer than the header block", lambda c: c.frames(
        frame(HEADERS, PADDED | END_HEADERS, 1, b"\xff\x82")), bad)
    made.add("data-only-padding", "a DATA frame of padding alone, then the call", lambda c: (
        c.frames(OPEN, frame(DATA, PADDED, 1, b"\x03\0\0\0"), data(1, small_frame(), True))), FULL)
    block = hpack.encode(call_headers())
    made.add("headers", "a padded header block", lambda c: c.frames(
        frame(HEADERS, PADDED | END_HEADERS, 1, b"\x08" + block + b"\0" * 8),
        data(1, small_frame(), True)), FULL)
    made.add("headers-with-priority", "a header block with padding and priority", lambda c: (
        c.frames(frame(HEADERS, PADDED | WITH_PRIORITY | END_HEADERS, 1,
                       b"\x02\0\0\0\0\x0f" + block + b"\0" * 2), data(1, small_frame(), True))),
        FULL)
    return made


def priorities():
    made = Family("http2/priority", "Priorities are read and not obeyed", "RFC 9113 5.3", SHOULD)
    fields = b"\0\0\0\3\xff"
    made.add("idle", "PRIORITY on an idle stream", lambda c: c.frames(
        frame(PRIORITY, 0, 1, fields), call()), FULL)
    made.add("unknown-parent", "PRIORITY that names another stream", lambda c: c.frames(
        OPEN, frame(PRIORITY, 0, 1, fields), data(1, small_frame(), True)), FULL)
    own = b"\0\0\0\1\x0f"
    made.add("on-itself", "PRIORITY that names its own stream", lambda c: c.frames(
        OPEN, frame(PRIORITY, 0, 1, own), data(1, small_frame(), True)),
        FULL | reset(PROTOCOL_ERROR) | goaway(PROTOCOL_ERROR), section="RFC 7540 5.3.1")
    made.add("tree", "500 PRIORITY frames that shuffle a tree", lambda c: c.frames(
        *[frame(PRIORITY, 0, 2 * n + 1, struct.pack(">IB", 2 * (n * 7 % 50) + 100001, n % 256))
          for n in range(500)], call(1001), stream=1001), FULL | ENDED, level=ROBUST,
        section="CVE-2019-9513")
    return made


def settings_cases():
    made = Family("http2/settings", "Settings are checked, and acknowledged", "RFC 9113 6.5.2",
                  MUST)
    for name, pair, code in (
            ("window-too-large", (INITIAL_WINDOW_SIZE, 1 << 31), FLOW_CONTROL_ERROR),
            ("window-all-ones", (INITIAL_WINDOW_SIZE, 0xFFFFFFFF), FLOW_CONTROL_ERROR),
            ("frame-too-small", (http2.MAX_FRAME_SIZE, 16383), PROTOCOL_ERROR),
            ("frame-zero", (http2.MAX_FRAME_SIZE, 0), PROTOCOL_ERROR),
            ("frame-too-large", (http2.MAX_FRAME_SIZE, 1 << 24), PROTOCOL_ERROR),
            ("push-2", (http2.ENABLE_PUSH, 2), PROTOCOL_ERROR)):
        made.add(name, f"SETTINGS {pair}", lambda c, p=pair: c.frames(settings(p)), goaway(code))
    for name, pair in (("unknown", (0x7777, 7)), ("header-table-0", (http2.HEADER_TABLE_SIZE, 0)),
                       ("header-table-large", (http2.HEADER_TABLE_SIZE, 1 << 30)),
                       ("streams-0", (http2.MAX_CONCURRENT_STREAMS, 0)),
                       ("frame-largest", (http2.MAX_FRAME_SIZE, (1 << 24) - 1)),
                       ("header-list-0", (http2.MAX_HEADER_LIST_SIZE, 1 << 16))):
        made.add(name, f"SETTINGS {pair}, then a call", lambda c, p=pair: c.frames(
            settings(p), call()), FULL)
    made.add("twice-in-one", "a window of 1, then of 65,535, in one frame", lambda c: c.frames(
        settings((INITIAL_WINDOW_SIZE, 1), (INITIAL_WINDOW_SIZE, 65535)), call()), FULL,
        section="RFC 9113 6.5.3")
    made.add("acknowledged", "SETTINGS are acknowledged", _settings_acknowledged, YES,
             section="RFC 9113 6.5.3")
    made.add("many-entries", "SETTINGS of 2,400 entries", lambda c: c.frames(
        settings(*[(n % 6 + 1 if n % 6 != 1 else 9, 65535) for n in range(2400)])[:9 + 14400],
        call()), ENDED | FULL, level=ROBUST, section="CVE-2020-11080")
    return made


def _settings_acknowledged(client):
    with client.http2() as connection:
        connection.send(settings(), settings())
        return seen(connection.wait(lambda: connection.settings_acks >= 3))


def windows():
    made = Family("http2/window", "Flow control is kept on both sides", "RFC 9113 6.9", MUST)
    flow = goaway(FLOW_CONTROL_ERROR)
    made.add("zero-on-stream", "WINDOW_UPDATE of 0 on an open stream", lambda c: c.frames(
        OPEN, window_update(1, 0)), reset(PROTOCOL_ERROR) | goaway(PROTOCOL_ERROR))
    made.add("zero-on-connection", "WINDOW_UPDATE of 0 on the connection", lambda c: c.frames(
        window_update(0, 0)), goaway(PROTOCOL_ERROR))
    made.add("overflow-on-stream", "the stream's window beyond 2^31-1", lambda c: c.frames(
        OPEN, window_update(1, 0x7FFFFFFF)), reset(FLOW_CONTROL_ERROR) | flow,
        section="RFC 9113 6.9.1")
    made.add("overflow-on-connection", "the connection's window beyond 2^31-1", lambda c: (
        c.frames(window_update(0, 0x7FFFFFFF))), flow, section="RFC 9113 6.9.1")
    made.add("overflow-by-settings", "INITIAL_WINDOW_SIZE lifts a stream's window beyond 2^31-1",
             lambda c: c.frames(settings((INITIAL_WINDOW_SIZE, 100)), OPEN,
                                window_update(1, 0x7FFFFFFF - 100),
                                settings((INITIAL_WINDOW_SIZE, 200))),
             flow | reset(FLOW_CONTROL_ERROR), section="RFC 9113 6.9.2")
    made.add("burst", "1 MiB more than the window, sent without waiting for an update", _burst,
             reset(FLOW_CONTROL_ERROR) | flow | outcome.TOO_LARGE | FULL, section="RFC 9113 6.9.1",
             level=ROBUST)
    made.add("answer-waits", "a window of 0: the answer waits, and comes when it opens",
             _waits_for_window, YES)
    made.add("one-byte", "a window of 1 byte, opened byte by byte", _dribble, FULL)
    made.add("negative", "a window made negative by SETTINGS", _negative, YES,
             section="RFC 9113 6.9.2")
    made.add("given-back", "twenty bodies of 200 KB on one connection: the window is given back",
             _given_back, YES)
    return made


def _burst(client):
    """A server may have read and given back the window meanwhile: then it takes the whole."""
    with client.http2() as connection:
        connection.wait(lambda: connection.settings_came)
        connection.ping()
        body = grpc_frame(telemetry.request_of(connection.room_of(1) + (1 << 20)))
        parts = [body[at:at + 16384] for at in range(0, len(body), 16384)]
        connection.send(OPEN, *[data(1, part, part is parts[-1]) for part in parts])
        connection.reply(1)
        return of_http2(connection, 1)


def _zero_window(client):
    return client.http2(greeting=PREFACE + settings((INITIAL_WINDOW_SIZE, 0)))


def _waits_for_window(client):
    with _zero_window(client) as connection:
        connection.send(call())
        connection.ping()
        early = connection.reply_of(1).body
        connection.send(window_update(1, 1000))
        return seen(not early and outcome.of_grpc(connection.reply(1)).success)


def _dribble(client):
    with _zero_window(client) as connection:
        connection.send(call())
        connection.wait(lambda: bool(connection.reply_of(1).headers))
        reply = connection.reply_of(1)
        for count in range(1, 40):
            connection.send(window_update(1, 1))
            if not connection.wait(lambda: reply.over or len(reply.body) >= count) or reply.over:
                break
        connection.reply(1)
        return of_http2(connection, 1)


def _negative(client):
    with client.http2(greeting=PREFACE + settings((INITIAL_WINDOW_SIZE, 3))) as connection:
        connection.send(call())
        connection.wait(lambda: len(connection.reply_of(1).body) == 3)
        connection.send(settings((INITIAL_WINDOW_SIZE, 0)), window_update(1, 2))
        connection.ping()
        early = len(connection.reply_of(1).body)
        connection.send(window_update(1, 1000))
        return seen(early == 3 and outcome.of_grpc(connection.reply(1)).success, f"{early} bytes")


def _given_back(client):
    with client.http2() as connection:
        for _ in range(20):
            stream = connection.next_stream()
            connection.send(headers(stream, call_headers()))
            connection.send_body(stream, grpc_frame(telemetry.request_of(200_000)))
            if not outcome.of_grpc(connection.reply(stream)).success:
                return of_http2(connection, stream)
        return seen(True)


def continuations():
    made = Family("http2/continuation", "A header block is one piece of the connection",
                  "RFC 9113 6.10", MUST)
    bad = goaway(PROTOCOL_ERROR)
    block = hpack.encode(call_headers())
    begin = frame(HEADERS, 0, 1, block[:20])
    rest = frame(CONTINUATION, END_HEADERS, 1, block[20:])
    body = data(1, small_frame(), True)
    for name, octets, expect in (
            ("split", begin + rest + body, FULL),
            ("split-in-four", begin + frame(CONTINUATION, 0, 1, block[20:30])
             + frame(CONTINUATION, 0, 1, block[30:31]) + frame(CONTINUATION, 0, 1)
             + frame(CONTINUATION, END_HEADERS, 1, block[31:]) + body, FULL),
            ("empty-headers", frame(HEADERS, 0, 1) + frame(CONTINUATION, END_HEADERS, 1, block)
             + body, FULL),
            ("interrupted-by-data", begin + data(1, b"x") + rest, bad),
            ("interrupted-by-ping", begin + frame(PING, 0, 0, b"12345678") + rest, bad),
            ("interrupted-by-settings", begin + settings() + rest, bad),
            ("interrupted-by-headers", begin + headers(3, call_headers()) + rest, bad),
            ("interrupted-by-unknown", begin + frame(0x77, 0, 0, b"x") + rest, bad),
            ("other-stream", begin + frame(CONTINUATION, END_HEADERS, 3, block[20:]), bad),
            ("after-the-end", OPEN + frame(CONTINUATION, END_HEADERS, 1, b""), bad)):
        made.add(name, name.replace("-", " "), lambda c, o=octets: c.frames(o), expect)
    return made


def hpacks():
    made = Family("http2/hpack", "A header block that cannot be decoded ends the connection",
                  "RFC 7541", MUST)
    bad = goaway(COMPRESSION_ERROR)
    good = hpack.encode(call_headers())
    for name, block, section in (
            ("index-0", b"\x80", "RFC 7541 6.1"), ("index-beyond", b"\xff\x80\x01", "2.3.3"),
            ("index-far-beyond", b"\xff\xff\xff\xff\x07", "2.3.3"),
            ("name-index-beyond", b"\x7f\x80\x01\x01v", "2.3.3"),
            ("integer-too-long", b"\xff" + b"\x80" * 10 + b"\x01", "5.1"),
            ("integer-cut", b"\xff\x80", "5.1"), ("text-cut", b"\x00\x05ab", "5.2"),
            ("value-cut", b"\x00\x01a\x7f", "5.2"),
            ("huffman-eos", b"\x00\x84\xff\xff\xff\xff\x01v", "5.2"),
            ("huffman-padding-of-zeros", b"\x00\x81\x18\x01v"[:2] + b"\x00" + b"\x01v", "5.2"),
            ("huffman-padding-of-8", b"\x00\x82\x1f\xff\x01v", "5.2"),
            ("table-size-beyond", b"\x3f\xff\xff\xff\x0f", "6.3"),
            ("table-size-late", good + b"\x20", "4.2")):
        made.add(name, name.replace("-", " "), lambda c, b=block: c.frames(
            frame(HEADERS, END_HEADERS | END_STREAM, 1, b)), bad, section="RFC 7541 "
            + section.replace("RFC 7541 ", ""))
    body = data(1, small_frame(), True)
    made.add("table-size-0", "the table's size set to 0, then a call", lambda c: c.frames(
        frame(HEADERS, END_HEADERS, 1, b"\x20" + good), body), FULL, section="RFC 7541 6.3")
    made.add("table-size-twice", "the table's size set to 0 and to 4096, then a call",
             lambda c: c.frames(frame(HEADERS, END_HEADERS, 1, b"\x20\x3f\xe1\x1f" + good), body),
             FULL, section="RFC 7541 4.2")
    made.add("never-indexed", "all fields never indexed", lambda c: c.frames(
        frame(HEADERS, END_HEADERS, 1, b"".join(
            b"\x10" + hpack.text(name) + hpack.text(value) for name, value in call_headers())),
        body), FULL, section="RFC 7541 6.2.3")
    made.add("evicting", "1,000 fields through the dynamic table, in 10 calls", _evicting, YES,
             section="RFC 7541 4.4")
    made.add("bomb", "a field of 4,000 bytes named 16,000 times by its index", lambda c: c.frames(
        frame(HEADERS, END_HEADERS, 1, hpack.encode(call_headers())
              + hpack.field("x", "v" * 3900, True) + b"\xbe" * 12000), body),
        ANSWERED | STOPPED, section="RFC 7541 7.3; RFC 9113 10.5.1", level=ROBUST)
    return made


def _evicting(client):
    with client.http2() as connection:
        for number in range(10):
            stream = connection.next_stream()
            more = b"".join(hpack.field(f"x-{number}-{n}", "v" * 50, True) for n in range(100))
            block = hpack.encode(call_headers()) + more
            connection.send(frame(HEADERS, END_HEADERS, stream, block),
                            data(stream, small_frame(), True))
            connection.reply(stream)
            came = of_http2(connection, stream)
            if not (came.success or came.kind in ("grpc", "http")):
                return came
        return seen(True)


def request_with(*pairs, without=()):
    kept = [pair for pair in call_headers() if pair[0] not in without]
    return kept + list(pairs)


def malformed():
    made = Family("http2/malformed", "A malformed request is a stream error PROTOCOL_ERROR",
                  "RFC 9113 8.1.1", MUST)
    bad = reset(PROTOCOL_ERROR) | goaway(PROTOCOL_ERROR) | http(400, 405)
    for name, pairs, section in (
            ("upper-case-name", request_with(("X-Any", "v")), "8.2.1"),
            ("empty-name", request_with(("", "v")), "8.2.1"),
            ("blank-in-name", request_with(("x any", "v")), "8.2.1"),
            ("colon-in-name", request_with(("x:any", "v")), "8.2.1"),
            ("control-in-name", request_with(("x\x01", "v")), "8.2.1"),
            ("newline-in-value", request_with(("x-any", "a\nb")), "8.2.1"),
            ("return-in-value", request_with(("x-any", "a\rb")), "8.2.1"),
            ("nul-in-value", request_with(("x-any", "a\0b")), "8.2.1"),
            ("connection", request_with(("connection", "close")), "8.2.2"),
            ("keep-alive", request_with(("keep-alive", "1")), "8.2.2"),
            ("proxy-connection", request_with(("proxy-connection", "close")), "8.2.2"),
            ("transfer-encoding", request_with(("transfer-encoding", "chunked")), "8.2.2"),
            ("upgrade", request_with(("upgrade", "h2c")), "8.2.2"),
            ("te-gzip", request_with(("te", "gzip"), without=("te",)), "8.2.2"),
            ("no-method", request_with(without=(":method",)), "8.3.1"),
            ("no-scheme", request_with(without=(":scheme",)), "8.3.1"),
            ("no-path", request_with(without=(":path",)), "8.3.1"),
            ("empty-path", [(n, "" if n == ":path" else v) for n, v in call_headers()], "8.3.1"),
            ("two-methods", [(":method", "POST")] + call_headers(), "8.3.1"),
            ("two-paths", [(":path", "/x")] + call_headers(), "8.3.1"),
            ("two-schemes", [(":scheme", "http")] + call_headers(), "8.3.1"),
            ("pseudo-after-field", request_with(("x", "y"), (":authority", "late")), "8.3"),
            ("unknown-pseudo", [(":unheard", "v")] + call_headers(), "8.3"),
            ("status-in-request", [(":status", "200")] + call_headers(), "8.3"),
            ("content-length-words", request_with(("content-length", "many")), "8.1.1"),
            ("content-lengths", request_with(("content-length", "5"), ("content-length", "6")),
             "8.1.1")):
        made.add(name, name.replace("-", " "), lambda c, p=pairs: c.frames(
            headers(1, p), data(1, small_frame(), True)), bad, section=f"RFC 9113 {section}")
    for name, by in (("content-length-larger", 1), ("content-length-smaller", -1)):
        made.add(name, f"content-length wrong by {by}", lambda c, b=by: c.frames(
            headers(1, request_with(("content-length", str(len(small_frame()) + b)))),
            data(1, small_frame(), True)), bad)
    made.add("content-length-and-no-body", "content-length 5, and the header ends the call",
             lambda c: c.frames(headers(1, request_with(("content-length", "5")), end=True)), bad)
    made.add("pseudo-in-trailers", "a pseudo-header in the trailers", lambda c: c.frames(
        OPEN, data(1, small_frame()), headers(1, [(":path", "/x")], end=True)), bad,
        section="RFC 9113 8.1")
    made.add("content-length-right", "content-length as long as the body", lambda c: c.frames(
        headers(1, request_with(("content-length", str(len(small_frame()))))),
        data(1, small_frame(), True)), FULL)
    made.add("cookies", "three cookie fields", lambda c: c.frames(
        headers(1, request_with(*[("cookie", f"a{n}=b") for n in range(3)])),
        data(1, small_frame(), True)), FULL, section="RFC 9113 8.2.3")
    made.add("no-authority", "no :authority, a host field", lambda c: c.frames(
        headers(1, request_with(("host", "x"), without=(":authority",))),
        data(1, small_frame(), True)),
        FULL, section="RFC 9113 8.3.1")
    return made


def extensions():
    made = Family("http2/extension", "What is unknown is ignored", "RFC 9113 5.5", MUST)
    made.add("frame", "frames of type 0x77 between", lambda c: c.frames(
        frame(0x77, 0xFF, 0, b"x" * 100), OPEN, frame(0x77, 1, 1, b""), data(1, small_frame(), True)
    ), FULL)
    made.add("flags", "undefined flags on every frame", lambda c: c.frames(
        frame(HEADERS, END_HEADERS | 0xD2, 1, hpack.encode(call_headers())),
        frame(DATA, END_STREAM | 0xF6 & ~PADDED, 1, small_frame())), FULL)
    made.add("goaway-from-client", "GOAWAY, then the end of an open call", lambda c: c.frames(
        OPEN, frame(GOAWAY, 0, 0, b"\0" * 8), data(1, small_frame(), True)), FULL,
        section="RFC 9113 6.8")
    made.add("unknown-error-code", "RST_STREAM with an unknown code, then a call", lambda c: (
        c.frames(OPEN, rst_stream(1, 0xDEAD), call(3), stream=3)), FULL, section="RFC 9113 7")
    made.add("connect", "CONNECT", lambda c: c.frames(
        headers(1, [(":method", "CONNECT"), (":authority", "x:1")], end=True)),
        ANSWERED | ANY_RESET, section="RFC 9113 8.5")
    made.add("after-goaway", "a frame that ends the connection, and more broken ones", lambda c: (
        c.frames(data(0, b"x"), headers(2, call_headers()), frame(HEADERS, 0, 5, b"\x80"),
                 frame(CONTINUATION, END_HEADERS, 7, b"\x80"), settings((0, 0)),
                 frame(SETTINGS, 0, 0, b"1"), stream=99)), ENDED, section="CVE-2026-27135",
        level=ROBUST)
    made.add("extended-connect", "CONNECT with :protocol", lambda c: c.frames(
        headers(1, [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"),
                    (":path", "/"), (":authority", "x")], end=True)),
        ANSWERED | ANY_RESET | goaway(PROTOCOL_ERROR), section="RFC 8441")
    return made


def families():
    return [prefaces(), sizes(), identifiers(), states(), paddings(), priorities(),
            settings_cases(), windows(), continuations(), hpacks(), malformed(), extensions()]
