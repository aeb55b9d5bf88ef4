"""`assertd suggest`: what it writes validates, and passes on the trace that it was written from."""
import json
import os
import random
import re

from tests.e2e import harness, otlp
from tests.e2e.harness import ROOT, run_command, shop_trace, suite_of
from tests.oracle import foreign, generate
from tests.oracle import otlp as wire

PAYLOADS = os.path.join(ROOT, "tests", "payloads")

#: Texts that are dangerous somewhere between a span and a configuration.
HOSTILE = ["it's", 'say "x"', "back\\slash\\", "\\d\\n", "two\nlines", "tab\tbed", "${env:HOME}", "$$ $x.y", "# no comment",
           "*/ // ;", "' kind=server]", "a" * 5000, "\x1b[31mred", "\x7f\x01\r", "NUL\0byte", "Größe 😀", "", " ", "50ms",
           "true", "']:first, span[", "@include \"x\"", "%s%n", "\u2028\u202e", "a" * 1000, "'" * 1000]


class Suggest(harness.TestCase):
    def suggest(self, *arguments):
        done = run_command("suggest", *arguments)
        self.assert_exit(0, done)
        return done.out

    def holds(self, *files, trace=None):
        """The suite that is suggested; it has been seen to validate and to pass."""
        text = self.suggest(*(["--trace", trace] if trace else []), *files)
        path = self.write("suggested.conf", text)
        self.assert_exit(0, run_command("validate", "--config", path))
        done = run_command("check", "--config", path, "--format", "json", *files)
        self.assertEqual(0, done.code, f"{text}\n{done.out[-3000:]}{done.err}")
        return text, done.json()

    def test_it_says_what_was_seen(self):
        text, report = self.holds(os.path.join(PAYLOADS, "jaeger-shop.json"))
        for part in ("span[service='mail' name='orders process' kind=consumer]", '"count = 1", # seen: 1',
                     '"duration <= 10ms" # seen: at most 4.5ms', '"status = error"',
                     '"$consumer1.start - $producer1.start <= 50ms" # seen: 23ms',
                     "span[service='orders' name='orders send' kind=producer] > "):
            self.assertIn(part, text)
        self.assertEqual(1, report["suites"][0]["traces"]["pass"])

    def test_attributes_that_were_the_same_are_said(self):
        stable = {"http.request.method": "POST", "http.response.status_code": 201, "db.operation.name": "it's",
                  "messaging.destination.name": "orders", "error.type": "", "http.route": "x" * 300}
        chance = {"order.id": "o-1", "server.address": "10.0.0.1", "db.query.text": "SELECT 1", "thread.id": 7}
        spans = [otlp.span(1, n + 1, "call", parent=n or None, attrs={
            **stable, **chance, "rpc.method": f"m{n}", **({"rpc.service": "s"} if n else {})}) for n in range(3)]
        spans.append(otlp.span(1, 9, "reply", parent=1, attrs={"messaging.destination.name": "tmp-17", "db.system": "x\ny",
                                                               "messaging.destination.temporary": True}))
        text, report = self.holds(self.write("t", json.dumps(otlp.request(spans))))
        for line in ('"http.request.method = \'POST\'", # seen: the same on all 3', '"http.response.status_code = 201", # seen',
                     "db.operation.name = 'it", '"messaging.destination.name = \'orders\'", # seen', "db.system = "):
            self.assertIn(line, text)
        for key in (*chance, "rpc.", "tmp-17", "error.type", "http.route", "temporary"):
            self.assertNotIn(key, text)
        self.assertEqual(1, report["suites"][0]["traces"]["pass"])

    def test_what_it_says_breaks_when_something_changes(self):
        good = self.write("good.json", json.dumps(shop_trace(1)))
        path = self.write("suggested.conf", self.suggest(good))
        for name, bad in (("twice", shop_trace(1, stored=2)), ("gone", shop_trace(1, stored=0)),
                          ("slow", shop_trace(1, store_ms=500))):
            with self.subTest(name):
                done = run_command("check", "--config", path, self.write("bad.json", json.dumps(bad)))
                self.assert_exit(harness.EXIT_FAILED, done)

    def test_of_several_traces_one_is_to_be_named(self):
        both = self.write("both", [shop_trace(1), shop_trace(2)])
        done = run_command("suggest", both)
        self.assert_exit(harness.EXIT_USAGE, done)
        self.assertIn(otlp.trace_id(1), done.err)
        self.assertIn("2 spans, first 'POST /orders'", done.err)
        self.assertEqual("", done.out)
        self.assertIn(otlp.trace_id(2), self.suggest("--trace", otlp.trace_id(2), both))
        for wrong in ("xyz", "0" * 32, otlp.trace_id(3)):
            self.assert_exit(harness.EXIT_USAGE, run_command("suggest", "--trace", wrong, both))

    def test_without_a_span_it_ends_with_1(self):
        self.assert_exit(harness.EXIT_USAGE, run_command("suggest"))
        self.assert_exit(harness.EXIT_USAGE, run_command("suggest", self.path("nowhere")))
        self.assert_exit(harness.EXIT_USAGE, run_command("suggest", self.write("e", '{"resourceSpans":[]}')))

    def test_a_link_makes_an_order_too(self):
        sent = otlp.span(1, 1, "send", kind="producer", start_ms=0)
        got = otlp.span(1, 2, "get", kind="consumer", start_ms=30, parent=9,
                        links=[{"traceId": otlp.trace_id(1), "spanId": otlp.span_id(1)}])
        text, _ = self.holds(self.write("t", json.dumps(otlp.request([sent, got]))))
        self.assertIn("$consumer1.start - $producer1.start <= 100ms", text)
        self.assertIn("# linked to it", text)

    def test_of_a_trace_that_lost_spans_only_lower_bounds_are_said(self):
        spans = shop_trace(1)["resourceSpans"][0]["scopeSpans"][0]["spans"]
        spans.append({**spans[1], "spanId": "00"})
        text, _ = self.holds(self.write("t", json.dumps(otlp.request(spans))))
        self.assertIn('"count >= 1"', text)
        self.assertNotIn('"count = ', text)

    def test_every_trace_of_the_recordings(self):
        for name in ("http-64.json", "zipkin-python.json", "http-1.pb"):
            path = os.path.join(PAYLOADS, name)
            listed = run_command("suggest", path)
            for trace in re.findall(r"^  ([0-9a-f]{32}) ", listed.err, re.MULTILINE)[:3]:
                with self.subTest(name=name, trace=trace):
                    text = self.suggest("--trace", trace, path)
                    conf = self.write("suggested.conf", text)
                    done = run_command("check", "--config", conf, "--injections",
                                       self.write("i", [{"trace_id": trace}]), "--format", "json", path)
                    self.assert_exit(0, done)
                    self.assertEqual(1, suite_of(done.json(), done.json()["suites"][0]["name"])["traces"]["pass"])

    def test_random_traces(self):
        seeds = int(os.environ.get("ASSERTD_ORACLE_SEEDS", "0"))
        for seed in range(max(1, seeds)):
            by_trace = {}
            for entry in generate.batch(seed).spans:
                by_trace.setdefault(entry[2]["traceId"], []).append(entry)
            for number, (trace, entries) in enumerate(list(by_trace.items())[:None if seeds else 15]):
                good = [entry for entry in entries if entry[2].get("spanId") not in ("", "0" * 16, "abcd")]
                if not good or not trace.strip("0"):
                    continue
                with self.subTest(seed=seed, trace=trace):
                    form = [generate.document, foreign.as_jaeger, foreign.as_zipkin][number % 3]
                    self.holds(self.write("t", json.dumps(form(entries))))

    def test_hostile_texts(self):
        rng = random.Random(7)
        for number in range(8):
            spans, requests = [], []
            for index in range(12):
                spans.append(otlp.span(1, index + 1, rng.choice(HOSTILE), parent=rng.choice([None, 1, max(1, index)]) if index else None,
                                       kind=rng.choice(list(otlp.KINDS)), start_ms=index))
                if rng.random() < 0.4 or index == 11:
                    requests.append(otlp.request(spans, rng.choice(HOSTILE)))
                    spans = []
            data = wire.encode({"resourceSpans": [one["resourceSpans"][0] for one in requests]})
            data = data.replace("Größe".encode(), b"Gr\xff\xfe\x80\xc0e") if number % 2 else data
            with self.subTest(number=number):
                text, _ = self.holds(self.write("t", data))
                self.assertTrue(all(char >= " " or char == "\n" for char in text))

    def test_many_kinds_are_bounded(self):
        spans = [otlp.span(1, n + 1, f"GET /orders/{n}", start_ms=n) for n in range(3000)]
        text, report = self.holds(self.write("t", json.dumps(otlp.request(spans))))
        self.assertIn("2800 further kinds of spans are left out", text)
        self.assertEqual(202, len(report["suites"][0]["assertions"]))


if __name__ == "__main__":
    harness.main()
