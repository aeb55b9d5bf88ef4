"""HTTP/2 peers that cost the server more than themselves: floods, and what is held for them."""
import threading

from tests.conformance import http2, outcome
from tests.conformance.case import MUST, ROBUST, Family
from tests.conformance.cases_http2 import ENDED, OPEN, STOPPED, call, request_with, small_frame
from tests.conformance.client import call_headers
from tests.conformance.http2 import (
    CONTINUATION, DATA, END_HEADERS, GOAWAY, HEADERS, PADDED, PING, PRIORITY, PROTOCOL_ERROR,
    REFUSED_STREAM, data, frame, headers, hpack, rst_stream, settings, window_update)
from tests.conformance.outcome import ANSWERED, FULL, YES, of_http2, reset, seen


def _until_ended(make, count, batch=500):
    """Sends pieces until the server ends the connection; whether it did."""
    def run(client):
        with client.http2(answering=False) as connection:
            for at in range(0, count, batch):
                connection.send(*[make(number) for number in range(at, min(at + batch, count))])
                connection.wait(lambda: True, 0)
                if connection.closed or connection.goaway not in (None, 0):
                    break
            connection.wait(lambda: connection.closed or connection.goaway not in (None, 0),
                            max(1, client.patience / 5))
            return of_http2(connection)
    return run


def _open(stream, piece):
    return headers(stream, call_headers()) + piece


def floods():
    made = Family("http2/flood", "What costs the server more than the client is bounded",
                  "RFC 9113 10.5", ROBUST)
    begin = frame(HEADERS, 0, 1, hpack.encode(call_headers()))
    for name, sent, make, count, section in (
            ("rapid-reset", "20,000 calls, each reset at once",
             lambda n: _open(2 * n + 1, rst_stream(2 * n + 1)), 20000, "CVE-2023-44487"),
            ("window-zero", "20,000 calls, each with a WINDOW_UPDATE of 0",
             lambda n: _open(2 * n + 1, window_update(2 * n + 1, 0)), 20000, "CVE-2025-8671"),
            ("window-overflow", "20,000 calls, each with a window beyond 2^31-1",
             lambda n: _open(2 * n + 1, window_update(2 * n + 1, 0x7FFFFFFF)), 20000,
             "CVE-2025-8671"),
            ("content-length-lies", "20,000 calls, each shorter than its content-length",
             lambda n: headers(2 * n + 1, request_with(("content-length", "9"))) + data(
                 2 * n + 1, b"\0", True), 20000, "CVE-2025-8671"),
            ("data-after-end", "20,000 calls, each with DATA after its end",
             lambda n: _open(2 * n + 1, data(2 * n + 1, b"\0", True) + data(2 * n + 1, b"\0")),
             20000, "CVE-2025-8671"),
            ("bad-headers", "20,000 calls, each with an upper-case field name",
             lambda n: headers(2 * n + 1, request_with(("X", "v"))), 20000, "CVE-2019-9514"),
            ("continuations", "a header block of 20,000 CONTINUATION frames without an end",
             lambda n: begin if n == 0 else frame(CONTINUATION, 0, 1, hpack.field("a", "b")),
             20000, "CVE-2024-28182"),
            ("empty-continuations", "a header block of 20,000 empty CONTINUATION frames",
             lambda n: begin if n == 0 else frame(CONTINUATION, 0, 1), 20000, "VU#421644"),
            ("empty-data", "20,000 empty DATA frames",
             lambda n: OPEN if n == 0 else data(1), 20000, "CVE-2019-9518"),
            ("padding-only", "20,000 DATA frames of padding alone",
             lambda n: OPEN if n == 0 else frame(DATA, PADDED, 1, b"\x02\0\0"), 20000,
             "CVE-2019-9518"),
            ("settings", "20,000 SETTINGS frames", lambda n: settings(), 20000, "CVE-2019-9515"),
            ("pings", "20,000 PING frames", lambda n: frame(PING, 0, 0, b"12345678"), 20000,
             "CVE-2019-9512"),
            ("priorities", "50,000 PRIORITY frames", lambda n: frame(
                PRIORITY, 0, 2 * n + 1, b"\0\0\0\0\1"), 50000, "CVE-2019-9513"),
            ("window-updates", "50,000 WINDOW_UPDATE frames of 1",
             lambda n: window_update(0, 1), 50000, "CVE-2019-9511"),
            ("unknown-frames", "50,000 frames of an unknown type",
             lambda n: frame(0x77, 0, 0), 50000, "RFC 9113 5.5"),
            ("goaways", "20,000 GOAWAY frames", lambda n: frame(GOAWAY, 0, 0, b"\0" * 8), 20000,
             "RFC 9113 6.8")):
        made.add(name, sent, _until_ended(make, count), ENDED, section=section)
    made.add("neighbour", "20,000 resets, and 50 calls on other connections meanwhile", _neighbour,
             YES, section="CVE-2023-44487")
    return made


def _neighbour(client):
    flood = _until_ended(lambda n: _open(2 * n + 1, rst_stream(2 * n + 1)), 20000)
    thread = threading.Thread(target=flood, args=(client,))
    thread.start()
    answered = sum(client.call(small_frame()).success for _ in range(50))
    thread.join()
    return seen(answered == 50, f"{answered} of 50 answered")


def limits():
    made = Family("http2/limit", "What a connection may hold is bounded, and told",
                  "RFC 9113 10.5.1", ROBUST, "G18")
    made.add("too-many-streams", "more open calls than MAX_CONCURRENT_STREAMS", _too_many_streams,
             reset(REFUSED_STREAM, PROTOCOL_ERROR) | ENDED, section="RFC 9113 5.1.2", level=MUST)
    made.add("cookie-crumbs", "10,000 cookie fields", lambda c: c.frames(
        *_blocks(call_headers() + [("cookie", "a=b")] * 10000), data(1, small_frame(), True)),
        ANSWERED | STOPPED)
    made.add("many-small-fields", "10,000 fields of a byte", lambda c: c.frames(
        *_blocks(call_headers() + [(f"x{n}", "v") for n in range(10000)]),
        data(1, small_frame(), True)), ANSWERED | STOPPED)
    made.add("empty-names", "5,000 fields without name and value", lambda c: c.frames(
        *_blocks(call_headers() + [("", "")] * 5000)), ANSWERED | STOPPED,
        section="CVE-2019-9516")
    made.add("authority", ":authority of 64 KiB", lambda c: c.frames(
        *_blocks([(n, "a" * 65536 if n == ":authority" else v) for n, v in call_headers()]),
        data(1, small_frame(), True)), ANSWERED | STOPPED)
    made.add("unread-answers", "2,000 calls whose answers are never read", _unread, YES,
             section="CVE-2019-9517")
    made.add("idle-connections", "200 connections that say nothing, and a call", _idle, FULL)
    made.add("open-calls", "100 calls that never end, on 10 connections, and one that does",
             _open_calls, FULL)
    return made


def _blocks(pairs):
    block = hpack.encode(pairs)
    parts = [block[at:at + 16384] for at in range(0, len(block), 16384)]
    return [frame(HEADERS if index == 0 else CONTINUATION,
                  END_HEADERS if index == len(parts) - 1 else 0, 1, part)
            for index, part in enumerate(parts)]


def _too_many_streams(client):
    with client.http2() as connection:
        connection.wait(lambda: connection.settings_came)
        most = connection.settings.get(http2.MAX_CONCURRENT_STREAMS, 0)
        if most == 0 or most > 5000:
            return outcome.Outcome("reset", REFUSED_STREAM, "no limit is told")
        streams = [connection.next_stream() for _ in range(most + 10)]
        connection.send(*[headers(stream, call_headers()) for stream in streams])
        connection.reply(streams[-1])
        return of_http2(connection, streams[-1])


def _unread(client):
    """Whoever does not read must not keep others from being answered."""
    with client.http2(reading=False, patience=1) as connection:
        for number in range(2000):
            if not connection.send(call(2 * number + 1)):
                break
        unwell = client.is_well()
        return seen(unwell is None, unwell or "")


def _idle(client):
    held = []
    try:
        for _ in range(200):
            held.append(client.http2(greeting=b"", answering=False))
        return client.call(small_frame())
    finally:
        for connection in held:
            connection.__exit__()


def _open_calls(client):
    held = []
    try:
        for _ in range(10):
            connection = client.http2()
            held.append(connection)
            connection.send(*[_open(2 * n + 1, data(2 * n + 1, b"\0")) for n in range(10)])
        return client.call(small_frame())
    finally:
        for connection in held:
            connection.__exit__()


def families():
    return [floods(), limits()]
