"""A shop that answers at once and does the work behind: what the tests of this folder look into.

Sends its spans to $OTEL_EXPORTER_OTLP_ENDPOINT as OTLP/JSON. A real one would use OpenTelemetry's SDK.
"""
import json
import os
import queue
import secrets
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KINDS = {"server": 2, "client": 3, "consumer": 5}


def _value(plain):
    kind = {bool: "boolValue", int: "intValue", float: "doubleValue"}.get(type(plain), "stringValue")
    return {kind: plain}


def export(service, name, kind, trace_id, parent, **attributes):
    """Sends one span, and returns its ID."""
    now = time.time_ns()
    span = {"traceId": trace_id, "spanId": secrets.token_hex(8), "parentSpanId": parent, "name": name,
            "kind": KINDS[kind], "startTimeUnixNano": str(now), "endTimeUnixNano": str(now + 1_000_000),
            "attributes": [{"key": key.replace("__", "."), "value": _value(plain)} for key, plain in attributes.items()]}
    body = {"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]},
                               "scopeSpans": [{"scope": {"name": "shop"}, "spans": [span]}]}]}
    endpoint = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/v1/traces", json.dumps(body).encode(),
                                                  {"Content-Type": "application/json"})).close()
    return span["spanId"]


class Shop:
    """POST /orders with {"id": 7, "items": ["a", "b"]}."""

    def __init__(self):
        self._orders = queue.Queue()
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                _, trace_id, parent, _ = self.headers["traceparent"].split("-")
                shop._orders.put((trace_id, parent, order))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/orders"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self):
        while True:
            trace_id, parent, order = self._orders.get()
            request = export("shop-api", "POST /orders", "server", trace_id, parent, http__response__status_code=200)
            work = export("shop-worker", "process order", "consumer", trace_id, request, order__id=order["id"])
            for item in order["items"]:
                export("shop-worker", "INSERT items", "client", trace_id, work, db__system__name="redis",
                       item__name=item, item__price=2.5, item__gift=False)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
