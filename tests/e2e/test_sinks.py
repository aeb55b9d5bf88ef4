"""Kafka, InfluxDB, VictoriaMetrics and Graphite get what the ledger says that they got.

Every count is read back from the real server by another client.
"""
import json
from collections import Counter

from tests.e2e import harness, otlp
from tests.e2e.harness import config, shop_trace, suite_of
from tests.peers.carbon import Carbon
from tests.peers.influxdb import InfluxDB
from tests.peers.kafka import Kafka
from tests.peers.process import wait_until
from tests.peers.victoria import VictoriaMetrics

SUITE = {
    "name": "shop",
    "spans": {"request": "span[name='POST /orders']"},
    "outputs": {"code": "$request.http.response.status_code", "took": "$request.duration",
                "title": "$request.name"},
    "assertions": [
        {"name": "stored", "select": "span[name='store']", "assert": "count = 1"},
        {"name": "accepted", "select": "span[name='POST /orders']",
         "assert": "http.response.status_code = 200"},
    ],
}
TOPICS = ("assertd-verdicts", "assertd-meters", "assertd-campaigns", "assertd-dead-letters")
TAGS = {"campaign", "scenario", "step", "zone", "tenant", "suite", "assertion", "service", "status",
        "scope"}
QUICK_RETRY = {"initial_interval": "50ms", "max_interval": "500ms", "max_elapsed_time": "60s"}


class Sinks(harness.TestCase):
    def run_daemon(self, **exporters):
        self.assertd = self.daemon(config(suites=[SUITE], exporters=exporters))
        self.campaign = self.assertd.start_campaign("c")

    def send(self, numbers):
        """Every tenth trace fails twice over, the fifth of each ten once."""
        for number in numbers:
            stored = 2 if number % 10 == 0 else 1
            status = 500 if number % 10 in (0, 5) else 200
            self.assertd.send(shop_trace(number, stored=stored, status=status), "http/protobuf")

    def settled(self, *sinks):
        """The final report, once nothing is under way to the sinks; its ledger balances."""
        self.campaign.finish()

        def delivered(report):
            return all(report["ledger"]["sinks"][sink]["in_flight"] == 0 for sink in sinks)
        report = self.campaign.wait_for_report(delivered, f"nothing in flight to {sinks}")
        self.assert_balanced(report)
        return report

    def assert_nothing_lost(self, report, sink):
        counts = report["ledger"]["sinks"][sink]
        self.assert_counts(counts, acknowledged=counts["produced"], rejected=0, dropped=0)
        return counts["produced"]

    def assert_codes(self, count, mean, least, greatest):
        """What `code` came to in 200 traces: 200, and 500 in every fifth."""
        self.assertEqual((200, 260, 200, 500), (count, mean, least, greatest))

    def expected_counts(self, report):
        """{(assertion, status): count} of the report, without zeros."""
        return {(assertion["name"], status): assertion[status]
                for assertion in suite_of(report, "shop")["assertions"]
                for status in ("pass", "fail", "error", "inconclusive", "skipped")
                if assertion[status]}


class KafkaSink(Sinks):
    def setUp(self):
        super().setUp()
        self.broker = Kafka().__enter__()
        self.addCleanup(self.broker.close)

    def kafka(self, **more):
        return {"brokers": self.broker.brokers, "retry_on_failure": QUICK_RETRY, **more}

    def read_back(self):
        return {topic: self.broker.records(topic) for topic in TOPICS}

    def check_verdicts(self, records, report, traces):
        verdicts = [json.loads(record.value) for record in records]
        for record, verdict in zip(records, verdicts):
            self.assertEqual(verdict["trace_id"].encode(), record.key)
            headers = dict(record.headers)
            self.assertEqual({"content-type", "schema-version", "campaign", "traceparent"},
                             set(headers))
            self.assertEqual((b"application/json", b"1", b"c"),
                             tuple(headers[name] for name in
                                   ("content-type", "schema-version", "campaign")))
            self.assertIn(record.key, headers["traceparent"])
        once = Counter((verdict["id"], verdict["revision"]) for verdict in verdicts)
        self.assertEqual({1}, set(once.values()), "a verdict came twice")
        final = {verdict["trace_id"]: verdict for verdict in verdicts if verdict["final"]}
        self.assertEqual({otlp.trace_id(number) for number in traces}, set(final))
        counted = Counter(verdict["result"] for verdict in final.values())
        self.assert_counts(suite_of(report, "shop")["traces"], judged=len(final),
                           **{"pass": counted["pass"]}, fail=counted["fail"])

    def test_records_produced_are_records_read_back(self):
        self.run_daemon(kafka=self.kafka())
        self.send(range(200))
        report = self.settled("kafka")
        produced = self.assert_nothing_lost(report, "kafka")
        found = self.read_back()
        self.assertEqual(produced, sum(map(len, found.values())),
                         {topic: len(records) for topic, records in found.items()})
        self.check_verdicts(found["assertd-verdicts"], report, range(200))
        self.assertEqual({b"c"}, {record.key for record in found["assertd-campaigns"]})
        meters = [json.loads(record.value) for record in found["assertd-meters"]]
        whole = Counter()
        for meter in meters:
            if meter["name"] == "assertion" and meter["scope"] == "campaign":
                whole[meter["tags"]["assertion"], meter["tags"]["status"]] += meter["count"]
        self.assertEqual(self.expected_counts(report), {k: v for k, v in whole.items() if v})
        outputs = {meter["tags"]["output"]: meter for meter in meters
                   if meter["name"] == "output" and meter["scope"] == "campaign"}
        self.assertEqual({"code", "took"}, set(outputs))
        self.assert_codes(*(outputs["code"][field] for field in ("count", "mean", "min", "max")))
        self.assertEqual(10_000_000, outputs["took"]["p95"])

    def test_a_broker_stopped_and_started_during_the_run_loses_nothing(self):
        self.run_daemon(kafka=self.kafka())
        self.send(range(100))
        wait_until(lambda: len(self.broker.records("assertd-verdicts")) >= 50, 60, "first verdicts")
        self.broker.stop()
        self.send(range(100, 200))
        self.campaign.wait_for_report(
            lambda report: suite_of(report, "shop")["traces"]["judged"] >= 200, "all judged")
        self.broker.start()
        report = self.settled("kafka")
        produced = self.assert_nothing_lost(report, "kafka")
        found = self.read_back()
        self.assertEqual(produced, sum(map(len, found.values())))
        self.check_verdicts(found["assertd-verdicts"], report, range(200))

    def test_what_a_dead_broker_did_not_get_is_in_the_ledger(self):
        self.run_daemon(kafka=self.kafka(timeout="1s", retry_on_failure={
            **QUICK_RETRY, "max_elapsed_time": "2s"}))
        self.broker.kill()
        self.send(range(50))
        counts = self.settled("kafka")["ledger"]["sinks"]["kafka"]
        self.assertGreaterEqual(counts["produced"], 50)
        self.assert_counts(counts, acknowledged=0, rejected=0,
                           dropped=counts["produced"] - counts["spooled"])

    def test_a_slow_sink_does_not_delay_another(self):
        with InfluxDB() as store:
            store.create_database("t")
            self.run_daemon(kafka=self.kafka(), influxdb={
                "endpoint": store.endpoint, "database": "t", "retry_on_failure": QUICK_RETRY})
            store.pause()
            self.send(range(50))
            wait_until(lambda: len({json.loads(record.value)["trace_id"] for record
                                    in self.broker.records("assertd-verdicts")}) == 50,
                       60, "50 verdicts in Kafka while InfluxDB stands still")
            store.resume()
            report = self.settled("kafka", "influxdb")
            for sink in ("kafka", "influxdb"):
                self.assert_nothing_lost(report, sink)


class InfluxSink(Sinks):
    def setUp(self):
        super().setUp()
        self.store = InfluxDB().__enter__()
        self.addCleanup(self.store.close)
        self.store.create_database("t")

    def influxdb(self, **more):
        return {"endpoint": self.store.endpoint, "api": "v1", "database": "t",
                "retry_on_failure": QUICK_RETRY, **more}

    def check_points(self, report):
        points = self.store.points("t")
        self.assertEqual(self.assert_nothing_lost(report, "influxdb"),
                         sum(map(len, points.values())),
                         {name: len(rows) for name, rows in points.items()})
        for name, rows in points.items():
            keys = {row["tagKey"] for row in
                    self.store.rows("t", f'SHOW TAG KEYS FROM "{name}"')}
            tags = TAGS | {"output"} if name == "output" else TAGS
            self.assertEqual(tags, keys, name)
            for row in rows:
                self.assertTrue(all(row[tag] for tag in tags), row)
        whole = Counter()
        for row in points["assertion"]:
            if row["scope"] == "campaign":
                whole[row["assertion"], row["status"]] += row["count"]
        self.assertEqual(self.expected_counts(report), {k: v for k, v in whole.items() if v})
        return points

    def test_points_produced_are_points_read_back(self):
        self.run_daemon(influxdb=self.influxdb())
        self.send(range(200))
        points = self.check_points(self.settled("influxdb"))
        self.assertEqual({otlp.trace_id(number) for number in range(0, 200, 5)},
                         {row["trace_id"] for row in points["assertion_event"]})
        self.assertEqual(60, len(points["assertion_event"]))
        outputs = {row["output"]: row for row in points["output"] if row["scope"] == "campaign"}
        self.assertEqual({"code", "took"}, set(outputs), "a text became a series")
        self.assert_codes(*(outputs["code"][field] for field in ("count", "mean", "min", "max")))
        self.assertEqual((10_000_000, 10_000_000), (outputs["took"]["p50"], outputs["took"]["p95"]))

    def test_a_store_stopped_and_started_during_the_run_loses_nothing(self):
        self.run_daemon(influxdb=self.influxdb())
        self.send(range(100))
        wait_until(lambda: self.store.points("t").get("assertion_event"), 60, "first points")
        self.store.stop()
        self.send(range(100, 200))
        self.campaign.wait_for_report(
            lambda report: suite_of(report, "shop")["traces"]["judged"] >= 200, "all judged")
        self.store.start()
        points = self.check_points(self.settled("influxdb"))
        self.assertEqual(60, len(points["assertion_event"]))

    def test_a_database_that_does_not_exist_is_told_and_counted(self):
        self.run_daemon(influxdb=self.influxdb(
            database="nowhere", retry_on_failure={**QUICK_RETRY, "max_elapsed_time": "1s"}))
        self.send(range(10))
        counts = self.settled("influxdb")["ledger"]["sinks"]["influxdb"]
        self.assertGreater(counts["produced"], 0)
        self.assertEqual(counts["produced"], counts["rejected"] + counts["dropped"], counts)
        self.assertIn("nowhere", self.assertd.log())

    def test_hostile_names_arrive_as_they_are(self):
        name = 'a,b=c d"e\\f'
        self.assertd = self.daemon(config(suites=[
            {"name": name, "assertions": [{"name": name, "select": "span[]",
                                           "assert": "count = 3"}]}],
            exporters={"influxdb": self.influxdb()}))
        self.campaign = self.assertd.start_campaign("c")
        self.campaign.inject([{"trace_id": otlp.trace_id(1), "scenario": "x\ny=z,\\"}])
        self.assertd.send(shop_trace(1))
        self.campaign.finish()
        report = self.campaign.wait_for_report(
            lambda report: report["ledger"]["sinks"]["influxdb"]["in_flight"] == 0, "delivery")
        points = self.store.points("t")
        self.assertEqual(self.assert_nothing_lost(report, "influxdb"),
                         sum(map(len, points.values())))
        self.assertEqual({name}, {row["assertion"] for row in points["assertion"]})


class VictoriaSink(Sinks):
    def test_the_second_api_is_written_and_read_back(self):
        token = self.write("token", "secret\n")
        with VictoriaMetrics() as store:
            self.run_daemon(influxdb={"endpoint": store.endpoint, "api": "v2", "org": "o",
                                      "bucket": "b", "token_file": token,
                                      "retry_on_failure": QUICK_RETRY})
            self.send(range(100))
            report = self.settled("influxdb")
            self.assert_nothing_lost(report, "influxdb")
            whole = Counter()
            for series in store.export('{__name__="assertion_count",scope="campaign"}'):
                tags = series["metric"]
                self.assertEqual(TAGS, TAGS & set(tags))
                whole[tags["assertion"], tags["status"]] += sum(series["values"])
            self.assertEqual(self.expected_counts(report), {k: v for k, v in whole.items() if v})


class GraphiteSink(Sinks):
    def run_graphite(self, **options):
        store = Carbon().__enter__()
        self.addCleanup(store.close)
        self.run_daemon(graphite={"endpoint": store.address, "prefix": "assertd", **options})
        self.send(range(50))
        report = self.settled("graphite")
        produced = self.assert_nothing_lost(report, "graphite")
        self.assertGreater(produced, 0)
        return store, report

    def wait_for_counts(self, store, report, count_of):
        """Waits until the counts in the store, by assertion and status, are the report's."""
        wanted = self.expected_counts(report)

        def stored():
            counts = Counter()
            for name, points in store.series().items():
                found = count_of(name)
                if found:
                    counts[found] += sum(points.values())
            return counts == wanted
        try:
            wait_until(stored, 20, "the counts in carbon", 0.2)
        except TimeoutError:
            self.fail(f"wanted {wanted}, found {store.series()}")

    def test_tagged_series(self):
        store, report = self.run_graphite(tags=True)

        def count_of(name):
            path, *pairs = name.split(";")
            tags = dict(pair.split("=", 1) for pair in pairs)
            if path != "assertd.assertion.count" or tags.get("scope", "campaign") != "campaign":
                return None
            return tags["assertion"], tags["status"]
        self.wait_for_counts(store, report, count_of)

    def test_hierarchical_series(self):
        store, report = self.run_graphite(tags=False)

        def count_of(name):
            parts = name.split(".")
            if len(parts) != 7 or parts[0] != "assertd" or parts[6] != "count":
                return None
            return (parts[4], parts[5]) if parts[4] in ("stored", "accepted") else None
        self.wait_for_counts(store, report, count_of)
        path = "assertd.none.none.none.output.shop.%s.campaign.%s"
        for output, field, value in (("code", "count", 50), ("code", "max", 500),
                                     ("took", "mean", 10_000_000)):
            points = store.series()[path % (output, field)]
            self.assertEqual([value], list(points.values()), (output, field))
        self.assertFalse([name for name in store.series() if "title" in name])

    def test_a_store_that_comes_late_gets_what_follows(self):
        store = Carbon().__enter__()
        self.addCleanup(store.close)
        store.stop()
        self.run_daemon(graphite={"endpoint": store.address, "prefix": "assertd", "tags": True,
                                  "retry_on_failure": QUICK_RETRY})
        self.send(range(10))
        store.start()
        report = self.settled("graphite")
        self.assert_nothing_lost(report, "graphite")
        wait_until(store.series, 20, "series in carbon", 0.2)


if __name__ == "__main__":
    harness.main()
