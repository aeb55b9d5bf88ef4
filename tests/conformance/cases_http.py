"""OTLP/HTTP: targets, types, encodings, limits, and the form of answers."""

from tests.conformance import gzips, http1, outcome, telemetry
from tests.conformance.case import MUST, ROBUST, SHOULD, Family
from tests.conformance.client import chunks, head
from tests.conformance.outcome import (
    ANSWERED, CLOSED, FULL, JSON, PROTOBUF, TAKEN, VIOLATIONS, WITH_STATUS, YES, Expect, header,
    http, seen)

OTLP = "OTLP/HTTP"
BAD = http(400)


def small():
    return telemetry.small()


def paths():
    made = Family("http/path", "/v1/traces is served, and nothing else is taken for it",
                  OTLP + " Request", MUST, "H2")
    nowhere = http(404, 400, 405, 301, 307, 308)
    made.add("traces", "POST /v1/traces", lambda c: c.post(small()), FULL)
    made.add("query", "POST /v1/traces?a=b", lambda c: c.post(small(), path="/v1/traces?a=b"),
             FULL, level=SHOULD)
    made.add("absolute", "POST http://test/v1/traces", lambda c: c.post(
        small(), path="http://test/v1/traces"), FULL, section="RFC 9112 3.2.2")
    for name, path in (("root", "/"), ("cut", "/v1/trace"), ("upper-case", "/V1/TRACES"),
                       ("slash", "/v1/traces/"), ("below", "/v1/traces/x"),
                       ("doubled-slash", "//v1/traces"), ("nul", "/v1/traces%00"),
                       ("dots", "/x/../../v1/trace"), ("old", "/v1/trace"), ("v2", "/v2/traces"),
                       ("semicolon", "/v1/traces;a=b"), ("grpc", telemetry.EXPORT),
                       ("metrics-page", "/metrics"), ("long", "/" + "a" * 4000)):
        expect = nowhere | http(414) | TAKEN if name in (
            "slash", "doubled-slash", "semicolon") else nowhere | http(414)
        made.add(name, f"POST {path[:40]}", lambda c, p=path: c.post(small(), path=p), expect,
                 level=ROBUST if name in ("slash", "semicolon") else None)
    made.add("escaped", "POST /v1/%74races", lambda c: c.post(small(), path="/v1/%74races"),
             nowhere | FULL, level=ROBUST, section="RFC 3986 6.2.2")
    for name, target in (("asterisk", "*"), ("authority", "test:80"), ("relative", "v1/traces")):
        made.add(name, f"POST {target}", lambda c, t=target: c.post(small(), path=t),
                 nowhere | http(501), level=ROBUST, section="RFC 9112 3.2")
    return made


def siblings():
    made = Family("http/siblings", "Other signals are taken, or are 404", OTLP + " Request", SHOULD,
                  "H2")
    for path in ("/v1/logs", "/v1/metrics", "/v1development/profiles"):
        for kind, body in ((PROTOBUF, b""), (JSON, b"{}")):
            made.add(f"{path.split('/')[-1]}-{kind[-4:]}", f"an empty request to {path}",
                     lambda c, p=path, k=kind, b=body: c.post(b, k, p), TAKEN | http(404))
    return made


def methods():
    made = Family("http/method", "Only POST is allowed, and the answer says so",
                  "RFC 9110 15.5.6", MUST, "H15")
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
        made.add(method, f"{method} /v1/traces", lambda c, m=method: c.post(
            b"" if m == "HEAD" else small(), method=m), http(405) & header("allow", "POST"))
    for method in ("OPTIONS", "TRACE", "CONNECT", "FOO", "post", "M-SEARCH", "PRI"):
        made.add(method, f"{method} /v1/traces", lambda c, m=method: c.post(b"", method=m),
                 http(400, 405, 501, 204, 200) | CLOSED if method in ("OPTIONS", "PRI")
                 else http(400, 405, 501) | CLOSED, level=ROBUST)
    for name, method in (("empty", ""), ("blank", " POST"), ("control", "PO\x01ST"),
                         ("colon", "PO:ST"), ("long", "A" * 5000)):
        made.add(f"bad-{name}", f"the method {method[:20]!r}", lambda c, m=method: c.post(
            b"", method=m), http(400, 405, 414, 431, 501) | CLOSED, section="RFC 9110 9.1")
    return made


def content_types():
    made = Family("http/content-type", "Protobuf and JSON share a port; other types are 415",
                  OTLP + " Connection", MUST, "H3 H15")
    for name, kind in (("protobuf", PROTOBUF), ("parameter", PROTOBUF + "; charset=utf-8"),
                       ("upper-case", "Application/X-Protobuf"), ("blank", PROTOBUF + " ; a=b"),
                       ("message", PROTOBUF + '; messageType="a.B"')):
        made.add(name, f"Content-Type: {kind}", lambda c, k=kind: c.post(small(), k), FULL,
                 level=MUST if name == "protobuf" else SHOULD)
    for name, kind in (("none", None), ("text", "text/plain"),
                       ("octets", "application/octet-stream"),
                       ("form", "application/x-www-form-urlencoded"), ("empty", ""),
                       ("any", "*/*"), ("cut", "application/x-proto"), ("grpc", "application/grpc"),
                       ("words", "protobuf"), ("two", PROTOBUF + ", " + JSON),
                       ("suffix", PROTOBUF + "2"), ("html", "text/html")):
        made.add(f"bad-{name}", f"Content-Type: {kind}", lambda c, k=kind: c.post(small(), k),
                 http(415), level=SHOULD, section="RFC 9110 15.5.16")
    made.add("bad-repeated", "two Content-Type lines", lambda c: c.post(
        small(), lines=["Content-Type: " + JSON]), http(400, 415) | FULL, level=ROBUST,
        section="RFC 9110 5.3")
    return made


def answers():
    made = Family("http/answer", "An answer has the request's encoding, an error a Status",
                  OTLP + " Response", MUST, "H4 H7 H8 H9 H10")
    for kind, good, word in ((PROTOBUF, small, "protobuf"),
                             (JSON, lambda: telemetry.small("json"), "json")):
        bad = b"\xff\xff\xff" if kind == PROTOBUF else b"{"
        of = lambda kind: Expect(f"Content-Type {kind}", lambda came: (
            came.content_type.split(";")[0] == kind))
        made.add(f"{word}-success", f"{word}: a good request", lambda c, k=kind, g=good: c.post(
            g(), k), FULL & of(kind))
        for name, sent, code, run in (
                ("bad-data", "a body that cannot be decoded", 400,
                 lambda c, k=kind, b=bad: c.post(b, k)),
                ("bad-gzip", "a body that cannot be inflated", 400,
                 lambda c, k=kind: c.post_gzip(b"no gzip", k)),
                ("method", "GET", 405, lambda c, k=kind: c.post(b"", k, method="GET")),
                ("not-found", "another path", 404, lambda c, k=kind: c.post(b"", k, "/nowhere")),
                ("encoding", "Content-Encoding: br", 415,
                 lambda c, k=kind: c.post_gzip(b"x", k, "br"))):
            known = http(code) if name != "encoding" else http(415, 400)
            made.add(f"{word}-{name}", f"{word}: {sent}", run, known,
                     level=MUST if code == 400 else SHOULD)
            made.add(f"{word}-{name}-status", f"{word}: {sent}: the body is a Status", run,
                     WITH_STATUS & of(kind), section=OTLP + " Failures")
        made.add(f"{word}-violations", f"{word}: bad data names the field",
                 lambda c, k=kind, b=bad: c.post(b, k), VIOLATIONS, level=SHOULD,
                 section=OTLP + " Bad Data")
    made.add("unknown-type-status", "text/plain: the body is a Status in either encoding",
             lambda c: c.post(b"x", "text/plain"), http(415) & WITH_STATUS, level=SHOULD,
             section=OTLP + " Failures")
    made.add("date", "a good request: Date", lambda c: c.post(small()), header("date", "GMT"),
             section="RFC 9110 6.6.1")
    made.add("date-of-error", "bad data: Date", lambda c: c.post(b"\xff"), header("date", "GMT"),
             section="RFC 9110 6.6.1")
    made.add("head", "HEAD: no body", _head_has_no_body, YES, section="RFC 9110 9.3.2")
    made.add("no-interim", "a good request: no 1xx unless asked for", lambda c: seen(
        not c.post(small()).reply.interim), YES, section="RFC 9110 10.1.1")
    return made


def _head_has_no_body(client):
    with client.http1() as connection:
        connection.send(head(None, None, method="HEAD"), head(len(small())), small())
        first, second = connection.answer(to_head=True), connection.answer()
        return seen(first.status >= 400 and second.status == 200,
                    f"{first.status}, {second.status}")


def limits():
    made = Family("http/limit", "One limit holds before and after inflating: 413",
                  OTLP + " Request", MUST, "C2 H6 H17")
    over = http(413)
    made.add("over", "a body one byte beyond the limit", lambda c: c.post(
        telemetry.request_of(c.limit + 1)), over)
    made.add("exact", "a body of exactly the limit", lambda c: c.post(
        telemetry.request_of(c.limit)), FULL, level=SHOULD)
    made.add("over-gzip", "one byte beyond the limit when inflated", lambda c: c.post_gzip(
        gzips.plain(telemetry.request_of(c.limit + 1))), over)
    made.add("exact-gzip", "exactly the limit when inflated", lambda c: c.post_gzip(
        gzips.plain(telemetry.request_of(c.limit))), FULL, level=SHOULD)
    made.add("bomb", "zeros beyond the limit, a thousandth of it sent", lambda c: c.post_gzip(
        gzips.bomb(c.limit + 1)), over)
    made.add("bomb-json", "blanks beyond the limit, as JSON", lambda c: c.post_gzip(
        gzips.plain(b" " * (c.limit + 1)), JSON), over)
    for name, sent, lines, body in (
            ("length", "a body three times the limit", (), lambda c: telemetry.request_of(3 * c.limit)),
            ("chunks", "chunks of three times the limit", ["Transfer-Encoding: chunked"],
             lambda c: chunks(telemetry.request_of(3 * c.limit), 1 << 16))):
        made.add(f"written-whole-{name}", sent + ", written whole before the answer is read",
                 lambda c, l=lines, b=body: _written_whole(c, l, b(c)), over, level=ROBUST,
                 section="RFC 9112 9.6")
    made.add("announced", "a Content-Length beyond the limit, and no body", lambda c: c.raw(
        head(c.limit + 1)), over, level=ROBUST)
    made.add("announced-2-63", "a Content-Length of 2^63-1, and no body", lambda c: c.raw(
        head((1 << 63) - 1)), over | BAD, level=ROBUST)
    made.add("chunked", "chunks beyond the limit", lambda c: c.raw(
        head(lines=["Transfer-Encoding: chunked"]), chunks(telemetry.request_of(c.limit + 1),
                                                            1 << 20)), over)
    made.add("chunk-announced", "a chunk of 4 GiB announced", lambda c: c.raw(
        head(lines=["Transfer-Encoding: chunked"]), b"ffffffff\r\n"), over | BAD, level=ROBUST)
    for name, text, codes in (
            ("target-64-KiB", head(0, path="/" + "a" * 65536), (414, 431, 400, 404)),
            ("field-64-KiB", head(0, lines=["X-Any: " + "v" * 65536]), (431, 400, 200)),
            ("field-16-MiB", head(0, lines=["X-Any: " + "v" * (1 << 24)]), (431, 400, 413)),
            ("1000-fields", head(0, lines=[f"X-{n}: v" for n in range(1000)]), (431, 400, 200)),
            ("20000-fields", head(0, lines=[f"X-{n}: v" for n in range(20000)]), (431, 400, 200)),
            ("name-64-KiB", head(0, lines=["X" * 65536 + ": v"]), (431, 400, 200))):
        made.add(name, name.replace("-", " "), lambda c, t=text: c.raw(t),
                 http(*codes) | CLOSED, level=ROBUST, section="RFC 6585 5; RFC 9110 15.5.15")
    made.add("field-4-KiB", "a field of 4 KiB", lambda c: c.raw(
        head(len(small()), lines=["X-Any: " + "v" * 4096]), small()), FULL, level=SHOULD,
        section="RFC 9110 5.4")
    return made


def _written_whole(client, lines, body):
    """Whose write fails does not look for an answer: a server must not close on what is still written."""
    with client.http1() as connection:
        if not connection.send_all(head(None if lines else len(body), lines=lines), body):
            return outcome.Outcome("closed", note="while the client was writing")
        try:
            return outcome.of_http(connection.answer(), PROTOBUF)
        except http1.NoAnswer as none:
            return outcome.Outcome(none.what, note=str(none))


def origins():
    made = Family("http/cors", "A browser's page from elsewhere is not invited unless configured",
                  "Fetch standard, CORS protocol", ROBUST, "H18")
    no_star = Expect("no Access-Control-Allow-Origin: *", lambda came: came.headers.get(
        "access-control-allow-origin") != "*")
    made.add("post", "a POST with an Origin", lambda c: c.post(
        small(), lines=["Origin: https://evil.example"]), ANSWERED & no_star)
    made.add("preflight", "OPTIONS with an Origin", lambda c: c.post(
        b"", method="OPTIONS", lines=["Origin: https://evil.example",
                                      "Access-Control-Request-Method: POST"]), ANSWERED & no_star)
    return made


def retries():
    made = Family("http/retry", "What is bad for good is never answered as retryable",
                  OTLP + " Retryable Response Codes", MUST, "H11")
    final = Expect("neither 429, 502, 503, 504 nor 500", lambda came: came.kind == "http"
                   and came.code not in (429, 500, 502, 503, 504))
    for name, run in (("bad-data", lambda c: c.post(b"\xff")),
                      ("bad-json", lambda c: c.post_json(b"{")),
                      ("bad-gzip", lambda c: c.post_gzip(b"xxx")),
                      ("too-large", lambda c: c.post(telemetry.request_of(c.limit + 1))),
                      ("bad-ids", lambda c: c.post_json(telemetry.json_request(
                          telemetry.json_span(traceId="")))),
                      ("media-type", lambda c: c.post(b"x", "text/plain")),
                      ("method", lambda c: c.post(b"", method="GET")),
                      ("path", lambda c: c.post(b"", path="/nowhere")),
                      ("json-shape", lambda c: c.post_json({"resourceSpans": 5}))):
        made.add(name, name.replace("-", " "), run, final)
    return made


def families():
    return [paths(), siblings(), methods(), content_types(), answers(), limits(), origins(),
            retries()]
