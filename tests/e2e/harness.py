"""Runs the program under test and talks to it as its users do.

    with Assertd(config(suites=[...])) as daemon:
        campaign = daemon.start_campaign("nightly")
        ...
        report = campaign.finish()

The program is named by ASSERTD_BINARY. Every listener takes a free port; the log's first lines say
which.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from tests.e2e import otlp
from tests.peers.process import NotReady, Process, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

EXIT_SUCCESS, EXIT_USAGE, EXIT_CONFIG = 0, 1, 2
EXIT_FAILED, EXIT_ABORTED, EXIT_INCONCLUSIVE, EXIT_NO_DATA, EXIT_UNDELIVERED = 99, 105, 120, 121, 122

#: Long enough for an instrumented build on a busy machine; nothing waits this long when all is well.
DEADLINE = 60.0


def binary():
    path = os.environ.get("ASSERTD_BINARY")
    if not path or not os.access(path, os.X_OK):
        raise unittest.SkipTest("ASSERTD_BINARY does not name the program under test")
    return path


# --- configuration -----------------------------------------------------------------------------

def _libconfig_value(plain, depth):
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, int):
        return f"{plain}L" if abs(plain) >= 2**31 else str(plain)
    if isinstance(plain, float):
        return repr(plain)
    if isinstance(plain, str):
        return '"' + plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(plain, dict):
        return "{\n" + to_libconfig(plain, depth + 1) + "  " * depth + "}"
    return "( " + ", ".join(_libconfig_value(item, depth + 1) for item in plain) + " )"


def to_libconfig(settings, depth=0):
    """The text of a configuration: dicts are groups, lists are lists."""
    return "".join(f"{'  ' * depth}{name} = {_libconfig_value(item, depth)};\n"
                   for name, item in settings.items())


def _merged(base, over):
    merged = dict(base)
    for name, item in over.items():
        both = isinstance(item, dict) and isinstance(merged.get(name), dict)
        merged[name] = _merged(merged[name], item) if both else item
    return merged


def config(**settings):
    """A configuration with free ports and short times; `settings` are laid over it, group by group."""
    return _merged({
        "service": {"workers": 2, "drain_timeout": "20s", "log": {"level": "info"}},
        "admin": {"endpoint": "127.0.0.1:0"},
        "receivers": {"otlp": {"grpc": {"endpoint": "127.0.0.1:0"},
                               "http": {"endpoint": "127.0.0.1:0"}}},
        "completion": {"quiet": "200ms", "deadline": "2s", "grace": "100ms"},
    }, settings)


#: Judges every trace that has an order in it: the span `store` must be there once and be quick.
SHOP_SUITE = {
    "name": "shop",
    "assertions": [
        {"name": "stored once", "select": "span[name='store']",
         "assert": ["count = 1", "duration < 50ms"]},
        {"name": "accepted", "select": "span[name='POST /orders' kind=server]",
         "assert": "http.response.status_code = 200"},
    ],
}


def shop_trace(trace, *, stored=1, store_ms=5, status=200, service_name="shop"):
    """A request of one trace: `POST /orders`, and `stored` spans `store` below it."""
    spans = [otlp.span(trace, 1, "POST /orders", kind="server", ms=10,
                       attrs={"http.response.status_code": status})]
    spans += [otlp.span(trace, 2 + index, "store", parent=1, kind="client", start_ms=1 + index,
                        ms=store_ms, attrs={"db.operation.name": "INSERT"})
              for index in range(stored)]
    return otlp.request(spans, service_name)


# --- commands ----------------------------------------------------------------------------------

class Done:
    """A command that has ended: exit code, standard output and standard error."""

    def __init__(self, completed):
        self.code, self.out, self.err = completed.returncode, completed.stdout, completed.stderr

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


def run_command(*arguments, stdin=None, env=None, timeout=DEADLINE, cwd=None):
    """Runs `assertd ARGUMENTS` to its end."""
    environment = {name: text for name, text in os.environ.items()
                   if not name.startswith(("OTEL_", "ASSERTD_API", "ASSERTD_CAMPAIGN"))}
    environment.update(env or {})
    completed = subprocess.run([binary(), *map(str, arguments)], input=stdin, env=environment,
                               capture_output=True, timeout=timeout, cwd=cwd)
    completed.stdout = completed.stdout.decode("utf-8", "replace")
    completed.stderr = completed.stderr.decode("utf-8", "replace")
    return Done(completed)


PYTHON = sys.executable


# --- the running daemon ------------------------------------------------------------------------

class Campaign:
    """A campaign of a running daemon, through the admin API."""

    def __init__(self, daemon, key):
        self._daemon, self.key, self.last_report = daemon, key, None
        self._path = f"/api/campaigns/{key}"

    def state(self):
        return self._daemon.api("GET", self._path)

    def inject(self, records):
        """Registers injection records (dicts, or a text that is sent as it is); the answer."""
        body = records if isinstance(records, (str, bytes)) else "".join(
            json.dumps(record) + "\n" for record in records)
        if isinstance(body, str):
            body = body.encode()
        return self._daemon.api("POST", self._path + "/injections", body,
                                content_type="application/x-ndjson")

    def inject_traces(self, numbers, **labels):
        return self.inject([{"trace_id": otlp.trace_id(number), **labels} for number in numbers])

    def complete(self):
        answer = self._daemon.call("POST", self._path + "/complete")
        if answer.status not in (200, 202):
            raise AssertionError(f"complete: {answer}")

    def abort(self):
        answer = self._daemon.call("POST", self._path + "/abort")
        if answer.status not in (200, 202):
            raise AssertionError(f"abort: {answer}")

    def report(self, kind="json"):
        answer = self._daemon.call("GET", self._path + f"/report?format={kind}")
        if answer.status != 200:
            raise AssertionError(f"report: {answer}")
        return json.loads(answer.body) if kind == "json" else answer.body.decode()

    def wait_for_end(self):
        """The final report."""
        def ended():
            report = self.report()
            return report if report["campaign"]["status"] != "IN_PROGRESS" else None
        return wait_until(ended, DEADLINE, f"the end of campaign {self.key}", 0.05)

    def finish(self):
        self.complete()
        return self.wait_for_end()

    def wait_for_report(self, condition, what):
        """The first report for which `condition(report)` holds."""
        def seen():
            self.last_report = self.report()
            return self.last_report if condition(self.last_report) else None
        try:
            return wait_until(seen, DEADLINE, what, 0.05)
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{self.last_report}\n{self._daemon.log()}") from None

    def wait_for_spans(self, count):
        """Waits until `count` spans were received, whatever became of them."""
        return self.wait_for_report(lambda report: report["ledger"]["spans"]["received"] >= count,
                                    f"{count} spans")


class Assertd:
    """`assertd serve` with a configuration (a dict, or the text of one)."""

    def __init__(self, settings, *arguments, env=None):
        self._settings = settings if isinstance(settings, str) else to_libconfig(settings)
        self._arguments, self._env = arguments, env
        self.folder = self.process = None
        self.addresses = {}

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="assertd-e2e-")
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def start(self):
        path = os.path.join(self.folder, "assertd.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self._settings)
        self.process = Process(
            [binary(), "serve", "--config", path, *self._arguments], cwd=self.folder,
            env={**os.environ, **(self._env or {})}, log=os.path.join(self.folder, "log"))
        self.addresses = {}
        for name in self._listeners():
            match = self.process.wait_for_line(
                rf"listening .*\bname={re.escape(name)} .*\baddress=(\S+)", DEADLINE)
            self.addresses[name] = match.group(1).strip('"')
        wait_until(self.is_ready, DEADLINE, "readiness")

    def _listeners(self):
        names = ["otlp/grpc", "otlp/http", "admin"]
        for name in ("health", "metrics"):
            if re.search(rf"^{name}\s*=", self._settings, re.MULTILINE):
                names.append(name)
        return names

    @property
    def grpc(self):
        return self.addresses["otlp/grpc"]

    @property
    def http(self):
        return self.addresses["otlp/http"]

    @property
    def admin(self):
        return self.addresses["admin"]

    def call(self, method, path, body=None, content_type="application/json", address=None):
        """One request to the admin port; the Answer."""
        headers = {"Content-Type": content_type} if body is not None else {}
        return otlp.post(address or self.admin, path, body, headers, method)

    def api(self, method, path, body=None, content_type="application/json"):
        """The JSON of a successful answer."""
        answer = self.call(method, path, body, content_type)
        if answer.status // 100 != 2:
            raise AssertionError(f"{method} {path}: {answer}")
        return json.loads(answer.body)

    def is_ready(self):
        try:
            return self.call("GET", "/readyz").status == 200
        except ConnectionRefusedError:
            return False

    def start_campaign(self, key, labels=None):
        body = {"key": key}
        if labels:
            body["labels"] = labels
        answer = self.call("POST", "/api/campaigns", json.dumps(body).encode())
        if answer.status != 201:
            raise AssertionError(f"start of {key}: {answer}")
        return Campaign(self, key)

    def campaign(self, key):
        return Campaign(self, key)

    def metrics(self, address=None):
        """The Prometheus page: {(name, ((label, value), ...)): number}."""
        answer = self.call("GET", "/metrics", address=address)
        if answer.status != 200:
            raise AssertionError(f"metrics: {answer}")
        return parse_metrics(answer.body.decode())

    def metric(self, name, **labels):
        """The sum of all series of a name that carry the labels; None where there is none."""
        found = [number for (series, own), number in self.metrics().items()
                 if series == name and set(labels.items()) <= set(own)]
        return sum(found) if found else None

    def send(self, message, over="http/json", compression="none"):
        """Sends an export request and checks that all of it was accepted."""
        if over == "grpc":
            answer = otlp.send_grpc(self.grpc, message, compression)
        else:
            encoding = over.split("/")[1]
            reply = otlp.send_http(self.http, message, encoding, compression)
            if reply.status != 200:
                raise AssertionError(f"refused: {reply}")
            answer = (otlp.PARTIAL.FromString(reply.body) if encoding == "protobuf"
                      else otlp.decode_answer(reply.body))
        if answer.partial_success.rejected_spans:
            raise AssertionError(f"partly refused: {answer}")

    def stop(self):
        """SIGTERM; the exit code after the drain."""
        return self.process.stop(DEADLINE)

    def stop_at_once(self):
        """SIGTERM twice, so that open traces are not waited for; the exit code."""
        start = len(self.process.lines())
        self.process.signal(signal.SIGTERM)
        try:
            self.process.wait_for_line("draining", DEADLINE, start)
        except NotReady:
            return self.process.wait(DEADLINE)
        self.process.signal(signal.SIGTERM)
        return self.process.wait(DEADLINE)

    def log(self):
        return self.process.text()

    def close(self):
        """Ends the daemon without waiting for open traces, and looks how it ended."""
        try:
            if self.process is not None and self.process.is_running():
                code = self.stop_at_once()
                if code != 0:
                    raise AssertionError(f"the daemon ended with {code}:\n{self.log()}")
            if self.process is not None and "Sanitizer" in self.log():
                raise AssertionError(self.log())
        finally:
            if self.folder is not None:
                shutil.rmtree(self.folder, ignore_errors=True)


_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$")
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?')


def parse_metrics(text):
    """Prometheus text; raises ValueError at a line that is none."""
    found = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = _SAMPLE.match(line)
        if not match:
            raise ValueError(f"not a sample: {line!r}")
        name, labels, number = match.groups()
        found[name, tuple(_LABEL.findall(labels or ""))] = float(number)
    return found


class TestCase(unittest.TestCase):
    """Checks that many tests share."""

    maxDiff = None

    def setUp(self):
        binary()
        self.folder = tempfile.mkdtemp(prefix="assertd-test-")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        """Writes text, bytes, a configuration (dict) or export requests (list of dicts)."""
        if isinstance(content, dict):
            content = to_libconfig(content)
        if isinstance(content, list):
            content = "".join(json.dumps(item) + "\n" for item in content)
        if isinstance(content, str):
            content = content.encode()
        with open(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)

    def read_json(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return json.load(file)

    def daemon(self, settings, *arguments, env=None):
        """A running daemon that ends with the test."""
        daemon = Assertd(settings, *arguments, env=env)
        daemon.__enter__()
        self.addCleanup(daemon.close)
        return daemon

    def assert_exit(self, code, done):
        self.assertEqual(code, done.code, repr(done))

    def assert_status(self, status, report):
        self.assertEqual(status, report["campaign"]["status"], report["campaign"])

    def assert_balanced(self, report):
        """The ledger's sums, and the sinks'."""
        injections, spans = report["ledger"]["injections"], report["ledger"]["spans"]
        self.assertEqual(injections["total"], sum(injections[name] for name in (
            "pass", "fail", "error", "inconclusive", "missing", "unsampled", "not_sent",
            "unjudged", "open")), injections)
        self.assertEqual(spans["received"], sum(spans[name] for name in (
            "judged", "unjudged", "outside", "duplicate", "late", "cut", "rejected", "open")), spans)
        for name, sink in report["ledger"]["sinks"].items():
            self.assertEqual(sink["produced"], sum(sink[part] for part in (
                "acknowledged", "rejected", "dropped", "spooled", "in_flight")), (name, sink))

    def assert_counts(self, counted, **expected):
        self.assertEqual(expected, {name: counted[name] for name in expected}, counted)


def suite_of(report, name):
    return next(suite for suite in report["suites"] if suite["name"] == name)


def assertion_of(report, suite, name):
    return next(assertion for assertion in suite_of(report, suite)["assertions"]
                if assertion["name"] == name)


def main():
    """unittest's main; a run in which everything was skipped ends with 77."""
    program = unittest.main(exit=False, verbosity=1)
    result = program.result
    if result.wasSuccessful() and result.skipped and len(result.skipped) >= result.testsRun:
        for _, reason in result.skipped[:1]:
            print(f"skipped: {reason}")
        sys.exit(77)
    sys.exit(0 if result.wasSuccessful() else 1)
