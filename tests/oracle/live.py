"""The running daemon against the plain evaluator: spans come over OTLP in random requests, some of them after a first verdict.

    ASSERTD_BINARY=… python3 -m tests.oracle.live [--seeds N] [--first S] [--together N] [--traces N] [--suites N]

Each seed is a daemon of its own with a batch of traces and suites: records first, then the spans, shuffled, with copies, cut into requests
of random sizes over gRPC and HTTP. Every second run sends a part of them only when traces were judged already: they come late, and revise. What is final
must be what the evaluator says of all of them. Nearly all of its time such a run waits for deadlines, so many run together. Where the machine was too slow for
what was to come in time, the run is made again with more time.
"""

import argparse
import copy
import functools
import gzip
import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.e2e import harness
from tests.e2e import otlp as wire

from . import generate, libconf, otlp
from .compare import run_oracle
from .differences import differences

#: A trace is judged for the first time within a second; what comes within the grace revises it.
QUIET, DEADLINE, GRACE = 0.2, 1.0, 2.5
#: By how much all of these are stretched for each 100 spans, one after the other.
PATIENCE = (1, 4, 16)


class TooSlow(Exception):
    """Something may have come after the time in which it was to come."""


def batch(seed, traces, suites):
    """A batch as it can be sent: without claims, which would register injections, and with copies."""
    made, rng = generate.batch(seed, traces, suites), random.Random(f"live {seed}")
    made.config["campaign"].pop("key", None)
    made.campaign = generate.CAMPAIGN
    for suite in made.config["suites"]:
        suite["thresholds"] = [one for one in suite.get("thresholds", []) if "late" not in one["rule"]]
    for _, _, span in made.spans:
        span.pop("traceState", None)
    made.spans += [copy.deepcopy(entry) for entry in rng.sample(made.spans, len(made.spans) // 4)]
    rng.shuffle(made.spans)
    return made


def requests(rng, spans):
    """The spans in requests of random sizes, each a document."""
    at = 0
    while at < len(spans):
        size = rng.choice([1, 1, 2, 3, 5, 10, 40])
        yield generate.document(spans[at:at + size])
        at += size


def send(daemon, client, rng, document):
    """One request, in one of the ways there are."""
    way = rng.choice(["grpc", "protobuf", "json", "gzip"])
    if way == "grpc":
        client.export(otlp.encode(document))
        return
    body = json.dumps(document).encode() if way == "json" else otlp.encode(document)
    headers = {"Content-Type": "application/json" if way == "json" else "application/x-protobuf"}
    if way == "gzip":
        body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
    answer = wire.post(daemon.http, "/v1/traces", body, headers)
    if answer.status != 200:
        raise AssertionError(f"refused: {answer}")


def is_rejected(span):
    """Whether it is none, for its ID: nothing of its trace is there by it (READINGS, row 85)."""
    return len(span["spanId"]) != 16 or not int(span["spanId"], 16)


def first_part(rng, spans):
    """How many of the spans come before a first verdict: one of each trace, and some more. They are put in front."""
    seen = set()
    firsts = [entry for entry in spans if rng.random() < 0.4 or not (
        is_rejected(entry[2]) or entry[2]["traceId"] in seen or seen.add(entry[2]["traceId"]))]
    chosen = set(map(id, firsts))
    spans[:] = firsts + [entry for entry in spans if id(entry) not in chosen]
    return len(firsts)


class Clock:
    """What has passed since the records were sent."""

    def __init__(self):
        self.begin = time.monotonic()

    def expect(self, within):
        if time.monotonic() - self.begin > within:
            raise TooSlow


def run_daemon(seed, made, stretch):
    """(the final report of a daemon that received the batch, how many verdicts were revised); raises TooSlow."""
    rng, spans = random.Random(f"arrivals {seed}"), list(made.spans)
    times = zip(("quiet", "deadline", "grace"), (QUIET, DEADLINE, GRACE))
    settings = {**harness.config(completion={name: f"{round(stretch * 1000 * seconds)}ms" for name, seconds in times}), **made.config}
    with harness.Assertd(libconf.dump_file(settings)) as daemon, wire.GrpcClient(daemon.grpc) as client:
        campaign, clock = daemon.start_campaign(made.campaign), Clock()
        if made.injections:
            campaign.inject(made.injections)
        first = len(spans) if seed % 2 else first_part(rng, spans)
        for document in requests(rng, spans[:first]):
            send(daemon, client, rng, document)
        clock.expect(DEADLINE * stretch)
        if first < len(spans):
            harness.wait_until(lambda: (daemon.metric("assertd_traces_closed_total") or 0) > len(made.trace_ids) / 2, harness.DEADLINE + DEADLINE * stretch, "first verdicts")
        for document in requests(rng, spans[first:]):
            send(daemon, client, rng, document)
        clock.expect((QUIET + GRACE) * stretch)
        campaign.complete()
        harness.wait_until(lambda: campaign.state()["status"] != "IN_PROGRESS", harness.DEADLINE + (DEADLINE + GRACE) * stretch, "the end of the campaign", 0.1)
        return campaign.report(), daemon.metric("assertd_revisions_total") or 0


def without_order(report):
    """A copy of a span that is outside is a duplicate only while its trace is open; an injection is late where a span came after its trace closed."""
    spans = report["ledger"]["spans"]
    spans["outside"] += spans.pop("duplicate")
    spans.pop("conflicting")
    report["correlation"].pop("late")
    return report


def run_in_time(seed, made):
    """What run_daemon gives, with as much time as it takes."""
    for patience in PATIENCE:
        try:
            return run_daemon(seed, made, patience * max(1, len(made.spans) / 100))
        except TooSlow:
            print(f"seed {seed}: too slow, again with more time", flush=True)
    raise TooSlow


def compare(seed, traces=40, suites=25):
    """(pairs, how many verdicts were revised, differences) of one seed."""
    made = batch(seed, traces, suites)
    engine, revised = run_in_time(seed, made)
    found = differences(without_order(run_oracle(made)[1]), without_order(engine))
    return len(made.config["suites"]) * len(made.trace_ids), revised, found


def main():
    """The command; exit code 1 where there is a difference."""
    parser = argparse.ArgumentParser(prog="tests.oracle.live")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--together", type=int, default=8, help="daemons at a time")
    parser.add_argument("--traces", type=int, default=40)
    parser.add_argument("--suites", type=int, default=25)
    arguments = parser.parse_args()
    begin, seeds = time.monotonic(), range(arguments.first, arguments.first + arguments.seeds)
    pairs, revised, wrong = 0, 0, 0
    with ThreadPoolExecutor(arguments.together) as pool:
        run = functools.partial(compare, traces=arguments.traces, suites=arguments.suites)
        for seed, (more, more_revised, found) in zip(seeds, pool.map(run, seeds)):
            pairs, revised, wrong = pairs + more, revised + more_revised, wrong + len(found)
            for one in found[:5]:
                print(f"seed {seed}: {one}")
    print(f"{pairs} pairs, {revised:.0f} verdicts revised, {time.monotonic() - begin:.1f} s: {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
