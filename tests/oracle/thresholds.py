"""Rules over a whole campaign: their samples, and what they come to (docs/language.md, "Thresholds")."""

import copy
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction

from . import baseline, evaluate, expressions, values, whole_clocks
from .across import SELF_TIME, Reading
from .evaluate import FAIL, INCONCLUSIVE, PASS, SKIPPED, strongest
from .functions import Uncomputable
from .selections import lookup
from .terms import DifferenceOperand, Expression
from .values import Duration, KeyValues, Time

SECOND = 10**9


@dataclass
class Sample:
    """What one trace, record or span gives: a value, `absent`, or for states whether it counts; `at` is nanoseconds from the origin."""
    record: object
    at: int
    value: object


# Where things lie

class Timeline:
    """Places in time, from the campaign's origin."""

    def __init__(self, run, stages):
        times = [record.fields["time"] for record in run.by_trace.values() if "time" in record.fields]
        starts = [node.span.start for trace in run.traces for node in trace.nodes]
        self.origin = min(times or starts or [0])
        self.stages = stages

    def of_trace(self, trace, record):
        """A judged trace: at its injection's time, else at its own beginning."""
        if record is not None and "time" in record.fields:
            return self.of_record(record)
        return self.of_time(min(node.span.start for node in trace.nodes))

    def of_record(self, record):
        """An injection."""
        return self.of_time(record.fields.get("time", self.origin))

    def of_time(self, time):
        """What lies before the origin counts as at it."""
        return max(0, time - self.origin)

    def label(self, name, sample):
        """A label of a sample as text."""
        if name == "stage":
            end = 0
            for stage, length in self.stages:
                end += length
                if sample.at < end:
                    return stage
            return ""
        record = sample.record
        if record is None:
            return ""
        value = record.fields.get(name) if name in ("scenario", "step", "zone", "tenant", "minion", "iteration", "status", "outcome") else (
            record.attributes.get(name))
        if value is None or isinstance(value, (bytes, list, KeyValues, Time)):
            return ""
        return value if isinstance(value, str) else values.canonical(value)


# Samples

def of_trace(rule, view):
    """The values that a judged trace gives."""
    if view.short or any(view.name(name).uncertain for name in rule.names):
        return []
    if rule.each:
        nodes = [node for node in view.name(rule.operand.name).nodes if not node.backwards]
        found = [_value_on(node, rule.operand.key, view) for node in nodes]
    elif isinstance(rule.operand, Expression):
        found = [_expression(rule, view)]
    elif isinstance(rule.operand, DifferenceOperand):
        found = [evaluate.sample(rule, view)]
    else:
        nodes = view.name(rule.operand.name).nodes
        found = [_value_on(nodes[0], rule.operand.key, view)] if len(nodes) == 1 and not nodes[0].backwards else []
    absent_counts = rule.aggregate not in VALUE_SETS
    return [value for value in found if (absent_counts if value == "absent" else _fits(rule, value))]


def _value_on(node, key, view):
    if key == SELF_TIME:
        bounds = whole_clocks.own_time(node, view.trace, None)
        return None if bounds is None else bounds[0]
    found, _ = lookup(node, key)
    return found[0] if found else None


def _expression(rule, view):
    tree = rule.operand.tree
    names = {leaf[1] for leaf in expressions.leaves(tree) if leaf[0] == "name"}
    nodes = {name: view.name(name).nodes for name in names}
    if rule.operand.reads_injection and view.injection is None:
        return None
    sets = [view.name(name).nodes for one in rule.operand.across for name in one.names]
    binds = {name: len(found) == 1 and not found[0].backwards for name, found in nodes.items()}
    something = any(binds.values()) or any(sets)
    if not all(binds.values()):
        usable = all(bound or not nodes[name] for name, bound in binds.items())
        return "absent" if something and usable else None
    measured = copy.copy(view)
    measured.clocks = None
    reading = Reading(measured, None)
    try:
        return expressions.Evaluation(lambda leaf: reading.read(leaf, None)).value(tree)
    except expressions.Missing as missing:
        return "absent" if something and not all(sets) and not missing.unknown else None
    except (Uncomputable, expressions.Backwards):
        return None


def _fits(rule, value):
    if rule.aggregate in VALUE_SETS:
        return isinstance(value, (str, int, float, bool)) and not isinstance(value, Time) and value == value
    if rule.durations if rule.op == "no worse" else isinstance(rule.limit, Duration):
        return isinstance(value, Duration)
    return isinstance(value, (int, float)) and not isinstance(value, (bool, Duration, Time)) and value == value


VALUE_SETS = ("duplicates", "distinct", "most")


def gather(rule, suite_run, line):
    """All samples of a rule."""
    run = suite_run.run
    if rule.state in ("missing", "duplicate", "late"):
        return [Sample(record, line.of_record(record), _record_counts(rule.state, trace_id, record, run)) for trace_id, record in run.by_trace.items()
                if rule.state != "missing" or record.expects_trace]
    found = []
    for trace, record, verdict, results, view in suite_run.judged:
        at = line.of_trace(trace, record)
        if rule.of is not None:
            number = next(i for i, one in enumerate(suite_run.suite.assertions) if one.name == rule.of)
            if results[number] != SKIPPED:
                found.append(Sample(record, at, results[number] == rule.state))
        elif rule.state:
            found.append(Sample(record, at, verdict == rule.state))
        elif rule.aggregate in ("rate", "slope", "backlog"):
            if not view.short and not any(view.name(name).uncertain for name in rule.names):
                found += [Sample(record, line.of_time(node.span.end), (place, node.span.end)) for place, name in enumerate(rule.sets)
                          for node in view.name(name).nodes if not node.backwards]
        else:
            found += [Sample(record, at, value) for value in of_trace(rule, view)]
    return found


def _record_counts(state, trace_id, record, run):
    if state == "missing":
        return record.expects_trace and trace_id not in run.received.by_id
    return state == "duplicate" and any(trace.trace_id == trace_id and trace.duplicates for trace in run.traces)


# Measures

def measure(rule, samples):
    """(value or None, number of samples, absent)"""
    found = [sample.value for sample in samples]
    if rule.state:
        hits = sum(found)
        return (None, 0, 0) if not found else (hits if rule.aggregate == "count" else hits / len(found), len(found), 0)
    if rule.aggregate in VALUE_SETS:
        times = Counter(value if isinstance(value, str) else values.canonical(value) for value in found)
        if not found:
            return None, 0, 0
        return {"distinct": len(times), "duplicates": len(found) - len(times), "most": max(times.values())}[rule.aggregate], len(found), 0
    if rule.aggregate == "rate":
        ends = [end for _, end in found]
        spent = max(ends) - min(ends) if ends else 0
        return (len(ends) * SECOND / spent if spent else None), len(ends), 0
    if rule.aggregate in ("slope", "backlog"):
        levels = _levels(samples)
        return _of_levels(rule, levels, min(levels, default=0), max(levels, default=-1)), len(found), 0
    absent = found.count("absent")
    value, count = _aggregate(rule, [item for item in found if item != "absent"], absent)
    return value, count, absent


def _levels(samples):
    """Second -> backlog at its end: of what is produced (0) and not yet consumed (1), from the first to the last second with an end."""
    change, level, levels = Counter(), 0, {}
    for sample in samples:
        change[sample.at // SECOND] += -1 if sample.value[0] else 1
    for second in range(min(change, default=0), max(change, default=-1) + 1):
        level += change[second]
        levels[second] = level
    return levels


def _of_levels(rule, levels, first, last):
    """Slope, or greatest, of those from the first to the last second; None where there are too few."""
    seen = [levels[second] for second in range(first, last + 1) if second in levels]
    if rule.aggregate == "backlog":
        return max(seen, default=None)
    if len(seen) < 3:
        return None
    number, mean = len(seen), Fraction(sum(seen), len(seen))
    middle = Fraction(number - 1, 2)
    return float(sum((x - middle) * (y - mean) for x, y in enumerate(seen)) / sum((x - middle) ** 2 for x in range(number)))


def _aggregate(rule, finite, absent):
    if rule.aggregate in ("avg", "min"):
        if not finite:
            return None, 0
        return (min(finite) if rule.aggregate == "min" else _mean(finite)), len(finite)
    everything = sorted(finite) + [math.inf] * absent
    if not everything:
        return None, 0
    if rule.aggregate == "max":
        return everything[-1] if absent else max(finite), len(everything)
    rank = math.ceil(Fraction(len(everything)) * rule.percentile / 100)
    return sorted(everything)[rank - 1], len(everything)


def _mean(finite):
    if any(not math.isfinite(item) for item in finite):
        return sum(map(float, finite)) / len(finite)
    return float(sum(Fraction(item) for item in finite) / len(finite))


def holds(value, op, limit):
    """Whether a threshold's value, as reported, keeps its limit."""
    if value is None or value != value or op == "no worse":
        return False
    if op in ("isBetween", "isNotBetween"):
        return (limit[0] <= value <= limit[1]) == (op == "isBetween")
    if op in ("in", "not in"):
        return (value in limit) == (op == "in")
    return {"=": value == limit, "!=": value != limit, "<": value < limit, "<=": value <= limit,
            ">": value > limit, ">=": value >= limit}[op]


def _result(threshold, value, count):
    if count < threshold.min_samples or value is None:
        return INCONCLUSIVE
    return PASS if holds(value, threshold.rule.op, threshold.rule.literal) else FAIL


# A threshold

def judge(threshold, suite_run, line):
    """Its entry of the report."""
    rule = threshold.rule
    entry = {"name": threshold.name, "severity": threshold.severity, "rule": rule.text, "limit": [rule.op, rule.literal], "value": None,
             "samples": 0, "absent": 0}
    if rule.needs_injections and not suite_run.run.judges_injected:
        return {**entry, "result": SKIPPED}
    if rule.state == "unexpected":
        run = suite_run.run
        number, over = run.correlation()["unexpected"], len(run.by_trace)
        value = None if not over else number if rule.aggregate == "count" else number / over
        return {**entry, "value": value, "samples": over, "result": _result(threshold, value, over)}
    samples = [sample for sample in gather(rule, suite_run, line) if sample.at >= threshold.warmup
               and all(line.label(name, sample) == wanted for name, wanted in rule.tags)]
    value, count, absent = measure(rule, samples)
    entry |= {"value": value, "samples": count, "absent": absent, "result": _result(threshold, value, count)} | baseline.distribution(rule, samples)
    alone = baseline.numbers(threshold, suite_run) if rule.op == "no worse" and not threshold.by else None
    comparisons = 1 + _comparable(threshold, samples)
    if rule.op == "no worse" and not threshold.by:
        entry |= baseline.against(threshold, alone, samples, comparisons)
    if threshold.by:
        rows = defaultdict(list)
        for sample in samples:
            rows[tuple(line.label(name, sample) for name in threshold.by)].append(sample)
        then = baseline.numbers_by(threshold, suite_run) if rule.op == "no worse" else {}
        compared = sum(1 + _comparable(threshold, found) for key, found in rows.items() if key in then)
        entry["by"] = [_row(threshold, key, rows[key], then.get(key), compared) for key in sorted(rows, key=lambda key: [text.encode() for text in key])]
        entry["result"] = strongest(row["result"] for row in entry["by"]) if rows else INCONCLUSIVE
    elif threshold.over:
        entry |= _windows(threshold, samples, entry, alone, comparisons)
    return entry


def _by_window(threshold, samples):
    rows = defaultdict(list)
    for sample in samples if threshold.over else ():
        rows[sample.at // threshold.over].append(sample)
    return rows


def _comparable(threshold, samples):
    """How many windows have enough samples."""
    return sum(measure(threshold.rule, row)[1] >= threshold.min_samples for row in _by_window(threshold, samples).values())


def _row(threshold, key, samples, then, compared):
    value, count, absent = measure(threshold.rule, samples)
    row = {"labels": dict(zip(threshold.by, key)), "value": value, "samples": count, "absent": absent, "result": _result(threshold, value, count)}
    row |= baseline.distribution(threshold.rule, samples)
    if threshold.rule.op == "no worse":
        row |= baseline.against(threshold, then, samples, compared)
    return row | _windows(threshold, samples, row, then, compared) if threshold.over else row


def _beside(threshold, rows, all_told, then, comparisons):
    """Windows that are compared with a baseline, beside all samples."""
    told = [baseline.against(threshold, then, row, comparisons) for row in rows.values()]
    judged = [one["result"] for one in told if one["result"] != INCONCLUSIVE]
    unsure = sum(one.get("unsure", False) for one in told)
    result = FAIL if FAIL in judged or all_told["result"] == FAIL else PASS if judged else INCONCLUSIVE
    found = {"result": result, "windows": {"judged": len(judged), "broken": judged.count(FAIL), "unsure": unsure}}
    return found | ({"unsure": True} if unsure or all_told.get("unsure") else {})


def _windows(threshold, samples, all_told, then, comparisons):
    rule, rows = threshold.rule, _by_window(threshold, samples)
    if rule.op == "no worse":
        return _beside(threshold, rows, all_told, then, comparisons)
    if rule.aggregate == "rate":
        inner = range(min(rows) + 1, max(rows)) if rows else ()
        judged = [holds(len(rows.get(number, ())) * SECOND / threshold.over, rule.op, rule.literal) for number in inner]
        few, unsure = len(samples) < threshold.min_samples, 0
    elif rule.aggregate in ("slope", "backlog"):
        levels, width = _levels(samples), threshold.over // SECOND
        found = [_of_levels(rule, levels, number * width, (number + 1) * width - 1) for number in sorted({second // width for second in levels})]
        judged = [holds(value, rule.op, rule.literal) for value in found if value is not None]
        few, unsure = len(samples) < threshold.min_samples, 0
    else:
        few = False
        measured = [measure(rule, row)[:2] for row in rows.values()]
        judged = [_result(threshold, *one) == PASS for one in measured if _result(threshold, *one) != INCONCLUSIVE]
        unsure = sum(rule.percentile is not None and _hangs_on_rounding(threshold, *one) for one in measured)
    result = INCONCLUSIVE if few or not judged else PASS if all(judged) else FAIL
    return {"result": result, "windows": {"judged": len(judged), "broken": judged.count(False), "unsure": unsure}}


def _hangs_on_rounding(threshold, value, count):
    """Whether a percentile that is told as precisely as promised (1 %) may come out otherwise."""
    if value is None or math.isinf(value):
        return False
    limits = threshold.rule.literal if isinstance(threshold.rule.literal, tuple) else (threshold.rule.literal,)
    near = [value * share for share in (0.99, 1, 1.01)] + [one for one in limits if 0.99 <= one / value <= 1.01] if value else [0]
    return len({_result(threshold, one, count) for one in near}) > 1
