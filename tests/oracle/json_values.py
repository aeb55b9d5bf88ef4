"""JSON in expressions: texts that are read as JSON, paths, subset match (docs/language.md, "Functions", "Comparing values")."""

import json
import re

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


_PART = re.compile(r"""\.\.(?P<deep>[A-Za-z0-9_-]+)|\.(?P<all>\*)|\.(?P<name>[A-Za-z0-9_-]+)|\['(?P<quoted>[^']*)'\]"""
                   r"""|\[(?P<every>\*)\]|\[(?P<index>-?[0-9]+)\]|\[(?P<low>-?[0-9]*):(?P<high>-?[0-9]*)\]""")


def path_parts(path):
    """The parts of a path; raises NoJson."""
    if not path.startswith("$"):
        raise NoJson
    at, parts = 1, []
    while at < len(path):
        found = _PART.match(path, at)
        if not found:
            raise NoJson
        parts.append((found.lastgroup if found.lastgroup != "high" else "slice", found))
        at = found.end()
    return parts


def _members(value):
    return list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else []


def _deep(value, name):
    found = [value[name]] if isinstance(value, dict) and name in value else []
    for inner in _members(value):
        found += _deep(inner, name)
    return found


def _step(value, kind, found):
    if kind in ("name", "quoted"):
        name = found.group(kind)
        return [value[name]] if isinstance(value, dict) and name in value else []
    if kind == "deep":
        return _deep(value, found.group("deep"))
    if kind == "all" or kind == "every":
        return _members(value)
    if not isinstance(value, list):
        return []
    if kind == "index":
        number = int(found.group("index"))
        return [value[number]] if -len(value) <= number < len(value) else []
    low, high = found.group("low"), found.group("high")
    return value[int(low) if low else None:int(high) if high else None]


def path(value, text):
    """What a path finds: None where nothing, an array where several. Raises NoJson."""
    value = as_json(value)
    nodes = [value]
    for kind, found in path_parts(text):
        nodes = [one for node in nodes for one in _step(node, kind, found)]
    return None if not nodes else nodes[0] if len(nodes) == 1 else nodes


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
