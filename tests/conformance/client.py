"""The server under test, and the ways to send it something."""
import gzip
import json
import struct

from tests.conformance import http1, http2, outcome, protobuf, telemetry
from tests.conformance.case import Skip
from tests.conformance.outcome import JSON, PROTOBUF
from tests.conformance.telemetry import EXPORT


def grpc_frame(message, flag=0, size=None):
    """The length-prefixed form of a gRPC message."""
    return struct.pack(">BI", flag, len(message) if size is None else size) + message


def call_headers(path=EXPORT, method="POST", **fields):
    """The header of a gRPC call; names with `_` for `-`, None takes one away."""
    plain = {"content_type": "application/grpc", "te": "trailers", **fields}
    return ([(":method", method), (":scheme", "http"), (":path", path), (":authority", "test")]
            + [(name.replace("_", "-"), text) for name, text in plain.items() if text is not None])


def head(size=None, kind=PROTOBUF, path="/v1/traces", method="POST", lines=(), version="HTTP/1.1"):
    """The header of an HTTP request. `lines` are further ones, without their ends."""
    first = [f"{method} {path} {version}", "Host: test"]
    first += [f"Content-Type: {kind}"] if kind is not None else []
    first += [f"Content-Length: {size}"] if size is not None else []
    text = b"\r\n".join([line.encode("latin-1") for line in first]
                        + [line if isinstance(line, bytes) else line.encode("latin-1")
                           for line in lines])
    return text + b"\r\n\r\n"


def chunks(body, size, extension=b""):
    """A body in chunks of so many bytes, to its end."""
    return b"".join(b"%x%s\r\n%s\r\n" % (len(body[at:at + size]), extension, body[at:at + size])
                    for at in range(0, len(body), size)) + b"0\r\n\r\n"


class Client:
    """Addresses are HOST:PORT; `limit` is the server's greatest request, `patience` how long an
    answer may take, `slow` how long a time-out of the server may take (0: not waited for),
    `flood` how many bytes may be sent to make the server say that it has enough (0: none)."""

    def __init__(self, grpc, http, limit=64 << 20, patience=5, slow=0, flood=0):
        self.grpc, self.http, self.limit = grpc, http, limit
        self.patience, self.slow, self.flood = patience, slow, flood

    # --- gRPC

    def http2(self, **options):
        if not self.grpc:
            raise Skip("no --grpc address")
        return http2.Connection(self.grpc, options.pop("patience", self.patience), **options)

    def call(self, *pieces, path=EXPORT, method="POST", **fields):
        """One call; each piece in DATA frames of its own, without any: the header ends it."""
        with self.http2() as connection:
            stream = connection.next_stream()
            connection.send(http2.headers(stream, call_headers(path, method, **fields),
                                          end=not pieces))
            for index, piece in enumerate(pieces):
                connection.send_body(stream, piece, index == len(pieces) - 1)
            connection.reply(stream)
            return outcome.of_http2(connection, stream)

    def export(self, message, **fields):
        """A call with this message, plain."""
        return self.call(grpc_frame(message), **fields)

    def frames(self, *octets, stream=1):
        """Sends bytes behind the preface; the outcome of a stream, or of the connection."""
        with self.http2() as connection:
            connection.send(*octets)
            connection.reply(stream)
            return outcome.of_http2(connection, stream)

    # --- HTTP

    def http1(self, patience=None):
        if not self.http:
            raise Skip("no --http address")
        return http1.Connection(self.http, patience or self.patience)

    def raw(self, *pieces, kind=PROTOBUF, to_head=False, finish=False):
        """Sends bytes; the outcome of the first answer."""
        with self.http1() as connection:
            connection.send(*pieces)
            if finish:
                connection.finish()
            try:
                return outcome.of_http(connection.answer(to_head), kind or "")
            except http1.NoAnswer as none:
                return outcome.Outcome(none.what, note=str(none))

    def post(self, body, kind=PROTOBUF, path="/v1/traces", method="POST", lines=()):
        return self.raw(head(len(body), kind, path, method, lines), body, kind=kind,
                        to_head=method == "HEAD")

    def post_json(self, plain):
        """`plain` is a dict, or the bytes of a body."""
        body = plain if isinstance(plain, bytes) else json.dumps(plain).encode()
        return self.post(body, JSON)

    def post_gzip(self, packed, kind=PROTOBUF, encoding="gzip"):
        return self.post(packed, kind, lines=[f"Content-Encoding: {encoding}"])

    # --- both

    def both(self, message, expect):
        """A message over each transport that there is; the first outcome that is not expected."""
        came = None
        for name, send in (("gRPC", self.export if self.grpc else None),
                           ("HTTP", self.post if self.http else None)):
            if send is not None:
                came = send(message)
                came.note = name
                if not expect.test(came):
                    return came
        return came

    def is_well(self):
        """A small export over each transport: None, or what went wrong."""
        for name, send in (("gRPC", self.grpc and (lambda: self.export(telemetry.small()))),
                           ("HTTP", self.http and (lambda: self.post(telemetry.small())))):
            try:
                came = send() if send else None
            except (OSError, protobuf.Malformed) as error:
                return f"{name}: {error}"
            if came is not None and not (came.success or self.flood and _is_overload(came)):
                return f"{name}: {came}"
        return None


def _is_overload(came):
    return (came.kind, came.code) in (("grpc", outcome.UNAVAILABLE),
                                      ("grpc", outcome.RESOURCE_EXHAUSTED),
                                      ("http", 429), ("http", 503))


def packed(message):
    return gzip.compress(message, 6, mtime=0)
