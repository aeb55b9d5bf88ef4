"""Each row of the OTLP server checklist, shown on the running daemon: `test_row_C1_...` and so on.

C: both transports, G: gRPC, H: HTTP, J: the JSON mapping, D: the data model.
"""
import base64
import gzip
import http.client
import json
import socket
import urllib.parse

import grpc
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2

from tests.e2e import harness, otlp
from tests.e2e.harness import SHOP_SUITE, assertion_of, config, shop_trace, suite_of
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


class Common(Conformance):
    def test_row_C1_plain_and_gzip_on_every_transport(self):
        campaign = self.plain.start_campaign("c1")
        for number, (over, compression) in enumerate(
                (over, compression) for over in ("grpc", "http/json", "http/protobuf")
                for compression in ("none", "gzip")):
            self.plain.send(shop_trace(number), over, compression)
        report = campaign.finish()
        self.assert_counts(suite_of(report, "shop")["traces"], judged=6, **{"pass": 6})

    def test_row_C2_the_limit_holds_before_and_after_decompression(self):
        daemon = self.serve(limits={"request_bytes": "64KiB"})
        big = otlp.as_protobuf(otlp.request([otlp.span(1, 1, "x" * 70000)]))
        for body, encoding in ((big, "identity"), (gzip.compress(big), "gzip")):
            with self.subTest(encoding=encoding):
                answer = self.post(body, PROTOBUF, daemon=daemon, Content_Encoding=encoding)
                self.assertEqual(413, answer.status, answer)
                flag = 1 if encoding == "gzip" else 0
                reply = self.call(otlp.grpc_frame(body, flag), daemon=daemon,
                                  grpc_encoding=encoding)
                self.assertEqual(RESOURCE_EXHAUSTED, grpc_status(reply), reply)
        self.assert_alive(daemon)
        path = self.write("empty.conf", "")
        shown = harness.run_command("print-config", "--config", path)
        self.assertRegex(shown.out, r'request_bytes\s*=\s*"(64MiB|67108864B?)"')

    def test_row_C3_the_answer_is_bounded(self):
        spans = [bad_span(number) for number in range(20000)]
        for over in (JSON, PROTOBUF):
            body = otlp.request(spans)
            encoded = otlp.as_json(body) if over == JSON else otlp.as_protobuf(body)
            answer = self.post(encoded, over)
            self.assertEqual(200, answer.status)
            self.assertLess(len(answer.body), 8192)

    def test_row_C4_a_partial_success_stays_small_and_keeps_its_count(self):
        message = otlp.request([otlp.span("ab" * 20, number, "bad" * 500)
                                for number in range(3000)])
        answer = otlp.send_grpc(self.plain.grpc, message)
        self.assertEqual(3000, answer.partial_success.rejected_spans)
        self.assertLess(len(answer.partial_success.error_message), 4096)

    def test_row_C5_full_success_leaves_partial_success_unset(self):
        message = shop_trace(1)
        with otlp.GrpcClient(self.plain.grpc) as client:
            self.assertEqual(b"", client.export(message))
        self.assertEqual(b"", otlp.send_http(self.plain.http, message, "protobuf").body)
        self.assertEqual({}, json.loads(otlp.send_http(self.plain.http, message, "json").body))

    def test_row_C6_a_request_without_telemetry_is_a_success(self):
        self.assertEqual(OK, grpc_status(self.call(EMPTY_FRAME)))
        for body, kind in ((b"", PROTOBUF), (b"{}", JSON), (b'{"resourceSpans":[]}', JSON)):
            with self.subTest(kind=kind, body=body):
                self.assertEqual(200, self.post(body, kind).status)

    def test_row_C7_the_rejected_are_counted_and_the_others_kept(self):
        campaign = self.plain.start_campaign("c7")
        for number, over in enumerate(("grpc", "json", "protobuf")):
            message = shop_trace(number)
            message["resourceSpans"][0]["scopeSpans"][0]["spans"].insert(1, bad_span())
            if over == "grpc":
                answer = otlp.send_grpc(self.plain.grpc, message)
            else:
                reply = otlp.send_http(self.plain.http, message, over)
                self.assertEqual(200, reply.status)
                answer = (otlp.decode_answer(reply.body) if over == "json"
                          else otlp.PARTIAL.FromString(reply.body))
            self.assertEqual(1, answer.partial_success.rejected_spans)
        report = campaign.finish()
        self.assert_counts(report["ledger"]["spans"], received=9, judged=6, rejected=3)
        self.assert_counts(suite_of(report, "shop")["traces"], judged=3, **{"pass": 3})
        self.assert_balanced(report)

    def test_row_C8_the_message_says_why(self):
        answer = otlp.send_grpc(self.plain.grpc, otlp.request([bad_span()]))
        self.assertRegex(answer.partial_success.error_message, r"(?i)trace.?id")

    def test_row_C9_no_partial_success_without_a_word_to_say(self):
        with otlp.GrpcClient(self.plain.grpc) as client:
            self.assertEqual(b"", client.export(otlp.request([otlp.span(1, 1, "a")])))

    def test_row_C10_a_transient_refusal_takes_nothing_of_the_request(self):
        accepted, refused = fill_until_refused(self, "http")
        self.assertEqual(503, refused.status)
        report = self.overloaded_campaign.report()
        self.assertEqual(accepted, report["ledger"]["spans"]["received"])

    def test_row_C11_duplicates_are_dropped(self):
        campaign = self.plain.start_campaign("c11")
        for _ in range(3):
            self.plain.send(shop_trace(1))
        report = campaign.finish()
        self.assert_counts(report["ledger"]["spans"], received=6, judged=2, duplicate=4)
        self.assert_status("SUCCESSFUL", report)

    def test_row_C12_empty_envelopes_are_ignored(self):
        for message in ({"resourceSpans": [{}]}, {"resourceSpans": [{"scopeSpans": [{}]}]},
                        {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": []}]}]}):
            with self.subTest(message=message):
                self.plain.send(message, "grpc")
                self.plain.send(message, "http/json")

    def test_row_C13_unknown_fields_are_skipped(self):
        message = shop_trace(1)
        encoded = otlp.as_protobuf(message)
        unknown = field(777, b"later") + varint(778 << 3) + b"\x05" + varint(779 << 3 | 5) + b"1234"
        unknown += varint(780 << 3 | 1) + b"12345678"
        span = message["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
        inner = json.loads(json.dumps(message))
        inner["resourceSpans"][0]["scopeSpans"][0]["spans"][0] = {"later": {"x": [1]}, **span}
        campaign = self.plain.start_campaign("c13")
        self.assertEqual(200, self.post(unknown + encoded + unknown, PROTOBUF).status)
        self.assertEqual(200, self.post(json.dumps(inner)).status)
        self.assert_counts(campaign.finish()["ledger"]["spans"], judged=2, duplicate=2)


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


class Grpc(Conformance):
    def test_row_G1_the_default_port_is_4317(self):
        shown = harness.run_command("print-config", "--config", self.write("empty.conf", ""))
        self.assert_exit(0, shown)
        self.assertIn("127.0.0.1:4317", shown.out)

    def test_row_G2_the_unary_export_method(self):
        reply = self.call(otlp.grpc_frame(otlp.as_protobuf(shop_trace(1))))
        self.assertEqual((OK, EMPTY_FRAME), (grpc_status(reply), reply.body), reply)

    def test_row_G3_many_calls_on_one_connection(self):
        campaign = self.plain.start_campaign("g3")
        with Http2(self.plain.grpc) as connection:
            streams = [connection.begin([
                (":method", "POST"), (":scheme", "http"), (":path", otlp.EXPORT),
                (":authority", "x"), ("content-type", "application/grpc"), ("te", "trailers")])
                for _ in range(50)]
            # The last begun is sent first: an answer never waits for an earlier call.
            for number, stream in reversed(list(enumerate(streams))):
                connection.send(stream, otlp.grpc_frame(otlp.as_protobuf(shop_trace(number))), True)
                self.assertEqual(OK, grpc_status(connection.reply(stream)))
        self.assert_counts(campaign.finish()["ledger"]["spans"], judged=100)

    def test_row_G4_over_the_limit_is_resource_exhausted_without_retry_info(self):
        daemon = self.serve(limits={"request_bytes": "64KiB"})
        for body in (otlp.grpc_frame(b"x" * 70000), b"\x00\xff\xff\xff\xff"):
            reply = self.call(body, daemon=daemon)
            self.assertEqual(RESOURCE_EXHAUSTED, grpc_status(reply), reply)
            self.assertIsNone(retry_delay(details_of(reply)))
        self.assert_alive(daemon)

    def test_row_G5_G7_G10_overload_is_unavailable_with_retry_info(self):
        _, reply = fill_until_refused(self, "grpc")
        self.assertEqual(UNAVAILABLE, grpc_status(reply), reply)
        status = details_of(reply)
        self.assertEqual(UNAVAILABLE, status.code)
        self.assertGreater(retry_delay(status), 0)
        self.assertLessEqual(retry_delay(status), 30)

    def test_row_G6_bad_data_is_invalid_argument(self):
        for body in (b"\xff\xff\xff", field(1, b"\x0a\x7f"), b"\x0a\x05ab",
                     otlp.as_protobuf(shop_trace(1))[:-3]):
            with self.subTest(body=body[:20]):
                self.assertEqual(INVALID_ARGUMENT, grpc_status(self.call(otlp.grpc_frame(body))))
        self.assert_alive()

    def test_row_G8_resource_exhausted_never_invites_a_retry_here(self):
        daemon = self.serve(limits={"request_bytes": "64KiB"})
        body = gzip.compress(b"\x00" * 2**20)
        reply = self.call(otlp.grpc_frame(body, 1), daemon=daemon, grpc_encoding="gzip")
        self.assertEqual(RESOURCE_EXHAUSTED, grpc_status(reply))
        self.assertIsNone(retry_delay(details_of(reply)))

    def test_row_G9_codes_tell_clients_rightly_whether_to_retry(self):
        self.assertNotIn(grpc_status(self.call(otlp.grpc_frame(b"\xff"))), RETRYABLE)
        self.assertNotIn(grpc_status(self.call(otlp.grpc_frame(b"", 2))), RETRYABLE)
        _, reply = fill_until_refused(self, "grpc")
        self.assertIn(grpc_status(reply), RETRYABLE)

    def test_row_G11_status_trailers_and_415(self):
        reply = self.call(otlp.grpc_frame(otlp.as_protobuf(shop_trace(1))))
        self.assertEqual("200", reply.headers[":status"])
        self.assertTrue(reply.headers["content-type"].startswith("application/grpc"))
        self.assertEqual("0", reply.trailers["grpc-status"])
        refused = self.call(EMPTY_FRAME, path="/no.such.Service/Method")
        self.assertEqual(("200", b"", {}),
                         (refused.headers[":status"], refused.body, refused.trailers))
        message = refused.headers["grpc-message"]
        self.assertRegex(message, r"^[ -$&-~]*(%[0-9A-F]{2}[ -$&-~]*)*$")
        self.assertTrue(urllib.parse.unquote(message))
        proto = self.call(EMPTY_FRAME, content_type="application/grpc+proto")
        self.assertEqual(OK, grpc_status(proto))
        for kind in ("application/json", "text/plain", None):
            with self.subTest(kind=kind):
                self.assertEqual("415", self.call(EMPTY_FRAME, content_type=kind).headers[":status"])

    def test_row_G12_message_framing(self):
        body = otlp.as_protobuf(shop_trace(1))
        cases = [
            ("flag 1 without an encoding", [otlp.grpc_frame(gzip.compress(body), 1)], {}, INTERNAL),
            ("flag 1 with identity", [otlp.grpc_frame(body, 1)],
             {"grpc_encoding": "identity"}, INTERNAL),
            ("flag 2", [otlp.grpc_frame(body, 2)], {}, INTERNAL),
            ("unknown encoding", [otlp.grpc_frame(body, 1)], {"grpc_encoding": "br"},
             UNIMPLEMENTED),
            ("not gzip", [otlp.grpc_frame(body, 1)], {"grpc_encoding": "gzip"}, INTERNAL),
            ("cut gzip", [otlp.grpc_frame(gzip.compress(body)[:-9], 1)],
             {"grpc_encoding": "gzip"}, INTERNAL),
            ("flag 0 with an encoding", [otlp.grpc_frame(body)], {"grpc_encoding": "gzip"}, OK),
            ("two messages", [otlp.grpc_frame(body) * 2], {}, UNIMPLEMENTED),
            ("no message", [b""], {}, UNIMPLEMENTED),
            ("shorter than it says", [otlp.grpc_frame(body)[:-4]], {}, INTERNAL),
            ("one byte a frame", [bytes([b]) for b in otlp.grpc_frame(body)], {}, OK),
        ]
        campaign = self.plain.start_campaign("g12")
        for name, pieces, headers, code in cases:
            with self.subTest(case=name):
                reply = self.call(*pieces, **headers)
                self.assertEqual(code, grpc_status(reply), reply)
                if name == "unknown encoding":
                    accepted = {**reply.headers, **reply.trailers}["grpc-accept-encoding"]
                    self.assertIn("gzip", accepted)
                    self.assertNotIn("br", accepted)
        report = campaign.finish()
        self.assert_counts(report["ledger"]["spans"], received=4, judged=2, duplicate=2)

    def test_row_G13_an_unknown_service_or_method_is_unimplemented(self):
        for path in ("/opentelemetry.proto.collector.trace.v1.TraceService/export",
                     "/opentelemetry.proto.collector.trace.v1.TraceService/Import",
                     "/a.B/C", "/"):
            with self.subTest(path=path):
                self.assertEqual(UNIMPLEMENTED, grpc_status(self.call(EMPTY_FRAME, path=path)))

    def test_row_G14_deadlines_and_cancelled_calls(self):
        for text in ("0n", "1n"):
            reply = self.call(EMPTY_FRAME, grpc_timeout=text)
            self.assertIn(grpc_status(reply), (DEADLINE_EXCEEDED, OK))
        self.assertEqual(OK, grpc_status(self.call(EMPTY_FRAME, grpc_timeout="10S")))
        for text in ("abc", "5", "999999999H"):
            with self.subTest(timeout=text):
                self.assertEqual(INTERNAL, grpc_status(self.call(EMPTY_FRAME, grpc_timeout=text)))
        campaign = self.plain.start_campaign("g14")
        body = otlp.grpc_frame(otlp.as_protobuf(shop_trace(1)))
        with Http2(self.plain.grpc) as connection:
            stream = connection.begin([
                (":method", "POST"), (":scheme", "http"), (":path", otlp.EXPORT),
                (":authority", "x"), ("content-type", "application/grpc"), ("te", "trailers")])
            connection.send(stream, body[:-5])
            connection.reset(stream)
            self.assertEqual(OK, grpc_status(connection.call(EMPTY_FRAME)))
        self.assert_counts(campaign.finish()["ledger"]["spans"], received=0)

    def test_row_G15_pings_are_answered(self):
        with Http2(self.plain.grpc) as connection:
            connection.ping(10)
            self.assertEqual((10, False), (connection.pings, connection.closed))

    def test_row_G17_windows_are_a_mebibyte_or_more_and_a_large_body_passes(self):
        with Http2(self.plain.grpc) as connection:
            self.assertGreaterEqual(connection.settings()[4], 2**20)
            self.assertGreaterEqual(connection.connection_window(), 2**20)
            body = otlp.as_protobuf(otlp.request([
                otlp.span(1, number, "x" * 1000) for number in range(1, 8000)]))
            self.assertGreater(len(body), 8 * 10**6)
            self.assertEqual(OK, grpc_status(connection.call(otlp.grpc_frame(body))))

    def test_row_G18_a_hundred_streams_or_more_are_advertised(self):
        with Http2(self.plain.grpc) as connection:
            self.assertGreaterEqual(connection.settings()[3], 100)

    def test_row_G19_plain_http2_with_prior_knowledge(self):
        with Http2(self.plain.grpc) as connection:
            self.assertEqual(OK, grpc_status(connection.call(EMPTY_FRAME)))
        answer = raw_http(self.plain.grpc, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertNotIn(b"200 OK", answer)
        self.assert_alive()

    def test_row_G20_health_check_answers_serving(self):
        with otlp.GrpcClient(self.plain.grpc) as client:
            check = client.method("/grpc.health.v1.Health/Check")
            self.assertEqual(b"\x08\x01", check(b"", timeout=30))
            name = b"opentelemetry.proto.collector.trace.v1.TraceService"
            self.assertEqual(b"\x08\x01", check(field(1, name), timeout=30))
            with self.assertRaises(grpc.RpcError) as caught:
                check(field(1, b"no.such.Service"), timeout=30)
            self.assertEqual(grpc.StatusCode.NOT_FOUND, caught.exception.code())


class Http(Conformance):
    def assert_status_body(self, answer, kind):
        """The error carries a google.rpc.Status in the request's content type."""
        self.assertEqual(kind, answer.headers["content-type"].split(";")[0], answer)
        self.assertTrue(status_of(answer.body, kind).message, answer)

    def test_row_H1_the_default_port_is_4318(self):
        shown = harness.run_command("print-config", "--config", self.write("empty.conf", ""))
        self.assertIn("127.0.0.1:4318", shown.out)

    def test_row_H2_the_path_is_v1_traces_and_nothing_else(self):
        self.assertEqual(200, self.post(b"{}").status)
        for path in ("/", "/v1/trace", "/v1/traces/", "//v1/traces", "/v1/%74races", "/v1/traces/x"):
            with self.subTest(path=path):
                self.assertEqual(404, self.post(b"{}", path=path).status)

    def test_row_H3_both_encodings_on_one_port_also_with_parameters(self):
        for kind in (JSON, JSON + "; charset=utf-8", JSON + ";charset=UTF-8", "Application/JSON"):
            with self.subTest(kind=kind):
                self.assertEqual(200, self.post(otlp.as_json(shop_trace(1)), kind).status)
        for kind in (PROTOBUF, PROTOBUF + "; messageType=x"):
            with self.subTest(kind=kind):
                self.assertEqual(200, self.post(otlp.as_protobuf(shop_trace(1)), kind).status)

    def test_row_H4_the_answer_has_the_requests_content_type(self):
        for kind, good in ((JSON, b"{}"), (PROTOBUF, b"")):
            for body in (good, b"\xff{"):
                with self.subTest(kind=kind, body=body):
                    answer = self.post(body, kind)
                    self.assertEqual(kind, answer.headers["content-type"].split(";")[0], answer)

    def test_row_H5_gzip_is_accepted(self):
        for kind, encode in ((JSON, otlp.as_json), (PROTOBUF, otlp.as_protobuf)):
            body = gzip.compress(encode(shop_trace(1)))
            self.assertEqual(200, self.post(body, kind, Content_Encoding="gzip").status)
        self.assertEqual(400, self.post(b"no gzip", Content_Encoding="gzip").status)

    def test_row_H6_too_large_is_413_also_after_inflating(self):
        daemon = self.serve(limits={"request_bytes": "64KiB"})
        big = b" " * 70000
        answer = self.post(big, daemon=daemon)
        self.assertEqual(413, answer.status)
        self.assert_status_body(answer, JSON)
        answer = self.post(gzip.compress(b"\x00" * 10**7), PROTOBUF, daemon=daemon,
                           Content_Encoding="gzip")
        self.assertEqual(413, answer.status)
        self.assert_status_body(answer, PROTOBUF)
        announced = raw_http(daemon.http, b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: "
                             b"application/json\r\nContent-Length: 99999999\r\n\r\n")
        self.assertIn(b" 413 ", announced.split(b"\r\n")[0])
        chunk = b"%x\r\n%s\r\n" % (len(big), big)
        chunked = raw_http(daemon.http, b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: "
                           b"application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk)
        self.assertIn(b" 413 ", chunked.split(b"\r\n")[0])
        self.assert_alive(daemon)

    def test_row_H7_success_is_200_with_the_encoded_message(self):
        message = shop_trace(1)
        answer = otlp.send_http(self.plain.http, message, "json")
        self.assertEqual((200, {}), (answer.status, json.loads(answer.body)))
        answer = otlp.send_http(self.plain.http, message, "protobuf")
        self.assertEqual((200, b""), (answer.status, answer.body))
        answer = otlp.send_http(self.plain.http, otlp.request([bad_span()]), "json")
        self.assertEqual(200, answer.status)
        self.assertIn(json.loads(answer.body)["partialSuccess"]["rejectedSpans"], ("1", 1))

    def test_row_H8_H9_every_error_carries_a_status_in_the_requests_encoding(self):
        for kind in (JSON, PROTOBUF):
            for code, answer in (
                    (400, self.post(b"\xff{", kind)),
                    (404, self.post(b"", kind, path="/nowhere")),
                    (405, self.post(None, kind, method="GET")),
                    (400, self.post(b"x", kind, Content_Encoding="gzip"))):
                with self.subTest(kind=kind, code=code):
                    self.assertEqual(code, answer.status, answer)
                    self.assert_status_body(answer, kind)

    def test_row_H10_undecodable_is_400_with_field_violations(self):
        for body, kind in ((b'{"resourceSpans": 5}', JSON), (b"{", JSON), (b"\x0a\x05ab", PROTOBUF)):
            with self.subTest(body=body):
                answer = self.post(body, kind)
                self.assertEqual(400, answer.status, answer)
                details = status_of(answer.body, kind).details
                bad = error_details_pb2.BadRequest()
                self.assertTrue(any(detail.Unpack(bad) and bad.field_violations
                                    for detail in details), answer)

    def test_row_H11_H12_overload_is_503_with_retry_after(self):
        _, answer = fill_until_refused(self, "http")
        self.assertEqual(503, answer.status)
        self.assertTrue(0 < int(answer.headers["retry-after"]) <= 30)
        self.assert_status_body(answer, PROTOBUF)

    def test_row_H13_connections_are_kept_alive(self):
        host, port = self.plain.http.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=30)
        self.addCleanup(connection.close)
        for number in range(5):
            connection.request("POST", "/v1/traces", otlp.as_json(shop_trace(number)),
                               {"Content-Type": JSON})
            answer = connection.getresponse()
            answer.read()
            self.assertEqual(200, answer.status)
            self.assertFalse(answer.will_close)
        # Refusals that leave the stream in order keep the connection too.
        connection.request("POST", "/v1/traces", b"{", {"Content-Type": JSON})
        self.assertEqual(400, connection.getresponse().status)

    def test_row_H15_405_names_the_methods_and_415_the_type(self):
        for method in ("GET", "PUT", "DELETE", "PATCH"):
            with self.subTest(method=method):
                answer = self.post(None, method=method)
                self.assertEqual(405, answer.status)
                self.assertIn("POST", answer.headers["allow"])
        for kind in (None, "text/plain", "application/x-www-form-urlencoded",
                     JSON + "; charset=utf-16"):
            with self.subTest(kind=kind):
                self.assertEqual(415, self.post(b"{}", kind).status)

    def test_row_H16_expect_chunked_and_smuggling(self):
        head = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        waiting = raw_http(self.plain.http,
                           head + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n", False)
        self.assertTrue(waiting.startswith(b"HTTP/1.1 100"), waiting)
        body = otlp.as_json(shop_trace(1))
        chunks = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(body[i:i + 50]), body[i:i + 50])
                          for i in range(0, len(body), 50)) + b"0\r\nTrailer: x\r\n\r\n"
        chunked = raw_http(self.plain.http, head + b"Transfer-Encoding: chunked\r\n"
                           b"Connection: close\r\n\r\n" + chunks)
        self.assertTrue(chunked.startswith(b"HTTP/1.1 200"), chunked)
        for name, lines in (
                ("both lengths", b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"),
                ("two lengths", b"Content-Length: 2\r\nContent-Length: 3\r\n"),
                ("a list", b"Content-Length: 2, 3\r\n"), ("a sign", b"Content-Length: +2\r\n"),
                ("hexadecimal", b"Content-Length: 0x2\r\n"),
                ("blank before the colon", b"Transfer-Encoding : chunked\r\n"),
                ("a folded line", b"Content-Length: 2\r\n folded\r\n"),
                ("chunked is not last", b"Transfer-Encoding: chunked, identity\r\n")):
            with self.subTest(case=name):
                answer = raw_http(self.plain.http, head + lines + b"\r\n{}")
                self.assertRegex(answer.split(b"\r\n")[0], rb"^HTTP/1\.1 (400|501) ")
                self.assertEqual(1, answer.count(b"HTTP/1.1"))

    def test_row_H17_gzip_members_are_joined_and_bombs_stopped(self):
        body = otlp.as_json(shop_trace(1))
        two = gzip.compress(body[:100]) + gzip.compress(body[100:])
        self.assertEqual(200, self.post(two, Content_Encoding="gzip").status)
        bomb = gzip.compress(b"\x00" * (65 * 2**20))
        self.assertLess(len(bomb), 100_000)
        self.assertEqual(413, self.post(bomb, PROTOBUF, Content_Encoding="gzip").status)
        for name, broken in (("cut", two[:-4]), ("trailing bytes", two + b"xx"),
                             ("wrong sum", two[:-8] + b"\0\0\0\0" + two[-4:])):
            with self.subTest(case=name):
                self.assertEqual(400, self.post(broken, Content_Encoding="gzip").status)
        self.assert_alive()

    def test_row_H19_an_unknown_encoding_is_415_and_names_the_known(self):
        answer = self.post(b"{}", Content_Encoding="br")
        self.assertEqual(415, answer.status)
        self.assertIn("gzip", answer.headers["accept-encoding"])
        self.assertEqual(200, self.post(b"{}", Content_Encoding="identity").status)


class Judged(Conformance):
    """Rows that a verdict shows."""

    def judge(self, body, conditions, select="span[]", kind=JSON, status=200, **assertion):
        """Sends a request to a daemon of its own; the final counts of one assertion, the report."""
        suite = {"name": "s", "assertions": [
            {"name": "a", "select": select, "assert": conditions, **assertion}]}
        daemon = self.serve(suites=[suite])
        campaign = daemon.start_campaign("c")
        if isinstance(body, dict):
            body = json.dumps(body)
        self.answer = self.post(body, kind, daemon=daemon)
        self.assertEqual(status, self.answer.status, self.answer)
        report = campaign.finish()
        self.assert_balanced(report)
        return assertion_of(report, "s", "a"), report

    def assert_holds(self, body, conditions, select="span[]", **more):
        counts, report = self.judge(body, conditions, select, **more)
        self.assert_counts(counts, **{"pass": 1}, fail=0, error=0, inconclusive=0)
        return report


class JsonMapping(Judged):
    def test_row_J1_ids_are_hex_in_any_case(self):
        span = otlp.span("A55E27D00000000000000000000000Ab", "5A00000000000AbC", "a",
                         links=[{"traceId": "AB" * 16, "spanId": "CD" * 8}])
        report = self.assert_holds(otlp.request([span]), "count = 1")
        self.assertEqual(1, report["ledger"]["spans"]["judged"])
        body = otlp.request([otlp.span("zz" * 16, 1, "a")])
        self.assertIn(self.post(otlp.as_json(body)).status, (200, 400))

    def test_row_J2_enum_names_are_refused(self):
        body = otlp.request([otlp.span(1, 1, "a")])
        body["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["kind"] = "SPAN_KIND_SERVER"
        self.assertEqual(400, self.post(otlp.as_json(body)).status)

    def test_row_J3_unknown_keys_are_ignored_at_any_depth(self):
        body = otlp.request([otlp.span(1, 1, "a", attrs={"k": 1}, extra={"b": [1, {"c": None}]})])
        resource = body["resourceSpans"][0]
        resource.update({"x": [[[]]], "schemaUrl": "u"})
        resource["resource"]["entityRefs"] = [{"type": "t"}]
        resource["scopeSpans"][0]["spans"][0]["attributes"][0]["more"] = {}
        resource["scopeSpans"][0]["spans"][0]["attributes"][0]["value"]["more"] = "1"
        self.assert_holds({"later": {}, **body}, "k = 1")

    def test_row_J4_snake_case_keys_are_unknown_and_warned_of(self):
        body = otlp.request([otlp.span(1, 1, "a", start_time_unix_nano="5")])
        answer = self.post(otlp.as_json(body))
        self.assertEqual(200, answer.status)
        partial = json.loads(answer.body).get("partialSuccess", {})
        self.assertIn(partial.get("rejectedSpans", 0), (0, "0"))
        self.assertIn("start_time_unix_nano", partial.get("errorMessage", ""))

    def test_row_J5_64_bit_integers_come_as_text_or_number(self):
        for number, text in ((5, "5"), (-5, "-5"), (2**53 + 1, str(2**53 + 1)),
                             (2**63 - 1, str(2**63 - 1)), (-2**63, str(-2**63))):
            for form in (number, text):
                with self.subTest(form=form):
                    span = otlp.span(1, 1, "a")
                    span["attributes"] = [{"key": "k", "value": {"intValue": form}}]
                    span["startTimeUnixNano"] = int(span["startTimeUnixNano"])
                    self.assert_holds(otlp.request([span]), [f"k = {number}", "duration = 1ms"])

    def test_row_J6_bytes_and_special_doubles(self):
        span = otlp.span(1, 1, "a")
        span["attributes"] = [
            {"key": "b", "value": {"bytesValue": "aGk_aGk-"}},
            {"key": "unpadded", "value": {"bytesValue": "aGk"}},
            {"key": "nan", "value": {"doubleValue": "NaN"}},
            {"key": "inf", "value": {"doubleValue": "Infinity"}},
            {"key": "low", "value": {"doubleValue": "-Infinity"}},
            {"key": "e", "value": {"doubleValue": 1.5e3}},
            {"key": "t", "value": {"doubleValue": "2.5"}}]
        self.assert_holds(otlp.request([span]), [
            "b exists", "unpadded exists", "nan exists", "inf > 1e300", "low < -1e300", "e = 1500",
            "t = 2.5"])

    def test_row_J7_null_is_absent_and_the_last_key_wins(self):
        span = json.dumps(otlp.span(1, 1, "a", attrs={"k": 1}, events=None, links=None,
                                    parentSpanId=None, traceState=None))
        span = span.replace('"name": "a"', '"name": "first", "name": "a"')
        body = otlp.as_json(otlp.request([{"here": 1}])).replace(b'{"here": 1}', span.encode())
        self.assert_holds(body, ["count = 1", "name = 'a'", "k = 1"])

    def test_row_J8_a_span_without_an_id_is_rejected_alone(self):
        good = otlp.span(1, 1, "a")
        for name in ("traceId", "spanId"):
            for bad in ("", None):
                with self.subTest(name=name, bad=bad):
                    broken = {**otlp.span(1, 2, "b"), name: bad}
                    if bad is None:
                        del broken[name]
                    counts, report = self.judge(otlp.request([good, broken]), "count = 1")
                    self.assert_counts(report["ledger"]["spans"], received=2, judged=1, rejected=1)
                    self.assertIn(json.loads(self.answer.body)["partialSuccess"]["rejectedSpans"],
                                  (1, "1"))
                    self.assertEqual(1, counts["pass"] + counts["inconclusive"])

    def test_row_J9_depth_utf8_and_trailing_garbage(self):
        good = otlp.as_json(otlp.request([otlp.span(1, 1, "a")]))
        deep = {"stringValue": "x"}
        for _ in range(2000):
            deep = {"arrayValue": {"values": [deep]}}
        span = otlp.span(1, 1, "a")
        span["attributes"] = [{"key": "k", "value": deep}]
        for name, body in (("deep value", otlp.as_json(otlp.request([span]))),
                           ("deep unknown", b'{"x":' + b"[" * 5000 + b"]" * 5000 + b"}"),
                           ("not UTF-8", good.replace(b'"a"', b'"\xff\xfe"')),
                           ("trailing garbage", good + b"x"), ("two documents", good + good),
                           ("cut", good[:-5]), ("a list", b"[]"), ("a text", b'"x"')):
            with self.subTest(case=name):
                self.assertEqual(400, self.post(body).status)
        self.assertEqual(200, self.post(good + b" \n\t").status)
        self.assert_alive()

    def test_row_J10_a_file_of_lines_in_any_order(self):
        trace = shop_trace(1)["resourceSpans"][0]["scopeSpans"][0]["spans"]
        path = self.write("t.jsonl", [otlp.request(trace[1:]), shop_trace(2),
                                      otlp.request(trace[:1])])
        done = harness.run_command("check", "--config",
                                   self.write("c.conf", config(suites=[SHOP_SUITE])),
                                   "--format", "json", path)
        self.assert_counts(suite_of(done.json(), "shop")["traces"], judged=2, **{"pass": 2})


class DataModel(Judged):
    def test_row_D1_D2_invalid_ids_are_rejected_and_the_rest_is_kept(self):
        for bad in (otlp.span("00" * 16, 2, "b"), otlp.span("ab" * 8, 2, "b"),
                    otlp.span(1, "00" * 8, "b"), otlp.span(1, "ab" * 4, "b"),
                    otlp.span(1, "ab" * 9, "b")):
            with self.subTest(span=bad):
                body = otlp.as_protobuf(otlp.request([otlp.span(1, 1, "a"), bad]))
                _, report = self.judge(body, "count = 1", kind=PROTOBUF)
                self.assert_counts(report["ledger"]["spans"], received=2, judged=1, rejected=1)

    def test_row_D3_flags_sampled_unknown_and_reserved_bits(self):
        cases = {0: "pass", 1: "pass", 0x101: "pass", 0x100: "pass", 0x301: "pass",
                 0xFFFFFC01: "pass", 0xFFFFFC00: "pass", 0x102: "inconclusive", 2: "inconclusive"}
        for flags, result in cases.items():
            with self.subTest(flags=hex(flags)):
                counts, _ = self.judge(otlp.request([otlp.span(1, 1, "a", flags=flags)]),
                                       "count = 1")
                self.assert_counts(counts, **{result: 1})

    def test_row_D4_every_kind_of_value_is_accepted(self):
        span = otlp.span(1, 1, "a", attrs={
            "mixed": [1, "x", True, 2.5, [1], {"k": 1}], "map": {"a": {"b": [1]}}, "none": None,
            "empty": [], "last": 7})
        span["attributes"].append({"key": "bytes", "value": {"bytesValue": "AAEC"}})
        for kind, body in ((JSON, otlp.as_json(otlp.request([span]))),
                           (PROTOBUF, otlp.as_protobuf(otlp.request([span])))):
            with self.subTest(kind=kind):
                self.assert_holds(body, ["mixed contains 'x'", "mixed contains 2.5", "map exists",
                                         "none missing", "empty exists", "bytes exists",
                                         "last = 7"], kind=kind)

    def test_row_D5_the_last_of_several_equal_keys_counts(self):
        span = otlp.span(1, 1, "a")
        span["attributes"] = [{"key": "k", "value": otlp.value(number)} for number in (1, 2, 3)]
        self.assert_holds(otlp.request([span]), "k = 3")

    def test_row_D6_resource_scope_and_status_may_be_absent(self):
        span = otlp.span(1, 1, "a")
        del span["status"]
        body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
        for kind, encoded in ((JSON, otlp.as_json(body)), (PROTOBUF, otlp.as_protobuf(body))):
            with self.subTest(kind=kind):
                self.assert_holds(encoded, ["service = ''", "status = unset"], kind=kind)

    def test_row_D7_an_unspecified_or_unknown_kind_reads_as_internal(self):
        for kind in (0, 6, 99):
            with self.subTest(kind=kind):
                self.assert_holds(otlp.request([{**otlp.span(1, 1, "a"), "kind": kind}]),
                                  "kind = internal")

    def test_row_D8_a_span_that_ends_before_it_starts_is_inconclusive(self):
        counts, report = self.judge(otlp.request([otlp.span(1, 1, "a", ms=-5)]), "duration < 1s")
        self.assert_counts(counts, **{"pass": 0}, fail=0, inconclusive=1)
        self.assertIn("clock", json.dumps(report["suites"]))

    def test_row_D9_dropped_attributes_make_a_missing_key_inconclusive(self):
        body = otlp.request([otlp.span(1, 1, "a", attrs={"k": 1}, droppedAttributesCount=2)])
        counts, _ = self.judge(body, "other = 1")
        self.assert_counts(counts, fail=0, inconclusive=1)
        self.assert_holds(body, "k = 1")

    def test_row_D11_split_messages_merge_and_scalars_are_last_wins(self):
        span = otlp.as_protobuf(otlp.request([otlp.span(1, 1, "first", status="unset")]))
        inner = span_bytes(span)
        # name again, and status in two pieces: its message, then its code
        inner += field(5, b"last") + field(15, field(2, b"boom")) + field(15, b"\x18\x02")
        resource = field(1, field(1, field(1, b"service.name") + field(2, field(1, b"split"))))
        more = field(1, field(1, field(1, b"zone") + field(2, field(1, b"z1"))))
        body = field(1, resource + field(2, field(2, inner)) + more)
        self.assert_holds(body, ["name = 'last'", "status = error", "service = 'split'",
                                 "resource:zone = 'z1'"], kind=PROTOBUF)

    def test_row_D12_the_resource_may_follow_its_spans(self):
        inner = span_bytes(otlp.as_protobuf(otlp.request([otlp.span(1, 1, "a")])))
        resource = field(1, field(1, field(1, b"service.name") + field(2, field(1, b"late"))))
        scope = field(1, field(1, b"later scope"))
        body = field(1, field(2, field(2, inner) + scope) + resource)
        self.assert_holds(body, ["service = 'late'", "scope:name = 'later scope'"], kind=PROTOBUF)

    def test_row_D13_the_reserved_field_1000_is_skipped(self):
        inner = span_bytes(otlp.as_protobuf(otlp.request([otlp.span(1, 1, "a")])))
        old = field(1000, field(2, inner))
        report = self.assert_holds(field(1, old + field(2, field(2, inner))), "count = 1",
                                   kind=PROTOBUF)
        self.assert_counts(report["ledger"]["spans"], received=1, judged=1)


def span_bytes(request):
    """The bytes of the only span of an encoded request."""
    message = otlp.service.ExportTraceServiceRequest.FromString(request)
    return message.resource_spans[0].scope_spans[0].spans[0].SerializeToString()


if __name__ == "__main__":
    harness.main()
