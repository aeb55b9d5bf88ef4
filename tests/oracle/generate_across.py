"""Seeded random campaigns about conditions across spans inside expressions, and over expressions."""

from .generate_focus import Plain, Simple
from .generate_traces import SERVICES, some


class AcrossExpressions(Simple):
    def binding(self):
        return self.rng.choice(["span[]", "span[kind=server]", "span[n exists]", super().binding(), super().binding()])

    def number_of(self, has_select):
        """A term that is a number."""
        rng = self.rng
        where = f" in ${rng.choice(self.names)}" if not has_select or rng.random() < 0.6 else ""
        key = rng.choice(["n", "attr:n", "attr:n * 2", "length(name)", "attr:a", "coalesce(attr:n, 0)"])
        a = rng.choice(self.names)
        return rng.choice([f"trace:{rng.choice(['spans', 'errors', 'services', 'depth', 'roots', 'fan_out', 'repeats', 'retries'])}",
                           f"trace:{rng.choice(['spans', 'errors', 'roots'])}", f"critical({rng.choice(SERVICES)})",
                           f"{rng.choice(['sum', 'avg', 'min', 'max', 'p(50)'])}({key}{where})", f"distinct({rng.choice(['name', 'service', 'a', 'lower(name)'])}{where})",
                           f"sum(${a}.n)", f"max(${a}.attr:n)", f"concurrency(${a})"])

    def duration_of(self, has_select):
        """A term that is a duration."""
        rng = self.rng
        where = f" in ${rng.choice(self.names)}" if not has_select or rng.random() < 0.6 else ""
        a, b = rng.choice(self.names), rng.choice(self.names)
        return rng.choice(["trace:duration", "trace:duration", f"{rng.choice(['sum', 'avg', 'min', 'max', 'p(90)'])}({rng.choice(['duration', 'duration', 'end - start', 'span:self_time', 'duration * 2'])}{where})",
                           f"gap(${a}, ${b})", f"lag(${a}, ${b}{rng.choice(['', '', ' by parent', ' by link', ' by attr:k', ' by lower(name)'])})", f"max(${a}.duration)", f"max(${a}.end - ${a}.start)"])

    def comparison(self, has_select):
        """One comparison with a term in it."""
        rng, op = self.rng, some(self.rng, ["<", "<=", ">", ">=", "=", "!="])
        x = rng.choice(self.names)
        if rng.random() < 0.5:
            own = rng.choice(["attr:n", f"${x}.n", "2", "count($" + x + ")"] if has_select else [f"${x}.n", "2", "count($" + x + ")"])
            left = rng.choice([self.number_of(has_select), f"{self.number_of(has_select)} * {rng.choice(['2', '0.5'])}", f"{self.number_of(has_select)} / {self.number_of(has_select)}"])
            return f"{left} {op} {rng.choice([own, self.number_of(has_select), own + ' + 1'])}"
        own = rng.choice(["span:duration", "span:self_time", f"${x}.duration", f"${x}.span:self_time", "50ms", "duration(attr:a)"] if has_select
                         else [f"${x}.duration", f"${x}.span:self_time", "50ms"])
        left = rng.choice([self.duration_of(has_select), f"{self.duration_of(has_select)} - {self.duration_of(has_select)}", f"{self.duration_of(has_select)} * 2"])
        return f"{left} {op} {rng.choice([own, own, self.duration_of(has_select), own + ' + 5ms', own + ' * 2'])}"

    def truth(self, has_select):
        """Something in parentheses."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.4:
            return self.comparison(has_select)
        if kind < 0.8:
            return self.whole(has_select)
        return self.expression("span" if has_select else "names")

    def condition(self, has_select):
        rng = self.rng

        def make():
            kind = rng.random()
            if kind < 0.35:
                text = self.comparison(has_select)
            elif kind < 0.45:
                text = f"({self.truth(has_select)}) and (not ({self.truth(has_select)}))"
            elif kind < 0.9:
                word = rng.choice([" and ", " or "])
                text = word.join(f"({self.truth(has_select)})" for _ in range(rng.choice([2, 2, 3])))
            else:
                return rng.choice([f"same lower(name) in ${self.names[0]}", f"unique attr:n+1 in ${self.names[0]}", f"sum(attr:n * 2 in ${self.names[0]}) > 4",
                                   f"max(end - start in ${self.names[0]}) < 50ms", f"each ${self.names[0]} has a ${self.names[-1]} by lower(name)",
                                   f"states lower(name) in ${self.names[0]}: any start, op1 -> op2 -> send", f"distinct(length(name) in ${self.names[0]}) <= 2"])
            return (rng.choice(["", "", "", "any: ", "none: ", "all: "]) if has_select else "") + text
        if rng.random() < 0.85:
            return self.valid(make, self.reader(has_select))
        return super().condition(has_select)

    def over_names(self):
        return self.comparison(False) if self.rng.random() < 0.4 else super().over_names()


class Across(Plain):
    """Terms and statements across spans in expressions."""
    expressions = AcrossExpressions
    calm = 0.75
