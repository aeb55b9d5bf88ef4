"""The conformance suite on the daemon, its tables in the documentation, and the suite itself.

With ASSERTD_WRITE_DOCS=1 the tables of docs/conformance.md are written instead of compared.
"""
import http.server
import json
import os
import re
import threading
import unittest

from tests.conformance import __main__ as command
from tests.conformance import report, run
from tests.conformance.case import LEVELS
from tests.conformance.client import Client
from tests.e2e import harness
from tests.e2e.harness import ROOT, SHOP_SUITE, config

DOCS = os.path.join(ROOT, "docs", "conformance.md")
BEGIN, END = "<!-- conformance: begin -->\n", "<!-- conformance: end -->\n"

#: Rows of docs/conformance.md that nobody can see from the outside, or that are no server's duty.
UNSEEN = {"C14": "a sender's duty", "G1": "default ports", "G16": "connections that live for hours",
          "H14": "optional", "J10": "files", "D5": "shown by verdicts", "D10": "no such field"}


def failures(results):
    return "\n".join(report.failure(r) for r in results if r.verdict == run.FAIL)


class Daemon(harness.TestCase):
    def run_suite(self, pattern, settings, **options):
        daemon = self.daemon(config(**settings))
        if "flood" in options:
            daemon.start_campaign("full")
        client = Client(daemon.grpc, daemon.http, patience=30, **options)
        return run.run(run.chosen(pattern), client)

    def test_every_case_passes_and_the_documentation_says_so(self):
        results = self.run_suite(r"^(?!overload/)", {"limits": {"request_bytes": "4MiB"}},
                                 limit=4 << 20)
        results += self.run_suite(
            r"^overload/", {"suites": [SHOP_SUITE],
                            "limits": {"memory": "8MiB", "request_bytes": "1MiB"},
                            "completion": {"quiet": "60s", "deadline": "120s"},
                            "report": {"max_failures": 10}}, flood=64 << 20)
        self.assertEqual("", failures(results))
        skipped = {r.case.area for r in results if r.verdict == run.SKIP}
        self.assertLessEqual(skipped, {"slow"})
        self.compare_docs(report.markdown(results))

    def compare_docs(self, tables):
        with open(DOCS, encoding="utf-8") as file:
            text = file.read()
        before, rest = text.split(BEGIN)
        written, after = rest.split(END)
        if os.environ.get("ASSERTD_WRITE_DOCS"):
            with open(DOCS, "w", encoding="utf-8") as file:
                file.write(before + BEGIN + tables + END + after)
        else:
            self.assertEqual(tables, written, "ASSERTD_WRITE_DOCS=1 writes it anew")

    def test_floods_are_counted_by_kind(self):
        daemon = self.daemon(config())
        client = Client(daemon.grpc, daemon.http, patience=30)
        for name, kind in (("rapid-reset", "reset"), ("window-overflow", "made_reset"),
                           ("empty-data", "empty_data"), ("pings", "chatter")):
            with self.subTest(flood=name):
                results = run.run(run.chosen(f"^http2/flood/{name}$"), client)
                self.assertEqual("", failures(results))
                page = daemon.call("GET", "/metrics").body.decode()
                found = re.search(rf'assertd_http2_oddities_total{{kind="{kind}"}} (\d+)', page)
                self.assertGreaterEqual(int(found[1]), 100, page)
        self.assertIn("assertd_http2_calmed_total 4\n", page)

    def test_the_command_tells_how_it_went(self):
        daemon = self.daemon(config())
        path = os.path.join(self.folder, "results.json")
        code = command.main(["--grpc", daemon.grpc, "--http", daemon.http, "--only", "^grpc/path",
                             "--quiet", "--json", path, "--name", "assertd"])
        self.assertEqual(0, code)
        with open(path, encoding="utf-8") as file:
            written = json.load(file)
        self.assertEqual("assertd", written["about"]["name"])
        self.assertEqual(len(run.chosen("^grpc/path")), written["counts"]["pass"])
        self.assertEqual({"id", "verdict", "level", "rows", "section", "title", "sent", "accepted",
                          "came", "seconds"}, set(written["cases"][0]))


class Suite(unittest.TestCase):
    def test_each_case_has_a_name_of_its_own_and_its_source(self):
        cases = run.chosen()
        names = [case.id for case in cases]
        self.assertEqual([], sorted(name for name in set(names) if names.count(name) > 1))
        for case in cases:
            self.assertIn(case.level, LEVELS)
            self.assertTrue(case.section and case.sent and case.expect.words, case.id)

    def test_every_row_of_the_checklist_has_a_case_or_a_reason(self):
        with open(DOCS, encoding="utf-8") as file:
            rows = set(re.findall(r"^\| ([A-Z]\d+) \|", file.read(), re.MULTILINE))
        seen = {row for family in run.families() for row in family.rows}
        self.assertEqual(rows, seen | set(UNSEEN))
        self.assertEqual(set(), seen & set(UNSEEN))

    def test_a_server_that_says_yes_to_everything_fails(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), YesMan)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            client = Client(None, f"127.0.0.1:{server.server_address[1]}", patience=2)
            results = run.run(run.chosen(r"^(grpc/path|http/path|json/enum|data/partial)/"), client)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
        verdict = {r.case.id: r.verdict for r in results}
        self.assertEqual(run.SKIP, verdict["grpc/path/export"])
        self.assertEqual(run.PASS, verdict["http/path/traces"])
        for name in ("http/path/root", "json/enum/kind-word-SERVER", "data/partial/1-of-2-at-0",
                     "data/partial/rejected-as-text"):
            self.assertEqual(run.FAIL, verdict[name], name)

    def test_a_server_that_goes_is_not_taken_for_a_conforming_one(self):
        result = run.run_one(run.chosen("^http/path/traces$")[0], Client(None, "127.0.0.1:1"))
        self.assertEqual(run.FAIL, result.verdict)


class YesMan(http.server.BaseHTTPRequestHandler):
    """Answers 200 in the request's encoding, whatever comes."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.headers.get("Content-Type", "")
        body = b"{}" if "json" in kind else b""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    harness.main()
