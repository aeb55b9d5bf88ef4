"""The OTLP server checklist on the running daemon, rows G: OTLP/gRPC."""
import gzip
import urllib.parse
import zlib

import grpc

from tests.e2e import harness, otlp
from tests.e2e.conformance import (
    DEADLINE_EXCEEDED, EMPTY_FRAME, INTERNAL, INVALID_ARGUMENT, OK, RESOURCE_EXHAUSTED, RETRYABLE,
    UNAVAILABLE, UNIMPLEMENTED, Conformance, details_of, field, fill_until_refused, raw_http,
    retry_delay)
from tests.e2e.harness import shop_trace
from tests.e2e.http2 import Http2, grpc_status


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
            ("zstd", [otlp.grpc_frame(otlp.zstd(body), 1)], {"grpc_encoding": "zstd"}, OK),
            ("cut zstd", [otlp.grpc_frame(otlp.zstd(body)[:-1], 1)], {"grpc_encoding": "zstd"},
             INTERNAL),
            ("deflate", [otlp.grpc_frame(zlib.compress(body), 1)], {"grpc_encoding": "deflate"},
             OK),
            ("cut deflate", [otlp.grpc_frame(zlib.compress(body)[:-1], 1)],
             {"grpc_encoding": "deflate"}, INTERNAL),
            ("a bomb", [otlp.grpc_frame(otlp.zstd_bomb(65), 1)], {"grpc_encoding": "zstd"},
             RESOURCE_EXHAUSTED),
            ("flag 0 with an encoding", [otlp.grpc_frame(body)], {"grpc_encoding": "gzip"}, OK),
            ("flag 0 with an unknown one", [otlp.grpc_frame(body)], {"grpc_encoding": "br"}, OK),
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
                    self.assertEqual("identity,gzip,zstd,deflate", accepted)
                    self.assertNotIn("br", accepted)
        report = campaign.finish()
        self.assert_counts(report["ledger"]["spans"], received=10, judged=2)

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

    def test_row_G15_too_many_pings_end_the_connection_where_that_is_configured(self):
        daemon = self.serve(receivers={"otlp": {"grpc": {"keepalive": {"min_time": "10s"}}}})
        with Http2(daemon.grpc) as connection:
            connection.ping(10)
            self.assertEqual(11, connection.wait_for_goaway())  # ENHANCE_YOUR_CALM
        with Http2(daemon.grpc) as connection:
            for _ in range(10):  # an answer in between makes up for it
                connection.ping(1)
                self.assertEqual(OK, grpc_status(connection.call(EMPTY_FRAME)))
            self.assertIsNone(connection.goaway)

    def test_row_G15_a_silent_peer_is_asked_and_given_up(self):
        daemon = self.serve(receivers={"otlp": {"grpc": {"keepalive": {
            "time": "50ms", "timeout": "100ms"}}}})
        with Http2(daemon.grpc) as connection:
            connection.settings()
            told = connection.read_without_answering()
            self.assertIn(b"\x00\x00\x08\x06\x00\x00\x00\x00\x00", told)  # a PING
        self.assertEqual(1, daemon.metrics()[("assertd_timeouts_total",
                                              (("transport", "grpc"),))])
        self.assert_alive(daemon)

    def test_row_G16_old_connections_are_sent_away(self):
        daemon = self.serve(receivers={"otlp": {"grpc": {"keepalive": {
            "max_connection_age": "300ms"}}}})
        with Http2(daemon.grpc) as connection:
            self.assertEqual(OK, grpc_status(connection.call(EMPTY_FRAME)))
            self.assertEqual(0, connection.wait_for_goaway())
        self.assert_alive(daemon)

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

    def test_row_G18_the_number_of_streams_is_configurable(self):
        daemon = self.serve(receivers={"otlp": {"grpc": {"max_concurrent_streams": 7}}})
        with Http2(daemon.grpc) as connection:
            self.assertEqual(7, connection.settings()[3])

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

    def test_row_G20_health_check_may_be_compressed(self):
        reply = self.call(otlp.grpc_frame(gzip.compress(b""), 1), grpc_encoding="gzip",
                          path="/grpc.health.v1.Health/Check")
        self.assertEqual((OK, otlp.grpc_frame(b"\x08\x01")), (grpc_status(reply), reply.body))

    def test_row_G20_health_watch_tells_until_the_end(self):
        daemon = self.serve()
        channel = grpc.insecure_channel(daemon.grpc)
        self.addCleanup(channel.close)
        watch = channel.unary_stream("/grpc.health.v1.Health/Watch")
        whole, unknown = watch(b"", timeout=60), watch(field(1, b"no.such.Service"), timeout=60)
        self.assertEqual(b"\x08\x01", next(whole))
        self.assertEqual(b"\x08\x03", next(unknown))
        given_up = watch(b"", timeout=60)
        self.assertEqual(b"\x08\x01", next(given_up))
        given_up.cancel()
        self.assert_alive(daemon)
        self.assertEqual(0, daemon.stop())
        self.assertEqual(b"\x08\x02", next(whole))
        with self.assertRaises(grpc.RpcError) as caught:
            next(whole)
        self.assertEqual(grpc.StatusCode.UNAVAILABLE, caught.exception.code())


if __name__ == "__main__":
    harness.main()
