"""The OpenTelemetry SDK as any service would set it up: real exporter, batches at default settings.

Where spans go is told by the standard variables OTEL_EXPORTER_OTLP_ENDPOINT and
OTEL_EXPORTER_OTLP_PROTOCOL ("http/protobuf" or "grpc"); nothing here knows of assertd.
"""
import os

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

VERSION = "1.0.0"


def _exporter():
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    elif protocol == "http/protobuf":
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    else:
        raise SystemExit(f"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}: use http/protobuf or grpc")
    return OTLPSpanExporter()


def start(service):
    """Returns the tracer of a service; its spans leave every 5 s, as by default."""
    provider = TracerProvider(
        resource=Resource.create({"service.name": service, "service.version": VERSION}))
    provider.add_span_processor(BatchSpanProcessor(_exporter()))
    trace.set_tracer_provider(provider)
    return trace.get_tracer("shop", VERSION)


def stop():
    """Sends what is still in the batch, then ends the exporter."""
    trace.get_tracer_provider().shutdown()
