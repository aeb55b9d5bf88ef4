"""What the tests of the OTLP server checklist share: raw senders, readers of errors, a base class."""
import base64
import socket

from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2

from tests.e2e import harness, otlp
from tests.e2e.harness import SHOP_SUITE, config, shop_trace
from tests.e2e.http2 import Http2, grpc_status

OK, INVALID_ARGUMENT, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED = 0, 3, 4, 8
UNIMPLEMENTED, INTERNAL, UNAVAILABLE = 12, 13, 14
RETRYABLE = {1, 4, 10, 11, 14, 15}

JSON, PROTOBUF = "application/json", "application/x-protobuf"
EMPTY_FRAME = otlp.grpc_frame(b"")


def field(number, body):
    """A length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(len(body)) + body


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def raw_http(address, data, until_close=True):
    """Sends bytes; what comes back until the server closes, or the end of the first header."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), 30) as connection:
        connection.sendall(data)
        answer = b""
        while until_close or b"\r\n\r\n" not in answer:
            piece = connection.recv(65536)
            if not piece:
                break
            answer += piece
        return answer


def status_of(body, kind):
    """The google.rpc.Status of an error's body."""
    if kind == JSON:
        return json_format.Parse(body, status_pb2.Status(), ignore_unknown_fields=True)
    return status_pb2.Status.FromString(body)


def details_of(reply):
    """The google.rpc.Status of a gRPC answer's trailers; None without details."""
    text = {**reply.headers, **reply.trailers}.get("grpc-status-details-bin")
    if text is None:
        return None
    return status_pb2.Status.FromString(base64.b64decode(text + "=" * (-len(text) % 4)))


def retry_delay(status):
    """The RetryInfo's delay in seconds; None without one."""
    for detail in status.details if status else ():
        info = error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            return info.retry_delay.seconds + info.retry_delay.nanos / 1e9
    return None


def bad_span(number=9):
    return otlp.span("00" * 16, number, "bad")


class Conformance(harness.TestCase):
    def serve(self, **settings):
        return self.daemon(config(**{"suites": [SHOP_SUITE], **settings}))

    def setUp(self):
        super().setUp()
        self._shared = None

    @property
    def plain(self):
        """A daemon with the usual configuration."""
        if self._shared is None:
            self._shared = self.serve()
        return self._shared

    def post(self, body, kind=JSON, path="/v1/traces", method="POST", daemon=None, **headers):
        fields = {"Content-Type": kind} if kind else {}
        fields.update({name.replace("_", "-"): text for name, text in headers.items()})
        return otlp.post((daemon or self.plain).http, path, body, fields, method)

    def call(self, *data, daemon=None, **headers):
        with Http2((daemon or self.plain).grpc) as connection:
            return connection.call(*data, **headers)

    def assert_alive(self, daemon=None):
        self.assertEqual(200, self.post(otlp.as_json(shop_trace(77)), daemon=daemon).status)


def big_request(trace):
    """About 100 KB in one trace."""
    return otlp.request([otlp.span(trace, 1, "POST /orders", kind="server",
                                   attrs={"pad": "x" * 100_000,
                                          "http.response.status_code": 200})])


def fill_until_refused(test, over):
    """Sends traces to a daemon with little memory until it refuses: (spans accepted, the refusal)."""
    daemon = test.serve(limits={"memory": "8MiB", "request_bytes": "1MiB"},
                        completion={"quiet": "60s", "deadline": "120s"},
                        report={"max_failures": 10})
    test.overloaded_campaign = daemon.start_campaign("full")
    test.overloaded = daemon
    with Http2(daemon.grpc) as connection:
        for number in range(400):
            body = otlp.as_protobuf(big_request(number))
            if over == "http":
                answer = test.post(body, PROTOBUF, daemon=daemon)
                if answer.status != 200:
                    return number, answer
            else:
                reply = connection.call(otlp.grpc_frame(body))
                if grpc_status(reply) != OK:
                    return number, reply
    raise AssertionError("40 MB were taken within a limit of 8 MiB")
