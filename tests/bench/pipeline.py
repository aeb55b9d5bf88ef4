"""The main figures: decoding against skipping fields, and assertd against a server that throws everything away, in turn
inside each round; memory of a live span; a sidecar's small load."""
import os
import re
import statistics
import subprocess
import time

from tests.bench.servers import Assertd, BENCH, Discard, HERE, Load

CONFIG = os.path.join(HERE, "bench.conf")
SPANS_PER_TRACE = 8
SIDECAR = 10_000  # spans a second


def decode(core):
    """The decode bench's medians, in ns a span, by variant."""
    out = subprocess.run(["taskset", "-c", core, os.path.join(BENCH, "bench_decode")], capture_output=True, text=True,
                         check=True).stdout
    return {name.strip(): float(ns) for name, ns in re.findall(r"^(.*?)\s+([\d.]+) ns/span", out, re.M)}


def discard(options, **load):
    with Discard(options.server_core) as server:
        return Load(server, options.load_core, warm=options.warm, seconds=options.seconds, connections=options.connections,
                    **load).result()


def live_memory(server, idle):
    """What a span of a trace that is open, or closed but in its grace time, costs."""
    held, live = server.memory(), server.live_traces() * SPANS_PER_TRACE
    return {"live_spans": live, "accounted_bytes_per_live_span": server.accounted() / live,
            "resident_bytes_per_live_span": (held["anonymous"] - idle["anonymous"]) / live}


def assertd(options, **load):
    with Assertd(options.server_core, CONFIG) as server:
        time.sleep(0.3)
        idle = server.memory()
        run = Load(server, options.load_core, warm=options.warm, seconds=options.seconds, connections=options.connections,
                   **load)
        time.sleep(options.warm + options.seconds * 0.7)
        held = live_memory(server, idle)
        return {**run.result(), **held, "idle_anonymous_bytes": idle["anonymous"],
                "idle_resident_bytes": idle["resident"]}


def sidecar(options):
    """A small load with the window of a sidecar."""
    settings = ("completion.quiet=10s", "completion.deadline=30s", "limits.memory=512MiB")
    with Assertd(options.server_core, CONFIG, *settings) as server:
        run = Load(server, options.load_core, connections=2, rate=SIDECAR, warm=12, seconds=10)
        time.sleep(20)
        held = server.memory()
        return {**run.result(), "resident_bytes": held["resident"]}


def spread(numbers):
    return {"median": statistics.median(numbers), "min": min(numbers), "max": max(numbers), "all": numbers}


def summary(decoded, rounds):
    floor = decoded["skip every field"]
    floors = [one["discard"] for one in rounds]
    whole = [one["assertd"] for one in rounds]
    of = lambda runs, key: spread([run[key] for run in runs])
    pairs = list(zip(whole, floors))
    return {
        "decode_ratio": decoded["decode"] / floor,
        "decode_utf8_ratio": decoded["decode, UTF-8 checked"] / floor,
        "discard_spans_per_cpu_s": of(floors, "spans_per_cpu_s"),
        "assertd_spans_per_cpu_s": of(whole, "spans_per_cpu_s"),
        "assertd_to_discard": spread([a["cpu_us_per_request"] / d["cpu_us_per_request"] for a, d in pairs]),
        "own_ns_per_span": spread([1e9 / a["spans_per_cpu_s"] - 1e9 / d["spans_per_cpu_s"] for a, d in pairs]),
        "discard_cpu_us_per_request": of(floors, "cpu_us_per_request"),
        "assertd_cpu_us_per_request": of(whole, "cpu_us_per_request"),
        "live_spans": of(whole, "live_spans"),
        "accounted_bytes_per_live_span": of(whole, "accounted_bytes_per_live_span"),
        "resident_bytes_per_live_span": of(whole, "resident_bytes_per_live_span"),
        "idle_anonymous_bytes": of(whole, "idle_anonymous_bytes"),
        "idle_resident_bytes": of(whole, "idle_resident_bytes"),
        "refused_requests": sum(run["refused"] for run in floors + whole),
    }


# what, key, budget, unit, digits, unit's name
ROWS = (
    ("decode / skipping every field", "decode_ratio", "<= 2.2", 1, 2, ""),
    ("decode with UTF-8 checked / skipping", "decode_utf8_ratio", "<= 2.6 (first aim 2.8)", 1, 2, ""),
    ("discarding server, spans per CPU-second", "discard_spans_per_cpu_s", "", 1e6, 2, "M"),
    ("assertd, spans per CPU-second", "assertd_spans_per_cpu_s", ">= 1.5 M where discard has 10.7 M", 1e6, 2, "M"),
    ("CPU per request, assertd / discard", "assertd_to_discard", "<= 7.1", 1, 2, ""),
    ("assertd's own part per span", "own_ns_per_span", "<= 573", 1, 0, "ns"),
    ("CPU per request of 512 spans, discard", "discard_cpu_us_per_request", "", 1, 0, "us"),
    ("CPU per request of 512 spans, assertd", "assertd_cpu_us_per_request", "", 1, 0, "us"),
    ("live spans when memory was read", "live_spans", "", 1e6, 2, "M"),
    ("memory per live span, accounted", "accounted_bytes_per_live_span", "<= 650", 1, 0, "B"),
    ("memory per live span, anonymous resident", "resident_bytes_per_live_span", "<= 650", 1, 0, "B"),
    ("idle, anonymous resident", "idle_anonymous_bytes", "< 12", 2**20, 1, "MiB"),
    ("idle, all resident", "idle_resident_bytes", "", 2**20, 1, "MiB"),
    ("requests refused", "refused_requests", "0", 1, 0, ""),
)


def row(name, measured, budget="", unit=1.0, digits=2, what=""):
    numbers = measured if isinstance(measured, dict) else {"median": measured, "min": measured, "max": measured}
    middle, least, most = (f"{numbers[key] / unit:.{digits}f}" for key in ("median", "min", "max"))
    print(f"{name:<52} {middle:>9} {what:<5} {least + ' - ' + most:>20}  {budget}")


def print_table(result):
    print(f"\n{'what':<52} {'median':>15} {'min - max':>20}  budget")
    for what, key, budget, unit, digits, name in ROWS:
        row(what, result["summary"][key], budget, unit, digits, name)
    if "sidecar" in result:
        row("10,000 spans/s, 10 s window: share of a core", result["sidecar"]["core_share"], "< 2 %", 0.01, 2, "%")
        row("10,000 spans/s, 10 s window: resident", result["sidecar"]["resident_bytes"], "< 96", 2**20, 1, "MiB")
