"""assertd and the OpenTelemetry Collector under the same load, in turn inside each round.

Three loads each: as fast as the server answers (spans per CPU-second, memory of a live span), 10,000 spans/s (share of a
core, resident memory), and the same with probes whose verdict is waited for (time to decision).
"""
import os
import statistics
import time

from tests.bench.pipeline import KEEP_READ
from tests.bench.servers import Assertd, BODIES, Collector, HERE, Load, Sink, fail
from tests.bench.table import Row, over_rounds

CONFIG = os.path.join(HERE, "peers", "assertd.conf")
KINDS = ("collector", "assertd")
# assertd again, keeping of spans only what is read.
MEMBERS = KINDS + ("read",)
WINDOW = 5  # seconds: completion.quiet there, decision_wait here
WARM = WINDOW + 3  # seconds: until expiry runs as fast as intake
# Then until a server's memory has grown to what it needs, at most so many seconds: evidence of failed traces and
# remembered IDs here, heaps and caches there. Touching a page first is much of a second of growth.
SETTLE = 90
SPANS_PER_TRACE = 8
SLOW = 10_000  # spans a second
PROBES = 20  # a second


def have_collector():
    if os.path.exists(Collector.program):
        return True
    print("the Collector is not built: it is left out. Build it with tests/bench/peers/prepare (needs Go, some minutes).")
    return False


def start(kind, options, sink=None):
    if kind == "collector":
        return Collector(options.server_core, sink=sink)
    return Assertd(options.server_core, CONFIG, *([KEEP_READ] if kind == "read" else []), sink=sink)


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
    """A load until the state is steady, then the measured time."""
    with start(kind, options) as server:
        time.sleep(0.5)
        idle = server.memory()
        settle = 0 if "rate" in load_options else SETTLE
        load = Load(server, options.load_core, warm=WARM, settle=settle, seconds=seconds, **load_options)
        load.wait_for_warmth()
        before, begun = server.fresh_pages(), time.monotonic()
        held = watch(server, idle, seconds - 0.5)
        pages_per_s = (server.fresh_pages() - before) / (time.monotonic() - begun)
        out = {**load.result(), **held, "idle_resident_bytes": idle["resident"]}
        out["fresh_pages"] = 1000 * pages_per_s / out["spans_per_s"]
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


def in_turn(kinds, number):
    """Every round begins with another server, so that none always finds the machine as the same one left it."""
    first = number % len(kinds)
    return kinds[first:] + kinds[:first]


def one_round(options, kinds):
    """Each load on each server."""
    out = {kind: {} for kind in kinds}
    for kind in kinds:
        out[kind]["full"] = run(kind, options, options.seconds + 4)
    for kind in kinds:
        out[kind]["slow"] = run(kind, options, 10, rate=SLOW, connections=2)
    for kind in kinds:
        out[kind]["decision"] = decide(kind, options, 10)
    return out


# what; from which load; key; divided by; digits; the unit's name; whether more is better (None: neither)
CELLS = (
    ("as fast as it goes: spans per CPU-second", "full", "spans_per_cpu_s", 1e3, 0, "k", True),
    ("as fast as it goes: memory of a live span", "full", "bytes_per_live_span", 1, 0, "B", False),
    ("as fast as it goes: live spans", "full", "live_spans", 1e3, 0, "k", None),
    ("as fast as it goes: resident", "full", "resident_bytes", 2**20, 0, "MiB", None),
    ("as fast as it goes: fresh pages per 1,000 spans", "full", "fresh_pages", 1, 1, "", None),
    ("as fast as it goes: warmed up before", "full", "warm_s", 1, 0, "s", None),
    ("as fast as it goes: a request's answer, p99", "full", "answer_p99_ns", 1e6, 1, "ms", False),
    ("10,000 spans/s: share of a core", "slow", "core_share", 0.01, 2, "%", False),
    ("10,000 spans/s: resident", "slow", "resident_bytes", 2**20, 0, "MiB", False),
    ("idle: resident", "slow", "idle_resident_bytes", 2**20, 1, "MiB", False),
    ("10,000 spans/s: time to decision, p50", "decision", "p50_ns", 1e6, 2, "ms", False),
    ("10,000 spans/s: time to decision, p99", "decision", "p99_ns", 1e6, 2, "ms", False),
    ("10,000 spans/s: time to decision, p99.9", "decision", "p999_ns", 1e6, 2, "ms", False),
    ("share of the probes that were seen", "decision", "seen_share", 1, 3, "", None),
    ("requests refused", "full", "refused", 1, 0, "", None),
)
BUDGETS = {"spans_per_cpu_s": ">= 20 (below 15: not done)", "bytes_per_live_span": ">= 10", "p99_ns": ">= 100"}

TITLE = "beside the Collector"
PAGE_WITHOUT_ROWS = True  # the cells say it all
RATIOS = {"assertd": "ratio", "read": "ratio_read"}
ROWS = tuple(Row(f"times better, {kind}, {what}", f"{ratio}_{load}_{key}", BUDGETS.get(key, ""), 1, 1)
             for kind, ratio in RATIOS.items() for what, load, key, _, _, _, better in CELLS if better is not None)


def numbers(found):
    """The cells of one server in one round, by load and key."""
    found["full"]["answer_p99_ns"] = found["full"]["answers"]["p99_ns"]
    found["decision"]["seen_share"] = found["decision"]["count"] / found["decision"]["sent"]
    return {f"{load}_{key}": found[load][key] for _, load, key, *_ in CELLS}


def flat(found):
    """One round as a dict of numbers: KIND_LOAD_KEY, and RATIO_LOAD_KEY, how many times better assertd is."""
    of = {kind: numbers(found[kind]) for kind in found}
    out = {f"{kind}_{key}": number for kind in of for key, number in of[kind].items()}
    for _, load, key, _, _, _, better in CELLS:
        for kind, ratio in RATIOS.items():
            if "collector" in of and better is not None:
                theirs, ours = of["collector"][f"{load}_{key}"], of[kind][f"{load}_{key}"]
                out[f"{ratio}_{load}_{key}"] = ours / theirs if better else theirs / ours
    return out


def measure(options):
    kinds = MEMBERS if have_collector() else MEMBERS[1:]
    return over_rounds([flat(one_round(options, in_turn(kinds, number)))
                        for number in options.rounds_of("beside the Collector", 3)])


def lines_of(figures):
    """Medians over the rounds, side by side; how many times better both ways of keeping are (taken inside each round);
    budget."""
    for what, load, key, unit, digits, name, _ in CELLS:
        cells = [figures.get(f"{kind}_{load}_{key}") for kind in MEMBERS]
        texts = [f"{cell['median'] / unit:.{digits}f} {name}".strip() if cell else "-" for cell in cells]
        ratios = [figures.get(f"{name}_{load}_{key}") for name in RATIOS.values()]
        better = ["{median:.1f} ({min:.1f} – {max:.1f})".format(**ratio) if ratio else "" for ratio in ratios]
        yield what, *texts, *better, BUDGETS.get(key, "") if ratios[0] else ""


def print_table(figures, _kept):
    print(f"\n{TITLE:<50} {'Collector':>13} {'assertd':>13} {'keep = read':>13}   times better (min – max), both")
    for what, theirs, ours, read, better, better_read, budget in lines_of(figures):
        print(f"{what:<50} {theirs:>13} {ours:>13} {read:>13}   {better:<24} {better_read:<24} {budget}")


def markdown(figures):
    return ["| what | Collector | assertd | keeping what is read | times better (min – max) | times better, keeping what is "
            "read | budget |", "|---|---|---|---|---|---|---|",
            *("| " + " | ".join(cells) + " |" for cells in lines_of(figures))]
