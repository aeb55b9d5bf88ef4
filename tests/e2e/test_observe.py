"""What the daemon tells about itself: its metrics are those of docs/operations.md, in the format that scrapers read."""
import pathlib
import re
import socket

from tests.e2e import harness
from tests.e2e.harness import SHOP_SUITE, config, shop_trace

OPERATIONS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "operations.md"
ROW = re.compile(r"^\| `([a-z0-9_]+)` \| (counter|gauge) \|(.*?)\| .+ \| .+ \|$", re.MULTILINE)
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
            if name != current or families[name][0] is not None or kind not in ("counter", "gauge"):
                raise ValueError(line)
            families[name][0] = kind
        else:
            match = SAMPLE.fullmatch(line)
            if not match or match[1] != current or families[current][0] is None:
                raise ValueError(f"not a sample of {current}: {line!r}")
            float(match[3])
            if line.rsplit(" ", 1)[0] in seen:
                raise ValueError(f"twice: {line}")
            seen.add(line.rsplit(" ", 1)[0])
            labels = frozenset(re.findall(r'([a-z_]+)="', match[2] or ""))
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

    def test_the_process_tells_its_age_and_size(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        self.assertGreater(daemon.metric("otelcol_process_memory_rss"), 1 << 20)
        self.assertGreater(daemon.metric("otelcol_process_cpu_seconds"), 0)
        self.assertGreater(daemon.metric("otelcol_process_uptime"), 0)


if __name__ == "__main__":
    harness.main()
