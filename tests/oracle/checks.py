"""What a case of cases/*.json expects, held against a report."""

import glob
import json
import os
import subprocess
import tempfile

from . import injections, otlp, suites, traces
from .compare import command
from .differences import same
from .report import Run

FOLDER = os.path.join(os.path.dirname(__file__), "cases")
REFUSED = 2


def load():
    """(file name, case) of every case."""
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.json"))):
        with open(path, encoding="utf-8") as source:
            for one in json.load(source):
                yield os.path.basename(path), one


def by_oracle(one):
    """(exit code, report or None) of the plain evaluator."""
    try:
        config = suites.read_text(one["config"])
    except suites.ConfigError:
        return REFUSED, None
    collected = traces.Traces(config.max_spans)
    collected.add(otlp.read_bytes(json.dumps(one["traces"]).encode()))
    records = None
    if one["injections"] is not None:
        records = injections.read_lines([json.dumps(record) for record in one["injections"]])
    run = Run(config, collected, records, one["campaign"])
    return run.exit_code(), run.report()


def by_binary(binary, one):
    """(exit code, report or None) of assertd."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("config.cfg", "traces.json", "injections.ndjson")]
        texts = [one["config"], json.dumps(one["traces"]),
                 "".join(json.dumps(record) + "\n" for record in one["injections"] or [])]
        for path, text in zip(paths, texts):
            with open(path, "w", encoding="utf-8") as target:
                target.write(text)
        listed = paths[2] if one["injections"] is not None else None
        done = subprocess.run(command(binary, paths[0], [paths[1]], listed, one["campaign"]),
                              capture_output=True, timeout=60, check=False)
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        return done.returncode, None


def problems(one, code, report):
    """Messages where a report is not what the case expects."""
    expect = one["expect"]
    if expect.get("refused"):
        return [] if code == REFUSED else [f"not refused: exit code {code}"]
    if report is None:
        return [f"no report: exit code {code}"]
    found = []
    for key, wanted in expect.items():
        if key == "exit":
            _check(found, "exit code", wanted, code)
        else:
            _CHECKS[key](found, wanted, report)
    return found


def _check(found, where, wanted, got):
    if not same(wanted, got):
        found.append(f"{where}: expected {wanted!r}, got {got!r}")


def _subset(found, where, wanted, got):
    for key, item in wanted.items():
        if isinstance(item, dict) and isinstance(got.get(key), dict) and key not in ("expected", "actual"):
            _subset(found, f"{where}.{key}", item, got[key])
        else:
            _check(found, f"{where}.{key}", item, got.get(key))


def _assertions(report):
    return {assertion["name"]: (suite, assertion) for suite in report["suites"] for assertion in suite["assertions"]}


def _check_results(found, wanted, report):
    assertions = _assertions(report)
    for name, result in wanted.items():
        suite, assertion = assertions[name]
        counts = {key: assertion[key] for key in ("pass", "fail", "error", "inconclusive", "skipped") if assertion[key]}
        _check(found, name, {result: suite["traces"]["judged"]}, counts)


def _check_selected(found, wanted, report):
    for name, ids in wanted.items():
        _check(found, name, ids, [failure.get("span_id") for failure in _assertions(report)[name][1]["failures"]])


def _check_failures(found, wanted, report):
    for name, entries in wanted.items():
        failures = _assertions(report)[name][1]["failures"]
        _check(found, f"{name}: number of failures", len(entries), len(failures))
        for entry, failure in zip(entries, failures):
            _subset(found, name, entry, failure)


def _check_label_rows(found, wanted, report):
    rows = [[row.get(name) or "" for name in ("scenario", "step", "zone")] + [row["judged"]]
            for row in report["suites"][0]["by_label"]]
    wanted = [row for row in wanted if any(row[:3])]
    _check(found, "by_label", wanted, sorted(row for row in rows if any(row[:3])))


_CHECKS = {
    "results": _check_results,
    "selected": _check_selected,
    "failures": _check_failures,
    "by_label": _check_label_rows,
    "status": lambda found, wanted, report: _check(found, "status", wanted, report["campaign"]["status"]),
    "campaign_key": lambda found, wanted, report: _check(found, "key", wanted, report["campaign"]["key"]),
    "ledger": lambda found, wanted, report: _subset(found, "ledger", wanted, report["ledger"]),
    "correlation": lambda found, wanted, report: _subset(found, "correlation", wanted, report["correlation"]),
    "suite": lambda found, wanted, report: _subset(found, "suite", wanted, report["suites"][0]["traces"]),
    "suites": lambda found, wanted, report: [_subset(found, suite["name"], wanted[suite["name"]], suite["traces"])
                                             for suite in report["suites"]],
    "assertions": lambda found, wanted, report: [_subset(found, name, counts, _assertions(report)[name][1])
                                                 for name, counts in wanted.items()],
    "omitted": lambda found, wanted, report: [
        _check(found, name, count, _assertions(report)[name][1]["failures_omitted"]) for name, count in wanted.items()],
    "thresholds": lambda found, wanted, report: [
        _check_threshold(found, one, wanted[one["name"]]) for suite in report["suites"] for one in suite["thresholds"]],
}


def _check_threshold(found, got, wanted):
    _subset(found, got["name"], {key: wanted[key] for key in ("result", "samples", "absent")}, got)
    one, other = wanted["value"], got["value"]
    numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
    if not same(one, other) and not (numbers and got["rule"].startswith("p(") and abs(one - other) <= abs(one) / 100):
        found.append(f"{got['name']}.value: expected {one!r}, got {other!r}")
