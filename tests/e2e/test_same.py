"""`check` on recorded requests and a live run of the same bytes give the same report."""
import gzip
import os

from tests.e2e import harness, otlp
from tests.e2e.harness import config

PAYLOADS = os.path.join(harness.ROOT, "tests", "payloads")

#: Some of it holds for the recorded spans and some does not; every kind of result turns up.
SUITES = [
    {"name": "orders", "traces": "span[kind=server name=~'orders']",
     "spans": {"request": "span[kind=server]:first", "sent": "span[name='send orders.created']",
               "insert": "span[name='pg.query:INSERT shop']"},
     "assertions": [
         {"name": "one request", "select": "span[kind=server]", "assert": "count = 1"},
         {"name": "database is quick", "select": "span[db.system.name='postgresql']",
          "assert": "duration < 15ms", "tolerance": 0.05},
         {"name": "session is read", "select": "span[name=get]",
          "assert": ["count = 1", "server.port = 6379", "db.namespace = 0"]},
         {"name": "nothing failed", "select": "span[]", "assert": "none: status = error"},
         {"name": "order is written", "assert": "$insert.duration < 1s"},
         {"name": "message after request", "assert": "$sent.start - $request.start <= 100ms"},
         {"name": "no such attribute", "select": "span[name=get]",
          "assert": "no.such.attribute exists", "severity": "warning"},
         {"name": "only where written", "select": "span[name='pg.query:INSERT shop']",
          "assert": "count = 1", "optional": True},
     ],
     "thresholds": [
         {"name": "half in time", "rule": "p(50)($request.duration) < 20ms"},
         {"name": "slowest", "rule": "max($request.duration) < 60ms", "severity": "warning"},
         {"name": "failing", "rule": "ratio(fail) <= 90%"},
         {"name": "message delay", "rule": "avg($sent.start - $request.start) < 50ms"}]},
    {"name": "everything",
     "assertions": [
         {"name": "service", "select": "span[]", "assert": "service = checkout"},
         {"name": "exceptions", "select": "span[event:name=exception]",
          "assert": "status = error", "optional": True},
         {"name": "below the server", "select": "span[kind=server] span[kind=client]",
          "assert": "count >= 3"}]},
]


def comparable(report):
    """The report without times, correlation and sinks."""
    campaign = {name: item for name, item in report["campaign"].items()
                if name not in ("start", "end", "correlation")}
    ledger = {name: item for name, item in report["ledger"].items() if name != "sinks"}
    return {**{name: item for name, item in report.items() if name != "correlation"},
            "campaign": campaign, "ledger": ledger}


class Same(harness.TestCase):
    def compare(self, name, over, compression):
        with open(os.path.join(PAYLOADS, name), "rb") as file:
            body = file.read()
        settings = config(suites=SUITES, completion={"quiet": "500ms"})
        done = harness.run_command("check", "--config", self.write("assertd.conf", settings),
                                   "--format", "json", "--campaign", "same",
                                   os.path.join(PAYLOADS, name))
        offline = done.json()
        daemon = self.daemon(settings)
        campaign = daemon.start_campaign("same")
        if over == "grpc":
            with otlp.GrpcClient(daemon.grpc) as client:
                self.assertEqual(b"", client.export(body, compression))
        else:
            headers = {"Content-Type": over}
            if compression == "gzip":
                headers["Content-Encoding"] = "gzip"
            self.assertEqual(200, otlp.post(daemon.http, "/v1/traces", body, headers).status)
        live = campaign.finish()
        self.assertEqual(comparable(offline), comparable(live))
        self.assert_balanced(offline)
        self.assert_balanced(live)
        self.assert_not_trivial(offline)

    def assert_not_trivial(self, report):
        seen = {result for suite in report["suites"] for assertion in suite["assertions"]
                for result in ("pass", "fail") if assertion[result]}
        self.assertEqual({"pass", "fail"}, seen)

    def test_http_64_json(self):
        self.compare("http-64.json", "application/json", "none")

    def test_http_512_protobuf(self):
        self.compare("http-512.pb", "application/x-protobuf", "none")

    def test_http_512_protobuf_gzip(self):
        self.compare("http-512.pb.gz", "application/x-protobuf", "gzip")

    def test_grpc_512(self):
        self.compare("http-512.pb", "grpc", "gzip")

    def test_four_services_in_one_request(self):
        self.compare("multi-512.pb", "application/x-protobuf", "none")

    def test_plain_and_gzip_of_one_recording_give_one_report(self):
        path = self.write("assertd.conf", config(suites=SUITES))
        with open(os.path.join(PAYLOADS, "http-512.pb"), "rb") as file:
            body = file.read()
        forms = [self.write("plain", body), self.write("packed", gzip.compress(body))]
        reports = [comparable(harness.run_command(
            "check", "--config", path, "--format", "json", form).json()) for form in forms]
        self.assertEqual(*reports)


if __name__ == "__main__":
    harness.main()
