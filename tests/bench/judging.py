"""What judging costs by the number of assertions, without a server; and its share of a server's time, by the server's own count."""
import os
import re
import subprocess
import urllib.request

from tests.bench.pipeline import CONFIG
from tests.bench.servers import Assertd, BENCH, Load
from tests.bench.table import Row, over_rounds

COUNTS = (10, 100, 1000)

TITLE = "judging, by the number of assertions"
ROWS = (
    *(Row(f"{count:,} assertions: CPU per span", f"ns_{count}", "", 1, 0, "ns") for count in COUNTS),
    Row("100 assertions / 10", "growth_100", "flat"),
    Row("1,000 assertions / 10", "growth_1000", "flat"),
    Row("share of the pipeline's time: filters, conditions, early looks", "judging_share", "", 0.01, 1, "%"),
    Row("share of the pipeline's time: closing traces, judging them too", "closing_share", "", 0.01, 1, "%"),
)


def kernels(core):
    """CPU per span of each number of assertions, in ns."""
    out = subprocess.run(["taskset", "-c", core, os.path.join(BENCH, "bench_judge")], capture_output=True, text=True, check=True).stdout
    return {int(count): float(ns) for count, ns in re.findall(r"^\s*(\d+) assertions\s+([\d.]+) ns/span", out, re.M)}


def stages(server):
    """Seconds by stage."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.admin}/metrics") as page:
        text = page.read().decode()
    return {stage: float(seconds) for stage, seconds in re.findall(r'^assertd_stage_seconds_total{stage="(\w+)"} ([\d.]+)$', text, re.M)}


def one_round(options):
    found = kernels(options.server_core)
    with Assertd(options.server_core, CONFIG) as server:
        Load(server, options.load_core, warm=options.warm, seconds=0.5, connections=options.connections).result()
        before = stages(server)
        Load(server, options.load_core, warm=0, seconds=options.seconds, connections=options.connections).result()
        spent = {stage: seconds - before[stage] for stage, seconds in stages(server).items()}
    total = sum(spent.values())
    return {**{f"ns_{count}": found[count] for count in COUNTS}, "growth_100": found[100] / found[10],
            "growth_1000": found[1000] / found[10], "judging_share": spent["judging"] / total,
            "closing_share": spent["closing"] / total}


def measure(options):
    return over_rounds([one_round(options) for _ in options.rounds_of("judging", 1)])
