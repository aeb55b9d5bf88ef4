"""Seeded random campaigns that are about thresholds and outputs over the whole trace."""

from .generate_across import AcrossExpressions
from .generate_rules import RuleExpressions, Rules
from .language import parse_output


class _WholeRules(RuleExpressions, AcrossExpressions):
    """Rules over the whole trace."""

    def whole_value(self):
        """(a value of the whole trace, what it is)"""
        rng, x = self.rng, self.rng.choice(self.names)
        number, duration = self.number_of(False), self.duration_of(False)
        return rng.choice([(number, "number"), (number, "number"), (duration, "duration"), (duration, "duration"), (f"{rng.choice(['gap', 'lag'])}(${x}, ${rng.choice(self.names)})", "duration"),
                           (f"{number} * 2", "number"), (f"{number} / count(${x})", "number"), (f"{number} + ${x}.n", "number"), (f"{duration} + {self.duration_of(False)}", "duration"),
                           (f"{duration} - ${x}.duration", "duration"), (f"${x}.span:self_time", "duration"), (f"${x}.span:self_time + {duration}", "duration"),
                           (f"coalesce({duration}, 5ms)", "duration"), (f"coalesce({number}, 0)", "number"), (f"{duration} / trace:duration", "number"),
                           ("output:wait", "duration"), ("output:length", "number"), (f"output:wait + {duration}", "duration"), (f"{number} + output:length", "number")])

    def any_rule(self):
        rng = self.rng
        if rng.random() < 0.15:
            return super().any_rule()
        made, measured = self.whole_value()
        if rng.random() < 0.1:
            made, measured = f"each ${rng.choice(self.names)}.span:self_time", "duration"
            return f"{rng.choice(['p(50)', 'avg', 'min', 'max'])}({made}){self.tags()}{self.limit(measured)}"
        if rng.random() < 0.15:
            return f"{rng.choice(['duplicates', 'distinct', 'most'])}({rng.choice(['trace:spans', made + ' | text', f'abs({made})', 'output:wait'])}){self.tags()}{self.limit('count')}"
        sampled = rng.choice(["p(50)", "p(90)", "p(100)", "avg", "med", "min", "max"])
        return f"{sampled}({made}){self.tags()}{self.limit(measured)}"


class WholeRules(Rules):
    """Thresholds over the whole trace"""
    expressions = _WholeRules

    def suite(self, number):
        made = super().suite(number)
        if self.rng.random() < 0.2:  # what is measured has nothing to do with clocks; assertions have
            made |= {"clock_skew": "estimate", "assertions": [{"name": "assertion 0", "assert": f"count(${next(iter(made['spans']))}) >= 1"}]}
        return made

    def name_values(self, made, words):
        rng, where = self.rng, words.names[0]
        pools = {"wait": ["trace:duration", f"gap(${where}, ${words.names[-1]})", f"lag(${where}, ${words.names[-1]})", f"sum(${where}.duration)", f"${where}.span:self_time", f"trace:duration - ${where}.duration"],
                 "length": ["trace:spans", "trace:spans - trace:errors", f"count(${where}) + trace:roots", f"sum(n in ${where})", "critical(shop)"]}
        made["outputs"] = {name: rng.choice(pool) for name, pool in pools.items()}
        for name, text in made["outputs"].items():
            words.outputs[name] = parse_output(text, words)
