"""Expressions on both sides of a comparison, and comparisons that are joined (docs/language.md, "Expressions"): text to trees, and what
they give. Written from that page alone.

A tree is a tuple: ("lit", value), ("key", Key), ("name", name, Key), ("injection", Key), ("count", name), ("neg", x),
("sum"|"product", sign, x, y), ("call", function, [x, …]); comparisons ("compare", op, x, y), ("in", op, x, [y, …]),
("exists"|"missing", x), ("and"|"or", [c, …]), ("not", c).
"""

from . import json_values, values
from .functions import CALLS, Uncomputable, binary, negative
from .values import CLOCK, FALSE, INCOMPARABLE, TRUE, UNKNOWN, KeyValues, Time


class Missing(Exception):
    """The value is not there; `unknown`: it may have been dropped."""

    def __init__(self, unknown):
        super().__init__()
        self.unknown = unknown


class Anything(Exception):
    """Of evidence that is short: it may come to anything."""


ANYTHING = "anything"  # the outcome of what may come to anything


class Backwards(Exception):
    """It reads times of a span that ends before it starts."""


# --- what stands in a tree ---

def leaves(tree):
    """All keys, names, counts and the record that a tree reads."""
    if isinstance(tree, list):
        for one in tree:
            yield from leaves(one)
    elif isinstance(tree, tuple):
        if tree[0] in ("key", "name", "injection", "count", "whole", "holds"):
            yield tree
        else:
            for one in tree[1:]:
                yield from leaves(one)


class Evaluation:
    """Of one tree. `read(leaf)` gives (values there, dropped) or raises Backwards."""

    def __init__(self, read, holds=None):
        self.read, self.holds = read, holds

    def value(self, tree):
        """The value; raises Missing, Uncomputable, Backwards."""
        kind = tree[0]
        if kind == "lit":
            return tree[1]
        if kind in ("key", "name", "injection", "count", "whole"):
            found, dropped = self.read(tree)
            if not found:
                raise Missing(dropped)
            return found[0]
        if kind == "neg":
            return negative(self.value(tree[1]))
        if kind == "call" and tree[1] == "coalesce":
            return self.coalesce(tree[2])
        parts = self.all_of(tree[2] if kind == "call" else [tree[2], tree[3]])
        value = CALLS[tree[1]](*parts) if kind == "call" else binary(tree[1], *parts)
        if value is None:
            raise Missing(False)
        return value

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
            except (Missing, Uncomputable, Backwards, Anything) as problem:
                problems.append(problem)
        for kind in (Anything, Backwards, Missing, Uncomputable):
            of_kind = [problem for problem in problems if isinstance(problem, kind)]
            if of_kind:
                raise next((one for one in of_kind if kind is Missing and one.unknown), of_kind[0])
        return found

    def truth(self, tree):
        """TRUE, FALSE, INCOMPARABLE, UNKNOWN, CLOCK."""
        kind = tree[0]
        if kind == "holds":
            return self.holds(tree[1])
        if kind == "not":
            return values.opposite(self.truth(tree[1]))
        if kind in ("and", "or"):
            outcomes = {self.truth(one) for one in tree[1]}
            order = (FALSE, ANYTHING, UNKNOWN, CLOCK, INCOMPARABLE, TRUE) if kind == "and" else (TRUE, ANYTHING, UNKNOWN, CLOCK, INCOMPARABLE, FALSE)
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
        except Anything:
            return ANYTHING

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
    if op.endswith("json-contains"):
        try:
            answer = json_values.holds(json_values.as_json(left), json_values.as_json(right))
        except json_values.NoJson:
            return INCOMPARABLE
        return TRUE if answer == (op == "json-contains") else FALSE
    if isinstance(left, list) and op in ("contains", "not contains") and isinstance(right, (bytes, list, KeyValues, Time)):
        return FALSE if op == "contains" else TRUE  # no item equals what can't be compared
    if isinstance(right, (bytes, list, KeyValues)):
        return INCOMPARABLE
    if isinstance(right, Time) and isinstance(left, str):
        return INCOMPARABLE
    if isinstance(right, Time) and op in ("contains", "not contains", "starts-with", "ends-with"):
        return INCOMPARABLE
    return values.compare(left, op, right)
