"""The running daemon against the plain evaluator: spans come over OTLP in random requests, some of them after a first verdict.

    ASSERTD_BINARY=… python3 -m tests.oracle.live [--seeds N] [--first S] [--together N]

Each seed is a daemon of its own with a batch of 40 traces and 25 suites: records first, then the spans, shuffled, with copies, cut into requests
of random sizes over gRPC and HTTP. Every second run sends a part of them only when traces were judged already: they come late, and revise. What is final
must be what the evaluator says of all of them.
"""

import argparse
import copy
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

#: Every trace is judged for the first time within some seconds; what comes within the grace revises it.
COMPLETION = {"quiet": "200ms", "deadline": "5s", "grace": "10s"}


def batch(seed):
    """A batch as it can be sent: without claims, which would register injections, and with copies."""
    made, rng = generate.batch(seed), random.Random(f"live {seed}")
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


def first_part(rng, spans):
    """How many of the spans come before a first verdict: one of each trace, and some more. They are put in front."""
    seen = set()
    firsts = [entry for entry in spans if rng.random() < 0.4 or not (entry[2]["traceId"] in seen or seen.add(entry[2]["traceId"]))]
    chosen = set(map(id, firsts))
    spans[:] = firsts + [entry for entry in spans if id(entry) not in chosen]
    return len(firsts)


def run_daemon(seed, made):
    """(the final report of a daemon that received the batch, how many verdicts were revised)"""
    rng = random.Random(f"arrivals {seed}")
    settings = {**harness.config(completion=COMPLETION), **made.config}
    with harness.Assertd(libconf.dump_file(settings)) as daemon, wire.GrpcClient(daemon.grpc) as client:
        campaign = daemon.start_campaign(made.campaign)
        if made.injections:
            campaign.inject(made.injections)
        first = len(made.spans) if seed % 2 else first_part(rng, made.spans)
        for document in requests(rng, made.spans[:first]):
            send(daemon, client, rng, document)
        if first < len(made.spans):
            harness.wait_until(lambda: (daemon.metric("assertd_traces_closed_total") or 0) > len(made.trace_ids) / 2, harness.DEADLINE, "first verdicts")
        for document in requests(rng, made.spans[first:]):
            send(daemon, client, rng, document)
        return campaign.finish(), daemon.metric("assertd_revisions_total") or 0


def without_order(report):
    """A copy of a span that is outside is a duplicate only while its trace is open; an injection is late where a span came after its trace closed."""
    spans = report["ledger"]["spans"]
    spans["outside"] += spans.pop("duplicate")
    spans.pop("conflicting")
    report["correlation"].pop("late")
    return report


def compare(seed):
    """(pairs, how many verdicts were revised, differences) of one seed."""
    made = batch(seed)
    engine, revised = run_daemon(seed, made)
    found = differences(without_order(run_oracle(made)[1]), without_order(engine))
    return len(made.config["suites"]) * len(made.trace_ids), revised, found


def main():
    """The command; exit code 1 where there is a difference."""
    parser = argparse.ArgumentParser(prog="tests.oracle.live")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--together", type=int, default=4, help="daemons at a time")
    arguments = parser.parse_args()
    begin, seeds = time.monotonic(), range(arguments.first, arguments.first + arguments.seeds)
    pairs, revised, wrong = 0, 0, 0
    with ThreadPoolExecutor(arguments.together) as pool:
        for seed, (more, more_revised, found) in zip(seeds, pool.map(compare, seeds)):
            pairs, revised, wrong = pairs + more, revised + more_revised, wrong + len(found)
            for one in found[:5]:
                print(f"seed {seed}: {one}")
    print(f"{pairs} pairs, {revised:.0f} verdicts revised, {time.monotonic() - begin:.1f} s: {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
