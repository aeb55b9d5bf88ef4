"""A rule against an earlier campaign's report (docs/language.md, "Baseline"). Samples of one bucket (1 %) count alike, so how many lie above a
value is told by bounds; where these leave the result open it says `unsure`."""

import math
import re
from fractions import Fraction

from .evaluate import FAIL, INCONCLUSIVE, PASS

NEAR = 0.0101  # samples of one bucket
PERCENTS = [Fraction(one) for one in ("50", "75", "90", "95", "99", "99.9")]


def _values(rule, samples):
    """Samples as numbers, sorted; what is absent is infinite."""
    return sorted(math.inf if sample.value == "absent" else sample.value for sample in samples)


def _above(found, value):
    """The least and the greatest number of samples that may count as above."""
    return [sum(one > value + abs(value) * NEAR for one in found), sum(one > value for one in found)]


def distribution(rule, samples):
    """Percentiles, and how many samples lie above each."""
    if rule.percentile is None or not samples:
        return {}
    found, rows = _values(rule, samples), []
    for percent in PERCENTS + [rule.percentile] * (rule.percentile not in PERCENTS):
        value = found[math.ceil(Fraction(len(found)) * percent / 100) - 1]
        if math.isfinite(value):
            rows.append({"p": float(percent), "value": value, "above": _above(found, value)})
    return {"distribution": {"samples": len(found), "quantiles": rows}} if rows else {}


# What the report says of the same rule

def _measured(text):
    """What stands in the parentheses and behind them, without blanks."""
    text = "".join(text.split())
    for word in ("percentile", "p"):
        if re.match(word + r"\(", text):
            text = text[text.index(")") + 1:]
    depth, at = 0, text.index("(")
    for end in range(at, len(text)):
        depth += (text[end] == "(") - (text[end] == ")")
        if depth == 0:
            break
    tags = re.match(r"\{.*?\}", text[end + 1:])
    return text[at:end + 1] + (tags.group() if tags else "")


def _candidates(threshold, suite_run):
    """Thresholds of the suite of the same name that measure the same."""
    then = next((suite for suite in suite_run.run.baseline["suites"] if suite["name"] == suite_run.suite.name), {"thresholds": []})
    words = r"(ratio|count)\b" if threshold.rule.state else r"(p|percentile|med|median)\b"
    return [one for one in then["thresholds"] if re.match(words, one["rule"].strip()) and _measured(one["rule"]) == _measured(threshold.rule.text)]


def _numbers_of(rule, text, row):
    """(value, least and greatest number above, samples) of a threshold or of one combination; None without a finite value."""
    if rule.state:
        if row["value"] is None:
            return None
        hits = row["value"] if text.strip().startswith("count") else round(row["value"] * row["samples"])
        return row["value"], [hits, hits], row["samples"]
    held = row.get("distribution", {"samples": 0, "quantiles": []})
    found = next((one for one in held["quantiles"] if one["p"] == float(rule.percentile)), None)
    return found and (found["value"], found["above"], held["samples"])


def numbers(threshold, suite_run):
    """Those of the first threshold that measures the same, of a percentile the first that holds it; None where there is none."""
    for one in _candidates(threshold, suite_run):
        found = _numbers_of(threshold.rule, one["rule"], one)
        if found is not None or threshold.rule.state:
            return found
    return None


def numbers_by(threshold, suite_run):
    """The same for each combination of labels, by their values."""
    for one in _candidates(threshold, suite_run):
        rows = [row for row in one.get("by", []) if set(row["labels"]) == set(threshold.by)]
        found = {tuple(row["labels"][name] for name in threshold.by): _numbers_of(threshold.rule, one["rule"], row) for row in rows}
        found = {key: told for key, told in found.items() if told is not None}
        if found:
            return found
    return {}


# The comparison

def _worse(now, then, by, comparisons):
    """Whether x of n is worse than k of m."""
    (x, n), (k, m), worse = now, then, 1 + by
    if x / n <= k / m * worse:
        return False
    share = n * worse / (n * worse + m)
    chance = sum(math.comb(x + k, one) * share**one * (1 - share)**(x + k - one) for one in range(x, x + k + 1))
    return chance < 0.01 / comparisons


def against(threshold, then, samples, comparisons):
    """The result, beside what the baseline says."""
    if len(samples) < threshold.min_samples or not samples or then is None:
        return {"result": INCONCLUSIVE}
    value, base, m = then
    if threshold.rule.state:
        above = [sum(sample.value for sample in samples)] * 2
    else:
        above = _above(_values(threshold.rule, samples), value)
    n, by = len(samples), threshold.rule.literal
    surely, possibly = _worse((above[0], n), (base[1], m), by, comparisons), _worse((above[1], n), (base[0], m), by, comparisons)
    return {"result": FAIL if surely else PASS} | ({"unsure": True} if surely != possibly else {})
