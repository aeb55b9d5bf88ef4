"""`assertd check` on recordings of Jaeger and Zipkin: the same spans, the same verdicts."""
import gzip
import json
import os

from tests.e2e import harness, otlp
from tests.e2e.harness import ROOT, SHOP_SUITE, config, shop_trace, suite_of
from tests.oracle import foreign

PAYLOADS = os.path.join(ROOT, "tests", "payloads")


def entries(*requests):
    """(resource, scope, span) of each span of OTLP requests."""
    return [(resource["resource"], scope["scope"], span) for request in requests
            for resource in request["resourceSpans"] for scope in resource["scopeSpans"]
            for span in scope["spans"]]


#: Server -> client | server (shared ID in Zipkin) -> client, producer -> consumer.
def call(trace, *, status="ok", stored=1):
    front = [otlp.span(trace, 1, "GET /", kind="server", ms=40),
             otlp.span(trace, 2, "call", kind="client", parent=1, start_ms=1, ms=30)]
    back = [otlp.span(trace, 3, "serve", kind="server", parent=2, start_ms=2, ms=25, status=status),
            otlp.span(trace, 9, "send", kind="producer", parent=3, start_ms=20, ms=1)]
    back += [otlp.span(trace, 4 + n, "store", kind="client", parent=3, start_ms=3 + n, ms=5,
                       attrs={"db.rows": 3, "db.system": "postgresql"}) for n in range(stored)]
    mail = [otlp.span(trace, 20, "mail", kind="consumer", parent=9, start_ms=50, ms=5)]
    return [otlp.request(front, "front"), otlp.request(back, "back"), otlp.request(mail, "mail")]


CALL_SUITE = {
    "name": "calls", "spans": {"send": "span[name=send]", "mail": "span[service=mail]"},
    "assertions": [
        {"name": "served", "select": "span[name=call] > span[kind=server service=back]",
         "assert": ["count = 1", "status = ok"]},
        {"name": "stored below", "select": "span[name=serve] > span[name=store]",
         "assert": ["count = 1", "duration = 5ms", "db.rows = 3"]},
        {"name": "mailed", "assert": "$mail.start - $send.end < 100ms"},
        {"name": "scoped", "select": "span[]", "assert": "scope:name = 'test'"},
    ],
}


class Formats(harness.TestCase):
    def judge(self, suites, *files):
        path = self.write("assertd.conf", config(suites=suites))
        return harness.run_command("check", "--config", path, "--format", "json", *files)

    @staticmethod
    def verdicts(done):
        """What does not name spans: a shared span's ID is another in Zipkin."""
        return [(suite["name"], suite["traces"], [
            {key: value for key, value in assertion.items() if key not in ("failures", "groups")}
            for assertion in suite["assertions"]]) for suite in done.json()["suites"]]

    def test_the_same_spans_get_the_same_verdicts_in_every_format(self):
        requests = [shop_trace(1), shop_trace(2, stored=2), *call(3), *call(4, status="error"), *call(5, stored=2)]
        spans = entries(*requests)
        forms = {
            "OTLP": json.dumps({"resourceSpans": [r["resourceSpans"][0] for r in requests]}),
            "Jaeger": json.dumps(foreign.as_jaeger(spans), indent=1),
            "Jaeger, gzip": gzip.compress(json.dumps(foreign.as_jaeger(spans)).encode()),
            "Jaeger, a trace a line": "\n".join(map(json.dumps, foreign.as_jaeger(spans)["data"])),
            "Zipkin": json.dumps(foreign.as_zipkin(spans, share=False)),
            "Zipkin, shared IDs": json.dumps(foreign.as_zipkin(spans)),
            "Zipkin, a span a line": "\n".join(map(json.dumps, foreign.as_zipkin(spans))),
        }
        first = None
        for name, text in forms.items():
            with self.subTest(form=name):
                done = self.judge([SHOP_SUITE, CALL_SUITE], self.write("traces", text))
                self.assert_exit(harness.EXIT_FAILED, done)
                self.assert_balanced(done.json())
                first = first or self.verdicts(done)
                self.assertEqual(first, self.verdicts(done))
        shared = foreign.as_zipkin(spans)
        self.assertLess(len({(raw["traceId"], raw["id"]) for raw in shared}), len(shared))

    def test_halves_of_a_zipkin_call_may_come_from_different_files(self):
        spans = foreign.as_zipkin(entries(*call(3)))
        files = [self.write(f"part-{n}", json.dumps(raw)) for n, raw in enumerate(spans)]
        for order in (files, files[::-1]):
            done = self.judge([CALL_SUITE], *order)
            self.assert_exit(harness.EXIT_SUCCESS, done)

    def test_a_trace_may_be_spread_over_formats(self):
        front, back, mail = call(3)
        done = self.judge([CALL_SUITE],
                          self.write("mail", json.dumps(foreign.as_jaeger(entries(mail)))),
                          self.write("front", json.dumps(front)),
                          self.write("back", json.dumps(foreign.as_zipkin(entries(back)))))
        self.assert_exit(harness.EXIT_SUCCESS, done)

    def test_what_pythons_zipkin_exporter_wrote(self):
        suite = {"name": "s", "assertions": [
            {"name": "names", "select": "span[service=orders kind=client db.system=postgresql]",
             "assert": ["count = 1", "name = 'INSERT orders'", "duration = 4ms", "status = error",
                        "scope:name = 'shop.tracer'", "event:name contains retry"]},
            {"name": "ok", "select": "span[name=notify]", "assert": ["status = ok", "kind = internal"]},
            {"name": "peer", "select": "span[name='POST /orders'] > span[kind=client]",
             "assert": ["peer.service = orders", "count = 1"]},
            {"name": "texts", "select": "span[name='POST /orders']",
             "assert": ["http.response.status_code = 201", "ok = true", "ratio < 1"]}]}
        done = self.judge([suite], os.path.join(PAYLOADS, "zipkin-python.json"))
        self.assert_exit(harness.EXIT_SUCCESS, done)
        self.assert_counts(suite_of(done.json(), "s")["traces"], judged=1, **{"pass": 1})

    def test_an_answer_of_jaegers(self):
        suite = {"name": "s", "assertions": [
            {"name": "types", "select": "span[name='POST /orders']",
             "assert": ["http.status_code = 201", "http.status_code < 300", "cache.ratio < 0.5",
                        "sampler.param = true", "kind = server", "host.name = 'node-1'",
                        "scope:name = 'shop.http'"]},
            {"name": "error", "select": "span[name='POST /orders'] > span[status=error]",
             "assert": ["count = 1", "event:name = exception", "event:attempt = 2",
                        "attr:jaeger.warnings exists"]},
            {"name": "order", "select": "span[kind=producer] > span[service=mail]",
             "assert": ["count = 1", "link:span_id = '00f067aa0ba902b9'"]}]}
        done = self.judge([suite], os.path.join(PAYLOADS, "jaeger-shop.json"))
        self.assert_exit(harness.EXIT_SUCCESS, done)

    def test_a_span_without_timestamp_is_rejected_and_makes_its_trace_short(self):
        spans = foreign.as_zipkin(entries(*call(3)))
        del spans[-1]["timestamp"]
        done = self.judge([CALL_SUITE], self.write("t", json.dumps(spans)))
        self.assert_counts(done.json()["ledger"]["spans"], received=6, rejected=1)
        self.assert_exit(harness.EXIT_INCONCLUSIVE, done)


if __name__ == "__main__":
    harness.main()
