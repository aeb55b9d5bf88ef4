"""Peers that are slow: the server's own clocks end them. Waited for only with --slow."""
import time

from tests.conformance import http1, http2, telemetry
from tests.conformance.case import ROBUST, Family, Skip
from tests.conformance.client import call_headers, grpc_frame, head
from tests.conformance.outcome import YES, seen


def _patience(client):
    if not client.slow:
        raise Skip("give --slow SECONDS to wait for the server's time-outs")
    return client.slow


def _http1_ends(prepare, drip=None):
    """Whether the server ends a connection in time, with an answer or without."""
    def run(client):
        began = time.monotonic()
        with http1.Connection(_http(client), _patience(client)) as connection:
            connection.send(prepare)
            ended = _dripped(connection, drip, client) if drip else connection.is_closed()
            return seen(ended, f"after {time.monotonic() - began:.0f} s")
    return run


def _http(client):
    if not client.http:
        raise Skip("no --http address")
    return client.http


def _dripped(connection, drip, client):
    """A byte each second, until the server closes."""
    deadline = time.monotonic() + client.slow
    connection.patience = 1
    while time.monotonic() < deadline:
        connection.send(drip)
        if connection.is_closed():
            return True
    return False


def _http2_ends(*octets, drip=None, greeting=None, stream=None):
    def run(client):
        began, patience = time.monotonic(), _patience(client)
        with client.http2(greeting=greeting, answering=False) as connection:
            connection.send(*octets)
            done = lambda: connection.closed or connection.goaway is not None or (
                stream is not None and connection.reply_of(stream).over)
            while time.monotonic() - began < patience and not connection.wait(done, 1):
                if drip and not done():
                    connection.send(drip)
            return seen(done(), f"after {time.monotonic() - began:.0f} s")
    return run


def families():
    made = Family("slow/http1", "Who sends too slowly is sent away", "RFC 9110 15.5.9", ROBUST)
    start = head(1000)
    for name, sent, prepare, drip in (
            ("silent", "nothing at all", b"", None),
            ("half-a-header", "half a header, then nothing", start[:20], None),
            ("slow-header", "a header, a byte each second", start[:20], b"a"),
            ("half-a-body", "half a body, then nothing", start + b"\0" * 10, None),
            ("slow-body", "a body, a byte each second", start, b"\0"),
            ("half-a-chunk", "half a chunk, then nothing",
             head(lines=["Transfer-Encoding: chunked"]) + b"5\r\nab", None)):
        made.add(name, sent, _http1_ends(prepare, drip), YES)
    over2 = Family("slow/http2", "Who sends or reads too slowly is sent away", "RFC 9113 10.5",
                   ROBUST)
    block = http2.hpack.encode(call_headers())
    opened = http2.headers(1, call_headers())
    frame = grpc_frame(telemetry.small())
    for name, sent, octets, options in (
            ("silent", "nothing at all", (), {"greeting": b""}),
            ("half-a-preface", "half a preface", (), {"greeting": http2.PREFACE[:10]}),
            ("no-settings", "the preface alone", (), {"greeting": http2.PREFACE}),
            ("half-a-header", "a header block that does not end",
             (http2.frame(http2.HEADERS, 0, 1, block[:20]),), {}),
            ("half-a-body", "half a message, then nothing", (opened, http2.data(1, frame[:9])),
             {"stream": 1}),
            ("slow-body", "a message, a byte each second", (opened, http2.data(1, frame[:5])),
             {"stream": 1, "drip": http2.data(1, b"\0")}),
            ("zero-window", "a window that never opens",
             (opened, http2.data(1, frame, True)),
             {"greeting": http2.PREFACE + http2.settings((http2.INITIAL_WINDOW_SIZE, 0)),
              "stream": 1})):
        over2.add(name, sent, _http2_ends(*octets, **options), YES)
    return [made, over2]
