"""Breaches during a run, by the running daemon and by the plain evaluator (docs/language.md, "Breaches during the run").

    ASSERTD_BINARY=… python3 -m tests.oracle.breaches [--seeds N] [--first S]

Traces of one span come one after another; between two of them pass some ticks, in which every threshold is judged on those that are there. The
evaluator judges each beginning of the row of traces by itself: where it fails there must be a breach, from the first tick to the last. Of the same
thresholds one is then asked to abort: the campaign must run until the first beginning that fails, and end there.
"""

import argparse
import json
import random
import sys

from tests.e2e import harness
from tests.e2e import otlp as wire

from . import libconf, otlp, suites, traces
from .report import Run

STEPS, TICKS = 12, 3
#: Fails as soon as there is a trace: the end of its breach is the last tick.
CLOCK = {"name": "clock", "rule": "count(pass) < 0"}


def threshold(rng, number):
    """One that may break and hold again."""
    limit = rng.choice(["3ms", "20ms", "100ms", "500ms"])
    tag = rng.choice(["", "", "{scenario:''}"])
    rule = rng.choice([
        f"max($x.duration){tag} < {limit}", f"avg($x.duration) < {limit}", f"p(50)(each $x.duration){tag} < {limit}", f"min($x.duration) > {limit}",
        f"ratio(fail) {rng.choice(['<=', '>'])} {rng.choice(['20%', '50%', '0'])}", f"ratio(pass of 'right') >= {rng.choice(['40%', '70%'])}",
        f"count(fail) isBetween {rng.choice(['0 and 2', '1 and 3', '2 and 9'])}", f"distinct($x.n) {rng.choice(['<', '>='])} 3", "unique($x.n)",
        f"most(each $x.n) <= {rng.choice([1, 2, 3])}", f"avg($x.n) {rng.choice(['<', '>'])} {rng.choice(['1.5', '2.5'])}"])
    return {"name": f"threshold {number}", "rule": rule, "min_samples": rng.choice([1, 1, 2, 4]), "sticky": rng.random() < 0.4,
            "severity": rng.choice(["error", "warning"])}


def configuration(rng):
    """One suite of many thresholds."""
    return {"campaign": {"correlation": "off"}, "suites": [{
        "name": "s", "spans": {"x": "span[]:first"}, "assertions": [{"name": "right", "select": "span[]", "assert": "none: status = error"}],
        "thresholds": [CLOCK] + [threshold(rng, number) for number in range(30)]}]}


def span(rng, number):
    """A trace: (resource, scope, span)."""
    start = wire.EPOCH_NS + number * 10**6
    return ({"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}, {"name": "lib"}, {
        "traceId": f"{rng.randrange(1, 2**128):032x}", "spanId": f"{number + 1:016x}", "name": "op", "kind": 2, "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + rng.choice([1, 5, 50, 200, 1000]) * 10**6), "flags": 1, "status": {"code": rng.choice([0, 0, 2])},
        "attributes": [{"key": "n", "value": {"intValue": str(rng.randrange(4))}}]})


def document(entry):
    """One span as a request."""
    resource, scope, one = entry
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": [one]}]}]}


def thresholds_of(config, entries):
    """What the evaluator says of the thresholds where these traces are there."""
    collected = traces.Traces(config.max_spans)
    for entry in entries:
        collected.add(otlp.read_bytes(json.dumps(document(entry)).encode()))
    return Run(config, collected).report()["suites"][0]["thresholds"]


class Watch:
    """Ticks of a campaign, as the clock's breach tells them."""

    def __init__(self, campaign):
        self.campaign, self.last = campaign, ""

    def step(self, count):
        """Waits until `count` traces are judged and some ticks have passed: the second of these, and the last one."""
        self.campaign.wait_for_report(lambda report: report["suites"][0]["traces"]["judged"] == count and report["suites"][0]["thresholds"][0]["breaches"], "a verdict")
        seen = []

        def passed():
            tick = self.campaign.report()["suites"][0]["thresholds"][0]["breaches"][-1]["to"]
            if not seen or tick != seen[-1]:
                seen.append(tick)
            return len(seen) > TICKS
        harness.wait_until(passed, harness.DEADLINE, "ticks")
        return seen[2], seen[-1]


def running(config):
    """A daemon that judges thresholds every tenth of a second."""
    settings = {**harness.config(completion={"quiet": "10ms", "deadline": "2s", "grace": "10ms"}, thresholds={"interval": "100ms"}), **config}
    return harness.Assertd(libconf.dump_file(settings))


def run_daemon(config, entries):
    """(final thresholds, for each step the ticks that Watch gives)"""
    with running(config) as daemon:
        campaign, steps = daemon.start_campaign("steps"), []
        watch = Watch(campaign)
        for count, entry in enumerate(entries, 1):
            daemon.send(document(entry))
            steps.append(watch.step(count))
        return campaign.finish()["suites"][0]["thresholds"], steps


def runs_of(results):
    """(first, last) of each row of steps that fail."""
    found = []
    for step, result in enumerate(results):
        if result == "fail" and found and found[-1][1] == step - 1:
            found[-1] = (found[-1][0], step)
        elif result == "fail":
            found.append((step, step))
    return found


def problems(results, breaches, steps):
    """Where breaches are not those of the steps that fail. A tick that comes late may cut one into two."""
    left, found = list(breaches), []
    for first, last in runs_of(results):
        after = steps[first - 1][1] if first else ""
        until = steps[last + 1][0] if last + 1 < len(steps) else "~"
        mine = [one for one in left if after < one["from"] and one["to"] <= until]
        left = [one for one in left if one not in mine]
        if not mine or mine[0]["from"] > steps[first][0] or mine[-1]["to"] < steps[last][1]:
            found.append(f"steps {first} to {last} fail: {mine}")
    return found + [f"a breach where nothing fails: {one}" for one in left]


# Aborting

def run_until_abort(config, entries, first):
    """(the final report, the step in which the campaign ended); it is to end in the step `first`, not before."""
    with running(config) as daemon:
        campaign = daemon.start_campaign("steps")
        watch = Watch(campaign)
        for step, entry in enumerate(entries):
            daemon.send(document(entry))
            if step == first:
                harness.wait_until(lambda: campaign.state()["status"] != "IN_PROGRESS", harness.DEADLINE, "the abort")
            else:
                watch.step(step + 1)
            if campaign.state()["status"] != "IN_PROGRESS":
                return campaign.report(), step
        return campaign.finish(), None


def compare_abort(seed):
    """(the step in which the campaign was to end, messages) of one threshold with abort_on_fail."""
    rng = random.Random(f"breaches {seed}")
    raw = configuration(rng)
    entries = [span(rng, number) for number in range(STEPS)]
    config = suites.read_text(libconf.dump_file(raw))
    by_step = [thresholds_of(config, entries[:count]) for count in range(1, STEPS + 1)]
    firsts = [next((step for step, rows in enumerate(by_step) if rows[number]["result"] == "fail"), 0) for number in range(len(by_step[0]))]
    number = rng.choice([number for number, first in enumerate(firsts) if first > 1])
    suite, first = raw["suites"][0], firsts[number]
    chosen = {**suite["thresholds"][number], "abort_on_fail": True, "sticky": False}
    suite["thresholds"] = [{**CLOCK, "severity": "warning"}, chosen]
    report, ended = run_until_abort(raw, entries, first)
    told, judged = report["suites"][0]["thresholds"][1], report["suites"][0]["traces"]
    wanted = "FAILED" if chosen["severity"] == "error" or judged["fail"] else "ABORTED"
    seen = (ended, report["campaign"]["status"], told["result"], judged["judged"], len(told["breaches"]))
    return first, [] if seen == (first, wanted, "fail", first + 1, 1) else [f"{chosen}: to end in step {first}, {wanted}: {seen}"]


def compare(seed):
    """(how many rows of failing steps, how many thresholds that hold in the end fail for a breach, messages)"""
    rng = random.Random(f"breaches {seed}")
    raw = configuration(rng)
    entries = [span(rng, number) for number in range(STEPS)]
    config = suites.read_text(libconf.dump_file(raw))
    by_step = [thresholds_of(config, entries[:count]) for count in range(1, STEPS + 1)]
    engine, steps = run_daemon(raw, entries)
    rows, decided, found = 0, 0, []
    for number, (setting, told) in enumerate(zip(raw["suites"][0]["thresholds"], engine)):
        results = [step[number]["result"] for step in by_step]
        broken = bool(runs_of(results))
        wanted = "fail" if setting.get("sticky") and broken else results[-1]
        rows += len(runs_of(results))
        decided += wanted != results[-1]
        found += [f"{setting}: {one}" for one in problems(results, told["breaches"], steps)]
        if told["result"] != wanted:
            found.append(f"{setting}: {told['result']}, by the steps {results} {wanted}")
    return rows, decided, found


def main():
    """The command; exit code 1 where there is a difference."""
    parser = argparse.ArgumentParser(prog="tests.oracle.breaches")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    wrong = 0
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        rows, decided, found = compare(seed)
        print(*(f"seed {seed}: {one}" for one in found[:5]), sep="\n", end="\n" if found else "")
        print(f"seed {seed}: 31 thresholds, {STEPS} steps, {rows} rows of failing steps, {decided} decided by a breach: {len(found)} differences")
        first, aborted = compare_abort(seed)
        print(*(f"seed {seed}: {one}" for one in aborted), f"seed {seed}: aborted in step {first}", sep="\n")
        wrong += len(found) + len(aborted)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
