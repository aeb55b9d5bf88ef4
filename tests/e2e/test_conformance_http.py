"""The OTLP server checklist on the running daemon, rows H: OTLP/HTTP."""
import gzip
import http.client
import json
import zlib

from google.rpc import error_details_pb2

from tests.e2e import harness, otlp
from tests.e2e.conformance import (
    JSON, PROTOBUF, Conformance, bad_span, fill_until_refused, raw_http, status_of)
from tests.e2e.harness import shop_trace


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

    def test_row_H2_another_path_may_be_configured(self):
        daemon = self.serve(receivers={"otlp": {"http": {"traces_path": "/spans"}}})
        self.assertEqual(200, self.post(b"{}", path="/spans", daemon=daemon).status)
        self.assertEqual(404, self.post(b"{}", daemon=daemon).status)
        for path in ("spans", "", "/a b", "/a?b", "/a%20b", "/a#b"):
            with self.subTest(path=path):
                done = harness.run_command("validate", "--config", self.write("empty.conf", ""),
                                           "--set", f"receivers.otlp.http.traces_path={path}")
                self.assertEqual(2, done.code)
                self.assertIn("traces_path", done.out + done.err)

    def test_row_H18_browsers_of_allowed_origins_may_send(self):
        daemon = self.serve(receivers={"otlp": {"http": {"cors": {
            "allowed_origins": ["https://*.shop.example"], "allowed_headers": ["X-Tenant"]}}}})
        asked = {"Access_Control_Request_Method": "POST",
                 "Access_Control_Request_Headers": "content-type,x-tenant"}
        leave = self.post(None, None, method="OPTIONS", daemon=daemon,
                          Origin="https://www.shop.example", **asked)
        self.assertEqual((204, b""), (leave.status, leave.body))
        self.assertEqual("https://www.shop.example", leave.headers["access-control-allow-origin"])
        self.assertIn("X-Tenant", leave.headers["access-control-allow-headers"])
        answer = self.post(b"{}", daemon=daemon, Origin="https://www.shop.example")
        self.assertEqual(200, answer.status)
        self.assertEqual("https://www.shop.example", answer.headers["access-control-allow-origin"])
        for origin, server in (("https://evil.example", daemon),
                               ("https://www.shop.example", self.plain)):
            with self.subTest(origin=origin):
                refused = self.post(None, None, method="OPTIONS", daemon=server, Origin=origin,
                                    **asked)
                self.assertEqual(405, refused.status)
                self.assertNotIn("access-control-allow-origin", refused.headers)
        done = harness.run_command("validate", "--config", self.write("empty.conf", ""), "--set",
                                   "receivers.otlp.http.cors.allowed_origins=https://*.*")
        self.assertEqual(2, done.code)

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
        for encoding in ("br", "snappy", "lz4", "gzip, gzip", "zlib"):
            with self.subTest(encoding=encoding):
                answer = self.post(b"{}", Content_Encoding=encoding)
                self.assertEqual(415, answer.status)
                self.assertEqual("gzip, zstd, deflate, identity",
                                 answer.headers["accept-encoding"])
        self.assertEqual(200, self.post(b"{}", Content_Encoding="identity").status)

    def test_row_H19_zstd_and_deflate_are_accepted(self):
        for number, (kind, encode) in enumerate(((JSON, otlp.as_json),
                                                 (PROTOBUF, otlp.as_protobuf))):
            body = encode(shop_trace(number))
            for encoding, packed in (("zstd", otlp.zstd(body)), ("deflate", zlib.compress(body)),
                                     ("zstd", otlp.zstd(body[:50]) + otlp.zstd(body[50:])),
                                     ("ZSTD", otlp.zstd(body))):
                with self.subTest(kind=kind, encoding=encoding):
                    answer = self.post(packed, kind, Content_Encoding=encoding)
                    self.assertEqual(200, answer.status, answer)
        for encoding, broken in (
                ("zstd", otlp.zstd(b"{}")[:-1]), ("zstd", otlp.zstd(b"{}") + b"x"),
                ("zstd", otlp.zstd(b"{}", told=2**62)), ("zstd", b"{}"), ("deflate", b"{}"),
                ("deflate", zlib.compress(b"{}")[:-1]), ("deflate", zlib.compress(b"{}")[2:-4])):
            with self.subTest(encoding=encoding, broken=broken):
                self.assertEqual(400, self.post(broken, Content_Encoding=encoding).status)
        for encoding, bomb in (("zstd", otlp.zstd_bomb(65)),
                               ("deflate", zlib.compress(b"\0" * (65 * 2**20)))):
            with self.subTest(encoding=encoding):
                self.assertLess(len(bomb), 100_000)
                answer = self.post(bomb, PROTOBUF, Content_Encoding=encoding)
                self.assertEqual(413, answer.status)
        self.assert_alive()


if __name__ == "__main__":
    harness.main()
