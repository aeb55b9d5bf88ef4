"""The corpus of Tracetest definitions: each is imported, says what it loses, validates, and judges.

corpus/NAME.yaml is a definition in the style of public ones, corpus/NAME.expected what its import says on standard error
(absent: nothing). `ASSERTD_WRITE_EXPECTED=1` writes those files: read what changed before it is committed.
"""
import json
import os
import pathlib
import re
import tempfile
import unittest

from tests.e2e import harness, otlp
from tests.e2e.harness import run_command
from tests.oracle import libconf
from tests.tracetest.traces import TRACES, request

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
NAMES = sorted(path.stem for path in CORPUS.glob("*.yaml"))

#: A suite of what Tracetest has no words for.
RICH = """suites = ( { name = "rich"; traces = "span[name=a]"; labels = { step = "pay"; };
  spans = { a = "span[name=a]"; };
  assertions = (
    { name = "none"; select = "span[]"; assert = "none: status = error"; },
    { name = "any";  select = "span[name=a]"; assert = [ "any: x = 1",
      "x =~ 'a'" ]; },
    { name = "child"; select = "span[name=a] > span[name=b]"; assert = "count = 1"; },
    { name = "hyphen"; select = "span[a-b=1]"; assert = "count = 1"; },
    { name = "names"; assert = "$a.duration < 5ms"; },
    { name = "when"; when = "count($a) = 1"; select = "span[name=a]"; assert = "x = 1"; },
    { name = "optional"; optional = true; select = "span[name=a]"; assert = "x = 1"; },
    { name = "warning"; severity = "warning"; select = "span[name=a]"; assert = "x = 1"; }
  );
  thresholds = ( { name = "t"; rule = "ratio(fail) <= 1%"; } ); } );
"""
RICH_LOST = """rich.conf:1: not carried over: traces: a test has one trace, that of its trigger
rich.conf:1: not carried over: labels: a test has one trace, that of its trigger
rich.conf:14: not carried over: ratio(fail) <= 1%: it has no rules over many traces
rich.conf:5: not carried over: any: x = 1: its assertions hold for every selected span
rich.conf:6: not carried over: x =~ 'a': it has no such comparison
rich.conf:7: not carried over: child: of spans it knows descendants alone
rich.conf:8: not carried over: hyphen: its selectors read attributes of letters, digits, _ and . alone
rich.conf:9: not carried over: $a.duration < 5ms: it can't compare spans that are named
rich.conf:10: not carried over: when: it has no conditions under which a spec counts
rich.conf:11: not carried over: optional: a spec that selects nothing is never left out there
rich.conf:12: not carried over: warning: there every spec that fails makes the test fail
"""


#: true becomes "true" there and 'true' here again, which equals it; variables have become their values.
REWORDED = {"compare-bool", "variables", "variables-environment", "variables-secret", "variables-bare"}


class Corpus(harness.TestCase):
    imported = {}

    @classmethod
    def setUpClass(cls):
        cls.suites_folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.suites_folder.cleanup)

    def import_corpus(self, name):
        """The suite's path, and what was said."""
        if name not in self.imported:
            suite = os.path.join(self.suites_folder.name, name + ".conf")
            done = run_command("import", "tracetest", f"{name}.yaml", "--output", suite, cwd=CORPUS)
            self.assert_exit(0, done)
            self.imported[name] = suite, done.err
        return self.imported[name]

    def test_each_is_imported_and_validates_and_says_what_it_loses(self):
        self.assertGreaterEqual(len(NAMES), 60)
        for name in NAMES:
            with self.subTest(name):
                suite, said = self.import_corpus(name)
                self.assert_exit(0, run_command("validate", "--config", suite))
                expected = CORPUS / f"{name}.expected"
                if os.environ.get("ASSERTD_WRITE_EXPECTED"):
                    expected.unlink(missing_ok=True)
                    if said:
                        expected.write_text(said)
                self.assertEqual(expected.read_text() if expected.exists() else "", said)

    def judge(self, suite, spans, injection):
        """Verdicts over all suites, by name."""
        files = [self.write("trace.json", json.dumps(request(spans)))]
        if injection is not None:
            record = {"trace_id": otlp.trace_id(1), **injection}
            files = ["--injections", self.write("injections", json.dumps(record) + "\n"), *files]
        done = run_command("check", "--config", suite, "--format", "json", *files)
        judged = [suite["traces"] for suite in done.json()["suites"]]
        found = [word for word in ("fail", "error", "inconclusive", "pass") if any(one[word] for one in judged)]
        return found[0] if found else "nothing", done

    def test_the_suites_judge_as_their_authors_meant(self):
        for name, rows in TRACES.items():
            suite, _ = self.import_corpus(name)
            for number, (verdict, spans, injection) in enumerate(rows):
                with self.subTest(name=name, row=number):
                    found, done = self.judge(suite, spans, injection)
                    self.assertEqual(verdict, found, f"{pathlib.Path(suite).read_text()}\n{done.out}")

    def exported(self, suite, *arguments):
        done = run_command("export", "tracetest", "--config", suite, *arguments)
        self.assert_exit(0, done)
        advice = re.compile(r"^[^ ]+: warning: .*\n", re.M)
        return done.out, advice.sub("", done.err)

    def suites(self, path):
        """The suites without what says which traces they judge."""
        suites = libconf.parse(pathlib.Path(path).read_text())["suites"]
        return [{key: value for key, value in suite.items() if key != "labels"} for suite in suites]

    def test_what_is_exported_is_imported_as_it_was(self):
        whole = 0
        for name in NAMES:
            with self.subTest(name):
                suite, _ = self.import_corpus(name)
                text, lost = self.exported(suite)
                again = self.path("again.conf")
                done = run_command("import", "tracetest", self.write("again.yaml", text), "--output", again)
                self.assert_exit(0, done)
                self.assertEqual(text.count("# not carried over: "), lost.count("not carried over: "))
                if not lost and "not carried over" not in done.err and name not in REWORDED:
                    self.assertEqual(self.suites(suite), self.suites(again), text)
                    whole += 1
        self.assertGreaterEqual(whole, 50)

    def test_what_tracetest_cant_say_is_told_with_its_place(self):
        path = self.write("rich.conf", RICH)
        text, lost = self.exported(path)
        self.assertEqual(RICH_LOST, lost.replace(path, "rich.conf"))
        self.assertIn('attr:tracetest.span.status_code != \\"Error\\"', text)

    def test_the_analyzer_is_a_document_of_its_own(self):
        path = self.write("analyzer.conf", """suites = ( { name = "a"; analyzer = { minimum_score = 70.5; rules = (
            { name = "span-naming"; level = "warning"; weight = 5; },
            { name = "quick"; select = "span[]"; assert = "duration < 1s"; } ); };
            assertions = ( { name = "one"; select = "span[name=a]"; assert = "count = 1"; } ); } );\n""")
        text, lost = self.exported(path)
        self.assertEqual(1, text.count("\n---\n"))
        self.assertIn("    - id: span-naming\n      weight: 5\n      errorLevel: warning\n", text)
        self.assertEqual("analyzer.conf:1: not carried over: minimum_score: its analyzer has whole numbers, and takes the one below\n"
                         "analyzer.conf:3: not carried over: quick: its analyzer has the seven rules alone\n", lost.replace(path, "analyzer.conf"))
        again = self.write("again.yaml", text)
        done = run_command("import", "tracetest", again)
        self.assertIn('minimum_score = 70;', done.out)
        self.assertIn('{ name = "span-naming"; level = "warning"; weight = 5; }', done.out)
        alone = self.exported(self.write("alone.conf", 'suites = ( { name = "a"; analyzer = {}; } );\n'))[0]
        self.assertNotIn("type: Test", alone)

    def test_one_suite_is_chosen_by_its_name(self):
        path = self.write("two.conf", 'suites = ( { name = "a"; }, { name = "b"; } );\n')
        self.assertEqual(1, self.exported(path)[0].count("\n---\n"))
        self.assertIn('name: "b"', self.exported(path, "--suite", "b")[0])
        self.assert_exit(1, run_command("export", "tracetest", "--config", path, "--suite", "c"))
        self.assert_exit(1, run_command("export", "jest", "--config", path))
        self.assert_exit(2, run_command("export", "tracetest", "--config", self.write("bad.conf", "suites = 5;")))

    def test_files_that_are_no_definitions_end_with_1(self):
        for name, text in (("bad.yaml", "a: ["), ("other.yaml", "kind: Pod\n"), ("bin.yaml", b"\xff\xfe")):
            with self.subTest(name):
                done = run_command("import", "tracetest", self.write(name, text))
                self.assert_exit(1, done)
                self.assertTrue(done.err.startswith(self.path(name)), done.err)
                self.assertEqual("", done.out)
        self.assert_exit(1, run_command("import", "tracetest", self.path("absent.yaml")))
        self.assert_exit(1, run_command("import", "jest", "x"))
        self.assert_exit(1, run_command("import", "tracetest"))

    def shown(self, language):
        """(theirs, ours) of each line of the page's blocks in that language."""
        page = (pathlib.Path(harness.ROOT) / "docs" / "import.md").read_text()
        lines = re.search(rf"```{language}\n(.*?)```", page, re.S)[1].splitlines()
        return [re.split(r" +=> ", line, maxsplit=1) for line in lines]

    def import_specs(self, specs):
        """The assertions that (selector, assertion) pairs become."""
        text = json.dumps({"type": "Test", "spec": {"name": "shown", "specs": [
            {"name": str(number), "selector": selector, "assertions": [assertion]}
            for number, (selector, assertion) in enumerate(specs)]}})
        done = run_command("import", "tracetest", self.write("shown.yaml", text))
        self.assert_exit(0, done)
        self.assertNotIn("not carried over", done.err)
        self.assert_exit(0, run_command("validate", "--config", self.write("shown.conf", done.out),
                                        env={"TENANT": "acme"}))
        return libconf.parse(done.out)["suites"][0]["assertions"]

    def test_the_page_shows_what_selectors_become(self):
        rows = self.shown("import-selectors")
        made = self.import_specs([(theirs, "attr:a = 1") for theirs, _ in rows])
        self.assertEqual([ours for _, ours in rows], [one["select"] for one in made])

    def test_the_page_shows_what_assertions_become(self):
        rows = self.shown("import-assertions")
        made = self.import_specs([('span[name="a"]', theirs) for theirs, _ in rows])
        self.assertEqual([ours for _, ours in rows], [" && ".join(one["assert"]) for one in made])

    def test_traces_stand_for_definitions(self):
        self.assertEqual([], [name for name in TRACES if name not in NAMES])


if __name__ == "__main__":
    harness.main()
