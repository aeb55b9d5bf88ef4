"""One suite against one whole trace: selections, conditions, assertions, samples (sections 2 to 6)."""

from dataclasses import dataclass, replace

from . import across, expressions, values, whole, whole_clocks
from .clocks import GENERATOR, Clocks, between
from .functions import Uncomputable
from .selections import ANYTHING, JOINED, UNTOLD, Selection, lookup, outcome_json, read_leaf, select, test_span, test_values
from .terms import CountOperand, DifferenceOperand, Expression, InjectionOperand, Key, NameOperand, Not, Selector, SpanOperand, Test, innermost
from .values import CLOCK, FALSE, INCOMPARABLE, TRUE, UNKNOWN, Duration, Time

PASS, FAIL, ERROR, INCONCLUSIVE, SKIPPED = "pass", "fail", "error", "inconclusive", "skipped"
STRENGTH = (FAIL, ERROR, INCONCLUSIVE, PASS)


def strongest(results):
    """The strongest of some results; `pass` where there is none but skipped ones."""
    results = set(results)
    return next((result for result in STRENGTH if result in results), PASS)


@dataclass
class Failure:
    """One entry of a report's `failures`, without reason."""
    trace_id: str
    node: object
    result: str
    condition: str
    expected: object
    actual: object

# A suite in a trace

class View:
    """A trace as one suite sees it: its selections, its names, its record, whether evidence is short."""

    def __init__(self, suite, trace, injection):
        self.suite, self.trace, self.injection = suite, trace, injection
        span_id = injection.span_id if injection else ""
        self.short = trace.short_by_loss or (not suite.lenient and trace.short_by_parents(span_id))
        if suite.traces is not None and not select(suite.traces, trace).nodes:
            self.short = True
        self.bound = {}
        self.clocks = Clocks(trace, injection, suite.max_skew) if suite.estimates_skew else None

    def name(self, name):
        """The selection of a named span."""
        if name not in self.bound:
            self.bound[name] = select(self.suite.spans[name], self.trace)
        return self.bound[name]

    def soft(self, selection):
        """Whether results that read the selection could change with spans that are not here."""
        return self.short or selection.uncertain


def judges(suite, trace, injection):
    """Whether a suite judges a trace of the campaign."""
    labels = injection.labels if injection else {}
    if any(labels.get(name) != value for name, value in suite.labels.items()):
        return False
    return suite.traces is None or bool(select(suite.traces, trace, as_received=True).nodes)


_BY_OUTCOME = {TRUE: PASS, FALSE: FAIL, INCOMPARABLE: ERROR, UNKNOWN: INCONCLUSIVE, CLOCK: INCONCLUSIVE}


def _expected(test):
    if isinstance(test, Expression) and test.reads_span and not (test.names or test.reads_injection or test.across):
        tree = test.tree
        return True if tree[0] in JOINED else tree[3][1] if tree[0] == "compare" and tree[3][0] == "lit" else ANYTHING
    if isinstance(test, (whole.Whole, Expression)):
        return ANYTHING
    operand = innermost(test).operand
    if isinstance(operand, (SpanOperand, NameOperand)) and operand.key.prefix == "defect":
        return ANYTHING
    return True if isinstance(test, Not) or test.op in ("exists", "missing") else test.literal


def _judge_count(condition, selection, view):
    number = len(selection.nodes)
    test = condition.test
    result = PASS if _count_holds(test, number) else FAIL
    least = 0 if selection.picks else number
    if view.soft(selection) and not _same_from(test, least):
        result = INCONCLUSIVE
    return result, [(None, _expected(test), number)]


def _count_holds(test, number):
    if isinstance(test, Not):
        return not _count_holds(test.inner, number)
    return values.compare(number, test.op, test.literal) == TRUE


def _same_from(test, least):
    """Whether a comparison has one answer for every number from `least` up."""
    literal = innermost(test).literal
    limits = [int(values.as_number(one)) for one in (literal if isinstance(literal, tuple) else (literal,))]
    far = max(limits + [least]) + 2
    near = [number for limit in limits for number in range(limit - 2, limit + 3) if number >= least]
    return len({_count_holds(test, number) for number in [least, far] + near}) == 1


def _test_with_actual(test, node, view):
    if not across.reads_self_time(test):
        return test_span(test, node)
    bounds = whole_clocks.own_time(node, view.trace, view.clocks)
    if bounds is None or bounds[0] == bounds[1]:
        return (CLOCK, None) if bounds is None else _compare_plain(test, bounds[0])
    return across.test_in(test, node, view), ANYTHING


def _judge_spans(condition, selection, view):
    test, quantifier = condition.test, condition.quantifier
    soft = view.soft(selection)
    expected = ANYTHING if across.reads_self_time(test) else _expected(test)  # the deciding span is told alone
    single = [(None, expected, None)]
    if not selection.nodes:
        if soft:
            return INCONCLUSIVE, single
        return (PASS if quantifier == "none" else FAIL), single
    if soft and across.reads_self_time(test):  # a further child may take from it
        return INCONCLUSIVE, [(None, ANYTHING, ANYTHING)]
    outcomes = [(node, *_test_with_actual(test, node, view)) for node in selection.nodes]
    swap = {PASS: FAIL, FAIL: PASS} if quantifier == "none" else {}
    results = [(node, swap.get(_BY_OUTCOME[outcome], _BY_OUTCOME[outcome]), actual)
               for node, outcome, actual in outcomes]
    if quantifier == "any":
        return _judge_any(results, expected, soft, selection.picks)
    result = strongest(result for _, result, _ in results)
    if soft and (result == PASS or result == FAIL and selection.picks):
        return INCONCLUSIVE, single
    return result, [(node, expected, actual) for node, own, actual in results if own == result]


def _judge_any(results, expected, soft, picks):
    found = {result for _, result, _ in results}
    result = next(result for result in (PASS, ERROR, INCONCLUSIVE, FAIL) if result in found)
    single = [(None, expected, None)]
    if soft and (result in (ERROR, FAIL) or result == PASS and picks):
        return INCONCLUSIVE, single
    if result == FAIL:
        return FAIL, single
    return result, [(node, expected, actual) for node, own, actual in results if own == result]


def _judge_name(condition, view):
    test = condition.test
    selection = view.name(condition.operand.name)
    soft, number = view.soft(selection), len(selection.nodes)
    none = [(None, _expected(test), None)]
    if number != 1:
        changeable = soft and (number == 0 or selection.picks)
        return (INCONCLUSIVE if changeable else FAIL), none
    node = selection.nodes[0]
    outcome, actual = _test_on(test, node)
    result = _BY_OUTCOME[outcome]
    if soft and (result == PASS or result == FAIL and selection.picks):
        return INCONCLUSIVE, none
    return result, [(node, _expected(test), actual)]


def _test_on(test, node):
    """A test on `$x.KEY` once x is bound: the same test on the span's KEY."""
    if isinstance(test, Not):
        outcome = values.opposite(_test_on(test.inner, node)[0])
        return outcome, outcome_json(outcome)
    return test_span(type(test)(SpanOperand(test.operand.key), test.op, test.literal), node)


def _judge_injection(condition, view):
    test = condition.test
    if view.injection is None:
        return FAIL, [(None, _expected(test), None)]
    outcome, actual = _test_record(test, view.injection)
    return _BY_OUTCOME[outcome], [(None, _expected(test), actual)]


def _test_record(test, injection):
    if isinstance(test, Not):
        outcome = values.opposite(_test_record(test.inner, injection)[0])
        return outcome, outcome_json(outcome)
    value = injection.get(test.operand.key)
    outcome = test_values([] if value is None else [value], test, dropped=False)
    return outcome, outcome_json(outcome) if test.op in ("exists", "missing") else value


@dataclass
class Side:
    """One time of a difference: its value where it has exactly one."""
    selection: Selection | None
    time: Time | None
    backwards: bool
    number: int
    clock: object = None


def _side(operand, view):
    if isinstance(operand, InjectionOperand):
        time = view.injection.get(operand.key) if view.injection else None
        return Side(None, time, False, 0 if time is None else 1, GENERATOR)
    selection = view.name(operand.name)
    if len(selection.nodes) != 1:
        return Side(selection, None, False, len(selection.nodes))
    node = selection.nodes[0]
    clock = view.clocks.of[node] if view.clocks else None
    return Side(selection, Time(getattr(node.span, operand.key.name)), node.backwards, 1, clock)


def _judge_difference(condition, view):
    test, operand = condition.test, condition.operand
    sides = [_side(operand.left, view), _side(operand.right, view)]
    soft = [side.selection is not None and view.soft(side.selection) for side in sides]
    picks = [side.selection is not None and side.selection.picks for side in sides]
    node = _only_node(condition, view)
    none = [(None, _expected(test), None)]
    for side, is_soft, is_pick in zip(sides, soft, picks):
        changeable = is_soft and (side.number == 0 or is_pick)
        if side.number != 1 and not changeable:
            return FAIL, [(node, _expected(test), None)]
    if any(side.number != 1 for side in sides):
        return INCONCLUSIVE, none
    if any(side.backwards for side in sides):
        return INCONCLUSIVE, [(node, _expected(test), None)]
    if any(is_soft and is_pick for is_soft, is_pick in zip(soft, picks)):
        return INCONCLUSIVE, none
    value = Duration(sides[0].time - sides[1].time)
    if view.clocks and sides[0].clock != sides[1].clock:
        return _judge_really(test, view, (value, sides[0].clock, sides[1].clock), any(soft), (node, _expected(test)))
    outcome, actual = _compare_plain(test, value)
    if outcome == TRUE and any(soft):
        return INCONCLUSIVE, none
    return _BY_OUTCOME[outcome], [(node, _expected(test), actual)]


def _judge_really(test, view, measured, soft, entry):
    """A difference of times of two clocks."""
    literal = innermost(test).literal
    told = between(*view.clocks.really(*measured), lambda value: _compare_plain(test, value)[0] == TRUE, literal if isinstance(literal, tuple) else (literal,))
    if soft:
        return INCONCLUSIVE, [(None, ANYTHING, ANYTHING)]
    if told is None:
        return INCONCLUSIVE, [(entry[0], ANYTHING, ANYTHING)]
    return (PASS if told else FAIL), [(entry[0], ANYTHING, ANYTHING)]


def _compare_plain(test, value):
    if isinstance(test, Not):
        outcome = values.opposite(_compare_plain(test.inner, value)[0])
        return outcome, outcome_json(outcome)
    return values.compare(value, test.op, test.literal), value


def _only_node(condition, view):
    if len(condition.names) != 1:
        return None
    nodes = view.name(condition.names[0]).nodes
    return nodes[0] if len(nodes) == 1 else None


def _time_operand(tree):
    """A leaf that is a time, as an operand; else None."""
    if tree[0] == "name" and tree[2].own in ("start", "end"):
        return NameOperand(tree[1], tree[2])
    if tree[0] == "injection" and tree[1] == Key("", "time"):
        return InjectionOperand(tree[1])
    return None


def _as_difference(tree):
    """A test of a difference of two times: two times that are compared, or their difference against what reads nothing. Else None."""
    if tree[0] == "not":
        inner = _as_difference(tree[1])
        return inner and Not(inner)
    if tree[0] != "compare" or tree[1] not in ("=", "!=", "<", "<=", ">", ">="):
        return None
    left, right = tree[2], tree[3]
    times = _time_operand(left), _time_operand(right)
    if None not in times:
        return Test(DifferenceOperand(*times), tree[1], Duration(0))
    if left[:2] == ("sum", "-") and not any(True for _ in expressions.leaves(right)):
        times = _time_operand(left[2]), _time_operand(left[3])
        if None not in times:
            try:
                return Test(DifferenceOperand(*times), tree[1], expressions.Evaluation(None).value(right))
            except Uncomputable:
                return None
    return None


def _has_clocks_apart(test, view):
    """Whether it reads times of several clocks."""
    clocks = set()
    for leaf in expressions.leaves(test.tree):
        if leaf[0] == "injection" and leaf[1] == Key("", "time"):
            clocks.add(GENERATOR)
        elif leaf[0] == "name" and leaf[2].own in ("start", "end"):
            clocks.add(view.clocks.of[view.name(leaf[1]).nodes[0]])
        elif leaf[0] == "key" and leaf[1].own in ("start", "end"):
            clocks.add("selected")
    return len(clocks) > 1


def _judge_joint(condition, selected, view):
    """An expression over names, the record or across spans; on each of the selected spans where it reads them besides."""
    test = condition.test
    single = [(None, ANYTHING, ANYTHING)]
    selection = selected if test.reads_span else None
    if selection is not None and not selection.nodes:
        return _judge_spans(condition, selection, view)
    difference = _as_difference(test.tree) if view.clocks and selection is None else None
    if difference is not None:
        result, entries = _judge_difference(replace(condition, test=difference), view)
        return result, [(node, ANYTHING, ANYTHING) for node, _, _ in entries]
    if selection is None and not test.across and not test.reads_self_time:
        single = _once(condition, view, FAIL, False)
    leaves = list(expressions.leaves(test.tree))
    bound = [name for name in test.names if any(leaf[0] == "name" and leaf[1] == name for leaf in leaves)]
    sides = [view.name(name) for name in bound]
    counts = [leaf[1] for leaf in leaves if leaf[0] == "count" and leaf[1] not in bound]
    counted = bool(counts)
    if test.reads_injection and view.injection is None:
        return FAIL, single
    if any(len(side.nodes) != 1 and not (view.soft(side) and (not side.nodes or side.picks)) for side in sides):
        return FAIL, single
    if any(len(side.nodes) != 1 for side in sides):
        return INCONCLUSIVE, single
    told = selection is None and not test.across and not test.reads_self_time
    soft = any(view.soft(view.name(name)) for name in test.names) or selection is not None and view.soft(selection) or (
        (counted or test.across or test.reads_self_time) and view.short)
    result = _result_of_joint(condition, across.Reading(view, selected), selection)
    if told and result == INCONCLUSIVE:
        single = _once(condition, view, result, True)
    if any(view.soft(selected if name is None else view.name(name)) for name in counts) or result != ERROR and any(view.soft(side) and side.picks for side in sides):
        return INCONCLUSIVE, single
    stays = condition.quantifier != "any" and result in (FAIL, ERROR) or condition.quantifier == "any" and result == PASS and not any(map(view.soft, sides))
    if selection is not None and result != ERROR and selection.picks and view.soft(selection):
        stays = False
    if selection is None and test.across and not sides and not counted:
        stays = True
    if told and (stays or not soft):
        single = _once(condition, view, result, True)
    return (INCONCLUSIVE if soft and not stays else result), single


def _side_value(tree, view):
    """What one side of a comparison came to: None where it is missing, UNTOLD where it is not known."""
    try:
        return expressions.Evaluation(lambda leaf: across.Reading(view, None).read(leaf, None)).value(tree)
    except expressions.Missing as missing:
        return UNTOLD if missing.unknown else None
    except (Uncomputable, expressions.Backwards, expressions.Anything):
        return UNTOLD


def _once(condition, view, result, evaluated):
    """The entry of a condition over names and the record that is judged once; `evaluated`: by the values of its names (READINGS, row 86)."""
    test, tree = condition.test, condition.test.tree
    keys = [leaf[-1] for leaf in expressions.leaves(tree)]
    if tree[0] == "in" or any(getattr(key, "prefix", None) == "defect" for key in keys):
        return [(None, ANYTHING, ANYTHING)]
    named = {leaf[1] for leaf in expressions.leaves(tree) if leaf[0] == "name"}
    node = view.name(*named).nodes[0] if evaluated and len(named) == 1 else None
    if tree[0] != "compare":
        return [(node, True, False if evaluated and result == FAIL else None)]
    if evaluated and result == FAIL:
        return [(node, _side_value(tree[3], view), _side_value(tree[2], view))]
    return [(node, UNTOLD, None if result == INCONCLUSIVE else UNTOLD)]


def _result_of_joint(condition, reading, selection):
    test, view, results = condition.test, reading.view, []
    for node in selection.nodes if selection is not None else [None]:
        outcome = expressions.Evaluation(lambda leaf, node=node: reading.read(leaf, node), reading.holds).truth(test.tree)
        results.append(_BY_OUTCOME.get(outcome, INCONCLUSIVE))
    if view.clocks and _has_clocks_apart(test, view):
        return INCONCLUSIVE
    if condition.quantifier == "none":
        results = [{PASS: FAIL, FAIL: PASS}.get(result, result) for result in results]
    if condition.quantifier == "any":
        return next(one for one in (PASS, ERROR, INCONCLUSIVE, FAIL) if one in results)
    return strongest(results)


def judge_condition(condition, selection, view):
    """(result, entries) of one condition; `selection` is the assertion's, None without select."""
    operand = condition.operand
    if isinstance(operand, whole.Whole):
        return across.judge_whole(condition.test, selection, view), [(None, ANYTHING, ANYTHING)]
    if isinstance(operand, Expression):
        if operand.names or operand.reads_injection or not operand.reads_span or operand.across or operand.reads_self_time:
            return _judge_joint(condition, selection, view)
        return _judge_spans(condition, selection, view)
    if isinstance(operand, SpanOperand):
        return _judge_spans(condition, selection, view)
    if isinstance(operand, CountOperand):
        return _judge_count(condition, selection if operand.name is None else view.name(operand.name), view)
    if isinstance(operand, NameOperand):
        return _judge_name(condition, view)
    if isinstance(operand, InjectionOperand):
        return _judge_injection(condition, view)
    return _judge_difference(condition, view)


def _judge_when(when, view):
    """(result, entries): `pass` where it holds, `skipped` where not."""
    if isinstance(when, Selector):
        selection = select(when, view.trace)
        if view.soft(selection):
            return INCONCLUSIVE, [(None, True, None)]
        return (PASS if selection.nodes else SKIPPED), []
    result, entries = judge_condition(when, None, view)
    looks_across = isinstance(when.operand, whole.Whole) or isinstance(when.operand, Expression) and bool(when.operand.across)
    if result != ERROR and (any(view.soft(view.name(name)) for name in when.names) or looks_across and view.short):
        number = len(view.name(when.operand.name).nodes) if isinstance(when.operand, CountOperand) else None
        return INCONCLUSIVE, [(None, _expected(when.test), number)]
    return (SKIPPED if result == FAIL else result), entries


def _unknown_entries(assertion, view):
    """Nothing selected, `optional`, short: no condition can be known."""
    for condition in assertion.conditions:
        operand, number = condition.operand, None
        if isinstance(operand, CountOperand):
            number = 0 if operand.name is None else len(view.name(operand.name).nodes)
        yield INCONCLUSIVE, condition.text, [(None, _expected(condition.test), number)]


def _judge_conditions(assertion, view):
    """(result or None, condition's text, entries) for each condition; None: decide by the conditions."""
    selection = select(assertion.select, view.trace) if assertion.select else None
    if assertion.optional and selection is not None and not selection.nodes:
        if not view.soft(selection):
            return SKIPPED, []
        return INCONCLUSIVE, list(_unknown_entries(assertion, view))
    judged = []
    for condition in assertion.conditions:
        result, entries = judge_condition(condition, selection, view)
        judged.append((result, condition.text, entries))
    return strongest(result for result, _, _ in judged), judged


def judge_assertion(assertion, view):
    """(result, failures) of an assertion in a trace."""
    if assertion.when is not None:
        result, entries = _judge_when(assertion.when, view)
        if result != PASS:
            return result, _failures([(result, assertion.when_text, entries)], view)
    result, judged = _judge_conditions(assertion, view)
    return result, _failures(judged, view)


def _failures(judged, view):
    return [Failure(view.trace.trace_id, node, result, text, expected, actual)
            for result, text, entries in judged if result in (FAIL, ERROR, INCONCLUSIVE)
            for node, expected, actual in entries]


def sample(rule, view):
    """What a difference of two times gives as a sample: a duration, "absent", or None."""
    sides = [_side(rule.operand.left, view), _side(rule.operand.right, view)]
    if any(side.selection is None and side.number == 0 for side in sides):
        return None
    binds = [side.number == 1 and not side.backwards for side in sides]
    if all(binds):
        return Duration(sides[0].time - sides[1].time)
    absent = any(binds) and any(side.number == 0 for side in sides)
    return "absent" if absent else None
