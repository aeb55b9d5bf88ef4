"""Conditions across spans and over the whole trace: text to trees (see whole.py)."""

import re
from fractions import Fraction

from .known_types import check_kinds, check_types
from .reader import NAME, OPERATORS
from .read_expressions import ExpressionReader
from .terms import ExpressionError, Key, SpanOperand, innermost
from .values import Duration
from .whole import AGGREGATES, TRACE_TERMS, Whole


class WholeReader(ExpressionReader):
    """One method for each form; None where it is another one."""

    bare = False  # a term is an operand: nothing is compared with it

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
        name = self.match(NAME, "a name")
        if name not in self.names:
            self.fail(f"no such name ${name}")
        return name

    def whole_key(self):
        """A key, or an expression over keys of one span."""
        before = self.at
        try:
            key = self.key()
            if key.prefix in ("event", "link"):
                self.fail("one value for each span is needed")
            if self.looking_at(r"[),:]|(in|by|exactly|at)\s|\Z"):
                return key
        except ExpressionError:
            pass
        self.at = before
        tree = self.expression(True)
        if not any(leaf[0] in ("key", "name") for leaf in self.leaves(tree)) or tree[0] == "key":
            self.fail("keys of one span are needed")
        return tree

    def limit(self, kind):
        if self.bare:
            return {"op": "capture", "literal": None, "kind": kind}
        self.blanks()
        op = " ".join(self.match(OPERATORS, "an operator").split())
        literal = self.literals() if op in ("in", "not in") else self.literal()
        for one in literal if isinstance(literal, tuple) else (literal,):
            check_types(kind, {"in": "=", "not in": "!="}.get(op, op), one)
        return {"op": op, "literal": literal}

    def operand(self):
        """A term without a comparison, as a leaf of an expression; None where there is none."""
        if not self.looking_at(r"(sum|avg|min|max|distinct|p|critical)\s*\(|(gap|concurrency|lag)\s*\(\s*\$|trace:"):
            return None
        before, self.bare = self.at, True
        try:
            found = self.aggregate() or self.order() or self.of_trace()
        except ExpressionError:
            found = None
        self.bare = False
        if found is None:
            self.at = before
            return None
        return "whole", found, "duration" if found.parts["kind"] == "duration" else "other"

    def compared_alone(self):
        """In parentheses: a statement, or a term that is compared with values, as a truth; None where there is none."""
        before = self.at
        try:
            found = self.whole()
            if found is not None and self.looking_at(r"\)"):
                return "holds", found
        except ExpressionError:
            pass
        self.at = before
        return None

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
        inside, self.bare = self.bare, False
        parts = {"word": word, "key": self.whole_key()}
        if word == "p":
            parts["percent"] = Fraction(found.group(2))
            if not 0 < parts["percent"] <= 100:
                self.fail("a percentile lies above 0 and up to 100")
        names = (self.set_name(),) if self.words("in") else ()
        self.need(")")
        self.bare = inside
        key = parts["key"]
        if isinstance(key, tuple):
            parts["key"], names = self.of_one_name(key, names)
            key = parts["key"]
        if isinstance(key, tuple):
            timed = check_kinds(key) == "duration"
        else:
            timed = key.own == "duration" or key == Key("span", "self_time")
            if key.own and not timed and word != "distinct":
                self.fail("no number")
        parts |= self.limit("duration" if timed and word != "distinct" else "int" if word == "distinct" else "count")
        return Whole("aggregate", parts, names, not names)

    def of_one_name(self, tree, names):
        """sum($a.KEY) is sum(KEY in $a)."""
        found = {leaf[1] for leaf in self.leaves(tree) if leaf[0] == "name"}
        if not found:
            return tree, names
        if names or len(found) > 1 or any(leaf[0] != "name" for leaf in self.leaves(tree)):
            self.fail("keys of one set are needed")

        def bare(part):
            if isinstance(part, list):
                return [bare(one) for one in part]
            if not isinstance(part, tuple):
                return part
            return ("key", part[2]) if part[0] == "name" else tuple(bare(one) for one in part)
        tree = bare(tree)
        return (tree[1] if tree[0] == "key" else tree), tuple(found)

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
