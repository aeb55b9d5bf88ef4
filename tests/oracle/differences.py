"""Where two reports differ, field by field."""

import json
import re
from dataclasses import dataclass

from .evaluate import strongest
from .selections import ANYTHING, UNTOLD
from .thresholds import holds


@dataclass
class Difference:
    """One place where the two reports differ; `kind` is the place without indexes and names."""
    kind: str
    where: str
    oracle: object
    engine: object

    def __str__(self):
        return f"{self.where}\n    oracle: {json.dumps(self.oracle)[:600]}\n    engine: {json.dumps(self.engine)[:600]}"


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
            if one.get(key) not in (ANYTHING, UNTOLD) and not same(one.get(key), other.get(key)):
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


# Thresholds

_NEAR = {"p": 0.01, "avg": 1e-9, "rate": 1e-9, "slope": 1e-9}
_SAME = {"percentile": "p", "med": "p", "median": "p", "mean": "avg"}


def _compare_threshold(found, where, left, right):
    fields = {key: left[key] for key in ("name", "severity", "rule", "samples", "absent")}
    _compare_block(found, where, fields, right, "threshold")
    word = re.match("[a-z]+", left["rule"].strip()).group()
    share = _NEAR.get(_SAME.get(word, word), 1e-12)
    others = (right.get("by") or []) if left["result"] != "skipped" else []
    if [row["labels"] for row in left.get("by", [])] != [row["labels"] for row in others]:
        found.append(Difference("threshold.by", f"{where}.by", left.get("by"), others))
        return
    for mine, other in zip(left.get("by", []), others):
        _compare_block(found, f"{where}.by", {key: mine[key] for key in ("samples", "absent")}, other, "threshold.by")
        _compare_value(found, "threshold.by", f"{where}.by", mine, other, left.get("limit"), share)
    _compare_value(found, "threshold", where, left, right, left.get("limit"), share)


def _compare_value(found, kind, where, left, right, limit, share):
    """The value, its windows, its distribution, and what they come to."""
    seen = {key: right.get(key) for key in ("value", "samples", "result", "windows", "by", "baseline")}
    if not _close(left["value"], right.get("value"), share):
        found.append(Difference(f"{kind}.value", f"{where}.value", left, seen))
        return
    if not _same_windows(left.get("windows"), right.get("windows")):
        found.append(Difference(f"{kind}.windows", f"{where}.windows", left, seen))
    if not _same_distribution(left.get("distribution"), right.get("distribution")):
        found.append(Difference(f"{kind}.distribution", f"{where}.distribution", left.get("distribution"), right.get("distribution")))
    if right.get("result") not in _results(left, right, limit, share):
        found.append(Difference(f"{kind}.result", f"{where}.result", left, seen))


def _results(left, right, limit, share):
    """The results that may be told: another than the oracle's only where a percentile lies within its promised error, and then the one that follows
    from what is told of it."""
    found = {left["result"]}
    if share < 0.01:
        return found
    if left.get("unsure"):
        found |= {"pass", "fail"}
    elif "by" in left:
        found = {strongest(row["result"] for row in right["by"])} if right["by"] else found
    elif "windows" in left and left["result"] != "inconclusive" and limit[0] != "no worse":
        found = {"fail" if right["windows"]["broken"] else "pass"}
    elif left["result"] != "inconclusive" and not same(left["value"], right["value"]) and limit[0] != "no worse":
        found = {"pass" if holds(right["value"], *limit) else "fail"}
    return found


def _same_windows(left, right):
    if left is None:
        return True
    return right is not None and left["judged"] == right["judged"] and abs(left["broken"] - right["broken"]) <= left.get("unsure", 0)


def _same_distribution(left, right):
    if left is None or right is None:
        return left is right
    rows = left["quantiles"], right["quantiles"]
    return left["samples"] == right["samples"] and [one["p"] for one in rows[0]] == [one["p"] for one in rows[1]] and all(
        _close(one["value"], other["value"], 0.01) and _within(other["above"], one["above"]) for one, other in zip(*rows))


def _within(told, bounds):
    """Whether a number is another, or within bounds."""
    return bounds[0] <= told <= bounds[1] if isinstance(bounds, list) and not isinstance(told, list) else told == bounds


def _number(side):
    """Of a value that is beyond 2^53, so written as text."""
    return int(side) if isinstance(side, str) and re.fullmatch("-?[0-9]+", side) else side


def _close(left, right, share):
    if same(left, right):
        return True
    left, right = _number(left), _number(right)
    numbers = all(isinstance(side, (int, float)) and not isinstance(side, bool) for side in (left, right))
    return numbers and abs(left - right) <= max(share * abs(left), 1e-12)
