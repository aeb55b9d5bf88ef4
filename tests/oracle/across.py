"""Conditions across spans and over the whole trace in a suite's view: by themselves, as operands, as truths (docs/language.md)."""

from . import expressions, whole, whole_clocks, whole_trace
from .functions import Uncomputable
from .selections import lookup, read_leaf, test_span
from .terms import Expression, Key, innermost
from .values import CLOCK, FALSE, INCOMPARABLE, TRUE, UNKNOWN, opposite
from .whole import ERROR, FAIL, INCONCLUSIVE, PASS

_OVER_TRACE = {"trace": whole_trace.judge_trace, "edge": whole_trace.judge_edge, "critical": whole_trace.judge_critical}
_TRUTHS = {PASS: TRUE, FAIL: FALSE, ERROR: INCOMPARABLE, INCONCLUSIVE: UNKNOWN}
SELF_TIME = Key("span", "self_time")


def judge_whole(what, selection, view):
    """The result of such a condition by itself."""
    result, stays, soft, picks = _judged(what, selection, view)
    return INCONCLUSIVE if soft and (picks or not stays) else result


def _judged(what, selection, view):
    """(result, whether it stays, whether its sets could be others, whether one of them picks)"""
    sets = [selection] if what.reads_selection else [view.name(name) for name in what.names]
    soft = any(view.soft(one) for one in sets) or view.short
    return *_forms(what, [one.nodes for one in sets], view), soft, any(one.picks for one in sets)


def self_time(node, view):
    """Of a span; raises Unjudged where it is not known exactly."""
    bounds = whole_clocks.own_time(node, view.trace, view.clocks)
    if bounds is None or bounds[0] != bounds[1]:
        raise whole.Unjudged(INCONCLUSIVE)
    return bounds[0]


def _look(view):
    """lookup(node, key) where a key may look at the trace, or be an expression."""
    def read(leaf, node):
        key = leaf[-1]
        return ([self_time(node, view)], False) if key == SELF_TIME else read_leaf(leaf, node)

    def look(node, key):
        if key == SELF_TIME:
            return [self_time(node, view)], False
        if not isinstance(key, tuple):
            return lookup(node, key)
        try:
            return [expressions.Evaluation(lambda leaf: read(leaf, node)).value(key)], False
        except expressions.Missing as missing:
            return [], missing.unknown
        except Uncomputable:
            raise whole.Unjudged(ERROR) from None
        except expressions.Backwards:
            raise whole.Unjudged(INCONCLUSIVE) from None
    return look


def _forms(what, nodes, view):
    parts, trace, look = what.parts, view.trace, _look(view)
    timed = what.kind in whole_clocks.KINDS or what.kind == "each" and parts["kind"] == "followed"
    if view.clocks and (timed or what.kind == "trace" and parts["term"] in ("duration", "retries")):
        judge = whole_clocks.Judge(trace, view.clocks, look)
        if what.kind == "trace":
            return judge.duration(parts) if parts["term"] == "duration" else judge.retries(parts)
        return judge.each(parts, nodes) if what.kind == "each" else judge.judge(what.kind, parts, nodes)
    if what.kind == "how many":
        result, stays = whole.judge_number(parts, [test_in(parts["test"], node, view) for node in nodes[0]])
        return result, stays and not reads_self_time(parts["test"])
    if view.clocks and what.kind == "aggregate" and parts["key"] == SELF_TIME and parts["word"] != "distinct":
        return whole_clocks.judge_own_times(parts, nodes[0], trace, view.clocks)
    if view.clocks and what.kind == "critical":
        return whole_clocks.judge_critical(parts, trace, view.clocks)
    if what.kind == "aggregate":
        return whole.judge_aggregate(parts, nodes[0], look)
    if what.kind in ("same", "unique"):
        return whole.judge_values(what.kind, parts["key"], nodes, look)
    if what.kind in ("each", "none after"):
        return (whole.judge_each if what.kind == "each" else whole.judge_none_after)(parts, nodes, look)
    if what.kind == "lag":
        return whole.judge_lag(parts, nodes, trace, look)
    if what.kind == "states":
        return whole.judge_states(parts, nodes[0], look)
    if what.kind in _OVER_TRACE:
        return _OVER_TRACE[what.kind](parts, trace)
    return whole.judge_order(what.kind, parts, nodes)


def reads_self_time(test):
    """Whether a test on a span does."""
    return not isinstance(test, Expression) and innermost(test).operand.key == SELF_TIME


def test_in(test, node, view):
    """test_span, for a key that looks at the trace too."""
    if not reads_self_time(test):
        return test_span(test, node)[0]
    bounds, negated = whole_clocks.own_time(node, view.trace, view.clocks), 0
    while test is not innermost(test):
        test, negated = test.inner, negated + 1
    if bounds is None:
        return CLOCK
    told = whole_clocks.own_time_outcome(test, bounds)
    outcome = {True: TRUE, False: FALSE, None: CLOCK}[told]
    return opposite(outcome) if negated % 2 else outcome


class Reading:
    """What an expression reads: of the span at hand, of names, of the record, across spans."""

    def __init__(self, view, selected):
        self.view, self.selected, self.known = view, selected, {}

    def read(self, leaf, node):
        """(values, dropped) of a leaf; raises Backwards, Uncomputable, Anything."""
        view = self.view
        if leaf[0] == "whole":
            return self.operand(leaf[1])
        if leaf[0] in ("key", "name"):
            span = node if leaf[0] == "key" else view.name(leaf[1]).nodes[0]
            return self.own_time(span) if leaf[-1] == SELF_TIME else read_leaf(leaf, span)
        if leaf[0] == "count":
            return [len((self.selected if leaf[1] is None else view.name(leaf[1])).nodes)], False
        value = view.injection.get(leaf[1])
        return ([] if value is None else [value]), False

    def own_time(self, span):
        """span:self_time"""
        if self.view.short:
            raise expressions.Anything
        bounds = whole_clocks.own_time(span, self.view.trace, self.view.clocks)
        if bounds is None or bounds[0] != bounds[1]:
            raise expressions.Backwards
        return [bounds[0]], False

    def operand(self, what):
        """A term across spans as a value."""
        key = id(what)
        if key not in self.known:
            seen = []
            what.parts["op"], what.parts["literal"] = "capture", seen
            self.known[key] = (*_judged(what, self.selected, self.view), seen)
        result, stays, soft, picks, seen = self.known[key]
        if soft and (picks or not stays):
            raise expressions.Anything if self.view.short else expressions.Backwards
        if result == FAIL:
            return [], False
        if result == ERROR:
            raise Uncomputable
        if result == INCONCLUSIVE:
            raise expressions.Backwards
        return [seen[-1]], False

    def holds(self, what):
        """A statement, or a term that is compared, as a truth."""
        result, stays, soft, picks = _judged(what, self.selected, self.view)
        if soft and (picks or not stays):
            return expressions.ANYTHING if self.view.short else UNKNOWN
        return _TRUTHS[result]
