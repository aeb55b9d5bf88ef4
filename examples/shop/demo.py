"""The demo: the shop under load, judged by assertd, once healthy and once with seeded faults.

Each run is one `assertd run … -- python shop.py …`, as a CI job would start it. Afterwards the
reports are compared with what was seeded, trace by trace; only if all is as seeded it ends with 0.
"""
import argparse
import asyncio
import importlib.util
import os
import shutil
import sys
import time
from dataclasses import dataclass

import faults
import verify

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BINARY = os.path.join(ROOT, "build", "release", "daemon", "assertd")
MODULES = ("aiohttp", "opentelemetry.sdk", "redis")
DEFAULT_SEED = 15
"""A seed with which 30 of the first 1000 orders are dropped, and each other fault has its share."""

SMALL = 300
"""Orders of the faults run by tracestate, unless that variant was asked for."""

SHOWN_TRACES = 5
PROGRESS_SECONDS = 5


@dataclass
class Run:
    """One campaign: its load, its folder, and how it ended."""

    name: str
    title: str
    out: str
    orders: int
    variant: str
    faults: str
    exit_code: int = None

    def command(self, arguments):
        """The command line, the same that a user would type."""
        return [
            arguments.binary, "run", "--config", os.path.join(HERE, "assertd.conf"),
            "--suite", os.path.join(HERE, "suite.conf"), "--campaign", f"shop-{self.name}",
            "--report", f"json={self.out}/report.json", "--report", f"junit={self.out}/report.xml",
            "--report", f"text={self.out}/report.txt", "--",
            sys.executable, os.path.join(HERE, "shop.py"), "--out", self.out,
            "--orders", str(self.orders), "--rate", f"{arguments.rate:g}",
            "--variant", self.variant, "--seed", str(arguments.seed), "--faults", self.faults]


def plan(arguments):
    """Which runs were asked for."""
    runs = []

    def add(name, title, orders, variant, kinds):
        runs.append(Run(name, title, os.path.join(arguments.out, name), orders, variant, kinds))

    variant = arguments.variant
    if arguments.only != "faults":
        add("healthy", "healthy", arguments.orders, variant or "api", faults.NONE)
    if arguments.only != "healthy":
        if variant != "api":
            orders = arguments.orders if variant else min(arguments.orders, SMALL)
            add("faults-tracestate", "with faults, injections known by tracestate alone",
                orders, "tracestate", arguments.faults)
        if variant != "tracestate":
            add("faults", "with faults, injections registered over HTTP",
                arguments.orders, "api", arguments.faults)
    return runs


def say(text=""):
    print(text, flush=True)


class Screen:
    """Tells what goes on, with the seconds since the start."""

    def __init__(self):
        self.start = time.monotonic()

    def line(self, name, text):
        say(f"{time.monotonic() - self.start:5.1f} s  {name:<18} {text}")


async def execute(run, arguments, screen):
    """Runs one campaign; what it says goes to a log, the shop's own lines to the screen too."""
    shutil.rmtree(run.out, ignore_errors=True)
    os.makedirs(run.out)
    child = await asyncio.create_subprocess_exec(
        *run.command(arguments), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    try:
        with open(f"{run.out}/assertd.log", "wb") as log:
            async for line in child.stdout:
                log.write(line)
                text = line.decode(errors="replace").rstrip()
                if text.startswith(("shop: ", "load: ")):
                    screen.line(run.name, text)
        run.exit_code = await child.wait()
    finally:
        if child.returncode is None:
            child.terminate()
            await child.wait()
    screen.line(run.name, f"assertd ended with {run.exit_code}")


async def progress(runs, screen):
    """Says now and then what is still waited for: reports come when the last trace has closed."""
    while True:
        await asyncio.sleep(PROGRESS_SECONDS)
        waiting = ", ".join(run.name for run in runs if run.exit_code is None)
        screen.line("…", f"not yet closed: {waiting}")


async def execute_all(runs, arguments):
    screen = Screen()
    ticker = asyncio.create_task(progress(runs, screen))
    try:
        await asyncio.gather(*(execute(run, arguments, screen) for run in runs))
    finally:
        ticker.cancel()


def show_report(run):
    """Prints assertd's own report."""
    say(f"\n===== {run.title}: the report =====")
    path = f"{run.out}/report.txt"
    if not os.path.exists(path):
        path = f"{run.out}/assertd.log"
    with open(path, encoding="utf-8", errors="replace") as file:
        say(file.read().rstrip())


def show_counts(run, truth, report):
    """Prints seeded against found, then in words what it comes to."""
    say(f"\n----- {run.title}: seeded and found, {truth['orders']} orders -----")
    say(f"{'fault':<8}{'seeded':>7}{'found':>7}  assertion")
    for kind, assertion in verify.ASSERTION_OF.items():
        found = len(verify.failing_traces(report, assertion))
        say(f"{kind:<8}{truth['faults'][kind]['count']:>7}{found:>7}  {assertion}")


def headline(truth, report):
    """The answer in one line, with traces where there are any."""
    status, orders = report["campaign"]["status"], truth["orders"]
    dropped = verify.failing_traces(report, verify.ASSERTION_OF["drop"])
    if not dropped:
        in_doubt = verify.suite_of(report)["traces"]["inconclusive"]
        return [f"{status}: {orders} orders accepted, {in_doubt} inconclusive"]
    share = f"{100 * len(dropped) / orders:.3g} % of the orders ({len(dropped)} of {orders})"
    lines = [f"{status}: {share} were accepted and never processed, here are the traces:"]
    lines += [f"    {trace}" for trace in dropped[:SHOWN_TRACES]]
    if len(dropped) > SHOWN_TRACES:
        lines.append(f"    and {len(dropped) - SHOWN_TRACES} more in report.json")
    return lines


def conclude(run):
    """Prints what came out of one run; returns whether all of it is as seeded."""
    show_report(run)
    try:
        problems = verify.check_run(run.out, run.exit_code)
        truth = verify.read_json(f"{run.out}/truth.json")
        report = verify.read_json(f"{run.out}/report.json")
    except (OSError, ValueError, LookupError, StopIteration) as problem:
        say(f"NOT AS SEEDED: no usable report ({type(problem).__name__}: {problem})")
        say(f"see {run.out}/assertd.log")
        return False
    show_counts(run, truth, report)
    for line in headline(truth, report):
        say(line)
    for problem in problems:
        say(f"NOT AS SEEDED: {problem}")
    if not problems:
        say(f"as seeded: status, exit code {run.exit_code}, every count, every trace ID, "
            "what the shop wrote and mailed")
    return not problems


def what_is_missing(arguments):
    """What must be installed first, as the commands that do it."""
    missing = []
    if not os.access(arguments.binary, os.X_OK):
        missing.append(f"{arguments.binary} is not there: build it, or say --binary FILE")
    if any(importlib.util.find_spec(module.split(".")[0]) is None for module in MODULES):
        missing.append(f"{sys.executable} -m pip install -r {HERE}/requirements.txt")
    if shutil.which("redis-server") is None:
        missing.append("apt-get install --no-install-recommends redis-server")
    return missing


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=100, help="orders a second")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--faults", default=faults.DEFAULT_RATES, metavar="LIST",
                        help="shares, by default " + faults.DEFAULT_RATES.replace("%", "%%"))
    parser.add_argument("--variant", choices=("api", "tracestate"),
                        help="how injections are known (default: faults by both)")
    parser.add_argument("--only", choices=("healthy", "faults"))
    parser.add_argument("--binary", "--assertd", default=BINARY, metavar="FILE")
    parser.add_argument("--out", default=os.path.join(ROOT, "build", "demo"), metavar="FOLDER")
    arguments = parser.parse_args()
    try:
        faults.parse(arguments.seed, arguments.faults)
    except ValueError as problem:
        parser.error(f"--faults: {problem}")
    arguments.binary = os.path.abspath(arguments.binary)
    arguments.out = os.path.abspath(arguments.out)
    return arguments


def main():
    arguments = parse_arguments()
    missing = what_is_missing(arguments)
    if missing:
        say("The demo needs:\n  " + "\n  ".join(missing))
        return 1
    runs = plan(arguments)
    say("The shop: shop-api -> Redis -> shop-worker -> shop-notifier, "
        "OpenTelemetry SDK at its defaults.\n"
        f"{len(runs)} campaigns side by side, each with services, Redis and assertd of its own "
        "on free ports:")
    for run in runs:
        say(f"  {run.name:<18} {run.orders} orders at {arguments.rate:g}/s, {run.title}")
    say("\nAs a user would type it:\n  " + " ".join(runs[-1].command(arguments)) + "\n")
    try:
        asyncio.run(execute_all(runs, arguments))
    except KeyboardInterrupt:
        say("interrupted")
        return 1
    good = [conclude(run) for run in runs]
    say("\nReports (JSON, JUnit, text), truth and logs:")
    for run in runs:
        say(f"  {run.out}")
    say("DEMO OK: each run came out as seeded" if all(good)
        else "DEMO FAILED: not as seeded, see above")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
