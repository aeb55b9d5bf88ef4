"""Sends the fixed set of spans of ../README.md with the Python SDK."""
import argparse
import os

from opentelemetry import context, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

MILLISECOND = 1_000_000


class FixedIds(IdGenerator):
    """IDs that depend on nothing but the seed and the order of spans."""

    def __init__(self, seed):
        self._seed, self._trace, self._span = seed, -1, 0

    def begin_trace(self):
        self._trace += 1
        self._span = 0

    def generate_trace_id(self):
        return (self._seed + self._trace) % 2**128

    def generate_span_id(self):
        self._span += 1
        return (self._trace + 1) << 32 | self._span


def send_trace(tracer, index, start):
    base = start + index * 1000 * MILLISECOND

    def begin(number, name, kind, parent=None, **more):
        within = trace.set_span_in_context(parent) if parent else context.Context()
        return tracer.start_span(name, within, kind, start_time=base + number * 10 * MILLISECOND,
                                 **more)

    def end(number, span):
        span.end(base + number * 11 * MILLISECOND)

    def event(number, span, name, attributes):
        span.add_event(name, attributes, base + number * 10 * MILLISECOND + MILLISECOND // 2)

    root = begin(1, "POST /orders", SpanKind.SERVER, attributes={
        "http.request.method": "POST", "http.response.status_code": 200, "order.index": index,
        "order.total": 12.5, "order.express": True, "order.gift": False, "order.balance": -42,
        "order.large": 9007199254740991, "order.tiny": 5.5e-8, "order.huge": 1500000000000000.5,
        "order.tags": ["a", "b"], "order.quantities": [1, 2, 3], "order.weights": [0.5, 1.5],
        "order.flags": [True, False], "order.none": [], "text.unicode": "grün ✓ 😀",
        "text.empty": "", "text.quotes": "a \"b\" 'c' \\ \t\n"})
    event(1, root, "order.accepted", {"queue.depth": 3, "note": "ok"})
    validate = begin(2, "validate", SpanKind.INTERNAL, root, attributes={"attempt": 1})
    validate.set_status(Status(StatusCode.OK))
    end(2, validate)
    insert = begin(3, "INSERT orders", SpanKind.CLIENT, root, attributes={
        "db.operation.name": "INSERT", "db.collection.name": "orders", "db.rows": 1})
    end(3, insert)
    send = begin(4, "send orders", SpanKind.PRODUCER, root,
                 attributes={"messaging.destination.name": "orders"})
    process = begin(5, "process orders", SpanKind.CONSUMER, send,
                    attributes={"messaging.destination.name": "orders"},
                    links=[Link(root.get_span_context(), {"why": "batch"})])
    if index % 4 == 3:
        event(5, process, "exception", {"exception.type": "Boom", "exception.message": "boom"})
        process.set_status(Status(StatusCode.ERROR, "boom"))
    end(5, process)
    end(4, send)
    end(1, root)


def exporter(arguments):
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = arguments.endpoint
    if arguments.compression != "none":  # a word that the gRPC exporter refuses
        os.environ["OTEL_EXPORTER_OTLP_COMPRESSION"] = arguments.compression
    if arguments.protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    return OTLPSpanExporter()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--protocol", choices=["grpc", "http/protobuf"], required=True)
    parser.add_argument("--compression", choices=["none", "gzip"], default="none")
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--seed-trace", required=True)
    parser.add_argument("--traces", type=int, default=8)
    parser.add_argument("--start", type=int, default=1767225600 * 10**9)
    parser.add_argument("--service", default="shop")
    arguments = parser.parse_args()

    ids = FixedIds(int(arguments.seed_trace, 16))
    provider = TracerProvider(resource=Resource.create({"service.name": arguments.service}),
                              id_generator=ids)
    provider.add_span_processor(BatchSpanProcessor(exporter(arguments)))
    tracer = provider.get_tracer("assertd-e2e", "1.0")
    for index in range(arguments.traces):
        ids.begin_trace()
        send_trace(tracer, index, arguments.start)
    provider.shutdown()


if __name__ == "__main__":
    main()
