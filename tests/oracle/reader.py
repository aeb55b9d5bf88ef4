"""The tokens of the language, keys and values."""

import os
import re

from . import semconv
from .known_types import bare_value, variable_value
from .terms import OWN_FIELDS, PREFIXES, SPAN_FIELDS, ExpressionError, Key, Vocabulary

BLANKS = re.compile(r"\s*", re.A)
BARE_KEY = re.compile(r"[A-Za-z_./][A-Za-z0-9_./-]*")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
OPERATORS = re.compile(r"!=|!~|=~|<=|>=|=|<|>|(?:contains|exists|missing|in|starts-with|ends-with|not[ \t\r\n]+(?:in|contains))"
                        r"(?![A-Za-z0-9_./-])")
RELATION = re.compile(r"<<|->|[><~]")
VARIABLE = re.compile(r"(var|env):([A-Za-z0-9_.-]+)")
BARE_VALUE = re.compile(r"[-+A-Za-z0-9_./%]+")


class Reader:
    """A text that is read from left to right; whatever is wrong raises ExpressionError."""

    def __init__(self, text, names=()):
        words = Vocabulary.of(names)
        self.text, self.at, self.words_known, self.names, self.counts = text, 0, words, words.names, False

    # Tokens

    def blanks(self):
        start = self.at
        self.at = BLANKS.match(self.text, self.at).end()
        return self.at > start

    def fail(self, what):
        raise ExpressionError(f"{what} at {self.at} of {self.text!r}")

    def end(self):
        self.blanks()
        if self.at < len(self.text):
            self.fail("something is left")

    def looking_at(self, pattern):
        self.blanks()
        return re.compile(pattern).match(self.text, self.at)

    def take(self, mark):
        """Takes the mark where it comes next."""
        self.blanks()
        if self.text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def need(self, mark):
        if not self.take(mark):
            self.fail(f"expected {mark!r}")

    def match(self, pattern, what):
        found = pattern.match(self.text, self.at)
        if not found or not found.group():
            self.fail(f"expected {what}")
        self.at = found.end()
        return found.group()

    def quoted(self):
        mark = self.text[self.at]
        self.at += 1
        out = []
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char == mark:
                return "".join(out)
            if char == "\\" and self.at < len(self.text) and self.text[self.at] in "\\\"'nt":
                char = {"n": "\n", "t": "\t"}.get(self.text[self.at], self.text[self.at])
                self.at += 1
            out.append(char)
        return self.fail("unclosed text")

    def key_name(self):
        if self.text.startswith("`", self.at):
            close = self.text.find("`", self.at + 1)
            if close < 0 or close == self.at + 1:
                self.fail("unclosed or empty key")
            name, self.at = self.text[self.at + 1:close], close + 1
            return name, True
        return self.match(BARE_KEY, "a key"), False

    def key(self):
        self.blanks()
        found = re.compile(r"([a-z]+):").match(self.text, self.at)
        prefix = ""
        if found:
            prefix = found.group(1)
            if prefix not in PREFIXES:
                self.fail("no such prefix")
            self.at = found.end()
        name, quoted = self.key_name()
        if prefix == "span" and (quoted or name not in OWN_FIELDS + SPAN_FIELDS):
            self.fail("no such field of a span")
        own = prefix == "" and not quoted and name in OWN_FIELDS
        aliased = self.words_known.aliases and prefix in ("", "attr", "resource") and not own
        return Key(prefix, name, quoted, semconv.others(name) if aliased else ())

    def given_value(self):
        """var:NAME, env:NAME: (whether one is there, its value)"""
        found = VARIABLE.match(self.text, self.at)
        if not found:
            return False, None
        self.at = found.end()
        kind, name = found.groups()
        if kind == "env":
            if name not in os.environ:
                self.fail("not in the environment")
            return True, variable_value(os.environ[name])
        if name not in self.words_known.variables:
            self.fail("no such variable")
        return True, self.words_known.variables[name]

    def literal(self):
        self.blanks()
        given, value = self.given_value()
        if given:
            pass
        elif self.text[self.at:self.at + 1] in ("'", '"'):
            value = self.quoted()
        else:
            value = bare_value(self.match(BARE_VALUE, "a value"))
        if self.text[self.at:self.at + 1] not in ("", " ", "\t", "\n", "\r", ",", "]", ")"):
            self.fail("expected a blank")
        return value

    # Filters and selectors
