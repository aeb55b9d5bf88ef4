"""The conformance suite (tests/conformance) against both servers: what each fails of what the specifications ask for."""
import json
import os
import subprocess
import sys

from tests.bench import beside
from tests.bench.servers import ROOT
from tests.bench.table import Row, over_rounds

FOLDER = os.path.join(ROOT, "build", "bench")
LEVELS = ("MUST", "SHOULD", "robust")
NAMES = {"collector": "Collector", "assertd": "assertd"}

TITLE = "conformance to OTLP, gRPC, HTTP, protobuf, JSON"
ROWS = tuple(row for kind in beside.KINDS for row in (
    Row(f"{NAMES[kind]}: cases failed", f"{kind}_failed", "0" if kind == "assertd" else "", 1, 0),
    *(Row(f"    of these {level}", f"{kind}_failed_{level}", "", 1, 0) for level in LEVELS)))


def one_server(kind, options):
    """How many cases fail; the whole report is left in build/bench."""
    path = os.path.join(FOLDER, f"conformance-{kind}.json")
    with beside.start(kind, options) as server:
        run = subprocess.run([sys.executable, "-m", "tests.conformance", "--grpc", f"127.0.0.1:{server.grpc}", "--http",
                              f"127.0.0.1:{server.http}", "--name", NAMES[kind], "--quiet", "--json", path],
                             cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1) or not os.path.exists(path):
        print(f"the conformance suite broke on {NAMES[kind]}, which is left out:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
        return {}
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)["cases"]
    failed = [one for one in cases if one["verdict"] == "fail"]
    return {f"{kind}_cases": len(cases), f"{kind}_failed": len(failed),
            **{f"{kind}_failed_{level}": sum(one["level"] == level for one in failed) for level in LEVELS}}


def measure(options):
    """Once: the answers do not vary."""
    kinds = beside.KINDS if beside.have_collector() else beside.KINDS[1:]
    found = {}
    for kind in kinds:
        found.update(one_server(kind, options))
    return over_rounds([found])


def print_table(figures, _kept):
    counts = ", ".join(f"{NAMES[kind]} {figures[f'{kind}_cases']['median']}" for kind in beside.KINDS
                       if f"{kind}_cases" in figures)
    print(f"\nconformance, cases run: {counts}; what failed and how: build/bench/conformance-*.json")
