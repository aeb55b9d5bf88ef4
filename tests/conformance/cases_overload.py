"""Overload: a server without room says so in a way that clients retry. Only with --flood."""
from tests.conformance import telemetry
from tests.conformance.case import MUST, ROBUST, SHOULD, Family, Skip
from tests.conformance.client import grpc_frame
from tests.conformance.outcome import (
    JSON, RETRY, UNAVAILABLE, WITH_STATUS, YES, Expect, grpc, http, seen)
from tests.conformance.protobuf import blob

GRPC_OVERLOAD = grpc(UNAVAILABLE) | (grpc(8) & RETRY)


def _large():
    """About 100 KB in one trace."""
    return telemetry.request(telemetry.span(more=blob(9, telemetry.attribute(
        blob(1, b"x" * 100_000)))))


def _until_refused(send):
    """The first answer that is no success."""
    def run(client):
        if not client.flood:
            raise Skip("give --flood SIZE to fill the server")
        for _ in range(0, client.flood, 100_000):
            came = send(client)
            if not came.success:
                return came
        raise Skip(f"{client.flood} bytes were taken")
    return run


def _delay(came):
    """RetryInfo's delay in seconds."""
    info = came.status.details["google.rpc.RetryInfo"]
    delay = telemetry.read(info[1][-1]) if 1 in info else {}
    return delay.get(1, [0])[-1] + delay.get(2, [0])[-1] / 1e9


def _retry_after(came):
    text = came.headers.get("retry-after", "")
    return text.isdigit() and 0 < int(text) <= 3600 or text.endswith("GMT")


def families():
    made = Family("overload/answer", "Overload is told as retryable, with a delay",
                  "OTLP/gRPC Throttling; OTLP/HTTP Throttling", MUST,
                  "C10 G5 G7 G8 G9 G10 H11 H12")
    over_grpc = _until_refused(lambda c: c.call(grpc_frame(_large())))
    over_http = _until_refused(lambda c: c.post(_large()))
    over_json = _until_refused(lambda c: c.post_json(telemetry.json_request(
        telemetry.json_span(attributes=[{"key": "k", "value": {"stringValue": "x" * 100_000}}]))))
    made.add("grpc", "traces until there is no room", over_grpc, GRPC_OVERLOAD)
    made.add("grpc-retry-info", "the refusal carries RetryInfo", over_grpc, RETRY, level=SHOULD)
    made.add("grpc-delay", "its delay is above 0 and at most an hour", lambda c: (
        lambda came: seen(0 < _delay(came) <= 3600, f"{_delay(came)} s"))(over_grpc(c)), YES,
        level=SHOULD)
    made.add("http", "traces until there is no room", over_http, http(429, 503))
    made.add("http-status", "the refusal is a Status", over_http, WITH_STATUS,
             section="OTLP/HTTP Failures")
    made.add("http-retry-after", "the refusal carries Retry-After", over_http, Expect(
        "Retry-After in seconds or as a date", _retry_after), level=SHOULD)
    made.add("json", "traces in JSON until there is no room", over_json, http(429, 503))
    made.add("json-type", "the refusal is JSON", over_json, Expect(
        "Content-Type " + JSON, lambda came: came.content_type.startswith(JSON)),
        section="OTLP/HTTP Response")
    made.add("empty-still-answered", "an empty request meanwhile", lambda c: (
        over_grpc(c), c.export(b""))[1], Expect(
            "any gRPC answer", lambda came: came.kind == "grpc"), level=ROBUST)
    return [made]
