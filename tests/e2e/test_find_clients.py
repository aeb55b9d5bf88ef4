"""The examples' clients find the spans of a running daemon: in pytest, in Jest, under `assertd run`."""
import os
import pathlib
import re
import subprocess
import sys

from tests.e2e import harness, sdk_clients
from tests.e2e.harness import config
from tests.peers.process import find_program

EXAMPLES = pathlib.Path(harness.ROOT) / "examples" / "find_spans"
TIMEOUT = 180


def pytest_command():
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLES / "python")]


def jest_command(folder):
    return [find_program(["node"], "apt-get install --no-install-recommends nodejs npm"),
            os.path.join(sdk_clients.sdk_folder(), "jest", "node_modules", "jest", "bin", "jest.js"),
            "--ci", "--runInBand", "--watchman=false", "--cacheDirectory", folder]


class Clients(harness.TestCase):
    @classmethod
    def setUpClass(cls):
        harness.binary()
        sdk_clients.prepare("jest")

    def run_against_daemon(self, command, folder="python"):
        daemon = self.daemon(config(completion={"quiet": "5s", "deadline": "30s"}))
        daemon.start_campaign("examples")
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, cwd=EXAMPLES / folder,
                              env={**os.environ, "ASSERTD_API": f"http://{daemon.admin}/",
                                   "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{daemon.http}"})
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_pytest_finds_and_validates(self):
        self.assertRegex(self.run_against_daemon(pytest_command()), r"6 passed in")

    def test_jest_finds_and_validates(self):
        self.assertRegex(self.run_against_daemon(jest_command(self.path("cache")), "javascript"), r"Tests: +5 passed, 5 total")

    def test_under_assertd_run_the_traces_are_judged_as_well(self):
        suite = {"name": "orders", "traces": "span[name='process order']", "assertions": [
            {"name": "no error", "select": "span[]", "assert": "none: status = error"}]}
        path = self.write("assertd.conf", config(suites=[suite], completion={"quiet": "2s"}))
        report = self.path("report.json")
        done = harness.run_command("run", "--config", path, "--report", f"json={report}", "--", *pytest_command(),
                                   timeout=TIMEOUT)
        self.assert_exit(harness.EXIT_SUCCESS, done)
        self.assertRegex(done.out + done.err, r"6 passed in")
        self.assertGreaterEqual(self.read_json("report.json")["suites"][0]["traces"]["judged"], 5)

    def test_the_examples_need_the_standard_library_only(self):
        client = (EXAMPLES / "python" / "find_spans.py").read_text()
        names = re.findall(r"^(?:import|from) ([a-z]+)", client, re.MULTILINE)
        self.assertLessEqual(set(names), sys.stdlib_module_names)
        client = (EXAMPLES / "javascript" / "find-spans.js").read_text()
        self.assertEqual(["node:crypto"], re.findall(r"require\('([^']+)'\)", client))


if __name__ == "__main__":
    harness.main()
