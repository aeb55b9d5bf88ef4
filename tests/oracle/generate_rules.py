"""Seeded random campaigns that are about thresholds."""

from .generate_focus import Plain, Simple
from .generate_traces import some
from .language import parse_output, parse_rule


class RuleExpressions(Simple):
    """Rules of every form."""

    def limit(self, measured):
        """A test and its limits, measured: duration, number, ratio, count, rate."""
        rng = self.rng
        pools = {"duration": ["0s", "1ms", "5ms", "50ms", "1500ms", "2s", "60s", "-5ms"], "number": ["1", "2", "3", "10", "0.5", "-1", "250"],
                 "ratio": ["0", "5%", "33.3%", "0.5", "1", "80%"], "count": ["0", "1", "3", "10", "20", "30"], "rate": ["0.1", "0.5", "1", "10", "-0.1", "0"]}
        pool = pools[measured]
        word = rng.choice(["<", "<=", ">", ">=", "=", "!=", "==", "===", "isLessThan", "isLessThanOrEqual", "isGreaterThan", "isGreaterThanOrEqual", "isEqual",
                           "isBetween", "isBetween", "isNotBetween"])
        if word.endswith("Between"):
            return f" {word} {rng.choice(pool)} and {rng.choice(pool)}"
        return f" {word} {rng.choice(pool)}"

    def tags(self):
        """Now and then."""
        rng = self.rng
        if rng.random() < 0.7:
            return ""
        one = ["scenario:pay", "scenario:cart", "step:s1", "zone: 'eu'", "iteration:3", "status:200", "outcome:ok", "a:ok", "b:5", "stage:ramp", "stage:''", "minion:m1",
               "tenant:''", "b:true"]
        return "{" + ", ".join(rng.sample(one, rng.choice([1, 1, 2]))) + "}"

    def rule(self):
        return self.valid(self.any_rule, lambda text: parse_rule(text, self.words))

    def any_rule(self):
        """Of any measure."""
        rng, x, y = self.rng, self.rng.choice(self.names), self.rng.choice(self.names)
        sampled = rng.choice(["p(50)", "p(90)", "p( 99 )", "percentile(75)", "p(100)", "avg", "mean", "med", "median", "min", "max"])
        kind = some(rng, None, each=3, one=2, difference=2, expression=3, state=3, of=2, values=4, unique=1, rate=2, slope=2)
        each = rng.choice(["each ", "each ", ""])
        if kind == "each":
            key, measured = rng.choice([("duration", "duration"), ("span:duration", "duration"), ("n", "number"), ("attr:n", "number")])
            return f"{sampled}(each ${x}.{key}){self.tags()}{self.limit(measured)}"
        if kind == "one":
            key, measured = rng.choice([("duration", "duration"), ("n", "number")])
            return f"{sampled}(${x}.{key}){self.tags()}{self.limit(measured)}"
        if kind == "difference":
            right = rng.choice([f"${y}.start", f"${y}.end", "$injection.time"])
            return f"{sampled}(${x}.{rng.choice(['start', 'end'])} - {right}){self.tags()}{self.limit('duration')}"
        if kind == "expression":
            made, measured = rng.choice([(f"${x}.duration + ${y}.duration", "duration"), (f"${x}.duration / ${y}.duration", "number"), (f"${x}.n | int", "number"),
                                         (f"max(${x}.duration, ${y}.duration)", "duration"), (f"${x}.duration * 2", "duration"), (f"number(text(${x}.n)) + 1", "number"),
                                         (f"length(${x}.name)", "number"), ("$injection.duration * 1", "duration"), (f"abs(${x}.start - ${y}.start)", "duration"),
                                         ("$injection.status + 0", "number"),
                                         ("output:wait", "duration"), ("output:length", "number"), ("output:wait * 0.5", "duration")])
            return f"{sampled}({made}){self.tags()}{self.limit(measured)}"
        if kind == "state":
            state = rng.choice(["missing", "duplicate", "pass", "fail", "error", "inconclusive"])
            word = rng.choice(["count", "ratio"])
            return f"{word}({state}){self.tags()}{self.limit('count' if word == 'count' else 'ratio')}"
        if kind == "of":
            word = rng.choice(["count", "ratio"])
            return f"{word}({rng.choice(['pass', 'fail', 'fail', 'error', 'inconclusive'])} of 'assertion 0'){self.tags()}{self.limit('count' if word == 'count' else 'ratio')}"
        if kind in ("values", "unique"):
            key = rng.choice([f"{each}${x}.name", f"{each}${x}.n", f"{each}${x}.a", f"${x}.span:id", f"{each}${x}.kind", f"each ${x}.duration", "output:length", "output:wait",
                              f"lower(${x}.name)", f"each ${x}.service", f"text(${x}.n)"])
            if kind == "unique":
                return f"unique({key}){self.tags()}"
            return f"{rng.choice(['duplicates', 'distinct', 'most'])}({key}){self.tags()}{self.limit('count')}"
        if kind == "rate":
            return f"rate(${x}){self.tags()}{self.limit('rate')}"
        return f"{rng.choice(['slope', 'max'])}(backlog(${x}, ${y})){self.tags()}{self.limit(rng.choice(['rate', 'number']))}"


class Rules(Plain):
    """Thresholds"""
    expressions = RuleExpressions
    calm = 0.85

    def name_values(self, made, words):
        where = words.names[0]
        made["outputs"] = {"wait": f"${where}.end - $" + words.names[-1] + ".start", "length": f"length(${where}.name)"}
        for name, text in made["outputs"].items():
            words.outputs[name] = parse_output(text, words)

    def suite(self, number):
        rng, made = self.rng, super().suite(number)
        expressions = self.expressions(rng, list(made["spans"]), self.words)
        made["stages"] = rng.choice([["ramp 1s", "steady 1s"], ["ramp 5ms", "steady 50ms", "down 2s"], ["ramp 1500ms"]])
        made["thresholds"] = [self.threshold(expressions, index) for index in range(rng.randrange(2, 7))]
        return made

    def threshold(self, expressions, number):
        """With windows, groups, a warm-up."""
        rng, rule = self.rng, expressions.rule()
        made = {"name": f"threshold {number}", "rule": rule}
        if rng.random() < 0.85:
            made["min_samples"] = rng.choice([1, 1, 1, 2, 3, 5])
        if rng.random() < 0.3:
            made["warmup"] = rng.choice(["1ms", "5ms", "50ms", "1500ms"])
        kind = rng.random()
        if kind < 0.3 or kind < 0.6 and "backlog" in rule:
            made["over"] = rng.choice(["3s", "5s", "10s", "4s"] if "backlog" in rule else ["1s", "2s", "10s"])
        if 0.2 < kind < 0.6:
            made["by"] = rng.sample(["scenario", "zone", "step", "stage", "iteration", "a", "outcome", "status"], rng.choice([1, 1, 2, 3]))
        return made
