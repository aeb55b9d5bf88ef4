"""JSON in expressions: texts that are read as JSON, paths, subset match (docs/language.md, "Functions", "Comparing values")."""

import json

from . import json_paths
from .values import KeyValues


class NoJson(Exception):
    """The text is none, or the value has no inside."""


def _no_constant(word):
    raise ValueError(word)


def _whole(text):
    value = int(text)
    return value if -2**63 <= value < 2**63 else float(text)


def _depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


def read(text):
    """The value of a text; null is None. Raises NoJson."""
    try:
        value = json.loads(text, parse_int=_whole, parse_constant=_no_constant, object_pairs_hook=KeyValues)
    except (ValueError, RecursionError):
        raise NoJson from None
    if _depth(value) > 32:
        raise NoJson
    return value


def as_json(value):
    """A text as JSON, anything else as it is."""
    return read(value) if isinstance(value, str) else value


def path(value, text):
    """What a path finds: None where nothing, an array where several. Raises NoJson."""
    return json_paths.find(as_json(value), text)


def holds(left, right):
    """Whether what is on the right is in what is on the left."""
    if isinstance(right, dict):
        return isinstance(left, dict) and all(holds(left.get(name), item) for name, item in right.items())
    if isinstance(right, list):
        return isinstance(left, list) and all(any(holds(item, wanted) for item in left) for wanted in right)
    numbers = [isinstance(one, (int, float)) and not isinstance(one, bool) and type(one) in (int, float) for one in (left, right)]
    if all(numbers):
        return left == right
    return type(left) is type(right) and left == right
