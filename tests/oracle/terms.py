"""What selectors, conditions and rules are once they are read: trees of these (docs/language.md)."""

from dataclasses import dataclass, field
from fractions import Fraction

from . import expressions
from .whole import Whole

OWN_FIELDS = ("name", "kind", "status", "service", "duration", "start", "end")
KINDS = ("internal", "server", "client", "producer", "consumer")
STATUSES = ("unset", "ok", "error")
PREFIXES = ("attr", "resource", "scope", "event", "link", "span", "defect")
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
    """`prefix` is '' without one; a quoted key never means an own field. `others`: under which names it counts, too (see semconv.py)."""
    prefix: str
    name: str
    quoted: bool = False
    others: tuple = ()

    @property
    def own(self):
        """The own field that it names, or None."""
        return self.name if self.prefix in ("", "span") and not self.quoted and self.name in OWN_FIELDS else None


@dataclass
class Vocabulary:
    """What a suite's expressions may name: spans, values of `var:`, trees of `output:`; whether keys count under other names."""
    names: tuple = ()
    variables: dict = field(default_factory=dict)
    outputs: dict = field(default_factory=dict)
    aliases: bool = False

    def of_spans(self):
        """What a selector may name: it looks at one span."""
        return Vocabulary((), self.variables, {}, self.aliases)

    @staticmethod
    def of(names):
        """Of the names alone, or as it is."""
        return names if isinstance(names, Vocabulary) else Vocabulary(tuple(names))


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
    def across(self):
        """The terms and statements across spans in it."""
        return [leaf[1] for leaf in expressions.leaves(self.tree) if leaf[0] in ("whole", "holds")]

    @property
    def reads_self_time(self):
        """Whether it reads the own time of a span."""
        return any(leaf[0] in ("key", "name") and leaf[-1] == Key("span", "self_time") for leaf in expressions.leaves(self.tree))

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
    """A threshold. `aggregate`: p avg min max, or duplicates distinct most, over `operand`; count ratio over `state` (`of` an assertion); rate
    slope backlog over the spans of `sets`. `literal` is a pair for isBetween. `durations`: its samples are known to be."""
    text: str
    aggregate: str
    op: str
    literal: object
    percentile: Fraction | None = None
    operand: object = None
    each: bool = False
    state: str | None = None
    of: str | None = None
    sets: tuple = ()
    tags: tuple = ()
    names: tuple = field(default=())
    reads_injection: bool = False
    durations: bool = False

    @property
    def limit(self):
        """One of its limits."""
        return self.literal[0] if isinstance(self.literal, tuple) else self.literal

    @property
    def needs_injections(self):
        """Whether it is skipped where the campaign judges all traces."""
        return self.state in INJECTION_STATES or self.reads_injection


def innermost(test):
    """The test below any `not`; an Expression is its own."""
    while isinstance(test, (Not, NotAll)):
        test = test.inner if isinstance(test, Not) else test.inners[0]
    return test
