"""Filters, selectors, conditions and threshold rules: text to trees (sections 2, 3, 4, 6).

Whatever is wrong with an expression raises ExpressionError, also what is known to be incomparable at load.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from . import expressions
from .values import Duration, canonical, is_canonical_number
from .whole import AGGREGATES, TRACE_TERMS, Whole

OWN_FIELDS = ("name", "kind", "status", "service", "duration", "start", "end")
KINDS = ("internal", "server", "client", "producer", "consumer")
STATUSES = ("unset", "ok", "error")
PREFIXES = ("attr", "resource", "scope", "event", "link", "span")
SPAN_FIELDS = ("self_time", "type", "status_message", "id", "parent_id", "trace_state", "event_count", "link_count")
STATES = ("missing", "unexpected", "late", "duplicate", "pass", "fail", "error", "inconclusive")
INJECTION_STATES = STATES[:4]
UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


class ExpressionError(Exception):
    """A configuration error in an expression."""


class TypesDiffer(ExpressionError):
    """It is known at load that the two can't be compared."""


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
class Expression:
    """A comparison between expressions, or several joined; see expressions.py."""
    tree: tuple = field(hash=False)

    @property
    def reads_span(self):
        """Whether it reads keys of the selected span."""
        return any(leaf[0] == "key" for leaf in expressions.leaves(self.tree))

    @property
    def names(self):
        """The names that it reads."""
        return tuple(dict.fromkeys(leaf[1] for leaf in expressions.leaves(self.tree) if leaf[0] in ("name", "count") and leaf[1]))

    @property
    def reads_injection(self):
        """Whether it reads the record."""
        return any(leaf[0] == "injection" for leaf in expressions.leaves(self.tree))


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
        """The operand of the innermost test; a Whole is its own."""
        return self.test if isinstance(self.test, (Whole, Expression)) else innermost(self.test).operand


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
    """The test below any `not`; an Expression is its own."""
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
        self.text, self.at, self.names, self.counts = text, 0, names, False

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
        return self.or_expression(self.plain_filter)

    def plain_filter(self):
        if self.looking_at(r"not\s*\("):
            self.need("not")
            self.need("(")
            inners = self.filters(")")
            if not inners:
                self.fail("not() of nothing")
            return Not(inners[0]) if len(inners) == 1 else NotAll(inners)
        return self.comparison(SpanOperand(self.key()))

    def or_expression(self, plain):
        """What goes beyond KEY OP VALUE is an expression."""
        before = self.at
        try:
            found = plain()
            self.blanks()
            if self.text[self.at:self.at + 1] not in ("+", "*", "%", "(") and not self.looking_at(r"(-|/|and|or)\s"):
                return found
        except TypesDiffer:
            raise
        except ExpressionError:
            pass
        self.at, self.counts = before, plain == self.plain_test
        return Expression(self.checked(self.joined()))

    def checked(self, tree):
        """Refuses what is known to be no expression: no key, name or record in a comparison, sums of times with what is none."""
        if tree[0] in ("and", "or"):
            for part in tree[1]:
                self.checked(part)
        elif tree[0] == "not":
            self.checked(tree[1])
        elif not any(True for _ in expressions.leaves(tree)):
            self.fail("both sides are plain values")
        else:
            for side in tree[1:]:
                _check_kinds(side)
            if tree[0] in ("exists", "missing") and tree[1][0] == "count":
                self.fail("always there")
        return tree

    # Expressions

    def joined(self):
        parts, word = [self.member()], None
        while True:
            found = next((one for one in ("and", "or") if self.words(one)), None)
            if found is None:
                return (word, parts) if word else parts[0]
            if word not in (None, found) or self.text[:self.at].rstrip()[-len(found) - 1:-len(found)] not in (" ", ")", "\t"):
                self.fail("and beside or")
            if not self.looking_at(r"\(|not\s*\("):
                self.fail("what is joined stands in parentheses")
            word = found
            parts.append(self.member())

    def member(self):
        if self.looking_at(r"not\s*\("):
            self.need("not")
            self.need("(")
            inner = self.joined()
            self.need(")")
            return "not", inner
        before = self.at
        if self.take("("):
            try:
                inner = self.joined()
                self.need(")")
                if not self.looking_at(r"[-+*/%=!<>]|in\s|contains|exists|missing|starts|ends"):
                    return inner
            except ExpressionError:
                pass
            self.at = before
        return self.expression_comparison()

    def expression_comparison(self):
        left = self.sum(True)
        self.blanks()
        op = " ".join(self.match(_OPERATORS, "an operator").split())
        if op in ("exists", "missing"):
            return op, left
        if op in ("in", "not in"):
            self.need("(")
            items = [self.sum(False)]
            while self.take(","):
                items.append(self.sum(False))
            self.need(")")
            return "in", op, left, items
        if op in ("=~", "!~"):
            self.fail("patterns are left out here")
        return "compare", op, left, self.sum(False)

    def sum(self, is_left):
        found = self.product(is_left)
        while True:
            before = self.at
            blank = self.blanks()
            sign = self.text[self.at:self.at + 1]
            if sign == "+" or sign == "-" and blank and re.compile(r"-\s").match(self.text, self.at):
                self.at += 1
                found = ("sum", sign, found, self.product(is_left))
            else:
                self.at = before
                return found

    def product(self, is_left):
        found = self.primary(is_left)
        while True:
            before = self.at
            blank = self.blanks()
            sign = self.text[self.at:self.at + 1]
            if sign in ("*", "%") and sign or sign == "/" and blank and re.compile(r"/\s").match(self.text, self.at):
                self.at += 1
                found = ("product", sign, found, self.primary(is_left))
            else:
                self.at = before
                return found

    def primary(self, is_left):
        self.blanks()
        if self.looking_at(r"-[\s($]"):
            self.at += 1
            return "neg", self.primary(is_left)
        if self.take("("):
            found = self.sum(is_left)
            self.need(")")
            return found
        if self.looking_at(r"\$"):
            side = self.variable()
            return ("injection", side.key) if isinstance(side, InjectionOperand) else ("name", side.name, side.key)
        if self.text[self.at:self.at + 1] in ("'", '"'):
            return "lit", self.quoted()
        call = re.compile(r"([a-z_]+)\(").match(self.text, self.at)
        if call and call.group(1) == "count":
            return "count", self.count().name
        if call and call.group(1) in expressions.FUNCTIONS:
            self.at = call.end()
            found = [self.sum(is_left)]
            while self.take(","):
                found.append(self.sum(is_left))
            self.need(")")
            if expressions.FUNCTIONS[call.group(1)] not in (None, len(found)):
                self.fail("how many arguments?")
            return "call", call.group(1), found
        if re.compile(r"[a-z]+:").match(self.text, self.at) or self.text.startswith("`", self.at):
            return self.expression_key()
        word = re.compile(r"-?[A-Za-z0-9_./%]+").match(self.text, self.at)
        if not word:
            self.fail("expected a value")
        text = word.group()
        if is_left and self.counts and text == "count":
            self.at = word.end()
            return "count", None
        if is_left and not re.match(r"-?[0-9]", text) and text not in ("true", "false"):
            return self.expression_key()
        self.at = word.end()
        return "lit", bare_value(text)

    def expression_key(self):
        key = self.key()
        if key.prefix in ("event", "link"):
            self.fail("many values")
        return "key", key

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
        return self.or_expression(self.plain_test)

    def plain_test(self):
        inner = self.negated(self.condition_test)
        if inner is not None:
            return Not(inner)
        if self.looking_at(r"\$"):
            return self.comparison(self.timed())
        if self.looking_at(r"count\s*(\(\s*\$|!=|!~|<|=|>|(contains|exists|missing|not|in|starts-with|ends-with)(?![A-Za-z0-9_./-]))"):
            return self.comparison(self.count())
        return self.comparison(SpanOperand(self.key()))

    def condition(self):
        whole = self.whole()
        if whole is not None:
            return Condition(self.text, "whole" if whole.reads_selection else None, whole, whole.names)
        quantifier = None
        found = self.looking_at(r"(all|any|none)\s*:")
        if found:
            quantifier, self.at = found.group(1), found.end()
        test = self.condition_test()
        if isinstance(test, Expression):
            if test.reads_span:
                return Condition(self.text, quantifier or "all", test, test.names, test.reads_injection)
            if quantifier:
                self.fail("a quantifier is for selected spans")
            return Condition(self.text, None, test, test.names, test.reads_injection)
        operand = innermost(test).operand
        if isinstance(operand, SpanOperand):
            return Condition(self.text, quantifier or "all", test)
        if quantifier:
            self.fail("a quantifier is for selected spans")
        if operand == CountOperand(None):
            return Condition(self.text, "count", test)
        return Condition(self.text, None, test, *_reads(operand))

    # Across spans, the whole trace

    def words(self, *words):
        """Takes these words where they come next."""
        before = self.at
        for word in words:
            self.blanks()
            if not re.compile(re.escape(word) + r"(?![A-Za-z0-9_./-])").match(self.text, self.at):
                self.at = before
                return False
            self.at += len(word)
        return True

    def set_name(self):
        self.blanks()
        self.need("$")
        name = self.match(_NAME, "a name")
        if name not in self.names:
            self.fail(f"no such name ${name}")
        return name

    def whole_key(self):
        key = self.key()
        if key.prefix in ("event", "link"):
            self.fail("one value for each span is needed")
        return key

    def limit(self, kind):
        self.blanks()
        op = " ".join(self.match(_OPERATORS, "an operator").split())
        literal = self.literals() if op in ("in", "not in") else self.literal()
        for one in literal if isinstance(literal, tuple) else (literal,):
            check_types(kind, {"in": "=", "not in": "!="}.get(op, op), one)
        return {"op": op, "literal": literal}

    def whole(self):
        for form in (self.how_many, self.aggregate, self.over_values, self.each, self.none_after, self.order, self.states, self.of_trace):
            before = self.at
            found = form()
            if found is not None:
                return found
            self.at = before
        return None

    def how_many(self):
        word = "exactly" if self.words("exactly") else next((w for w in ("least", "most") if self.words("at", w)), None)
        if word is None:
            return None
        self.blanks()
        text = self.match(re.compile(r"[0-9]+(\.[0-9]+)?%?"), "a number")
        self.need(":")
        number = Fraction(text.rstrip("%"))
        test = self.plain_test()
        if not isinstance(innermost(test).operand, SpanOperand):
            self.fail("a condition on a key is needed")
        word = word if word == "exactly" else "at " + word
        if "%" not in text and "." in text or "%" in text and word == "exactly":
            self.fail("a whole number is needed")
        return Whole("how many", {"word": word, "number": number, "percent": "%" in text, "test": test}, reads_selection=True)

    def aggregate(self):
        found = self.looking_at(r"(sum|avg|min|max|distinct|p\s*\(\s*([0-9]+(?:\.[0-9]+)?)\s*\))\s*\(")
        if not found:
            return None
        self.at = found.end()
        word = found.group(1) if found.group(1) in AGGREGATES else "p"
        parts = {"word": word, "key": self.whole_key()}
        if word == "p":
            parts["percent"] = Fraction(found.group(2))
        name = self.set_name() if self.words("in") else None
        self.need(")")
        timed = parts["key"].own == "duration" or parts["key"] == Key("span", "self_time")
        if parts["key"].own and not timed and word != "distinct":
            self.fail("no number")
        parts |= self.limit("duration" if timed and word != "distinct" else "int" if word == "distinct" else "any")
        return Whole("aggregate", parts, (name,) if name else (), name is None)

    def over_values(self):
        kind = next((word for word in ("same", "unique") if self.looking_at(word + r"\s+[^-=!<>~\s]+\s+in\s+\$") and self.words(word)), None)
        if kind is None:
            return None
        key = self.whole_key()
        if not self.words("in"):
            self.fail("expected in")
        names = [self.set_name()]
        while self.take(","):
            names.append(self.set_name())
        return Whole(kind, {"key": key}, tuple(names))

    def within(self):
        if not self.words("within"):
            return None
        value = self.literal()
        if not isinstance(value, Duration) or value < 0:
            self.fail("a duration is needed")
        return value

    def by(self):
        return self.whole_key() if self.words("by") else None

    def each(self):
        if not self.looking_at(r"each\s+\$"):
            return None
        self.words("each")
        first = self.set_name()
        parts = {"within": None, "times": "at least"}
        if self.words("followed", "by"):
            second = self.set_name()
            parts |= {"kind": "followed", "within": self.within(), "key": self.by()}
            if self.words("exactly", "once"):
                parts["times"] = "exactly"
            elif self.words("at", "most", "once"):
                parts["times"] = "at most"
            else:
                self.words("at", "least", "once")
        else:
            self.words("has") or self.fail("expected followed by, or has")
            for words, times in ((("a",), "at least"), (("exactly", "one"), "exactly"), (("at", "least", "one"), "at least"),
                                 (("at", "most", "one"), "at most")):
                if self.words(*words):
                    parts["times"] = times
                    break
            else:
                self.fail("how many?")
            second = self.set_name()
            parts |= {"kind": "has", "key": self.by() or self.fail("expected by KEY")}
        return Whole("each", parts, (first, second))

    def none_after(self):
        if not self.looking_at(r"no\s+\$"):
            return None
        self.words("no")
        first = self.set_name()
        within = self.within()
        if not self.words("after"):
            self.fail("expected after")
        second = self.set_name()
        return Whole("none after", {"within": within, "key": self.by()}, (first, second))

    def order(self):
        found = self.looking_at(r"(gap|concurrency|lag)\s*\(\s*\$")
        if found:
            self.need(found.group(1))
            self.need("(")
            names, parts = [self.set_name()], {}
            if found.group(1) != "concurrency":
                self.need(",")
                names.append(self.set_name())
            if found.group(1) == "lag":
                parts = {"by": "", "key": None}
                if self.words("by"):
                    parts["by"] = next((word for word in ("parent", "link") if self.words(word)), "key")
                    parts["key"] = self.whole_key() if parts["by"] == "key" else None
            self.need(")")
            parts |= self.limit("count" if found.group(1) == "concurrency" else "duration")
            return Whole(found.group(1), parts, tuple(names))
        if not self.looking_at(r"\$[A-Za-z_][A-Za-z0-9_-]*\s+(before|starts|overlaps|apart)\s"):
            return None
        first = self.set_name()
        for words in (("before",), ("starts", "before"), ("overlaps",), ("apart", "from")):
            if self.words(*words):
                return Whole(" ".join(words), {}, (first, self.set_name()))
        return self.fail("which order?")

    def state(self):
        self.blanks()
        if self.text[self.at:self.at + 1] in ("'", '"'):
            return self.quoted()
        return self.match(re.compile(r"[A-Za-z0-9_./][-A-Za-z0-9_./]*"), "a state")

    def arrows(self):
        states = [self.state()]
        while self.take("->"):
            states.append(self.state())
        if len(states) < 2:
            self.fail("an arrow is needed")
        return list(zip(states, states[1:]))

    def states(self):
        if not self.looking_at(r"states\s+[^=!<>~\s]+\s+(in|by)\s"):
            return None
        self.words("states")
        parts = {"key": self.whole_key(), "by": self.by(), "arrows": [], "never": [], "any start": False}
        if not self.words("in"):
            self.fail("expected in")
        name = self.set_name()
        self.need(":")
        while True:
            if self.words("any", "start"):
                parts["any start"] = True
            elif self.words("never"):
                parts["never"] += self.arrows()
            else:
                parts["arrows"] += self.arrows()
            if not self.take(","):
                if not parts["arrows"] and not parts["never"]:
                    self.fail("an arrow is needed")
                return Whole("states", parts, (name,))

    def of_trace(self):
        found = self.looking_at(r"trace:([a-z_]+)")
        if found:
            self.at = found.end()
            if found.group(1) not in TRACE_TERMS:
                self.fail("no such term")
            return Whole("trace", {"term": found.group(1), **self.limit("duration" if found.group(1) == "duration" else "count")})
        if self.looking_at(r"critical\s*\("):
            self.words("critical")
            self.need("(")
            service = self.state()
            self.need(")")
            return Whole("critical", {"service": service, **self.limit("count")})
        found = self.looking_at(r"(no\s+edge|edges\s+only|edge)\s+[^=!<>~\s]+\s+->")
        if not found:
            return None
        kind = found.group(1).split()
        self.words(*kind)
        arrows = self.arrows()
        while kind == ["edges", "only"] and self.take(","):
            arrows += self.arrows()
        return Whole("edge", {"kind": {"no": "no", "edge": "some", "edges": "only"}[kind[0]], "arrows": arrows})

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


def _check_kinds(tree):
    """What is known at load of the type of an expression: time, duration, or anything else; raises ExpressionError."""
    if isinstance(tree, list):
        for one in tree:
            _check_kinds(one)
    if not isinstance(tree, tuple):
        return "other"
    if tree[0] in ("key", "name", "injection"):
        kind = _type_of(InjectionOperand(tree[1]) if tree[0] == "injection" else SpanOperand(tree[-1]))
        return kind if kind in ("time", "duration") else "other"
    if tree[0] == "lit":
        return "duration" if isinstance(tree[1], Duration) else "other"
    if tree[0] == "neg":
        return _check_kinds(tree[1])
    if tree[0] == "call":
        kinds = {_check_kinds(one) for one in tree[2]}
        return kinds.pop() if tree[1] in ("abs", "min", "max") and len(kinds) == 1 else "other"
    if tree[0] == "product":
        kinds = _check_kinds(tree[2]), _check_kinds(tree[3])
        return "duration" if kinds in (("duration", "other"), ("other", "duration")) else "other"
    if tree[0] != "sum":
        return "other"
    kinds = _check_kinds(tree[2]), _check_kinds(tree[3])
    allowed = {("other", "other"): "other", ("duration", "duration"): "duration", ("time", "duration"): "time"}
    allowed[("time", "time") if tree[1] == "-" else ("duration", "time")] = "duration" if tree[1] == "-" else "time"
    if kinds not in allowed:
        raise ExpressionError(f"{kinds} can't be added")
    return allowed[kinds]


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
    if operand.key == Key("span", "self_time"):
        return "duration"
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
