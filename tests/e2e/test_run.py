"""`assertd run -- COMMAND`: the environment of the command, its verdict, reports and exit codes."""
import json
import os
import signal
import xml.etree.ElementTree as ElementTree

from tests.e2e import harness, otlp
from tests.e2e.harness import SHOP_SUITE, config, suite_of
from tests.peers.ports import Lease
from tests.peers.process import Process

GOOD, BAD = {"trace": 1}, {"trace": 2, "stored": 2}


class Run(harness.TestCase):
    def run_load(self, plan, *arguments, settings=None, **more):
        path = self.write("assertd.conf", settings or config(suites=[SHOP_SUITE], **more))
        return harness.run_command(
            "run", "--config", path, *arguments, "--", harness.PYTHON, "-m", "tests.e2e.load",
            json.dumps(plan), env={"PYTHONPATH": harness.ROOT})

    def test_the_command_finds_the_daemon_by_its_environment(self):
        done = self.run_load({"traces": [GOOD], "environment": self.path("env")},
                             "--campaign", "nightly")
        self.assert_exit(harness.EXIT_SUCCESS, done)
        env = self.read_json("env")
        self.assertRegex(env["OTEL_EXPORTER_OTLP_ENDPOINT"], r"^http://127\.0\.0\.1:\d+$")
        self.assertRegex(env["ASSERTD_API"], r"^http://127\.0\.0\.1:\d+$")
        self.assertEqual("http/protobuf", env["OTEL_EXPORTER_OTLP_PROTOCOL"])
        self.assertEqual("nightly", env["ASSERTD_CAMPAIGN"])

    def test_the_default_campaign_is_named_by_the_time(self):
        done = self.run_load({"traces": [GOOD], "environment": self.path("env")},
                             "--report", f"json={self.path('r.json')}")
        self.assert_exit(harness.EXIT_SUCCESS, done)
        key = self.read_json("env")["ASSERTD_CAMPAIGN"]
        self.assertRegex(key, r"^run-\d{4}")
        self.assertEqual(key, self.read_json("r.json")["campaign"]["key"])

    def test_a_success_ends_with_0_and_a_failure_with_99(self):
        self.assert_exit(harness.EXIT_SUCCESS, self.run_load({"traces": [GOOD]}))
        done = self.run_load({"traces": [GOOD, BAD]})
        self.assert_exit(harness.EXIT_FAILED, done)
        for wanted in ("FAILED", "stored once", otlp.trace_id(2)):
            self.assertIn(wanted, done.err)

    def test_no_traces_end_with_121(self):
        done = self.run_load({})
        self.assert_exit(harness.EXIT_NO_DATA, done)
        self.assertIn("NO_DATA", done.err)

    def test_missing_injections_end_with_120(self):
        done = self.run_load({"inject": [1, 5], "traces": [GOOD]})
        self.assert_exit(harness.EXIT_INCONCLUSIVE, done)
        self.assertIn("INCONCLUSIVE", done.err)

    def test_a_required_sink_that_is_away_ends_with_122(self):
        lease = Lease()
        self.addCleanup(lease.release)
        sink = {"endpoint": f"http://127.0.0.1:{lease.port}", "database": "assertd",
                "required": True, "timeout": "1s",
                "retry_on_failure": {"initial_interval": "50ms", "max_interval": "100ms",
                                     "max_elapsed_time": "1s"}}
        done = self.run_load({"traces": [GOOD]}, exporters={"influxdb": sink})
        self.assert_exit(harness.EXIT_UNDELIVERED, done)
        sink["required"] = False
        done = self.run_load({"traces": [GOOD]}, exporters={"influxdb": sink})
        self.assert_exit(harness.EXIT_SUCCESS, done)

    def test_reports_are_written_in_every_format_asked_for(self):
        done = self.run_load({"traces": [GOOD, BAD]},
                             "--report", f"json={self.path('r.json')}",
                             "--report", f"junit={self.path('r.xml')}",
                             "--report", f"text={self.path('r.txt')}")
        self.assert_exit(harness.EXIT_FAILED, done)
        report = self.read_json("r.json")
        self.assert_status("FAILED", report)
        self.assert_counts(suite_of(report, "shop")["traces"], judged=2, **{"pass": 1}, fail=1)
        self.assert_balanced(report)
        root = ElementTree.parse(self.path("r.xml")).getroot()
        self.assertEqual(1, len(list(root.iter("failure"))))
        with open(self.path("r.txt"), encoding="utf-8") as file:
            self.assertIn("FAILED", file.read())

    def test_a_failing_command_passes_its_code_on_only_where_the_status_was_a_success(self):
        done = self.run_load({"traces": [GOOD], "exit": 7})
        self.assert_exit(7, done)
        self.assertIn("7", done.err)
        self.assert_exit(harness.EXIT_FAILED, self.run_load({"traces": [BAD], "exit": 7}))

    def test_fail_on_chooses_what_ends_non_zero(self):
        self.assert_exit(0, self.run_load({"traces": [BAD]}, "--fail-on", "aborted,no-data"))
        self.assert_exit(0, self.run_load({}, "--fail-on", "failed"))
        warning = {"name": "shop", "assertions": [
            {**SHOP_SUITE["assertions"][0], "severity": "warning"}]}
        settings = config(suites=[warning])
        self.assert_exit(0, self.run_load({"traces": [BAD]}, settings=settings))
        self.assert_exit(harness.EXIT_FAILED, self.run_load(
            {"traces": [BAD]}, "--fail-on", "failed,warning", settings=settings))

    def test_the_commands_output_is_its_own_and_ours_goes_to_standard_error(self):
        done = self.run_load({"traces": [GOOD]})
        self.assertEqual("load begins\n", done.out)
        self.assertIn("SUCCESSFUL", done.err)
        self.assertNotIn("\x1b", done.err)

    def test_without_a_command_or_with_an_unknown_option_it_ends_with_1(self):
        path = self.write("assertd.conf", config())
        self.assert_exit(harness.EXIT_USAGE, harness.run_command("run", "--config", path))
        self.assert_exit(harness.EXIT_USAGE, harness.run_command(
            "run", "--config", path, "--nonsense", "--", "true"))

    def test_a_command_that_does_not_exist_is_told_and_never_green(self):
        path = self.write("assertd.conf", config(suites=[SHOP_SUITE]))
        done = harness.run_command("run", "--config", path, "--", "/no/such/command")
        self.assertNotEqual(0, done.code, done)
        self.assertIn("/no/such/command", done.err)

    def test_an_interrupt_ends_with_105_and_still_reports(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        path = self.write("assertd.conf", config(suites=[SHOP_SUITE]))
        plan = {"traces": [GOOD], "wait": fifo}
        process = Process(
            [harness.binary(), "run", "--config", path, "--report", f"json={self.path('r.json')}",
             "--", harness.PYTHON, "-m", "tests.e2e.load", json.dumps(plan)],
            env={**os.environ, "PYTHONPATH": harness.ROOT})
        process.wait_for_line("load waits", harness.DEADLINE)
        process.signal(signal.SIGINT)
        self.assertEqual(harness.EXIT_ABORTED, process.wait(harness.DEADLINE), process.text())
        self.assert_status("ABORTED", self.read_json("r.json"))

    def run_stubborn(self, script):
        """`run` of a Python script that does not heed SIGTERM; it says "started" first."""
        path = self.write("assertd.conf", config(suites=[SHOP_SUITE]))
        stubborn = ("import os, signal, urllib.request\n"
                    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                    "print('started', flush=True)\n" + script)
        process = Process([harness.binary(), "run", "--config", path, "--campaign", "nightly", "--",
                           harness.PYTHON, "-c", stubborn], env=dict(os.environ))
        process.wait_for_line("started", harness.DEADLINE)
        return process

    def test_a_second_interrupt_ends_a_command_that_heeds_none(self):
        process = self.run_stubborn("while True: signal.pause()\n")
        process.signal(signal.SIGTERM)
        process.wait_for_line("campaign-aborting", harness.DEADLINE)
        process.signal(signal.SIGTERM)
        self.assertEqual(harness.EXIT_ABORTED, process.wait(harness.DEADLINE), process.text())

    def test_an_aborted_campaign_ends_the_command_even_one_that_heeds_no_signal(self):
        process = self.run_stubborn(
            "api = os.environ['ASSERTD_API'] + '/api/campaigns/nightly/abort'\n"
            "urllib.request.urlopen(urllib.request.Request(api, data=b'', method='POST'))\n"
            "while True: signal.pause()\n")
        self.assertEqual(harness.EXIT_ABORTED, process.wait(harness.DEADLINE), process.text())
        self.assertIn("the campaign was aborted, stopping", process.text())

    def test_a_campaign_completed_by_the_command_lets_it_go_on(self):
        path = self.write("assertd.conf", config(suites=[SHOP_SUITE]))
        script = ("import os, time, json, urllib.request\n"
                  "api = os.environ['ASSERTD_API'] + '/api/campaigns/nightly'\n"
                  "urllib.request.urlopen(urllib.request.Request(api + '/complete', data=b'', method='POST'))\n"
                  "while not json.load(urllib.request.urlopen(api))['ended']: pass\n"
                  "print('went on', flush=True)\n")
        done = harness.run_command("run", "--config", path, "--campaign", "nightly", "--",
                                   harness.PYTHON, "-c", script)
        self.assert_exit(harness.EXIT_NO_DATA, done)
        self.assertIn("went on", done.out)

    def test_listen_moves_the_receivers_to_another_address(self):
        lease = Lease()
        self.addCleanup(lease.release)
        settings = config(suites=[SHOP_SUITE], receivers={"otlp": {
            "http": {"endpoint": f"127.0.0.1:{lease.port}"}}})
        other = "127.0.0.2"
        done = self.run_load({"traces": [GOOD], "environment": self.path("env")},
                             "--listen", other, settings=settings)
        self.assert_exit(harness.EXIT_SUCCESS, done)
        self.assertEqual(f"http://{other}:{lease.port}",
                         self.read_json("env")["OTEL_EXPORTER_OTLP_ENDPOINT"])


if __name__ == "__main__":
    harness.main()
