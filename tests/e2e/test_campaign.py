"""Thresholds over a whole campaign: labels, windows, values, and the report of an earlier one."""
import json
import os

import jsonschema

from tests.e2e import harness, otlp
from tests.e2e.harness import ROOT, config

TRACES = 600
SECOND = 1_000_000_000


def request(number, ms):
    """One request at second number / 10, of `ms`."""
    start = number * 100
    return otlp.request([otlp.span(number, 1, "request", kind="server", start_ms=start, ms=ms,
                                   attrs={"order.id": number})])


def recording(ms_of):
    parts = [request(number, ms_of(number))["resourceSpans"][0] for number in range(1, TRACES + 1)]
    return json.dumps({"resourceSpans": parts})


def records():
    return "\n".join(json.dumps({"trace_id": otlp.trace_id(number),
                                 "scenario": "checkout" if number % 2 else "browse"})
                     for number in range(1, TRACES + 1))


def suite(*thresholds, **more):
    return {"name": "shop", "spans": {"request": "span[name=request]"},
            "assertions": [{"name": "quick", "assert": "$request.duration < 40ms", "tolerance": 1.0}],
            "thresholds": [{"name": f"t{number}", **threshold} for number, threshold in enumerate(thresholds)],
            **more}


class Campaigns(harness.TestCase):
    def check(self, suites, traces, *arguments, code=0):
        path = self.write("assertd.conf", config(suites=[suites]))
        done = harness.run_command("check", "--config", path, "--format", "json", *arguments, self.write("t.json", traces))
        self.assertEqual(done.code, code, done)
        with open(os.path.join(ROOT, "docs", "report.schema.json")) as file:
            jsonschema.validate(done.json(), json.load(file))
        return done.json()["suites"][0]["thresholds"]

    def test_labels_and_windows_are_judged_apart(self):
        slow = lambda number: 50 if number % 2 and number > 300 else 10
        injections = self.write("i.jsonl", records())
        report = os.path.join(self.folder, "report.txt")
        found = self.check(
            suite({"rule": "p(95)($request.duration) < 40ms", "by": "scenario"},
                  {"rule": "p(95)($request.duration) < 40ms", "over": "10s"},
                  {"rule": "p(95)($request.duration){scenario:browse} isLessThan 40ms"},
                  {"rule": "unique($request.order.id)"},
                  {"rule": "rate($request) >= 9.5"},
                  {"rule": "ratio(fail of 'quick') < 1%", "warmup": "20s"},
                  {"rule": "med($request.duration){stage:first} = 10ms"},
                  stages=["first 30s", "second 30s"]),
            recording(slow), "--injections", injections, "--report", f"text={report}", code=99)
        self.assertEqual([threshold["result"] for threshold in found],
                         ["fail", "fail", "pass", "pass", "pass", "fail", "pass"])
        self.assertEqual([(part["labels"], part["result"], part["samples"]) for part in found[0]["by"]],
                         [({"scenario": "browse"}, "pass", 300), ({"scenario": "checkout"}, "fail", 300)])
        self.assertEqual(found[1]["windows"], {"width": 10 * SECOND, "judged": 6, "broken": 3, "thin": 0, "beyond": 0})
        self.assertEqual(len(found[1]["breaches"]), 1)
        with open(report) as file:
            text = file.read()
        self.assertIn("'scenario=checkout' is 50ms", text)
        self.assertIn("3 of 6 windows broken", text)

    def test_a_later_campaign_is_compared_with_an_earlier_one(self):
        rules = [{"rule": "p(99)($request.duration) no worse than baseline by 10%"},
                 {"rule": "ratio(fail of 'quick') no worse than baseline by 10%"}]
        earlier = os.path.join(self.folder, "earlier.json")
        usual = lambda number: number % 50 + 1
        self.check(suite({"rule": "p(95)($request.duration) < 1s"}, {"rule": "ratio(fail of 'quick') < 50%"}),
                   recording(usual), "--report", f"json={earlier}")
        same = self.check(suite(*rules, baseline="earlier.json"), recording(usual))
        self.assertEqual([threshold["result"] for threshold in same], ["pass", "pass"])
        worse = self.check(suite(*rules, baseline="earlier.json"),
                           recording(lambda number: 70 if number % 20 == 0 else usual(number)), code=99)
        self.assertEqual([threshold["result"] for threshold in worse], ["fail", "pass"])
        self.assertLess(worse[0]["baseline"]["significance"], 0.01)
        self.assertEqual(worse[0]["baseline"]["share"], 0.05)
        other = self.check({**suite(*rules, baseline="earlier.json"), "name": "another"}, recording(usual), code=120)
        self.assertEqual([threshold["result"] for threshold in other], ["inconclusive", "inconclusive"])

    def test_a_missing_baseline_is_a_configuration_problem(self):
        path = self.write("assertd.conf", config(suites=[
            suite({"rule": "p(99)($request.duration) no worse than baseline by 10%"}, baseline="nowhere.json")]))
        done = harness.run_command("validate", "--config", path)
        self.assertEqual(done.code, 2, done)
        self.assertIn("nowhere.json", done.err + done.out)


if __name__ == "__main__":
    harness.main()
