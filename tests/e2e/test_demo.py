"""The demo as a user runs it: healthy and with faults of three seeds, each counted exactly.

ASSERTD_BINARY names the daemon. The campaigns wait for deadlines most of the time, so all seeds
run side by side; each has ports, Redis and folders of its own.
"""
import copy
import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHOP = os.path.join(ROOT, "examples", "shop")
sys.path.insert(0, SHOP)

import faults  # noqa: E402
import verify  # noqa: E402

ORDERS = 240
RATE = 40
SEEDS = {1: [], 4: ["--only", "faults"], 5: ["--only", "faults"]}
"""Seed and further arguments; with each of them every fault strikes at least once."""

DEMO_SECONDS = 200


class Demo:
    """One demo.py that runs; `finish` waits for it."""

    def __init__(self, folder, seed, options):
        self.out = os.path.join(folder, str(seed))
        self.log = os.path.join(folder, f"{seed}.log")
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen(
                [sys.executable, os.path.join(SHOP, "demo.py"), "--seed", str(seed),
                 "--orders", str(ORDERS), "--rate", str(RATE), "--out", self.out,
                 "--binary", os.environ["ASSERTD_BINARY"], *options],
                stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def finish(self):
        try:
            self.code = self.child.wait(DEMO_SECONDS)
        except subprocess.TimeoutExpired:
            self.child.terminate()
            self.code = f"nothing within {DEMO_SECONDS} s"
        with open(self.log, encoding="utf-8", errors="replace") as file:
            self.text = file.read()

    def read(self, run, name):
        with open(os.path.join(self.out, run, name), encoding="utf-8") as file:
            return json.load(file)


class DemoTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="demo-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.demos = {}
        for seed, options in SEEDS.items():  # one by one: each keeps two cores busy for a while
            cls.demos[seed] = Demo(cls.folder.name, seed, options)
            cls.demos[seed].finish()

    def test_each_seed_ends_with_success(self):
        for seed, demo in self.demos.items():
            with self.subTest(seed=seed):
                self.assertEqual(demo.code, 0, demo.text)
                self.assertIn("DEMO OK", demo.text)

    def test_healthy_run_is_successful_with_nothing_in_doubt(self):
        report = self.demos[1].read("healthy", "report.json")
        self.assertEqual(report["campaign"]["status"], "SUCCESSFUL")
        self.assertEqual(verify.suite_of(report)["traces"],
                         {"judged": ORDERS, "pass": ORDERS,
                          "fail": 0, "error": 0, "inconclusive": 0})

    def test_failing_traces_per_fault_are_those_that_the_seed_gives(self):
        for seed, demo in self.demos.items():
            plan = faults.parse(seed, faults.DEFAULT_RATES)
            struck = [plan.fault_of(number) for number in range(1, ORDERS + 1)]
            for run in ("faults", "faults-tracestate"):
                report = demo.read(run, "report.json")
                found = {entry["name"]: entry["fail"]
                         for entry in verify.suite_of(report)["assertions"]}
                for kind, assertion in verify.ASSERTION_OF.items():
                    with self.subTest(seed=seed, run=run, fault=kind):
                        self.assertGreater(struck.count(kind), 0)
                        self.assertEqual(found[assertion], struck.count(kind))

    def test_failing_traces_are_named_in_json_as_seeded(self):
        for seed, demo in self.demos.items():
            for run in ("faults", "faults-tracestate"):
                truth, report = demo.read(run, "truth.json"), demo.read(run, "report.json")
                for kind, assertion in verify.ASSERTION_OF.items():
                    with self.subTest(seed=seed, run=run, fault=kind):
                        self.assertCountEqual(verify.failing_traces(report, assertion),
                                              truth["faults"][kind]["trace_ids"])

    def test_junit_is_left_with_a_case_for_each_rule(self):
        demo = self.demos[4]
        tree = ElementTree.parse(os.path.join(demo.out, "faults", "report.xml"))
        failed = {case.get("name") for case in tree.iter("testcase")
                  if case.find("failure") is not None}
        self.assertLessEqual(set(verify.ASSERTION_OF.values()), failed)

    def test_headline_names_the_lost_orders(self):
        for seed, demo in self.demos.items():
            with self.subTest(seed=seed):
                self.assertRegex(demo.text, r"FAILED: [0-9.]+ % of the orders \(\d+ of \d+\) "
                                            r"were accepted and never processed")


def report_and_truth():
    """A report and a truth that agree: ten orders, the third dropped, the seventh written twice."""
    struck = {"drop": ["c" * 32], "late": [], "error": [], "double": ["7" * 32]}
    truth = {"orders": 10, "campaign": "k",
             "faults": {kind: {"count": len(ids), "trace_ids": ids}
                        for kind, ids in struck.items()}}
    assertions = [{"name": name, "fail": len(struck[kind]), "error": 0, "inconclusive": 0,
                   "failures": [{"trace_id": trace, "result": "fail"} for trace in struck[kind]]}
                  for kind, name in verify.ASSERTION_OF.items()]
    report = {
        "campaign": {"key": "k", "status": "FAILED"},
        "ledger": {"injections": {"total": 10}},
        "correlation": {"matched": 10, "missing": 0, "unexpected": 0},
        "suites": [{"name": verify.SUITE,
                    "traces": {"judged": 10, "pass": 8, "fail": 2, "error": 0, "inconclusive": 0},
                    "assertions": assertions,
                    "thresholds": [{"name": verify.RATIO, "value": 0.2, "result": "fail"}]}]}
    return report, truth


class VerifyTest(unittest.TestCase):
    """The demo's own check must be able to say no."""

    def problems(self, change=None, exit_code=99):
        report, truth = report_and_truth()
        if change:
            report = copy.deepcopy(report)
            change(report, report["suites"][0])
        return [*verify.check_campaign(report, truth, exit_code),
                *verify.check_assertions(report, truth), *verify.check_ratio(report, truth)]

    def test_agreeing_report_has_no_problem(self):
        self.assertEqual(self.problems(), [])

    def test_each_deviation_is_a_problem(self):
        def other_trace(_, suite):
            suite["assertions"][0]["failures"][0]["trace_id"] = "d" * 32

        def one_too_many(_, suite):
            suite["assertions"][1]["fail"] = 1

        def in_doubt(_, suite):
            suite["assertions"][2]["inconclusive"] = 1

        def left_out(_, suite):
            del suite["assertions"][3]

        def green(report, _):
            report["campaign"]["status"] = "SUCCESSFUL"

        def lost(report, _):
            report["correlation"]["missing"] = 1

        def other_share(_, suite):
            suite["thresholds"][0]["value"] = 0.19

        for change in (other_trace, one_too_many, in_doubt, left_out, green, lost, other_share):
            with self.subTest(change=change.__name__):
                self.assertEqual(len(self.problems(change)), 1, self.problems(change))

    def test_what_the_machine_warns_of_is_none(self):
        def slow(_, suite):
            suite["assertions"].append({"name": "answered at once", "severity": "warning", "fail": 3,
                                        "error": 0, "inconclusive": 0, "failures": []})
        self.assertEqual(self.problems(slow), [])

    def test_other_exit_code_is_a_problem(self):
        self.assertEqual(len(self.problems(exit_code=0)), 1)


class FaultsTest(unittest.TestCase):
    def test_same_seed_gives_the_same_faults(self):
        plans = [faults.parse(3, faults.DEFAULT_RATES) for _ in range(2)]
        for number in range(1, 200):
            self.assertEqual(plans[0].fault_of(number), plans[1].fault_of(number))

    def test_shares_are_met_over_many_orders(self):
        plan = faults.parse(2, "drop=30%,double=0.1")
        struck = [plan.fault_of(number) for number in range(5000)]
        self.assertAlmostEqual(struck.count("drop") / 5000, 0.3, delta=0.03)
        self.assertAlmostEqual(struck.count("double") / 5000, 0.1, delta=0.03)
        self.assertEqual(struck.count("late") + struck.count("error"), 0)

    def test_none_means_none(self):
        plan = faults.parse(1, faults.NONE)
        self.assertEqual({plan.fault_of(number) for number in range(500)}, {None})

    def test_bad_lists_are_refused(self):
        for text in ("lost=1%", "drop=", "drop=x", "drop=60%,late=60%", "drop=-1%", ""):
            with self.subTest(text=text), self.assertRaises(ValueError):
                faults.parse(1, text)


if __name__ == "__main__":
    unittest.main()
