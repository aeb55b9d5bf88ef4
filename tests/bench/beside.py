"""assertd and the OpenTelemetry Collector under the same load, in turn inside each round.

Three loads each: as fast as the server answers (spans per CPU-second, memory of a live span), 10,000 spans/s (share of a
core, resident memory), and the same with probes whose verdict is waited for (time to decision).
"""
import os
import statistics
import time

from tests.bench.servers import Assertd, BODIES, Collector, HERE, Load, Sink, fail

CONFIG = os.path.join(HERE, "peers", "assertd.conf")
KINDS = ("collector", "assertd")
WINDOW = 5  # seconds: completion.quiet there, decision_wait here
SPANS_PER_TRACE = 8
SLOW = 10_000  # spans a second
PROBES = 20  # a second


def have_collector():
    if os.path.exists(Collector.program):
        return True
    print("the Collector is not built: it is left out. Build it with tests/bench/peers/prepare (needs Go, some minutes).")
    return False


def start(kind, options, sink=None):
    return Collector(options.server_core, sink=sink) if kind == "collector" else Assertd(options.server_core, CONFIG, sink=sink)


def watch(server, idle, seconds):
    """Medians over the measured time: the collector of garbage makes memory a saw."""
    end, readings = time.monotonic() + seconds, []
    while time.monotonic() < end:
        time.sleep(0.4)
        held, live = server.memory(), server.live_traces() * SPANS_PER_TRACE
        readings.append({"live_spans": live, "resident_bytes": held["resident"],
                         "bytes_per_live_span": (held["anonymous"] - idle["anonymous"]) / max(live, 1)})
    return {key: statistics.median(one[key] for one in readings) for key in readings[0]}


def run(kind, options, seconds, **load_options):
    """A load until expiry runs as fast as intake, then the measured time."""
    with start(kind, options) as server:
        time.sleep(0.5)
        idle = server.memory()
        warm = WINDOW + 3
        load = Load(server, options.load_core, warm=warm, seconds=seconds, **load_options)
        time.sleep(warm)
        held = watch(server, idle, seconds - 0.5)
        out = {**load.result(), **held, "idle_resident_bytes": idle["resident"]}
        if kind == "collector" and server.lost_traces():
            fail("the Collector dropped traces before it decided: num_traces is too small")
    return out


def decide(kind, options, seconds):
    """How long after a trace's sending its verdict (or the trace, sampled) reaches a sink."""
    with Sink(options.load_core) as sink, start(kind, options, sink) as server:
        load = Load(server, options.load_core, warm=2, seconds=seconds, rate=SLOW, connections=2,
                    probe=os.path.join(BODIES, "probe.pb"), probe_rate=PROBES)
        sent = load.result()["probes"]
        time.sleep(WINDOW + 2)
        arrivals = sink.arrivals()["spans" if kind == "collector" else "verdicts"]
    return {**arrivals["delays"], "messages": arrivals["messages"], "sent": sent}


def measure(options):
    """One round: each load on each server."""
    kinds = KINDS if have_collector() else KINDS[1:]
    out = {kind: {} for kind in kinds}
    for kind in kinds:
        out[kind]["full"] = run(kind, options, options.seconds + 4)
    for kind in kinds:
        out[kind]["slow"] = run(kind, options, 10, rate=SLOW, connections=2)
    for kind in kinds:
        out[kind]["decision"] = decide(kind, options, 10)
    return out


ROWS = (
    # what, from which load, key, unit, digits, unit's name, whether more is better
    ("as fast as it goes: spans per CPU-second", "full", "spans_per_cpu_s", 1e3, 0, "k", True),
    ("as fast as it goes: memory of a live span", "full", "bytes_per_live_span", 1, 0, "B", False),
    ("as fast as it goes: live spans", "full", "live_spans", 1e3, 0, "k", None),
    ("as fast as it goes: resident", "full", "resident_bytes", 2**20, 0, "MiB", None),
    ("as fast as it goes: a request's answer, p99", "full", "answer_p99_ns", 1e6, 1, "ms", False),
    ("10,000 spans/s: share of a core", "slow", "core_share", 0.01, 2, "%", False),
    ("10,000 spans/s: resident", "slow", "resident_bytes", 2**20, 0, "MiB", False),
    ("idle: resident", "slow", "idle_resident_bytes", 2**20, 1, "MiB", False),
    ("10,000 spans/s: time to decision, p50", "decision", "p50_ns", 1e6, 2, "ms", False),
    ("10,000 spans/s: time to decision, p99", "decision", "p99_ns", 1e6, 2, "ms", False),
)


def value(run_, key):
    return run_["answers"]["p99_ns"] if key == "answer_p99_ns" else run_[key]


def print_table(rounds):
    """Medians over the rounds; the ratios are taken inside each."""
    print(f"\n{'beside the Collector':<46} {'Collector':>12} {'assertd':>12}   {'ratio (min - max)':<24}")
    for what, load, key, unit, digits, name, better in ROWS:
        of = {kind: [value(one[kind][load], key) for one in rounds if kind in one] for kind in KINDS}
        cells = [f"{statistics.median(of[kind]) / unit:.{digits}f} {name}" if of[kind] else "-"
                 for kind in KINDS]
        print(f"{what:<46} {cells[0]:>12} {cells[1]:>12}   {ratio(of, better)}")
    seen = {kind: (sum(one[kind]["decision"]["count"] for one in rounds), sum(one[kind]["decision"]["sent"] for one in rounds))
            for kind in KINDS if kind in rounds[0]}
    print("probes seen of those sent: " + ", ".join(f"{kind} {a} of {b}" for kind, (a, b) in seen.items()))
    refused = {kind: sum(one[kind][load]["refused"] for one in rounds for load in ("full", "slow")) for kind in KINDS if kind in rounds[0]}
    print("requests refused: " + ", ".join(f"{kind} {count}" for kind, count in refused.items()))


def ratio(of, better):
    """How many times better assertd is."""
    if better is None or not of["collector"]:
        return ""
    ratios = [a / c if better else c / a for a, c in zip(of["assertd"], of["collector"])]
    digits = 0 if statistics.median(ratios) >= 100 else 1
    middle, least, most = (f"{x:.{digits}f}" for x in (statistics.median(ratios), min(ratios), max(ratios)))
    return f"{middle} times better ({least} - {most})"
