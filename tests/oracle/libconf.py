"""A reader of the part of libconfig's format that suites use.

Groups become dicts, lists and arrays Python lists, strings str, integers int, floats float, booleans bool.
"""

import re


class ConfSyntaxError(Exception):
    """The text is no configuration of the subset."""


_TOKEN = re.compile(r"""
    (?P<blank>[ \t\r\n\f]+|\#[^\n]*|//[^\n]*|/\*.*?\*/)
  | (?P<float>[-+]?(?:\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+))
  | (?P<hex>0[xX][0-9A-Fa-f]+L{0,2})
  | (?P<int>[-+]?\d+L{0,2})
  | (?P<word>[A-Za-z*][-A-Za-z0-9_*]*)
  | (?P<quote>")
  | (?P<mark>[=:;,{}()\[\]])
""", re.X | re.S)

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "a": "\a", "b": "\b", "v": "\v", "\\": "\\", '"': '"'}


def parse(text):
    """Gives the configuration's top group as a dict; raises ConfSyntaxError."""
    reader = _Reader(_tokens(text))
    group = reader.settings(end=None)
    return group


def _tokens(text):
    tokens, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise ConfSyntaxError(f"unexpected character at {at}: {text[at:at + 20]!r}")
        kind, at = found.lastgroup, found.end()
        if kind == "quote":
            value, at = _string(text, at)
            tokens.append(("string", value))
        elif kind != "blank":
            tokens.append((kind, found.group()))
    return tokens


def _string(text, at):
    out = []
    while at < len(text):
        char = text[at]
        if char == '"':
            return "".join(out), at + 1
        if char == "\\" and at + 1 < len(text):
            follower = text[at + 1]
            if follower in _ESCAPES:
                out.append(_ESCAPES[follower])
                at += 2
                continue
            if follower == "x" and re.match(r"[0-9A-Fa-f]{2}", text[at + 2:at + 4]):
                out.append(chr(int(text[at + 2:at + 4], 16)))
                at += 4
                continue
        out.append(char)
        at += 1
    raise ConfSyntaxError("unclosed string")


class _Reader:
    def __init__(self, tokens):
        self.tokens = tokens
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, None)

    def take(self):
        token = self.peek()
        self.at += 1
        return token

    def expect(self, marks):
        kind, value = self.take()
        if kind != "mark" or value not in marks:
            raise ConfSyntaxError(f"expected one of {marks}, got {value!r}")

    def settings(self, end):
        group = {}
        while True:
            kind, name = self.take()
            if (kind, name) == (("mark", end) if end else (None, None)):
                return group
            if kind != "word":
                raise ConfSyntaxError(f"expected a name, got {name!r}")
            self.expect("=:")
            if name in group:
                raise ConfSyntaxError(f"{name} is there twice")
            group[name] = self.value()
            if self.peek() in (("mark", ";"), ("mark", ",")):
                self.take()

    def value(self):
        kind, value = self.take()
        if kind == "string":
            while self.peek()[0] == "string":
                value += self.take()[1]
            return value
        if kind == "int":
            return int(value.rstrip("L"))
        if kind == "hex":
            return int(value.rstrip("L"), 16)
        if kind == "float":
            return float(value)
        if kind == "word" and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if (kind, value) == ("mark", "{"):
            return self.settings("}")
        if kind == "mark" and value in "([":
            return self.items({"(": ")", "[": "]"}[value])
        raise ConfSyntaxError(f"expected a value, got {value!r}")

    def items(self, end):
        items = []
        if self.peek() == ("mark", end):
            self.take()
            return items
        while True:
            items.append(self.value())
            kind, value = self.take()
            if (kind, value) == ("mark", end):
                return items
            if (kind, value) != ("mark", ","):
                raise ConfSyntaxError(f"expected , or {end}, got {value!r}")


def quote(text):
    """The text as a libconfig string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def dump(value, indent=0):
    """A value as libconfig text: what `parse` reads back."""
    pad = "  " * indent
    if isinstance(value, dict):
        lines = [f"{pad}  {key} = {dump(item, indent + 1)};\n" for key, item in value.items()]
        return "{\n" + "".join(lines) + pad + "}"
    if isinstance(value, (list, tuple)):
        return "( " + ", ".join(dump(item, indent + 1) for item in value) + " )"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return quote(value)


def dump_file(config):
    """A whole configuration (a dict) as text."""
    return "".join(f"{key} = {dump(value)};\n" for key, value in config.items())
