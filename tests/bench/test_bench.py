"""The parts of the bench that judge and prepare."""
import os
import tempfile
import unittest

from tests.bench import beside, bodies, calls, callgrind_gate, sharing, table

ROOT = os.environ["ASSERTD_SOURCE_DIR"]


class Bodies(unittest.TestCase):
    def test_a_request_of_each_size_has_a_trace_for_each_eight_spans(self):
        for size in bodies.SIZES:
            ids = bodies.trace_ids(bodies.protobuf(ROOT, size))
            self.assertEqual(len(ids), max(1, size // 8))
            text = bodies.json_request(ROOT, size)
            self.assertEqual(text.count(b'"traceId":"'), size)

    def test_a_probe_is_one_trace_of_eight_spans_that_last_too_long(self):
        request = bodies.probe(ROOT)
        self.assertEqual(len(bodies.trace_ids(request)), 1)
        lasted = []

        def look(span):
            times = {number: int.from_bytes(content, "little") for number, _, content in bodies.fields(span) if number in (7, 8)}
            lasted.append(times[8] - times[7])
            return span

        self.assertEqual(bodies.rewrite(request, (1, 2, 2), look), request)
        self.assertEqual(len(lasted), 8)
        self.assertGreaterEqual(min(lasted), bodies.TOO_LONG_NS)


class Gate(unittest.TestCase):
    row = callgrind_gate.Row("kernel", (), "what", 1000, 1100)

    def test_a_row_within_its_margin_passes(self):
        self.assertIsNone(callgrind_gate.judge(self.row, 1029, True))

    def test_a_row_above_its_margin_fails_with_the_compiler_of_the_record(self):
        self.assertIn("+3.1%", callgrind_gate.judge(self.row, 1031, True))
        self.assertIsNone(callgrind_gate.judge(self.row, 1031, False))

    def test_a_row_above_its_budget_fails_with_any_compiler(self):
        self.assertIn("budget", callgrind_gate.judge(self.row, 1101, False))


class Beside(unittest.TestCase):
    def test_each_server_is_first_in_one_round_of_as_many_as_there_are(self):
        rounds = [beside.in_turn(beside.MEMBERS, number) for number in range(len(beside.MEMBERS))]
        self.assertEqual({order[0] for order in rounds}, set(beside.MEMBERS))
        self.assertEqual({frozenset(order) for order in rounds}, {frozenset(beside.MEMBERS)})


class Sharing(unittest.TestCase):
    def test_variants_are_read_with_their_units(self):
        found = sharing.read("threads 300.0 500.0 ns/span\nhanded 600.0 ns/span, 0.50000 batches/span, 0.2500 wakeups/batch, "
                             "1000 ns waited/batch, 3 found full\n")
        self.assertEqual({"ns": 400.0}, found["threads"])
        self.assertEqual({"ns": 600.0, "batches/span": 0.5, "wakeups/batch": 0.25, "ns waited/batch": 1000.0, "found full": 3.0},
                         found["handed"])

    def test_of_each_variant_the_run_that_took_least_counts(self):
        runs = [{"alone": {"ns": 3}, "handed": {"ns": 4, "batches/span": 1}}, {"alone": {"ns": 2}, "handed": {"ns": 5, "batches/span": 2}}]
        self.assertEqual({"alone": {"ns": 2}, "handed": {"ns": 4, "batches/span": 1}}, sharing.least(runs))

    def test_rings_are_read_from_a_page_of_metrics(self):
        names = {"batches_total": 200, "wakeups_total": 50, "full_total": 1, "wait_seconds_sum": 0.002}
        page = "".join(f'assertd_ring_{name}{{ring="{ring}"}} {number}\n' for name, number in names.items()
                       for ring in ("workers", "exports"))
        page += "".join(f'assertd_ring_wait_seconds_bucket{{ring="workers",le="{bound}"}} {count}\n'
                        for bound, count in (("0.000001000", 100), ("0.000020000", 199), ("+Inf", 200)))
        found = sharing.rings(page, 51200)
        self.assertEqual((200 / 51200, 0.25, 1), (found["ring_batches_per_span"], found["ring_wakeups"], found["ring_full"]))
        self.assertAlmostEqual(10_000, found["ring_wait_ns"])
        self.assertAlmostEqual(20_000, found["ring_wait_p99_ns"])


class Table(unittest.TestCase):
    def test_small_changes_are_the_machines(self):
        kept = {"median": 100}
        self.assertEqual(table.change(104, kept), "=")
        self.assertEqual(table.change(110, kept), "+10%")
        self.assertEqual(table.change(50, kept), "-50%")
        self.assertEqual(table.change(0, {"median": 0}), "=")
        self.assertEqual(table.change(5, None), "")

    def test_rounds_become_spreads(self):
        found = table.over_rounds([{"a": 1}, {"a": 5}, {"a": 2}])["a"]
        self.assertEqual((found["median"], found["min"], found["max"]), (2, 1, 5))

    def test_a_row_becomes_a_line_of_the_page(self):
        row = table.Row("  what", "key", "< 2", 1000, 1, "k")
        self.assertEqual(table.markdown([row], {"key": {"median": 1500, "min": 1000, "max": 2000}})[2:],
                         ["| what | 1.5 k | 1.0 – 2.0 | < 2 |"])
        self.assertEqual(table.markdown([row], {})[2:], [])


PROFILE = """fn=(1) serve
10 5
+2 7
cfn=(2) malloc
calls=3 40
+1 900
fn=(2)
1 30
fn=(3) judge.lto_priv.0
* 4
cfn=(2)
calls=2 0
-1 60
"""


class Profile(unittest.TestCase):
    def test_calls_and_instructions_of_its_own_are_summed_by_function(self):
        with tempfile.NamedTemporaryFile("w", suffix=".out") as file:
            file.write(PROFILE)
            file.flush()
            called, costs = calls.read_profile(file.name)
        self.assertEqual(called, {"malloc": 5})
        self.assertEqual(costs, {"serve": 12, "malloc": 30, "judge": 4})


if __name__ == "__main__":
    unittest.main()
