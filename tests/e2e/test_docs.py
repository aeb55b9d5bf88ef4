"""What the documentation shows is true: every configuration in it validates, every link in it leads somewhere."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from tests.e2e import harness, otlp

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("ASSERTD_BINARY", "assertd")
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SETTING = re.compile(r"\s*[a-z_]+\s*=\s*[({\"]")


def configurations():
    """(page, line, text) of each fenced block that is libconfig."""
    for page in PAGES:
        lines = page.read_text().splitlines()
        start = None
        for number, line in enumerate(lines, 1):
            if not line.startswith("```"):
                continue
            if start is None:
                start, language = number, line[3:].strip()
            else:
                block = lines[start:number - 1]
                if language in ("", "libconfig") and block and SETTING.match(block[0]):
                    yield page, start + 1, "\n".join(block)
                start = None


def blocks(page, *languages):
    """The texts of a page's fenced blocks."""
    return re.findall(rf"^```(?:{'|'.join(languages)})\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


class FindSpans(harness.TestCase):
    """The chapter of docs/operations.md."""
    PAGE = ROOT / "docs" / "operations.md"

    def test_the_request_shown_is_answered(self):
        shown, = [block for block in blocks(self.PAGE, "sh") if "/spans" in block]
        daemon = self.daemon(harness.config())
        daemon.start_campaign("docs")
        daemon.send(otlp.request([otlp.span(1, number, "INSERT items", attrs={"n": number}) for number in (1, 2, 3)], "shop-worker"))
        done = subprocess.run(["bash", "-c", shown], capture_output=True, text=True, timeout=60, env={
            **os.environ, "ASSERTD_API": f"http://{daemon.admin}", "TRACE_ID": otlp.trace_id(1)})
        self.assertEqual(0, done.returncode, done.stderr)
        found = json.loads(done.stdout)
        self.assertEqual((True, 3, 3, 0), tuple(found[name] for name in ("complete", "expected", "matched", "omitted")))
        text = self.PAGE.read_text()
        for member in [*found, *found["spans"][0]]:
            with self.subTest(member=member):
                self.assertRegex(text, rf"[`\"]{member}[`\"]")

    def test_the_code_shown_stands_in_the_tests_that_run(self):
        examples = ROOT / "examples" / "find_spans"
        files = [path.read_text() for path in (examples / "python" / "test_orders.py", examples / "javascript" / "orders.test.js")]
        shown = blocks(self.PAGE, "python", "js")
        self.assertEqual(2, len(shown))
        for block in shown:
            self.assertTrue(any(block in file for file in files), block)


class Analyzer(unittest.TestCase):
    def test_the_output_shown_is_what_is_said(self):
        shown = (ROOT / "docs" / "analyzer.md").read_text()
        done = subprocess.run([BINARY, "analyze", ROOT / "tests" / "payloads" / "jaeger-shop.json"], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(99, done.returncode, done.stderr)
        self.assertIn(done.stdout, shown)


class Docs(unittest.TestCase):
    def test_every_configuration_shown_validates(self):
        seen = 0
        for page, line, text in configurations():
            with self.subTest(page=page.name, line=line), tempfile.TemporaryDirectory() as folder:
                (pathlib.Path(folder) / "suites.d").mkdir()
                config = pathlib.Path(folder) / "shown.conf"
                config.write_text(text)
                done = subprocess.run([BINARY, "validate", "--config", config], capture_output=True, text=True, timeout=30)
                self.assertEqual(0, done.returncode, done.stderr)
                seen += 1
        self.assertGreaterEqual(seen, 4)

    def test_every_local_link_leads_to_a_file(self):
        for page in PAGES:
            for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
                with self.subTest(page=page.name, target=target):
                    if not re.match(r"[a-z]+:", target):
                        self.assertTrue((page.parent / target).exists())

    def test_every_command_has_help(self):
        listed = subprocess.run([BINARY, "help"], capture_output=True, text=True, timeout=30).stdout
        commands = re.findall(r"^  ([a-z-]+) ", listed, re.MULTILINE)
        self.assertGreaterEqual(set(commands), {"serve", "run", "check", "validate", "print-config", "ctl", "version"})
        for command in set(commands) - {"help"}:
            with self.subTest(command=command):
                done = subprocess.run([BINARY, command, "--help"], capture_output=True, text=True, timeout=30)
                self.assertEqual(0, done.returncode)
                self.assertIn("--help", done.stdout)


class Wishes(unittest.TestCase):
    """docs/wishes.md: what it names stands in its suite, and the tests that it names are there. (That the suite validates: Examples.)"""

    def setUp(self):
        self.page = (ROOT / "docs" / "wishes.md").read_text()
        self.suite, = re.findall(r"^```libconfig\n(.*?)^```$", self.page, re.MULTILINE | re.DOTALL)
        self.rows = [row.split(" | ") for row in re.findall(r"^\| (.*) \|$", self.page, re.MULTILINE)
                     if not row.startswith(("can be said", "wish |"))]

    def test_each_rule_of_the_suite_stands_in_a_row(self):
        rules = re.findall(r"^    { name = \"([^\"]+)\"", self.suite, re.MULTILINE)
        named = " ".join(row[1] for row in self.rows)
        self.assertEqual([], [rule for rule in rules if rule not in named])
        self.assertGreater(len(rules), 35)

    def test_each_test_that_it_names_is_run(self):
        listed = " ".join(path.read_text() for path in (ROOT / "tests").rglob("CMakeLists.txt"))
        there = {path.stem for path in (ROOT / "tests").rglob("test_*") if path.suffix in (".c", ".py")
                 and re.search(rf"assertd_test\({path.stem} |SCRIPT {path.stem}\.py ", listed)}
        self.assertEqual([], [row[0] for row in self.rows if not re.findall(r"`(test_\w+)`", row[2])])
        self.assertEqual(set(), set(re.findall(r"`(test_\w+)`", self.page)) - there)


if __name__ == "__main__":
    unittest.main()
