"""Compares assertd with the plain evaluator on random runs.

    ASSERTD_BINARY=… python3 -m tests.oracle.compare [--seeds N] [--first S] [--calm N] [--foreign N] [--order N] [--focus N]

Each seed is a batch of 40 traces and 25 suites, judged by both. The first differences are printed shrunk: with as few
suites, expressions, traces, spans and records as still show them. ASSERTD_CHECK_SET="PATH=VALUE …" sets options of
assertd alone. `--calm` counts small runs that reach each status,
`--foreign` batches written as Jaeger's and as Zipkin's JSON, `--order` runs whose spans are shuffled, split over files and must give the same bytes.
"""

import argparse
import copy
import gzip
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter

from . import generate, generate_focus, injections, libconf, otlp, suites, traces
from .constructs import CONSTRUCTS
from .differences import Difference, differences
from .report import Run
from .shrinking import shrink


RESULTS = ("pass", "fail", "error", "inconclusive", "skipped")


# Running both

def run_oracle(batch):
    """(exit code, report) of the plain evaluator."""
    config = suites.read_text(libconf.dump_file(batch.config))
    collected = traces.Traces(config.max_spans)
    collected.add(otlp.read_bytes(generate.content(batch)))
    records = None
    if batch.injections is not None:
        records = injections.read_lines([json.dumps(record) for record in batch.injections])
    run = Run(config, collected, records, batch.campaign, run_oracle(batch.baseline)[1] if batch.baseline else None)
    return run.exit_code(), run.report()


def command(binary, config, trace_paths, injections_path, campaign):
    """The arguments of `check`."""
    arguments = [binary, "check", "--config", config, "--format", "json"]
    for setting in os.environ.get("ASSERTD_CHECK_SET", "").split():
        arguments += ["--set", setting]
    if injections_path:
        arguments += ["--injections", injections_path]
    if campaign:
        arguments += ["--campaign", campaign]
    return arguments + list(trace_paths)


def run_engine(binary, batch):
    """(exit code, report or None, standard error) of assertd."""
    with tempfile.TemporaryDirectory() as folder:
        config, trace_paths, injections_path = generate.write(batch, folder)
        if batch.baseline:
            with open(os.path.join(folder, "baseline.json"), "w", encoding="utf-8") as target:
                json.dump(run_engine(binary, batch.baseline)[1], target)
        done = subprocess.run(command(binary, config, trace_paths, injections_path, batch.campaign),
                              capture_output=True, timeout=120, check=False)
    return done.returncode, _loaded(done.stdout), done.stderr.decode(errors="replace")


def _loaded(output):
    try:
        return json.loads(output)
    except ValueError:
        return None


# Results

def count_results(report, counts):
    """Adds the results of a report to a Counter: of assertions, and of thresholds apart."""
    for suite in report["suites"]:
        for one in suite["assertions"]:
            for result in RESULTS:
                counts[result] += one[result]
        for one in suite["thresholds"]:
            counts["threshold " + one["result"]] += 1


_REFUSED = re.compile(r"suites\[(\d+)\]\.(assertions|thresholds|spans|outputs|traces)(?:\[(\d+)\]|\.([\w-]+))?\S* (.*)")


def without_refused(binary, batch, refused, most=60):
    """The batch without what assertd refuses and the plain evaluator does not; why it does goes to `refused`."""
    for _ in range(most):
        code, _, errors = run_engine(binary, batch)
        found = _REFUSED.findall(errors) if code == 2 else []
        if not found:
            break
        first = {row[:3]: row for row in reversed(found)}
        for suite, part, number, _, why in sorted(first.values(), key=lambda row: int(row[2] or 0), reverse=True):
            owner = batch.config["suites"][int(suite)]
            if part in ("assertions", "thresholds"):
                owner[part].pop(int(number))
            else:
                owner.update(assertions=[], thresholds=[], outputs={}, spans={})
                owner.pop("traces", None)
            refused.append(why)
    return batch


def compare(binary, batch, counts=None):
    """(differences, report of assertd) of one batch."""
    code, oracle = run_oracle(batch)
    if counts is not None:
        count_results(oracle, counts)
    engine_code, engine, errors = run_engine(binary, batch)
    if engine is None:
        return [Difference(f"exit.{engine_code}", "no report", code, [engine_code, errors[-1500:]])], None
    found = differences(oracle, engine)
    if code != engine_code:
        found.append(Difference("exit code", "exit code", code, engine_code))
    return found, engine


# Showing

def show(batch, found, folder=None):
    """Prints a shrunk batch and its differences."""
    print(libconf.dump_file(batch.config))
    for resource, scope, span in batch.spans[:8]:
        print(json.dumps({"resource": resource, "scope": scope, "span": span}, ensure_ascii=False))
    if len(batch.spans) > 8:
        print(f"… {len(batch.spans)} spans")
    for record in (batch.injections or [])[:8]:
        print("injection", json.dumps(record, ensure_ascii=False))
    print("campaign", batch.campaign, "injections", batch.injections is not None)
    for one in found[:4]:
        print(" ", one)
    if folder:
        os.makedirs(folder, exist_ok=True)
        print("files:", *generate.write(batch, folder))
    sys.stdout.flush()


# Order

def shuffled(binary, seed, traces_number=10, orders=4):
    """Whether one batch's spans give the same bytes in several orders, spread over files; a message where not."""
    rng = random.Random(seed)
    batch = generate.batch(seed, traces_number, suites=8)
    batch.spans += [copy.deepcopy(entry) for entry in rng.sample(batch.spans, len(batch.spans) // 3)]
    outputs = []
    with tempfile.TemporaryDirectory() as folder:
        config, _, injections_path = generate.write(batch, folder)
        for number in range(orders):
            paths = _spread(rng, batch.spans, folder, number)
            done = subprocess.run(command(binary, config, paths, injections_path, batch.campaign),
                                  capture_output=True, timeout=120, check=False)
            text = re.sub(rb'"(start|end)"\s*:\s*"[^"]*"', b'"":""', done.stdout)
            outputs.append((done.returncode, text))
            rng.shuffle(batch.spans)
    if len(set(outputs)) == 1:
        return None
    other = next(number for number, output in enumerate(outputs) if output != outputs[0])
    loaded = [_loaded(outputs[number][1]) for number in (0, other)]
    if None in loaded:
        return f"seed {seed}: exit codes {[code for code, _ in outputs]}"
    found = differences(loaded[0], loaded[1])
    return f"seed {seed}: order {other} differs: " + "\n".join(map(str, found[:3]))


def _spread(rng, spans, folder, number):
    paths, at = [], 0
    while at < len(spans):
        size = rng.randrange(1, len(spans) + 1)
        data = generate.files(spans[at:at + size], rng.random() < 0.4, documents=rng.choice([1, 3, size]))
        path = os.path.join(folder, f"part-{number}-{len(paths)}")
        with open(path, "wb") as target:
            target.write(gzip.compress(data) if rng.random() < 0.3 else data)
        paths.append(path)
        at += size
    return paths or [os.devnull]


# The command

def _compare_all(binary, arguments, batches):
    pairs, shown, kinds, counts = 0, 0, {}, Counter()
    refused = []
    for name, batch in batches:
        if batch.may_be_refused:
            batch = without_refused(binary, batch, refused)
        found, _ = compare(binary, batch, counts)
        pairs += len(batch.config["suites"]) * len({span["traceId"] for _, _, span in batch.spans})
        for one in found:
            kinds[one.kind] = kinds.get(one.kind, 0) + 1
        if found and shown < arguments.show:
            shown += 1
            kind = found[0].kind
            small = shrink(lambda made: compare(binary, made)[0], batch, kind)
            print(f"=== {name}: {kind} ({len(found)} differences)")
            show(small, compare(binary, small)[0], arguments.keep and os.path.join(arguments.keep, name.replace(" ", "-")))
    if pairs:
        _tell(name.rsplit(" ", 1)[0], pairs, counts)
    if refused:
        print(f"            {len(refused)} expressions refused, such as: " + "; ".join(refused[:arguments.show]))
        kinds["refused"] = len(refused)
    return pairs, kinds


def decided(construct, batch):
    """(assertions whose results are others without the construct's setting, all assertions), by the plain evaluator."""
    without = copy.deepcopy(batch)
    for suite in without.config["suites"]:
        for setting in construct.settings:
            suite.pop(setting)
    rows = [[{result: one[result] for result in RESULTS} for suite in run_oracle(made)[1]["suites"] for one in suite["assertions"]]
            for made in (batch, without)]
    return sum(left != right for left, right in zip(*rows)), len(rows[0])


def _tell(name, pairs, counts):
    """The share of each result: a comparison in which nearly all are of one kind proves little."""
    total = sum(counts[result] for result in RESULTS) or 1
    rules = sum(count for result, count in counts.items() if result.startswith("threshold ")) or 1
    shares = "  ".join(f"{result} {100 * counts[result] / total:.1f}%" for result in RESULTS)
    others = "  ".join(f"{result} {100 * counts['threshold ' + result] / rules:.0f}%" for result in RESULTS)
    print(f"{name:<11} {pairs:>7} pairs, {total} results: {shares}; {rules} thresholds: {others}", flush=True)


def main():
    """The command; exit code 1 where there is a difference."""
    parser = argparse.ArgumentParser(prog="tests.oracle.compare")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--calm", type=int, default=100)
    parser.add_argument("--foreign", type=int, default=2)
    parser.add_argument("--order", type=int, default=10)
    parser.add_argument("--focus", type=int, default=1, help="batches about each single construct")
    parser.add_argument("--only", help="one construct alone")
    parser.add_argument("--show", type=int, default=3)
    parser.add_argument("--keep", help="a folder for the files of shrunk runs")
    arguments = parser.parse_args()
    binary = os.environ.get("ASSERTD_BINARY")
    if not binary:
        parser.error("ASSERTD_BINARY names the program to compare")
    generate_focus.set_environment()
    begin = time.monotonic()
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    calm_seeds = range(arguments.first, arguments.first + arguments.calm)
    pairs, kinds = _compare_all(binary, arguments, ((f"seed {seed}", generate.batch(seed)) for seed in seeds))
    foreign_pairs, foreign_kinds = _compare_all(
        binary, arguments, ((f"{form} {seed}", generate.in_form(form, seed)) for form in ("jaeger", "zipkin")
                            for seed in range(arguments.first, arguments.first + arguments.foreign)))
    calm_pairs, calm_kinds = _compare_all(
        binary, arguments, ((f"calm {seed}", generate.calm_batch(seed)) for seed in calm_seeds))
    focus_pairs, focus_kinds = 0, {}
    for word in [arguments.only] if arguments.only else list(CONSTRUCTS):
        made = ((f"{word} {seed}", generate_focus.focused(word, seed)) for seed in range(arguments.first, arguments.first + arguments.focus))
        one_pairs, one_kinds = _compare_all(binary, arguments, made)
        focus_pairs += one_pairs
        if CONSTRUCTS[word].settings and arguments.focus:
            differ, total = decided(CONSTRUCTS[word], generate_focus.focused(word, arguments.first))
            print(f"            without {', '.join(CONSTRUCTS[word].settings)} {differ} of {total} assertions of the first batch come out otherwise")
        focus_kinds |= {f"{word} {kind}": count for kind, count in one_kinds.items()}
    orders = [message for message in (shuffled(binary, seed) for seed in range(arguments.order)) if message]
    print(*orders, sep="\n")
    kinds = {**kinds, **{f"calm {kind}": count for kind, count in calm_kinds.items()},
             **{f"foreign {kind}": count for kind, count in foreign_kinds.items()}, **focus_kinds}
    for kind, count in sorted(kinds.items()):
        print(f"{count:8} {kind}")
    print(f"{pairs} pairs, {calm_pairs} calm pairs, {focus_pairs} pairs about one construct, "
          f"{foreign_pairs} pairs from Jaeger and Zipkin, {arguments.order} runs in other orders, "
          f"{time.monotonic() - begin:.1f} s: {sum(kinds.values()) + len(orders)} differences")
    return 1 if kinds or orders else 0


if __name__ == "__main__":
    sys.exit(main())
