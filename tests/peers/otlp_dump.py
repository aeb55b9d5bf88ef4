"""A small OTLP server that keeps what it receives: gRPC, HTTP/protobuf, HTTP/JSON.

It decodes with OpenTelemetry's own messages and serves as the independent view of what a client sent.
"""
import base64
import gzip
import http.server
import json
import threading
from collections import namedtuple
from concurrent import futures

import grpc
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service

#: One export request: `transport` is grpc, http/protobuf or http/json; `headers` in lower case.
Request = namedtuple("Request", "transport headers message")

_IDS = {"traceId", "spanId", "parentSpanId"}


def _ids_as_base64(value):
    """OTLP/JSON writes IDs as hex digits, protobuf's own JSON mapping wants base64."""
    if isinstance(value, list):
        return [_ids_as_base64(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: base64.b64encode(bytes.fromhex(item)).decode()
            if key in _IDS and isinstance(item, str) else _ids_as_base64(item)
            for key, item in value.items()}


def decode_json(text):
    """An ExportTraceServiceRequest from OTLP/JSON."""
    return json_format.ParseDict(_ids_as_base64(json.loads(text)),
                                 service.ExportTraceServiceRequest(), ignore_unknown_fields=True)


def value_of(any_value):
    """An AnyValue as a Python value; None for an empty one."""
    kind = any_value.WhichOneof("value")
    if kind is None:
        return None
    value = getattr(any_value, kind)
    if kind == "array_value":
        return [value_of(item) for item in value.values]
    if kind == "kvlist_value":
        return attributes_of(value.values)
    return value


def attributes_of(pairs):
    return {pair.key: value_of(pair.value) for pair in pairs}


def span_of(span, scope, resource):
    """A span as plain values, all of it that an assertion can see."""
    return {
        "trace_id": span.trace_id.hex(), "span_id": span.span_id.hex(),
        "parent_span_id": span.parent_span_id.hex(), "name": span.name, "kind": span.kind,
        "start": span.start_time_unix_nano, "end": span.end_time_unix_nano,
        "status": (span.status.code, span.status.message), "flags": span.flags,
        "attributes": attributes_of(span.attributes),
        "events": [(event.time_unix_nano, event.name, attributes_of(event.attributes))
                   for event in span.events],
        "links": [(link.trace_id.hex(), link.span_id.hex(), attributes_of(link.attributes))
                  for link in span.links],
        "dropped": (span.dropped_attributes_count, span.dropped_events_count,
                    span.dropped_links_count),
        "scope": (scope.name, scope.version), "resource": attributes_of(resource.attributes),
    }


def spans_of(message):
    """Every span of an export request, in the order of the bytes."""
    return [span_of(span, part.scope, whole.resource)
            for whole in message.resource_spans for part in whole.scope_spans
            for span in part.spans]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return body

    def do_POST(self):  # noqa: N802, the name is the base class's
        body = self._body()
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        kind = self.headers.get_content_type()
        if kind == "application/json":
            transport, message, answer = "http/json", decode_json(body), b"{}"
        else:
            transport, answer = "http/protobuf", b""
            message = service.ExportTraceServiceRequest.FromString(body)
        self.server.dump.keep(Request(
            transport, {name.lower(): value for name, value in self.headers.items()}, message))
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        """Nothing on standard error."""


class OtlpDump:
    """Context manager; `grpc_endpoint`, `http_endpoint` are what SDKs take as their endpoint."""

    def __init__(self):
        self._requests, self._lock = [], threading.Lock()

    def __enter__(self):
        self._grpc = grpc.server(futures.ThreadPoolExecutor(4),
                                 options=[("grpc.max_receive_message_length", 64 * 2**20)])
        handler = grpc.unary_unary_rpc_method_handler(
            self._export, service.ExportTraceServiceRequest.FromString,
            service.ExportTraceServiceResponse.SerializeToString)
        self._grpc.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(
            "opentelemetry.proto.collector.trace.v1.TraceService", {"Export": handler})])
        self.grpc_endpoint = f"http://127.0.0.1:{self._grpc.add_insecure_port('127.0.0.1:0')}"
        self._grpc.start()
        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._http.dump = self
        self.http_endpoint = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._grpc.stop(1).wait()
        self._http.shutdown()
        self._http.server_close()

    def _export(self, message, context):
        headers = {name.lower(): value for name, value in context.invocation_metadata()}
        self.keep(Request("grpc", headers, message))
        return service.ExportTraceServiceResponse()

    def keep(self, request):
        with self._lock:
            self._requests.append(request)

    def requests(self):
        with self._lock:
            return list(self._requests)

    def clear(self):
        with self._lock:
            self._requests.clear()

    def spans(self):
        """Every span of every request so far."""
        return [span for request in self.requests() for span in spans_of(request.message)]
