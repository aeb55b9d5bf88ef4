"""`assertd analyze`, and the analyzer as a gate of a suite."""
import json
import os

from tests.e2e import harness, otlp
from tests.e2e.harness import ROOT, assertion_of, config, run_command
from tests.e2e.test_suggest import HOSTILE

JAEGER = os.path.join(ROOT, "tests", "payloads", "jaeger-shop.json")

GOOD = {"http.request.method": "GET", "http.route": "/orders", "url.path": "/orders", "url.scheme": "https"}
LEAK = {**GOOD, "http.request.header.authorization": "Bearer x"}


def trace(number, attrs=None, name="GET /orders", kind="server"):
    return otlp.request([otlp.span(number, 1, name, kind=kind, attrs=GOOD if attrs is None else attrs)])


class Analyze(harness.TestCase):
    def analyze(self, *arguments, traces=(), code=0, settings=None):
        files = [self.write("traces.json", list(traces))] if traces else []
        if settings is not None:
            files += ["--config", self.write("assertd.conf", config(**settings))]
        done = run_command("analyze", *arguments, *files)
        self.assert_exit(code, done)
        return done

    def test_good_telemetry_passes_with_full_score(self):
        found = self.analyze("--format", "json", traces=[trace(1), trace(2)]).json()
        self.assertEqual((1, 2, 100, 100), tuple(
            found[name] for name in ("schema_version", "analyzed", "mean_score", "lowest_score")))
        self.assertEqual({"rules": "pass", "score": "pass"}, found["gates"])
        self.assertEqual([otlp.trace_id(1), otlp.trace_id(2)], [one["trace_id"] for one in found["traces"]])
        plugins = {plugin["name"]: [rule["name"] for rule in plugin["rules"]] for plugin in found["traces"][0]["plugins"]}
        self.assertEqual({
            "standards": ["span-naming", "required-attributes", "attribute-naming", "no-empty-attributes"],
            "common": ["prefer-dns"], "security": ["secure-https-protocol", "no-api-key-leak"]}, plugins)
        self.assertIn("2 traces analyzed: score 100 on average", self.analyze(traces=[trace(1), trace(2)]).out)

    def test_a_broken_rule_is_told_with_span_and_attribute(self):
        found = self.analyze("--format", "json", traces=[trace(1), trace(2, LEAK)], code=harness.EXIT_FAILED).json()
        self.assertEqual({"rules": "fail", "score": "pass"}, found["gates"])
        bad = found["traces"][1]
        self.assertAlmostEqual((100 + 100 + 30) / 3, bad["score"])
        self.assertAlmostEqual((100 + bad["score"]) / 2, found["mean_score"])
        security = next(plugin for plugin in bad["plugins"] if plugin["name"] == "security")
        self.assertEqual(30, security["score"])
        leak = security["rules"][1]
        self.assertEqual(("no-api-key-leak", "error", 70, "fail", 0), tuple(
            leak[name] for name in ("name", "level", "weight", "result", "defects_omitted")))
        self.assertEqual([("http.request.header.authorization", otlp.span_id(1), "shop", "GET /orders")], [
            tuple(defect[name] for name in ("actual", "span_id", "service", "name")) for defect in leak["defects"]])
        text = self.analyze(traces=[trace(1), trace(2, LEAK)], code=harness.EXIT_FAILED).out
        for part in (f"trace {otlp.trace_id(2)}, suite 'analyzer', 1 span: score 76.67",
                     "fail         no-api-key-leak (security, error, weight 70)",
                     "'GET /orders' of 'shop': http.request.header.authorization", "gate rules: fail, 1 trace "):
            self.assertIn(part, text)
        self.assertNotIn(otlp.trace_id(1), text)

    def test_resources_and_events_are_held_to_the_rules_too(self):
        spans = [otlp.span(1, 1, "GET /orders", kind="server", attrs=GOOD, events=[
            {"name": "exception", "attributes": otlp.attributes({"exception.stacktrace": "x"})},
            {"name": "retry", "attributes": otlp.attributes({"retry.reason": ""})}])]
        text = self.analyze(traces=[otlp.request(spans, **{"Pod": "p-1"})], code=harness.EXIT_FAILED).out
        for rule, defect in (("required-attributes", "event:exception.type"), ("attribute-naming", "resource:Pod"),
                             ("no-empty-attributes", "event:retry.reason")):
            self.assertRegex(text, rf"fail +{rule} .*\n +'GET /orders' of 'shop': {defect}\n")

    def test_levels_weights_own_rules_and_the_minimum_decide(self):
        def suite(*rules, minimum=0):
            return {"suites": [{"name": "telemetry", "evidence": "lenient",
                                "analyzer": {"minimum_score": minimum, "rules": list(rules)}}]}
        own = {"name": "no drafts", "plugin": "security", "weight": 100, "select": "span[kind=server]",
               "assert": "attr:order.draft missing"}
        warning = {"name": "no-api-key-leak", "level": "warning"}
        found = self.analyze("--format", "json", traces=[trace(1, LEAK)], settings=suite(warning)).json()
        self.assertEqual(100, found["lowest_score"])
        self.analyze(traces=[trace(1, LEAK)], settings=suite({"name": "no-api-key-leak", "level": "disabled"}))
        draft = trace(1, {**GOOD, "order.draft": True})
        found = self.analyze("--format", "json", traces=[draft], settings=suite(own), code=harness.EXIT_FAILED).json()
        self.assertAlmostEqual((100 + 100 + 50) / 3, found["lowest_score"])
        self.analyze("--gate", "score", traces=[draft], settings=suite(own, minimum=83))
        self.analyze("--gate", "score", traces=[draft], settings=suite(own, minimum=84), code=harness.EXIT_FAILED)
        self.analyze("--gate", "none", traces=[draft], settings=suite(own, minimum=84))

    def test_an_own_rule_says_what_it_asked_and_why_it_is_broken(self):
        rules = [{"name": "drafts", "select": "span[kind=server]", "assert": "attr:order.draft missing"},
                 {"name": "quick", "select": "span[kind=server]", "assert": "duration < 1us"},
                 {"name": "tagged", "select": "span[kind=server]", "assert": "team exists"},
                 {"name": "counted", "select": "span[kind=server]", "assert": "count = 7"}]
        text = self.analyze(traces=[trace(1, {**GOOD, "order.draft": True})], settings={"suites": [{"name": "s", "analyzer": {"rules": rules}}]},
                            code=harness.EXIT_FAILED).out
        for line in ("attr:order.draft missing: ", "duration < 1us: actual ", "team exists: attribute missing: team",
                     "count = 7: actual 1: "):
            self.assertIn(line, text)
        self.assertNotIn(": false", text)
        self.assertNotIn(": true", text)

    def test_one_trace_may_be_chosen_and_other_formats_are_read(self):
        found = self.analyze("--format", "json", "--trace", otlp.trace_id(1), traces=[trace(1), trace(2, LEAK)]).json()
        self.assertEqual(1, found["analyzed"])
        text = self.analyze("--gate", "none", JAEGER).out
        self.assertIn("'POST /orders' of 'orders': http.request.method", text)
        self.assertIn("'INSERT orders' of 'orders': error", text)

    def test_what_can_not_be_done_is_told(self):
        self.assertIn("name at least one file", self.analyze(code=harness.EXIT_USAGE).err)
        for arguments in (["--gate", "x"], ["--gate", "rules,"], ["--format", "xml"], ["--trace", "x"]):
            self.analyze(*arguments, traces=[trace(1)], code=harness.EXIT_USAGE)
        done = self.analyze(traces=[trace(1)], settings={"suites": []}, code=harness.EXIT_CONFIG)
        self.assertIn("no suite has an analyzer", done.err)
        bad = {"suites": [{"name": "s", "analyzer": {"rules": [{"name": "span-name"}]}}]}
        self.assertIn("span-naming?", self.analyze(traces=[trace(1)], settings=bad, code=harness.EXIT_CONFIG).err)
        for rule in ({"name": "prefer-dns", "level": "fatal"}, {"name": "prefer-dns", "weight": 0},
                     {"name": "own", "assert": "duration < 5"}, {"name": "prefer-dns", "select": "span[]"}):
            self.analyze(traces=[trace(1)], settings={"suites": [{"name": "s", "analyzer": {"rules": [rule]}}]},
                         code=harness.EXIT_CONFIG)
        for minimum in (-1, 101):
            self.analyze(traces=[trace(1)], settings={"suites": [{"name": "s", "analyzer": {"minimum_score": minimum}}]},
                         code=harness.EXIT_CONFIG)
        self.analyze(self.write("empty.json", [otlp.request([])]), code=harness.EXIT_NO_DATA)

    def test_hostile_texts_stay_on_their_lines(self):
        texts = [text for text in HOSTILE if isinstance(text, str)]
        traces = [otlp.request([otlp.span(1, number, texts[number % len(texts)], kind="client",
                                          attrs={texts[number % len(texts)] + " X": texts[number % len(texts)]})
                                for number in range(1, 31)], texts[0])]
        text = self.analyze(traces=traces, code=harness.EXIT_FAILED).out
        self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f]")
        self.assertIn("and 20 more", text)
        json.loads(self.analyze("--format", "json", traces=traces, code=harness.EXIT_FAILED).out)


class Gate(harness.TestCase):
    def test_a_broken_rule_fails_the_campaign(self):
        suite = {"name": "telemetry", "analyzer": {"rules": [{"name": "span-naming", "level": "warning"}]}}
        daemon = self.daemon(config(suites=[suite]))
        campaign = daemon.start_campaign("gate")
        daemon.send(trace(1))
        daemon.send(trace(2, LEAK))
        daemon.send(trace(3, name="odd"))
        report = campaign.finish()
        self.assert_status("FAILED", report)
        leak = assertion_of(report, "telemetry", "analyzer: no-api-key-leak")
        self.assert_counts(leak, **{"pass": 2}, fail=1)
        self.assertEqual("http.request.header.authorization", leak["failures"][0]["actual"])
        self.assertIn("breaks the rule: defect:no-api-key-leak", leak["failures"][0]["reason"])
        naming = assertion_of(report, "telemetry", "analyzer: span-naming")
        self.assertEqual(("warning", 1), (naming["severity"], naming["fail"]))
        self.assert_balanced(report)


if __name__ == "__main__":
    harness.main()
