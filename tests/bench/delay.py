"""How long after the deciding span its verdict is told, beside a load of 80 % of what the server can take with a Kafka sink:
by the server's own count until it is handed to the exporter, and until it is read from the sink, which shares the generator's
core. Probes fail, and a failure is told at once."""
import os
import time

from tests.bench.pipeline import CONFIG
from tests.bench.servers import Assertd, BODIES, Load, Sink
from tests.bench.table import Row, over_rounds

SETTLE = 25  # seconds at most until memory has grown to what it needs
SHARE = 0.8
PROBES = 100  # a second

TITLE = "from the deciding span to its verdict, at 80 % of saturation"
ROWS = (
    Row("load at saturation, verdicts going to Kafka", "saturated_spans_per_s", "", 1e6, 2, "M/s"),
    Row("load while probing", "spans_per_s", "", 1e6, 2, "M/s"),
    Row("share of the core while probing", "core_share", "", 0.01, 0, "%"),
    Row("from arrival to the verdict handed over, p99 at most", "handed_p99_ns", "<= 50", 1e6, 1, "ms"),
    Row("share of these within 50 ms", "handed_50ms_share", ">= 0.99", 1, 4),
    Row("from sending to the verdict read, p50", "p50_ns", "", 1e6, 2, "ms"),
    Row("from sending to the verdict read, p99", "p99_ns", "", 1e6, 2, "ms"),
    Row("from sending to the verdict read, p99.9", "p999_ns", "", 1e6, 2, "ms"),
    Row("from sending to the verdict read, greatest", "max_ns", "", 1e6, 2, "ms"),
    Row("a request's answer, p99", "answer_p99_ns", "", 1e6, 2, "ms"),
    Row("share of the probes whose verdict came", "seen_share", "1", 1, 3),
)


def saturate(options):
    with Sink(options.load_core) as sink, Assertd(options.server_core, CONFIG, sink=sink) as server:
        return Load(server, options.load_core, warm=3, settle=SETTLE, seconds=3,
                    connections=options.connections).result()


def handed_over(before, after):
    """Of the failures told early between two readings: the bound below which 99 of 100 lie, and the share within 50 ms."""
    told = {most: after[most] - before[most] for most in after}
    count = told[float("inf")]
    return {"handed_p99_ns": min(most for most, number in told.items() if number >= 0.99 * count),
            "handed_50ms_share": told[50e6] / count}


def one_round(options):
    full = saturate(options)["spans_per_s"]
    with Sink(options.load_core) as sink, Assertd(options.server_core, CONFIG, sink=sink) as server:
        load = Load(server, options.load_core, warm=3, settle=SETTLE, seconds=8,
                    connections=options.connections, rate=full * SHARE,
                    probe=os.path.join(BODIES, "probe.pb"), probe_rate=PROBES)
        load.wait_for_warmth()
        before = server.decisions()
        found = load.result()
        time.sleep(2)
        handed = handed_over(before, server.decisions())
        delays = sink.arrivals()["verdicts"]["delays"]
    return {"saturated_spans_per_s": full, "spans_per_s": found["spans_per_s"], "core_share": found["core_share"],
            "answer_p99_ns": found["answers"]["p99_ns"], "seen_share": delays["count"] / found["probes"], **handed,
            **{key: delays[key] for key in ("p50_ns", "p99_ns", "p999_ns", "max_ns")}}


def measure(options):
    return over_rounds([one_round(options) for _ in options.rounds_of("delay", 1)])
