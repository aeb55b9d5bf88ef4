"""What Tracetest does, behaviour by behaviour, and whether the import keeps it or mends it.

Each row is a test of Tracetest of one spec, and one trace. KEEP: the imported suite gives the verdict that Tracetest gives.
FIX: Tracetest's verdict on this trace is wrong, or it has none; the suite gives the right one. All rows are imported as one
file, and judged in one run: the injection record of each trace says which row it is of.
"""
import json
import unittest

from tests.e2e import harness, otlp
from tests.e2e.harness import run_command
from tests.tracetest.traces import order, s, some

COUNT = "attr:tracetest.selected_spans.count"
HERE = 'span[name="a"]'
KEEP, FIX, GOOD, BAD = "keep", "fix", "pass", "fail"
CHAIN = [s(1, "top"), s(2, "a", 1), s(3, "b", 2), s(4, "a", 3), s(5, "b", 4)]
JSON = '{"id": 7, "state": "paid", "lines": [{"sku": "A"}, {"sku": "B"}]}'

#: (what, keep or fix, selector, assertion, spans, verdict)
ROWS = [
    # selectors
    ("blank between filters is and", KEEP, 'span[name="a" x=1]', f"{COUNT} = 1", [s(1, "a", x=1), s(2, "a", 1, x=2)], GOOD),
    ("comma between filters is and", KEEP, 'span[name="a", x=1]', f"{COUNT} = 1", [s(1, "a", x=1), s(2, "a", 1, x=2)], GOOD),
    ("contains is a part of the text", KEEP, 'span[name contains "x"]', f"{COUNT} = 1", [s(1, "axe"), s(2, "a", 1)], GOOD),
    ("a following span is a descendant at any depth", KEEP, 'span[name="top"] span[name="b"]', f"{COUNT} = 2", CHAIN, GOOD),
    ("descendants of descendants count once", KEEP, 'span[name="a"] span[name="b"]', f"{COUNT} = 2", CHAIN, GOOD),
    ("a comma between spans is or", KEEP, 'span[name="a"], span[name="b"]', f"{COUNT} = 4", CHAIN, GOOD),
    ("overlapping parts count a span twice", FIX, 'span[name="a"], span[x=1]', f"{COUNT} = 1", [s(1, "a", x=1)], GOOD),
    ("first and last are by start", KEEP, 'span[name="a"]:last', "attr:n = 2",
     [s(1, "top"), s(2, "a", 1, start=9, n=2), s(3, "a", 1, start=5, n=1)], GOOD),
    ("nth_child counts from 1 over the whole selection", KEEP, 'span[name="a"]:nth_child(2)', "attr:n = 2",
     [s(1, "top"), s(2, "a", 1, n=1), s(3, "a", 1, n=2)], GOOD),
    ("first goes into depth before time", FIX, 'span[name="a"]:nth_child(2)', "attr:n = 2",
     [s(1, "top"), s(2, "x", 1, start=2), s(3, "a", 2, start=3, n=1), s(4, "a", 2, start=30, n=3), s(5, "a", 1, start=9, n=2)],
     GOOD),
    ("the empty selector is all spans", KEEP, "", f"{COUNT} = 4", some("a", 3), GOOD),
    ("kinds", KEEP, 'span[kind="server"]', f"{COUNT} = 1", [order()], GOOD),
    ("the misspelt kind", KEEP, 'span[kind="unespecified"]', f"{COUNT} = 1", [s(1, "a", kind="internal")], GOOD),
    ("integers are values", KEEP, "span[x=200]", f"{COUNT} = 1", [s(1, "a", x=200)], GOOD),
    ("bools are values", KEEP, "span[x=true]", f"{COUNT} = 1", [s(1, "a", x=True)], GOOD),
    ("floats compare with two decimals as text", FIX, "span[x=1.5]", f"{COUNT} = 1", [s(1, "a", x=1.5)], GOOD),
    ("a hyphen makes the selector all spans", FIX, 'span[x-id="1"]', f"{COUNT} = 1",
     [s(1, "a", raw={"x-id": "1"}), s(2, "b", 1)], GOOD),
    ("a negative number makes the selector all spans", FIX, "span[x=-1]", f"{COUNT} = 1", [s(1, "a", x=-1), s(2, "b", 1)],
     GOOD),
    # comparisons
    ("equal", KEEP, HERE, "attr:x = 1", [s(1, "a", x=2)], BAD),
    ("unequal", KEEP, HERE, "attr:x != 1", [s(1, "a", x=2)], GOOD),
    ("unequal of what is missing", KEEP, HERE, "attr:x != 1", [s(1, "a")], BAD),
    ("less", KEEP, HERE, "attr:x < 2", [s(1, "a", x=2)], BAD),
    ("at most", KEEP, HERE, "attr:x <= 2", [s(1, "a", x=2)], GOOD),
    ("greater", KEEP, HERE, "attr:x > 2", [s(1, "a", x=2)], BAD),
    ("at least", KEEP, HERE, "attr:x >= 2", [s(1, "a", x=2)], GOOD),
    ("contains", KEEP, HERE, 'attr:x contains "b"', [s(1, "a", x="abc")], GOOD),
    ("not-contains", KEEP, HERE, 'attr:x not-contains "b"', [s(1, "a", x="abc")], BAD),
    ("text and number are compared as text", KEEP, HERE, 'attr:x = "200"', [s(1, "a", x=200)], GOOD),
    ("no leading zero is lost", KEEP, HERE, "attr:x = 007", [s(1, "a", x="7")], BAD),
    ("an assertion holds for every selected span", KEEP, HERE, "attr:x = 1", [s(1, "a", x=1), s(2, "a", 1, x=2)], BAD),
    ("nothing selected holds no assertion", KEEP, 'span[name="z"]', "attr:x = 1", [s(1, "a")], BAD),
    ("order of floats is an error", FIX, HERE, "attr:x < 2", [s(1, "a", x=1.5)], GOOD),
    ("order of float literals is an error", FIX, HERE, "attr:x < 1.5", [s(1, "a", x=1)], GOOD),
    ("doubles lose their decimals", FIX, HERE, "attr:x = 1.5", [s(1, "a", x=1.5)], GOOD),
    ("the double 0 is an unsupported type", FIX, HERE, "attr:x = 0", [s(1, "a", x=0.0)], GOOD),
    ("arrays are an unsupported type", FIX, HERE, 'attr:x contains "new"', [s(1, "a", x=["new", "old"])], GOOD),
    ("an empty text is missing", FIX, HERE, 'attr:x = ""', [s(1, "a", x="")], GOOD),
    ("negative numbers can't be written", FIX, HERE, "attr:x = -5", [s(1, "a", x=-5)], GOOD),
    ("starts-with is not in the grammar", FIX, HERE, 'attr:x starts-with "ab"', [s(1, "a", x="abc")], GOOD),
    ("ends-with is not in the grammar", FIX, HERE, 'attr:x ends-with "ab"', [s(1, "a", x="abc")], BAD),
    ("json-contains is not in the grammar", FIX, HERE, """attr:x json-contains '{"id": 7}'""", [s(1, "a", x=JSON)], GOOD),
    ("resource attributes are dropped", FIX, HERE, 'attr:service.name = "shop"', [s(1, "a")], GOOD),
    # durations
    ("durations with units", KEEP, HERE, "attr:tracetest.span.duration < 1.5s", [s(1, "a", ms=1500)], BAD),
    ("a blank before the unit", KEEP, HERE, "attr:tracetest.span.duration < 2 ms", [s(1, "a", ms=1)], GOOD),
    ("equal is what is shown as equal", KEEP, HERE, "attr:tracetest.span.duration = 200ms", [s(1, "a", ms=200.4)], GOOD),
    ("unequal is what is shown as another", KEEP, HERE, "attr:tracetest.span.duration != 200ms", [s(1, "a", ms=200.4)], BAD),
    ("a limit is rounded", FIX, HERE, "attr:tracetest.span.duration <= 200ms", [s(1, "a", ms=200.4)], BAD),
    # arithmetic, filters
    ("arithmetic goes from left to right", KEEP, HERE, "attr:x + 1 * 2 = 6", [s(1, "a", x=2)], GOOD),
    ("quotients of whole numbers lose decimals", KEEP, HERE, "attr:x / 2 = 3", [s(1, "a", x=7)], GOOD),
    ("with a point they keep them", KEEP, HERE, "attr:x / 2.0 = 3.5", [s(1, "a", x=7)], GOOD),
    ("texts are numbers in arithmetic", KEEP, HERE, "attr:x + 1 = 4", [s(1, "a", x="3")], GOOD),
    ("durations add", KEEP, HERE, "attr:tracetest.span.duration + 5ms < 10ms", [s(1, "a", ms=5)], BAD),
    ("filters come last", KEEP, HERE, "attr:x + 99 | length = 3", [s(1, "a", x=1)], GOOD),
    ("json_path", KEEP, HERE, "attr:x | json_path '$.id' = 7", [s(1, "a", x=JSON)], GOOD),
    ("json_path without $", KEEP, HERE, "attr:x | json_path '.state' = \"paid\"", [s(1, "a", x=JSON)], GOOD),
    ("json_path of several values is an array", KEEP, HERE, "attr:x | json_path '$.lines[*].sku' contains \"B\"",
     [s(1, "a", x=JSON)], GOOD),
    ("json_path with a filter", KEEP, HERE, "attr:x | json_path '$.lines[?(@.sku==\"B\")].sku' = \"B\"", [s(1, "a", x=JSON)], GOOD),
    ("get_index", KEEP, HERE, "attr:x | json_path '$.lines[*].sku' | get_index 1 = \"B\"", [s(1, "a", x=JSON)], GOOD),
    ("get_index last", KEEP, HERE, "attr:x | json_path '$.lines[*].sku' | get_index 'last' = \"B\"", [s(1, "a", x=JSON)], GOOD),
    ("regex", KEEP, HERE, "attr:x | regex '[0-9]+' = \"42\"", [s(1, "a", x="order 42 of 43")], GOOD),
    ("regex_group", KEEP, HERE, "attr:x | regex_group 'order ([0-9]+)' = \"42\"", [s(1, "a", x="order 42 of 43")], GOOD),
    ("length of a text is its bytes", FIX, HERE, "attr:x | length = 5", [s(1, "a", x="Größe")], GOOD),
    ("type", KEEP, HERE, "attr:x | type = \"number\"", [s(1, "a", x=1)], GOOD),
    ("contains of JSON is a part of it", KEEP, HERE, """attr:x contains '{"state":"paid"}'""", [s(1, "a", x=JSON)], GOOD),
    ("items of JSON match in any order", KEEP, HERE, """attr:x contains '{"lines": [{"sku":"B"}]}'""", [s(1, "a", x=JSON)], GOOD),
    ("lists have members", KEEP, HERE, "[1, 2] contains attr:x", [s(1, "a", x=3)], BAD),
    ("texts hold values", KEEP, HERE, 'attr:x = "${attr:y} items"', [s(1, "a", x="5 items", y=5)], GOOD),
    # special attributes
    ("name", KEEP, HERE, 'attr:name = "a"', [s(1, "a")], GOOD),
    ("span.name", KEEP, HERE, 'attr:tracetest.span.name = "a"', [s(1, "a")], GOOD),
    ("span.kind is only set for two stores", FIX, 'span[name="POST /orders"]', 'attr:tracetest.span.kind = "server"', [order()],
     GOOD),
    ("span.type", KEEP, HERE, 'attr:tracetest.span.type = "database"', [s(1, "a", db__system="redis")], GOOD),
    ("the type of a span with two families is chance", FIX, HERE, 'attr:tracetest.span.type = "database"',
     [s(1, "a", db__system="redis", net__peer__name="x")], GOOD),
    ("span.status_code", KEEP, HERE, 'attr:tracetest.span.status_code = "Error"', [s(1, "a", status="error")], GOOD),
    ("span.status_description", KEEP, HERE, 'attr:tracetest.span.status_description = "no"',
     [s(1, "a", status="error", message="no")], GOOD),
    ("span.parent_id", KEEP, 'span[name="b"]', f'attr:tracetest.span.parent_id = "{otlp.span_id(1)}"', [s(1, "a"), s(2, "b", 1)],
     GOOD),
    ("span.start_time and end_time", KEEP, HERE, "attr:tracetest.span.end_time - attr:tracetest.span.start_time < 5ms",
     [s(1, "a", ms=5)], BAD),
    ("selected_spans.count of nothing", KEEP, 'span[name="z"]', f"{COUNT} = 0", [s(1, "a")], GOOD),
    ("several roots are given one more, which counts", FIX, 'span[]', f"{COUNT} = 3", [s(1, "a"), s(2, "b")], GOOD),
    ("span.events by name", KEEP, HERE, 'attr:span.events contains "retry"', [s(1, "a", events=["x", "retry"])], GOOD),
]


class Behaviours(harness.TestCase):
    def definitions(self):
        return "\n---\n".join(json.dumps({"type": "Test", "spec": {
            "id": f"row-{number}", "name": f"{number} {row[0]}",
            "specs": [{"selector": row[2], "name": row[0], "assertions": [row[3]]}]}})
            for number, row in enumerate(ROWS, 1))

    def judge(self):
        """(report, what the import said, the suites' text)."""
        done = run_command("import", "tracetest", self.write("rows.yaml", self.definitions()))
        self.assert_exit(0, done)
        requests, records = [], []
        for number, row in enumerate(ROWS, 1):
            for service, span in row[4]:
                requests.append(otlp.request([{**span, "traceId": otlp.trace_id(number)}], service))
            records.append({"trace_id": otlp.trace_id(number), "step": f"row-{number}"})
        checked = run_command("check", "--config", self.write("rows.conf", done.out), "--format", "json",
                              "--injections", self.write("records", records), self.write("traces.json", requests))
        return checked.json(), done.err, done.out

    def test_each_is_kept_or_mended(self):
        report, said, text = self.judge()
        self.assertNotIn("not carried over", said)
        self.assertEqual(len(ROWS), len(report["suites"]))
        for row, suite in zip(ROWS, report["suites"]):
            with self.subTest(what=row[0], we=row[1]):
                verdicts = [word for word in ("pass", "fail", "error", "inconclusive") if suite["traces"][word]]
                self.assertEqual([row[5]], verdicts, json.dumps(suite["assertions"]))

    def test_both_kinds_stand_in_the_table(self):
        kinds = [row[1] for row in ROWS]
        self.assertGreaterEqual(kinds.count(KEEP), 40)
        self.assertGreaterEqual(kinds.count(FIX), 20)

    def test_a_selector_that_cant_be_read_is_not_all_spans(self):
        for selector in ("span[x != 1]", "span[x > 1]", "span[not(x=1)]", 'span[name="a"'):
            with self.subTest(selector):
                text = json.dumps({"type": "Test", "spec": {"name": "t", "specs": [
                    {"selector": selector, "assertions": ["attr:x = 1"]}]}})
                done = run_command("import", "tracetest", self.write("t.yaml", text))
                self.assert_exit(0, done)
                self.assertIn("t.yaml:1: not carried over: " + selector, done.err)


if __name__ == "__main__":
    harness.main()
