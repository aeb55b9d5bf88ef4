"""Arithmetic and functions of expressions (docs/language.md, "Arithmetic", "Functions"). What is missing is None."""

import math
import re

from . import json_values, values
from .values import Duration, KeyValues, Time


class Uncomputable(Exception):
    """The value can't be computed."""


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


def binary(sign, a, b):
    """LEFT sign RIGHT; durations and times have 128 bits."""
    made = _binary(sign, a, b)
    if isinstance(made, (Duration, Time)) and not -2**127 <= int(made) < 2**127:
        raise Uncomputable
    return made


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
    from .known_types import NUMBER
    if _kind(value) in ("int", "double"):
        return value
    if not isinstance(value, str) or not NUMBER.match(value):
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


def negative(value):
    """The sign."""
    if _kind(value) not in ("int", "double", "duration"):
        raise Uncomputable
    return Duration(-int(value)) if isinstance(value, Duration) else _int(-value) if isinstance(value, int) else -value


def _whole(value, rounded):
    if _kind(value) not in ("int", "double"):
        raise Uncomputable
    return value if isinstance(value, int) else float(rounded(_double(value)))


def _half_away(value):
    whole = math.floor(abs(value))
    whole += abs(value) - whole >= 0.5
    return -whole if value < 0 else whole


def _to_duration(value):
    from .known_types import DURATION, bare_value
    from .terms import ExpressionError
    if isinstance(value, Duration):
        return value
    if not DURATION.match(_need_text(value)):
        raise Uncomputable
    try:
        return bare_value(value)
    except ExpressionError:
        raise Uncomputable from None


def _get_index(array, number):
    if not isinstance(array, list):
        raise Uncomputable
    number = -1 if number == "last" else number
    if _kind(number) != "int":
        raise Uncomputable
    return array[number] if -len(array) <= number < len(array) else None


def _json(value):
    try:
        return json_values.as_json(value)
    except json_values.NoJson:
        raise Uncomputable from None


def _json_path(value, path):
    try:
        return json_values.path(value, path)
    except json_values.NoJson:
        raise Uncomputable from None


def _characters(value):
    _length(_need_text(value))
    return value


def _searched(value, pattern):
    return re.search(pattern, _characters(value), re.A)


def _regex(value, pattern):
    found = _searched(value, pattern)
    return found and found.group()


def _regex_group(value, pattern, number=None):
    found = _searched(value, pattern)
    if not found:
        return None
    if number is None:
        return list(found.groups())
    if _kind(number) != "int" or number < 0:
        raise Uncomputable
    return found.group(number) if number <= found.re.groups else None


def _replace(value, old, new):
    if not _need_text(old):
        raise Uncomputable
    return _need_text(value).replace(old, _need_text(new))


def _split(value, separator):
    if not _need_text(separator):
        raise Uncomputable
    return _need_text(value).split(separator)


def _substring(value, begin, length=None):
    _characters(value)
    if any(_kind(one) != "int" for one in (begin, length) if one is not None) or length is not None and length < 0:
        raise Uncomputable
    begin += len(value) if begin < 0 else 0
    end = len(value) if length is None else begin + length
    return value[max(0, begin):max(0, end)]


CALLS = {"abs": _abs, "concat": lambda *found: "".join(map(_text, found)), "int": _to_int, "length": _length,
          "lower": lambda value: _case(value, False), "upper": lambda value: _case(value, True), "number": _to_number, "text": _text,
          "trim": lambda value: _need_text(value).strip(" \t\r\n"), "type": _kind,
          "max": lambda *found: _extreme(max, found), "min": lambda *found: _extreme(min, found),
         "ceil": lambda value: _whole(value, math.ceil), "floor": lambda value: _whole(value, math.floor),
         "round": lambda value: _whole(value, _half_away), "duration": _to_duration, "get_index": _get_index, "json": _json,
         "json_path": _json_path, "regex": _regex, "regex_group": _regex_group, "replace": _replace, "split": _split,
         "substring": _substring}
FUNCTIONS = {"coalesce": (1, 99), "concat": (1, 99), "max": (2, 99), "min": (2, 99), "get_index": (2, 2), "json_path": (2, 2), "regex": (2, 2),
             "regex_group": (2, 3), "replace": (3, 3), "split": (2, 2), "substring": (2, 3)}  # how many arguments; the others have one
