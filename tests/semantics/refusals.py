"""SEMANTICS 2, 3, 4: what is known at load is a configuration error, and what must not be taken for one."""

import re
import sys

from tests.semantics import harness

NAMES = {"x": "span[name=a]", "y": "span[name=b]"}

REFUSED = {  # member of an assertion: expressions
    "assert": [
        "duration < 50", "duration = 50", "duration = true", "duration < '50ms'", "duration = x", "status < 3",
        "status = 3", "status = failed", "status = OK", "kind = sever", "kind = 3", "kind > server", "count = 'x'",
        "count = true",
        "count = 5ms", "count < '05'", "count", "count contains 1", "count =~ 1", "x < true", "x > false", "x < abc",
        "x < '1.0'", "x < '007'", "x <= '-0'", "x < '1e5'", "x < 5ms", "x >= 5ms", "start < 5", "$x.start < 5",
        "$x.start - $y.end < 5", "$x.start -$y.end < 5s", "$x.start- $y.end < 5s", "$z.a = 1", "count($z) = 1",
        "a = 9223372036854775808", "a = -9223372036854775809", "a = 1.5ns", "duration < 0.5ns", "duration < 1e3ms",
        "a =", "= 1",
        "a", "", " ", "a = 'x", "a == 1 2", "a = 1 b = 2", "5a = 1", "-a = 1", "a b = 1", "a =~ '('",
        "all: all: a = 1", "some: a = 1", "a ! 1", "not a = 1", "not (a = 1", "kind =~", "a in ()", "a exists 1",
        "duration < 5 ms",
        "duration < 5 min", "duration < 5d", "count >= 1 span", "$x = 1", "$x. = 1", "$.a = 1",
        "$x.start + $y.end < 5s", "span[] = 1", "status contains error error",
    ],
    "select": ["", " ", "span", "span[", "span]", "span[]]", "span[a]", "span[a=1", "span[kind=sever]",
        "span[duration<50]", "span[status<3]", "span[] >", "> span[]", "span[],", ",span[]", "span[]:second",
        "span[]:nth_child(0)", "span[]:nth_child()",
               "span[]:nth_child(-1)", "span[]:nth_child(1.5)", "span[]:first:last", "spans[]", "[]",
               "span[a=1 or b=2]", "span[x < 'abc']", "span[x < true]", "span[,]", "span[a=1,,b=2]", "span[a=~'[']",
               "a=1", "*", "span[]:nth_child(x)"],
    "when": ["", "a = 1", "count = 1", "duration < 5ms", "$z.a = 1", "span[", "$injection"],
}
TAKEN = {
    "assert": [
        "duration < 50ms", "status = ok", "count = 0", "x < '1.5'", "x = 5ms", "x != abc", "x < '0'", "x < '-1'",
        "x = 9223372036854775807", "x = -9223372036854775808", "x = 9223372036854775808.0", "x = 1e300",
        "duration < 0.5us", "duration < 1.5s", "$x.start - $y.end <= -5ms", "count($x) = 1", "duration = '50ms'",
        "status =~ err", "kind contains er", "count < '5'", "all: a = 1"
    ], "select": [
        "span[]", "span [ ]", "span[a=1,b=2]", "span[a=1 b=2]", "span[a=1, b=2]", "span[]:first", "span[],span[]",
        "span[]  >  span[]", "span[]>span[]", "span[] span[]", "span[a=1]:nth_child(3) span[]:last"
    ], "when": ["span[]", "$x.a = 1", "count($x) = 1", "$injection.status = 200", "$x.start - $y.end < 5s"],
}


def config(member, expressions):
    """One assertion for each expression."""
    held = [{**{"name": f"r{number}", "select": "span[]", "assert": "count >= 0"}, member: expression}
            for number, expression in enumerate(expressions)]
    return harness.document([harness.suite(held, spans=NAMES)])


NO_SELECT = {
    "a = 1": 2, "count = 1": 2, "duration < 5ms": 2, "none: a = 1": 2, "$x.a = 1": 0, "count($x) = 1": 0,
    "$injection.status = 200": 0, "$x.start - $y.start < 5s": 0, "event:name = x": 2
}
LABELS = {
    "scenario": 0, "step": 0, "zone": 0, "tenant": 0, "minion": 0, "iteration": 0, "campaign": 2, "release": 2,
    "other": 2
}


def refused_of(member, expressions):
    """Which of the expressions the program refuses, told by their places: all problems come in one run."""
    outcome = harness.validate(config(member, expressions))
    places = set(re.findall(rf"a\.conf:\d+: suites\[0\]\.assertions\[(\d+)\]\.{member}: (?!warning)", outcome.err))
    return outcome.code, {expressions[int(place)] for place in places}


def differences():
    for member, expressions in REFUSED.items():
        code, refused = refused_of(member, expressions)
        if code != 2 or refused != set(expressions):
            yield f"{member}: exit {code}, not refused: {set(expressions) - refused}"
    for member, expressions in TAKEN.items():
        code, refused = refused_of(member, expressions)
        if code != 0:
            yield f"{member}: exit {code}, refused: {refused}"
    for expression, want in NO_SELECT.items():
        outcome = harness.validate(
            harness.document([harness.suite([{"name": "r", "assert": expression}], spans=NAMES)]))
        if outcome.code != want:
            yield f"no select, {expression!r}: exit {outcome.code}, expected {want}"
    for label, want in LABELS.items():
        outcome = harness.validate(
            harness.document(
                [harness.suite([{"name": "r", "select": "span[]", "assert": "count = 1"}], labels={label: "5"})]))
        if outcome.code != want:
            yield f"labels {label}: exit {outcome.code}, expected {want}"


if __name__ == "__main__":
    FOUND = list(differences())
    print("\n".join(FOUND))
    sys.exit(bool(FOUND))
