"""Selectors, conditions and threshold rules: text to trees (sections 2, 3, 4, 6, and docs/language.md).

Whatever is wrong with an expression raises ExpressionError, also what is known to be incomparable at load.
"""

import re

from .known_types import reads, type_of
from .read_rules import RuleReader
from .reader import NAME
from .terms import (Condition, CountOperand, DifferenceOperand, Expression, ExpressionError, InjectionOperand, NameOperand, Not, SpanOperand,
                    TypesDiffer, Vocabulary, innermost)


def read_value(text, names=()):
    """A whole text as the tree of a value, which may read keys of the span at hand."""
    parser = _Parser(text, names)
    tree = parser.expression(True)
    parser.end()
    return tree


def parse_output(text, names):
    """A whole text as the tree of an output."""
    parser = _Parser(text, names)
    parser.whole_trace = True
    tree = parser.expression(True)
    parser.end()
    return parser.checked_value(tree)


def parse_selector(text, names=()):
    """A whole text as a Selector."""
    parser = _Parser(text, names)
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
        return parse_selector(text, Vocabulary.of(names).of_spans())
    return parse_condition(text, names, has_select=False)


def parse_rule(text, names):
    """A whole text as a threshold Rule."""
    parser = _Parser(text, names)
    parser.whole_trace = True
    rule = parser.rule()
    parser.end()
    return rule


class _Parser(RuleReader):
    def variable(self):
        """$x.KEY or $injection.KEY"""
        self.need("$")
        name = self.match(NAME, "a name")
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
            if type_of(left) != "time" or type_of(right) != "time":
                self.fail("a difference needs two times")
            return DifferenceOperand(left, right)
        self.at = before
        return left

    def count(self):
        self.need("count")
        if not self.take("("):
            return CountOperand(None)
        self.need("$")
        name = self.match(NAME, "a name")
        if name not in self.names:
            self.fail(f"no such name ${name}")
        self.need(")")
        return CountOperand(name)

    def condition_test(self):
        return self.or_expression(self.plain_test)

    def plain_test(self):
        inner = self.negated(self.condition_test)
        if inner is not None:
            return Expression(("not", inner.tree)) if isinstance(inner, Expression) else Not(inner)
        if self.looking_at(r"\$"):
            return self.comparison(self.timed())
        if self.looking_at(r"count\s*(\(\s*\$|!=|!~|<|=|>|(contains|exists|missing|not|in|starts-with|ends-with)(?![A-Za-z0-9_./-]))"):
            return self.comparison(self.count())
        return self.comparison(SpanOperand(self.key()))

    def whole_alone(self):
        """A condition across spans that is all there is; None where there is none."""
        before, refused = self.at, None
        try:
            found = self.whole()
            self.blanks()
            if found is not None and self.at == len(self.text):
                return found
        except TypesDiffer:
            raise
        except ExpressionError as problem:
            refused = problem
        self.at = before
        if refused and not self.looking_at(r"(sum|avg|min|max|distinct|p|critical|gap|concurrency)\s*\(|trace:|\$"):
            raise refused
        return None

    def condition(self):
        whole = self.whole_alone()
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
            selected = any(one.reads_selection for one in test.across)
            names = tuple(dict.fromkeys(test.names + tuple(name for one in test.across for name in one.names)))
            return Condition(self.text, "whole" if selected else None, test, names, test.reads_injection)
        operand = innermost(test).operand
        if isinstance(operand, SpanOperand):
            return Condition(self.text, quantifier or "all", test)
        if quantifier:
            self.fail("a quantifier is for selected spans")
        if operand == CountOperand(None):
            return Condition(self.text, "count", test)
        return Condition(self.text, None, test, *reads(operand))
