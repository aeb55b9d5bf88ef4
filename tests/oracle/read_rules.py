"""Threshold rules: text to trees."""

import re
from fractions import Fraction

from .known_types import check_limit, reads, type_of
from .read_whole import WholeReader
from .terms import INJECTION_STATES, STATES, Expression, ExpressionError, InjectionOperand, NameOperand, Rule
from .value_types import NUMBER, PRINTED, types_of

_SAME = {"med": "p", "median": "p", "percentile": "p", "mean": "avg", "unique": "duplicates"}
_WORDS = {"==": "=", "===": "=", "isLessThan": "<", "isLessThanOrEqual": "<=", "isGreaterThan": ">", "isGreaterThanOrEqual": ">=", "isEqual": "="}
_TEST = re.compile(r"===|==|!=|<=|>=|=|<|>|is[A-Za-z]+")


class RuleReader(WholeReader):
    """What stands in `rule`."""

    def rule(self):
        self.blanks()
        word = self.match(re.compile(r"[a-z]+"), "a measure")
        rule = {"aggregate": _SAME.get(word, word)}
        if word in ("p", "percentile"):
            rule["percentile"] = self.percentile()
        elif word in ("med", "median"):
            rule["percentile"] = Fraction(50)
        self.need("(")
        if word in ("count", "ratio"):
            kind = "number"
            rule |= self.counted()
        elif word == "rate":
            kind, rule["sets"] = "number", (self.set_name(),)
        elif word == "max" and self.looking_at(r"backlog\s*\("):
            rule["aggregate"], kind, rule["sets"] = "backlog", "number", self.backlog()
        elif word == "slope":
            kind, rule["sets"] = "number", self.backlog()
        elif word in ("unique", "duplicates", "distinct", "most"):
            _, rule["operand"], rule["each"] = self.measured(any_value=True)
            kind = "number"
        elif word in ("p", "percentile", "avg", "mean", "med", "median", "min", "max"):
            kind, rule["operand"], rule["each"] = self.measured(any_value=False)
        else:
            self.fail("no such measure")
        self.need(")")
        rule["tags"] = self.tags()
        if rule.get("state") in ("unexpected", "late") and rule["tags"]:
            self.fail("it has no record")
        rule |= {"op": "=", "literal": 0} if word == "unique" else self.test_of(kind)
        return Rule(self.text, **rule, **self.what_is_read(rule), durations=kind == "duration")

    def what_is_read(self, rule):
        """Its names, whether it reads the record."""
        operand = rule.get("operand")
        if operand is None:
            return {"names": rule.get("sets", ())}
        if isinstance(operand, Expression):
            sets = tuple(name for one in operand.across for name in one.names)
            return {"names": tuple(dict.fromkeys(operand.names + sets)), "reads_injection": operand.reads_injection}
        names, injection = reads(operand)
        return {"names": names, "reads_injection": injection}

    def percentile(self):
        self.need("(")
        self.blanks()
        number = Fraction(self.match(re.compile(r"[0-9]+(\.[0-9]+)?"), "a number"))
        self.need(")")
        if not 0 < number <= 100:
            self.fail("a percentile is above 0 and at most 100")
        return number

    def counted(self):
        self.blanks()
        state = self.match(re.compile(r"[a-z]+"), "a state")
        if state not in STATES:
            self.fail("no such state")
        if not self.words("of"):
            return {"state": state}
        if state in INJECTION_STATES:
            self.fail("an assertion has no such result")
        return {"state": state, "of": self.literal()}

    def backlog(self):
        self.need("backlog")
        self.need("(")
        first = self.set_name()
        self.need(",")
        second = self.set_name()
        self.need(")")
        return first, second

    def measured(self, any_value):
        """(kind, operand, each)"""
        if self.looking_at(r"each\s+\$"):
            self.words("each")
            operand = self.variable()
            self.need_key(operand, any_value)
            return ("duration" if type_of(operand) == "duration" else "number"), operand, True
        before = self.at
        if any_value and self.looking_at(r"output:|trace:|\$[A-Za-z0-9_-]+\.span:self_time|(?!count\()[a-z_]+\(|-\("):
            tree = self.read_something(self.expression(True))
            if not types_of(tree) & PRINTED:
                self.fail("nothing to tell it apart by")
            return "number", Expression(tree), False
        try:
            operand = self.timed()
            if any_value or self.looking_at(r"\)"):
                if type_of(operand) == "duration" and not isinstance(operand, InjectionOperand) and not any_value:
                    return "duration", operand, False
                self.need_key(operand, any_value)
                return "number", operand, False
        except ExpressionError:
            if any_value:
                raise
        self.at = before
        tree = self.read_something(self.expression(True))
        lasts, counts = "duration" in types_of(tree), bool(types_of(tree) & NUMBER)
        if lasts == counts:
            self.fail("numbers, or durations")
        return ("duration" if lasts else "number"), Expression(tree), False

    def read_something(self, tree):
        """Refuses what is the same for every trace."""
        if not any(True for _ in self.leaves(tree)):
            self.fail("it reads nothing")
        if any(getattr(getattr(leaf[-1], "key", leaf[-1]), "prefix", None) in ("event", "link") for leaf in self.leaves(tree)):
            self.fail("keys of events and links have many values")
        return self.checked_value(tree)

    def need_key(self, operand, any_value):
        """A key that is measured: a number, or any value."""
        if not isinstance(operand, NameOperand) or operand.key.prefix in ("event", "link"):
            self.fail("can't be measured")
        if any_value and operand.key.own in ("start", "end"):
            self.fail("a time has no text to tell it apart by")
        if not any_value and (operand.key.own not in (None, "duration") or operand.key.prefix == "span" and operand.key.own is None):
            self.fail("can't be measured")

    def tags(self):
        found = []
        if self.take("{"):
            while True:
                self.blanks()
                name, _ = self.key_name()
                self.need(":")
                value = self.tag_value()
                found.append((name, value))
                if not self.take(","):
                    break
            self.need("}")
        return tuple(found)

    def tag_value(self):
        from .values import canonical
        self.blanks()
        if self.text[self.at:self.at + 1] in ("'", '"'):
            return self.quoted()
        given, value = self.given_value()
        value = value if given else self.match(re.compile(r"[A-Za-z0-9_./%-]+"), "a value")
        return value if isinstance(value, str) else canonical(value)

    def test_of(self, kind):
        self.blanks()
        if self.words("no", "worse", "than", "baseline", "by"):
            return {"op": "no worse", "literal": self.literal()}
        word = self.match(_TEST, "a test")
        if word in ("isBetween", "isNotBetween"):
            low = self.literal()
            if not self.words("and"):
                self.fail("expected and")
            limits = low, self.literal()
            word_is = {"op": word, "literal": limits}
        else:
            limits = (self.literal(),)
            if word[0] == "i" and word not in _WORDS:
                self.fail("no such test")
            word_is = {"op": _WORDS.get(word, word), "literal": limits[0]}
        for limit in limits:
            check_limit(kind, limit)
        return word_is
