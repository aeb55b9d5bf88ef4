"""Tests on one span, and what a selector selects (sections 2 and 3)."""

from dataclasses import dataclass

from . import expressions, quality, semconv, values
from .functions import Uncomputable
from .terms import Expression, Not, NotAll
from .values import CLOCK, FALSE, INCOMPARABLE, TRUE, UNKNOWN, Duration, Time

ANYTHING = "anything"  # in an entry: not told by this evaluator
UNTOLD = "untold"  # expected or actual of an entry that is compared but for them
JOINED = ("and", "or", "not")  # expressions that are expected to be true

# Tests on one span

def lookup(node, key):
    """(values there, whether a dropped one could be there too) of a key on a span."""
    span, own = node.span, key.own
    if own in ("start", "end"):
        return [Time(getattr(span, own))], False
    if own == "duration":
        return [Duration(span.end - span.start)], False
    if own == "name":
        return [span.name], False
    if own:
        return [getattr(node, own)], False
    if key.prefix == "span":
        return _lookup_field(node, key.name)
    if key.prefix in ("event", "link"):
        return _lookup_many(node, key)
    if key.prefix == "defect":
        broken = quality.breaks(key.name, node, _type_of(span))
        return (["a key"] if broken else []), broken is None
    if key.prefix == "resource":
        value = semconv.there(span.resource, key, node.kind)
    elif key.prefix == "scope":
        value = _lookup_scope(span.scope, key)
    else:
        value = semconv.there(span.attributes, key, node.kind)
        if value is None and node.dropped_attributes:
            return [], True
        if value is None and not key.prefix:
            value = semconv.there(span.resource, key, node.kind)
    return ([] if value is None else [value]), False


_TYPES = (("database", "db."), ("messaging", "messaging."), ("faas", "faas."), ("graphql", "graphql."), ("rpc", "rpc."),
          ("http", "http."), ("exception", "exception."))


def _type_of(span):
    there = [key for key, value in span.attributes.items() if value is not None]
    return next((word for word, space in _TYPES if any(key.startswith(space) for key in there)), "general")


def _lookup_field(node, name):
    span = node.span
    if name == "type":
        found = _type_of(span)
        return ([], True) if node.dropped_attributes and found != "database" else ([found], False)
    value = {"status_message": span.status_message, "id": span.span_id, "parent_id": span.parent,
             "trace_state": span.tracestate, "event_count": len(span.events) + node.dropped_event_count,
             "link_count": len(span.links) + node.dropped_link_count}[name]
    return ([] if value == "" else [value]), False


def _lookup_scope(scope, key):
    if not key.quoted and key.name in ("name", "version"):
        return scope[0] if key.name == "name" else scope[1]
    return scope[2].get(key.name)


def _lookup_many(node, key):
    span, found = node.span, []
    if key.prefix == "event":
        for _, name, attributes in span.events:
            found.append(name if key.name == "name" and not key.quoted else attributes.get(key.name))
    else:
        for trace_id, span_id, attributes in span.links:
            own = {"trace_id": trace_id, "span_id": span_id} if not key.quoted else {}
            found.append(own[key.name] if key.name in own else attributes.get(key.name))
    dropped = node.dropped_events if key.prefix == "event" else node.dropped_links
    return [value for value in found if value is not None], dropped


def test_values(found, test, dropped):
    if test.op == "exists":
        return TRUE if found else UNKNOWN if dropped else FALSE
    if test.op == "missing":
        return FALSE if found else UNKNOWN if dropped else TRUE
    outcomes = {values.compare(value, test.op, test.literal) for value in found}
    if TRUE in outcomes:
        return TRUE
    if dropped:
        return UNKNOWN
    return INCOMPARABLE if INCOMPARABLE in outcomes else FALSE


def test_span(test, node, as_received=False):
    """(outcome, actual) of a test whose key is one of the span; `as_received` knows nothing of dropped keys."""
    if isinstance(test, Not):
        outcome = values.opposite(test_span(test.inner, node, as_received)[0])
        return outcome, outcome_json(outcome)
    if isinstance(test, NotAll):
        outcome = values.opposite(_all_of({test_span(inner, node, as_received)[0] for inner in test.inners}))
        return outcome, outcome_json(outcome)
    if isinstance(test, Expression):
        return _test_expression(test.tree, expressions.Evaluation(lambda leaf: read_leaf(leaf, node, as_received)))
    key = test.operand.key
    found, dropped = lookup(node, key)
    if as_received:
        if dropped and not found and not key.prefix:
            value = semconv.there(node.span.resource, key, node.kind)
            found = [] if value is None else [value]
        if key.prefix == "span" and key.name == "type":
            found = [_type_of(node.span)]
        dropped = False
    if test.op in ("exists", "missing"):
        always = key.prefix == "span" and key.name == "type"
        outcome = test_values(["some"] if always else found, test, dropped)
        return outcome, outcome_json(outcome)
    if key.own in ("start", "end", "duration") and node.backwards:
        return CLOCK, None
    outcome = test_values(found, test, dropped)
    if outcome == UNKNOWN or not found:
        return outcome, None
    return outcome, found[0] if len(found) == 1 else found


def _test_expression(tree, evaluation):
    outcome = evaluation.truth(tree)
    if tree[0] in JOINED:
        return outcome, outcome_json(outcome)
    if tree[0] != "compare" or tree[3][0] != "lit" or outcome in (UNKNOWN, CLOCK):
        return outcome, None if tree[0] == "compare" and tree[3][0] == "lit" else ANYTHING
    try:
        return outcome, evaluation.value(tree[2])
    except expressions.Missing:
        return outcome, None
    except Uncomputable:  # what could not be computed is told
        return outcome, ANYTHING


def read_leaf(leaf, node, as_received=False):
    """What a key in an expression reads on a span."""
    key = leaf[-1]
    if key.own in ("start", "end", "duration") and node.backwards:
        raise expressions.Backwards
    found, dropped = lookup(node, key)
    if as_received and dropped and not found and not key.prefix:
        value = semconv.there(node.span.resource, key, node.kind)
        found = [] if value is None else [value]
    return found, dropped and not as_received


def _all_of(outcomes):
    """Of several tests together: one that is false decides, one that may be false leaves it open."""
    return next(outcome for outcome in (FALSE, UNKNOWN, INCOMPARABLE, CLOCK, TRUE) if outcome in outcomes)


def outcome_json(outcome):
    return {TRUE: True, FALSE: False}.get(outcome)


# Selections

@dataclass
class Selection:
    """What a selector selects: the certain spans in order; whether further ones could be; whether it picks."""
    nodes: list
    uncertain: bool
    picks: bool


def select(selector, trace, as_received=False):
    """The selection of a selector in a trace."""
    certain, possible = set(), set()
    for part in selector.parts:
        part_certain, part_possible = _select_part(part, trace, as_received)
        certain |= part_certain
        possible |= part_possible
    nodes = [node for node in trace.nodes if node in certain]
    return Selection(nodes, possible != certain, selector.picks)


def _select_part(part, trace, as_received, above=None):
    """(certain, possible) spans of a chain; `above` are those that its first relation is to."""
    certain, possible = above or (set(), set())
    for step in part:
        next_certain, next_possible = set(), set()
        for node in trace.nodes:
            match = _match_filters(step.filters, node, as_received)
            if match == FALSE:
                continue
            outcomes = {match} | {_in_place(place, node, trace, as_received) for place in step.places}
            if step.relation:
                outcomes.add(_any_related(step.relation, node, trace, certain, possible, as_received))
            if outcomes == {TRUE}:
                next_certain.add(node)
            if FALSE not in outcomes:
                next_possible.add(node)
        certain, possible = _pick(step.pseudo, trace, next_certain, next_possible)
    return certain, possible


def _any_related(relation, node, trace, certain, possible, as_received):
    """Whether the node has the relation to one of these."""
    if any(_related(relation, node, other, trace, as_received) == TRUE for other in certain):
        return TRUE
    maybe = any(_related(relation, node, other, trace, as_received) != FALSE for other in possible)
    return UNKNOWN if maybe else FALSE


def _related(relation, node, other, trace, as_received):
    """Whether `other RELATION node` selects the node."""
    if node is other:
        return FALSE
    if relation == "->":
        linked = any(link[0] == trace.trace_id and link[1] == other.span.span_id for link in node.span.links)
        return TRUE if linked else UNKNOWN if node.dropped_links and not as_received else FALSE
    holds = {" ": other in node.ancestors, ">": other in node.parents, "<": node in other.parents,
             "<<": node in other.ancestors, "~": node.span.parent != "" and node.span.parent == other.span.parent}
    return TRUE if holds[relation] else FALSE


def _in_place(place, node, trace, as_received):
    if place[0] == "root":
        return FALSE if any(other.span.span_id == node.span.parent for other in trace.nodes) else TRUE
    if place[0] == "leaf":
        return FALSE if any(node in other.parents for other in trace.nodes) else TRUE
    found = [_select_part(chain, trace, as_received, ({node}, {node})) for chain in place[1]]
    if any(certain for certain, _ in found):
        return TRUE
    return UNKNOWN if any(possible for _, possible in found) else FALSE


def _match_filters(filters, node, as_received):
    found = TRUE
    for test in filters:
        outcome = test_span(test, node, as_received)[0]
        if outcome in (FALSE, INCOMPARABLE, CLOCK):
            return FALSE
        found = UNKNOWN if outcome == UNKNOWN else found
    return found


def _pick(pseudo, trace, certain, possible):
    if pseudo is None:
        return certain, possible
    order = [node for node in trace.nodes if node in possible]
    kind, number = pseudo
    if kind == "last":
        order.reverse()
    wanted = number - 1 if kind == "nth_child" else 0
    picked, surely_before, maybe_before = set(), 0, 0
    for node in order:
        if surely_before <= wanted <= surely_before + maybe_before:
            picked.add(node)
        if node in certain:
            surely_before += 1
        else:
            maybe_before += 1
    sure = picked if len(picked) == 1 and picked <= certain and surely_before > wanted else set()
    return sure, picked
