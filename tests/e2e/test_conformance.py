"""The OTLP server checklist on the running daemon, rows C: what both transports share."""
import gzip
import json
import os
import re
import unittest

from tests.e2e import harness, otlp
from tests.e2e.conformance import (
    EMPTY_FRAME, JSON, OK, PROTOBUF, RESOURCE_EXHAUSTED, Conformance, bad_span, field,
    fill_until_refused, varint)
from tests.e2e.harness import ROOT, shop_trace, suite_of
from tests.e2e.http2 import grpc_status


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


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


class Table(unittest.TestCase):
    """docs/conformance.md has each row once, and the tests that it names are there."""

    def setUp(self):
        self.table = read("docs", "conformance.md")

    def test_every_row_stands_in_it_once(self):
        rows = re.findall(r"^\| ([A-Z]\d+) \|", self.table, re.MULTILINE)
        self.assertEqual([f"{kind}{number}" for kind, last in zip("CGHJD", (14, 20, 19, 10, 13))
                          for number in range(1, last + 1)], rows)

    def test_every_test_that_it_names_exists_and_none_is_forgotten(self):
        tests = [read("tests", "e2e", name) for name in os.listdir(os.path.join(ROOT, "tests", "e2e"))
                 if name.startswith("test_")]
        there = set(re.findall(r"def (test_\w+)", "".join(tests)))
        named = set(re.findall(r"`(test_\w+)`", self.table))
        self.assertEqual(set(), named - there)
        self.assertEqual(set(), {name for name in there if name.startswith("test_row_")} - named)


if __name__ == "__main__":
    harness.main()
