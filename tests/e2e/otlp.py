"""OTLP for tests: builders of requests and senders over HTTP and gRPC.

A request is built in its JSON form (a dict) and turned into protobuf by OpenTelemetry's own messages.
"""
import gzip
import http.client
import json
import struct
from collections import namedtuple

import grpc
from google.protobuf import json_format

from tests.peers.otlp_dump import decode_json, service

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
KINDS = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
STATUSES = {"unset": 0, "ok": 1, "error": 2}

#: 2026-01-01T00:00:00Z
EPOCH_NS = 1767225600 * 10**9

PARTIAL = service.ExportTraceServiceResponse


def trace_id(number):
    return f"{0xa55e27d << 96 | number:032x}"


def span_id(number):
    return f"{0x5a << 56 | number:016x}"


def value(plain):
    """An AnyValue of a Python value."""
    if plain is None:
        return {}
    if isinstance(plain, bool):
        return {"boolValue": plain}
    if isinstance(plain, int):
        return {"intValue": str(plain)}
    if isinstance(plain, float):
        return {"doubleValue": plain}
    if isinstance(plain, list):
        return {"arrayValue": {"values": [value(item) for item in plain]}}
    if isinstance(plain, dict):
        return {"kvlistValue": {"values": attributes(plain)}}
    return {"stringValue": plain}


def attributes(plain):
    return [{"key": key, "value": value(item)} for key, item in plain.items()]


def span(trace, number, name, *, parent=None, kind="internal", start_ms=0, ms=1, status="unset",
         attrs=None, **fields):
    """One span. `trace` and `parent` are numbers, or hex digits; `fields` are written as they are."""
    start = EPOCH_NS + int(start_ms * 10**6)
    made = {
        "traceId": trace_id(trace) if isinstance(trace, int) else trace,
        "spanId": span_id(number) if isinstance(number, int) else number,
        "name": name, "kind": KINDS[kind],
        "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + int(ms * 10**6)),
        "attributes": attributes(attrs or {}), "status": {"code": STATUSES[status]},
    }
    if parent is not None:
        made["parentSpanId"] = span_id(parent) if isinstance(parent, int) else parent
    made.update(fields)
    return made


def zstd(data, told=None):
    """A zstd frame (RFC 8878) of raw blocks that says its content has `told` bytes, so that no package is needed."""
    size = len(data) if told is None else told
    blocks = [data[at:at + 2**17] for at in range(0, len(data), 2**17)] or [b""]
    return b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", size) + b"".join(
        struct.pack("<I", len(block) << 3 | (number == len(blocks) - 1))[:3] + block
        for number, block in enumerate(blocks))


def zstd_bomb(mebibytes):
    """A zstd frame of zeros, eight blocks of 4 bytes for each mebibyte."""
    count = 8 * mebibytes
    return b"\x28\xb5\x2f\xfd\x00\x38" + b"".join(
        struct.pack("<I", 2**17 << 3 | 2 | (number == count - 1))[:3] + b"\0"
        for number in range(count))


def request(spans, service_name="shop", **resource):
    """An export request of one resource."""
    return {"resourceSpans": [{
        "resource": {"attributes": attributes({"service.name": service_name, **resource})},
        "scopeSpans": [{"scope": {"name": "test"}, "spans": spans}]}]}


def as_json(message):
    return json.dumps(message).encode()


def as_protobuf(message):
    return decode_json(json.dumps(message)).SerializeToString()


def decode_answer(body):
    """An export response from its JSON form."""
    return json_format.Parse(body or b"{}", PARTIAL())


#: Headers in lower case; `body` as bytes.
Answer = namedtuple("Answer", "status headers body")


def post(address, path, body, headers=None, method="POST"):
    """One HTTP request on a connection of its own. `address` is HOST:PORT."""
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): text for name, text in answer.getheaders()},
                      answer.read())
    finally:
        connection.close()


def send_http(address, message, encoding="json", compression="none"):
    """Sends a request (a dict or bytes) to /v1/traces; the Answer."""
    kind = {"json": "application/json", "protobuf": "application/x-protobuf"}[encoding]
    body = message
    if isinstance(message, dict):
        body = as_json(message) if encoding == "json" else as_protobuf(message)
    headers = {"Content-Type": kind}
    if compression == "gzip":
        body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
    return post(address, "/v1/traces", body, headers)


class GrpcClient:
    """A channel that sends raw bytes. Refusals come as grpc.RpcError, as grpcio tells them."""

    def __init__(self, address):
        self._channel = grpc.insecure_channel(address, options=[
            ("grpc.max_send_message_length", -1), ("grpc.enable_retries", 0)])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._channel.close()

    def method(self, path=EXPORT):
        return self._channel.unary_unary(path, None, None)

    def export(self, message, compression="none", timeout=30, metadata=None):
        """The answer's bytes. `message` is a dict or bytes."""
        body = as_protobuf(message) if isinstance(message, dict) else message
        kind = grpc.Compression.Gzip if compression == "gzip" else grpc.Compression.NoCompression
        return self.method()(body, timeout=timeout, compression=kind, metadata=metadata)


def send_grpc(address, message, compression="none"):
    """Sends a request by gRPC; the decoded answer."""
    with GrpcClient(address) as client:
        return PARTIAL.FromString(client.export(message, compression))


def grpc_frame(message, flag=0):
    """The length-prefixed form of a gRPC message."""
    return struct.pack(">BI", flag, len(message)) + message
