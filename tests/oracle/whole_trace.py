"""Conditions over the whole trace: what they give (docs/language.md, "The whole trace")."""

import re
from collections import Counter, defaultdict
from fractions import Fraction

from .values import Duration
from .whole import ERROR, FAIL, INCONCLUSIVE, PASS, holds, same_from

def _siblings(trace):
    """Spans by the parent ID that they name, without those that name themselves."""
    found = defaultdict(list)
    for node in trace.nodes:
        if node.span.parent and node.span.parent != node.span.span_id:
            found[node.span.parent].append(node)
    return found


def _repeat_text(node):
    for key in ("db.query.text", "db.statement", "url.full", "http.url"):
        value = node.span.attributes.get(key)
        if isinstance(value, str):
            return re.sub(r"[0-9]+", "0", value), True
    return "", not node.dropped_attributes


def repeats(trace):
    """([spans of one group, …], whether some could not be put into one)"""
    groups, doubt = defaultdict(list), False
    for parent, nodes in _siblings(trace).items():
        alike = Counter((node.service, node.span.name) for node in nodes)
        for node in nodes:
            text, known = _repeat_text(node)
            doubt |= not known and alike[node.service, node.span.name] > 1
            groups[parent, node.service, node.span.name, text].append(node)
    return list(groups.values()), doubt


def _depth(trace):
    level = {}

    def of(node, above=()):
        group = frozenset(other for other in trace.nodes
                          if other is node or other.span.span_id == node.span.span_id or other in node.ancestors and node in other.ancestors)
        outside = {parent for member in _closure(group, trace) for parent in member.parents} - _closure(group, trace)
        return 1 + max((level_of(parent) for parent in outside), default=0)

    def level_of(node):
        if node not in level:
            level[node] = 0
            level[node] = of(node)
        return level[node]
    return max((level_of(node) for node in trace.nodes), default=0)


def _closure(group, trace):
    """With namesakes and members of cycles, until nothing comes to it."""
    group = set(group)
    while True:
        more = {other for other in trace.nodes for node in group
                if other.span.span_id == node.span.span_id or other in node.ancestors and node in other.ancestors}
        if more <= group:
            return group
        group |= more


def _has_parent(node, trace):
    return any(other.span.span_id == node.span.parent for other in trace.nodes)


def judge_trace(parts, trace):
    """trace:… OP LITERAL"""
    term, op, literal = parts["term"], parts["op"], parts["literal"]
    nodes = trace.nodes
    if term == "duration":
        good = [node for node in nodes if not node.backwards]
        value = Duration(max(n.span.end for n in good) - min(n.span.start for n in good)) if good else Duration(0)
        settled = same_from(value, op, literal)
        if len(good) < len(nodes) and not settled:
            return INCONCLUSIVE, False
        return (PASS if holds(value, op, literal) else FAIL), settled
    doubt = False
    if term == "spans":
        value = len(nodes)
    elif term == "errors":
        value = sum(node.status == "error" for node in nodes)
    elif term == "services":
        value = len({node.service for node in nodes} - {""})
    elif term == "fan_out":
        value = max((len(found) for found in _siblings(trace).values()), default=0)
    elif term == "repeats":
        groups, doubt = repeats(trace)
        value = max((len(found) for found in groups), default=0)
    elif term == "retries":
        value, doubt = _retries(trace)
    elif term == "depth":
        return (PASS if holds(_depth(trace), op, literal) else FAIL), False
    else:
        value = sum(not _has_parent(node, trace) for node in nodes)
        return (PASS if holds(value, op, literal) else FAIL), False
    settled = same_from(value, op, literal)
    if doubt and term == "repeats":
        least = 1
        for found in groups:
            least = max(least, sum(_repeat_text(node)[1] for node in found))
        if not same_from(least, op, literal):
            return INCONCLUSIVE, False
        return (PASS if holds(least, op, literal) else FAIL), True
    if doubt and not settled:
        return INCONCLUSIVE, False
    return (PASS if holds(value, op, literal) else FAIL), settled


def surely_alike(group, unknown):
    """Of repeats those whose text is known, where it is not of all."""
    return [node for node in group if _repeat_text(node)[1]] if unknown else group


def _retries(trace):
    """(the least number, whether there may be more)"""
    groups, unknown = repeats(trace)
    count, doubt = 0, unknown
    for group in groups:
        good = [node for node in surely_alike(group, unknown) if not node.backwards]
        doubt |= len(group) > 1 and len(good) < len(group)
        count += sum(any(other is not node and other.status == "error" and node.span.start >= other.span.end for other in good)
                     for node in good)
    return count, doubt


def judge_edge(parts, trace):
    """edge, no edge, edges only"""
    seen = {(parent.service, node.service) for node in trace.nodes for parent in node.parents}
    if parts["kind"] == "only":
        strange = {(a, b) for a, b in seen if a != b and a and b} - set(parts["arrows"])
        return (FAIL, True) if strange else (PASS, False)
    if parts["kind"] == "no":
        return (FAIL, True) if set(parts["arrows"]) & seen else (PASS, False)
    return (PASS, True) if set(parts["arrows"]) <= seen else (FAIL, False)


def self_time(node, trace):
    """A span's duration without the time in which a child runs; None where times are not known."""
    children = [other for other in trace.nodes if node in other.parents]
    if node.backwards or any(child.backwards for child in children):
        return None
    start, end = node.span.start, node.span.end
    covered, at = 0, start
    for child in sorted(children, key=lambda other: other.span.start):
        low, high = max(child.span.start, at), min(child.span.end, end)
        if high > low:
            covered += high - low
            at = high
    return Duration(end - start - covered)


# --- the critical path ---

class _Path:
    """The walk of the page, on spans that are neither in nor below a cycle."""

    def __init__(self, trace):
        self.trace = trace
        rooted = {node for node in trace.nodes if node not in self._cyclic(trace)}
        self.children = defaultdict(list)
        for node in trace.nodes:
            if node in rooted:
                parent = next((other for other in trace.nodes if other is not node and other.span.span_id == node.span.parent), None)
                self.children[parent].append(node)
        self.taken, self.spent = set(), Counter()

    @staticmethod
    def _cyclic(trace):
        cyclic = {node for node in trace.nodes for other in node.ancestors if node in other.ancestors}
        return cyclic | {node for node in trace.nodes if node.ancestors & cyclic}

    def subtree_end(self, node):
        return max([node.span.end, *(self.subtree_end(child) for child in self.children[node])])

    def walk(self, node, until):
        """The time to which it came."""
        while True:
            fit = [child for child in self.children[node] if child not in self.taken and self.subtree_end(child) <= until]
            if not fit:
                break
            child = max(fit, key=lambda one: (self.subtree_end(one), one.index))
            self.taken.add(child)
            end = self.subtree_end(child)
            self.give(node, end, until)
            until = self.walk(child, end)
        if node is None:
            return until
        self.give(node, node.span.start, until)
        return min(node.span.start, until)

    def give(self, node, start, end):
        if node is not None:
            low, high = max(start, node.span.start), min(end, node.span.end)
            self.spent[node.service] += max(0, high - low)


def judge_critical(parts, trace):
    """critical(SERVICE) OP LITERAL"""
    if not any(node.service == parts["service"] for node in trace.nodes):
        return FAIL, False
    if any(node.backwards for node in trace.nodes):
        return INCONCLUSIVE, False
    first, last = min(node.span.start for node in trace.nodes), max(node.span.end for node in trace.nodes)
    if first == last:
        return ERROR, False
    path = _Path(trace)
    path.walk(None, last)
    share = float(Fraction(path.spent[parts["service"]], last - first))
    return (PASS if holds(share, parts["op"], parts["literal"]) else FAIL), False
