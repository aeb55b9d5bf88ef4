"""The OTLP server checklist on the running daemon, rows J and D: the JSON mapping, the data model."""
import json

from tests.e2e import harness, otlp
from tests.e2e.conformance import JSON, PROTOBUF, Conformance, field
from tests.e2e.harness import SHOP_SUITE, assertion_of, config, shop_trace, suite_of


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
        deep = b'{"arrayValue":{"values":[' * 2000 + b'{"stringValue":"x"}' + b"]}}" * 2000
        deep = good.replace(b'"attributes": []', b'"attributes":[{"key":"k","value":' + deep + b"}]")
        self.assertGreater(len(deep), 2000)
        for name, body in (("deep value", deep),
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

    def test_row_D5_equal_keys_are_counted(self):
        span = otlp.span(1, 1, "a")
        span["attributes"] = [{"key": "k", "value": otlp.value(number)} for number in (1, 2, 3)]
        self.assertEqual(200, self.post(otlp.as_protobuf(otlp.request([span])), PROTOBUF).status)
        duplicates = self.plain.metrics()[("assertd_attributes_duplicate_total",
                                           (("transport", "http"),))]
        self.assertEqual(2, duplicates)

    def test_text_that_is_not_utf8_is_taken_with_a_warning(self):
        body = otlp.as_protobuf(otlp.request([otlp.span(1, 1, "nAme", attrs={"k": "tExt"})]))
        for broken in (body.replace(b"nAme", b"n\xffme"), body.replace(b"tExt", b"t\xc3xt")):
            with self.subTest(body=broken):
                answer = self.post(broken, PROTOBUF)
                self.assertEqual(200, answer.status)
                told = otlp.PARTIAL.FromString(answer.body).partial_success
                self.assertEqual(0, told.rejected_spans)
                self.assertIn("not UTF-8", told.error_message)

    def test_strings_of_a_table_are_absent_with_a_warning(self):
        span = otlp.span(1, 1, "a", attrs={"other": 1})
        span["attributes"].append({"key": "k", "value": {"stringValueStrindex": 3}})
        body = otlp.request([span])
        for kind, encoded in ((JSON, otlp.as_json(body)), (PROTOBUF, otlp.as_protobuf(body))):
            with self.subTest(kind=kind):
                answer = self.post(encoded, kind)
                self.assertEqual(200, answer.status, answer)
                self.assertIn(b"table of strings", answer.body)

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
