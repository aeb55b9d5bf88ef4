"""The main figures: decoding against skipping fields, and assertd against a server that throws everything away, in turn
inside each round; memory of a live span; the same where only what the suites read is kept; a sidecar's small load."""
import os
import re
import statistics
import subprocess
import time

from tests.bench.servers import Assertd, BENCH, Discard, HERE, Load
from tests.bench.table import Row, over_rounds, spread

CONFIG = os.path.join(HERE, "bench.conf")
SPANS_PER_TRACE = 8
SETTLE = 60  # seconds at most until memory has grown to what it needs
READ_EVERY = 0.4  # seconds between two readings of memory
SIDECAR = 10_000  # spans a second
KEEP_READ = "evidence.keep=read"

TITLE = "the pipeline, gRPC, 512 spans a request"
ROWS = (
    Row("decode / skipping every field", "decode_ratio", "<= 2.2"),
    Row("decode with UTF-8 checked / skipping", "decode_utf8_ratio", "<= 2.6 (first aim 2.8)"),
    Row("discarding server, spans per CPU-second", "discard_spans_per_cpu_s", "", 1e6, 2, "M"),
    Row("assertd, spans per CPU-second", "assertd_spans_per_cpu_s", ">= 1.5 M where discard has 10.7 M", 1e6, 2, "M"),
    Row("CPU per request, assertd / discard", "assertd_to_discard", "<= 7.1"),
    Row("assertd's own part per span", "own_ns_per_span", "<= 573", 1, 0, "ns"),
    Row("CPU per request of 512 spans, discard", "discard_cpu_us_per_request", "", 1, 0, "us"),
    Row("CPU per request of 512 spans, assertd", "assertd_cpu_us_per_request", "", 1, 0, "us"),
    Row("live spans when memory was read", "live_spans", "", 1e6, 2, "M"),
    Row("pages touched first, per 1,000 spans", "fresh_pages_per_1000_spans", "0 in the steady state", 1, 1),
    Row("memory per live span, accounted", "accounted_bytes_per_live_span", "<= 650", 1, 0, "B"),
    Row("memory per live span, anonymous resident", "resident_bytes_per_live_span", "<= 650", 1, 0, "B"),
    Row("idle, anonymous resident", "idle_anonymous_bytes", "< 12", 2**20, 1, "MiB"),
    Row("idle, all resident", "idle_resident_bytes", "", 2**20, 1, "MiB"),
    Row("requests refused", "refused", "0", 1, 0),
    Row("10,000 spans/s, 10 s window: share of a core", "sidecar_core_share", "< 2 %", 0.01, 2, "%"),
    Row("10,000 spans/s, 10 s window: resident", "sidecar_resident_bytes", "< 96", 2**20, 1, "MiB"),
    Row("kept is what is read: spans per CPU-second", "read_spans_per_cpu_s", "", 1e6, 2, "M"),
    Row("kept is what is read: CPU per span / raw", "read_to_raw", ""),
    Row("kept is what is read: live spans", "read_live_spans", "", 1e6, 2, "M"),
    Row("kept is what is read: memory per live span, accounted", "read_accounted_bytes_per_live_span", "<= 130", 1, 0, "B"),
    Row("kept is what is read: of that IDs of final traces", "read_remembered_bytes_per_live_span", "", 1, 0, "B"),
    Row("kept is what is read: memory per live span, resident", "read_resident_bytes_per_live_span", "<= 130", 1, 0, "B"),
    Row("kept is what is read: 10,000 spans/s, share of a core", "read_sidecar_core_share", "< 2 %", 0.01, 2, "%"),
    Row("kept is what is read: 10,000 spans/s, resident", "read_sidecar_resident_bytes", "< 32", 2**20, 1, "MiB"),
)


def decode(core):
    """The decode bench's medians, in ns a span, by variant."""
    out = subprocess.run(["taskset", "-c", core, os.path.join(BENCH, "bench_decode")], capture_output=True, text=True,
                         check=True).stdout
    return {name.strip(): float(ns) for name, ns in re.findall(r"^(.*?)\s+([\d.]+) ns/span", out, re.M)}


def discard(options):
    with Discard(options.server_core) as server:
        return Load(server, options.load_core, warm=options.warm, seconds=options.seconds,
                    connections=options.connections).result()


def live_memory(server, idle):
    """What a span of a trace that is open, or closed but in its grace time, costs now."""
    held, (traces, accounted, remembered) = server.memory(), server.accounted()
    live = max(traces * SPANS_PER_TRACE, 1)
    return {"live_spans": live, "accounted_bytes_per_live_span": accounted / live,
            "remembered_bytes_per_live_span": remembered / live,
            "resident_bytes_per_live_span": (held["anonymous"] - idle["anonymous"]) / live}


def watch(server, idle, seconds):
    """Medians over the measured time: traces come and go in waves, and so does what they hold."""
    end, readings = time.monotonic() + seconds, []
    while time.monotonic() < end:
        time.sleep(READ_EVERY)
        readings.append(live_memory(server, idle))
    return {key: statistics.median(one[key] for one in readings) for key in readings[0]}


def assertd(options, *settings):
    with Assertd(options.server_core, CONFIG, *settings) as server:
        time.sleep(0.3)
        idle = server.memory()
        run = Load(server, options.load_core, warm=options.warm, settle=SETTLE, seconds=options.seconds,
                   connections=options.connections)
        run.wait_for_warmth()
        before, begun = server.fresh_pages(), time.monotonic()
        held = watch(server, idle, options.seconds * 0.7)
        pages_per_s = (server.fresh_pages() - before) / (time.monotonic() - begun)
        found = run.result()
        return {**found, **held, "fresh_pages_per_1000_spans": 1000 * pages_per_s / found["spans_per_s"],
                "idle_anonymous_bytes": idle["anonymous"], "idle_resident_bytes": idle["resident"]}


def one_round(options):
    floor, whole, read = discard(options), assertd(options), assertd(options, KEEP_READ)
    return {
        **{"read_" + key: read[key] for key in ("spans_per_cpu_s", "live_spans", "accounted_bytes_per_live_span",
                                                "remembered_bytes_per_live_span", "resident_bytes_per_live_span")},
        "read_to_raw": whole["spans_per_cpu_s"] / read["spans_per_cpu_s"],
        "discard_spans_per_cpu_s": floor["spans_per_cpu_s"],
        "assertd_spans_per_cpu_s": whole["spans_per_cpu_s"],
        "assertd_to_discard": whole["cpu_us_per_request"] / floor["cpu_us_per_request"],
        "own_ns_per_span": 1e9 / whole["spans_per_cpu_s"] - 1e9 / floor["spans_per_cpu_s"],
        "discard_cpu_us_per_request": floor["cpu_us_per_request"],
        "assertd_cpu_us_per_request": whole["cpu_us_per_request"],
        "refused": floor["refused"] + whole["refused"] + read["refused"],
        **{key: whole[key] for key in ("live_spans", "fresh_pages_per_1000_spans", "accounted_bytes_per_live_span",
                                       "resident_bytes_per_live_span", "idle_anonymous_bytes", "idle_resident_bytes")},
    }


def sidecar(options, prefix, *settings):
    """A small load with the window of a sidecar."""
    settings += ("completion.quiet=10s", "completion.deadline=30s", "limits.memory=512MiB")
    with Assertd(options.server_core, CONFIG, *settings) as server:
        run = Load(server, options.load_core, connections=2, rate=SIDECAR, warm=12, seconds=10)
        time.sleep(20)
        held = server.memory()
        return {prefix + "sidecar_core_share": run.result()["core_share"],
                prefix + "sidecar_resident_bytes": held["resident"]}


def measure(options):
    decoded = decode(options.server_core)
    figures = over_rounds([one_round(options) for _ in options.rounds_of("pipeline", 5)])
    figures["decode_ratio"] = spread(decoded["decode"] / decoded["skip every field"])
    figures["decode_utf8_ratio"] = spread(decoded["decode, UTF-8 checked"] / decoded["skip every field"])
    if not options.no_sidecar:
        small = {**sidecar(options, ""), **sidecar(options, "read_", KEEP_READ)}
        figures.update({key: spread(number) for key, number in small.items()})
    return figures
