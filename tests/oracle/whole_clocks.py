"""Conditions across spans whose times are judged within what the clocks allow (docs/language.md, "Clocks")."""

import math

from . import whole, whole_trace
from .clocks import between
from .values import Duration
from .whole import FAIL, INCONCLUSIVE, PASS, Tally

KINDS = ("before", "starts before", "apart from", "overlaps", "gap", "concurrency", "none after", "lag", "states")


class Judge:
    """Over the spans of one trace. Nothing that is told of times stays."""

    def __init__(self, trace, clocks, lookup):
        self.trace, self.clocks, self.lookup = trace, clocks, lookup
        self.tally, self.broken, self.few, self.open = Tally(), False, False, False

    def from_to(self, first, second):
        """(least, greatest) of the time from `first` to `second`, each a (span, time)."""
        return self.clocks.really(second[1] - first[1], self.clocks.of[second[0]], self.clocks.of[first[0]])

    def result(self):
        """What is there, strongest first."""
        if self.tally.lasting_fail:
            return FAIL, True
        if self.broken:
            return FAIL, False
        if self.tally.unjudged:
            return self.tally.result(PASS)
        return (FAIL if self.few else INCONCLUSIVE if self.open else PASS), False

    def compared(self, low, high, parts):
        """A value between two ones against a limit: True, False, None."""
        literal = parts["literal"]
        if parts["op"] == "capture":
            return whole.holds(Duration(low), "capture", literal) if low == high else None
        return between(low, high, lambda value: whole.holds(value, parts["op"], literal), literal if isinstance(literal, tuple) else (literal,))

    # Sets

    def order(self, kind, parts, sets):
        """before, starts before, apart from, overlaps, gap, concurrency"""
        if not all(sets):
            return FAIL, False
        good = [[node for node in nodes if not node.backwards] for nodes in sets]
        if any(len(some) < len(nodes) for some, nodes in zip(good, sets)):
            self.tally.unjudged.add(INCONCLUSIVE)
        if kind == "concurrency":
            return self.concurrency(parts, good[0])
        if kind == "gap":
            return self.gap(parts, good)
        pairs = [(a, b) for a in good[0] for b in good[1] if a is not b]
        if kind == "overlaps":
            for a in good[0]:
                told = [self.overlap(a, b) for b in good[1] if a is not b]
                self.few |= all(one is False for one in told)
                self.open |= True not in told
        else:
            told = [self.overlap(a, b) if kind == "apart from" else self.out_of_order(kind, a, b) for a, b in pairs]
            self.broken, self.open = True in told, None in told
        return self.result()

    def out_of_order(self, kind, a, b):
        """Whether b starts too early: True, False, None."""
        low, high = self.from_to((a, a.span.end if kind == "before" else a.span.start), (b, b.span.start))
        return True if high < 0 else False if low >= 0 else None

    def overlap(self, a, b):
        """Whether both run at one moment: True, False, None."""
        ends = [self.from_to((a, a.span.start), (b, b.span.end)), self.from_to((b, b.span.start), (a, a.span.end))]
        if any(high <= 0 for _, high in ends) or a.span.start == a.span.end and b.span.start == b.span.end:
            return False
        return True if all(low > 0 for low, _ in ends) else None

    def gap(self, parts, good):
        """The first start of a b after the last end of an a."""
        if self.tally.unjudged:
            return self.tally.result(PASS)
        times = [self.from_to((a, a.span.end), (b, b.span.start)) for a in good[0] for b in good[1]]
        told = self.compared(min(low for low, _ in times), min(high for _, high in times), parts)
        return (INCONCLUSIVE if told is None else PASS if told else FAIL), False

    def concurrency(self, parts, nodes):
        """How many run at one moment."""
        least = greatest = 0
        for clock in {self.clocks.of[node] for node in nodes}:
            for moment in {self.bounds(node, clock)[0][1] for node in nodes} | {node.span.start for node in nodes if self.clocks.of[node] == clock}:
                least = max(least, sum(self.runs_for_certain(node, clock, moment) for node in nodes))
        for one in nodes:
            greatest = max(greatest, sum(self.runs_possibly(node, self.clocks.of[one], one.span.start) for node in nodes))
        literal = parts["literal"]
        if parts["op"] == "capture":
            known = least == greatest and not self.tally.unjudged
            return (PASS if known and whole.holds(least, "capture", literal) else INCONCLUSIVE), False
        told = between(least, greatest, lambda value: whole.holds(int(value), parts["op"], literal), [
            int(float(one)) for one in (literal if isinstance(literal, tuple) else (literal,))])
        if self.tally.unjudged:
            if whole.same_from(least, parts["op"], literal):
                return (PASS if whole.holds(least, parts["op"], literal) else FAIL), False
            return self.tally.result(PASS)
        return (INCONCLUSIVE if told is None else PASS if told else FAIL), False

    def bounds(self, node, clock):
        """((least, greatest) start, (least, greatest) end) by a clock."""
        low, high = self.clocks.really(0, self.clocks.of[node], clock)
        return (node.span.start + low, node.span.start + high), (node.span.end + low, node.span.end + high)

    def runs_for_certain(self, node, clock, moment):
        """By a clock."""
        start, end = self.bounds(node, clock)
        return start[1] <= moment < end[0] or start[0] == start[1] == end[0] == end[1] == moment

    def runs_possibly(self, node, clock, moment):
        """By a clock."""
        start, end = self.bounds(node, clock)
        return start[0] <= moment < end[1] or node.span.start == node.span.end and start[0] <= moment <= start[1]

    # One for each

    def follows(self, a, b, within, after_end):
        """Whether b starts at or after the start (the end) of a, no later than so much after its end: True, False, None."""
        first = a.span.end if after_end else a.span.start
        told = [self.from_to((a, first), (b, b.span.start))]
        if within is not None:
            low, high = self.from_to((b, b.span.start), (a, a.span.end))
            told.append((low + within, high + within))
        if any(high < 0 for _, high in told):
            return False
        return True if all(low >= 0 for low, _ in told) else None

    def each(self, parts, sets):
        """each $a followed by $b …"""
        first, second = sets
        if not first or not second and parts["times"] != "at most":
            return FAIL, False
        left = whole.keyed(self.tally, first, parts["key"], self.lookup, True)
        right = whole.keyed(self.tally, second, parts["key"], self.lookup, True)
        for a, text in left.items():
            told = [self.follows(a, b, parts["within"], False) for b, other in right.items() if a is not b and text == other]
            sure, most = told.count(True), len(told) - told.count(False)
            self.broken |= sure > 1 and parts["times"] != "at least"
            self.few |= most < 1 and parts["times"] != "at most"
            self.open |= sure < 1 and parts["times"] != "at most" or most > 1 and parts["times"] != "at least"
        return self.result()

    def none_after(self, parts, sets):
        """no $b … after $a"""
        second, first = sets
        if not first:
            return FAIL, False
        left = whole.keyed(self.tally, first, parts["key"], self.lookup, True)
        right = whole.keyed(self.tally, second, parts["key"], self.lookup, True)
        told = [self.follows(a, b, parts["within"], True) for a, text in left.items() for b, other in right.items() if a is not b and text == other]
        self.broken, self.open = True in told, None in told
        return self.result()

    def lag(self, parts, sets):
        """lag($p, $c …) OP D"""
        producers, consumers = sets
        if not producers or not consumers:
            return FAIL, False
        bounds = []
        for consumer, found in whole.producers_of(self.tally, parts, producers, consumers, self.trace, self.lookup):
            if len(found) > 1:
                self.tally.lasting_fail = True
            elif not found:
                self.few = True
            elif consumer.backwards or found[0].backwards:
                self.tally.unjudged.add(INCONCLUSIVE)
            else:
                bounds.append(self.from_to((found[0], found[0].span.end), (consumer, consumer.span.start)))
        if parts["op"] == "capture":  # the greatest
            told = [self.compared(max(low for low, _ in bounds), max(high for _, high in bounds), parts)] if bounds else []
        else:
            told = [self.compared(*one, parts) for one in bounds]
        self.broken, self.open = False in told, None in told
        return self.result()

    # The whole trace

    def duration(self, parts):
        """trace:duration OP D"""
        good = [node for node in self.trace.nodes if not node.backwards]
        times = [self.from_to((a, a.span.start), (b, b.span.end)) for a in good for b in good] or [(0, 0)]
        least, greatest = max(low for low, _ in times), max(high for _, high in times)
        if len(good) < len(self.trace.nodes):
            value = Duration(max(0, least))
            settled = whole.same_from(value, parts["op"], parts["literal"])
            return (INCONCLUSIVE if not settled else PASS if whole.holds(value, parts["op"], parts["literal"]) else FAIL), False
        told = self.compared(least, greatest, parts)
        return (INCONCLUSIVE if told is None else PASS if told else FAIL), False

    def retries(self, parts):
        """trace:retries OP N"""
        groups, unknown = whole_trace.repeats(self.trace)
        least = greatest = 0
        doubt = unknown
        for group in groups:
            good = [node for node in group if not node.backwards]
            doubt |= len(group) > 1 and len(good) < len(group)
            for node in good:
                times = [self.from_to((other, other.span.end), (node, node.span.start)) for other in good if other is not node and other.status == "error"]
                least += any(low >= 0 for low, _ in times)
                greatest += any(high >= 0 for _, high in times)
        if unknown:
            least = 0
        if doubt:
            settled = whole.same_from(least, parts["op"], parts["literal"])
            return (INCONCLUSIVE if not settled else PASS if whole.holds(least, parts["op"], parts["literal"]) else FAIL), False
        if parts["op"] == "capture":
            return (PASS if least == greatest and whole.holds(least, "capture", parts["literal"]) else INCONCLUSIVE), False
        found = {whole.holds(number, parts["op"], parts["literal"]) for number in range(least, greatest + 1)}
        return (INCONCLUSIVE if len(found) > 1 else PASS if found.pop() else FAIL), False

    def states(self, parts, nodes):
        """states KEY …"""
        if not nodes:
            return FAIL, False
        rows = whole.state_rows(self.tally, parts, nodes, self.lookup)
        for row in rows.values():
            if any(one != other and self.clocks.of[a] != self.clocks.of[b] and self.from_to((a, a.span.start), (b, b.span.start))[0] <= 0
                   for place, (one, a) in enumerate(row) for other, b in row[place + 1:]):
                self.open = True
            else:
                self.few |= not whole.row_is_allowed([state for state, _ in row], parts)
        return self.result()

    def judge(self, kind, parts, sets):
        """One of KINDS."""
        if kind == "states":
            return self.states(parts, sets[0])
        if kind == "none after":
            return self.none_after(parts, sets)
        return self.lag(parts, sets) if kind == "lag" else self.order(kind, parts, sets)


# Over children and the whole trace

def own_time(node, trace, clocks):
    """(least, greatest) own time of a span; None where times are not known."""
    if clocks is None:
        time = whole_trace.self_time(node, trace)
        return None if time is None else (time, time)
    children = [other for other in trace.nodes if node in other.parents]
    if node.backwards or any(child.backwards for child in children):
        return None
    by_clock = {}
    for child in children:
        low, high = clocks.really(0, clocks.of[child], clocks.of[node])
        key = None if low == high else clocks.of[child]
        shift = low if low == high else 0
        runs, bounds = by_clock.setdefault(key, ([], (low, high)))
        runs.append((child.span.start + shift, child.span.end + shift))
    start, end = node.span.start, node.span.end
    exact = _covered(by_clock.pop(None, ([], None))[0], start, end)
    parts = [_covered_when_moved(runs, bounds, start, end) for runs, bounds in by_clock.values()]
    least = max([exact] + [low for low, _ in parts])
    greatest = min(end - start, exact + sum(high for _, high in parts))
    return Duration(end - start - greatest), Duration(end - start - least)


def _covered(runs, start, end):
    covered, at = 0, start
    for low, high in sorted(runs):
        low, high = max(low, at), min(high, end)
        if high > low:
            covered, at = covered + high - low, high
    return covered


def _covered_when_moved(runs, bounds, start, end):
    """(least, greatest) that they cover, moved together: it turns only where an edge meets one."""
    low, high = bounds
    far = 10**20
    low, high = max(low, -far), min(high, far)
    moves = {low, high} | {move for run in runs for edge in run for move in (start - edge, end - edge) if low <= move <= high}
    found = [_covered([(one + move, other + move) for one, other in runs], start, end) for move in moves]
    return min(found), max(found)


def own_time_outcome(test, bounds):
    """Whether `span:self_time OP VALUE` holds: True, False, None."""
    literal = test.literal
    return between(*bounds, lambda value: whole.holds(value, test.op, literal), literal if isinstance(literal, tuple) else (literal,))


def judge_own_times(parts, nodes, trace, clocks):
    """sum, avg, min, max, p(N) of own times"""
    if not nodes:
        return FAIL, False
    bounds = [own_time(node, trace, clocks) for node in nodes]
    if None in bounds:
        return INCONCLUSIVE, False
    least, greatest = (whole.aggregate(parts["word"], parts.get("percent"), [one[side] for one in bounds]) for side in (0, 1))
    literal = parts["literal"]
    if parts["op"] == "capture":
        return (PASS if least == greatest and whole.holds(least, "capture", literal) else INCONCLUSIVE), False
    told = between(least, greatest, lambda value: whole.holds(value, parts["op"], literal), literal if isinstance(literal, tuple) else (literal,))
    return (INCONCLUSIVE if told is None else PASS if told else FAIL), False


def judge_critical(parts, trace, clocks):
    """critical(SERVICE) where the clocks do not agree exactly."""
    mine = [node for node in trace.nodes if node.service == parts["service"]]
    used = list({clocks.of[node] for node in trace.nodes})
    if not mine or any(node.backwards for node in trace.nodes) or all(len(set(clocks.really(0, p, q))) == 1 for p in used for q in used):
        return whole_trace.judge_critical(parts, trace)
    times = [clocks.really(b.span.end - a.span.start, clocks.of[b], clocks.of[a]) for a in trace.nodes for b in trace.nodes]
    least, greatest = max(low for low, _ in times), max(high for _, high in times)
    if greatest == 0:
        return whole.ERROR, False
    if least == 0:
        return INCONCLUSIVE, False
    runs = sum(_covered([(node.span.start, node.span.end) for node in mine if clocks.of[node] == clock], -math.inf, math.inf) for clock in used)
    most = min(1.0, runs / least)
    if parts["op"] == "capture":
        return (PASS if most == 0 and whole.holds(0.0, "capture", parts["literal"]) else INCONCLUSIVE), False
    literal = parts["literal"]
    limits = [float(one) for one in (literal if isinstance(literal, tuple) else (literal,))]
    probes = {0.0, most} | {one for limit in limits for one in (limit, math.nextafter(limit, -1), math.nextafter(limit, 2)) if 0 <= one <= most}
    found = {whole.holds(one, parts["op"], literal) for one in probes}
    return (INCONCLUSIVE if len(found) > 1 else PASS if found.pop() else FAIL), False
