"""What the daemon tells about itself: its metrics are those of docs/operations.md, in the format that scrapers read."""
import json
import pathlib
import re
import socket
import threading

from tests.e2e import harness, otlp
from tests.e2e.harness import SHOP_SUITE, config, shop_trace
from tests.peers.process import wait_until

OPERATIONS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "operations.md"
ROW = re.compile(r"^\| `([a-z0-9_]+)` \| (counter|gauge|histogram) \|(.*?)\| .+ \| .+ \|$", re.MULTILINE)
STAGES = ("receive", "inflate", "decode", "admission", "grouping", "judging", "closing", "orders", "encoding")
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (\S+)')


def documented():
    """{name: (type, labels)} of the table in docs/operations.md."""
    rows = ROW.findall(OPERATIONS.read_text())
    return {name: (kind, frozenset(re.findall(r"`([a-z_]+)`", labels))) for name, kind, labels in rows}


def exposed(text):
    """{name: (type, labels)} of a page; raises ValueError where it breaks the exposition format."""
    families, current, seen = {}, None, set()
    if not text.endswith("\n"):
        raise ValueError("the last line has no end")
    lines = text[:-1].split("\n")
    for line in lines:
        if line.startswith("# HELP "):
            current = line.split(" ", 3)[2]
            if current in families:
                raise ValueError(f"{current} comes twice")
            families[current] = [None, None]
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            if name != current or families[name][0] is not None or kind not in ("counter", "gauge", "histogram"):
                raise ValueError(line)
            families[name][0] = kind
        else:
            match = SAMPLE.fullmatch(line)
            parts = ("_bucket", "_sum", "_count") if families[current][0] == "histogram" else ("",)
            if not match or families[current][0] is None or match[1] not in [current + part for part in parts]:
                raise ValueError(f"not a sample of {current}: {line!r}")
            float(match[3])
            if line.rsplit(" ", 1)[0] in seen:
                raise ValueError(f"twice: {line}")
            seen.add(line.rsplit(" ", 1)[0])
            labels = frozenset(re.findall(r'([a-z_]+)="', match[2] or "")) - {"le"}
            if families[current][1] not in (None, labels):
                raise ValueError(f"other labels than before: {line}")
            families[current][1] = labels
    return {name: tuple(family) for name, family in families.items()}


class Metrics(harness.TestCase):
    def test_every_metric_is_documented_and_none_is_missing(self):
        nobody = self.enterContext(socket.socket())
        nobody.bind(("127.0.0.1", 0))
        sink = {"endpoint": f"127.0.0.1:{nobody.getsockname()[1]}"}
        daemon = self.daemon(config(suites=[SHOP_SUITE], exporters={"graphite": sink}))
        daemon.start_campaign("c")
        daemon.send(shop_trace(1))
        told = documented()
        self.assertGreater(len(told), 40)
        self.assertEqual(told, exposed(daemon.call("GET", "/metrics").body.decode()))

    def test_user_agents_are_a_bounded_label(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], service={"workers": 1}))
        body = otlp.as_json(shop_trace(1))
        agents = ["odd\\name{x=}/1 second"] * 2 + [f"agent/{number}" for number in range(40)] + [""]
        for agent in agents:
            fields = {"Content-Type": "application/json", "User-Agent": agent}
            self.assertEqual(200, otlp.post(daemon.http, "/v1/traces", body, fields).status)
        counted = {dict(labels)["user_agent"]: number
                   for (name, labels), number in daemon.metrics().items()
                   if name == "assertd_user_agent_requests_total"
                   and dict(labels)["transport"] == "http"}
        self.assertEqual(2, counted["odd_name_x__/1"])
        self.assertEqual(1, counted["agent/30"])
        self.assertEqual(9, counted["(other)"])
        self.assertEqual(1, counted["(none)"])
        self.assertEqual(34, len(counted))

    def test_failures_told_early_are_counted_by_their_delay(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], campaign={"correlation": "off"}))
        daemon.start_campaign("c")
        daemon.send(shop_trace(1))
        daemon.send(shop_trace(2, status=500))
        wait_until(lambda: daemon.metric("assertd_decision_seconds_count") == 1, 10, "the decision", 0.01)
        self.assertEqual(1, daemon.metric("assertd_decision_seconds_bucket", le="+Inf"))
        self.assertGreater(daemon.metric("assertd_decision_seconds_sum"), 0)

    def test_spans_and_requests_are_counted_by_transport(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        daemon.send(shop_trace(1), "grpc")
        daemon.send(shop_trace(2), "http/protobuf")
        daemon.send(shop_trace(3), "http/json")
        for transport, requests in (("grpc", 1), ("http", 2)):
            labels = {"receiver": "otlp", "transport": transport}
            self.assertEqual(2 * requests, daemon.metric("otelcol_receiver_accepted_spans", **labels))
            self.assertEqual(requests, daemon.metric("otelcol_receiver_requests", outcome="success", **labels))
            self.assertEqual(0, daemon.metric("otelcol_receiver_requests", outcome="failure", **labels))
        self.assertEqual(400, daemon.call("POST", "/v1/traces", b"no json", address=daemon.http).status)
        self.assertEqual(1, daemon.metric("otelcol_receiver_requests", outcome="failure", transport="http"))
        self.assertEqual(1, daemon.metric("assertd_requests_refused_total", reason="malformed", transport="http"))

    def test_campaigns_are_counted_by_phase(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        self.assertEqual(0, daemon.metric("assertd_campaigns"))
        first = daemon.start_campaign("a")
        daemon.start_campaign("b")
        first.abort()
        first.wait_for_end()
        self.assertEqual((1, 1), (daemon.metric("assertd_campaigns", phase="running"), daemon.metric("assertd_campaigns", phase="ended")))

    def test_what_closed_traces_is_told(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], completion={"quiet": "10ms", "deadline": "60s", "grace": "10ms"}))
        campaign = daemon.start_campaign("c")
        daemon.send(shop_trace(1))
        wait_until(lambda: daemon.metric("assertd_traces_closed_total", reason="settled") == 1, 10, "the trace closes")
        lonely = shop_trace(2, stored=0)
        lonely["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["parentSpanId"] = "00000000000000aa"
        daemon.send(lonely)
        daemon.send(shop_trace(3, stored=0))
        campaign.abort()
        campaign.wait_for_end()
        self.assertEqual(2, daemon.metric("assertd_traces_closed_total", reason="finished"))
        self.assertEqual(0, daemon.metric("assertd_traces_closed_total", reason="deadline"))
        self.assertEqual(2, daemon.metric("assertd_traces_short_total", cause="lost"))

    def test_time_is_told_by_stage(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], completion={"quiet": "10ms", "deadline": "1s", "grace": "0s"}))
        campaign = daemon.start_campaign("c")
        for number in range(20):
            daemon.send(shop_trace(number), "grpc", "gzip")
        campaign.finish()
        spent = {stage: daemon.metric("assertd_stage_seconds_total", stage=stage) for stage in STAGES}
        for stage in set(STAGES) - {"encoding"}:
            self.assertGreater(spent[stage], 0, stage)
        self.assertEqual(0, spent["encoding"])
        self.assertGreater(daemon.metric("assertd_worker_cpu_seconds_total"), 0)

    def test_what_is_handed_from_thread_to_thread_is_counted(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], service={"workers": 2}))
        daemon.start_campaign("c")
        for number in range(20):
            daemon.send(shop_trace(number))

        def of(name, **labels):
            return daemon.metric(f"assertd_ring_{name}", ring="workers", **labels)

        wait_until(lambda: daemon.metric("assertd_spans_received_total") == 40, 10, "the spans", 0.01)
        handed = of("batches_total")
        self.assertTrue(0 < handed < 20, handed)  # of 20 traces of one request each
        self.assertTrue(0 < of("wakeups_total") <= handed)
        self.assertTrue(0 < of("batches_most") <= handed)
        self.assertEqual((0, 0), (of("batches"), of("full_total")))
        self.assertEqual(handed, of("wait_seconds_bucket", le="+Inf"))
        self.assertEqual(handed, of("wait_seconds_count"))
        self.assertGreater(of("wait_seconds_sum"), 0)
        page = json.loads(daemon.call("GET", "/debug/rings?format=json").body)
        self.assertEqual(handed, sum(ring["batches"] for ring in page["workers"]))
        for ring in page["workers"]:
            self.assertEqual({"from", "to", "used", "room", "most", "batches", "wakeups", "found_full", "wait_mean_ns",
                              "wait_p99_ns_at_most"}, set(ring))
        self.assertGreater(max(ring["wait_p99_ns_at_most"] for ring in page["workers"]), 0)

    def test_the_process_tells_its_age_and_size(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        self.assertGreater(daemon.metric("otelcol_process_memory_rss"), 1 << 20)
        self.assertGreater(daemon.metric("otelcol_process_cpu_seconds"), 0)
        self.assertGreater(daemon.metric("otelcol_process_uptime"), 0)


PAGES = ("traces", "assertions", "ledger", "rings", "memory", "stages", "config")


class Debug(harness.TestCase):
    def page(self, daemon, name, query="", accept=None):
        headers = {"Accept": accept} if accept else {}
        return otlp.post(daemon.admin, f"/debug/{name}{query}", None, headers, "GET")

    def json(self, daemon, name, query="?format=json"):
        return json.loads(self.page(daemon, name, query).body)

    def test_every_page_answers_in_both_forms_while_load_runs(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], service={"workers": 2}))
        daemon.start_campaign("c")
        over = threading.Event()
        self.addCleanup(over.set)

        def load():
            number = 0
            while not over.is_set():
                daemon.send(shop_trace(number), "http/json")
                number += 1

        sender = threading.Thread(target=load)
        sender.start()
        for _ in range(10):
            for name in PAGES:
                text = self.page(daemon, name)
                self.assertEqual((200, "text/plain; charset=utf-8"), (text.status, text.headers.get("content-type")))
                self.assertIn(":" if name != "config" else "=", text.body.decode())
                for query, accept in (("?format=json", None), ("", "application/json")):
                    page = self.page(daemon, name, query, accept)
                    self.assertEqual((200, "application/json"), (page.status, page.headers.get("content-type")))
                    self.assertTrue(json.loads(page.body))
        over.set()
        sender.join()
        for path in ("/debug", "/debug/"):
            index = daemon.call("GET", path).body.decode()
            for name in PAGES:
                self.assertIn(f"/debug/{name}: ", index)

    def test_open_traces_are_shown_oldest_first_and_bounded(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], service={"workers": 2}, completion={"quiet": "60s", "deadline": "60s"}))
        campaign = daemon.start_campaign("c")
        for number in range(1, 8):
            daemon.send(shop_trace(number))
        campaign.wait_for_spans(14)
        page = self.json(daemon, "traces")
        self.assertEqual({otlp.trace_id(number) for number in range(1, 8)}, {trace["trace_id"] for trace in page["oldest"]})
        ages = [trace["age"] for trace in page["oldest"]]
        self.assertEqual(sorted(ages, reverse=True), ages)
        for trace in page["oldest"]:
            self.assertEqual(("open", "c", False, 2), tuple(trace[key] for key in ("state", "campaign", "injected", "spans")))
            self.assertGreater(trace["bytes"], 0)
            self.assertLess(trace["quiet"], 60)
        self.assertEqual(7, page["open"])
        self.assertEqual([trace["trace_id"] for trace in page["oldest"][:2]],
                         [trace["trace_id"] for trace in self.json(daemon, "traces", "?format=json&count=2")["oldest"]])
        self.assertEqual([], self.json(daemon, "traces", "?count=0&format=json")["oldest"])

    def test_memory_is_told_by_owner_as_in_the_metrics(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], completion={"quiet": "60s", "deadline": "60s"}, limits={"memory": "64MiB"}))
        campaign = daemon.start_campaign("c")
        daemon.send(shop_trace(1))
        campaign.wait_for_spans(2)
        page = self.json(daemon, "memory")
        self.assertEqual(64 << 20, page["limit_bytes"])
        self.assertLess(page["throttled_from_bytes"], page["limit_bytes"])
        self.assertGreater(page["owners"]["traces"], 0)
        labels = {dict(own)["owner"] for (name, own) in daemon.metrics() if name == "assertd_memory_held_bytes"}
        self.assertEqual(labels, set(page["owners"]))
        self.assertEqual(0, sum(page["refused"].values()))

    def test_each_worker_tells_where_its_time_went(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], service={"workers": 2}))
        daemon.send(shop_trace(1))
        page = self.json(daemon, "stages")
        self.assertEqual([0, 1], [worker["worker"] for worker in page["workers"]])
        for worker in page["workers"]:
            self.assertEqual({"worker", "cpu", *STAGES} - {"encoding"}, set(worker))

    def test_the_ledger_is_that_of_the_reports(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        ended = daemon.start_campaign("a")
        daemon.send(shop_trace(1))
        report = ended.finish()
        daemon.start_campaign("b")
        first, second = self.json(daemon, "ledger")["campaigns"]
        self.assertEqual(("a", "SUCCESSFUL"), (first["campaign"], first["status"]))
        self.assertEqual(("b", "IN_PROGRESS"), (second["campaign"], second["status"]))
        for account in ("spans", "injections"):
            for name, number in report["ledger"][account].items():
                self.assertEqual(number, first[account][name], name)

    def test_assertions_tell_where_they_were_written(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        suite = self.json(daemon, "assertions")["suites"][0]
        self.assertEqual(SHOP_SUITE["name"], suite["name"])
        self.assertEqual([each["name"] for each in SHOP_SUITE["assertions"]], [each["name"] for each in suite["assertions"]])
        for assertion in suite["assertions"]:
            self.assertRegex(assertion["source"], r"\.conf:\d+$")

    def test_the_configuration_shows_no_secret(self):
        secret = self.write("token", "s3cret\n")
        daemon = self.daemon(config(suites=[SHOP_SUITE], exporters={"influxdb": {
            "endpoint": "http://user:s3cret@127.0.0.1:9", "api": "v2", "org": "o", "bucket": "b", "token_file": str(secret)}}))
        for query in ("", "?format=json"):
            page = self.page(daemon, "config", query).body.decode()
            self.assertNotIn("s3cret", page)
            self.assertIn("influxdb", page)

    def test_a_bad_query_is_told_and_other_listeners_have_no_such_pages(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], metrics={"endpoint": "127.0.0.1:0"}))
        for path in ("/debug/traces?count=101", "/debug/traces?count=x", "/debug/rings?format=xml"):
            self.assertEqual(400, daemon.call("GET", path).status, path)
        self.assertEqual(405, daemon.call("POST", "/debug/config", b"").status)
        self.assertEqual(404, daemon.call("GET", "/debug/nothing").status)
        self.assertEqual(404, daemon.call("GET", "/debug/config", address=daemon.addresses["metrics"]).status)

    def test_a_peer_that_goes_away_while_the_ledger_is_gathered_harms_nothing(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], service={"workers": 2}))
        for number in range(5):
            daemon.start_campaign(f"c{number}")
        host, port = daemon.admin.rsplit(":", 1)
        for _ in range(20):
            for path in (b"ledger", b"traces"):
                with socket.create_connection((host, int(port))) as peer:
                    peer.sendall(b"GET /debug/" + path + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual(5, len(self.json(daemon, "ledger")["campaigns"]))


if __name__ == "__main__":
    harness.main()
