"""What is refused for its types, by the program and by the plain evaluator: random expressions of which the types often do not fit.

    ASSERTD_BINARY=… python3 -m tests.oracle.refusals [--seeds N] [--first S]

Each seed is one configuration with 400 expressions, each in a suite of its own: conditions, filters, `when`, outputs and rules.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter

from . import libconf, suites
from .suites import ConfigError

LEAVES = ["span:duration", "span:start", "span:end", "span:name", "span:kind", "span:status", "span:service", "span:type", "span:id", "span:event_count", "attr:n", "attr:a",
          "resource:region", "5", "-1", "2.5", "10%", "50ms", "1h", "'abc'", "'7'", "''", "'50ms'", "true", "'[1]'"]
OF_NAMES = ["$x.duration", "$x.start", "$x.end", "$x.n", "$x.name", "$x.kind", "$x.span:link_count", "$injection.status", "$injection.time", "$injection.duration",
            "$injection.zone", "$injection.order", "count($x)"]
ACROSS = ["trace:spans", "trace:duration", "sum($x.duration)", "avg(n in $x)"]
ONE = ["abs", "ceil", "floor", "round", "duration", "int", "json", "length", "lower", "upper", "trim", "number", "text", "type"]
OPERATORS = ["=", "!=", "<", "<=", ">", ">=", "contains", "not contains", "starts-with", "ends-with", "json-contains", "not json-contains"]


class Words:
    """Random expressions over some leaves."""

    def __init__(self, rng, leaves):
        self.rng, self.leaves = rng, leaves

    def value(self, depth=0):
        """An expression."""
        rng = self.rng
        kind = rng.random()
        if depth == 2 or kind < 0.5:
            return rng.choice(self.leaves)
        if kind < 0.68:
            return f"({self.value(depth + 1)} {rng.choice(['+', '-', '*', '/', '%'])} {self.value(depth + 1)})"
        if kind < 0.72:
            return f"-({self.value(depth + 1)})"
        if kind < 0.88:
            return f"{rng.choice(ONE)}({self.value(depth + 1)})"
        x, y = self.value(depth + 1), self.value(depth + 1)
        return rng.choice([f"max({x}, {y})", f"min({x}, {y})", f"coalesce({x}, {y})", f"concat({x}, {y})", f"regex({x}, 'a')", f"regex_group({x}, '(a)', 1)",
                           f"json_path({x}, '$.a')", f"split({x}, ',')", f"substring({x}, {y})", f"get_index({x}, {y})", f"replace({x}, 'a', {y})", f"f'<${{{x}}}>'"])

    def comparison(self):
        """Of two of them."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.1:
            return f"{self.value()} {rng.choice(['exists', 'missing'])}"
        if kind < 0.2:
            return f"{self.value()} {rng.choice(['in', 'not in'])} ({self.value(1)}, {self.value(1)})"
        if kind < 0.27:
            return f"{self.value()} {rng.choice(['=~', '!~'])} 'a+'"
        return f"{self.value()} {rng.choice(OPERATORS)} {self.value()}"

    def condition(self):
        """A comparison, or two."""
        joined = self.rng.random()
        if joined < 0.7:
            return self.comparison()
        return f"not ({self.comparison()})" if joined < 0.8 else f"({self.comparison()}) {self.rng.choice(['and', 'or'])} (attr:n exists)"


def suite(rng, number):
    """One with one expression; all else in it is right."""
    names = Words(rng, OF_NAMES * 2 + LEAVES[13:])
    made = {"name": f"suite {number}", "spans": {"x": "span[]:first"}, "assertions": [{"name": "good", "select": "span[]", "assert": "count >= 0"}]}
    place = rng.choice(["assert", "assert", "filter", "when", "output", "rule"])
    if place == "assert":
        made["assertions"][0]["assert"] = Words(rng, LEAVES + OF_NAMES + ACROSS).condition()
    elif place == "filter":
        made["assertions"][0]["select"] = f"span[{Words(rng, LEAVES).condition()}]"
    elif place == "when":
        made["assertions"][0]["when"] = Words(rng, OF_NAMES * 2 + ACROSS + LEAVES[13:]).comparison()
    elif place == "output":
        made["outputs"] = {"o": names.value()}
    else:
        made["thresholds"] = [{"name": "t", "rule": f"{rng.choice(['p(50)', 'avg', 'max', 'distinct'])}({names.value()}) {rng.choice(['<', '>='])} {rng.choice(['5', '50ms', '0.5'])}"}]
    return place, made


def refused_by_oracle(made):
    """Why; None: it is not."""
    try:
        suites.read_text(libconf.dump_file({"suites": [made]}))
    except ConfigError as problem:
        return str(problem)
    return None


def refused_by_engine(binary, config):
    """Number of the suite -> why."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "config.cfg")
        with open(path, "w", encoding="utf-8") as target:
            target.write(libconf.dump_file(config))
        done = subprocess.run([binary, "validate", "--config", path], capture_output=True, timeout=120, check=False)
    lines = (done.stdout + done.stderr).decode(errors="replace").splitlines()
    found = [re.search(r"(warning: )?suites\[(\d+)\]\.\S* (.*)", line) for line in lines]
    return {int(one.group(2)): one.group(3) for one in found if one and not one.group(1)}


def compare(binary, seed, number=400):
    """(counts, messages where the two differ) of one seed."""
    rng = random.Random(f"refusals {seed}")
    made = [suite(rng, index) for index in range(number)]
    engine = refused_by_engine(binary, {"suites": [one for _, one in made]})
    counts, found = Counter(), []
    for index, (place, one) in enumerate(made):
        oracle = refused_by_oracle(one)
        counts[place, oracle is not None] += 1
        if (oracle is None) != (index not in engine):
            found.append(f"seed {seed} {place}: {_text(place, one)}\n    oracle: {oracle}\n    engine: {engine.get(index)}")
    return counts, found


def _text(place, one):
    return {"assert": lambda: one["assertions"][0]["assert"], "filter": lambda: one["assertions"][0]["select"], "when": lambda: one["assertions"][0]["when"],
            "output": lambda: one["outputs"]["o"], "rule": lambda: one["thresholds"][0]["rule"]}[place]()


def main():
    """The command; exit code 1 where there is a difference."""
    parser = argparse.ArgumentParser(prog="tests.oracle.refusals")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--show", type=int, default=10)
    arguments = parser.parse_args()
    binary = os.environ.get("ASSERTD_BINARY") or parser.error("ASSERTD_BINARY names the program to compare")
    counts, found = Counter(), []
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        more, messages = compare(binary, seed)
        counts += more
        found += messages
    print(*found[:arguments.show], sep="\n")
    refused = sum(count for (_, is_refused), count in counts.items() if is_refused)
    print(f"{sum(counts.values())} expressions, {refused} of them refused: {len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
