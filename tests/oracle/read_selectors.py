"""Filters and selectors: text to trees."""

import re

from .known_types import check_types, type_of
from .reader import OPERATORS, RELATION, Reader
from .terms import (CountOperand, DifferenceOperand, Expression, ExpressionError, Not, NotAll, Selector, SpanOperand, Step, Test,
                    TypesDiffer)


class SelectorReader(Reader):
    """What stands in `select`, `traces` and `spans`."""

    def comparison(self, operand):
        self.blanks()
        op = self.match(OPERATORS, "an operator")
        if op in ("exists", "missing"):
            if isinstance(operand, (CountOperand, DifferenceOperand)):
                self.fail("always there")
            return Test(operand, op)
        op = " ".join(op.split())
        test = Test(operand, op, self.literals() if op in ("in", "not in") else self.literal())
        for literal in test.literal if op in ("in", "not in") else (test.literal,):
            check_types(type_of(operand), {"in": "=", "not in": "!="}.get(op, op), literal)
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
            called = self.text.startswith("(", self.at)  # behind a blank it begins the next filter
            self.blanks()
            if not called and self.text[self.at:self.at + 1] not in ("+", "*", "%", "|") and not self.looking_at(r"(-|/|and|or)\s"):
                return found
        except TypesDiffer:
            raise
        except ExpressionError:
            pass
        self.at, self.counts = before, plain == self.plain_test
        return Expression(self.checked(self.joined()))

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
        found = RELATION.match(self.text, self.at)
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
