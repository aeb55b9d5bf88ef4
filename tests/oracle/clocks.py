"""What the times of two processes can really have been (docs/language.md, "Clocks").

A clock is ahead by an unknown time; `ahead[p, q]` bounds by how much that of p is ahead of that of q. What was measured from an event of q to one of
p really is between `measured - ahead[p, q]` and `measured + ahead[q, p]`.
"""

import math

from .traces import attributes_content
from .values import Duration

GENERATOR = "generator"


class Clocks:
    """The clocks of a trace and their bounds."""

    def __init__(self, trace, injection, most):
        self.of = {node: attributes_content(node.span.resource) for node in trace.nodes}
        self.all = list(dict.fromkeys(self.of.values()))
        if injection is not None and "time" in injection.fields:
            self.all.append(GENERATOR)
        self.ahead = {(p, q): math.inf if most is None or p == q else most for p in self.all for q in self.all}
        for node in trace.nodes:
            if node.backwards:
                continue
            self._by_parents(node)
            if GENERATOR in self.all:
                self._by_injection(node, injection)
        self._add_up()
        self.contradicted = len(self.all) - (GENERATOR in self.all) > 64 or any(self.ahead[p, p] < 0 for p in self.all)

    def _bound(self, p, q, value):
        if p != q:
            self.ahead[p, q] = min(self.ahead[p, q], value)

    def _by_parents(self, node):
        span = node.span
        for parent in node.parents:
            above = parent.span
            if parent.backwards or sum(other.span.span_id == above.span_id for other in self.of) > 1:
                continue
            self._bound(self.of[node], self.of[parent], span.start - above.start)
            if node.kind == "server" and parent.kind == "client" and parent.status != "error" and (
                    above.end - above.start >= span.end - span.start):
                self._bound(self.of[parent], self.of[node], above.end - span.end)

    def _by_injection(self, node, injection):
        time, length = injection.fields["time"], injection.fields.get("duration")
        span = node.span
        self._bound(self.of[node], GENERATOR, span.start - time)
        if injection.span_id and span.parent == injection.span_id and node.kind == "server" and injection.outcome == "ok" and (
                length is not None and length >= span.end - span.start):
            self._bound(GENERATOR, self.of[node], time + length - span.end)

    def _add_up(self):
        for middle in self.all:
            for p in self.all:
                for q in self.all:
                    self.ahead[p, q] = min(self.ahead[p, q], self.ahead[p, middle] + self.ahead[middle, q])

    def really(self, measured, p, q):
        """(least, greatest) of a time from an event by q's clock to one by p's."""
        if p == q:
            return measured, measured
        if self.contradicted:
            return -math.inf, math.inf
        return measured - self.ahead[p, q], measured + self.ahead[q, p]


def between(low, high, holds, literals):
    """Whether a comparison holds for all (True), for none (False), or some (None) from low to high; `holds(value)` makes it."""
    if low == high:
        return holds(Duration(low))
    far = 10**30
    low, high = max(low, -far), min(high, far)
    probes = {low, high} | {one for literal in literals for one in (int(literal) - 1, int(literal), int(literal) + 1) if low <= one <= high}
    found = {holds(Duration(one)) for one in probes}
    return found.pop() if len(found) == 1 else None
