"""The corpus of Tracetest definitions: each is imported, says what it loses, validates, and judges.

corpus/NAME.yaml is a definition in the style of public ones, corpus/NAME.expected what its import says on standard error
(absent: nothing). `ASSERTD_WRITE_EXPECTED=1` writes those files: read what changed before it is committed.
"""
import json
import os
import pathlib
import re
import unittest

from tests.e2e import harness, otlp
from tests.e2e.harness import run_command
from tests.tracetest.traces import TRACES, request

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
NAMES = sorted(path.stem for path in CORPUS.glob("*.yaml"))

#: Constructs that the language is learning: only that the suite validates is held.
PENDING = re.compile("arithmetic|filter-|json-|list-|text-inter|compare-attr|variables|outputs|functions|response-body|"
                     "response-mixed|duration-(attr|sum|times|unequal)|selector-type|statuses|suite-|same|names-that")


class Corpus(harness.TestCase):
    def import_corpus(self, name):
        """The suite's path, and what was said."""
        suite = os.path.join(self.folder, name + ".conf")
        done = run_command("import", "tracetest", f"{name}.yaml", "--output", suite, cwd=CORPUS)
        self.assert_exit(0, done)
        return suite, done.err

    def test_each_is_imported_and_validates_and_says_what_it_loses(self):
        self.assertGreaterEqual(len(NAMES), 60)
        for name in NAMES:
            with self.subTest(name):
                suite, said = self.import_corpus(name)
                self.assert_exit(0, run_command("validate", "--config", suite))
                if PENDING.match(name):
                    continue
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
            if PENDING.match(name) and name != "suite-old-names":
                continue
            suite, _ = self.import_corpus(name)
            for number, (verdict, spans, injection) in enumerate(rows):
                with self.subTest(name=name, row=number):
                    found, done = self.judge(suite, spans, injection)
                    self.assertEqual(verdict, found, f"{pathlib.Path(suite).read_text()}\n{done.out}")

    def test_traces_stand_for_definitions(self):
        self.assertEqual([], [name for name in TRACES if name not in NAMES])


if __name__ == "__main__":
    harness.main()
