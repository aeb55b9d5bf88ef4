"""Filters, selectors, conditions and threshold rules: text to trees (sections 2, 3, 4, 6).

Whatever is wrong with an expression raises ExpressionError, also what is known to be incomparable at load.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from .values import Duration, canonical, is_canonical_number

OWN_FIELDS = ("name", "kind", "status", "service", "duration", "start", "end")
KINDS = ("internal", "server", "client", "producer", "consumer")
STATUSES = ("unset", "ok", "error")
PREFIXES = ("attr", "resource", "scope", "event", "link", "span")
SPAN_FIELDS = ("type", "status_message", "id", "parent_id", "trace_state", "event_count", "link_count")
STATES = ("missing", "unexpected", "late", "duplicate", "pass", "fail", "error", "inconclusive")
INJECTION_STATES = STATES[:4]
UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


class ExpressionError(Exception):
    """A configuration error in an expression."""


@dataclass(frozen=True)
class Key:
    """`prefix` is '' without one; a quoted key never means an own field."""
    prefix: str
    name: str
    quoted: bool = False

    @property
    def own(self):
        """The own field that it names, or None."""
        return self.name if self.prefix in ("", "span") and not self.quoted and self.name in OWN_FIELDS else None


@dataclass(frozen=True)
class SpanOperand:
    """KEY of a selected span."""
    key: Key


@dataclass(frozen=True)
class NameOperand:
    """$x.KEY"""
    name: str
    key: Key


@dataclass(frozen=True)
class InjectionOperand:
    """$injection.KEY"""
    key: Key


@dataclass(frozen=True)
class CountOperand:
    """`count` (name is None) or `count($x)`."""
    name: str | None


@dataclass(frozen=True)
class DifferenceOperand:
    """`A - B`, both NameOperand or InjectionOperand of times."""
    left: object
    right: object


@dataclass(frozen=True)
class Test:
    """OPERAND op LITERAL, or `exists`, `missing` (literal None)."""
    operand: object
    op: str
    literal: object = None


@dataclass(frozen=True)
class Not:
    """not (FILTER)"""
    inner: object


@dataclass(frozen=True)
class NotAll:
    """not (FILTER FILTER …)"""
    inners: tuple


@dataclass(frozen=True)
class Step:
    """One span[…]: `relation` to the step before it (' ' descendant, > < << ~ ->, '' where there is none); `places` are
    ('root',), ('leaf',), ('has', ((relation, chain), …)); `pseudo` is (name, n) or None."""
    relation: str
    filters: tuple
    places: tuple
    pseudo: tuple | None

    @property
    def may_lose(self):
        """Whether a span that it has can be lost to one that comes later."""
        return self.pseudo is not None or any(
            place[0] in ("root", "leaf") or place[0] == "has" and any(step.may_lose for chain in place[1] for step in chain)
            for place in self.places)


@dataclass(frozen=True)
class Selector:
    """`parts` are alternatives, each a chain of steps."""
    parts: tuple

    @property
    def picks(self):
        """Whether something that may lose a span stands in it: a pseudo-class, :root, :leaf."""
        return any(step.may_lose for part in self.parts for step in part)


@dataclass(frozen=True)
class Condition:
    """`quantifier` is None for conditions that are not over the selected spans."""
    text: str
    quantifier: str | None
    test: object
    names: tuple = ()
    reads_injection: bool = False

    @property
    def operand(self):
        """The operand of the innermost test."""
        return innermost(self.test).operand


@dataclass(frozen=True)
class Rule:
    """A threshold. `aggregate` p avg min max over `operand`; count ratio over `state`."""
    text: str
    aggregate: str
    op: str
    literal: object
    percentile: Fraction | None = None
    operand: object = None
    state: str | None = None
    names: tuple = field(default=())

    @property
    def needs_injections(self):
        """Whether it is skipped where the campaign judges all traces."""
        if self.state:
            return self.state in INJECTION_STATES
        return isinstance(self.operand, DifferenceOperand) and any(
            isinstance(side, InjectionOperand) for side in (self.operand.left, self.operand.right))


def innermost(test):
    """The test below any `not`."""
    while isinstance(test, (Not, NotAll)):
        test = test.inner if isinstance(test, Not) else test.inners[0]
    return test


def parse_selector(text):
    """A whole text as a Selector."""
    parser = _Parser(text)
    selector = parser.selector()
    parser.end()
    return selector


def parse_condition(text, names, has_select):
    """A whole text as a Condition; `names` are the suite's named spans."""
    parser = _Parser(text, names)
    condition = parser.condition()
    parser.end()
    if not has_select and condition.quantifier is not None:
        raise ExpressionError("a condition on selected spans needs a select")
    return condition


def parse_when(text, names):
    """A `when`: a Selector, or a Condition over names or the injection."""
    if re.match(r"\s*span\s*\[", text):
        return parse_selector(text)
    return parse_condition(text, names, has_select=False)


def parse_rule(text, names):
    """A whole text as a threshold Rule."""
    parser = _Parser(text, names)
    rule = parser.rule()
    parser.end()
    return rule


_BLANKS = re.compile(r"\s*", re.A)
_BARE_KEY = re.compile(r"[A-Za-z_./][A-Za-z0-9_./-]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_OPERATORS = re.compile(r"!=|!~|=~|<=|>=|=|<|>|(?:contains|exists|missing|in|starts-with|ends-with|not[ \t\r\n]+(?:in|contains))"
                        r"(?![A-Za-z0-9_./-])")
_RELATION = re.compile(r"<<|->|[><~]")
_BARE_VALUE = re.compile(r"[-+A-Za-z0-9_./%]+")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?\Z")
_DURATION = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)(ns|us|ms|s|m|h)\Z")
_WORD = re.compile(r"[A-Za-z0-9_./][-A-Za-z0-9_./]*\Z")


def _number(text):
    if "." in text or "e" in text:
        return float(text)
    value = int(text)
    if not -2**63 <= value < 2**63:
        raise ExpressionError(f"{text} is out of range")
    return value


def bare_value(text):
    """The literal that an unquoted token is."""
    if _NUMBER.match(text):
        return _number(text)
    if text.endswith("%") and _NUMBER.match(text[:-1]):
        return float(Fraction(text[:-1]) / 100)
    found = _DURATION.match(text)
    if found:
        nanoseconds = Fraction(found.group(1)) * UNITS[found.group(2)]
        if nanoseconds.denominator != 1 or not -2**63 <= nanoseconds < 2**63:
            raise ExpressionError(f"{text} is no whole number of nanoseconds, or out of range")
        return Duration(nanoseconds)
    if text in ("true", "false"):
        return text == "true"
    if not _WORD.match(text):
        raise ExpressionError(f"what is {text!r}?")
    return text


class _Parser:
    def __init__(self, text, names=()):
        self.text, self.at, self.names = text, 0, names

    # Tokens

    def blanks(self):
        start = self.at
        self.at = _BLANKS.match(self.text, self.at).end()
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
        return self.match(_BARE_KEY, "a key"), False

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
        return Key(prefix, name, quoted)

    def literal(self):
        self.blanks()
        if self.text[self.at:self.at + 1] in ("'", '"'):
            value = self.quoted()
        else:
            value = bare_value(self.match(_BARE_VALUE, "a value"))
        if self.text[self.at:self.at + 1] not in ("", " ", "\t", "\n", "\r", ",", "]", ")"):
            self.fail("expected a blank")
        return value

    # Filters and selectors

    def comparison(self, operand):
        self.blanks()
        op = self.match(_OPERATORS, "an operator")
        if op in ("exists", "missing"):
            if isinstance(operand, (CountOperand, DifferenceOperand)):
                self.fail("always there")
            return Test(operand, op)
        op = " ".join(op.split())
        test = Test(operand, op, self.literals() if op in ("in", "not in") else self.literal())
        for literal in test.literal if op in ("in", "not in") else (test.literal,):
            check_types(_type_of(operand), {"in": "=", "not in": "!="}.get(op, op), literal)
        return test

    def literals(self):
        self.need("(")
        found = [self.literal()]
        while self.take(","):
            found.append(self.literal())
        self.need(")")
        if len(found) > 256:
            self.fail("more than 256 values")
        return tuple(found)

    def negated(self, inner):
        if not self.looking_at(r"not\s*\("):
            return None
        self.need("not")
        self.need("(")
        found = inner()
        self.need(")")
        return found

    def filter(self):
        if self.looking_at(r"not\s*\("):
            self.need("not")
            self.need("(")
            inners = self.filters(")")
            if not inners:
                self.fail("not() of nothing")
            return Not(inners[0]) if len(inners) == 1 else NotAll(inners)
        return self.comparison(SpanOperand(self.key()))

    def filters(self, close):
        filters = []
        while not self.take(close):
            if filters:
                if not self.take(",") and self.text[self.at - 1] not in " \t\r\n)":
                    self.fail("expected a blank or a comma")
            filters.append(self.filter())
        return tuple(filters)

    def step(self, relation, picks=True):
        if not self.looking_at(r"span\s*\["):
            self.fail("expected span[")
        self.need("span")
        self.need("[")
        filters, places, pseudo = self.filters("]"), [], None
        while pseudo is None and self.take(":"):
            self.blanks()
            word = self.match(re.compile(r"[a-z_]+"), "a pseudo-class")
            if word in ("root", "leaf"):
                places.append((word,))
            elif word == "has":
                places.append(("has", self.relatives()))
            elif picks:
                pseudo = self.pseudo(word)
            else:
                self.fail("nothing in :has() picks")
        return Step(relation, filters, tuple(places), pseudo)

    def relatives(self):
        self.need("(")
        chains = [self.chain(self.relation() or " ", picks=False)]
        while self.take(","):
            chains.append(self.chain(self.relation() or " ", picks=False))
        self.need(")")
        return tuple(chains)

    def relation(self):
        self.blanks()
        found = _RELATION.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found and found.group()

    def pseudo(self, word):
        if word in ("first", "last"):
            return word, 0
        if word != "nth_child":
            self.fail("no such pseudo-class")
        self.need("(")
        self.blanks()
        number = int(self.match(re.compile(r"[0-9]+"), "a number"))
        self.need(")")
        if number < 1:
            self.fail("counts from 1")
        return word, number

    def selector(self):
        parts = [self.chain()]
        while self.take(","):
            parts.append(self.chain())
        return Selector(tuple(parts))

    def chain(self, relation="", picks=True):
        steps = [self.step(relation, picks)]
        while True:
            relation = self.relation()
            if relation is None and not self.looking_at(r"span\s*\["):
                return tuple(steps)
            steps.append(self.step(relation or " ", picks))

    # Conditions

    def variable(self):
        """$x.KEY or $injection.KEY"""
        self.need("$")
        name = self.match(_NAME, "a name")
        if not self.text.startswith(".", self.at):
            self.fail("expected .KEY")
        self.at += 1
        key = self.key()
        if name == "injection":
            if key.prefix:
                self.fail("the injection has no prefixes")
            return InjectionOperand(key)
        if name not in self.names:
            self.fail(f"no such name ${name}")
        return NameOperand(name, key)

    def timed(self):
        """$x.KEY, or a difference of two times"""
        left = self.variable()
        before = self.at
        if self.blanks() and re.compile(r"-\s").match(self.text, self.at):
            self.at += 1
            right = self.variable()
            if _type_of(left) != "time" or _type_of(right) != "time":
                self.fail("a difference needs two times")
            return DifferenceOperand(left, right)
        self.at = before
        return left

    def count(self):
        self.need("count")
        if not self.take("("):
            return CountOperand(None)
        self.need("$")
        name = self.match(_NAME, "a name")
        if name not in self.names:
            self.fail(f"no such name ${name}")
        self.need(")")
        return CountOperand(name)

    def condition_test(self):
        inner = self.negated(self.condition_test)
        if inner is not None:
            return Not(inner)
        if self.looking_at(r"\$"):
            return self.comparison(self.timed())
        if self.looking_at(r"count\s*(\(\s*\$|!=|!~|<|=|>|(contains|exists|missing|not|in|starts-with|ends-with)(?![A-Za-z0-9_./-]))"):
            return self.comparison(self.count())
        return self.comparison(SpanOperand(self.key()))

    def condition(self):
        quantifier = None
        found = self.looking_at(r"(all|any|none)\s*:")
        if found:
            quantifier, self.at = found.group(1), found.end()
        test = self.condition_test()
        operand = innermost(test).operand
        if isinstance(operand, SpanOperand):
            return Condition(self.text, quantifier or "all", test)
        if quantifier:
            self.fail("a quantifier is for selected spans")
        if operand == CountOperand(None):
            return Condition(self.text, "count", test)
        return Condition(self.text, None, test, *_reads(operand))

    # Thresholds

    def rule(self):
        self.blanks()
        word = self.match(re.compile(r"[a-z]+"), "p(N), avg, min, max, count or ratio")
        rule = {"aggregate": word}
        if word == "p":
            self.need("(")
            self.blanks()
            rule["percentile"] = Fraction(self.match(re.compile(r"[0-9]+(\.[0-9]+)?"), "a number"))
            self.need(")")
            if not 0 < rule["percentile"] <= 100:
                self.fail("a percentile is above 0 and at most 100")
        elif word not in ("avg", "min", "max", "count", "ratio"):
            self.fail("no such aggregate")
        self.need("(")
        if word in ("count", "ratio"):
            self.blanks()
            rule["state"] = self.match(re.compile(r"[a-z]+"), "a state")
            if rule["state"] not in STATES:
                self.fail("no such state")
            kind = "number"
        else:
            kind, rule["operand"], rule["names"] = self.measured()
        self.need(")")
        self.blanks()
        rule["op"] = self.match(re.compile(r"!=|<=|>=|=|<|>"), "an operator")
        rule["literal"] = self.literal()
        check_limit(kind, rule["literal"])
        return Rule(self.text, **rule)

    def measured(self):
        operand = self.timed()
        names, _ = _reads(operand)
        kind = _type_of(operand)
        if kind == "duration" and not isinstance(operand, InjectionOperand):
            return "duration", operand, names
        if isinstance(operand, NameOperand) and operand.key.own is None and operand.key.prefix not in ("event", "link"):
            return "number", operand, names
        return self.fail("can't be measured")


def _reads(operand):
    """(names, whether the injection is read) of an operand over names."""
    sides = (operand.left, operand.right) if isinstance(operand, DifferenceOperand) else (operand,)
    names = tuple(dict.fromkeys(
        side.name for side in sides if isinstance(side, (NameOperand, CountOperand)) and side.name is not None))
    return names, any(isinstance(side, InjectionOperand) for side in sides)


def _type_of(operand):
    """What is known at load: text, kind, status, duration, time, count, int, or any."""
    if isinstance(operand, CountOperand):
        return "count"
    if isinstance(operand, DifferenceOperand):
        return "duration"
    if isinstance(operand, InjectionOperand):
        fields = {"time": "time", "duration": "duration", "status": "int", "iteration": "int"}
        return fields.get(operand.key.name, "any") if not operand.key.quoted else "any"
    own = operand.key.own
    if operand.key.prefix == "span" and own is None:
        return "int" if operand.key.name.endswith("_count") else "text"
    if own in ("name", "service"):
        return "text"
    return {"start": "time", "end": "time"}.get(own, own) or "any"


def _is_canonical_duration(text):
    found = _DURATION.match(text)
    if not found:
        return False
    try:
        return canonical(bare_value(text)) == text
    except ExpressionError:
        return False


def check_types(kind, op, literal):
    """Raises ExpressionError where the answer is known to be `can't be compared`."""
    wrong = ExpressionError(f"{kind} {op} {literal!r} can't be compared")
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
        raise ExpressionError("a pattern is a text")
    try:
        re.compile(literal, re.A)
    except re.error as problem:
        raise ExpressionError(f"pattern: {problem}") from problem


def _is_number(literal):
    return isinstance(literal, (int, float)) and not isinstance(literal, (bool, Duration))


def _check_equality(kind, literal, wrong):
    text = isinstance(literal, str)
    if kind in ("kind", "status"):
        allowed = text and literal in (KINDS if kind == "kind" else STATUSES)
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
    if kind in ("kind", "status"):
        raise wrong
    if isinstance(literal, Duration) != (kind in ("duration", "time")):
        raise wrong


def check_limit(kind, literal):
    """A threshold's limit is a number, or a duration where durations are measured."""
    if isinstance(literal, (bool, str)) or isinstance(literal, Duration) != (kind == "duration"):
        raise ExpressionError(f"{literal!r} is no {kind}")
