"""Typed values and how they compare (section 2 of the semantics).

An int is an int64, a float a double, a str a text, bytes bytes, a list an array, a KeyValues a key-value list, None
is missing. A bool is a bool: Python would take it for an int, so every test here asks for bool first. Times and
durations are nanoseconds in types of their own.
"""

import base64
import math
import re
import struct
from decimal import Decimal


class Duration(int):
    """Nanoseconds, signed."""


class Time(int):
    """Nanoseconds since the epoch."""


class KeyValues(dict):
    """A key-value list, last key wins."""


class Enum(str):
    """The text of a kind or a status."""


CANONICAL_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?\Z", re.A)

# Outcomes of a test. UNKNOWN: the key may have been dropped; CLOCK: the span ends before it starts.
TRUE, FALSE, INCOMPARABLE, UNKNOWN, CLOCK = "true", "false", "incomparable", "unknown", "clock"


def is_canonical_number(text):
    """Whether a text may stand in `<`."""
    return text != "-0" and CANONICAL_NUMBER.match(text) is not None


def canonical(value):
    """The canonical text of an int, double, bool or duration."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Duration):
        for unit, size in (("s", 10**9), ("ms", 10**6), ("us", 10**3)):
            if value % size == 0:
                return f"{int(value) // size}{unit}"
        return f"{int(value)}ns"
    if isinstance(value, int):
        return str(int(value))
    return _canonical_double(value)


def _canonical_double(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    digits = "".join(map(str, digits)).rstrip("0")
    exponent += len(Decimal(repr(value)).as_tuple().digits) - len(digits)
    minus = "-" if sign else ""
    if 1e-7 <= abs(value) < 1e21:
        return minus + _plain(digits, exponent)
    power = exponent + len(digits) - 1
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{minus}{mantissa}e{'+' if power > 0 else '-'}{abs(power)}"


def _plain(digits, exponent):
    if exponent >= 0:
        return digits + "0" * exponent
    point = len(digits) + exponent
    if point > 0:
        return digits[:point] + "." + digits[point:]
    return "0." + "0" * -point + digits


def as_number(value):
    """The number that a value is in `<`, or None. Texts count where they are canonical."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (Duration, Time)):
        return None
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str) and is_canonical_number(value):
        return float(value) if "." in value else int(value)
    return None


def _answer(flag):
    return TRUE if flag else FALSE


def _is_nan(value):
    return isinstance(value, float) and math.isnan(value)


def equal(value, literal):
    """TRUE, FALSE or INCOMPARABLE for `value = literal`. NaN is up to the caller."""
    if isinstance(value, (bytes, list, KeyValues)):
        return INCOMPARABLE
    if isinstance(value, str) and isinstance(literal, str):
        return _answer(value == literal)
    if isinstance(value, str):
        return _answer(value == canonical(literal))
    if isinstance(literal, str):
        return INCOMPARABLE if isinstance(value, Time) else _answer(canonical(value) == literal)
    if isinstance(value, bool) or isinstance(literal, bool):
        both = isinstance(value, bool) and isinstance(literal, bool)
        return _answer(value == literal) if both else INCOMPARABLE
    timed = isinstance(value, (Duration, Time)), isinstance(literal, (Duration, Time))
    if timed[0] != timed[1]:
        return INCOMPARABLE
    return _answer(value == literal)


_ORDER = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}


def _ordered(value, op, literal):
    if isinstance(value, (Duration, Time)) and isinstance(literal, (Duration, Time)):
        return _answer(_ORDER[op](int(value), int(literal)))
    left, right = as_number(value), as_number(literal)
    if left is None or right is None:
        return INCOMPARABLE
    return _answer(_ORDER[op](left, right))


def _contains(value, literal):
    if isinstance(value, str):
        return _answer((literal if isinstance(literal, str) else canonical(literal)) in value)
    if isinstance(value, list):
        return _answer(any(item is not None and not _is_nan(item) and equal(item, literal) == TRUE for item in value))
    return INCOMPARABLE


def _is_in(value, literals):
    """TRUE where one is equal; else INCOMPARABLE where one can't be compared."""
    outcomes = {equal(value, literal) for literal in literals}
    return TRUE if TRUE in outcomes else INCOMPARABLE if INCOMPARABLE in outcomes else FALSE


def _at_end(value, op, literal):
    text = literal if isinstance(literal, str) else canonical(literal)
    if not isinstance(value, str):
        return INCOMPARABLE
    return _answer(value.startswith(text) if op == "starts-with" else value.endswith(text))


def _matches(value, pattern):
    if not isinstance(value, str) or any(0xD800 <= ord(char) <= 0xDFFF for char in value):
        return INCOMPARABLE
    return _answer(re.search(pattern, value, re.A) is not None)


def opposite(outcome):
    """The outcome of `not`."""
    return {TRUE: FALSE, FALSE: TRUE}.get(outcome, outcome)


def compare(value, op, literal):
    """TRUE, FALSE or INCOMPARABLE for a value that is there."""
    if _is_nan(value):
        return FALSE if op in ("=", "!=", "<", "<=", ">", ">=", "in", "not in") else INCOMPARABLE
    if op == "=":
        return equal(value, literal)
    if op == "!=":
        return opposite(equal(value, literal))
    if op in _ORDER:
        return _ordered(value, op, literal)
    if op == "contains":
        return _contains(value, literal)
    if op == "not contains":
        return opposite(_contains(value, literal))
    if op == "in":
        return _is_in(value, literal)
    if op == "not in":
        return opposite(_is_in(value, literal))
    if op in ("starts-with", "ends-with"):
        return _at_end(value, op, literal)
    if op == "=~":
        return _matches(value, literal)
    if op == "!~":
        return opposite(_matches(value, literal))
    raise ValueError(op)


def content(value):
    """A value as something hashable that tells types and bits apart."""
    if isinstance(value, bool) or value is None:
        return ("const", value)
    if isinstance(value, float):
        return ("double", struct.pack("<d", value))
    if isinstance(value, list):
        return ("array", tuple(content(item) for item in value))
    if isinstance(value, dict):
        return ("kv", frozenset((key, content(item)) for key, item in value.items()))
    return (type(value).__name__, value)


def to_json(value):
    """A value as it stands in a report's `expected` and `actual`."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) <= 2**53 else str(int(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else canonical(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, tuple):
        return [canonical(item) if isinstance(item, Duration) else to_json(item) for item in value]
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    return str(value)
