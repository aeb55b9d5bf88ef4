"""What small and middling loads cost: 1,000, 10,000 and 100,000 spans/s in requests of 64 spans, window of 10 s."""
import time

from tests.bench.pipeline import CONFIG
from tests.bench.servers import Assertd, Load
from tests.bench.table import Row, over_rounds

RATES = (1_000, 10_000, 100_000)

TITLE = "cost by load, 64 spans a request, window of 10 s"
ROWS = tuple(row for rate in RATES for row in (
    Row(f"{rate:,} spans/s: share of a core", f"core_share_{rate}", "", 0.01, 2, "%"),
    Row(f"{rate:,} spans/s: resident", f"resident_bytes_{rate}", "", 2**20, 1, "MiB"),
    Row(f"{rate:,} spans/s: a request's answer, p99", f"answer_p99_ns_{rate}", "", 1e6, 2, "ms")))


def one_rate(options, rate):
    with Assertd(options.server_core, CONFIG, "completion.quiet=10s", "completion.deadline=30s") as server:
        run = Load(server, options.load_core, body="64.pb", connections=2, rate=rate, warm=12, seconds=6)
        time.sleep(17)
        held = server.memory()
        found = run.result()
    return {f"core_share_{rate}": found["core_share"], f"resident_bytes_{rate}": held["resident"],
            f"answer_p99_ns_{rate}": found["answers"]["p99_ns"]}


def one_round(options):
    out = {}
    for rate in RATES:
        out.update(one_rate(options, rate))
    return out


def measure(options):
    return over_rounds([one_round(options) for _ in options.rounds_of("rates", 1)])
