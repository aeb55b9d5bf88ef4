"""Ten times the load that a daemon can take: senders that never wait, and what they were answered.

Every request carries fresh trace IDs, patched into a prepared body; every answer is counted by its
code, every hint kept. The daemon's anonymous resident memory (RssAnon) is read all the while.
"""
import collections
import os
import re
import socket
import threading
import time

import grpc
from google.rpc import status_pb2

from tests.e2e import otlp
from tests.e2e.conformance import retry_delay

TRACES, SPANS = 16, 32
SPANS_PER_REQUEST = TRACES * SPANS
_MARK = b"\xa5\x5e\x27\xdd\x0e\xad\xbe\xef"

#: One request and what became of it: its code ("http 200", "grpc 14", ...), the hint in seconds or None.
Answer = collections.namedtuple("Answer", "code hint")


def template():
    """A request of TRACES traces with SPANS spans each; _MARK stands in all trace IDs."""
    spans = []
    for trace in range(TRACES):
        key = _MARK.hex() + f"{trace + 1:016x}"
        for number in range(1, SPANS + 1):
            spans.append(otlp.span(key, trace * SPANS + number, f"step {number % 8}",
                                   parent=None if number == 1 else trace * SPANS + 1, kind="server",
                                   ms=5, attrs={"http.request.method": "GET", "url.path": "/orders/" + "x" * 40,
                                                "http.response.status_code": 200, "thread.id": number,
                                                "user_agent.original": "overload/1.0 (drill) " + "y" * 60}))
    return otlp.as_protobuf(otlp.request(spans))


class Overload:
    """Senders against a daemon, for `seconds`."""

    def __init__(self, daemon, http_senders=4, grpc_senders=2):
        self._daemon, self._body = daemon, template()
        self._senders = [self._send_http] * http_senders + [self._send_grpc] * grpc_senders
        self._lock, self._serial, self._stop = threading.Lock(), 0, threading.Event()
        self.answers = collections.Counter()
        self.hints = collections.defaultdict(list)
        self.failures = []
        self.curve = []
        self.idle_bytes = self.resident_bytes()

    @property
    def body_bytes(self):
        return len(self._body)

    @property
    def offered(self):
        return sum(self.answers.values())

    @property
    def accepted(self):
        return self.answers["http 200"] + self.answers["grpc 0"]

    def resident_bytes(self):
        with open(f"/proc/{self._daemon.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"RssAnon:\s+(\d+) kB", file.read()).group(1)) * 1024

    def _fresh_body(self):
        with self._lock:
            self._serial += 1
            return self._body.replace(_MARK, self._serial.to_bytes(8, "big"))

    def _count(self, code, hint):
        with self._lock:
            self.answers[code] += 1
            if hint is not None:
                self.hints[code].append(hint)

    def _run_sender(self, send):
        try:
            send()
        except Exception as error:  # the test looks at what ended a sender
            self.failures.append(repr(error))

    def _send_http(self):
        host, port = self._daemon.http.rsplit(":", 1)
        with socket.create_connection((host, int(port)), 60) as connection:
            reader = connection.makefile("rb")
            while not self._stop.is_set():
                code, hint, close = exchange(connection, reader, self._fresh_body())
                self._count(code, hint)
                if close:
                    reader.close()
                    connection.close()
                    return self._send_http()
        return None

    def _send_grpc(self):
        with grpc.insecure_channel(self._daemon.grpc) as channel:
            call = channel.unary_unary(otlp.EXPORT)
            while not self._stop.is_set():
                try:
                    call(self._fresh_body(), timeout=60)
                    self._count("grpc 0", None)
                except grpc.RpcError as error:
                    self._count(f"grpc {error.code().value[0]}", hint_of(error))

    def _watch(self):
        begin = time.monotonic()
        while not self._stop.wait(0.05):
            self.curve.append((time.monotonic() - begin, self.resident_bytes() - self.idle_bytes))

    def run(self, seconds):
        """For that long, and on a slow machine until somebody was refused."""
        threads = [threading.Thread(target=self._run_sender, args=(send,)) for send in self._senders]
        threads.append(threading.Thread(target=self._watch))
        for thread in threads:
            thread.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end or (self.offered == self.accepted and not self.failures
                                         and time.monotonic() < end + 60):
            self._stop.wait(0.1)
        self._stop.set()
        for thread in threads:
            thread.join()

    def send_one(self):
        """One request over HTTP; its Answer. Counted as all others."""
        host, port = self._daemon.http.rsplit(":", 1)
        with socket.create_connection((host, int(port)), 60) as connection:
            code, hint, _ = exchange(connection, connection.makefile("rb"), self._fresh_body())
        self._count(code, hint)
        return Answer(code, hint)

    def account(self):
        """The drill's account in words."""
        lines = [f"offered {self.offered} requests of {self.body_bytes} bytes, {SPANS_PER_REQUEST} spans"]
        for code, count in sorted(self.answers.items()):
            hints = sorted(self.hints[code])
            told = f", hints {hints[0]:.1f} to {hints[-1]:.1f} s, median {hints[len(hints) // 2]:.1f}" if hints else ""
            lines.append(f"  {code}: {count}{told}")
        step = max(1, len(self.curve) // 24)
        lines.append("resident beyond idle, MiB: " + " ".join(
            f"{bytes_ / 2**20:.1f}" for _, bytes_ in self.curve[::step]))
        lines.append(f"greatest {self.greatest_bytes / 2**20:.1f} MiB, idle {self.idle_bytes / 2**20:.1f} MiB")
        return "\n".join(lines)

    @property
    def greatest_bytes(self):
        return max((bytes_ for _, bytes_ in self.curve), default=0)


def exchange(connection, reader, body):
    """One request on a connection that lives: its code, its hint, whether the connection ends."""
    connection.sendall(b"POST /v1/traces HTTP/1.1\r\nHost: drill\r\nContent-Type: application/x-protobuf\r\n"
                       b"Content-Length: %d\r\n\r\n" % len(body) + body)
    status = int(reader.readline().split()[1])
    headers = {}
    while (line := reader.readline().strip()):
        name, _, text = line.partition(b":")
        headers[name.lower()] = text.strip()
    reader.read(int(headers.get(b"content-length", 0)))
    hint = headers.get(b"retry-after")
    return f"http {status}", float(hint) if hint else None, headers.get(b"connection") == b"close"


def hint_of(error):
    """The RetryInfo of a refused call."""
    for name, text in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            return retry_delay(status_pb2.Status.FromString(text))
    return None


def is_instrumented():
    return bool(os.environ.get("ASSERTD_SANITIZE"))
