"""Thresholds over a whole campaign: labels, windows, values, the report of an earlier one, webhooks."""
import http.server
import json
import os
import socket
import threading

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


class Hook(http.server.ThreadingHTTPServer):
    """A webhook that refuses its first call."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), HookHandler)
        self.calls = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def told(self):
        return [document for status, document in self.calls if status == 204]


class HookHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = 204 if self.server.calls else 503
        self.server.calls.append((status, {**document, "path": self.path, "type": self.headers["Content-Type"]}))
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


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

    def test_each_label_has_windows_of_its_own(self):
        slow = lambda number: 50 if number % 2 and 300 < number <= 400 else 10
        injections = self.write("i.jsonl", records())
        report = os.path.join(self.folder, "report.txt")
        found = self.check(suite({"rule": "max($request.duration) < 40ms", "by": "scenario", "over": "10s"},
                                 {"rule": "rate($request) >= 4.9", "by": "scenario", "over": "10s"}),
                           recording(slow), "--injections", injections, "--report", f"text={report}", code=99)
        self.assertEqual(["fail", "pass"], [threshold["result"] for threshold in found])
        browse, checkout = found[0]["by"]
        self.assertEqual((browse["result"], browse["windows"]["judged"], browse["windows"]["broken"], browse["breaches"]),
                         ("pass", 6, 0, []))
        self.assertEqual((checkout["result"], checkout["windows"]["broken"], len(checkout["breaches"])), ("fail", 1, 1))
        self.assertEqual(found[0]["windows"], {"width": 10 * SECOND, "judged": 12, "broken": 1, "thin": 0, "beyond": 0})
        self.assertEqual(found[0]["breaches"], [])
        with open(report) as file:
            self.assertRegex(file.read(), "'scenario=checkout' is 50ms: .* 300 samples, 1 of 6 windows broken")

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

    def test_each_label_is_compared_with_its_own_baseline(self):
        rule = {"rule": "p(99)($request.duration) no worse than baseline by 10%", "by": "scenario", "min_samples": 200}
        ratio = {"rule": "ratio(fail of 'quick') no worse than baseline by 10%", "by": "scenario"}
        injections = self.write("i.jsonl", records())
        earlier = os.path.join(self.folder, "earlier.json")
        usual = lambda number: number % 50 + 1
        self.check(suite({"rule": "p(95)($request.duration) < 1s"},
                         {"rule": "p(95)($request.duration) < 1s", "by": "scenario"},
                         {"rule": "ratio(fail of 'quick') < 50%", "by": "scenario"}),
                   recording(usual), "--injections", injections, "--report", f"json={earlier}")
        same = self.check(suite(rule, ratio, baseline="earlier.json"), recording(usual), "--injections", injections)
        self.assertEqual(["pass", "pass"], [threshold["result"] for threshold in same])
        self.assertEqual([300, 300], [part["baseline"]["samples"] for part in same[0]["by"]])
        slow = lambda number: 70 if number % 20 == 1 else usual(number)
        worse = self.check(suite(rule, baseline="earlier.json"), recording(slow), "--injections", injections, code=99)
        self.assertEqual([({"scenario": "browse"}, "pass"), ({"scenario": "checkout"}, "fail")],
                         [(part["labels"], part["result"]) for part in worse[0]["by"]])
        self.assertEqual("fail", worse[0]["result"])
        renamed = self.write("r.jsonl", records().replace("browse", "look"))
        other = self.check(suite(rule, baseline="earlier.json"), recording(usual), "--injections", renamed, code=120)
        self.assertEqual([({"scenario": "checkout"}, "pass"), ({"scenario": "look"}, "inconclusive")],
                         [(part["labels"], part["result"]) for part in other[0]["by"]])

    def test_a_missing_baseline_is_a_configuration_problem(self):
        path = self.write("assertd.conf", config(suites=[
            suite({"rule": "p(99)($request.duration) no worse than baseline by 10%"}, baseline="nowhere.json")]))
        done = harness.run_command("validate", "--config", path)
        self.assertEqual(done.code, 2, done)
        self.assertIn("nowhere.json", done.err + done.out)

    def test_a_webhook_hears_of_a_breach_and_of_the_abort_after_the_delay(self):
        hook = Hook()
        self.addCleanup(hook.server_close)
        self.addCleanup(hook.shutdown)
        judged = {"name": "shop", "assertions": [{"name": "never", "select": "span[name=store]", "assert": "count = 9"}],
                  "thresholds": [{"name": "few fail", "rule": "ratio(fail) <= 10%", "abort_on_fail": True, "delay": "15s",
                                  "webhook": f"http://127.0.0.1:{hook.server_port}/canary-5ecret"}]}
        with harness.Assertd(config(suites=[judged])) as daemon:
            campaign = daemon.start_campaign("hooked")
            for number in range(1, 4):
                daemon.send(harness.shop_trace(number))
            report = campaign.wait_for_end()
            harness.wait_until(lambda: len(hook.told) == 2, harness.DEADLINE, "two messages", 0.05)
            log = daemon.log()
        self.assertEqual(report["campaign"]["status"], "FAILED")
        self.assertEqual([status for status, _ in hook.calls], [503, 204, 204])
        self.assertEqual([document["event"] for document in hook.told], ["breach", "abort"])
        self.assertEqual([(document["campaign"], document["suite"], document["threshold"], document["rule"],
                           document["value"], document["samples"], document["type"], document["path"])
                          for document in hook.told],
                         [("hooked", "shop", "few fail", "ratio(fail) <= 10%", 1, 3, "application/json",
                           "/canary-5ecret")] * 2)
        self.assertNotIn("canary", log + json.dumps(report))

    def test_what_no_webhook_took_is_in_the_ledger(self):
        gone = Hook()
        gone.server_close()
        judged = {"name": "shop", "assertions": [{"name": "never", "select": "span[name=store]", "assert": "count = 9"}],
                  "thresholds": [{"name": "few fail", "rule": "ratio(fail) <= 10%",
                                  "webhook": f"http://127.0.0.1:{gone.server_port}/canary-5ecret"}]}
        with harness.Assertd(config(suites=[judged], thresholds={"interval": "100ms"})) as daemon:
            campaign = daemon.start_campaign("hooked")
            self.assertNotIn("webhook", campaign.report()["ledger"]["sinks"])
            daemon.send(harness.shop_trace(1))
            report = campaign.wait_for_report(lambda report: "webhook" in report["ledger"]["sinks"], "a breach within 100 ms")
            self.assertEqual(1, daemon.metrics()["assertd_sink_produced_total", (("exporter", "webhook"),)])
            campaign.finish()
            report = campaign.wait_for_report(lambda report: report["ledger"]["sinks"]["webhook"]["in_flight"] == 0, "three tries")
            self.assertEqual({"produced": 1, "acknowledged": 0, "rejected": 0, "dropped": 1, "spooled": 0, "in_flight": 0},
                             report["ledger"]["sinks"]["webhook"])
            self.assertEqual(len(report["suites"][0]["thresholds"][0]["breaches"]), 1)
            self.assert_balanced(report)
            self.assertEqual(1, daemon.metrics()["assertd_sink_dropped_total", (("exporter", "webhook"),)])

    def test_a_webhook_that_is_given_up_at_the_end_is_counted(self):
        deaf = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(deaf.close)
        judged = {"name": "shop", "assertions": [{"name": "never", "select": "span[name=store]", "assert": "count = 9"}],
                  "thresholds": [{"name": "few fail", "rule": "ratio(fail) <= 10%",
                                  "webhook": f"http://127.0.0.1:{deaf.getsockname()[1]}/"}]}
        with harness.Assertd(config(suites=[judged], thresholds={"interval": "100ms"},
                                    service={"drain_timeout": "500ms"})) as daemon:
            campaign = daemon.start_campaign("hooked")
            daemon.send(harness.shop_trace(1))
            campaign.wait_for_report(lambda report: "webhook" in report["ledger"]["sinks"], "a breach")
            daemon.stop()
            log = daemon.log()
        self.assertRegex(log, "webhooks-given-up.*messages=1")
        self.assertRegex(log, "balance-sink.*sink=webhook.*produced=1 acknowledged=0 rejected=0 dropped=1 in_flight=0")

    def test_a_webhook_is_masked_where_the_configuration_is_printed(self):
        path = self.write("assertd.conf", config(suites=[
            suite({"rule": "count(fail) = 0", "webhook": "https://hooks.example.com/canary-5ecret"})]))
        done = harness.run_command("print-config", "--config", path)
        self.assertEqual(done.code, 0, done)
        self.assertIn("webhook", done.out)
        self.assertNotIn("canary", done.out + done.err)


if __name__ == "__main__":
    harness.main()
