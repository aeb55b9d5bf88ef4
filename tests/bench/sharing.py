"""What two workers cost each other beyond their work: bench_sharing's variants, with requests of one span, where all that is
done once a request weighs most, and of 512; and what a server's rings tell of waiting.

Other work on the machine only adds to what a variant takes, and adds as much as what is looked for: the variants run in turn, several
times, and the least of each is compared."""
import os
import re
import subprocess

from tests.bench.servers import BENCH
from tests.bench.table import Row

SIZES = (1, 512)
WORDS = {1: "1 span a request", 512: "512 spans a request"}

TIMES = 6
SECONDS = 0.5

ROWS = tuple(row for size in SIZES for row in (
    Row(f"{WORDS[size]}, two processes, nothing shared: CPU per span", f"sharing_{size}_processes", "", 1, 0, "ns"),
    Row("    two threads / two processes", f"sharing_{size}_threads_to_processes", "1"),
    Row("    counters of both on one line / apart: what would be seen" if size == 1 else "    the same, once in 512 spans",
        f"sharing_{size}_packed_to_apart", "> 1.1" if size == 1 else ""),
    Row("    half of the spans handed over / none", f"sharing_{size}_handed_to_threads"),
    Row("    that is for a batch handed over", f"sharing_{size}_ns_per_batch", "", 1000, 2, "us"),
    Row("    times a ring was found full", f"sharing_{size}_found_full", "0", 1, 0)))
RING_ROWS = (
    Row("2 workers, two cores, as fast as it goes: times a ring was found full", "saturated_ring_full", "", 1, 0),
    Row("2 workers, two cores, 200,000 spans/s: batches handed over, a span", "ring_batches_per_span", "", 1, 4),
    Row("    of these woke the other worker", "ring_wakeups", "", 0.01, 0, "%"),
    Row("    times a ring was found full", "ring_full", "0", 1, 0),
    Row("    a batch lay in its ring, mean", "ring_wait_ns", "", 1000, 0, "us"),
    Row("    99 % of them at most", "ring_wait_p99_ns", "", 1000, 0, "us"))


def read(out):
    """The lines of bench_sharing: {variant: {unit: number}}; CPU per span is the mean of both workers."""
    found = {}
    for name, numbers, rest in re.findall(r"^(\w+) ([\d. ]+) ns/span(.*)$", out, re.M):
        numbers = [float(number) for number in numbers.split()]
        found[name] = {"ns": sum(numbers) / len(numbers)}
        found[name].update((unit, float(number)) for number, unit in re.findall(r", ([\d.]+) ([a-z /]+)", rest))
    return found


def least(runs):
    """Of each variant the run that took least."""
    return {name: min((run[name] for run in runs), key=lambda found: found["ns"]) for name in runs[0]}


def variants(size):
    """All variants with requests of that size, as figures."""
    command = [os.path.join(BENCH, "bench_sharing"), "0", "1", str(size), str(SECONDS)]
    found = least([read(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(TIMES)])
    handed, threads = found["handed"], found["threads"]["ns"]
    out = {"processes": found["processes"]["ns"], "threads_to_processes": threads / found["processes"]["ns"],
           "packed_to_apart": found["packed"]["ns"] / found["apart"]["ns"], "handed_to_threads": handed["ns"] / threads,
           "ns_per_batch": (handed["ns"] - threads) / handed["batches/span"], "found_full": handed["found full"]}
    return {f"sharing_{size}_{name}": number for name, number in out.items()}


def within(classes, share):
    """The bound in ns below which that share lies; `classes` are cumulative, by bound in seconds."""
    whole = max(classes.values())
    return min((bound for bound, count in classes.items() if count >= whole * share), default=0) * 1e9


def rings(page, spans):
    """What the rings between workers tell on a page of metrics, after so many spans."""
    text = re.findall(r'^assertd_ring_(\w+)\{ring="workers"(?:,le="([\d.]+|\+Inf)")?\} ([\d.]+)$', page, re.M)
    numbers = {name: float(number) for name, bound, number in text if not bound}
    classes = {float(bound.replace("+Inf", "inf")): float(number) for _, bound, number in text if bound}
    batches = max(numbers["batches_total"], 1)
    return {"ring_batches_per_span": numbers["batches_total"] / spans, "ring_wakeups": numbers["wakeups_total"] / batches,
            "ring_full": numbers["full_total"], "ring_wait_ns": numbers["wait_seconds_sum"] * 1e9 / batches,
            "ring_wait_p99_ns": within(classes, 0.99)}


def one_round():
    return {name: number for size in SIZES for name, number in variants(size).items()}
