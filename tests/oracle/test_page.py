"""The examples of docs/language.md that show what comes out, by the plain evaluator."""

import re
import unittest

from tests.oracle import expressions, semconv
from tests.oracle.known_types import bare_value, variable_value
from tests.oracle.language import read_value, parse_condition
from tests.oracle.selections import read_leaf
from tests.oracle.terms import Expression
from tests.oracle.traces import Node

BODY = '{"user": {"id": 7, "name": "Ann"}, "items": [{"sku": "a", "n": 2}, {"sku": "b", "n": 1}]}'


class _Span:
    """The span of the page."""
    trace_id, span_id, parent, start, end, name, kind, status = "1", "1", "", 10**9, 10**9 + 50 * 10**6, "POST /orders", 2, 1
    status_message = tracestate = ""
    flags = dropped_attributes = dropped_events = dropped_links = 0
    backwards = False
    events, links, scope = [], [], ("", "", {})
    resource = {"service.name": "shop"}
    attributes = {"order.id": "o-42", "n": 3, "price": 2.5, "code": "200", "paid": True, "tags": ["new", "gift"], "body": BODY}


def evaluation():
    """Over that span."""
    node = Node(_Span)
    return expressions.Evaluation(lambda leaf: read_leaf(leaf, node))


def outcome(text):
    """As the page writes it: a value, `missing`, `error`."""
    try:
        return evaluation().value(read_value(text))
    except expressions.Missing:
        return "missing"
    except expressions.Uncomputable:
        return "error"


class Page(unittest.TestCase):
    """Each line with =>."""

    def setUp(self):
        with open(semconv.PAGE, encoding="utf-8") as source:
            self.page = source.read()

    def _lines(self, kind):
        for block in re.findall(rf"```{kind}\n(.*?)```", self.page, re.S):
            for line in block.strip().split("\n"):
                yield line.split(" => ")

    def test_values(self):
        """Of expressions and of the table of functions."""
        rows = [pair for pair in self._lines("assertd-value")]
        rows += re.findall(r"^\| `[a-z_]+\(.*\| `(.+)` => `(.+)` \|$", self.page, re.M)
        self.assertGreater(len(rows), 55)
        for text, expected in rows:
            wanted = variable_value(expected) if expected[0] == "'" else bare_value(expected)
            with self.subTest(text):
                self.assertEqual((wanted, isinstance(wanted, str)), (outcome(text), isinstance(outcome(text), str)))

    def test_truths(self):
        """`missing` is false."""
        rows = list(self._lines("assertd-truth"))
        self.assertGreater(len(rows), 15)
        for text, expected in rows:
            test = parse_condition(text, (), True).test
            with self.subTest(text):
                self.assertIsInstance(test, Expression)
                self.assertEqual({"missing": "false", "error": "incomparable"}.get(expected, expected), evaluation().truth(test.tree))

    def test_other_names(self):
        """The table is read, and kinds are heeded."""
        self.assertGreater(len(semconv.pairs()), 90)
        self.assertEqual((("server.address", "others"), ("client.address", "server")), semconv.others("net.peer.name"))


if __name__ == "__main__":
    unittest.main()
