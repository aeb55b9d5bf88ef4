"""Seeded random expressions: selectors, conditions, rules."""

from .generate_traces import EVENT_NAMES, KEYS, NAMES, ODD_KEYS, RESOURCE_KEYS, SCOPE_KEYS, SERVICES, TEXTS, some
from .language import parse_condition, parse_rule, parse_selector, parse_when
from .terms import ExpressionError, Vocabulary

class Expressions:
    """Random expressions over the pools; what does not compile is thrown away and made again."""

    def __init__(self, rng, names=(), words=None):
        self.rng, self.names, self.words = rng, list(names), words or Vocabulary(tuple(names))

    def reader(self, has_select):
        """Reads a condition, to see whether it is one."""
        return lambda text: parse_condition(text, self.words, has_select)

    def valid(self, make, parse):
        """The first that can be read."""
        while True:
            text = make()
            try:
                parse(text)
                return text
            except ExpressionError:
                pass

    def blank(self):
        """Blanks where they are allowed."""
        return self.rng.choice(["", "", "", " ", "  ", "\t"])

    def bare_or_quoted(self, name):
        """A key's text."""
        bare = name.isascii() and all(char.isalnum() or char in "_.-/" for char in name)
        return name if bare and self.rng.random() < 0.9 else f"`{name}`"

    def key(self):
        """A key of a span, with or without prefix."""
        rng = self.rng
        kind = some(rng, None, plain=6, own=6, attr=2, resource=1, scope=0.7, event=1.2, link=0.5, odd=0.7, span=2.5)
        if kind == "own":
            return some(rng, ["name", "kind", "status", "service", "duration", "start", "end", "name", "duration"])
        if kind == "plain":
            return self.bare_or_quoted(rng.choice(KEYS + ["region", "n"]))
        if kind == "span":
            return "span:" + rng.choice(["name", "kind", "status", "duration", "type", "type", "status_message", "id", "parent_id",
                                         "event_count", "link_count"])
        if kind == "odd":
            return rng.choice(["attr:", ""]) + f"`{rng.choice(ODD_KEYS)}`"
        pool = {"attr": KEYS + ODD_KEYS, "resource": RESOURCE_KEYS + ["service.name"], "scope": SCOPE_KEYS + ["name", "version"],
                "event": ["a", "code", "name"], "link": ["a", "trace_id", "span_id"]}[kind]
        return f"{kind}:" + self.bare_or_quoted(rng.choice(pool))

    def text(self, value):
        """A quoted literal."""
        mark = self.rng.choice("'\"")
        escaped = value.replace("\\", "\\\\").replace(mark, "\\" + mark).replace("\n", "\\n")
        return mark + escaped + mark

    def number(self):
        """A numeric literal."""
        return self.rng.choice(["0", "1", "5", "200", "-1", "1.5", "0.1", "200.0", "55", "1e3", "2e-1", "1e+21", "0.50",
                                "9007199254740993", "9007199254740992", "9223372036854775807", "-9223372036854775808",
                                "9007199254740993.0", "50%", "0.1%", "-0", "5e-8", "10"])

    def duration(self):
        """A duration literal."""
        return self.rng.choice(["0s", "1ms", "5ms", "50ms", "1500ms", "1.5s", "0.05s", "50000us", "1m", "-5ms", "1ns",
                                "2s", "50000001ns", "60s"])

    def literal(self, key, op):
        """A literal that often fits the key."""
        rng = self.rng
        key = key.removeprefix("span:")
        if key == "type":
            return rng.choice(["http", "database", "general", "rpc", "messaging"])
        if key in ("id", "parent_id"):
            return self.text(f"{rng.choice([1, 2, 3, 0xC1]):016x}")
        if key in ("event_count", "link_count"):
            return rng.choice(["0", "1", "2", "1.5", "'1'", "4000000001"])
        if op in ("=~", "!~"):
            return self.text(rng.choice(["a", "^o", "o$", "[0-9]+", "^$", "o|e", "^.{5}$", "\\d", "(?i)OK", "r.*r", "ö", "'"]))
        if key == "kind":
            return rng.choice(["server", "client", "internal", "'consumer'", "producer"])
        if key == "status":
            return rng.choice(["ok", "error", "unset", "'error'"])
        if key in ("duration", "$d"):
            return self.duration() if rng.random() < 0.9 else self.text(rng.choice(["50ms", "1500ms", "0s", "60s"]))
        if key in ("start", "end", "time"):
            return rng.choice(["1700000000s", "1700000000005ms", "1700000001500ms", "1700000060s", "0s"])
        if key == "name":
            return self.text(rng.choice(NAMES)) if rng.random() < 0.8 else rng.choice(["op1", "op2", "send"])
        if key in ("service", "resource:service.name"):
            return rng.choice(SERVICES + ["''"])
        if key in ("event:name", "scope:name"):
            return rng.choice(EVENT_NAMES + ["lib", "http"])
        if key == "link:span_id":
            return rng.choice(["00000000000000c1", "'00000000000000c2'"])
        kind = some(rng, None, text=5, bare=1, number=6, duration=0.7, bool=1)
        if kind == "text":
            return self.text(rng.choice(TEXTS))
        if kind == "bare":
            return rng.choice(["ok", "error", "abc", "true", "op1", "10.0.0.1", "a/b", "5x", "NaN", "Infinity"])
        return {"number": self.number, "duration": self.duration, "bool": lambda: rng.choice(["true", "false"])}[kind]()

    def test(self, key, bare=None):
        """KEY op LITERAL, exists, missing; `bare` is the key without `$x.`."""
        op = some(self.rng, ["=", "=", "=", "!=", "<", "<=", ">", ">=", "contains", "=~", "!~", "exists", "missing",
                             "not contains", "in", "in", "not in", "starts-with", "ends-with"])
        if op in ("exists", "missing"):
            return f"{key} {op}"
        if op in ("in", "not in"):
            literals = [self.literal(bare or key, "=") for _ in range(self.rng.randrange(1, 4))]
            return f"{key} {op}{self.blank()}({', '.join(literals)}{self.blank()})"
        literal = self.literal(bare or key, op)
        if op[0].isalpha():
            return f"{key} {op} {literal}"
        return f"{key}{self.blank()}{op}{self.blank()}{literal}"

    def filter(self):
        """A filter, now and then negated."""
        text = self.test(self.key())
        if self.rng.random() < 0.06:
            return f"({self.expression('span')}) and (name exists)"
        while self.rng.random() < 0.12:
            text = f"not{self.blank()}({self.blank()}{text}{self.blank()})"
        return text

    def filters(self):
        """Filters of a span[…] or a not(…), joined."""
        made = [self.filter() for _ in range(some(self.rng, [0, 0, 0, 1, 1, 1, 1, 2, 2, 3]))]
        if len(made) > 1 and self.rng.random() < 0.15:
            made = ["not (" + " ".join(made) + ")"]
        return self.rng.choice([" ", ", ", ","]).join(made)

    def relation(self):
        """What stands between two steps."""
        return self.rng.choice([" ", " ", " > ", ">", " < ", " << ", "<<", " ~ ", "~", " -> ", "->"])

    def place(self, depth):
        """Pseudo-filters behind a span[…]."""
        rng = self.rng
        if depth > 1 or rng.random() < 0.8:
            return ""
        if rng.random() < 0.5:
            return rng.choice([":root", ":leaf", ": leaf"])
        chains = []
        for _ in range(some(rng, [1, 1, 1, 2])):
            text = rng.choice(["", "", "> ", "<", "<< ", "~", "-> "]) + self.step(0, depth + 1)
            if rng.random() < 0.2:
                text += self.relation() + self.step(0, depth + 1)
            chains.append(text)
        return f":has({', '.join(chains)})"

    def step(self, pseudo, depth=0):
        """One span[…]."""
        rng = self.rng
        text = f"span[{self.blank()}{self.filters()}{self.blank()}]" + self.place(depth)
        if rng.random() < pseudo:
            text += rng.choice([":first", ":last", ":nth_child(1)", ":nth_child(2)", ": first", ":nth_child( 3 )"])
        return text

    def selector(self, pseudo=0.18):
        """A selector with relations and alternatives."""
        def make():
            rng, parts = self.rng, []
            for _ in range(some(rng, [1, 1, 1, 1, 2, 3])):
                text = self.step(pseudo)
                while rng.random() < 0.25:
                    text += self.relation() + self.step(pseudo)
                parts.append(text)
            return rng.choice([", ", " , ", ","]).join(parts)
        return self.valid(make, lambda text: parse_selector(text, self.words.of_spans()))

    def binding(self):
        """A selector that often binds to exactly one span."""
        rng = self.rng
        return self.valid(lambda: rng.choice([
            f"span[name={self.text(rng.choice(NAMES))}]", f"span[name={self.text(rng.choice(NAMES))}]",
            f"span[service={rng.choice(SERVICES)} kind={rng.choice(['server', 'client'])}]",
            f"span[status=error name={self.text(rng.choice(NAMES))}]",
            f"span[name={self.text(rng.choice(NAMES))}]:first", "span[]:last", self.selector()]), lambda text: parse_selector(text, self.words.of_spans()))

    def over_names(self):
        """A condition on a name, a difference, a count of a name or the injection."""
        rng = self.rng
        kind = some(rng, None, key=4 if self.names else 0, difference=4 if self.names else 0,
                    count=2 if self.names else 0, injection=2)
        if kind == "key":
            key = self.key()
            text = self.test(f"${rng.choice(self.names)}.{key}", key)
            return f"not ({text})" if rng.random() < 0.1 else text
        if kind == "difference":
            sides = [f"${name}.{rng.choice(['start', 'end'])}" for name in rng.choices(self.names, k=2)]
            if rng.random() < 0.2:
                sides[rng.randrange(2)] = "$injection.time"
            op = some(rng, ["<", "<=", ">", ">=", "=", "!="])
            return f"{sides[0]} - {sides[1]}{self.blank()}{op}{self.blank()}{self.duration()}"
        if kind == "count":
            return f"count(${rng.choice(self.names)}){self.count_limit()}"
        key = rng.choice(["status", "outcome", "scenario", "step", "zone", "minion", "iteration", "duration", "time",
                          "a", "b", "`odd key`", "`status`"])
        return self.test(f"$injection.{key}", key)

    def count_limit(self):
        """op and number for a count."""
        limit = some(self.rng, ["0", "1", "1", "2", "3", "10", "-1", "1.5", "'2'"])
        if self.rng.random() < 0.1:
            return f" {self.rng.choice(['in', 'not in'])} ({limit}, {self.rng.choice(['1', '3', '0.5'])})"
        return f"{self.blank()}{some(self.rng, ['=', '!=', '<', '<=', '>', '>='])}{self.blank()}{limit}"

    def whole_key(self):
        """A key of which each span has one value."""
        return self.rng.choice(["n", "n", "n", "attr:n", "name", "service", "a", "http.status", "resource:region", "span:type", "kind"])

    def measure(self, has_select):
        """Of a set, or over the whole trace."""
        rng = self.rng
        where = f" in ${rng.choice(self.names)}" if self.names and (not has_select or rng.random() < 0.4) else ""
        word = rng.choice(["sum", "avg", "min", "max", "p(50)", "p( 90 )", "distinct", "max", "sum"])
        op = some(rng, ["<", "<=", ">", ">=", "=", "!="])
        if rng.random() < 0.35 and word != "distinct":
            return f"{word}({rng.choice(['duration', 'duration', 'span:self_time'])}{where}) {op} {self.duration()}"
        key = self.whole_key() if word == "distinct" else rng.choice(["n", "n", "attr:n", "a", "http.status"])
        return f"{word}({key}{where}) {op} {rng.choice(['1', '2', '3', '10', '250', '0.5', '-1'])}"

    def over_trace(self):
        """A condition on the whole trace."""
        rng = self.rng
        kind = some(rng, None, number=6, duration=1.5, critical=1.5, edge=3)
        op = some(rng, ["<", "<=", ">", ">=", "=", "!="])
        if kind == "number":
            term = rng.choice(["spans", "errors", "services", "depth", "roots", "fan_out", "repeats", "retries"])
            return f"trace:{term} {op} {rng.choice(['0', '1', '2', '3', '10'])}"
        if kind == "duration":
            return f"trace:duration {op} {self.duration()}"
        if kind == "critical":
            return f"critical({rng.choice(SERVICES)}) {op} {rng.choice(['30%', '0.5', '1', '0', '99.9%'])}"
        arrows = [" -> ".join(rng.choices(SERVICES, k=rng.choice([2, 2, 3]))) for _ in range(rng.choice([1, 1, 3]))]
        return rng.choice([f"edge {arrows[0]}", f"no edge {arrows[0]}", f"edges only {', '.join(arrows)}"])

    def over_sets(self):
        """A condition over the spans of names."""
        rng = self.rng
        a, b = rng.choice(self.names), rng.choice(self.names)
        by = rng.choice(["", "", f" by {self.whole_key()}"])
        within = rng.choice(["", f" within {rng.choice(['0s', '5ms', '50ms', '2s', '1m'])}"])
        op = some(rng, ["<", "<=", ">", ">=", "=", "!="])
        kind = some(rng, None, values=3, order=4, measured=2, each=3, has=2, none=2, lag=2, states=2)
        if kind == "values":
            return f"{rng.choice(['same', 'unique'])} {self.whole_key()} in ${a}" + rng.choice(["", f", ${b}"])
        if kind == "order":
            return f"${a} {rng.choice(['before', 'starts before', 'overlaps', 'apart from'])} ${b}"
        if kind == "measured":
            return rng.choice([f"gap(${a}, ${b}) {op} {self.duration()}", f"concurrency(${a}) {op} {rng.choice(['0', '1', '2', '3'])}"])
        if kind == "each":
            times = rng.choice(["", " exactly once", " at least once", " at most once"])
            return f"each ${a} followed by ${b}{within}{by}{times}"
        if kind == "has":
            return f"each ${a} has {rng.choice(['a', 'exactly one', 'at least one', 'at most one'])} ${b} by {self.whole_key()}"
        if kind == "none":
            return f"no ${a}{within} after ${b}{by}"
        if kind == "lag":
            return f"lag(${a}, ${b}{rng.choice(['', ' by parent', ' by link', ' by ' + self.whole_key()])}) {op} {self.duration()}"
        items = rng.sample(["any start", "1 -> 2 -> 3", "ok -> error", "never 2 -> 1", "front -> cart -> front", "op1 -> op2", "10 -> 250"],
                           rng.choice([1, 2, 2, 3]))
        return f"states {self.whole_key()}{by} in ${a}: {', '.join(items)}"

    def whole(self, has_select):
        """A condition across spans or over the whole trace."""
        rng = self.rng
        kind = some(rng, None, trace=3, sets=6 if self.names else 0, measure=2 if has_select or self.names else 0,
                    many=2 if has_select else 0)
        if kind == "many":
            word = rng.choice(["exactly 1", "exactly 2", "at least 1", "at least 2", "at most 1", "at most 0", "at least 50%", "at most 33.3%"])
            return f"{word}: {rng.choice([self.filter, self.filter, lambda: 'span:self_time < ' + self.duration()])()}"
        return {"trace": self.over_trace, "sets": self.over_sets, "measure": lambda: self.measure(has_select)}[kind]()

    def number_value(self, where, depth=0):
        """An expression of a number; `where` gives a key's text."""
        rng = self.rng
        kind = some(rng, None, key=5, literal=2, binary=4 if depth < 2 else 0, call=2 if depth < 2 else 0)
        if kind == "key":
            return where(rng.choice(["attr:n", "attr:n", "attr:a", "attr:http.status", "resource:b"]))
        if kind == "literal":
            return rng.choice(["1", "2", "5", "200", "0", "1.5", "0.1", "9223372036854775807", "-1", "1e3"])
        if kind == "call":
            inner = self.number_value(where, depth + 1)
            return rng.choice([f"abs({inner})", f"min({inner}, 2)", f"max(1, {inner})", f"coalesce({inner}, 7)",
                               f"length({where('span:name')})", f"int({inner})", f"number(text({inner}))"])
        if rng.random() < 0.12:
            return f"({where(rng.choice(['attr:n', 'attr:a']))} % {rng.choice(['2', '3', '0', '-7'])})"
        left, right = self.number_value(where, depth + 1), self.number_value(where, depth + 1)
        if rng.random() < 0.3:
            left = f"({left})"
        return f"{left} {rng.choice('+-*/+*')} {right}"

    def duration_value(self, where, depth=0):
        """An expression of a duration."""
        rng = self.rng
        kind = some(rng, None, key=4, literal=2, binary=3 if depth < 2 else 0, scaled=2 if depth < 2 else 0)
        if kind == "key":
            return rng.choice([where("span:duration"), where("span:duration"), f"({where('span:end')} - {where('span:start')})"])
        if kind == "literal":
            return self.duration()
        if kind == "binary":
            return f"({self.duration_value(where, depth + 1)} {rng.choice('+-')} {self.duration_value(where, depth + 1)})"
        return f"{self.duration_value(where, depth + 1)} {rng.choice(['* 2', '/ 3', '* 0.5', '* 3'])}"

    def text_value(self, where):
        """An expression of a text."""
        rng = self.rng
        return rng.choice([where("span:name"), f"lower({where('span:service')})", f"concat({where('span:name')}, 1)", f"text({where('attr:n')})",
                           f"upper({where('span:name')})", f"type({where('attr:a')})", f"trim({where('span:name')})", where("attr:a")])

    def value_comparison(self, left, right):
        """Two expressions compared; `left` and `right` give the texts of keys."""
        rng = self.rng
        op = some(rng, ["<", "<=", ">", ">=", "=", "!="])
        kind = some(rng, None, number=5, duration=3, text=2, list=1, there=1)
        if kind == "duration":
            return f"{left('span:duration')} + {self.duration_value(left)} {op} {self.duration_value(right)}"
        if kind == "text":
            op = rng.choice(["=", "!=", "contains", "starts-with", "ends-with"])
            return f"{self.text_value(left)} {op} {self.text_value(right)}"
        if kind == "list":
            return f"{left('attr:n')} * 2 {rng.choice(['in', 'not in'])} ({self.number_value(right)}, 2, {self.number_value(right)})"
        if kind == "there":
            return f"{left('attr:n')} + 1 {rng.choice(['exists', 'missing'])}"
        return f"{left('attr:n')} {rng.choice('+-*')} {self.number_value(left)} {op} {self.number_value(right)}"

    def expression(self, place):
        """A condition with expressions: on one span, on names, or on both."""
        rng = self.rng

        def where(key):
            inner = place if place != "both" else rng.choice(["span", "names"])
            return key if inner == "span" else f"${rng.choice(self.names)}.{key}"
        text = self.value_comparison(where, where)
        if rng.random() < 0.3:
            other = self.value_comparison(where, where)
            if rng.random() < 0.3:
                other = f"not ({other})"
            text = f"({text}) {rng.choice(['and', 'or'])} ({other})"
        return text

    def condition(self, has_select):
        """Any condition."""
        def make():
            rng = self.rng
            if rng.random() < 0.15 and (has_select or self.names):
                places = ["span", "span"] * has_select + ["names"] * bool(self.names) + ["both"] * (has_select and bool(self.names))
                place = rng.choice(places)
                quantifier = some(rng, ["", "", "all: ", "any: ", "none: "]) if place == "span" else ""
                return quantifier + self.expression(place)
            if rng.random() < 0.2:
                return self.whole(has_select)
            if not has_select or rng.random() < 0.15:
                return self.over_names()
            if rng.random() < 0.25:
                return "count" + self.count_limit()
            quantifier = some(rng, ["", "", "", "all: ", "any: ", "any:", "none: ", "none: ", "none :"])
            if rng.random() < 0.04:
                return f"{quantifier}span:self_time {rng.choice(['<', '>=', '='])} {self.duration()}"
            return quantifier + self.filter()
        return self.valid(make, lambda text: parse_condition(text, self.words, has_select))

    def when(self):
        """A `when` of either kind."""
        if self.rng.random() < 0.5:
            return self.selector(pseudo=0.08)
        return self.valid(self.over_names, lambda text: parse_when(text, self.words))

    def rule(self):
        """A threshold's rule."""
        def make():
            rng = self.rng
            op = some(rng, ["<", "<=", ">", ">=", "<=", "!=", "="])
            if not self.names or rng.random() < 0.4:
                state = rng.choice(["missing", "unexpected", "late", "duplicate", "pass", "fail", "error", "inconclusive"])
                if rng.random() < 0.5:
                    return f"count({state}) {op} {rng.choice(['0', '1', '3', '10', '20'])}"
                return f"ratio({state}) {op} {rng.choice(['0%', '0.1%', '5%', '0.5', '1', '33.3%'])}"
            kind = some(rng, None, difference=4, duration=3, number=2)
            aggregate = some(rng, ["p(50)", "p(90)", "p(99)", "p(99.9)", "p(100)", "p(33.3)", "avg", "min", "max"])
            if kind == "number":
                key = rng.choice(["n", "n", "n", "attr:n", "resource:b", "`n`"])
                return f"{aggregate}(${rng.choice(self.names)}.{key}) {op} {rng.choice(['2', '5', '200.5', '-1', '0'])}"
            measured = f"${rng.choice(self.names)}.duration"
            if kind == "difference":
                sides = [f"${name}.{rng.choice(['start', 'end'])}" for name in rng.choices(self.names, k=2)]
                if rng.random() < 0.25:
                    sides[1] = "$injection.time"
                measured = f"{sides[0]} - {sides[1]}"
            return f"{aggregate}({measured}) {op} {self.duration()}"
        return self.valid(make, lambda text: parse_rule(text, self.words))
