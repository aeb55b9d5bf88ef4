"""Expressions on both sides of a comparison, and comparisons that are joined (docs/language.md, "Expressions"): text to trees, and what
they give. Written from that page alone; of its functions those that read no JSON and no pattern.

A tree is a tuple: ("lit", value), ("key", Key), ("name", name, Key), ("injection", Key), ("count", name), ("neg", x),
("sum"|"product", sign, x, y), ("call", function, [x, …]); comparisons ("compare", op, x, y), ("in", op, x, [y, …]),
("exists"|"missing", x), ("and"|"or", [c, …]), ("not", c).
"""

import math

from . import values
from .values import CLOCK, FALSE, INCOMPARABLE, TRUE, UNKNOWN, Duration, KeyValues, Time

FUNCTIONS = {"abs": 1, "coalesce": None, "concat": None, "int": 1, "length": 1, "lower": 1, "max": None, "min": None, "number": 1,
             "text": 1, "trim": 1, "type": 1, "upper": 1}


class Missing(Exception):
    """The value is not there; `unknown`: it may have been dropped."""

    def __init__(self, unknown):
        super().__init__()
        self.unknown = unknown


class Uncomputable(Exception):
    """The value can't be computed."""


class Backwards(Exception):
    """It reads times of a span that ends before it starts."""


# --- what stands in a tree ---

def leaves(tree):
    """All keys, names, counts and the record that a tree reads."""
    if isinstance(tree, list):
        for one in tree:
            yield from leaves(one)
    elif isinstance(tree, tuple):
        if tree[0] in ("key", "name", "injection", "count"):
            yield tree
        else:
            for one in tree[1:]:
                yield from leaves(one)


# --- values ---

def _kind(value):
    if isinstance(value, bool):
        return "bool"
    for kind, types in (("duration", Duration), ("time", Time), ("int", int), ("double", float), ("text", str), ("bytes", bytes),
                        ("array", list), ("map", KeyValues)):
        if isinstance(value, types):
            return kind
    raise ValueError(value)


def _int(value):
    if not -2**63 <= value < 2**63:
        raise Uncomputable
    return value


def _double(value):
    if math.isinf(value) or math.isnan(value):
        raise Uncomputable
    return value


def _toward_zero(a, b):
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _scaled(nanoseconds, factor):
    value = float(nanoseconds) * factor
    if math.isinf(value) or math.isnan(value):
        raise Uncomputable
    return Duration(int(value))


def _binary(sign, a, b):
    kinds = _kind(a), _kind(b)
    if kinds == ("int", "int") and sign != "/":
        if sign == "%":
            if b == 0:
                raise Uncomputable
            return _int(a - b * _toward_zero(a, b))
        return _int({"+": a + b, "-": a - b, "*": a * b}[sign])
    if set(kinds) <= {"int", "double"}:
        if sign == "%" or sign == "/" and b == 0:
            raise Uncomputable
        x, y = float(a), float(b)
        try:
            return _double({"+": x + y, "-": x - y, "*": x * y, "/": None}[sign] if sign != "/" else x / y)
        except OverflowError:
            raise Uncomputable from None
    if kinds == ("duration", "duration"):
        if sign in "+-":
            return Duration(a + b if sign == "+" else int(a) - int(b))
        if sign == "/" and b != 0:
            return _double(int(a) / int(b))
    if kinds == ("time", "time") and sign == "-":
        return Duration(int(a) - int(b))
    if kinds == ("time", "duration") and sign in "+-":
        return Time(int(a) + int(b) if sign == "+" else int(a) - int(b))
    if kinds == ("duration", "time") and sign == "+":
        return Time(int(a) + int(b))
    if sign == "*" and kinds[0] in ("int", "double") and kinds[1] == "duration":
        a, b, kinds = b, a, (kinds[1], kinds[0])
    if kinds[0] == "duration" and kinds[1] in ("int", "double") and sign in "*/":
        if sign == "/" and b == 0:
            raise Uncomputable
        if kinds[1] == "int":
            return Duration(int(a) * b if sign == "*" else _toward_zero(int(a), b) if a else 0)
        return _scaled(a, b) if sign == "*" else _scaled_by(a, b)
    raise Uncomputable


def _scaled_by(nanoseconds, divisor):
    value = float(nanoseconds) / divisor
    if math.isinf(value) or math.isnan(value):
        raise Uncomputable
    return Duration(int(value))


def _text(value):
    if _kind(value) in ("bytes", "array", "map", "time"):
        raise Uncomputable
    return value if isinstance(value, str) else values.canonical(value)


def _need_text(value):
    if not isinstance(value, str):
        raise Uncomputable
    return value


def _extreme(pick, arguments):
    kinds = {_kind(value) for value in arguments}
    if not (kinds <= {"int", "double"} or kinds in ({"duration"}, {"time"})) or any(value != value for value in arguments):
        raise Uncomputable
    return pick(arguments)


def _to_int(value):
    kind = _kind(value)
    if kind == "text":
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()):
            raise Uncomputable
        return _int(int(value))
    if kind == "double":
        return _int(int(_double(value)))
    if kind in ("int", "duration", "time"):
        return _int(int(value))
    raise Uncomputable


def _to_number(value):
    from .language import _NUMBER
    if _kind(value) in ("int", "double"):
        return value
    if not isinstance(value, str) or not _NUMBER.match(value):
        raise Uncomputable
    return _double(float(value)) if "." in value or "e" in value else _int(int(value))


def _length(value):
    if isinstance(value, str) and any(0xD800 <= ord(char) <= 0xDFFF for char in value) or not isinstance(
            value, (str, bytes, list, KeyValues)):
        raise Uncomputable
    return len(value)


def _abs(value):
    if _kind(value) not in ("int", "double", "duration"):
        raise Uncomputable
    return Duration(abs(int(value))) if isinstance(value, Duration) else _int(abs(value)) if isinstance(value, int) else abs(value)


def _case(value, upper):
    table = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ") if upper else str.maketrans(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
    return _need_text(value).translate(table)


_CALLS = {"abs": _abs, "concat": lambda *found: "".join(map(_text, found)), "int": _to_int, "length": _length,
          "lower": lambda value: _case(value, False), "upper": lambda value: _case(value, True), "number": _to_number, "text": _text,
          "trim": lambda value: _need_text(value).strip(" \t\r\n"), "type": _kind,
          "max": lambda *found: _extreme(max, found), "min": lambda *found: _extreme(min, found)}


class Evaluation:
    """Of one tree. `read(leaf)` gives (values there, dropped) or raises Backwards."""

    def __init__(self, read):
        self.read = read

    def value(self, tree):
        """The value; raises Missing, Uncomputable, Backwards."""
        kind = tree[0]
        if kind == "lit":
            return tree[1]
        if kind in ("key", "name", "injection", "count"):
            found, dropped = self.read(tree)
            if not found:
                raise Missing(dropped)
            return found[0]
        if kind == "neg":
            value = self.value(tree[1])
            if _kind(value) not in ("int", "double", "duration"):
                raise Uncomputable
            return Duration(-int(value)) if isinstance(value, Duration) else _int(-value) if isinstance(value, int) else -value
        if kind == "call" and tree[1] == "coalesce":
            return self.coalesce(tree[2])
        parts = self.all_of(tree[2] if kind == "call" else [tree[2], tree[3]])
        return _CALLS[tree[1]](*parts) if kind == "call" else _binary(tree[1], *parts)

    def coalesce(self, parts):
        for part in parts[:-1]:
            try:
                return self.value(part)
            except Missing as missing:
                if missing.unknown:
                    raise
        return self.value(parts[-1])

    def all_of(self, trees):
        """Of several: a time that can't be known, then what is missing, then what can't be computed."""
        found, problems = [], []
        for tree in trees:
            try:
                found.append(self.value(tree))
            except (Missing, Uncomputable, Backwards) as problem:
                problems.append(problem)
        for kind in (Backwards, Missing, Uncomputable):
            of_kind = [problem for problem in problems if isinstance(problem, kind)]
            if of_kind:
                raise next((one for one in of_kind if kind is Missing and one.unknown), of_kind[0])
        return found

    def truth(self, tree):
        """TRUE, FALSE, INCOMPARABLE, UNKNOWN, CLOCK."""
        kind = tree[0]
        if kind == "not":
            return values.opposite(self.truth(tree[1]))
        if kind in ("and", "or"):
            outcomes = {self.truth(one) for one in tree[1]}
            order = (FALSE, UNKNOWN, CLOCK, INCOMPARABLE, TRUE) if kind == "and" else (TRUE, UNKNOWN, CLOCK, INCOMPARABLE, FALSE)
            return next(outcome for outcome in order if outcome in outcomes)
        try:
            if kind in ("exists", "missing"):
                try:
                    self.value(tree[1])
                    return TRUE if kind == "exists" else FALSE
                except Missing as missing:
                    return UNKNOWN if missing.unknown else FALSE if kind == "exists" else TRUE
            if kind == "in":
                left, *rights = self.all_of([tree[2], *tree[3]])
                return self.compare_in(tree[1], left, rights)
            left, right = self.all_of([tree[2], tree[3]])
            return compare(left, tree[1], right)
        except Missing as missing:
            return UNKNOWN if missing.unknown else FALSE
        except Uncomputable:
            return INCOMPARABLE
        except Backwards:
            return CLOCK

    @staticmethod
    def compare_in(op, left, rights):
        outcomes = {compare(left, "=", right) for right in rights}
        if left != left or any(isinstance(one, float) and one != one for one in rights) and TRUE not in outcomes:
            return FALSE
        outcome = TRUE if TRUE in outcomes else INCOMPARABLE if INCOMPARABLE in outcomes else FALSE
        return values.opposite(outcome) if op == "not in" else outcome


def compare(left, op, right):
    """Two values, each of any type."""
    if any(isinstance(one, float) and one != one for one in (left, right)) and op in ("=", "!=", "<", "<=", ">", ">="):
        return FALSE
    if isinstance(right, (bytes, list, KeyValues)):
        return INCOMPARABLE
    if isinstance(right, Time) and isinstance(left, str):
        return INCOMPARABLE
    return values.compare(left, op, right)
