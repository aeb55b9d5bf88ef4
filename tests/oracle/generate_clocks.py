"""Seeded random campaigns about clocks: calls between processes whose clocks differ."""

from .generate_focus import Plain, Simple
from .generate_traces import BASE, MS, some

OPS = ["<", "<=", ">", ">=", "<", ">", "=", "!="]


class _ClockExpressions(Simple):
    def binding(self):
        rng = self.rng
        made = rng.choice(["span[name=call0]", "span[name=call0]", "span[name=serve1]", "span[name=serve2]", "span[name=work0]", "span[name=top]", "span[name=top]",
                           "span[name=call1]", "span[kind=server]", "span[kind=client]", "span[kind=consumer]", "span[service=cart]", "span[kind=client] > span[kind=server]",
                           "span[]:leaf", super().binding()])
        return made + rng.choice([":first", ":last", ":nth_child(2)"]) if rng.random() < 0.55 and not made.endswith((")", "first", "last")) else made

    def duration(self):
        return self.rng.choice(["0s", "1ms", "5ms", "10ms", "20ms", "40ms", "80ms", "-5ms", "-20ms", "3ms", "7ms"])

    def time(self):
        """Of a name."""
        return f"${self.rng.choice(self.names)}.{self.rng.choice(['start', 'end'])}"

    def timed(self):
        """A condition on times of several spans."""
        rng, op = self.rng, some(self.rng, OPS)
        a, b = rng.choice(self.names), rng.choice(self.names)
        by, within = rng.choice(["", "", " by attr:k"]), rng.choice(["", f" within {rng.choice(['0s', '5ms', '20ms', '60ms'])}"])
        times = rng.choice(["", " exactly once", " at least once", " at most once"])
        left = "$injection.time" if rng.random() < 0.1 else self.time()
        right = "$injection.time" if rng.random() < 0.15 else self.time()
        compared = rng.choice([f"{left} - {right} {op} {self.duration()}", f"not ({left} - {right} {op} {self.duration()})", f"{left} {op} {right}",
                               f"{left} - {right} {op} 2 * {self.duration()}", f"{left} - {right} + 0s {op} {self.duration()}",
                               f"{left} - {right} in ({self.duration()}, {self.duration()})"])
        return rng.choice([compared, compared, compared, f"${a} before ${b}", f"${a} starts before ${b}", f"${a} overlaps ${b}", f"${a} apart from ${b}",
                           f"gap(${a}, ${b}) {op} {self.duration()}", f"concurrency(${a}) {op} {rng.choice('0123')}", f"each ${a} followed by ${b}{within}{by}{times}",
                           f"no ${a}{within} after ${b}{by}", f"lag(${a}, ${b}{rng.choice(['', ' by parent', ' by link', ' by attr:k'])}) {op} {self.duration()}",
                           f"trace:duration {op} {self.duration()}", f"trace:retries {op} {rng.choice('0012')}", f"trace:retries {op} {rng.choice('0012')}",
                           f"states attr:k{rng.choice(['', ' by name', ' by kind'])} in ${a}: {rng.choice(['1 -> 2', '1 -> 2 -> 1', 'any start, 1 -> 2', 'never 2 -> 1'])}",
                           f"states name in ${a}: any start, {rng.choice(['call0 -> serve1 -> serve2', 'never call0 -> call1', 'never serve1 -> serve2, never serve3 -> serve2'])}",
                           f"critical({rng.choice(['front', 'cart', 'mail'])}) {op} {rng.choice(['30%', '0.5', '0', '90%'])}",
                           f"{rng.choice(['sum', 'avg', 'min', 'max', 'p(50)', 'distinct'])}(span:self_time in ${a}) {op} {self.duration()}",
                           f"${a}.span:self_time {op} {self.duration()} + 0s", 
                           f"trace:duration - sum(span:self_time in ${a}) {op} {self.duration()}", f"(${a} before ${b}) or (gap(${a}, ${b}) {op} {self.duration()})"])

    def selector(self, pseudo=0.18):
        return self.rng.choice(["span[]", "span[kind=server]", "span[kind=client]", super().selector(pseudo)])

    def condition(self, has_select):
        if has_select and self.rng.random() < 0.2:
            return self.valid(lambda: self.rng.choice(["", "all: ", "any: ", "none: ", "exactly 1: ", "at least 50%: "]) + f"span:self_time {some(self.rng, OPS)} {self.duration()}",
                              self.reader(has_select))
        if self.rng.random() < 0.85:
            return self.valid(self.timed, self.reader(has_select))
        return super().condition(has_select)


class Skews(Plain):
    """clock_skew = "estimate" """
    expressions = _ClockExpressions
    settings = {"clock_skew": "estimate"}

    def prepare(self, made, words):
        if self.rng.random() < 0.3:
            made["max_clock_skew"] = self.rng.choice(["1ms", "5ms", "20ms", "100ms"])

    def trace(self, trace_id, remote):
        """A request through a few processes."""
        rng, entries = self.rng, []
        skews = [rng.choice([0, 0, -20, 15, 3, 40]) * MS for _ in range(4)]
        envelopes = [({"attributes": [{"key": "service.name", "value": {"stringValue": ["front", "cart", "mail", "cart"][number]}},
                                      {"key": "host", "value": {"stringValue": f"h{number}"}}]}, {"name": "", "version": "", "attributes": []}) for number in range(4)]

        def span(name, process, kind, parent, start, end, **more):
            span_id = f"{len(entries) + 1:016x}"
            shift = skews[process] + BASE + (rng.choice([-30, 30]) * MS if rng.random() < 0.01 else 0)
            made = {"traceId": trace_id, "spanId": span_id, "parentSpanId": parent, "name": name, "kind": kind, "startTimeUnixNano": str(start + shift),
                    "endTimeUnixNano": str(end + shift), "flags": 1, "attributes": [], **more}
            if rng.random() < 0.6:
                made["attributes"].append({"key": "k", "value": rng.choice([{"intValue": "1"}, {"stringValue": "1"}, {"intValue": "2"}])})
            if rng.random() < 0.02:
                made["startTimeUnixNano"], made["endTimeUnixNano"] = str(end + shift + 1), str(start + shift)
            if rng.random() < 0.2:
                made["status"] = {"code": 2}
            if rng.random() < 0.02:
                made["droppedLinksCount"] = 1
            entries.append((*envelopes[process], made))
            return span_id

        def within(start, end):
            low, high = sorted(rng.randrange(start, end + 1) for _ in range(2))
            return low, high

        def serve(process, parent, start, end, depth):
            own = span("top" if depth == 0 else f"serve{process}", process, 2, parent, start, end)
            for number in range(rng.choice([0, 1, 1, 2, 3]) if depth < 2 else 0):
                low, high = within(start, end)
                kind = rng.random()
                if kind < 0.6:
                    other = rng.randrange(4)
                    call = span(f"call{number % 2}", process, 3, own, low, high)
                    serve(other, call, *(within(low, high) if rng.random() < 0.95 else (low, high + 30 * MS)), depth + 1)
                elif kind < 0.8:
                    span(f"work{number}", process, 1, own, low, rng.choice([low, high]))
                else:
                    sent = span("send", process, 4, own, low, high)
                    other = rng.randrange(4)
                    span(f"consume{other}", other, 5, rng.choice([own, sent]), high, high + rng.choice([0, 5, 30]) * MS, links=[{"traceId": trace_id, "spanId": sent}])
        serve(0, remote if rng.random() < 0.97 else "00000000000000ee", 0, rng.choice([10, 40, 50, 100]) * MS, 0)
        rng.shuffle(entries)
        return entries
