"""The three reports of the samples against golden files, the schema and what CI tools read; random ones against parsers.

    test_reports.py PRINT_REPORTS [--update]      --update writes the golden files anew
"""
import json
import os
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree

try:
    import jsonschema
except ImportError:
    print("no jsonschema: see tests/requirements.txt")
    sys.exit(77)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GOLDEN = os.path.join(ROOT, "tests", "exporters", "golden")
SCHEMA = os.path.join(ROOT, "docs", "report.schema.json")
FORMATS = {"json": "json", "junit": "xml", "text": "txt"}
SEEDS, REPORTS_PER_SEED = 20, 40
STRINGS_WANTED = 10_000

PRINT_REPORTS = sys.argv[1] if len(sys.argv) > 1 else ""
UPDATE = "--update" in sys.argv


def run(*arguments):
    done = subprocess.run([PRINT_REPORTS, *map(str, arguments)], capture_output=True, timeout=60, check=False)
    if done.returncode:
        raise AssertionError(f"{arguments}: {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return done.stdout


def sample(name, form):
    return run("sample", name, form)


def samples():
    return run("names").decode().split()


def random_documents(form):
    for seed in range(SEEDS):
        documents = run("random", seed, REPORTS_PER_SEED, form).split(b"\0")
        yield from documents[:-1]


def cases(document):
    """{(suite, case): "pass", "failure", "error" or "skipped"} of a JUnit document."""
    shown = {}
    for suite in ElementTree.fromstring(document).iter("testsuite"):
        for case in suite.iter("testcase"):
            kinds = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
            shown[suite.get("name"), case.get("name")] = kinds[0] if kinds else "pass"
    return shown


class Golden(unittest.TestCase):
    maxDiff = None

    def test_every_sample_reads_as_its_golden_file(self):
        for name in samples():
            for form, extension in FORMATS.items():
                with self.subTest(sample=name, form=form):
                    self.compare(os.path.join(GOLDEN, f"{name}.{extension}"), sample(name, form))

    def compare(self, path, got):
        if UPDATE:
            os.makedirs(GOLDEN, exist_ok=True)
            with open(path, "wb") as file:
                file.write(got)
        with open(path, "rb") as file:
            self.assertEqual(file.read().decode(), got.decode())

    def test_no_golden_file_is_left_over(self):
        wanted = {f"{name}.{extension}" for name in samples() for extension in FORMATS.values()}
        self.assertEqual(wanted, set(os.listdir(GOLDEN)))


class Json(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(SCHEMA, encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        cls.validator = jsonschema.Draft202012Validator(schema)

    def assert_valid(self, document, what):
        errors = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
                  for error in self.validator.iter_errors(json.loads(document))]
        self.assertEqual([], errors, what)

    def test_samples_follow_the_schema(self):
        for name in samples():
            with self.subTest(sample=name):
                self.assert_valid(sample(name, "json"), name)

    def test_random_reports_follow_the_schema(self):
        for number, document in enumerate(random_documents("json")):
            self.assert_valid(document, number)

    def test_schema_refuses_what_no_report_has(self):
        def change(path, value):
            report = json.loads(sample("failed", "json"))
            at = report
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = value
            return report

        for path, value in ((["extra"], 1), (["schema_version"], 2), (["campaign", "status"], "GREEN"),
                            (["campaign", "end"], "2026-11-21 08:00"), (["ledger", "spans", "judged"], -1),
                            (["suites", 0, "assertions", 0, "result"], "fail"),
                            (["suites", 0, "assertions", 0, "failures", 0, "span_id"], ""),
                            (["suites", 0, "thresholds", 0, "value"], "much")):
            with self.subTest(path=path):
                self.assertFalse(self.validator.is_valid(change(path, value)))

    def test_numbers_that_json_lacks_are_text_and_missing_ones_null(self):
        report = json.loads(sample("failed", "json"))
        values = {row["name"]: row["value"] for row in report["suites"][0]["thresholds"]}
        self.assertEqual({"quick": 2041830000, "at worst": "Infinity", "on average": 1234567.25, "few go wrong": 0.03,
                          "none is lost": 0, "tail": 3000000000, "queue": None, "offsets": "9300000000000000000"}, values)
        self.assertIsNone(json.loads(sample("running", "json"))["campaign"]["end"])

    def test_span_is_absent_where_none_decided(self):
        failures = json.loads(sample("failed", "json"))["suites"][0]["assertions"][0]["failures"]
        self.assertEqual([None, "00f067aa0ba902b7"], [failure.get("span_id") for failure in failures])
        self.assertEqual([0, 2], [failure["actual"] for failure in failures])

    def test_last_one_of_two_equal_labels_counts(self):
        self.assertIn(b'"branch"', sample("failed", "json"))
        self.assertEqual(1, sample("failed", "json").count(b'"release"'))
        self.assertEqual("1.4.0", json.loads(sample("failed", "json"))["campaign"]["labels"]["release"])


class JUnit(unittest.TestCase):
    def test_random_reports_are_well_formed_and_keep_their_totals(self):
        strings = 0
        for document in random_documents("junit"):
            root = ElementTree.fromstring(document)
            strings += sum(len(element.attrib) + bool(element.text) for element in root.iter())
            self.assert_totals(root)
        self.assertGreater(strings, STRINGS_WANTED)

    def test_samples_keep_their_totals(self):
        for name in samples():
            with self.subTest(sample=name):
                self.assert_totals(ElementTree.fromstring(sample(name, "junit")))

    def assert_totals(self, root):
        for total, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            for suite in root.iter("testsuite"):
                self.assertEqual(len(list(suite.iter(tag))), int(suite.get(total)), total)
            if total != "skipped":
                self.assertEqual(len(list(root.iter(tag))), int(root.get(total)), total)

    def test_cases_show_what_the_rules_mean_for_the_campaign(self):
        suite = "import order"
        self.assertEqual({
            ("campaign", "campaign"): "error",
            (suite, "order is processed"): "failure", (suite, "mail goes out"): "failure", (suite, "few rows"): "error",
            (suite, "nothing fails behind"): "error", (suite, "in time, mostly"): "pass",
            (suite, "the record is written once"): "pass", (suite, "the answer names the order"): "pass",
            (suite, "refund is booked"): "skipped", (suite, "quick"): "failure", (suite, "at worst"): "failure",
            (suite, "on average"): "failure", (suite, "few go wrong"): "pass", (suite, "none is lost"): "pass",
            (suite, "tail"): "error", (suite, "queue"): "error", (suite, "offsets"): "pass",
            ("refund", "refund arrives"): "skipped", ("refund", "refund is mailed"): "skipped",
        }, cases(sample("failed", "junit")))

    def test_what_ends_red_never_shows_green(self):
        for name, shown in (("no-data", "error"), ("running", "error"), ("aborted", "error"), ("missing", "error"),
                            ("undelivered", "error"), ("unbalanced", "error"), ("warning", "skipped")):
            with self.subTest(sample=name):
                self.assertEqual(shown, cases(sample(name, "junit"))["campaign", "campaign"])
        self.assertEqual("error", cases(sample("no-data", "junit"))["shop", "stored once"])

    def test_success_has_no_case_of_the_campaign(self):
        self.assertNotIn(("campaign", "campaign"), cases(sample("successful", "junit")))

    def test_failure_names_traces_and_reasons(self):
        root = ElementTree.fromstring(sample("failed", "junit"))
        text = next(case for case in root.iter("testcase") if case.get("name") == "order is processed").find("failure").text
        for wanted in ("0af7651916cd43dd8448eb211c803101", "span 00f067aa0ba902b7", "does not hold", "and 28 more",
                       "https://jaeger.example/trace/0af7651916cd43dd8448eb211c803105"):
            self.assertIn(wanted, text)


class Text(unittest.TestCase):
    OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

    def test_nothing_that_a_terminal_obeys_comes_through(self):
        documents = [*random_documents("text"), *(sample(name, "text") for name in samples())]
        for document in documents:
            self.assertIsNone(self.OBEYED.search(document.decode()))

    def test_colours_change_nothing_else(self):
        for name in samples():
            with self.subTest(sample=name):
                coloured = sample(name, "colour").decode()
                self.assertRegex(coloured, "\033\\[[0-9]+m")
                self.assertEqual(sample(name, "text").decode(), re.sub("\033\\[[0-9]+m", "", coloured))

    def test_headline_comes_first(self):
        for name in samples():
            first = sample(name, "text").decode().split("\n", 1)[0]
            status = json.loads(sample(name, "json"))["campaign"]["status"]
            self.assertTrue(first.startswith(f"{status}: "), first)
        self.assertIn("3.0 % of the judged traces (30 of 1000) break 'order is processed', e.g. trace 0af7",
                      sample("failed", "text").decode())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
