"""`assertd explain`: what it says of one trace is what `check` says, and why."""
import json
import os

from tests.e2e import harness, otlp
from tests.e2e.harness import ROOT, config, run_command, shop_trace
from tests.e2e.test_suggest import HOSTILE
from tests.oracle import generate, libconf

JAEGER = os.path.join(ROOT, "tests", "payloads", "jaeger-shop.json")

SUITE = {
    "name": "orders", "traces": "span[service=orders name='POST /orders']",
    "spans": {"sent": "span[kind=producer]", "got": "span[kind=consumer]", "gone": "span[name=refund kind=client]",
              "all": "span[]"},
    "assertions": [
        {"name": "stored", "select": "span[db.system=postgresql]",
         "assert": ["count = 1", "duration < 2ms", "none: status = error", "attr:x exists"]},
        {"name": "in time", "assert": ["$got.start - $sent.start <= 5ms", "count($all) >= 4", "$got.service = mail"]},
        {"name": "refunded", "select": "span[service=orders name='refund orders']", "assert": "count = 1"},
        {"name": "optional", "select": "span[name=nope]", "assert": "duration < 1s", "optional": True},
        {"name": "never", "when": "span[status=error name=x]", "select": "span[]", "assert": "status != error"},
        {"name": "held", "when": "count($sent) = 1", "select": "span[kind=producer] > span[]",
         "assert": ["any: name contains process", "start exists"], "severity": "warning"},
        {"name": "several", "assert": "$all.duration < 1s"},
        {"name": "gone", "assert": "$gone.duration < 1s"},
        {"name": "recorded", "assert": "$injection.status = 200"},
    ],
}


class Explain(harness.TestCase):
    def explain(self, *arguments, suites=(SUITE,), code=0, **more):
        path = self.write("assertd.conf", config(suites=list(suites), **more))
        done = run_command("explain", "--config", path, *arguments)
        self.assert_exit(code, done)
        return done

    def test_the_text_tells_spans_names_values_and_reasons(self):
        text = self.explain(JAEGER).out
        for part in ("trace 4bf92f3577b34da6a3ce929d0e0e4736: 4 spans",
                     "  #1    POST /orders  [orders] server, 12ms", "  #4        orders process  [mail] consumer, 3.1ms",
                     "suite 'orders': fail", "traces = span[service=orders name='POST /orders']: #1", "evidence is whole",
                     "$sent = span[kind=producer]: #3",
                     "matched no span; nearest is 'INSERT orders' of 'orders', removed by name=refund",
                     "pass         count = 1; seen 1", "fail         #2: 4500us", "holds for a span, must hold for none",
                     "attribute missing: attr:x", "$got.start - $sent.start <= 5ms; seen 23ms; does not hold",
                     "pass         $got.service = mail; seen mail on #4", "removed by name='refund orders'",
                     "skipped because it is optional and nothing is selected", "skipped      when span[status=error name=x]",
                     "pass         'held' (a warning)", "pass         #4: orders process", "no injection record came for this trace"):
            self.assertIn(part, text)

    def test_json_says_the_same(self):
        told = self.explain(JAEGER, "--format", "json").json()
        self.assertEqual(["POST /orders", "INSERT orders", "orders send", "orders process"],
                         [span["name"] for span in told["spans"]])
        self.assertEqual([0, 1, 1, 2], [span["depth"] for span in told["spans"]])
        suite = told["suites"][0]
        self.assertEqual([4], suite["names"]["got"]["spans"])
        stored = suite["assertions"][0]
        self.assertEqual(["pass", "fail", "fail", "fail"], [one["result"] for one in stored["conditions"]])
        self.assertEqual([{"number": 2, "result": "fail", "actual": 4500000}], stored["conditions"][1]["spans"])
        self.assertEqual(2000000, stored["conditions"][1]["expected"])
        self.assertEqual({"pass"}, {one["result"] for one in suite["assertions"][5]["conditions"]})

    def test_outputs_are_told_with_the_spans_that_they_are_from(self):
        suite = {**SUITE, "outputs": {
            "wait": "$got.start - $sent.start", "who": "$got.service", "twice": "output:wait * 2",
            "refund": "$gone.duration", "any": "$all.duration", "many": "count($all)",
            "status": "$injection.status", "absent": "$sent.nothing.here", "zero": "1 / (count($sent) - 1)"}}
        text = self.explain(JAEGER, suites=[suite]).out
        for line in ("output wait = $got.start - $sent.start: 23ms; from #3, #4",
                     "output who = $got.service: mail; from #4", "output twice = output:wait * 2: 46ms; from #3, #4",
                     "output refund = $gone.duration: none; $gone matched no span",
                     "output any = $all.duration: none; $all matched 4 spans", "output many = count($all): 4",
                     "output status = $injection.status: none; no injection record came for this trace",
                     "output absent = $sent.nothing.here: none; missing: $sent.nothing.here; from #3",
                     "output zero = 1 / (count($sent) - 1): none; can't be computed: "):
            self.assertIn("\n  " + line, text)
        self.assertIn(": division by zero", text)
        told = {one["name"]: one for one in self.explain(JAEGER, "--format", "json", suites=[suite]).json()["suites"][0]["outputs"]}
        self.assertEqual({"name": "wait", "expression": "$got.start - $sent.start", "value": 23000000, "spans": [3, 4]},
                         told["wait"])
        self.assertEqual((None, "$gone matched no span", []),
                         (told["refund"]["value"], told["refund"]["reason"], told["refund"]["spans"]))

    def test_a_suite_that_does_not_judge_says_why(self):
        others = [{"name": "other", "traces": "span[service=orders name='GET /orders']", "assertions": []},
                  {"name": "labelled", "labels": {"scenario": "checkout"}, "assertions": []}]
        text = self.explain(JAEGER, suites=others).out
        self.assertIn("suite 'other': not judged: its `traces` selects no span", text)
        self.assertIn("nearest is 'POST /orders' of 'orders', removed by name='GET /orders'", text)
        self.assertIn("suite 'labelled': not judged: the injection has no label scenario = 'checkout'", text)
        records = self.write("i", [{"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "scenario": "checkout", "status": 200}])
        self.assertIn("suite 'labelled': pass", self.explain(JAEGER, "--injections", records, suites=others).out)
        self.assertIn("seen 200", self.explain(JAEGER, "--injections", records).out)
        nobody = self.write("n", [{"trace_id": otlp.trace_id(1)}])
        self.assertIn("! no injection record names this trace", self.explain(JAEGER, "--injections", nobody).out)

    def test_evidence_is_told(self):
        suite = {"name": "s", "assertions": [{"name": "a", "select": "span[name=store]", "assert": "count = 1"}]}
        spans = shop_trace(1)["resourceSpans"][0]["scopeSpans"][0]["spans"]
        lonely = [spans[0], {**spans[1], "parentSpanId": otlp.span_id(77)}]
        for name, made, more, part in (
                ("parents", lonely, {}, "evidence is short: parents of 1 spans never came"),
                ("lenient", lonely, {"evidence": "lenient"}, "evidence is whole (lenient: parents of 1 spans never came)"),
                ("lost", [*spans, {**spans[1], "spanId": "00"}], {}, "1 spans were rejected"),
                ("unsampled", [{**spans[0], "flags": 2}], {}, "a span says that it was not sampled")):
            with self.subTest(name):
                text = self.explain(self.write("t", json.dumps(otlp.request(made))), suites=[{**suite, **more}]).out
                self.assertIn(part, text)
                self.assertIn(f"suite 's': {'pass' if more else 'inconclusive'}", text)

    def test_what_is_misspelt_is_told_with_what_is_near(self):
        for words, said in ((("explian",), "no such command: explian; did you mean explain?"),
                            (("explain", "--confg", "x"), "unknown option --confg; did you mean --config?"),
                            (("explain", "--confg=x"), "unknown option --confg; did you mean --config?"),
                            (("explain", "--zzz"), "unknown option --zzz\n"),
                            (("validate", "a.conf"), "takes no operand: a.conf; write --config FILE"),
                            (("version", "a"), "takes no operand: a\n")):
            with self.subTest(words):
                done = run_command(*words)
                self.assert_exit(1, done)
                self.assertIn(said, done.err)

    def test_usage(self):
        both = self.write("both", [shop_trace(1), shop_trace(2)])
        done = self.explain(both, code=harness.EXIT_USAGE)
        self.assertIn(otlp.trace_id(2), done.err)
        self.assertIn(otlp.trace_id(2), self.explain(both, "--trace", otlp.trace_id(2)).out)
        self.explain(code=harness.EXIT_USAGE)
        self.explain(both, "--format", "xml", code=harness.EXIT_USAGE)
        self.explain(both, "--trace", "1", code=harness.EXIT_USAGE)
        self.explain(JAEGER, "--injections", self.write("bad", "{"), code=harness.EXIT_USAGE)
        self.explain(JAEGER, suites=[{"name": "s", "traces": "span["}], code=harness.EXIT_CONFIG)

    def test_hostile_names_stay_on_their_lines(self):
        spans = [otlp.span(1, n + 1, name, parent=n or None) for n, name in enumerate(HOSTILE)]
        text = self.explain(self.write("t", json.dumps(otlp.request(spans, "ser\x1bvice\n"))),
                            suites=[{**SUITE, "traces": "span[]"}]).out
        self.assertTrue(all(char >= " " or char == "\n" for char in text))
        self.assertEqual(len(HOSTILE), text.count("  [ser?vice?] internal"))

    def test_deep_chains_and_cycles(self):
        deep = [otlp.span(1, n + 1, "n", parent=n or None) for n in range(20000)]
        ring = [otlp.span(1, n + 1, "n", parent=(n + 1) % 50 + 1) for n in range(50)] + [otlp.span(1, 99, "n", parent=99)]
        told = self.explain(self.write("t", json.dumps(otlp.request(deep))), "--format", "json").json()
        self.assertEqual(list(range(20000)), [span["depth"] for span in told["spans"]])
        told = self.explain(self.write("t", json.dumps(otlp.request(ring))), "--format", "json").json()
        self.assertEqual(51, len({span["span_id"] for span in told["spans"]}))
        self.assertEqual(2, sum(span["depth"] == 0 for span in told["spans"]))
        self.assertIn("and 19800 more", self.explain(self.write("t", json.dumps(otlp.request(deep)))).out)

    def test_it_agrees_with_check_on_random_traces(self):
        judged = 0
        for seed in range(int(os.environ.get("ASSERTD_ORACLE_SEEDS", "1"))):
            batch = generate.batch(seed)
            batch.config["campaign"] = {"correlation": "off"}
            batch.config["report"] = {"max_failures": 100000}
            path = self.write("random.conf", libconf.dump_file(batch.config))
            by_trace = {}
            for entry in batch.spans:
                by_trace.setdefault(entry[2]["traceId"], []).append(entry)
            for trace, entries in list(by_trace.items())[:12]:
                with self.subTest(seed=seed, trace=trace):
                    judged += self.agrees(path, trace, self.write("t", json.dumps(generate.document(entries))))
        self.assertGreater(judged, 50)

    def agrees(self, path, trace, file):
        """Every result that check counts for a file of one trace is told; how many assertions there were."""
        done = run_command("explain", "--config", path, "--format", "json", file)
        if done.code == harness.EXIT_USAGE and "no span" in done.err:
            return 0
        self.assert_exit(0, done)
        text = run_command("explain", "--config", path, file)
        self.assert_exit(0, text)
        report = json.loads(run_command("check", "--config", path, "--format", "json", file).out)
        seen = 0
        for suite, told in zip(report["suites"], done.json()["suites"], strict=True):
            self.assertEqual(suite["traces"]["judged"], int(told["judged"]))
            if not told["judged"]:
                continue
            self.assertEqual(1, suite["traces"][told["verdict"]])
            for assertion, one in zip(suite["assertions"], told["assertions"], strict=True):
                seen += 1
                self.assertEqual(1, assertion[one["result"]], (suite["name"], one))
                self.same_failures(assertion, one, done.json()["spans"])
        return seen

    def same_failures(self, assertion, one, spans):
        """Conditions that fail in one fail in the other; values of single spans are the same."""
        ids = {span["number"]: span["span_id"] for span in spans}
        failing = {(entry["condition"], entry["result"]) for entry in assertion["failures"]}
        conditions = one["conditions"] + ([one["when"]] if "when" in one else [])
        self.assertEqual(failing, {(condition["condition"], condition["result"]) for condition in conditions
                                   if condition["result"] in ("fail", "error", "inconclusive")})
        for condition in conditions:
            values = {(ids[span["number"]], json.dumps(span["actual"])) for span in condition.get("spans", [])}
            for entry in assertion["failures"]:
                if entry["condition"] == condition["condition"] and condition.get("spans") and "span_id" in entry \
                        and entry["actual"] not in (None, True, False):
                    self.assertIn((entry["span_id"], json.dumps(entry["actual"])), values)


if __name__ == "__main__":
    harness.main()
