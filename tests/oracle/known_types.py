"""What is known of types when an expression is read, and refused then."""

import re
from fractions import Fraction

from .terms import (KINDS, STATUSES, UNITS, CountOperand, DifferenceOperand, ExpressionError, InjectionOperand, Key, NameOperand,
                    SpanOperand, TypesDiffer)
from .values import Duration, canonical, is_canonical_number

TYPES = ("database", "messaging", "faas", "graphql", "rpc", "http", "exception", "general")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?\Z")
DURATION = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)(ns|us|ms|s|m|h)\Z")
WORD = re.compile(r"[A-Za-z0-9_./][-A-Za-z0-9_./]*\Z")


def _number(text):
    if "." in text or "e" in text:
        return float(text)
    value = int(text)
    if not -2**63 <= value < 2**63:
        raise ExpressionError(f"{text} is out of range")
    return value


def bare_value(text):
    """The literal that an unquoted token is."""
    if NUMBER.match(text):
        return _number(text)
    if text.endswith("%") and NUMBER.match(text[:-1]):
        return float(Fraction(text[:-1]) / 100)
    found = DURATION.match(text)
    if found:
        nanoseconds = Fraction(found.group(1)) * UNITS[found.group(2)]
        if nanoseconds.denominator != 1 or not -2**63 <= nanoseconds < 2**63:
            raise ExpressionError(f"{text} is no whole number of nanoseconds, or out of range")
        return Duration(nanoseconds)
    if text in ("true", "false"):
        return text == "true"
    if not WORD.match(text):
        raise ExpressionError(f"what is {text!r}?")
    return text


def variable_value(text):
    """A variable's value: one of the language where it has the form of one, else the text."""
    if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]:
        return text[1:-1]
    form = NUMBER.match(text) or text.endswith("%") and NUMBER.match(text[:-1]) or DURATION.match(text) or text in ("true", "false")
    return bare_value(text) if form else text


def check_kinds(tree):
    """What is known at load of the type of an expression: time, duration, or anything else; raises ExpressionError."""
    if isinstance(tree, list):
        for one in tree:
            check_kinds(one)
    if not isinstance(tree, tuple):
        return "other"
    if tree[0] in ("key", "name", "injection"):
        kind = type_of(InjectionOperand(tree[1]) if tree[0] == "injection" else SpanOperand(tree[-1]))
        return kind if kind in ("time", "duration") else "other"
    if tree[0] == "whole":
        return tree[2]
    if tree[0] == "lit":
        return "duration" if isinstance(tree[1], Duration) else "other"
    if tree[0] == "neg":
        return check_kinds(tree[1])
    if tree[0] == "call" and tree[1] == "duration":
        return "duration"
    if tree[0] == "call":
        kinds = {check_kinds(one) for one in tree[2]}
        return kinds.pop() if tree[1] in ("abs", "min", "max") and len(kinds) == 1 else "other"
    if tree[0] == "product":
        kinds = check_kinds(tree[2]), check_kinds(tree[3])
        return "duration" if kinds in (("duration", "other"), ("other", "duration")) else "other"
    if tree[0] != "sum":
        return "other"
    kinds = check_kinds(tree[2]), check_kinds(tree[3])
    allowed = {("other", "other"): "other", ("duration", "duration"): "duration", ("time", "duration"): "time"}
    allowed[("time", "time") if tree[1] == "-" else ("duration", "time")] = "duration" if tree[1] == "-" else "time"
    if kinds not in allowed:
        raise ExpressionError(f"{kinds} can't be added")
    return allowed[kinds]


def reads(operand):
    """(names, whether the injection is read) of an operand over names."""
    sides = (operand.left, operand.right) if isinstance(operand, DifferenceOperand) else (operand,)
    names = tuple(dict.fromkeys(
        side.name for side in sides if isinstance(side, (NameOperand, CountOperand)) and side.name is not None))
    return names, any(isinstance(side, InjectionOperand) for side in sides)


def type_of(operand):
    """What is known at load: text, kind, status, type, duration, time, count, int, or any."""
    if isinstance(operand, CountOperand):
        return "count"
    if isinstance(operand, DifferenceOperand):
        return "duration"
    if isinstance(operand, InjectionOperand):
        fields = {"time": "time", "duration": "duration", "status": "int", "iteration": "int"}
        return fields.get(operand.key.name, "any") if not operand.key.quoted else "any"
    own = operand.key.own
    if operand.key == Key("span", "self_time"):
        return "duration"
    if operand.key == Key("span", "type"):
        return "type"
    if operand.key.prefix == "span" and own is None:
        return "int" if operand.key.name.endswith("_count") else "text"
    if own in ("name", "service"):
        return "text"
    return {"start": "time", "end": "time"}.get(own, own) or "any"


def _is_canonical_duration(text):
    found = DURATION.match(text)
    if not found:
        return False
    try:
        return canonical(bare_value(text)) == text
    except ExpressionError:
        return False


def check_types(kind, op, literal):
    """Raises ExpressionError where the answer is known to be `can't be compared`."""
    wrong = TypesDiffer(f"{kind} {op} {literal!r} can't be compared")
    if op in ("=~", "!~", "contains", "not contains", "starts-with", "ends-with"):
        if kind in ("duration", "time", "count", "int"):
            raise wrong
        if op in ("=~", "!~"):
            _check_pattern(literal)
    elif op in ("=", "!="):
        _check_equality(kind, literal, wrong)
    else:
        _check_order(kind, literal, wrong)


def _check_pattern(literal):
    if not isinstance(literal, str):
        raise TypesDiffer("a pattern is a text")
    try:
        re.compile(literal, re.A)
    except re.error as problem:
        raise TypesDiffer(f"pattern: {problem}") from problem


def _is_number(literal):
    return isinstance(literal, (int, float)) and not isinstance(literal, (bool, Duration))


def _check_equality(kind, literal, wrong):
    text = isinstance(literal, str)
    if kind in ("kind", "status", "type"):
        allowed = text and literal in {"kind": KINDS, "status": STATUSES, "type": TYPES}[kind]
    elif kind == "duration":
        allowed = isinstance(literal, Duration) or text and _is_canonical_duration(literal)
    elif kind == "time":
        allowed = isinstance(literal, Duration)
    elif kind in ("count", "int"):
        allowed = _is_number(literal) or text and is_canonical_number(literal)
    else:
        allowed = True
    if not allowed:
        raise wrong


def _check_order(kind, literal, wrong):
    if isinstance(literal, bool) or isinstance(literal, str) and not is_canonical_number(literal):
        raise wrong
    if kind in ("kind", "status", "type"):
        raise wrong
    if isinstance(literal, Duration) != (kind in ("duration", "time")):
        raise wrong


def check_limit(kind, literal):
    """A threshold's limit is a number, or a duration where durations are measured."""
    if isinstance(literal, (bool, str)) or isinstance(literal, Duration) != (kind == "duration"):
        raise ExpressionError(f"{literal!r} is no {kind}")
