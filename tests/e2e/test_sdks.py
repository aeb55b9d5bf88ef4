"""The exporters of three SDKs, at their default settings, are accepted and judged alike."""
from tests.e2e import harness, sdk_clients
from tests.e2e.harness import config
from tests.e2e.test_same import comparable

SEED = "5eed0000000000000000000000000100"
TRACES = 8

SUITE = {
    "name": "orders",
    "spans": {"request": "span[name='POST /orders']", "process": "span[name='process orders']"},
    "assertions": [
        {"name": "five spans", "select": "span[service=shop]", "assert": "count = 5"},
        {"name": "values keep their type", "select": "span[kind=server]", "assert": [
            "http.request.method = 'POST'", "http.response.status_code = 200",
            "order.total = 12.5", "order.express = true", "order.gift = false",
            "order.balance = -42", "order.large = 9007199254740991", "order.tiny < 0.000001",
            "order.tags contains 'b'", "order.quantities contains 3",
            "order.weights contains 0.5", "order.flags contains false",
            "text.unicode contains '✓'", "text.empty = ''", "scope:name = 'assertd-e2e'"]},
        {"name": "event", "select": "span[kind=server]", "assert": "event:queue.depth = 3"},
        {"name": "link", "select": "span[kind=consumer]", "assert": "link:why = 'batch'"},
        {"name": "status ok", "select": "span[name=validate]", "assert": "status = ok"},
        {"name": "database below the request",
         "select": "span[kind=server] > span[name='INSERT orders']",
         "assert": ["count = 1", "duration = 3ms"]},
        {"name": "processed", "select": "span[kind=producer] > span[kind=consumer]",
         "assert": "none: status = error"},
        {"name": "in time", "assert": "$process.start - $request.start = 40ms"},
    ],
    "thresholds": [{"name": "median", "rule": "p(50)($process.start - $request.end) < 40ms"}],
}


class Sdks(harness.TestCase):
    @classmethod
    def setUpClass(cls):
        harness.binary()
        sdk_clients.prepare()

    def judged(self, client, injected):
        """The report of a run of one client against a daemon of its own."""
        # Virtual machines of other languages may take seconds to begin; a record waits for its deadline only.
        daemon = self.daemon(config(suites=[SUITE], completion={"quiet": "500ms", "deadline": "60s"}))
        campaign = daemon.start_campaign("sdk")
        if injected:
            campaign.inject([{"trace_id": trace} for trace in sdk_clients.trace_ids(SEED, TRACES)])
        endpoint = daemon.grpc if client[1] == "grpc" else daemon.http
        sdk_clients.run(client, f"http://{endpoint}", SEED, TRACES)
        report = campaign.finish()
        self.assert_balanced(report)
        self.assertEqual(0, daemon.stop(), daemon.log())
        return report

    def test_all_clients_give_the_same_report_and_nothing_is_inconclusive(self):
        reports = {}
        for client in sdk_clients.CLIENTS:
            with self.subTest(client=client):
                report = self.judged(client, injected=False)
                self.check_content(report)
                reports[client] = comparable(report)
        first = reports[sdk_clients.CLIENTS[0]]
        for client, report in reports.items():
            with self.subTest(client=client):
                self.assertEqual(first, report)

    def test_their_injections_are_matched(self):
        for client in (("python", "grpc", "gzip"), ("js", "http/json", "none"),
                       ("java", "http/protobuf", "gzip")):
            with self.subTest(client=client):
                report = self.judged(client, injected=True)
                self.check_content(report)
                self.assert_counts(report["correlation"], matched=TRACES, missing=0)

    def check_content(self, report):
        suite = harness.suite_of(report, "orders")
        self.assert_counts(suite["traces"], judged=TRACES, **{"pass": TRACES - 2}, fail=2,
                           error=0, inconclusive=0)
        for assertion in suite["assertions"]:
            failing = 2 if assertion["name"] == "processed" else 0
            self.assert_counts(assertion, **{"pass": TRACES - failing}, fail=failing, error=0,
                               inconclusive=0, skipped=0)
        processed = harness.assertion_of(report, "orders", "processed")
        ids = sdk_clients.trace_ids(SEED, TRACES)
        self.assertEqual([ids[3], ids[7]],
                         [failure["trace_id"] for failure in processed["failures"]])
        self.assert_counts(report["ledger"]["spans"], judged=TRACES * sdk_clients.SPANS_PER_TRACE,
                           received=TRACES * sdk_clients.SPANS_PER_TRACE)


if __name__ == "__main__":
    harness.main()
