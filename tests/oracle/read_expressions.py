"""Expressions and joined comparisons: text to trees (see expressions.py)."""

import re

from . import expressions, json_paths
from .functions import CALLS, FUNCTIONS
from .known_types import bare_value, check_kinds
from .reader import OPERATORS
from .read_selectors import SelectorReader
from .terms import ExpressionError, InjectionOperand
from .value_types import check_comparison, types_of


JOINING_OPERATORS = re.compile(r"(?:not[ \t\r\n]+)?json-contains(?![A-Za-z0-9_./-])|" + OPERATORS.pattern)


class ExpressionReader(SelectorReader):
    """What goes beyond KEY OP VALUE."""

    whole_trace = False  # an output or a rule: it may read across spans, and nothing is selected

    def checked(self, tree):
        """Refuses what is known to be no expression: no key, name or record in a comparison, sums of times with what is none."""
        if tree[0] == "holds":
            return tree
        if tree[0] in ("and", "or"):
            for part in tree[1]:
                self.checked(part)
        elif tree[0] == "not":
            self.checked(tree[1])
        elif all(side[0] == "lit" for side in ([tree[2], *tree[3]] if tree[0] == "in" else tree[1:]) if isinstance(side, tuple)):
            self.fail("both sides are plain values")
        else:
            for side in tree[1:]:
                check_kinds(side)
            if tree[0] == "compare":
                check_comparison(*tree[1:])
            elif tree[0] == "in":
                for one in tree[3]:
                    check_comparison("=" if tree[1] == "in" else "!=", tree[2], one)
            else:
                types_of(tree[1])
            if tree[0] in ("exists", "missing") and tree[1][0] in ("count", "whole"):
                self.fail("always there")
        return tree

    @staticmethod
    def leaves(tree):
        """What it reads."""
        return expressions.leaves(tree)

    def checked_value(self, tree):
        """The same of a tree that is a value; keys of a selected span can't stand in it."""
        if any(leaf[0] == "key" or leaf == ("count", None) for leaf in expressions.leaves(tree)):
            self.fail("an output is over names, the record and outputs")
        if any(leaf[0] == "whole" and leaf[1].reads_selection for leaf in expressions.leaves(tree)):
            self.fail("nothing is selected")
        check_kinds(tree)
        types_of(tree)
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
            inner = self.compared_alone() if self.counts else None
            inner = inner or self.joined()
            self.need(")")
            return "not", inner
        before = self.at
        if self.counts and self.take("("):
            across = self.compared_alone()
            if across is not None:
                self.need(")")
                if self.looking_at(r"(and|or)\s|\)|\Z"):
                    return across
            self.at = before
        if self.take("("):
            try:
                inner = self.joined()
                self.need(")")
                if not self.looking_at(r"[-+*/%=!<>|]|in\s|json-|not\s|contains|exists|missing|starts|ends"):
                    return inner
            except ExpressionError:
                pass
            self.at = before
        return self.expression_comparison()

    def expression_comparison(self):
        left = self.expression(True)
        self.blanks()
        op = " ".join(self.match(JOINING_OPERATORS, "an operator").split())
        if op in ("exists", "missing"):
            return op, left
        if op in ("in", "not in"):
            self.need("(")
            items = [self.expression(False)]
            while self.take(","):
                items.append(self.expression(False))
            self.need(")")
            return "in", op, left, items
        right = self.expression(False)
        if op in ("=~", "!~") and (right[0] != "lit" or not isinstance(right[1], str)):
            self.fail("a pattern is written there")
        return "compare", op, left, right

    def expression(self, is_left):
        """A sum, and the functions that it goes through."""
        found = self.sum(is_left)
        while self.take("|"):
            self.blanks()
            name = self.match(re.compile(r"[a-z_]+"), "a function")
            arguments = [found]
            while self.looking_at(r"['\"$`]|-?[0-9]|(var|env|output|attr|resource|scope|span):"
                                  r"|(?!(in|not|and|or|exists|missing|contains|json-contains|starts-with|ends-with)\b)[A-Za-z_]"):
                arguments.append(self.leaf(False))
            found = self.called(name, arguments)
        return found

    def called(self, name, arguments):
        """A call, where there is such a function of so many arguments."""
        if name not in CALLS and name != "coalesce":
            self.fail("no such function")
        least, most = FUNCTIONS.get(name, (1, 1))
        if not least <= len(arguments) <= most:
            self.fail("how many arguments?")
        if name in ("regex", "regex_group", "json_path") and (arguments[1][0] != "lit" or not isinstance(arguments[1][1], str)):
            self.fail("it is written there")
        if name == "json_path":
            try:
                json_paths.read(arguments[1][1])
            except json_paths.BadPath:
                self.fail("no JSON path")
        return "call", name, arguments

    def joined_text(self):
        """f'…${expression}…'"""
        mark, parts, text = self.text[self.at + 1], [("lit", "")], []
        self.at += 2
        while True:
            char = self.text[self.at:self.at + 1] or self.fail("unclosed text")
            self.at += 1
            if char == mark or char == "$" and self.text[self.at:self.at + 1] == "{":
                parts.append(("lit", "".join(text)))
                text = []
                if char == mark:
                    return "call", "concat", parts
                self.at += 1
                parts.append(self.expression(True))
                self.need("}")
            elif char == "\\" and self.text[self.at:self.at + 1] in tuple("\\\"'nt"):
                text.append({"n": "\n", "t": "\t"}.get(self.text[self.at], self.text[self.at]))
                self.at += 1
            else:
                text.append(char)

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
            found = self.expression(is_left)
            self.need(")")
            return found
        across = self.operand() if self.counts or self.whole_trace else None
        if across is not None:
            return across
        call = re.compile(r"([a-z_]+)\(").match(self.text, self.at)
        if call and call.group(1) != "count":
            self.at = call.end()
            found = [self.expression(is_left)]
            while self.take(","):
                found.append(self.expression(is_left))
            self.need(")")
            return self.called(call.group(1), found)
        return self.leaf(is_left)

    def leaf(self, is_left):
        """A value, a key, an output, a count."""
        if self.looking_at(r"\$"):
            side = self.variable()
            return ("injection", side.key) if isinstance(side, InjectionOperand) else ("name", side.name, side.key)
        if self.text[self.at:self.at + 1] in ("'", '"'):
            return "lit", self.quoted()
        if re.compile(r"f['\"]").match(self.text, self.at):
            return self.joined_text()
        if re.compile(r"count\(").match(self.text, self.at):
            return "count", self.count().name
        given, value = self.given_value()
        if given:
            return "lit", value
        output = re.compile(r"output:([A-Za-z0-9_-]+)").match(self.text, self.at)
        if output:
            self.at = output.end()
            return self.words_known.outputs.get(output.group(1)) or self.fail("no such output")
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
