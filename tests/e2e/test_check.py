"""`assertd check`: recorded traces judged offline."""
import gzip
import json
import xml.etree.ElementTree as ElementTree

from tests.e2e import harness, otlp
from tests.e2e.harness import SHOP_SUITE, assertion_of, config, shop_trace, suite_of

GOOD, BAD = shop_trace(1), shop_trace(2, stored=2)


class Check(harness.TestCase):
    def check(self, *traces, settings=None, stdin=None, **more):
        path = self.write("assertd.conf", settings or config(suites=[SHOP_SUITE], **more))
        return harness.run_command("check", "--config", path, *traces, stdin=stdin)

    def test_good_traces_end_with_0_and_bad_ones_with_99(self):
        good = self.write("good.json", json.dumps(GOOD))
        done = self.check(good)
        self.assert_exit(harness.EXIT_SUCCESS, done)
        self.assertIn("SUCCESSFUL", done.out + done.err)
        done = self.check(good, self.write("bad.json", json.dumps(BAD)))
        self.assert_exit(harness.EXIT_FAILED, done)
        self.assertIn(otlp.trace_id(2), done.out + done.err)

    def test_every_form_of_a_file_is_told_by_its_content(self):
        both = {"resourceSpans": GOOD["resourceSpans"] + BAD["resourceSpans"]}
        forms = {
            "document": json.dumps(both).encode(),
            "indented": json.dumps(both, indent=2).encode(),
            "lines": (json.dumps(GOOD) + "\n" + json.dumps(BAD) + "\n").encode(),
            "lines without a last newline": (json.dumps(GOOD) + "\n" + json.dumps(BAD)).encode(),
            "protobuf": otlp.as_protobuf(both),
            "several protobuf requests": otlp.as_protobuf(GOOD) + otlp.as_protobuf(BAD),
        }
        forms.update({f"gzip of {name}": gzip.compress(body) for name, body in list(forms.items())})
        reports = {}
        for name, body in forms.items():
            with self.subTest(form=name):
                path = self.write("traces", body)
                done = self.check("--format", "json", "--campaign", "c", path)
                self.assert_exit(harness.EXIT_FAILED, done)
                report = done.json()
                self.assert_counts(suite_of(report, "shop")["traces"], judged=2, **{"pass": 1},
                                   fail=1)
                self.assert_balanced(report)
                reports[name] = self.without_times(report)
        first = reports["document"]
        for name, report in reports.items():
            self.assertEqual(first, report, name)

    @staticmethod
    def without_times(report):
        return {**report, "campaign": {**report["campaign"], "start": None, "end": None}}

    def test_standard_input_is_read_as_a_file_is(self):
        done = self.check("--format", "json", "-", stdin=json.dumps(BAD).encode())
        self.assert_exit(harness.EXIT_FAILED, done)
        self.assert_status("FAILED", done.json())
        self.assertEqual("check", done.json()["campaign"]["key"])
        done = self.check("-", stdin=gzip.compress(otlp.as_protobuf(GOOD)))
        self.assert_exit(harness.EXIT_SUCCESS, done)

    def test_a_trace_may_be_spread_over_files(self):
        spans = GOOD["resourceSpans"][0]["scopeSpans"][0]["spans"]
        done = self.check("--format", "json",
                          self.write("a", otlp.as_protobuf(otlp.request(spans[1:]))),
                          self.write("b", json.dumps(otlp.request(spans[:1]))))
        self.assert_exit(harness.EXIT_SUCCESS, done)
        self.assert_counts(suite_of(done.json(), "shop")["traces"], judged=1, **{"pass": 1})

    def test_what_is_no_recording_ends_with_1(self):
        good = self.write("good", json.dumps(GOOD))
        for name, body in (("words", b"hello, world"), ("binary", bytes(range(256)) * 4),
                           ("cut", json.dumps(GOOD).encode()[:-40]),
                           ("cut gzip", gzip.compress(json.dumps(GOOD).encode())[:-20]),
                           ("cut protobuf", otlp.as_protobuf(GOOD)[:-3])):
            with self.subTest(name=name):
                path = self.write("garbage", body)
                done = self.check(good, path)
                self.assert_exit(harness.EXIT_USAGE, done)
                self.assertIn("garbage", done.err)

    def test_a_file_that_is_not_there_ends_with_1(self):
        done = self.check(self.path("nowhere"))
        self.assert_exit(harness.EXIT_USAGE, done)
        self.assertIn("nowhere", done.err)

    def test_no_trace_at_all_ends_with_121(self):
        done = self.check(self.write("empty", json.dumps({"resourceSpans": []})))
        self.assert_exit(harness.EXIT_NO_DATA, done)
        self.assertIn("NO_DATA", done.out + done.err)

    def test_a_broken_configuration_ends_with_2(self):
        good = self.write("good", json.dumps(GOOD))
        suite = {"name": "s", "assertions": [{"name": "a", "select": "span[name='x'",
                                              "assert": "count = 1"}]}
        done = self.check(good, settings=config(suites=[suite]))
        self.assert_exit(harness.EXIT_CONFIG, done)
        self.assertRegex(done.err, r"assertd\.conf:\d+: ")

    def test_json_on_standard_output_is_one_object_and_nothing_else(self):
        done = self.check("--format", "json", self.write("t", json.dumps(BAD)))
        self.assertEqual(1, done.json()["schema_version"])
        self.assertEqual("FAILED", done.json()["campaign"]["status"])

    def test_reports_go_to_files(self):
        done = self.check("--report", f"json={self.path('r.json')}", "--report",
                          f"junit={self.path('r.xml')}", self.write("t", json.dumps(BAD)))
        self.assert_exit(harness.EXIT_FAILED, done)
        self.assert_status("FAILED", self.read_json("r.json"))
        root = ElementTree.parse(self.path("r.xml")).getroot()
        self.assertEqual(["stored once"], [case.get("name") for case in root.iter("testcase")
                                           if case.find("failure") is not None])

    def test_each_form_shows_the_tree_of_a_failing_trace_and_what_decided(self):
        report = {name: self.path(name) for name in ("report.txt", "report.json", "report.xml")}
        done = self.check(self.write("bad.json", [GOOD, BAD]), "--report", f"text={report['report.txt']}",
                          "--report", f"json={report['report.json']}", "--report", f"junit={report['report.xml']}")
        self.assert_exit(harness.EXIT_FAILED, done)
        tree, = suite_of(self.read_json("report.json"), "shop")["trees"]
        self.assertEqual((otlp.trace_id(2), 0), (tree["trace_id"], tree["omitted"]))
        self.assertEqual([(0, "POST /orders", False), (1, "store", True), (1, "store", True)],
                         [(span["depth"], span["name"], span["decides"]) for span in tree["spans"]])
        in_xml = ElementTree.parse(report["report.xml"]).getroot().find("testsuite/system-out").text
        with open(report["report.txt"], encoding="utf-8") as file:
            in_text = file.read()
        for text in (in_xml, in_text):
            self.assertEqual(2, len([line for line in text.splitlines() if line.strip().startswith(">   store  [")]), text)

    def test_with_injections_only_listed_traces_are_judged(self):
        injections = self.write("injections", [
            {"trace_id": otlp.trace_id(1), "status": 200}, {"trace_id": otlp.trace_id(3)}])
        done = self.check("--format", "json", "--injections", injections,
                          self.write("t", [GOOD, BAD]))
        report = done.json()
        self.assert_counts(suite_of(report, "shop")["traces"], judged=1, **{"pass": 1})
        self.assert_counts(report["correlation"], matched=1, missing=1)
        self.assert_counts(report["ledger"]["spans"], received=5, judged=2, outside=3)
        self.assert_balanced(report)
        self.assert_exit(harness.EXIT_INCONCLUSIVE, done)

    def test_a_suite_in_a_file_of_its_own_is_judged_too(self):
        suite = self.write("extra.conf", {"name": "extra", "assertions": [
            {"name": "never", "select": "span[name='store']", "assert": "count = 0"}]})
        done = self.check("--format", "json", "--suite", suite,
                          self.write("t", json.dumps(GOOD)))
        self.assert_exit(harness.EXIT_FAILED, done)
        self.assertEqual(["shop", "extra"], [s["name"] for s in done.json()["suites"]])
        self.assert_counts(assertion_of(done.json(), "extra", "never"), fail=1)

    def test_fail_on_turns_a_failure_green(self):
        self.assert_exit(0, self.check("--fail-on", "no-data", self.write("t", json.dumps(BAD))))

    def test_thresholds_are_judged_over_all_traces(self):
        suite = {**SHOP_SUITE, "thresholds": [
            {"name": "quick", "rule": "p(50)($s.duration) < 6ms"},
            {"name": "slow", "rule": "max($s.duration) < 6ms"},
            {"name": "failing", "rule": "ratio(fail) <= 50%"}],
            "spans": {"s": "span[name='store']:first"}}
        done = self.check("--format", "json", self.write("t", [
            shop_trace(number, store_ms=5 if number else 30) for number in range(10)]),
            settings=config(suites=[suite]))
        self.assert_exit(harness.EXIT_FAILED, done)
        results = {row["name"]: row for row in suite_of(done.json(), "shop")["thresholds"]}
        self.assertEqual({"quick": "pass", "slow": "fail", "failing": "pass"},
                         {name: row["result"] for name, row in results.items()})
        self.assertEqual(10, results["quick"]["samples"])
        self.assertAlmostEqual(5e6, results["quick"]["value"], delta=5e4)

    def test_a_skipped_threshold_tells_nothing_of_its_samples(self):
        rule = {"name": "from injection", "rule": "p(50)($s.end - $injection.time) < 6ms"}
        suite = {**SHOP_SUITE, "spans": {"s": "span[name='store']:first"},
                 "thresholds": [rule, {**rule, "name": "apart", "by": ["zone"]}]}
        injections = self.write("injections", [{"trace_id": otlp.trace_id(1), "zone": "eu",
                                                "time_unix_nano": "1000"}])
        done = self.check("--format", "json", "--injections", injections, self.write("t", [GOOD]),
                          settings=config(suites=[suite], campaign={"correlation": "off"}))
        for row in suite_of(done.json(), "shop")["thresholds"]:
            self.assert_counts(row, result="skipped", value=None, samples=0, absent=0)
            self.assertNotIn("distribution", row)
            self.assertFalse(row.get("by"))

    def test_a_skipped_threshold_has_no_windows_that_broke(self):
        suite = {**SHOP_SUITE, "thresholds": [
            {"name": "it", "rule": "ratio(missing) <= 0", "over": "1s", "min_samples": 1}]}
        injections = self.write("injections", [
            {"trace_id": otlp.trace_id(1000 + number), "time_unix_nano": str(2 * number * 10**9)}
            for number in range(50)])
        done = self.check("--format", "json", "--injections", injections, self.write("t", [GOOD]),
                          settings=config(suites=[suite], campaign={"correlation": "off"}))
        row = suite_of(done.json(), "shop")["thresholds"][0]
        self.assert_counts(row, result="skipped", value=None, samples=0, breaches=[])

    def test_without_traces_or_configuration_it_ends_with_1(self):
        path = self.write("assertd.conf", config())
        self.assert_exit(harness.EXIT_USAGE, harness.run_command("check", "--config", path))
        self.assert_exit(harness.EXIT_USAGE, harness.run_command("check", path))


if __name__ == "__main__":
    harness.main()
