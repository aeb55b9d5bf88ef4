"""JSON paths (docs/language.md, "JSON paths"): read into segments, and what they find; nulls are values within filters only."""

import json
import re

NOTHING = object()


class BadPath(Exception):
    """The text is no path."""


class _Reader:
    def __init__(self, text):
        self.text, self.at = text, 0

    def blanks(self):
        self.at = re.compile(r"[ \t\r\n]*").match(self.text, self.at).end()

    def take(self, sign):
        there = self.text.startswith(sign, self.at)
        self.at += len(sign) if there else 0
        return there

    def match(self, pattern):
        found = re.compile(pattern).match(self.text, self.at) or self.fail()
        self.at = found.end()
        return found

    def need(self, sign):
        return self.take(sign) or self.fail()

    def fail(self):
        raise BadPath(self.text, self.at)

    def quoted(self):
        mark = self.text[self.at]
        inner = self.match(mark + r"((?:\\.|[^\\" + mark + r"])*)" + mark).group(1)
        if "\\" not in inner:
            return inner
        if mark == "'":
            inner = re.sub(r'\\.|"', lambda found: {"\\'": "'", '"': '\\"'}.get(found.group(), found.group()), inner, flags=re.S)
        try:
            return json.loads('"' + inner + '"')
        except ValueError:
            return self.fail()

    def segments(self):
        found = []
        while True:
            before = self.at
            self.blanks()
            if not self.text.startswith((".", "["), self.at):
                self.at = before
                return found
            deep = self.take("..")
            if self.take("["):
                found.append((deep, self.bracket()))
            else:
                if not deep:
                    self.need(".")
                found.append((deep, [("all",) if self.take("*") else ("name", self.match(r"[A-Za-z0-9_\x80-\U0010ffff-]+").group())]))

    def bracket(self):
        found = []
        while not found or self.take(","):
            self.blanks()
            found.append(self.selector())
            self.blanks()
        self.need("]")
        return found

    def selector(self):
        if self.text.startswith(("'", '"'), self.at):
            return "name", self.quoted()
        if self.take("*"):
            return ("all",)
        if self.take("?"):
            self.blanks()
            return "filter", self.either()
        numbers = self.match(r"(-?\d+)?(?:\s*(:)\s*(-?\d+)?(?:\s*:\s*(-?\d+)?)?)?").groups()
        first, colon, end, step = numbers
        if not colon:
            return ("index", int(first)) if first else self.fail()
        return "slice", *(int(one) if one else None for one in (first, end, step))

    # Filters

    def joined(self, sign, one):
        parts = [one()]
        while True:
            before = self.at
            self.blanks()
            if not self.take(sign):
                self.at = before
                return (sign, parts) if len(parts) > 1 else parts[0]
            self.blanks()
            parts.append(one())

    def either(self):
        return self.joined("||", lambda: self.joined("&&", self.basic))

    def group(self):
        self.blanks()
        inner = self.either()
        self.blanks()
        self.need(")")
        return inner

    def basic(self):
        if self.take("("):
            return self.group()
        if self.take("!"):
            self.blanks()
            if self.looking_at_call():
                test = self.call()
                return ("!", test) if test[0] in ("match", "search") else self.fail()
            return "!", self.group() if self.take("(") else ("there", self.side(False))
        left = self.side()
        before = self.at
        self.blanks()
        found = re.compile(r"==|!=|<=|>=|<|>").match(self.text, self.at)
        if not found and left[0] in ("match", "search"):
            self.at = before
            return left
        if not found and left[0] == "path" and not self.text.startswith("=", self.at):
            self.at = before
            return "there", left
        op = self.match(r"==|!=|<=|>=|<|>").group()
        self.blanks()
        right = self.side()
        self.need_value(left)
        self.need_value(right)
        return op, left, right

    def need_value(self, side):
        """One value at most."""
        if side[0] in ("match", "search"):
            self.fail()
        if side[0] == "path" and any(deep or len(selectors) > 1 or selectors[0][0] not in ("name", "index") for deep, selectors in side[2]):
            self.fail()

    def looking_at_call(self):
        return re.compile(r"[A-Za-z0-9_]+\(").match(self.text, self.at)

    def call(self):
        """(name, argument, pattern or None)"""
        name = self.match(r"[A-Za-z0-9_]+").group()
        if name not in ("length", "count", "value", "match", "search"):
            self.fail()
        self.need("(")
        self.blanks()
        of, pattern = self.side(name not in ("count", "value")), None
        if name not in ("count", "value"):
            self.need_value(of)
        self.blanks()
        if name in ("match", "search"):
            self.need(",")
            self.blanks()
            pattern = self.pattern()
            self.blanks()
        self.need(")")
        return name, of, pattern

    def pattern(self):
        mark = self.match("['\"]").group()
        inner = self.match(r"((?:\\.|[^\\" + mark + r"])*)" + mark).group(1)
        inner = re.sub(r"\\([\\'\"])", r"\1", inner)
        parts = re.findall(r"\\.|\[[^]]*\]|.", inner, re.S)
        try:
            return re.compile("".join("[^\n\r]" if part == "." else part for part in parts))
        except re.error:
            return self.fail()

    def side(self, literals=True):
        if literals and self.looking_at_call():
            return self.call()
        if self.text.startswith(("@", "$"), self.at):
            self.at += 1
            return "path", self.text[self.at - 1] == "@", self.segments()
        if not literals:
            self.fail()
        if self.text.startswith(("'", '"'), self.at):
            return "literal", self.quoted()
        word = self.match(r"true|false|null|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9.eE+-])").group()
        if word in ("true", "false", "null"):
            return "literal", {"true": True, "false": False, "null": None}[word]
        whole = re.fullmatch(r"-?[0-9]+", word) and -2**63 <= int(word) < 2**63
        return "literal", int(word) if whole else float(word)


def read(text):
    """The segments of a path; raises BadPath."""
    reader = _Reader(text)
    reader.need("$")
    found = reader.segments()
    if reader.at != len(text):
        reader.fail()
    return found


def _inner(value):
    return list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else []


def _kind(value):
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return "number" if number else "map" if isinstance(value, dict) else type(value).__name__


def _same(left, right):
    if _kind(left) != _kind(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(left[name], right[name]) for name in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return left == right


def _less(left, right):
    kind = _kind(left)
    if kind != _kind(right) or kind not in ("number", "str"):
        return False
    return left < right if kind == "number" else left.encode("utf-8", "surrogatepass") < right.encode("utf-8", "surrogatepass")


def _call(call, here, root):
    """What a function gives: a value or nothing, or true or false."""
    name, of, pattern = call
    if name in ("count", "value"):
        found = _walk(of[2], here if of[1] else root, root)
        return len(found) if name == "count" else found[0] if len(found) == 1 else NOTHING
    of = _side(of, here, root)
    if name == "length":
        return len(of) if isinstance(of, (str, list, dict)) else NOTHING
    return isinstance(of, str) and bool(pattern.fullmatch(of) if name == "match" else pattern.search(of))


def _side(side, here, root):
    if side[0] == "literal":
        return side[1]
    if side[0] != "path":
        return _call(side, here, root)
    found = _walk(side[2], here if side[1] else root, root)
    return found[0] if found else NOTHING


def _passes(test, here, root):
    kind = test[0]
    if kind == "||":
        return any(_passes(one, here, root) for one in test[1])
    if kind == "&&":
        return all(_passes(one, here, root) for one in test[1])
    if kind == "!":
        return not _passes(test[1], here, root)
    if kind in ("match", "search"):
        return _call(test, here, root)
    if kind == "there":
        return bool(_walk(test[1][2], here if test[1][1] else root, root))
    left, right = (_side(side, here, root) for side in test[1:])
    both = left is not NOTHING and right is not NOTHING
    equal = _same(left, right) if both else left is right
    return {"==": equal, "!=": not equal, "<": both and _less(left, right), ">": both and _less(right, left),
            "<=": equal or both and _less(left, right), ">=": equal or both and _less(right, left)}[kind]


def _select(selector, value, root):
    kind = selector[0]
    if kind == "name":
        return [value[selector[1]]] if isinstance(value, dict) and selector[1] in value else []
    if kind == "all":
        return _inner(value)
    if kind == "filter":
        return [one for one in _inner(value) if _passes(selector[1], one, root)]
    if not isinstance(value, list):
        return []
    if kind == "index":
        return [value[selector[1]]] if -len(value) <= selector[1] < len(value) else []
    return value[slice(*selector[1:])] if selector[3] != 0 else []


def _apply(segment, value, root):
    deep, selectors = segment
    found = [one for selector in selectors for one in _select(selector, value, root)]
    for inner in _inner(value) if deep else ():
        found += _apply(segment, inner, root)
    return found


def _walk(segments, value, root):
    nodes = [value]
    for segment in segments:
        nodes = [one for node in nodes for one in _apply(segment, node, root)]
    return nodes


def find(value, text):
    """What a path finds: None where nothing, an array where several. Raises BadPath."""
    found = [one for one in _walk(read(text), value, value) if one is not None]
    return None if not found else found[0] if len(found) == 1 else found
