"""One worker and two. With three cores or more the generator has one of its own and the workers two others, and throughput
tells; with two cores only CPU per span can: on one core it shows what handing spans over costs, on both cores (the generator
beside one of the workers) what sharing between cores adds. That nothing else is shared, and that nobody waits, tests/bench/sharing.py
shows."""
import os
import urllib.request

from tests.bench import sharing
from tests.bench.pipeline import CONFIG
from tests.bench.servers import Assertd, Load
from tests.bench.table import Row, over_rounds

MANY = (os.cpu_count() or 1) >= 3
BOTH = "1,2" if MANY else "0,1"

TITLE = "workers" + ("" if MANY else " (two cores: CPU per span, throughput says little)")
CASES = (("one", 1, "own"), ("two_on_one_core", 2, "own"), ("two", 2, "both"))
# Below what two workers can take, so that what lies in a ring waits for the other worker, not for a core.
PACED = 200_000  # spans a second
ROWS = tuple(row for name, count, where in CASES for row in (
    Row(f"{count} worker{'s' * (count > 1)}, {'a core' if where == 'own' else 'two cores'}: CPU per span",
        f"{name}_ns_per_span", "", 1, 0, "ns"),
    Row("    throughput", f"{name}_spans_per_s", "", 1e6, 2, "M/s"))) + (
    Row("CPU per span, two workers / one, on one core", "two_on_one_core_to_one"),
    Row("CPU per span, two workers on two cores / one", "two_to_one")) + sharing.RING_ROWS + sharing.ROWS


def received(page):
    return next(float(line.split()[1]) for line in page.splitlines() if line.startswith("assertd_spans_received_total "))


def one_case(options, count, where, **load_options):
    """What the load found, and what the rings tell of all of it."""
    cores = options.server_core if where == "own" else BOTH
    with Assertd(cores, CONFIG, f"service.workers={count}") as server:
        found = Load(server, options.load_core, warm=options.warm, seconds=options.seconds,
                     connections=options.connections, **load_options).result()
        with urllib.request.urlopen(f"http://127.0.0.1:{server.admin}/metrics") as answer:
            page = answer.read().decode()
    return found, sharing.rings(page, received(page))


def one_round(options):
    out = {}
    for name, count, where in CASES:
        found, rings = one_case(options, count, where)
        out[f"{name}_ns_per_span"] = 1e9 / found["spans_per_cpu_s"]
        out[f"{name}_spans_per_s"] = found["spans_per_s"]
    out["saturated_ring_full"] = rings["ring_full"]
    out |= one_case(options, 2, "both", rate=PACED)[1] | sharing.one_round()
    for name in ("two_on_one_core", "two"):
        out[f"{name}_to_one"] = out[f"{name}_ns_per_span"] / out["one_ns_per_span"]
    return out


def measure(options):
    return over_rounds([one_round(options) for _ in options.rounds_of("workers", 3)])
