"""Conditions across spans whose times are judged within what the clocks allow (docs/language.md, "Clocks")."""

from . import whole
from .clocks import between
from .values import Duration
from .whole import FAIL, INCONCLUSIVE, PASS, Tally

KINDS = ("before", "starts before", "apart from", "overlaps", "gap", "concurrency", "none after", "lag")


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
        for consumer, found in whole.producers_of(self.tally, parts, producers, consumers, self.trace, self.lookup):
            if len(found) > 1:
                self.tally.lasting_fail = True
            elif not found:
                self.few = True
            elif consumer.backwards or found[0].backwards:
                self.tally.unjudged.add(INCONCLUSIVE)
            else:
                told = self.compared(*self.from_to((found[0], found[0].span.end), (consumer, consumer.span.start)), parts)
                self.broken |= told is False
                self.open |= told is None
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

    def judge(self, kind, parts, sets):
        """One of KINDS."""
        if kind == "none after":
            return self.none_after(parts, sets)
        return self.lag(parts, sets) if kind == "lag" else self.order(kind, parts, sets)
