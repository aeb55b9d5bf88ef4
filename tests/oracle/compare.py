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
from dataclasses import dataclass

from . import generate, generate_focus, injections, libconf, otlp, suites, traces
from .constructs import CONSTRUCTS
from .report import Run
from .selections import ANYTHING
from .shrinking import shrink
from .thresholds import holds


RESULTS = ("pass", "fail", "error", "inconclusive", "skipped")


@dataclass
class Difference:
    """One place where the two reports differ; `kind` is the place without indexes and names."""
    kind: str
    where: str
    oracle: object
    engine: object

    def __str__(self):
        return f"{self.where}\n    oracle: {json.dumps(self.oracle)[:600]}\n    engine: {json.dumps(self.engine)[:600]}"


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


# Comparing

def same(left, right):
    """Equal JSON values; true is not 1, 1.0 is 1, and digits that a reader takes for an integer are the double they read as."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, float) and isinstance(right, int) or isinstance(left, int) and isinstance(right, float):
        return float(left) == float(right)
    return left == right


def differences(oracle, engine):
    """All differences of two reports."""
    found = []
    for block in ("campaign", "ledger", "correlation"):
        _compare_block(found, block, oracle[block], engine.get(block) or {})
    if len(oracle["suites"]) != len(engine.get("suites") or []):
        return found + [Difference("suites", "suites", len(oracle["suites"]), len(engine.get("suites") or []))]
    for left, right in zip(oracle["suites"], engine["suites"]):
        _compare_suite(found, left, right)
    return found


def _compare_block(found, where, left, right, kind=None):
    kind = kind or where
    for key, value in left.items():
        if isinstance(value, dict):
            _compare_block(found, f"{where}.{key}", value, right.get(key) or {}, f"{kind}.{key}")
        elif not same(value, right.get(key)):
            found.append(Difference(f"{kind}.{key}", f"{where}.{key}", value, right.get(key)))


def _compare_suite(found, left, right):
    where = left["name"]
    _compare_block(found, where, {"name": left["name"], "traces": left["traces"]}, right, "suite")
    rows = [_label_rows(side.get("by_label") or []) for side in (left, right)]
    if rows[0] != rows[1]:
        found.append(Difference("by_label", f"{where}.by_label", *map(_listed, rows)))
    for part, compare in (("assertions", _compare_assertion), ("thresholds", _compare_threshold)):
        others = right.get(part) or []
        if len(left[part]) != len(others):
            found.append(Difference(part, f"{where}.{part}", len(left[part]), len(others)))
        for mine, other in zip(left[part], others):
            compare(found, f"{where}.{mine['name']}", mine, other)


def _listed(rows):
    return sorted([list(key), value] for key, value in rows.items())


def _label_rows(rows):
    labelled = {}
    for row in rows:
        key = tuple(row.get(name) or "" for name in ("scenario", "step", "zone"))
        if any(key) and row["judged"]:
            labelled[key] = {name: row[name] for name in ("judged", "pass", "fail", "error", "inconclusive")}
    return labelled


_FAILURE = ("trace_id", "condition", "result", "span_id", "expected", "actual")


def _compare_assertion(found, where, left, right):
    counts = {key: left[key] for key in left if key not in ("groups", "failures")}
    _compare_block(found, where, counts, right, "assertion")
    mine, others = left["failures"], right.get("failures") or []
    loose = {one["condition"] for one in mine if one["expected"] == ANYTHING}
    mine, others = _without_repeats(mine, loose), _without_repeats(others, loose)
    for number in range(max(len(mine), len(others))):
        one = mine[number] if number < len(mine) else {}
        other = others[number] if number < len(others) else {}
        for key in _FAILURE[:3] if one.get("condition") in loose else _FAILURE:
            if not same(one.get(key), other.get(key)):
                found.append(Difference(f"failure.{key}", f"{where}.failures[{number}].{key}", one, other))
                break
        else:
            continue
        break
    if len(mine) != len(others) and not any(one.kind.startswith("failure") for one in found):
        found.append(Difference("failure.number", f"{where}.failures", len(mine), len(others)))
    groups = [_group_rows(side.get("groups") or [], loose) for side in (left, right)]
    if groups[0] != groups[1]:
        found.append(Difference("groups", f"{where}.groups", *map(_listed, groups)))


def _without_repeats(failures, loose):
    """Of conditions that are compared by their results alone one entry for each trace."""
    found = {}
    for place, one in enumerate(failures):
        key = (one["trace_id"], one["condition"], one["result"]) if one.get("condition") in loose else place
        found.setdefault(key, one)
    return list(found.values())


def _group_rows(groups, loose):
    counts = {}
    for group in groups:
        if group["condition"] in loose:
            continue
        key = (group["condition"], group.get("service") or "", group.get("span") or "")
        counts[key] = counts.get(key, 0) + group["count"]
    return counts


_NEAR = {"p": 0.01, "avg": 1e-9, "rate": 1e-9, "slope": 1e-9}


def _compare_threshold(found, where, left, right):
    fields = {key: left[key] for key in ("name", "severity", "rule", "samples", "absent")}
    _compare_block(found, where, fields, right, "threshold")
    word = re.match("[a-z]+", left["rule"]).group()
    word = {"percentile": "p", "med": "p", "median": "p", "mean": "avg"}.get(word, word)
    _compare_value(found, "threshold", where, left, right, left["limit"], _NEAR.get(word, 1e-12))
    others = (right.get("by") or []) if left["result"] != "skipped" else []
    if [row["labels"] for row in left.get("by", [])] != [row["labels"] for row in others]:
        found.append(Difference("threshold.by", f"{where}.by", left.get("by"), others))
        return
    for mine, other in zip(left.get("by", []), others):
        _compare_value(found, "threshold.by", f"{where}.by", mine, other, left["limit"], _NEAR.get(word, 1e-12))
        told = ("samples", "absent") + (("windows",) if "windows" in mine and word != "p" else ())
        _compare_block(found, f"{where}.by", {key: mine[key] for key in told}, other, "threshold.by")
    if "windows" in left and word != "p":
        _compare_block(found, f"{where}.windows", left["windows"], right.get("windows") or {}, "threshold.windows")


def _compare_value(found, kind, where, left, right, limit, share):
    if not _close(left["value"], right.get("value"), share):
        found.append(Difference(f"{kind}.value", f"{where}.value", left, {key: right.get(key) for key in ("value", "samples", "result")}))
    elif not same(left["result"], right.get("result")) and not _decided_by_rounding(left, right, limit, share):
        found.append(Difference(f"{kind}.result", f"{where}.result", left, {key: right.get(key) for key in ("value", "samples", "result", "windows", "by")}))


def _number(side):
    """Of a value that is beyond 2^53, so written as text."""
    return int(side) if isinstance(side, str) and re.fullmatch("-?[0-9]+", side) else side


def _close(left, right, share):
    if same(left, right):
        return True
    left, right = _number(left), _number(right)
    numbers = all(isinstance(side, (int, float)) and not isinstance(side, bool) for side in (left, right))
    return numbers and abs(left - right) <= max(share * abs(left), 1e-12)


def _decided_by_rounding(left, right, limit, share):
    """A percentile lies within 1 % of the sample: what is so for the one need not be so for the other; its windows and groups neither."""
    if "inconclusive" in (left["result"], right.get("result")) or share < 0.01:
        return False
    if "windows" in left or "by" in left:
        return True
    return not same(left["value"], right.get("value")) and right.get("result") == ("pass" if holds(right["value"], *limit) else "fail")


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
    """The batch without what assertd refuses for types that are known at load, which the plain evaluator does not tell."""
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
