"""The configuration's part that the evaluator needs, with every expression parsed."""

import os
import re
from dataclasses import dataclass
from fractions import Fraction

from . import libconf, quality
from .known_types import bare_value, variable_value
from .language import parse_condition, parse_output, parse_rule, parse_selector, parse_when
from .terms import ExpressionError, Vocabulary

LABELS = ("scenario", "step", "zone", "tenant", "minion", "iteration")


class ConfigError(Exception):
    """The configuration is refused (exit code 2)."""


@dataclass
class Assertion:
    """One named rule of a suite."""
    name: str
    severity: str
    select: object
    when: object
    when_text: str
    conditions: list
    optional: bool
    tolerance: float


@dataclass
class Threshold:
    """One rule over the campaign."""
    name: str
    severity: str
    rule: object
    min_samples: int
    by: list
    over: int
    warmup: int


@dataclass
class Suite:
    """A named set of assertions and thresholds."""
    name: str
    traces: object
    labels: dict
    spans: dict
    assertions: list
    thresholds: list
    optional: bool
    lenient: bool
    max_inconclusive: float
    stages: list
    estimates_skew: bool
    max_skew: int | None


@dataclass
class Config:
    """What the evaluator reads of a configuration."""
    suites: list
    key: str | None
    correlation: str
    missing: str | None
    unjudged: str
    max_failures: int
    max_spans: int


def read_file(path):
    """A configuration file; raises ConfigError."""
    with open(path, encoding="utf-8") as source:
        return read_text(source.read())


def read_text(text):
    """As read_file, of a text."""
    try:
        return _config(libconf.parse(text))
    except (libconf.ConfSyntaxError, ExpressionError) as problem:
        raise ConfigError(str(problem)) from problem


def _one_of(value, allowed):
    if value not in allowed:
        raise ConfigError(f"{value!r} is none of {allowed}")
    return value


def _config(tree):
    campaign, report, limits = tree.get("campaign", {}), tree.get("report", {}), tree.get("limits", {})
    return Config(
        suites=[_suite(raw) for raw in tree.get("suites", [])],
        key=campaign.get("key"),
        correlation=_one_of(campaign.get("correlation", "auto"), ("auto", "required", "off")),
        missing=_one_of(campaign.get("missing"), (None, "fail", "inconclusive", "ignore")),
        unjudged=_one_of(campaign.get("unjudged", "warn"), ("warn", "fail", "ignore")),
        max_failures=report.get("max_failures", 100),
        max_spans=limits.get("max_spans_per_trace", 100_000))


def _suite(raw):
    words = Vocabulary(tuple(raw.get("spans", {})), {name: variable_value(_expanded(text))
                                                     for name, text in raw.get("variables", {}).items()},
                       aliases=raw.get("semconv_aliases", False))
    spans = {name: parse_selector(text, words.of_spans()) for name, text in raw.get("spans", {}).items()}
    for name, text in raw.get("outputs", {}).items():
        words.outputs[name] = parse_output(text, words)
    if "injection" in spans:
        raise ConfigError("a name called injection")
    for label in raw.get("labels", {}):
        _one_of(label, LABELS)
    return Suite(
        name=raw["name"],
        traces=parse_selector(raw["traces"], words.of_spans()) if "traces" in raw else None,
        labels=raw.get("labels", {}),
        spans=spans,
        assertions=[_assertion(item, words) for item in raw.get("assertions", []) + _quality_rules(raw.get("analyzer"))],
        thresholds=[_threshold(item, words, [one["name"] for one in raw.get("assertions", [])]) for item in raw.get("thresholds", [])],
        optional=raw.get("optional", False),
        lenient=_one_of(raw.get("evidence", "strict"), ("strict", "lenient")) == "lenient",
        max_inconclusive=_share(raw.get("max_inconclusive", 0), "max_inconclusive"),
        stages=[(text.split()[0], bare_value(text.split()[1])) for text in raw.get("stages", [])],
        estimates_skew=_one_of(raw.get("clock_skew", "exact"), ("exact", "estimate")) == "estimate",
        max_skew=bare_value(raw["max_clock_skew"]) if "max_clock_skew" in raw else None)


def _expanded(text):
    """A text with ${env:NAME}."""
    def value(found):
        if found.group(1) not in os.environ:
            raise ConfigError(f"{found.group(1)} is not in the environment")
        return os.environ[found.group(1)]
    return re.sub(r"\$\{env:([A-Za-z0-9_]+)\}", value, text)


def _texts(value):
    return [value] if isinstance(value, str) else list(value)


def _share(value, name):
    if isinstance(value, str):
        if not value.endswith("%"):
            raise ConfigError(f"{name} {value!r}")
        value = float(Fraction(value[:-1]) / 100)
    if not 0 <= value <= 1:
        raise ConfigError(f"{name} {value!r}")
    return float(value)


def _assertion(raw, names):
    select = parse_selector(raw["select"], names.of_spans()) if "select" in raw else None
    return Assertion(
        name=raw["name"],
        severity=_one_of(raw.get("severity", "error"), ("error", "warning")),
        select=select,
        when=parse_when(raw["when"], names) if "when" in raw else None,
        when_text=raw.get("when", ""),
        conditions=[parse_condition(text, names, select is not None) for text in _texts(raw["assert"])],
        optional=raw.get("optional", False),
        tolerance=_share(raw.get("tolerance", 0), "tolerance"))


def _quality_rules(raw):
    """The assertions that an analyzer stands for: the rules that come with it, then its own."""
    if raw is None:
        return []
    told = {rule["name"]: rule for rule in raw.get("rules", [])}
    found = [{"select": "span[]", "assert": f"defect:{name} missing", **told.pop(name, {}), "name": name} for name in quality.RULES]
    found += [{"optional": True, **rule} for rule in told.values()]
    return [{**rule, "name": f"analyzer: {rule['name']}", "severity": rule.get("level", "error")} for rule in found if rule.get("level") != "disabled"]


def _threshold(raw, names, assertions):
    rule = parse_rule(raw["rule"], names)
    if rule.of is not None and rule.of not in assertions:
        raise ConfigError(f"no assertion {rule.of!r}")
    return Threshold(
        name=raw["name"],
        severity=_one_of(raw.get("severity", "error"), ("error", "warning")),
        rule=rule,
        min_samples=raw.get("min_samples", default_min_samples(rule)),
        by=raw.get("by", []),
        over=bare_value(raw.get("over", "0s")),
        warmup=bare_value(raw.get("warmup", "0s")))


def default_min_samples(rule):
    """100/(100-N) rounded up for p(N), 500/(100-N) beside a baseline, 2 for rate and slope, else 1."""
    if rule.aggregate in ("rate", "slope"):
        return 2
    if rule.percentile is None or rule.percentile == 100:
        return 1
    share = Fraction(500 if rule.op == "no worse" else 100) / (100 - rule.percentile)
    return -(-share.numerator // share.denominator)
