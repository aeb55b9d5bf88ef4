"""The running daemon from the outside: receivers, campaigns, reports, probes, metrics, drain."""
import json
import re
import signal
import socket
import struct
import xml.etree.ElementTree as ElementTree

import grpc

from tests.e2e import harness, otlp
from tests.e2e.harness import SHOP_SUITE, assertion_of, config, shop_trace, suite_of
from tests.peers.process import wait_until

TRANSPORTS = [(over, compression) for over in ("grpc", "http/protobuf", "http/json")
              for compression in ("none", "gzip")]


class Receiving(harness.TestCase):
    def test_every_transport_and_compression_brings_the_same_traces(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        campaign = daemon.start_campaign("all-ways")
        for number, (over, compression) in enumerate(TRANSPORTS):
            daemon.send(shop_trace(2 * number), over, compression)
            daemon.send(shop_trace(2 * number + 1, stored=2), over, compression)
        report = campaign.finish()
        self.assert_status("FAILED", report)
        self.assert_counts(suite_of(report, "shop")["traces"], judged=12, **{"pass": 6}, fail=6)
        self.assert_counts(report["ledger"]["spans"], received=30, judged=30, open=0)
        self.assert_balanced(report)

    def test_a_trace_may_come_in_parts_over_several_transports_and_out_of_order(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        campaign = daemon.start_campaign("parts")
        whole = shop_trace(1, stored=1)["resourceSpans"][0]["scopeSpans"][0]["spans"]
        daemon.send(otlp.request(whole[1:]), "grpc")
        daemon.send(otlp.request(whole[:1]), "http/json")
        report = campaign.finish()
        self.assert_status("SUCCESSFUL", report)
        self.assert_counts(suite_of(report, "shop")["traces"], judged=1, **{"pass": 1})

    def test_many_requests_on_many_connections_lose_nothing(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        campaign = daemon.start_campaign("many")
        clients = [otlp.GrpcClient(daemon.grpc) for _ in range(4)]
        for client in clients:
            self.addCleanup(client.close)
        calls = [clients[number % 4].method().future(otlp.as_protobuf(shop_trace(number)))
                 for number in range(400)]
        for call in calls:
            self.assertEqual(b"", call.result(harness.DEADLINE))
        report = campaign.finish()
        self.assert_status("SUCCESSFUL", report)
        self.assert_counts(report["ledger"]["spans"], received=800, judged=800)
        self.assert_counts(suite_of(report, "shop")["traces"], judged=400, **{"pass": 400})

    def test_a_duplicate_request_changes_no_result(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        campaign = daemon.start_campaign("twice")
        for over in ("grpc", "http/json"):
            daemon.send(shop_trace(1), over)
        report = campaign.finish()
        self.assert_status("SUCCESSFUL", report)
        self.assert_counts(report["ledger"]["spans"], received=4, judged=2, duplicate=2)
        self.assert_balanced(report)

    def test_spans_outside_any_campaign_are_counted_as_such(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        campaign = daemon.start_campaign("injected")
        campaign.inject_traces([1])
        daemon.send(shop_trace(1))
        daemon.send(shop_trace(2))
        report = campaign.finish()
        self.assert_status("SUCCESSFUL", report)
        self.assert_counts(report["ledger"]["spans"], received=4, judged=2, outside=2)
        self.assert_counts(suite_of(report, "shop")["traces"], judged=1)

    def test_logs_and_metrics_are_discarded_with_success_unless_told_to_refuse(self):
        for choice, status, code in (("discard", 200, None),
                                     ("refuse", 404, grpc.StatusCode.UNIMPLEMENTED)):
            daemon = self.daemon(config(receivers={"otlp": {"other_signals": choice}}))
            for signal_name in ("logs", "metrics"):
                with self.subTest(choice=choice, signal=signal_name):
                    answer = otlp.post(daemon.http, f"/v1/{signal_name}", b"{}",
                                       {"Content-Type": "application/json"})
                    self.assertEqual(status, answer.status, answer)
                    name = signal_name.capitalize()
                    path = (f"/opentelemetry.proto.collector.{signal_name}.v1.{name}Service/Export")
                    with otlp.GrpcClient(daemon.grpc) as client:
                        if code is None:
                            self.assertEqual(b"", client.method(path)(b"", timeout=30))
                        else:
                            with self.assertRaises(grpc.RpcError) as caught:
                                client.method(path)(b"", timeout=30)
                            self.assertEqual(code, caught.exception.code())


class Campaigns(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.assertd = self.daemon(config(suites=[SHOP_SUITE]))

    def test_a_failure_is_reported_with_what_was_expected_and_seen(self):
        campaign = self.assertd.start_campaign("nightly", {"release": "1.4.2"})
        self.assertd.send(shop_trace(1))
        self.assertd.send(shop_trace(2, store_ms=80))
        self.assertd.send(shop_trace(3, stored=2))
        self.assertd.send(shop_trace(4, status=500))
        report = campaign.finish()
        self.assertEqual(1, report["schema_version"])
        self.assert_status("FAILED", report)
        self.assertEqual("nightly", report["campaign"]["key"])
        self.assertEqual({"release": "1.4.2"}, report["campaign"]["labels"])
        for end in ("start", "end"):
            self.assertRegex(report["campaign"][end], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        stored = assertion_of(report, "shop", "stored once")
        self.assert_counts(stored, **{"pass": 2}, fail=2, error=0, inconclusive=0)
        slow, twice = stored["failures"]
        self.assert_counts(slow, trace_id=otlp.trace_id(2), span_id=otlp.span_id(2), result="fail",
                           condition="duration < 50ms")
        self.assert_counts(twice, trace_id=otlp.trace_id(3), result="fail", condition="count = 1",
                           actual=2)
        self.assertNotIn("span_id", twice)
        self.assertEqual({1}, {group["count"] for group in stored["groups"]})
        accepted = assertion_of(report, "shop", "accepted")["failures"]
        self.assertEqual([(otlp.trace_id(4), 500)],
                         [(failure["trace_id"], failure["actual"]) for failure in accepted])
        self.assert_balanced(report)

    def test_states_are_listed_and_unknown_ones_are_not_found(self):
        self.assertEqual(404, self.assertd.call("GET", "/api/campaigns/nobody").status)
        self.assertEqual(404, self.assertd.call("POST", "/api/campaigns/nobody/complete").status)
        self.assertEqual(404, self.assertd.call("GET", f"/api/traces/{otlp.trace_id(9)}").status)
        self.assertEqual(404, self.assertd.call("GET", "/api/nothing").status)
        campaign = self.assertd.start_campaign("one")
        self.assert_counts(campaign.state(), key="one", status="IN_PROGRESS")
        self.assertIn('"one"', json.dumps(self.assertd.api("GET", "/api/campaigns")))

    def test_a_key_that_is_running_is_refused_with_409(self):
        self.assertd.start_campaign("one")
        answer = self.assertd.call("POST", "/api/campaigns", b'{"key":"one"}')
        self.assertEqual(409, answer.status, answer)

    def test_a_bad_body_is_refused_with_400(self):
        for body in (b"", b"{", b"[]", b'{"key":1}', b'{"key":""}', b'{"key":"a\\u0000b"}'):
            with self.subTest(body=body):
                answer = self.assertd.call("POST", "/api/campaigns", body)
                self.assertEqual(400, answer.status, answer)

    def test_without_any_data_the_status_is_no_data_and_says_where_to_look(self):
        report = self.assertd.start_campaign("nothing").finish()
        self.assert_status("NO_DATA", report)
        self.assertTrue(report["campaign"]["findings"])
        self.assertIn(self.assertd.grpc.rsplit(":")[-1], " ".join(report["campaign"]["findings"]))
        self.assert_balanced(report)

    def test_an_abort_ends_the_campaign_as_aborted(self):
        campaign = self.assertd.start_campaign("stopped")
        self.assertd.send(shop_trace(1))
        campaign.wait_for_spans(2)
        campaign.abort()
        self.assert_status("ABORTED", campaign.wait_for_end())

    def test_a_trace_tells_its_verdict(self):
        campaign = self.assertd.start_campaign("traces")
        self.assertd.send(shop_trace(7, stored=2))
        campaign.finish()
        answer = self.assertd.call("GET", f"/api/traces/{otlp.trace_id(7)}")
        self.assertEqual(200, answer.status, answer)
        json.loads(answer.body)
        self.assertIn(b'"fail"', answer.body)
        self.assertIn(b"stored once", answer.body)

    def test_a_report_comes_as_text_and_as_junit(self):
        campaign = self.assertd.start_campaign("formats")
        self.assertd.send(shop_trace(1))
        self.assertd.send(shop_trace(2, stored=2))
        campaign.finish()
        text = campaign.report("text")
        for wanted in ("FAILED", "stored once", otlp.trace_id(2)):
            self.assertIn(wanted, text)
        self.assertNotIn("\x1b", text)
        root = ElementTree.fromstring(campaign.report("junit"))
        cases = {case.get("name"): case for case in root.iter("testcase")}
        self.assertEqual({"stored once", "accepted"}, set(cases))
        self.assertIn(otlp.trace_id(2), "".join(cases["stored once"].find("failure").itertext()))
        self.assertIsNone(cases["accepted"].find("failure"))


class Correlation(harness.TestCase):
    def test_injections_are_joined_and_good_lines_count_beside_bad_ones(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        campaign = daemon.start_campaign("join")
        answer = campaign.inject(
            json.dumps({"trace_id": otlp.trace_id(1), "scenario": "checkout", "step": "pay"}) + "\n"
            + "{broken\n" + json.dumps({"trace_id": "xyz"}) + "\n"
            + json.dumps({"trace_id": otlp.trace_id(2), "unknown": [1]}) + "\n")
        self.assertEqual(2, answer["accepted"])
        self.assertEqual([2, 3], [bad["line"] for bad in answer["rejected"]])
        daemon.send(shop_trace(1))
        report = campaign.finish()
        self.assert_counts(report["correlation"], matched=1, missing=1, unexpected=0)
        self.assert_counts(report["ledger"]["injections"], total=2, missing=1, **{"pass": 1})
        self.assert_status("INCONCLUSIVE", report)
        self.assertIn("missing", " ".join(report["campaign"]["findings"]))
        labels = {(row["scenario"], row["step"]): row["judged"]
                  for row in suite_of(report, "shop")["by_label"]}
        self.assertEqual(1, labels["checkout", "pay"])
        self.assert_balanced(report)

    def test_records_beyond_the_memory_limit_are_refused_whole_and_can_be_sent_again(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], limits={"memory": "4MiB"},
                                    completion={"quiet": "100ms", "deadline": "1s", "grace": "100ms"}))
        campaign = daemon.start_campaign("much")
        path = "/api/campaigns/much/injections"
        accepted, answers = 0, []

        def send(first, count):
            body = "".join(json.dumps({"trace_id": otlp.trace_id(number)}) + "\n"
                           for number in range(first, first + count)).encode()
            answers.append(daemon.call("POST", path, body, "application/x-ndjson"))
            return answers[-1].status

        self.assertEqual(413, send(1, 20000))
        while send(1 + accepted, 500) == 200:
            accepted += 500
            self.assertLess(accepted, 8000, "4 MiB hold everything")
        self.assertEqual(503, answers[-1].status)
        self.assertIn(int(answers[-1].headers["retry-after"]), range(1, 31))
        wait_until(lambda: send(1 + accepted, 500) == 200, harness.DEADLINE, "room again", 0.1)
        accepted += 500
        report = campaign.finish()
        self.assert_counts(report["ledger"]["injections"], total=accepted, missing=accepted, repeated=0)
        self.assert_balanced(report)

    def test_missing_injections_count_as_the_configuration_says(self):
        for choice, status in (("ignore", "SUCCESSFUL"), ("fail", "FAILED")):
            with self.subTest(choice=choice):
                daemon = self.daemon(config(suites=[SHOP_SUITE], campaign={"missing": choice}))
                campaign = daemon.start_campaign("c")
                campaign.inject_traces([1, 2])
                daemon.send(shop_trace(1))
                self.assert_status(status, campaign.finish())

    def test_records_that_expect_no_trace_are_not_missing(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        campaign = daemon.start_campaign("c")
        campaign.inject([{"trace_id": otlp.trace_id(1)},
                         {"trace_id": otlp.trace_id(2), "sampled": False},
                         {"trace_id": otlp.trace_id(3), "outcome": "not_sent"}])
        daemon.send(shop_trace(1))
        report = campaign.finish()
        self.assert_status("SUCCESSFUL", report)
        self.assert_counts(report["ledger"]["injections"], total=3, unsampled=1, not_sent=1,
                           missing=0)

    def test_a_span_may_come_before_its_injection(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], campaign={"correlation": "required"}))
        campaign = daemon.start_campaign("c")
        daemon.send(shop_trace(1))
        campaign.wait_for_spans(2)
        campaign.inject_traces([1])
        report = campaign.finish()
        self.assert_status("SUCCESSFUL", report)
        self.assert_counts(report["correlation"], matched=1, missing=0)

    def test_the_tracestate_member_registers_the_injection(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        campaign = daemon.start_campaign("by-state")
        message = shop_trace(1)
        for span in message["resourceSpans"][0]["scopeSpans"][0]["spans"]:
            span["traceState"] = "vendor=x,assertd=by%2Dstate/check%2Fout/pay"
        daemon.send(message)
        stranger = shop_trace(2)
        for span in stranger["resourceSpans"][0]["scopeSpans"][0]["spans"]:
            span["traceState"] = "assertd=nobody"
        daemon.send(stranger)
        report = campaign.finish()
        self.assert_counts(report["ledger"]["injections"], total=1, **{"pass": 1})
        self.assert_counts(report["correlation"], matched=1)
        self.assertEqual([("check/out", "pay")], [
            (row["scenario"], row["step"]) for row in suite_of(report, "shop")["by_label"]
            if row["judged"]])

    def test_the_generators_own_root_span_registers_the_injection(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        campaign = daemon.start_campaign("rooted")
        message = shop_trace(1)
        spans = message["resourceSpans"][0]["scopeSpans"][0]["spans"]
        spans[0]["parentSpanId"] = otlp.span_id(99)
        generator = otlp.request([otlp.span(1, 99, "iteration", kind="client", ms=20, attrs={
            "assertd.campaign": "rooted", "assertd.scenario": "checkout",
            "assertd.step": "pay"})], "generator")
        daemon.send(generator)
        daemon.send(message)
        report = campaign.finish()
        self.assert_counts(report["ledger"]["injections"], total=1, **{"pass": 1})
        self.assert_status("SUCCESSFUL", report)

    def test_the_record_can_be_asserted_with_the_spans(self):
        suite = {"name": "s", "assertions": [
            {"name": "accepted means 200", "assert": "$injection.status = 200"},
            {"name": "vip", "assert": "$injection.tier = 'gold'"}]}
        daemon = self.daemon(config(suites=[suite]))
        campaign = daemon.start_campaign("c")
        campaign.inject([{"trace_id": otlp.trace_id(1), "status": 200,
                          "attributes": {"tier": "gold"}},
                         {"trace_id": otlp.trace_id(2), "status": 503,
                          "attributes": {"tier": "gold"}}])
        daemon.send(shop_trace(1))
        daemon.send(shop_trace(2))
        report = campaign.finish()
        self.assert_counts(assertion_of(report, "s", "accepted means 200"), **{"pass": 1}, fail=1)
        self.assert_counts(assertion_of(report, "s", "vip"), **{"pass": 2})


class Operations(harness.TestCase):
    def test_probes_answer_on_the_admin_port_and_on_their_own(self):
        daemon = self.daemon(config(health={"endpoint": "127.0.0.1:0"},
                                    metrics={"endpoint": "127.0.0.1:0"}))
        for address in (daemon.admin, daemon.addresses["health"]):
            for path in ("/livez", "/readyz", "/startupz"):
                with self.subTest(address=address, path=path):
                    self.assertEqual(200, daemon.call("GET", path, address=address).status)
        self.assertEqual(404, daemon.call("GET", "/api/campaigns",
                                          address=daemon.addresses["health"]).status)
        self.assertTrue(daemon.metrics(daemon.addresses["metrics"]))

    def test_metrics_count_what_was_received_and_judged(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        campaign = daemon.start_campaign("c")
        for number, over in enumerate(("grpc", "http/protobuf", "http/json")):
            daemon.send(shop_trace(number), over)
        campaign.finish()
        names = {name for name, _ in daemon.metrics()}
        accepted = next(name for name in sorted(names)
                        if name.startswith("otelcol_receiver_accepted_spans"))
        self.assertEqual(6, daemon.metric(accepted))
        self.assertTrue(any(name.startswith("assertd_") for name in names))

    def test_sigterm_drains_says_the_balance_and_ends_with_0(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], service={"drain_timeout": "500ms"},
                                    completion={"quiet": "60s", "deadline": "120s"}))
        campaign = daemon.start_campaign("c")
        daemon.send(shop_trace(1))
        campaign.wait_for_spans(2)
        self.assertEqual(0, daemon.stop(), daemon.log())
        self.assertRegex(daemon.log(), r"draining open_traces=1")
        self.assertRegex(daemon.log(), r"balance campaign=c .*balanced=yes .*spans=2 ")

    def test_a_second_sigterm_hurries(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        daemon.process.signal(signal.SIGTERM)
        daemon.process.signal(signal.SIGTERM)
        self.assertIn(daemon.process.wait(harness.DEADLINE), (0, 105))

    def test_a_bad_configuration_ends_with_2_and_names_file_and_line(self):
        path = self.write("bad.conf", 'service = { workers = "many"; };\nnonsense = 1;\n')
        done = harness.run_command("serve", "--config", path)
        self.assert_exit(harness.EXIT_CONFIG, done)
        self.assertRegex(done.err, r"bad\.conf:1: service\.workers: ")
        self.assertRegex(done.err, r"bad\.conf:2: nonsense: ")

    def test_an_address_that_is_taken_is_told_and_ends_non_zero(self):
        daemon = self.daemon(config())
        path = self.write("same.conf", config(admin={"endpoint": daemon.admin}))
        done = harness.run_command("serve", "--config", path)
        self.assertIn(done.code, (harness.EXIT_USAGE, harness.EXIT_CONFIG), done)
        self.assertIn(daemon.admin, done.err)

    def test_set_overrides_the_configuration(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]), "--set", "campaign.missing=ignore")
        campaign = daemon.start_campaign("c")
        campaign.inject_traces([1, 2])
        daemon.send(shop_trace(1))
        self.assert_status("SUCCESSFUL", campaign.finish())

    def test_peers_that_leave_before_their_answer_do_no_harm(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        daemon.start_campaign("gone")
        host, port = daemon.admin.rsplit(":", 1)
        ask = (b"GET /api/campaigns/gone/report HTTP/1.1\r\nHost: x\r\n\r\n"
               b"GET /api/traces/" + otlp.trace_id(1).encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        for count in range(60):
            with socket.create_connection((host, int(port))) as peer:
                peer.sendall(ask * (1 + count % 7))
                if count % 2:
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.assertEqual(200, daemon.call("GET", "/readyz").status)

    def test_hostile_text_does_not_reach_the_log_raw(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        otlp.send_http(daemon.http, b'{"resourceSpans": "\x1b[31mred\x1b[0m\nforged line"}')
        otlp.post(daemon.http, "/v1/traces%1b%5b31m", b"", {"User-Agent": "a\x1b[31m"})
        for key in ("k\x1b[31m\nforged name", "two words", "a/b", "", "k" * 129):
            answer = daemon.call("POST", "/api/campaigns", json.dumps({"key": key}).encode())
            self.assertEqual(400, answer.status, key)
        daemon.stop()
        self.assertIsNone(re.search(r"\x1b|^forged", daemon.log(), re.MULTILINE))


if __name__ == "__main__":
    harness.main()
